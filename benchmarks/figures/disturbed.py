"""Held-back pairs whose later date is misregistered, in another light, or hazy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from figures.asking import Asked, Item
from figures.buildings import tiles_of
from mtrs_geo.class_codes import APPEAR, DISAPPEAR
from mtrs_geo.data.compose.season import displace
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.sampling.transforms import swap_dates
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.data.sentences.buildings import Expression, write_expression
from mtrs_geo.types import UInt8Array

__all__ = ["CLEAN", "DISTURBANCES", "disturbed_items"]

CLEAN = "clean"
_SHIFT_PX, _LIGHT = 2, 0.3
_HAZE, _SKY = 0.25, 225.0
_WORDINGS = 3


def disturbed_items(pairs: Sequence[Pair], prefix: str) -> Iterator[Item]:
    """Yield every tile in both orders, clean and under every disturbance, with the same sentences.

    A thing lies where it is seen: what appeared moves with the later date, what is gone stays.
    The figures ``….drawn`` keep the mask where it was drawn, as if the shift were not known.

    Args:
        pairs: labelled with directions.
        prefix: of the figures' names.
    """
    for number, pair in enumerate(pairs):
        rng = np.random.default_rng((3, number))
        for ordered in (pair, swap_dates(pair)):
            seen = {name: _disturbed(ordered, name) for name in (CLEAN, *DISTURBANCES)}
            for tiles in zip(*map(tiles_of, seen.values()), strict=True):
                asked = list(_sentences(tiles[0], rng))
                for name, tile in zip(seen, tiles, strict=True):
                    yield _item(tile, asked, f"{prefix}{name}.")


def _disturbed(pair: Pair, name: str) -> Pair:
    disturb = DISTURBANCES.get(name, _same)
    return replace(pair, after=disturb(pair.after), label=_follows(pair.label, name))


def _item(tile: Pair, expressions: Sequence[Expression], prefix: str) -> Item:
    asked = []
    for found in expressions:
        code = APPEAR if found.task == "appear" else DISAPPEAR
        asked.append(Asked(f"{prefix}{found.task}", found.text, tile.label == code))
        asked.append(Asked(f"{prefix}{found.task}.drawn", found.text, found.mask))
    return Item(tile.before, tile.after, tile.gsd_m, tuple(asked))


def _sentences(pair: Pair, rng: np.random.Generator) -> Iterator[Expression]:
    for task in ("appear", "disappear"):
        templates = getattr(HELD_OUT, task)
        for chosen in rng.choice(len(templates), _WORDINGS, replace=False):
            only = replace(HELD_OUT, **{task: (templates[chosen],)})
            found = write_expression(pair.label, task, only, rng)
            if found is not None and found.mask.any():
                yield found


def _same(image: UInt8Array) -> UInt8Array:
    return image


def _follows(label: UInt8Array, name: str) -> UInt8Array:
    """Return the label where its things are seen: new ones in a later date that moved."""
    move = _SHIFTS.get(name)
    if move is None or not (label == APPEAR).any():
        return label
    moved = displace(np.repeat(label[..., None], 3, axis=-1), *move)
    return np.ascontiguousarray(moved[..., 0])


def _lit(gain: float, image: UInt8Array) -> UInt8Array:
    return (image.astype(np.float32) * gain).clip(0, 255).astype(np.uint8)


def _hazed(image: UInt8Array) -> UInt8Array:
    return (image.astype(np.float32) * (1 - _HAZE) + _SKY * _HAZE).astype(np.uint8)


def _moved(rows_px: int, cols_px: int, image: UInt8Array) -> UInt8Array:
    return displace(image, rows_px, cols_px)


_SHIFTS = {
    "2 px up": (-_SHIFT_PX, 0),
    "2 px down": (_SHIFT_PX, 0),
    "2 px left": (0, -_SHIFT_PX),
    "2 px right": (0, _SHIFT_PX),
}
DISTURBANCES: Mapping[str, Callable[[UInt8Array], UInt8Array]] = {
    **{name: partial(_moved, *move) for name, move in _SHIFTS.items()},
    "brightness +30 %": partial(_lit, 1 + _LIGHT),
    "brightness −30 %": partial(_lit, 1 - _LIGHT),
    "haze": _hazed,
}
"""What happens to the later date."""
