"""Queries on real pairs with labelled buildings: LEVIR with direction, Guangzhou without."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from figures.scoring import LabelledQuery, QueriedPair
from figures.spatial import spatial_queries
from mtrs_geo.class_codes import APPEAR, CHANGED, IGNORE
from mtrs_geo.data.datasets.changes import Pair, read_change_set
from mtrs_geo.data.datasets.classes import classes_of_pair
from mtrs_geo.data.sampling.read_sources import is_held_out
from mtrs_geo.data.sampling.transforms import swap_dates
from mtrs_geo.data.sentences.building_words import TRAIN
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.data.sentences.buildings import write_building_expression
from mtrs_geo.data.sentences.wording import BuildingWording

__all__ = [
    "directed_pairs",
    "read_guangzhou",
    "read_levir",
    "read_wording",
    "tiles_of",
    "undirected_pairs",
]

_TILE_PX = 256
_ABSENT, _QUARTERS, _SPATIAL = 4, 4, 2


def read_levir(root: Path, keep: Callable[[str], bool] | None = None) -> list[Pair]:
    """Read the held-out pairs of LEVIR, or those for whose name ``keep`` is true."""
    keep = keep or (lambda name: is_held_out("levir", name))
    return read_change_set(
        root / "pairs/levir", source="levir", gsd_m=0.5, changed=APPEAR, keep=keep
    )


def read_guangzhou(root: Path, keep: Callable[[str], bool] | None = None) -> list[Pair]:
    """Read the held-out pairs of Guangzhou, or those for whose name ``keep`` is true."""
    keep = keep or (lambda name: is_held_out("guangzhou", name))
    return read_change_set(
        root / "pairs/guangzhou", source="guangzhou", gsd_m=0.55, changed=CHANGED,
        border_px=2, keep=keep,
    )  # fmt: skip


def tiles_of(pair: Pair, tile_px: int = _TILE_PX) -> Iterator[Pair]:
    """Yield square tiles of a pair; tiles at the right and lower edges may be smaller."""
    for row in range(0, pair.label.shape[0], tile_px):
        for col in range(0, pair.label.shape[1], tile_px):
            area = slice(row, row + tile_px), slice(col, col + tile_px)
            yield replace(
                pair,
                before=pair.before[area],
                after=pair.after[area],
                label=pair.label[area],
                ground=None if pair.ground is None else pair.ground[area],
            )


def directed_pairs(
    pairs: Sequence[Pair],
    prefix: str,
    tile_px: int = _TILE_PX,
    wording: BuildingWording = HELD_OUT,
    spatial: int = _SPATIAL,
) -> Iterator[QueriedPair]:
    """Yield every tile in both orders of the dates, with its queries.

    Args:
        pairs: pairs labelled with direction.
        prefix: prefix of the figure names.
        tile_px: side of a tile in pixels.
        wording: wording of queries without place and of quarters.
        spatial: number of spatial queries per tile and figure, in held-out wording.
    """
    rng, spatial_rng = np.random.default_rng(0), np.random.default_rng(1)
    for pair in pairs:
        for tile in tiles_of(pair, tile_px):
            # In the reversed order, new buildings are demolished buildings.
            for ordered in (tile, swap_dates(tile)):
                classes = classes_of_pair(ordered)
                queries = [
                    *_building_queries(ordered, prefix, wording, rng),
                    *spatial_queries(classes, prefix, spatial, spatial_rng),
                ]
                yield QueriedPair(ordered.before, ordered.after, ordered.gsd_m, tuple(queries))


def _building_queries(
    pair: Pair, prefix: str, wording: BuildingWording, rng: np.random.Generator
) -> Iterator[LabelledQuery]:
    """Yield queries: any change, each wording of both directions, absent things, quarters."""
    yield LabelledQuery(f"{prefix}any", "", pair.label != 0)
    for task in ("appear", "disappear"):
        for template in getattr(wording, task):
            only = replace(wording, **{task: (template,)})
            expression = write_building_expression(pair.label, task, only, rng)
            if expression is not None:
                name = task if expression.mask.any() else "wrong_direction"
                yield LabelledQuery(prefix + name, expression.text, expression.mask)
    for _ in range(_ABSENT):
        absent = write_building_expression(pair.label, "absent", wording, rng)
        if absent is not None:
            yield LabelledQuery(f"{prefix}absent", absent.text, absent.mask)
    for _ in range(_QUARTERS):
        quarter = write_building_expression(pair.label, "position", wording, rng)
        if quarter is not None and quarter.mask.any():
            yield LabelledQuery(f"{prefix}quarter", quarter.text, quarter.mask)


def undirected_pairs(pairs: Sequence[Pair], prefix: str) -> Iterator[QueriedPair]:
    """Yield pairs labelled without direction, with any change and each wording of change."""
    rng = np.random.default_rng(2)
    for pair in pairs:
        valid = pair.label != IGNORE
        changed = (pair.label != 0) & valid
        queries = [LabelledQuery(f"{prefix}any", "", changed)]
        for template in HELD_OUT.state:
            expression = write_building_expression(
                pair.label, "state", replace(HELD_OUT, state=(template,)), rng
            )
            if expression is not None:
                queries.append(LabelledQuery(f"{prefix}state", expression.text, expression.mask))
        yield QueriedPair(pair.before, pair.after, pair.gsd_m, tuple(queries), valid)


def read_wording(path: Path) -> BuildingWording:
    """Read wordings from JSON, without the templates that are also in training."""
    content = json.loads(path.read_text())
    templates = {
        name: tuple(t for t in content[name] if t not in getattr(TRAIN, name))
        for name in ("appear", "disappear", "state", "place")
    }
    # Expressions add the plural s.
    things = tuple(noun.removesuffix("s") for noun in content["absent"] if noun.endswith("s"))
    places = {name: tuple(words) for name, words in content["places"].items()}
    absent = tuple(thing for thing in things if thing not in TRAIN.absent)
    return replace(HELD_OUT, **templates, absent=absent, places=places)
