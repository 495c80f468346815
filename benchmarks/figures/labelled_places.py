"""Labelled places for the calibration of scores: none was used to train the bundled model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from figures.buildings import read_guangzhou, read_levir
from figures.composed import class_queries, held_out_composer
from figures.ground import ground_queries, read_ground
from figures.seasons import read_seasons
from mtrs_geo.class_codes import (
    APPEAR,
    DISAPPEAR,
    IGNORE,
    NONE,
)
from mtrs_geo.data.datasets.changes import (
    Pair,
    image_paths,
    read_change_set,
    read_image,
    read_mask,
)
from mtrs_geo.data.datasets.ground import ground_of_pair
from mtrs_geo.data.sampling.transforms import swap_dates
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.evaluation.judging import LabelledPlace
from mtrs_geo.types import BoolArray

__all__ = ["COMPOSED", "FITTED", "UNSEEN", "labelled_places"]

FITTED = ("levir", "ground", "guangzhou", "seasons")
UNSEEN, COMPOSED = ("storms", "others"), "composed"
"""Real sources of the bundled maps, real sources of which training saw no place, and pairs that
are composed of held-out scenes."""

_COMPOSED_PAIRS = 120
_SEED = 2026
_ABSENT = (*HELD_OUT.absent, "airplane", "ship", "stadium", "windmill", "crane", "truck", "car")
_Labelled = tuple[str, BoolArray]


def labelled_places(root: Path, source: str) -> Iterator[LabelledPlace]:
    """Yield the places of one source, with sentences of every direction and absent things."""
    return _SOURCES[source](root)


def _levir(root: Path) -> Iterator[LabelledPlace]:
    rng = np.random.default_rng(_SEED)
    for pair in read_levir(root):
        # In the reversed order, new buildings are demolished buildings.
        yield from (_with_direction(ordered, rng) for ordered in (pair, swap_dates(pair)))


def _guangzhou(root: Path) -> Iterator[LabelledPlace]:
    rng = np.random.default_rng(_SEED)
    folder = root / "pairs/guangzhou_direction"
    for pair in read_guangzhou(root):
        appear, disappear, replaced, ignore = (
            _mask(folder / name / f"{pair.name}.png", pair)
            for name in ("appear", "disappear", "replaced", "ignore")
        )
        sure = pair.label != IGNORE
        changed = (pair.label != NONE) & sure
        queries = [
            *_queries(rng, appear | replaced, disappear | replaced, changed),
            *_absent(rng, changed),
        ]
        # Tiles of one scene are neighbours, and stay together.
        yield _place(pair, queries, sure & ~ignore, name=pair.name[: len("gz_00")])


def _seasons(root: Path) -> Iterator[LabelledPlace]:
    rng = np.random.default_rng(_SEED)
    for pair in read_seasons(root):
        none = np.zeros(pair.label.shape, np.bool_)
        yield _place(pair, [*_queries(rng, none, none, none), *_absent(rng, none)])


def _storms(root: Path) -> Iterator[LabelledPlace]:
    """Yield pairs without building change; other changes, as floods, are not asked for."""
    rng = np.random.default_rng(_SEED)
    folder = root / "pairs/storms"
    for path in image_paths(folder / "A"):
        before, after = read_image(path), read_image(folder / "B" / path.name)
        none = np.zeros(before.shape[:2], np.bool_)
        pair = Pair(path.stem, "storms", before, after, none.astype(np.uint8), 0.5)
        queries = [query for query in _queries(rng, none, none, none) if query[0]]
        yield _place(pair, queries, ~_mask(folder / "ignore" / f"{path.stem}.png", pair))


def _others(root: Path) -> Iterator[LabelledPlace]:
    rng = np.random.default_rng(_SEED)
    for source in ("mixed_buildings", "levir_samples"):
        folder = root / "pairs" / source
        for pair in read_change_set(folder, source=source, gsd_m=0.5, changed=APPEAR):
            yield from (_with_direction(ordered, rng) for ordered in (pair, swap_dates(pair)))


def _ground(root: Path) -> Iterator[LabelledPlace]:
    rng = np.random.default_rng(_SEED)
    for pair in read_ground(root):
        for ordered in (pair, swap_dates(pair)):
            queries = {query.text: query.mask for query in ground_queries(ordered, "", rng)}
            counted = ground_of_pair(ordered) != IGNORE
            yield _place(ordered, list(queries.items()), counted)


def _composed(root: Path) -> Iterator[LabelledPlace]:
    composer = held_out_composer(root)
    for index in range(_COMPOSED_PAIRS):
        pair = composer.sample(index)
        rng = np.random.default_rng((_SEED, index, 1))
        queries = {query.text: query.mask for query in class_queries(pair, "", rng)}
        yield LabelledPlace(
            f"composed_{index}", pair.before, pair.after, tuple(queries), tuple(queries.values()),
            pair.gsd_m,
        )  # fmt: skip


_SOURCES: Mapping[str, Callable[[Path], Iterator[LabelledPlace]]] = {
    "levir": _levir,
    "ground": _ground,
    "guangzhou": _guangzhou,
    "seasons": _seasons,
    "storms": _storms,
    "others": _others,
    COMPOSED: _composed,
}


def _with_direction(pair: Pair, rng: np.random.Generator) -> LabelledPlace:
    changed = pair.label != NONE
    queries = _queries(rng, pair.label == APPEAR, pair.label == DISAPPEAR, changed)
    return _place(pair, [*queries, *_absent(rng, changed)])


def _queries(
    rng: np.random.Generator, appear: BoolArray, disappear: BoolArray, changed: BoolArray
) -> list[_Labelled]:
    """Return any change, a usual sentence per direction, and held-out wordings of each."""
    return [
        ("", changed),
        ("new buildings", appear),
        *((text, appear) for text in _wordings(rng, HELD_OUT.appear, 2)),
        ("demolished buildings", disappear),
        *((text, disappear) for text in _wordings(rng, HELD_OUT.disappear, 2)),
        ("buildings that changed", changed),
        *((text, changed) for text in _wordings(rng, HELD_OUT.state, 1)),
    ]


def _wordings(rng: np.random.Generator, templates: Sequence[str], count: int) -> list[str]:
    chosen = rng.choice(len(templates), count, replace=False)
    return [templates[i].format(n=rng.choice(["buildings", "houses"])) for i in chosen]


def _absent(rng: np.random.Generator, like: BoolArray) -> list[_Labelled]:
    first, second, third = (f"{_ABSENT[i]}s" for i in rng.choice(len(_ABSENT), 3, replace=False))
    texts = (f"new {first}", f"{second} that disappeared", f"{third} that changed")
    return [(text, np.zeros_like(like)) for text in texts]


def _place(
    pair: Pair, queries: Sequence[_Labelled], counted: BoolArray | None = None, name: str = ""
) -> LabelledPlace:
    sentences, masks = zip(*queries, strict=True)
    return LabelledPlace(
        name or pair.name, pair.before, pair.after, sentences, masks, pair.gsd_m, counted
    )


def _mask(path: Path, pair: Pair) -> BoolArray:
    """Return a mask; a file that is missing is an empty mask."""
    if not path.exists():
        return np.zeros(pair.label.shape, np.bool_)
    return read_mask(path)
