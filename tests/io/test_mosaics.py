"""A date of many tiles is read as one raster would be."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.enums import ColorInterp
from rasterio.io import DatasetReader

from mtrs_geo.errors import RasterError
from mtrs_geo.grid import Window
from mtrs_geo.io.inputs.kinds import RasterLike
from mtrs_geo.io.stack import StackOptions, StackWindow, open_stack

LEFT, TOP = 500_000.0, 5_500_000.0
SIDE = 64


def write(
    path: Path,
    image: np.ndarray,
    row: float = 0,
    col: float = 0,
    *,
    mask: np.ndarray | None = None,
    interps: Sequence[ColorInterp] | None = None,
    palette: dict[int, tuple[int, int, int]] | None = None,
    **profile: Any,
) -> Path:
    """Write a tile whose first pixel is at (row, col) of a grid of 1 m."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size = profile.pop("size", 1)
    options = {
        "driver": "GTiff", "count": image.shape[0], "height": image.shape[1],
        "width": image.shape[2], "dtype": image.dtype, "crs": "EPSG:32633",
        "transform": Affine(size, 0, LEFT + col, 0, -size, TOP - row), **profile,
    }  # fmt: skip
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(path, "w", **options) as file,
    ):
        if interps is not None:
            file.colorinterp = interps
        if palette is not None:
            file.write_colormap(1, palette)
        file.write(image)
        if mask is not None:
            file.write_mask(mask)
    return path


@pytest.fixture
def scene() -> np.ndarray:
    """A scene (3, rows, cols) of 128 x 128 pixels without black or white."""
    values = np.random.default_rng(0).integers(20, 230, (3, 2 * SIDE, 2 * SIDE))
    return values.astype(np.uint8)


def cut(scene: np.ndarray, folder: Path, margin: int = 0, **profile: Any) -> list[Path]:
    """Write four tiles of a scene, which overlap by a margin."""
    tiles = []
    for i in range(2):
        for j in range(2):
            row, col = max(0, i * SIDE - margin), max(0, j * SIDE - margin)
            part = scene[:, row : (i + 1) * SIDE + margin, col : (j + 1) * SIDE + margin]
            tiles.append(write(folder / f"t_{i}{j}.tif", part, row, col, **profile))
    return tiles


def read(date: RasterLike, other: RasterLike) -> StackWindow:
    """Read both dates of a stack in full; the first has the grid."""
    with open_stack([date, other], StackOptions(grid="before")) as stack:
        return stack.read(stack.grid.window)


@pytest.mark.parametrize("margin", [0, 8])
def test_lists_patterns_and_folders_are_one_raster(
    scene: np.ndarray, tmp_path: Path, margin: int
) -> None:
    whole = write(tmp_path / "whole.tif", scene)
    tiles = cut(scene, tmp_path / "tiles", margin)
    for beside in ("t_00.tif.aux.xml", "t_00.tfw", "notes.txt", "index.gpkg", ".hidden.tif"):
        (tmp_path / "tiles" / beside).write_text("no tile")
    kinds: list[RasterLike] = [
        tiles, list(map(str, tiles)), tuple(tiles), tmp_path / "tiles", str(tmp_path / "tiles"),
        str(tmp_path / "tiles/*.tif"), tmp_path / "tiles" / "t_*", tmp_path.glob("tiles/t_*.tif"),
        [tiles[0], str(tiles[1]), str(tmp_path / "tiles/t_1*")],
    ]  # fmt: skip
    for tiled in kinds:
        got = read(tiled, whole)
        np.testing.assert_array_equal(got.image[0], scene)
        assert got.valid.all()
    with rasterio.open(tiles[0]) as dataset:
        mixed = read([dataset, *tiles[1:]], whole)
    np.testing.assert_array_equal(mixed.image[0], scene)


