"""A rendered place at two dates, with exact truth: for the demo, tests and benchmarks.

Everything follows from the seed: ground, streets, houses with hipped roofs and cast
shadows, trees and a pond.  Some houses are there at the later date only, some at the
earlier date only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from mtrs_geo.data.rendering.rendered_scene import (
    lay_ground,
    lay_streets,
    mask_of,
    paint_scene,
    photograph,
    place_houses,
    plant_trees,
)
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["PairPaths", "RenderedPair", "render_pair", "write_large_pair", "write_pair"]

_BLOCK_PX, _BLOCKS = 1024, 3
_ORIGIN = (620_000.0, 3_350_000.0)


@dataclass(frozen=True)
class RenderedPair:
    """One place at two dates."""

    before: UInt8Array
    """(rows, cols, 3)."""
    after: UInt8Array
    """(rows, cols, 3)."""
    appeared: BoolArray
    """(rows, cols), roofs that are there at the later date only."""
    disappeared: BoolArray
    """(rows, cols), roofs that are there at the earlier date only."""


@dataclass(frozen=True)
class PairPaths:
    """Files of a pair."""

    before: Path
    after: Path
    truth: Path | None


def render_pair(
    rows: int, cols: int, *, seed: int, new_buildings: int = 16, demolished: int = 6
) -> RenderedPair:
    """Render a pair.

    Args:
        rows: height in pixels of 0.5 m.
        cols: width in pixels.
        seed: the same seed gives the same pair.
        new_buildings: houses that only the later date has, at most.
        demolished: houses that only the earlier date has, at most.
    """
    rng = np.random.default_rng(seed)
    streets = lay_streets(rows, cols, rng)
    houses = place_houses(streets, rows, cols, rng)
    order = rng.permutation(len(houses))
    new = [houses[i] for i in order[:new_buildings]]
    gone = [houses[i] for i in order[new_buildings : new_buildings + demolished]]
    kept = [houses[i] for i in order[new_buildings + demolished :]]
    ground = lay_ground(rows, cols, rng)
    trees = plant_trees(streets, houses, rows, cols, rng)
    scenes = [
        photograph(paint_scene(ground, streets, standing, bare, trees), rng, warmth)
        for standing, bare, warmth in ((kept + gone, [], 0.97), (kept + new, gone, 1.04))
    ]
    size = (cols, rows)
    return RenderedPair(scenes[0], scenes[1], mask_of(new, size), mask_of(gone, size))


def write_pair(
    folder: Path, pair: RenderedPair, *, crs: str = "EPSG:32614", pixel_m: float = 0.5
) -> PairPaths:
    """Write a pair as tiled GeoTIFFs with dates, and its truth as a GeoPackage.

    Args:
        folder: created where missing; receives before.tif, after.tif and truth.gpkg,
            whose column ``change`` says appeared or disappeared.
        pair: what to write.
        crs: projected CRS in metres.
        pixel_m: pixel size.
    """
    import geopandas
    import rasterio
    from affine import Affine
    from rasterio.features import shapes
    from shapely.geometry import shape

    folder.mkdir(parents=True, exist_ok=True)
    transform = Affine(pixel_m, 0, _ORIGIN[0], 0, -pixel_m, _ORIGIN[1])
    paths = PairPaths(folder / "before.tif", folder / "after.tif", folder / "truth.gpkg")
    for path, image, year in (
        (paths.before, pair.before, 2016),
        (paths.after, pair.after, 2023),
    ):
        profile = _profile(image.shape[0], image.shape[1], crs, transform)
        with rasterio.open(path, "w", **profile) as file:
            file.write(image.transpose(2, 0, 1))
            file.update_tags(TIFFTAG_DATETIME=f"{year}:06:01 10:00:00")
    found = [
        {"change": change, "geometry": shape(geometry)}
        for change in ("appeared", "disappeared")
        for geometry, _ in shapes(
            getattr(pair, change).astype(np.uint8), getattr(pair, change), transform=transform
        )
    ]
    table = geopandas.GeoDataFrame(found, columns=["change", "geometry"], crs=crs)
    table.to_file(folder / "truth.gpkg", layer="truth")
    return paths


def write_large_pair(folder: Path, rows: int, cols: int, *, seed: int) -> PairPaths:
    """Write a pair of any size with the memory of a few blocks.

    A few rendered blocks are turned into a mosaic; there is no truth file.
    """
    import rasterio
    from affine import Affine

    folder.mkdir(parents=True, exist_ok=True)
    side = min(_BLOCK_PX, max(rows, cols))
    paths = PairPaths(folder / "before.tif", folder / "after.tif", None)
    transform = Affine(0.5, 0, _ORIGIN[0], 0, -0.5, _ORIGIN[1])
    for path, date, year in ((paths.before, "before", 2016), (paths.after, "after", 2023)):
        with rasterio.open(path, "w", **_profile(rows, cols, "EPSG:32614", transform)) as file:
            file.update_tags(TIFFTAG_DATETIME=f"{year}:06:01 10:00:00")
            for row, col, block, turn in _mosaic(rows, cols, side, seed):
                image = np.rot90(getattr(_block(side, block), date), turn)
                image = image[: rows - row, : cols - col]
                window = rasterio.windows.Window(col, row, image.shape[1], image.shape[0])
                file.write(image.transpose(2, 0, 1), window=window)
    return paths


def _mosaic(rows: int, cols: int, side: int, seed: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (row, col, seed of the block, quarter turns), the same for both dates."""
    rng = np.random.default_rng(seed)
    for row in range(0, rows, side):
        for col in range(0, cols, side):
            yield row, col, seed + int(rng.integers(_BLOCKS)), int(rng.integers(4))


@lru_cache(maxsize=_BLOCKS)
def _block(side: int, seed: int) -> RenderedPair:
    return render_pair(side, side, seed=seed)


def _profile(rows: int, cols: int, crs: str, transform: object) -> dict[str, object]:
    return {
        "driver": "GTiff", "height": rows, "width": cols, "count": 3, "dtype": "uint8",
        "crs": crs, "transform": transform, "tiled": True, "blockxsize": 512,
        "blockysize": 512, "compress": "deflate", "zlevel": 1, "predictor": 2,
        "photometric": "rgb", "interleave": "pixel", "bigtiff": "if_safer",
    }  # fmt: skip
