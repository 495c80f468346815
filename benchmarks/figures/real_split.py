"""Splits of real pairs that no training used, for `mtrs-geo benchmark run`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from figures.buildings import read_guangzhou, tiles_of
from figures.ground import GROUND_CLASSES, class_texts, read_ground
from mtrs_geo.class_codes import CHANGED, IGNORE, UNKNOWN, class_of_code
from mtrs_geo.data.datasets.annotated import read_directed
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.datasets.ground import ground_pair
from mtrs_geo.data.sampling.transforms import swap_dates
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.data.sentences.buildings import Task, write_building_expression
from mtrs_geo.data.sentences.question import answer_mask, class_question
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.data.split.writer import write_split
from mtrs_geo.types import BoolArray, ChangeKind

__all__ = ["REAL_SPLITS", "real_pairs", "write_real_split"]

_TASKS: tuple[Task, ...] = (
    "appear", "appear", "disappear", "disappear", "absent", "absent", "position"
)  # fmt: skip
_BORDER_PX = 2
_MOST_UNKNOWN = 0.01
"""Largest share of a tile of which nobody can tell whether the ground changed."""
_NOT_BUILT_ON = ("road", "water")
"""Classes that seldom disappear under a new building."""
_SEED = 2028


def write_real_split(root: Path, name: str, tiles: int, folder: Path) -> int:
    """Write a split in MTRefSeg-21K's layout and return its number of pairs.

    Args:
        root: data root.
        name: one of `REAL_SPLITS`.
        tiles: number of tiles, evenly spaced over all; each is a pair in both orders of the dates.
        folder: folder to write.
    """
    pairs = list(real_pairs(list(REAL_SPLITS[name](root)), tiles))
    with write_split(folder) as split:
        for pair in pairs:
            split.add(pair)
    return len(pairs)


def real_pairs(found: Sequence[Pair], tiles: int) -> Iterator[ReferringPair]:
    """Yield evenly spaced tiles in both orders of the dates, with their sentences."""
    chosen = np.unique(np.linspace(0, len(found) - 1, min(tiles, len(found))).round().astype(int))
    for at in chosen:
        for direction, pair in (("forward", found[at]), ("reversed", swap_dates(found[at]))):
            rng = np.random.default_rng((_SEED, int(at), direction == "reversed"))
            yield _with_sentences(pair, direction, rng)


def _levir(root: Path) -> Iterator[Pair]:
    for pair in read_ground(root):
        for number, tile in enumerate(tiles_of(pair)):
            yield replace(tile, name=f"{pair.name}_{number:02d}")


def _guangzhou(root: Path) -> Iterator[Pair]:
    """Yield tiles whose every labelled building has a known direction, without their borders."""
    inside = (slice(_BORDER_PX, -_BORDER_PX),) * 2
    for pair in read_directed(read_guangzhou(root), root / "pairs/guangzhou_direction"):
        label = pair.label[inside]
        if not np.isin(label, (CHANGED, IGNORE)).any():
            yield replace(pair, before=pair.before[inside], after=pair.after[inside], label=label)


REAL_SPLITS: Mapping[str, Callable[[Path], Iterator[Pair]]] = {
    "LEVIR": _levir,
    "Guangzhou": _guangzhou,
}
"""Name to the tiles of a split, each in its own order of the dates."""


def _with_sentences(pair: Pair, direction: str, rng: np.random.Generator) -> ReferringPair:
    found = dict(_building_sentences(pair, rng))
    if pair.ground is not None:
        found |= dict(_ground_sentences(pair, "appear" if direction == "forward" else "disappear",
                                        rng))  # fmt: skip
    return ReferringPair(
        f"{pair.name}_{direction}", pair.before, pair.after, tuple(found),
        np.stack(list(found.values())),
    )  # fmt: skip


def _building_sentences(pair: Pair, rng: np.random.Generator) -> Iterator[tuple[str, BoolArray]]:
    for task in _TASKS:
        expression = write_building_expression(pair.label, task, HELD_OUT, rng)
        if expression is not None:
            yield expression.text, expression.mask


def _ground_sentences(
    pair: Pair, kind: ChangeKind, rng: np.random.Generator
) -> Iterator[tuple[str, BoolArray]]:
    """Yield a sentence per class of ground that changed in a direction, and wrong directions.

    Ground is drawn through new buildings.  A class that appears cannot be below them, so that the
    masks are right there; a class that disappears may be, so that only classes are asked for that
    are seldom built on, and only where they did not disappear at all.
    """
    ground: np.ndarray = np.asarray(pair.ground)
    if (ground == UNKNOWN).all(-1).mean() > _MOST_UNKNOWN:
        return
    classes = ground_pair(pair)
    codes = np.array(classes.transitions).reshape(-1, 2)
    wrong: ChangeKind = "disappear" if kind == "appear" else "appear"
    new, old = (_classes(codes[:, date]) for date in ((1, 0) if kind == "appear" else (0, 1)))
    for name in GROUND_CLASSES:
        mask = answer_mask(classes, class_question(kind, name)) if name in new else None
        if mask is not None and mask.any():
            yield next(class_texts(name, kind, rng, 1)), mask
        if name in _NOT_BUILT_ON and name in new - old:
            yield next(class_texts(name, wrong, rng, 1)), np.zeros(pair.label.shape, np.bool_)


def _classes(codes: Sequence[int] | np.ndarray) -> set[str]:
    return {str(class_of_code(int(code))) for code in codes}
