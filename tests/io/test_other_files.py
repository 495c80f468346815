"""Containers, mosaics with missing tiles, pixel types, and grids that no computer can hold."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from rasterio.enums import ColorInterp
from rasterio.shutil import copy as rasterio_copy

from mtrs_geo import detect_changes
from mtrs_geo.detect.grid_size import ProbabilityFile, check_grid_size
from mtrs_geo.errors import GridError, MTRSGeoError, OutputError, RasterError
from mtrs_geo.grid import Grid
from mtrs_geo.io.paths import display_name
from mtrs_geo.io.source import open_raster
from mtrs_geo.io.stack import open_stack

CHEAP: dict[str, Any] = {"model": "brightness", "threshold": 0.25}
BAND = '<VRTRasterBand dataType="Byte" band="1">{}</VRTRasterBand>'
A_TIF = '<SimpleSource><SourceFilename relativeToVRT="1">a.tif</SourceFilename>{}</SimpleSource>'
PLACE = Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000)


def write(path: Path, values: np.ndarray, colours: Any = None, **extra: Any) -> Path:
    count, rows, cols = values.shape
    profile = {
        "driver": "GTiff", "count": count, "height": rows, "width": cols, "dtype": values.dtype,
        "crs": "EPSG:32614", "transform": PLACE, **extra,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(values)
        if colours:
            file.write_colormap(1, colours)
    return path


def noise(seed: int = 0, count: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 250, (count, 256, 256), np.uint8)


@pytest.mark.parametrize(("driver", "suffix"), [("netCDF", "nc"), ("GPKG", "gpkg")])
def test_a_container_lists_its_rasters_and_each_can_be_named(
    tmp_path: Path, driver: str, suffix: str
) -> None:
    plain = write(tmp_path / "plain.tif", noise())
    path = tmp_path / f"many.{suffix}"
    if driver == "netCDF":
        rasterio_copy(plain, path, driver=driver)
    else:
        rasterio_copy(plain, path, driver=driver, RASTER_TABLE="first")
        rasterio_copy(plain, path, driver=driver, RASTER_TABLE="second", APPEND_SUBDATASET="YES")
    with pytest.raises(RasterError, match=rf"many\.{suffix} holds [23] rasters: ") as caught:
        detect_changes(plain, path, "x", **CHEAP)
    names = re.findall(r"((?:NETCDF|GPKG):\S+?) \(", caught.value.message)
    assert len(names) == (3 if driver == "netCDF" else 2)
    assert names[0] in caught.value.advice
    assert detect_changes(plain, names[0], "x", **CHEAP).report.shape == (256, 256)
    unquoted = names[0].replace('"', "")
    assert (
        detect_changes(unquoted, unquoted, "x", **CHEAP)
        .report.warnings[0]
        .endswith(f"({display_name(unquoted)}), so nothing can differ between them.")
    )


def test_the_axes_of_a_zarr_store_are_not_listed(tmp_path: Path) -> None:
    plain = write(tmp_path / "plain.tif", noise())
    rasterio_copy(plain, tmp_path / "many.zarr", driver="Zarr", SINGLE_ARRAY="NO")
    with pytest.raises(RasterError, match=r"many\.zarr holds 3 rasters: ") as caught:
        detect_changes(plain, tmp_path / "many.zarr", "x", **CHEAP)
    names = re.findall(r"(ZARR:\S+?) \(", caught.value.message)
    assert names[0] in caught.value.advice
    assert detect_changes(plain, names[0], "x", **CHEAP).report.shape == (256, 256)


def test_an_overlay_of_google_earth_is_refused_as_such(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as file:
        file.writestr("doc.kml", "<kml/>")
        file.writestr("0/0/0.jpg", "")
    with pytest.raises(RasterError, match=r"an overlay of Google Earth\. Convert it to GeoTIFF"):
        open_raster(tmp_path / "a.kmz")


def test_warnings_of_rasterio_do_not_reach_the_caller(tmp_path: Path) -> None:
    opaque = np.full((1, 256, 256), 255, np.uint8)
    path = write(tmp_path / "rgba.tif", np.concatenate([noise(), opaque]), nodata=0)
    with rasterio.open(path, "r+") as file:
        file.colorinterp = [*file.colorinterp[:3], ColorInterp.alpha]
    profile = {"driver": "GTiff", "count": 1, "height": 8, "width": 8, "dtype": "uint8"}
    with rasterio.open(tmp_path / "bare.tif", "w", **profile):
        pass
    (tmp_path / "tiles").mkdir()
    shutil.copy(path, tmp_path / "tiles")
    with rasterio.open(tmp_path / "tiles" / "legend.png", "w", **{**profile, "driver": "PNG"}):
        pass
    script = """
        from mtrs_geo.errors import RasterError
        from mtrs_geo.grid import Window
        from mtrs_geo.io.stack import open_stack
        with open_stack(["rgba.tif", "tiles"]) as stack:
            stack.read(Window(0, 0, 8, 8))
        try:
            open_stack(["rgba.tif", "bare.tif"])
        except RasterError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", textwrap.dedent(script)],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "bare.tif has no coordinate reference system" in done.stdout
    assert "NodataShadowWarning" not in done.stderr
    assert "NotGeoreferencedWarning" not in done.stderr