def test_the_later_tile_counts_where_it_has_data(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.tif", np.full((3, SIDE, 96), 9, np.uint8))
    early = write(tmp_path / "a/1.tif", np.full((3, SIDE, SIDE), 50, np.uint8), nodata=0)
    values = np.full((3, SIDE, SIDE), 90, np.uint8)
    values[:, :8] = 0
    late = write(tmp_path / "a/2.tif", values, col=32, nodata=0)
    for tiles, shared in (([early, late], 90), ([late, early], 50), (str(tmp_path / "a"), 90)):
        got = read(tiles, whole)
        assert got.image[0, 0, 20, 40] == shared
        assert got.image[0, 0, 4, 40] == 50  # the later tile has no data there
        assert not got.valid[4, 80]
        assert got.valid[20, 80]


def test_gaps_between_tiles_have_no_data(scene: np.ndarray, tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.tif", scene)
    tiles = cut(scene, tmp_path / "tiles")
    got = read([tiles[0], tiles[3]], whole)
    expected = np.zeros((2 * SIDE, 2 * SIDE), bool)
    expected[:SIDE, :SIDE] = expected[SIDE:, SIDE:] = True
    np.testing.assert_array_equal(got.valid, expected)
    np.testing.assert_array_equal(got.image[0][:, expected], scene[:, expected])


@pytest.mark.parametrize("gap", [0, 16])
@pytest.mark.parametrize("row", [0, 0.3])
def test_a_fill_value_without_a_tag_is_found(tmp_path: Path, gap: int, row: float) -> None:
    values = np.random.default_rng(0).integers(1, 3000, (3, SIDE, SIDE)).astype(np.int16)
    values[:, :20] = -9999
    tiles = [
        write(tmp_path / "t/a.tif", values),
        write(tmp_path / "t/b.tif", values, col=SIDE + gap),
    ]
    other = np.full((3, SIDE, 2 * SIDE + gap), 100, np.uint8)
    other[:, ::2, ::3] = 90
    whole = write(tmp_path / "whole.tif", other, row=row)
    with open_stack([tiles, whole], StackOptions(grid="before")) as stack:
        valid = stack.read(stack.grid.window).valid
        assert any("pixels of -9999" in warning for warning in stack.warnings)
    with open_stack([tiles, whole]) as stack:  # warped if the grids differ
        warped = stack.read(stack.grid.window).valid
    for found in (valid, warped):
        assert not found[:19, :].any()
        assert found[22:-2, 2 : SIDE - 2].all()
        assert found[22:-2, SIDE + gap + 2 : -2].all()
        assert found[22:-2, SIDE : SIDE + gap].sum() == 0


@pytest.mark.parametrize("kind", ["alpha", "mask", "two nodata values", "one without"])
def test_each_tile_has_its_own_mask(scene: np.ndarray, tmp_path: Path, kind: str) -> None:
    whole = write(tmp_path / "whole.tif", scene)
    left, right = scene[:, :, :SIDE].copy(), scene[:, :, SIDE:].copy()
    hole = np.full((2 * SIDE, SIDE), 255, np.uint8)
    hole[10:20, 10:20] = 0
    if kind == "alpha":
        left = np.concatenate([left, hole[None]])
        a = write(tmp_path / "a.tif", left, photometric="RGB", alpha="YES")
        b = write(tmp_path / "b.tif", right)
    elif kind == "mask":
        a = write(tmp_path / "a.tif", left, mask=hole > 0)
        b = write(tmp_path / "b.tif", right, col=SIDE)
    else:
        left[:, hole == 0] = 3
        a = write(tmp_path / "a.tif", left, nodata=3)
        b = write(tmp_path / "b.tif", right, nodata=250 if kind[0] == "t" else None)
    if kind != "mask":
        with rasterio.open(b, "r+") as file:
            file.transform = Affine(1, 0, LEFT + SIDE, 0, -1, TOP)
    got = read([a, b], whole)
    expected = np.ones((2 * SIDE, 2 * SIDE), bool)
    expected[10:20, 10:20] = False
    np.testing.assert_array_equal(got.valid, expected)
    np.testing.assert_array_equal(got.image[0][:, expected], scene[:, expected])


def test_near_infrared_tagged_alpha_is_no_mask(scene: np.ndarray, tmp_path: Path) -> None:
    near = np.random.default_rng(1).integers(0, 200, (1, 2 * SIDE, 2 * SIDE)).astype(np.uint8)
    four = np.concatenate([scene, near])
    whole = write(tmp_path / "whole.tif", scene)
    tiles = cut(four, tmp_path / "tiles", 4, photometric="RGB", alpha="YES")
    with open_stack([tiles, whole]) as stack:
        got = stack.read(stack.grid.window)
        assert any("tagged alpha" in warning for warning in stack.warnings)
    assert got.valid.all()
    np.testing.assert_array_equal(got.image[0], scene)


def test_palettes_may_differ(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.tif", np.full((3, SIDE, 2 * SIDE), 9, np.uint8))
    index = np.ones((1, SIDE, SIDE), np.uint8)
    a = write(tmp_path / "a.tif", index, palette={1: (200, 10, 20)})
    b = write(tmp_path / "b.tif", index, col=SIDE, palette={1: (10, 200, 20)})
    got = read([a, b], whole)
    assert got.image[0, :, 5, 5].tolist() == [200, 10, 20]
    assert got.image[0, :, 5, SIDE + 5].tolist() == [10, 200, 20]


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("EPSG:32634", {"crs": "EPSG:32634"}), ("2 × 2", {"size": 2}),
        ("UInt16", {"dtype": "uint16"}), ("image bands: 1", {"bands": 1}),
        ("no coordinate reference system", {"crs": None}), ("far away", {"col": 1e10}),
        ("cannot be opened", {"broken": True}),
    ],
)  # fmt: skip
def test_a_tile_that_does_not_fit_is_named(
    scene: np.ndarray, tmp_path: Path, what: str, change: dict[str, Any]
) -> None:
    whole = write(tmp_path / "whole.tif", scene)
    write(tmp_path / "d/first.tif", scene)
    other = scene[: change.pop("bands", 3)].astype(change.get("dtype", np.uint8))
    place = {"col": 128.0} | change
    if place.pop("broken", False):
        (tmp_path / "d/odd.tif").write_text("damaged")
    else:
        write(tmp_path / "d/odd.tif", other, **place)
    with pytest.raises(RasterError, match=r"odd\.tif") as raised:
        open_stack([tmp_path / "d", whole])
    assert what in raised.value.message
    assert raised.value.advice


def test_bands_in_separate_files_are_no_tiles(scene: np.ndarray, tmp_path: Path) -> None:
    for i, name in enumerate(("B02", "B03", "B04")):
        write(tmp_path / "S2" / f"{name}.tif", scene[i : i + 1])
    with pytest.raises(RasterError, match="these are bands or dates, not tiles") as raised:
        open_stack([tmp_path / "S2", write(tmp_path / "whole.tif", scene)])
    assert "-separate" in raised.value.advice


def test_nothing_found_says_what_was_looked_for(scene: np.ndarray, tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.tif", scene)
    folder = tmp_path / "folder"
    folder.mkdir()
    cases: list[tuple[RasterLike, str]] = [
        (str(folder / "*.tif"), f"no raster matches .*, in {folder}"),
        (str(tmp_path / "none/*.tif"), "none does not exist"),
        (folder, "holds no georeferenced raster .it is empty"),
        ([], "a list without rasters"),
    ]
    for date, message in cases:
        with pytest.raises(RasterError, match=message) as raised:
            open_stack([date, whole])
        assert raised.value.advice
    (folder / "readme.txt").write_text("hello")
    with pytest.raises(RasterError, match=r"among readme\.txt"):
        open_stack([folder, whole])


def test_a_path_with_brackets_and_a_folder_of_gdal_stay_one_raster(
    scene: np.ndarray, tmp_path: Path
) -> None:
    whole = write(tmp_path / "whole [1].tif", scene)
    np.testing.assert_array_equal(read(whole, whole).image[0], scene)
    grid = np.arange(SIDE * SIDE, dtype=np.uint16).reshape(1, SIDE, SIDE)
    cube = tmp_path / "cube.zarr"
    write(tmp_path / "x.tif", grid)
    rasterio.shutil.copy(tmp_path / "x.tif", cube, driver="Zarr")
    with open_stack([cube, cube]) as stack:
        assert stack.sources[0].mosaic is None


def test_dates_are_those_of_the_tiles(scene: np.ndarray, tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.tif", scene)
    cases = [
        ("a", ("x_20160601.tif", "y_20160601.tif"), "2016-06-01"),
        ("b", ("x_20160601.tif", "y_20160603.tif"), "2016-06"),
        ("c", ("x_20160601.tif", "y_20160703.tif"), "2016"),
        ("d", ("x_20160601.tif", "y_20180703.tif"), None),
        ("ortho_2016", ("x.tif", "y.tif"), "2016"),
    ]
    for folder, names, date in cases:
        for i, name in enumerate(names):
            write(tmp_path / folder / name, scene[:, :, i * SIDE : (i + 1) * SIDE], col=i * SIDE)
        with open_stack([tmp_path / folder, whole]) as stack:
            assert stack.dates[0] == date
            assert (date is None) == any("no date in common" in w for w in stack.warnings)
            assert any("a mosaic of 2 tiles" in note for note in stack.notes)


def test_doubtful_mosaics_are_named(scene: np.ndarray, tmp_path: Path) -> None:
    write(tmp_path / "t/a.tif", scene)
    write(tmp_path / "t/b.tif", scene)
    write(tmp_path / "t/c.tif", scene, row=128.3)
    (tmp_path / "t/browse.png").write_bytes(b"no picture")
    with open_stack([tmp_path / "t", [tmp_path / "t"]]) as stack:
        text = "\n".join((*stack.warnings, *stack.notes))
    assert "a.tif and b.tif cover the same ground" in text
    assert "shifted by up to 0.30 pixels" in text
    assert "the same raster" in text
    assert "no tiles: browse.png" in text


def test_a_damaged_tile_is_named_when_it_is_read(scene: np.ndarray, tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.tif", scene)
    tiles = cut(scene, tmp_path / "tiles", compress="deflate")
    content = tiles[2].read_bytes()
    tiles[2].write_bytes(content[: len(content) // 2])
    with open_stack([tiles, whole]) as stack, pytest.raises(RasterError, match=r"t_10\.tif"):
        stack.read(stack.grid.window)


@pytest.mark.skipif(sys.platform != "linux", reason="counts the open files of the process")
def test_many_tiles_are_not_open_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiles = [
        write(tmp_path / f"{i:04}.tif", np.full((1, 4, 4), 20 + i % 200, np.uint8), col=4 * i)
        for i in range(600)
    ]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    opened: list[int] = []
    real = rasterio.open

    def count(*args: Any, **kwargs: Any) -> DatasetReader:
        opened.append(len(os.listdir("/proc/self/fd")))
        return real(*args, **kwargs)

    monkeypatch.setattr("rasterio.open", count)
    start = len(os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (start + 520, hard))
    try:
        with open_stack([tiles, tiles[::-1]]) as stack:
            assert max(opened) < start + 20
            got = stack.read(stack.grid.window)
            part = stack.read(Window(0, 2000, 4, 8))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    expected = np.repeat(20 + np.arange(600) % 200, 4).astype(np.uint8)
    np.testing.assert_array_equal(got.image[0, 0, 0], expected)
    np.testing.assert_array_equal(part.image[1, 0, 0], expected[2000:2008])
