"""Image pairs of training places, of validation places and of other kinds, for familiarity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice, pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
import rasterio
from rasterio.windows import Window
from scipy import ndimage

from figures.buildings import read_guangzhou, read_levir, tiles_of
from figures.composed import held_out_composer
from figures.seasons import read_seasons
from mtrs_geo.data.compose import Composer
from mtrs_geo.data.datasets.changes import Pair, image_paths, read_image, read_unchanged
from mtrs_geo.data.rendering.synthetic import render_pair
from mtrs_geo.data.sampling.composed_split import open_composer
from mtrs_geo.data.sampling.read_sources import is_held_out
from mtrs_geo.types import UInt8Array

__all__ = ["OTHERS", "TRAINING", "VALIDATION", "TilePair"]

TilePair: TypeAlias = tuple[UInt8Array, UInt8Array]
"""Two dates, each (256, 256, 3)."""
_Source: TypeAlias = Callable[[Path], Iterable[TilePair]]

_TILE_PX, _SEED, _DISTURBED = 256, 77, 40
_TRAINING_TILES, _TRAINING_COMPOSED, _VALIDATION_COMPOSED = 150, 150, 100
_RENDERED_SEEDS = range(1_000_000, 1_000_006)
"""Rendered places of training (six of sixteen), see `mtrs_geo.data.sampling.datamodule`."""


def _cut(pairs: Iterable[Pair], count: int | None = None) -> list[TilePair]:
    shape = (_TILE_PX, _TILE_PX)
    tiles = [t for pair in pairs for t in tiles_of(pair) if t.label.shape == shape]
    found = [(tile.before, tile.after) for tile in tiles]
    if count is None or count >= len(found):
        return found
    chosen = np.random.default_rng(_SEED).choice(len(found), count, replace=False)
    return [found[i] for i in sorted(chosen)]


def _composed(composer: Composer, count: int) -> Iterator[TilePair]:
    for index in range(count):
        pair = composer.sample(index)
        yield pair.before, pair.after


def _is_trained(source: str) -> Callable[[str], bool]:
    return lambda name: not is_held_out(source, name)


def _seasons(root: Path) -> list[Pair]:
    folder, name = root / "geo/california_trees", "california_trees"
    return read_unchanged(folder, source=name, gsd_m=0.6, keep=_is_trained(name))


def _rendered() -> Iterator[Pair]:
    for seed in _RENDERED_SEEDS:
        pair = render_pair(512, 512, seed=seed)
        label = pair.appeared.astype(np.uint8)
        yield Pair(f"rendered_{seed}", "rendered", pair.before, pair.after, label, 0.5)


def _folders(root: Path, *names: str) -> Iterator[TilePair]:
    """Yield the upper left tile of each pair."""
    for name in names:
        for path in image_paths(root / "pairs" / name / "A"):
            before, after = read_image(path), read_image(root / "pairs" / name / "B" / path.name)
            yield before[:_TILE_PX, :_TILE_PX], after[:_TILE_PX, :_TILE_PX]


def _drone(root: Path) -> Iterator[TilePair]:
    for path in image_paths(root / "scenes/oam_buildings/images"):
        image = read_image(path)
        yield image[:_TILE_PX, :_TILE_PX], image[-_TILE_PX:, -_TILE_PX:]


def _rasters(folder: Path, bands: list[int], most: int) -> Iterator[TilePair]:
    """Yield tiles of the same rows and columns of successive rasters."""
    for first, second in islice(pairwise(sorted(folder.rglob("*.tif"))), most):
        with rasterio.open(first) as a, rasterio.open(second) as b:
            for row in (0, 300):
                window = Window(200, row, _TILE_PX, _TILE_PX)
                before, after = (r.read(bands, window=window).transpose(1, 2, 0) for r in (a, b))
                if before.shape == after.shape == (_TILE_PX, _TILE_PX, 3) and before.any():
                    yield before, after


def _disturbed(disturb: Callable[[np.random.Generator, UInt8Array], np.ndarray]) -> _Source:
    """Return a source of LEVIR's held-out tiles with both dates disturbed."""

    def tiles(root: Path) -> Iterator[TilePair]:
        rng = np.random.default_rng(_SEED)
        for before, after in islice(_cut(read_levir(root)), _DISTURBED):
            yield tuple(disturb(rng, one).clip(0, 255).astype(np.uint8) for one in (before, after))

    return tiles


