"""No ground is both trained and held out, also if several sources show it."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from pyproj import CRS, Transformer

from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.data.split.writer import write_split
from mtrs_geo.grid import Grid
from mtrs_geo.pairs.export import PairsOptions
from mtrs_geo.progress import Silent
from mtrs_geo.training.finetune.own_data import labelled_layers, read_pairs
from mtrs_geo.training.finetune.places import SourcePairs, split_by_place

UTM, SIDE = CRS.from_epsg(32633), 10
GRID = Grid(UTM, Affine(0.5, 0, 400_000, 0, -0.5, 5_800_000), (80, 80))


def tiles(text: str, shift: int = 0, seed: int = 0) -> list[ReferringPair]:
    """Return 8 × 8 tiles of random pixels, as of another pair of dates per seed."""
    rng = np.random.default_rng(seed)
    return [
        ReferringPair(
            f"r{row}_c{col}", *rng.integers(0, 255, (2, SIDE, SIDE, 3), np.uint8), (text,),
            np.ones((1, SIDE, SIDE), bool), (row * SIDE + shift, col * SIDE + shift),
        )
        for row in range(8)
        for col in range(8)
    ]  # fmt: skip


def ground(pair: ReferringPair) -> tuple[set[int], set[int]]:
    row, col = pair.origin
    return set(range(row, row + SIDE)), set(range(col, col + SIDE))


def common(one: ReferringPair, other: ReferringPair) -> bool:
    (rows, cols), (other_rows, other_cols) = ground(one), ground(other)
    return bool(rows & other_rows) and bool(cols & other_cols)


@pytest.mark.parametrize("shift", [0, 1, 5])
@pytest.mark.parametrize("crs", [UTM, CRS.from_epsg(32632)])
def test_layers_of_other_dates_have_common_places(shift: int, crs: CRS) -> None:
    """The second layer is of other rasters of the same ground, on a grid that may be shifted."""
    other = GRID
    if crs != UTM:
        # The same corner in the neighbouring zone; there the tiles are turned by four degrees.
        x, y = Transformer.from_crs(UTM, crs, always_xy=True).transform(400_000, 5_800_000)
        other = Grid(crs, Affine(0.5, 0, x, 0, -0.5, y), (80, 80))
    one, two = tiles("new pools"), tiles("new tents", shift, seed=1)
    split = split_by_place([SourcePairs(one, GRID), SourcePairs(two, other)])
    assert split.held_out
    assert len(split.training) + len(split.held_out) + split.left_out == 128
    assert len(split.training) > 50
    if crs == UTM:
        assert not [a for a in split.held_out for b in split.training if common(a, b)]
    assert shift or crs != UTM or not split.left_out


def test_images_that_two_folders_share_are_one_place() -> None:
    first = [p for p in tiles("new pools") if p.origin[0] < 20]
    unplaced = [
        ReferringPair(p.name, p.after, p.before, ("gone pools",), p.masks) for p in reversed(first)
    ]
    split = split_by_place([SourcePairs(first), SourcePairs(unplaced)])
    trained = {image.tobytes() for p in split.training for image in (p.before, p.after)}
    assert split.held_out
    assert not [p for p in split.held_out if p.after.tobytes() in trained]


@pytest.mark.parametrize("grid", [None, GRID])
def test_tiles_of_a_folder_are_found_on_the_raster_of_another_source(grid: Grid | None) -> None:
    """The tiles of both have other sizes, and those of one other pixels where nobody labelled."""
    dates = np.random.default_rng(0).integers(1, 255, (2, 80, 80, 3), np.uint8)

    def cut(side: int, text: str, rng: np.random.Generator) -> list[ReferringPair]:
        starts = range(0, 80 - side + 1, side)
        masks = np.ones((1, side, side), bool)
        return [
            ReferringPair(f"r{row}_c{col}", *parts, (text,), masks, (row, col))
            for row in starts
            for col in starts
            if rng.random() < 0.8
            and len(parts := [d[row : row + side, col : col + side].copy() for d in dates])
        ]

    rng = np.random.default_rng(1)
    folder, other = cut(10, "new pools", rng), cut(16, "new tents", rng)
    for pair in folder[::3]:
        pair.before[:4], pair.after[:4] = 0, 0
    split = split_by_place([SourcePairs(folder), SourcePairs(other, grid)])
    pixels = [np.zeros((80, 80), bool) for _ in range(2)]
    for covered, pairs in zip(pixels, (split.training, split.held_out), strict=True):
        for pair in pairs:
            (row, col), side = pair.origin, len(pair.after)
            covered[row : row + side, col : col + side] |= pair.after.any(-1)
    assert not (pixels[0] & pixels[1]).any()
    assert split.held_out
    assert len(split.training) > len(folder + other) / 3
    assert split.left_out == len(folder + other) - len(split.training) - len(split.held_out)


def test_images_without_data_are_no_place() -> None:
    black = np.zeros((SIDE, SIDE, 3), np.uint8)
    mask = np.ones((1, SIDE, SIDE), bool)
    pairs = [ReferringPair(str(n), black, black, ("x",), mask) for n in range(10)]
    assert len(split_by_place([SourcePairs(pairs)]).held_out) == 2


def test_two_layers_over_the_same_rasters(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    paths = [str(tmp_path / "before.tif"), str(tmp_path / "after.tif")]
    transform = Affine(0.5, 0, 400_000, 0, -0.5, 5_800_000)
    for path in paths:
        with rasterio.open(
            path, "w", driver="GTiff", height=384, width=384, count=3, dtype="uint8", crs=UTM,
            transform=transform,
        ) as file:  # fmt: skip
            file.write(rng.integers(0, 255, (3, 384, 384), np.uint8))
    squares = [
        shapely.box(400_000 + x, 5_800_000 - y - 20, 400_000 + x + 20, 5_800_000 - y)
        for x in range(14, 190, 48)
        for y in range(14, 190, 48)
    ]
    layers = []
    for name in ("pools", "tents"):
        frame = geopandas.GeoDataFrame({"text": [f"new {name}"] * 16}, geometry=squares, crs=UTM)
        layers.append(str(tmp_path / f"{name}.gpkg"))
        frame.to_file(layers[-1])
    cut = PairsOptions(tile_px=96, negatives=True)
    sources = labelled_layers(layers, paths[:1], paths[1:], None, cut)
    data = read_pairs(sources, Silent())
    trained = {pair.after.tobytes() for pair in data.training}
    assert data.by_place
    assert len(data.held_out) >= 4
    assert not [pair.name for pair in data.held_out if pair.after.tobytes() in trained]
    assert len(data.training) + len(data.held_out) == 32
    assert not data.warnings
    # A folder of the same tiles has no georeference; it shares their pixels.
    with write_split(tmp_path / "folder") as split:
        for pair in {p.name: p for p in (*data.training, *data.held_out)}.values():
            split.add(pair)
    data = read_pairs([sources[0], str(tmp_path / "folder")], Silent())
    trained = {pair.after.tobytes() for pair in data.training}
    assert data.held_out
    assert not [pair.name for pair in data.held_out if pair.after.tobytes() in trained]