def test_an_hdf_file_lists_its_rasters(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name in ("red", "green"):
            file[f"bands/{name}"] = noise()[0]
    plain = write(tmp_path / "plain.tif", noise())
    with pytest.raises(RasterError, match=r"a\.h5 holds 2 rasters: .*bands/red"):
        detect_changes(plain, tmp_path / "a.h5", "x", **CHEAP)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ('NETCDF:"/data/a b.nc":red', "a b.nc:red"),
        ("netcdf:a.nc:red", "a.nc:red"),
        ('HDF5:"f.h5"://bands/red', "f.h5:bands/red"),
        ("C:/data/b.tif", "b.tif"),
        ("/data/b.tif", "b.tif"),
        ("https://host:80/a.tif?signature=1:2", "a.tif"),
        ("s3://bucket/x.tif", "x.tif"),
        ("/vsicurl/https://host:80/a.tif", "a.tif"),
    ],
)
def test_names_for_messages(path: str, name: str) -> None:
    assert display_name(path) == name


def mosaic(folder: Path, kind: str) -> Path:
    """Return a mosaic of two tiles side by side, t0.tif and t1.tif."""
    tiles = [
        write(folder / f"t{i}.tif", noise(i), transform=PLACE @ Affine.translation(256 * i, 0))
        for i in range(2)
    ]
    if kind == "GTI":
        boxes = [
            shapely.box(620_000 + 128 * i, 3_349_872, 620_128 + 128 * i, 3_350_000)
            for i in range(2)
        ]
        index = folder / "index.gti.gpkg"
        gpd.GeoDataFrame({"location": [str(t) for t in tiles]}, geometry=boxes, crs=32614).to_file(
            index
        )
        return index
    sources = "".join(
        f'<SimpleSource><SourceFilename relativeToVRT="1">t{i}.tif</SourceFilename><SourceBand>1'
        '</SourceBand><SrcRect xOff="0" yOff="0" xSize="256" ySize="256"/>'
        f'<DstRect xOff="{256 * i}" yOff="0" xSize="256" ySize="256"/></SimpleSource>'
        for i in range(2)
    )
    path = folder / "mosaic.vrt"
    path.write_text(vrt(BAND.format(sources), (256, 512)))
    if kind == "VRT in a VRT":
        inner = f"<SimpleSource><SourceFilename>{path}</SourceFilename></SimpleSource>"
        outer = folder / "outer.vrt"
        outer.write_text(
            vrt(f'<VRTRasterBand dataType="Byte" band="1">{inner}</VRTRasterBand>', (256, 512))
        )
        return outer
    return path


def vrt(bands: str, shape: tuple[int, int], transform: str = "620000,0.5,0,3350000,0,-0.5") -> str:
    rows, cols = shape
    return (
        f'<VRTDataset rasterXSize="{cols}" rasterYSize="{rows}"><SRS>EPSG:32614</SRS>'
        f"<GeoTransform>{transform}</GeoTransform>{bands}</VRTDataset>"
    )