def _grey(_: np.random.Generator, image: UInt8Array) -> np.ndarray:
    return np.repeat(image.mean(-1, keepdims=True), 3, -1)


def _radar(looks: int) -> Callable[[np.random.Generator, UInt8Array], np.ndarray]:
    def speckled(rng: np.random.Generator, image: UInt8Array) -> np.ndarray:
        speckle = rng.gamma(looks, 1 / looks, image.shape[:2])[..., None]
        return _grey(rng, image) * speckle

    return speckled


def _infrared(_: np.random.Generator, image: UInt8Array) -> np.ndarray:
    """Return an imitation of near infrared, red and green: vegetation is bright red."""
    red, green, blue = np.moveaxis(image.astype(np.float32), -1, 0)
    plants = np.clip(8 * (2 * green - red - blue) / (red + green + blue + 1), 0, 1)
    return np.stack([red * (1 - plants) + 220 * plants, red, green], -1)


def _noise(rng: np.random.Generator, image: UInt8Array) -> np.ndarray:
    return rng.integers(0, 256, image.shape)


def _normal_noise(rng: np.random.Generator, image: UInt8Array) -> np.ndarray:
    return rng.normal(120, 30, image.shape)


def _smooth_noise(rng: np.random.Generator, image: UInt8Array) -> np.ndarray:
    field = ndimage.gaussian_filter(rng.normal(size=image.shape), (4, 4, 0))
    return (field - field.min()) / np.ptp(field) * 255


TRAINING: Mapping[str, _Source] = {
    "LEVIR": lambda root: _cut(read_levir(root, _is_trained("levir")), _TRAINING_TILES),
    "Guangzhou": lambda root: _cut(read_guangzhou(root, _is_trained("guangzhou")), _TRAINING_TILES),
    "California": lambda root: _cut(_seasons(root), _TRAINING_TILES),
    "composed": lambda root: _composed(
        open_composer(root / "scenes", "train", seed=_SEED), _TRAINING_COMPOSED
    ),
    "rendered": lambda _: _cut(_rendered()),
}
VALIDATION: Mapping[str, _Source] = {
    "LEVIR": lambda root: _cut(read_levir(root)),
    "Guangzhou": lambda root: _cut(read_guangzhou(root)),
    "Chico, other years": lambda root: _cut(read_seasons(root)),
    "composed": lambda root: _composed(held_out_composer(root), _VALIDATION_COMPOSED),
}
OTHERS: Mapping[str, _Source] = {
    "storms (0.5 m)": lambda root: _folders(root, "storms"),
    "China, Saudi Arabia, Iberia (0.5–0.8 m)": lambda root: _folders(root, "mixed_buildings"),
    "drone images (0.15 m, Africa, Asia)": _drone,
    "NAIP at 5 m, natural colour": lambda root: _rasters(
        root / "geo/north_dakota_lakes", [1, 2, 3], 9
    ),
    "NAIP at 5 m, near infrared as red": lambda root: _rasters(
        root / "geo/north_dakota_lakes", [4, 1, 2], 9
    ),
    "LEVIR, near infrared as red (imitated)": _disturbed(_infrared),
    "LEVIR, panchromatic": _disturbed(_grey),
    "LEVIR, radar speckle of 1 look": _disturbed(_radar(1)),
    "LEVIR, radar speckle of 4 looks": _disturbed(_radar(4)),
    "uniform noise": _disturbed(_noise),
    "normal noise": _disturbed(_normal_noise),
    "smooth noise": _disturbed(_smooth_noise),
    "LEVIR, a quarter as bright": _disturbed(lambda _, image: image * 0.25),
    "LEVIR, hazy": _disturbed(lambda _, image: image * 0.4 + 150),
}
