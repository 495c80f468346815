"""Queries on held-out pairs whose later image is shifted, brighter, darker or hazy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from figures.buildings import tiles_of
from figures.scoring import LabelledQuery, QueriedPair
from mtrs_geo.class_codes import APPEAR, DISAPPEAR
from mtrs_geo.data.compose.jitter import shift_image
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.sampling.transforms import swap_dates
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.data.sentences.buildings import write_building_expression
from mtrs_geo.data.sentences.expression import Expression
from mtrs_geo.types import UInt8Array

__all__ = ["CLEAN", "DISTURBANCES", "disturbed_pairs"]

CLEAN = "clean"
_SHIFT_PX, _BRIGHTNESS = 2, 0.3
_HAZE, _HAZE_LEVEL = 0.25, 225.0
_WORDINGS = 3


def disturbed_pairs(pairs: Sequence[Pair], prefix: str) -> Iterator[QueriedPair]:
    """Yield every tile in both orders of the dates, clean and disturbed, with the same queries.

    Masks of new buildings are shifted with the later image; masks of demolished ones are not.
    The figures ``….drawn`` use the mask without the shift.

    Args:
        pairs: pairs labelled with direction.
        prefix: prefix of the figure names.
    """
    for number, pair in enumerate(pairs):
        rng = np.random.default_rng((3, number))
        for ordered in (pair, swap_dates(pair)):
            versions = {name: _disturbed(ordered, name) for name in (CLEAN, *DISTURBANCES)}
            for tiles in zip(*map(tiles_of, versions.values()), strict=True):
                expressions = list(_expressions(tiles[0], rng))
                for name, tile in zip(versions, tiles, strict=True):
                    yield _queried(tile, expressions, f"{prefix}{name}.")


def _disturbed(pair: Pair, name: str) -> Pair:
    disturb = DISTURBANCES.get(name, _unchanged)
    return replace(pair, after=disturb(pair.after), label=_shifted_label(pair.label, name))


def _queried(tile: Pair, expressions: Sequence[Expression], prefix: str) -> QueriedPair:
    queries = []
    for expression in expressions:
        code = APPEAR if expression.task == "appear" else DISAPPEAR
        figure = f"{prefix}{expression.task}"
        queries.append(LabelledQuery(figure, expression.text, tile.label == code))
        queries.append(LabelledQuery(f"{figure}.drawn", expression.text, expression.mask))
    return QueriedPair(tile.before, tile.after, tile.gsd_m, tuple(queries))


def _expressions(pair: Pair, rng: np.random.Generator) -> Iterator[Expression]:
    for task in ("appear", "disappear"):
        templates = getattr(HELD_OUT, task)
        for index in rng.choice(len(templates), _WORDINGS, replace=False):
            only = replace(HELD_OUT, **{task: (templates[index],)})
            expression = write_building_expression(pair.label, task, only, rng)
            if expression is not None and expression.mask.any():
                yield expression


def _unchanged(image: UInt8Array) -> UInt8Array:
    return image


def _shifted_label(label: UInt8Array, name: str) -> UInt8Array:
    """Return the label shifted like the later image; only labels with new buildings are."""
    shift = _SHIFTS.get(name)
    if shift is None or not (label == APPEAR).any():
        return label
    shifted = shift_image(np.repeat(label[..., None], 3, axis=-1), *shift)
    return np.ascontiguousarray(shifted[..., 0])


def _brightened(gain: float, image: UInt8Array) -> UInt8Array:
    return (image.astype(np.float32) * gain).clip(0, 255).astype(np.uint8)


def _hazy(image: UInt8Array) -> UInt8Array:
    return (image.astype(np.float32) * (1 - _HAZE) + _HAZE_LEVEL * _HAZE).astype(np.uint8)


def _shifted(rows_px: int, cols_px: int, image: UInt8Array) -> UInt8Array:
    return shift_image(image, rows_px, cols_px)


_SHIFTS = {
    "2 px up": (-_SHIFT_PX, 0),
    "2 px down": (_SHIFT_PX, 0),
    "2 px left": (0, -_SHIFT_PX),
    "2 px right": (0, _SHIFT_PX),
}
DISTURBANCES: Mapping[str, Callable[[UInt8Array], UInt8Array]] = {
    **{name: partial(_shifted, *shift) for name, shift in _SHIFTS.items()},
    "brightness +30 %": partial(_brightened, 1 + _BRIGHTNESS),
    "brightness −30 %": partial(_brightened, 1 - _BRIGHTNESS),
    "haze": _hazy,
}
"""Name to the function that disturbs the later image."""