@pytest.mark.parametrize("kind", ["VRT", "VRT in a VRT", "GTI"])
@pytest.mark.parametrize("damage", ["missing", "garbled", "cut"])
def test_a_missing_tile_is_named_before_the_model_is_loaded(
    tmp_path: Path, kind: str, damage: str
) -> None:
    def load() -> Any:
        pytest.fail("the model was loaded")

    path, plain = mosaic(tmp_path, kind), write(tmp_path / "plain.tif", noise())
    tile = tmp_path / "t1.tif"
    detect_changes(path, path, "x", **CHEAP)
    data = tile.read_bytes()
    tile.unlink()
    if damage != "missing":
        tile.write_bytes(b"garbled" if damage == "garbled" else data[:-50_000])
    with pytest.raises(RasterError, match=rf"{path.name} needs \d files here, of which .*t1\.tif"):
        detect_changes(path, path, "x", **{**CHEAP, "model": load})
    # The other tile is enough where the rasters overlap, and in an area of interest.
    assert detect_changes(plain, path, "x", **CHEAP).report.shape == (256, 256)
    area = (620_000, 3_349_900, 620_100, 3_350_000)
    assert detect_changes(path, path, "x", aoi=area, **CHEAP).report.shape == (200, 200)


def squares(dark: float, bright: float, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Return (1, 256, 256) of one value, and the same with 4 squares of another."""
    before = np.full((1, 256, 256), dark).astype(dtype)
    after = before.copy()
    for row, col in ((30, 30), (30, 140), (140, 30), (140, 140)):
        after[:, row : row + 20, col : col + 20] = bright
    return before, after


PALETTE = {0: (0, 0, 0, 255), 1: (80, 80, 80, 255), 2: (220, 220, 220, 255)}


@pytest.mark.parametrize(
    ("dtype", "dark", "bright", "extra"),
    [
        ("uint8", 1, 14, {"nbits": 4}),
        ("uint8", 0, 1, {"nbits": 1}),
        ("uint8", 0, 1, {"nbits": 1, "photometric": "MINISWHITE"}),
        ("uint8", 1, 2, {"colours": PALETTE}),
        ("uint8", 1, 2, {"colours": PALETTE, "nbits": 4}),
        ("uint16", 1, 2, {"colours": PALETTE}),
    ],
)
@pytest.mark.parametrize("resolution", [None, 0.6])
def test_few_bits_and_palettes_are_read_as_pictures(
    tmp_path: Path, dtype: str, dark: int, bright: int, extra: dict[str, Any],
    resolution: float | None,
) -> None:  # fmt: skip
    first, second = squares(dark, bright, dtype)
    before = write(tmp_path / "a.tif", first, **extra)
    after = write(tmp_path / "b.tif", second, **extra)
    found = detect_changes(before, after, "x", resolution=resolution, **CHEAP)
    assert found.report.polygons == {"x": 4}


def test_clear_colours_of_a_palette_are_no_data(tmp_path: Path) -> None:
    values, _ = squares(1, 2, "uint8")
    values[..., :100] = 3
    write(tmp_path / "a.tif", values)
    entries = [*PALETTE.values(), (9, 9, 9, 0)]
    table = "".join(f'<Entry c1="{r}" c2="{g}" c3="{b}" c4="{a}"/>' for r, g, b, a in entries)
    palette = f"<ColorInterp>Palette</ColorInterp><ColorTable>{table}</ColorTable>"
    path = tmp_path / "a.vrt"
    path.write_text(vrt(BAND.format(palette + A_TIF.format("")), (256, 256)))
    with open_stack([path, path]) as stack:
        window = stack.read(stack.grid.window)
    assert not window.valid[:, :100].any()
    assert window.valid[:, 100:].all()
    assert (window.image[..., 100:] == 80).all()


@pytest.mark.parametrize(
    "dtype", ["int8", "int16", "uint32", "int32", "int64", "uint64", "float32", "float64"]
)
@pytest.mark.parametrize("resolution", [None, 0.6])
def test_numbers_of_every_type_are_stretched(
    tmp_path: Path, dtype: str, resolution: float | None
) -> None:
    ramp = np.linspace(0, 100, 256 * 256).reshape(1, 256, 256).astype(dtype)
    path = write(tmp_path / "a.tif", ramp)
    from mtrs_geo.io.stack import StackOptions

    with open_stack([path, path], StackOptions(resolution=resolution)) as stack:
        image = stack.read(stack.grid.window).image
    assert image[0, :, 0].max() < 20
    assert image[0, :, -1].min() > 235


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex_values_are_refused(tmp_path: Path, dtype: str) -> None:
    path = write(tmp_path / "radar.tif", noise().astype(dtype))
    with pytest.raises(RasterError, match=r"band 1 of radar\.tif has complex values.*amplitude"):
        detect_changes(path, path, "x", **CHEAP)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"resolution": 1e-6}, r"128,000,000 × 128,000,000 pixels, more than .* PB of disk"),
        ({"resolution": 1e-320}, "which no program can read"),
        ({"resolution": 1e9}, "larger than the whole raster"),
        ({"simplify_px": 1e300}, "0 to 1000 pixels"),
        ({"min_area_m2": float("inf")}, "0 or more"),
        ({"tile_px": 10**9}, "32 to 8192 pixels"),
        ({"overlap_px": 10**9}, "0 to 4096 pixels"),
        ({"batch_size": 10**9}, "1 to 1024"),
    ],
)
def test_absurd_options_are_refused_before_the_model_is_loaded(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    def load() -> Any:
        pytest.fail("the model was loaded")

    path = write(tmp_path / "a.tif", noise())
    with pytest.raises(MTRSGeoError, match=message):
        detect_changes(path, path, "x", **{**CHEAP, **options, "model": load})


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        ("620000,0,0,3350000,0,-0.5", r"a\.vrt cannot be placed: .* cannot be inverted"),
        ("620000,nan,0,3350000,0,nan", r"a\.vrt cannot be placed"),
        ("620000,inf,0,3350000,0,-inf", r"a\.vrt cannot be placed"),
        ("nan,0.5,0,nan,0,-0.5", r"a\.vrt cannot be placed"),
        ("620000,1e-300,0,3350000,0,-1e-300", r"a\.vrt cannot be placed"),
        ("620000,1e20,0,3350000,0,-1e20", "is not on the Earth"),
        ("620000,1e-9,0,3350000,0,-1e-9", "is not on the Earth"),
        ("1e30,0.5,0,1e30,0,-0.5", "do not overlap"),
        ("620000,0.5,1e9,3350000,0,-0.5", "which no program can read"),
    ],
)
def test_absurd_georeferences_are_refused(tmp_path: Path, transform: str, message: str) -> None:
    path = write(tmp_path / "a.tif", noise()).with_suffix(".vrt")
    path.write_text(vrt(BAND.format(A_TIF.format("")), (256, 256), transform))
    with pytest.raises(MTRSGeoError, match=message):
        detect_changes(path, path, "x", **CHEAP)


def test_a_raster_that_is_larger_than_the_earth_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.tif", noise())
    side, path = 2 * 10**9, tmp_path / "huge.vrt"
    place = f'<DstRect xOff="0" yOff="0" xSize="{side}" ySize="{side}"/>'
    path.write_text(vrt(BAND.format(A_TIF.format(place)), (side, side)))
    with pytest.raises(GridError, match=r"2,000,000,000 × 2,000,000,000 pixels .* GB"):
        detect_changes(path, path, "x", **CHEAP)


def test_coordinates_in_metres_in_a_crs_of_degrees_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", noise(), crs="EPSG:4326")
    with pytest.raises(RasterError, match=r"a\.tif is said to be in WGS 84, in degrees, but"):
        detect_changes(path, path, "x", **CHEAP)


def test_the_disk_that_probabilities_need_is_compared_with_the_free_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyproj import CRS

    grid = Grid(CRS(32614), PLACE, (10_000, 20_000))
    file = ProbabilityFile(tmp_path / "p.tif", 3)
    free = 10**12

    def usage(_: object) -> tuple[int, int, int]:
        return 10**13, 0, free

    class Usage(tuple[int, int, int]):
        free = property(lambda self: self[2])

    monkeypatch.setattr("shutil.disk_usage", lambda folder: Usage(usage(folder)))
    assert check_grid_size(grid, file) is None
    assert check_grid_size(grid, None) is None
    free = 10**9
    assert "20,000 × 10,000 pixels" in (check_grid_size(grid, file) or "")
    free = 10**7
    with pytest.raises(OutputError, match=r"3 bands take 60 MB to 1\.2 GB of disk .* 10 MB free"):
        check_grid_size(grid, file)


def test_a_tile_without_data_after_one_with_data_is_skipped(tmp_path: Path) -> None:
    values = np.tile(noise(), (1, 1, 3))
    values[:, :, 200:] = 0
    path = write(tmp_path / "a.tif", values, nodata=0)
    report = detect_changes(path, path, "x", **CHEAP).report
    assert (report.tiles, report.tiles_skipped) == (4, 2)
