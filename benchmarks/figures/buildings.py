"""Real pairs that label buildings: LEVIR with directions, Guangzhou without."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from figures.asking import Asked, Item
from figures.placed import placed_questions
from mtrs_geo.class_codes import APPEAR, CHANGED, IGNORE
from mtrs_geo.data.datasets.changes import Pair, read_change_set
from mtrs_geo.data.datasets.classes import classes_of_pair
from mtrs_geo.data.sampling.datamodule import held_back
from mtrs_geo.data.sampling.transforms import swap_dates
from mtrs_geo.data.sentences.building_words import TRAIN, Wording
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.data.sentences.buildings import write_expression

__all__ = [
    "directed_items",
    "directed_questions",
    "read_guangzhou",
    "read_levir",
    "read_wording",
    "tiles_of",
    "undirected_items",
]

_TILE_PX = 256
_NEGATIVE, _QUARTERS, _PLACED = 4, 4, 2


def read_levir(root: Path, keep: Callable[[str], bool] | None = None) -> list[Pair]:
    """Read LEVIR's pairs: those that are held back, or those whose name ``keep`` takes."""
    keep = keep or (lambda name: held_back("levir", name))
    return read_change_set(
        root / "pairs/levir", source="levir", gsd_m=0.5, changed=APPEAR, keep=keep
    )


def read_guangzhou(root: Path, keep: Callable[[str], bool] | None = None) -> list[Pair]:
    """Read Guangzhou's pairs: those that are held back, or those whose name ``keep`` takes."""
    keep = keep or (lambda name: held_back("guangzhou", name))
    return read_change_set(
        root / "pairs/guangzhou", source="guangzhou", gsd_m=0.55, changed=CHANGED,
        border_px=2, keep=keep,
    )  # fmt: skip


def tiles_of(pair: Pair, tile_px: int = _TILE_PX) -> Iterator[Pair]:
    """Cut a pair into squares, those at its far edges smaller."""
    for row in range(0, pair.label.shape[0], tile_px):
        for col in range(0, pair.label.shape[1], tile_px):
            area = slice(row, row + tile_px), slice(col, col + tile_px)
            yield replace(
                pair, before=pair.before[area], after=pair.after[area], label=pair.label[area]
            )


def directed_items(
    pairs: Sequence[Pair],
    prefix: str,
    tile_px: int = _TILE_PX,
    wording: Wording = HELD_OUT,
    placed: int = _PLACED,
) -> Iterator[Item]:
    """Yield every tile of pairs in both orders of their dates, with all that is asked of it.

    Args:
        pairs: labelled with directions.
        prefix: of the figures' names.
        tile_px: side of a tile.
        wording: of plain sentences and quarters.
        placed: sentences a tile and figure about places and extremes, in held-out words.
    """
    rng, other = np.random.default_rng(0), np.random.default_rng(1)
    for pair in pairs:
        for tile in tiles_of(pair, tile_px):
            # Both orders of the dates: what appeared is then what was demolished.
            for ordered in (tile, swap_dates(tile)):
                known = classes_of_pair(ordered)
                asked = [
                    *directed_questions(ordered, prefix, wording, rng),
                    *placed_questions(known, prefix, placed, other),
                ]
                yield Item(ordered.before, ordered.after, ordered.gsd_m, tuple(asked))


def directed_questions(
    pair: Pair, prefix: str, wording: Wording, rng: np.random.Generator
) -> Iterator[Asked]:
    """Yield any change, each wording of both directions, absent things and quarters."""
    yield Asked(f"{prefix}any", "", pair.label != 0)
    for task in ("appear", "disappear"):
        for template in getattr(wording, task):
            only = replace(wording, **{task: (template,)})
            found = write_expression(pair.label, task, only, rng)
            if found is not None:
                name = task if found.mask.any() else "wrong_direction"
                yield Asked(prefix + name, found.text, found.mask)
    for _ in range(_NEGATIVE):
        absent = write_expression(pair.label, "absent", wording, rng)
        if absent is not None:
            yield Asked(f"{prefix}absent", absent.text, absent.mask)
    for _ in range(_QUARTERS):
        quarter = write_expression(pair.label, "position", wording, rng)
        if quarter is not None and quarter.mask.any():
            yield Asked(f"{prefix}quarter", quarter.text, quarter.mask)


def undirected_items(pairs: Sequence[Pair], prefix: str) -> Iterator[Item]:
    """Yield pairs labelled without direction: any change, and each wording of it."""
    rng = np.random.default_rng(2)
    for pair in pairs:
        valid = pair.label != IGNORE
        changed = (pair.label != 0) & valid
        asked = [Asked(f"{prefix}any", "", changed)]
        for template in HELD_OUT.state:
            found = write_expression(pair.label, "state", replace(HELD_OUT, state=(template,)), rng)
            if found is not None:
                asked.append(Asked(f"{prefix}state", found.text, found.mask))
        yield Item(pair.before, pair.after, pair.gsd_m, tuple(asked), valid)


def read_wording(path: Path) -> Wording:
    """Read wordings from JSON, without the templates that training happens to share."""
    read = json.loads(path.read_text())
    parts = {
        name: tuple(t for t in read[name] if t not in getattr(TRAIN, name))
        for name in ("appear", "disappear", "state", "place")
    }
    # Expressions add the plural's s themselves.
    things = tuple(noun.removesuffix("s") for noun in read["absent"] if noun.endswith("s"))
    places = {name: tuple(words) for name, words in read["places"].items()}
    absent = tuple(thing for thing in things if thing not in TRAIN.absent)
    return replace(HELD_OUT, **parts, absent=absent, places=places)
