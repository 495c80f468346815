"""Rendered pairs with exact ground truth, for training, the demo, tests and benchmarks.

A pair is a place at two dates: ground, streets, houses with hipped roofs and cast shadows,
and trees.  Some houses exist only at the later date, some only at the earlier one.  The same
seed gives the same pair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from mtrs_geo.data.rendering.rendered_scene import (
    apply_sensor,
    place_houses,
    place_streets,
    place_trees,
    render_ground,
    render_scene,
    roof_mask,
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
    """(rows, cols), roofs that exist only at the later date."""
    disappeared: BoolArray
    """(rows, cols), roofs that exist only at the earlier date."""


@dataclass(frozen=True)
class PairPaths:
    """Paths of the files of a pair."""

    before: Path
    after: Path
    truth: Path | None


def render_pair(
    rows: int, cols: int, *, seed: int, new_buildings: int = 16, demolished: int = 6
) -> RenderedPair:
    """Return a rendered pair.

    Args:
        rows: height in pixels of 0.5 m.
        cols: width in pixels.
        seed: the same seed gives the same pair.
        new_buildings: largest number of houses that only the later date has.
        demolished: largest number of houses that only the earlier date has.
    """
    rng = np.random.default_rng(seed)
    streets = place_streets(rows, cols, rng)
    houses = place_houses(streets, rows, cols, rng)
    order = rng.permutation(len(houses))
    new = [houses[i] for i in order[:new_buildings]]
    removed = [houses[i] for i in order[new_buildings : new_buildings + demolished]]
    unchanged = [houses[i] for i in order[new_buildings + demolished :]]
    ground = render_ground(rows, cols, rng)
    trees = place_trees(streets, houses, rows, cols, rng)
    images = [
        apply_sensor(render_scene(ground, streets, present, absent, trees), rng, warmth)
        for present, absent, warmth in (
            (unchanged + removed, [], 0.97),
            (unchanged + new, removed, 1.04),
        )
    ]
    size = (cols, rows)
    return RenderedPair(images[0], images[1], roof_mask(new, size), roof_mask(removed, size))


def write_pair(
    folder: Path, pair: RenderedPair, *, crs: str = "EPSG:32614", pixel_m: float = 0.5
) -> PairPaths:
    """Write a pair as tiled GeoTIFFs with dates, and its ground truth as a GeoPackage.

    Args:
        folder: folder of before.tif, after.tif and truth.gpkg, created if it is missing. The
            column ``change`` of truth.gpkg is appeared or disappeared.
        pair: the pair.
        crs: projected CRS in metres.
        pixel_m: pixel size in metres.
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
    rows = [
        {"change": change, "geometry": shape(geometry)}
        for change in ("appeared", "disappeared")
        for geometry, _ in shapes(
            getattr(pair, change).astype(np.uint8), getattr(pair, change), transform=transform
        )
    ]
    table = geopandas.GeoDataFrame(rows, columns=["change", "geometry"], crs=crs)
    table.to_file(folder / "truth.gpkg", layer="truth")
    return paths


def write_large_pair(folder: Path, rows: int, cols: int, *, seed: int) -> PairPaths:
    """Write a pair of any size, with three rendered blocks in memory.

    The blocks are repeated in random orientations; there is no truth file.
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
            for row, col, block_seed, quarters in _mosaic(rows, cols, side, seed):
                image = np.rot90(getattr(_block(side, block_seed), date), quarters)
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
