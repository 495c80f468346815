"""Files that are named, stored or described in unusual ways."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.enums import ColorInterp

from mtrs_geo import detect_changes
from mtrs_geo.errors import OutputError, RasterError
from mtrs_geo.io.band_names import bands_by_description
from mtrs_geo.io.paths import distinct_names
from mtrs_geo.io.stack import open_stack

CHEAP: dict[str, Any] = {"model": "brightness", "threshold": 0.25}
UP = Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000)
NOISE = np.random.default_rng(0).integers(70, 90, (3, 128, 128)).astype(np.uint8)
CHANGED = NOISE.copy()
CHANGED[:, 50:70, 50:70] = 220


def write(path: Path, values: np.ndarray, transform: Affine = UP, **extra: Any) -> Path:
    path.parent.mkdir(exist_ok=True)
    count, rows, cols = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", count=count, height=rows, width=cols, dtype=values.dtype,
        crs="EPSG:32614", transform=transform, **extra,
    ) as file:  # fmt: skip
        file.write(values)
    return path


def count(before: Path, after: Path | str) -> int:
    return len(detect_changes(before, after, "x", **CHEAP).polygons)


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return write(tmp_path / "before.tif", NOISE)


@pytest.mark.parametrize("name", ["50%20 a.tif", "a#b?.tif", 'it\'s "q".tif', "[a].tif"])
def test_names_with_special_characters(tmp_path: Path, before: Path, name: str) -> None:
    assert count(before, write(tmp_path / name, CHANGED)) == 1


@pytest.mark.parametrize(
    ("values", "transform"),
    [
        (CHANGED[:, ::-1], Affine(0.5, 0, 620_000, 0, 0.5, 3_349_936)),
        (CHANGED[:, :, ::-1], Affine(-0.5, 0, 620_064, 0, -0.5, 3_350_000)),
        (np.rot90(CHANGED, axes=(1, 2)), Affine(0, -0.5, 620_064, -0.5, 0, 3_350_000)),
    ],
    ids=["south-up", "east-left", "rotated"],
)
def test_rasters_in_other_orientations(
    tmp_path: Path, before: Path, values: np.ndarray, transform: Affine
) -> None:
    after = write(tmp_path / "after.tif", np.ascontiguousarray(values), transform)
    (outline,) = detect_changes(before, after, "x", **CHEAP).polygons.geometry
    assert outline.bounds == pytest.approx((620_025, 3_349_965, 620_035, 3_349_975), abs=0.6)


def test_a_mask_file_and_an_alpha_band_of_two_bytes_are_masks(tmp_path: Path, before: Path) -> None:
    valid = np.full((1, 128, 128), 65535, np.uint16)
    valid[:, 40:80, 40:80] = 0
    masked = write(tmp_path / "masked.tif", CHANGED)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=False), rasterio.open(masked, "r+") as file:
        file.write_mask((valid[0] > 0).astype(np.uint8) * 255)
    assert (tmp_path / "masked.tif.msk").exists()
    assert count(before, masked) == 0
    alpha = write(tmp_path / "alpha.tif", np.concatenate([CHANGED.astype(np.uint16) * 40, valid]))
    with rasterio.open(alpha, "r+") as file:
        file.colorinterp = [*map(ColorInterp, (3, 4, 5)), ColorInterp.alpha]
    with open_stack([alpha, alpha]) as stack:
        assert not stack.read(stack.grid.window).valid[40:80, 40:80].any()


@pytest.mark.parametrize("text", [b"-99\0", b"nan\0", b"300\0", b"N/A\0"])
def test_a_nodata_value_that_no_byte_can_have_masks_nothing(
    tmp_path: Path, before: Path, text: bytes
) -> None:
    after = write(tmp_path / "after.tif", CHANGED, nodata=255)
    data = after.read_bytes()
    assert b"255\0" in data
    after.write_bytes(data.replace(b"255\0", text, 1))
    assert count(before, after) == 1


def test_a_raster_in_an_archive(tmp_path: Path, before: Path) -> None:
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(write(tmp_path / "after.tif", CHANGED), "folder/after.tif")
    assert count(before, f"zip://{archive}!folder/after.tif") == 1
    with pytest.raises(RasterError) as caught:
        count(before, archive)
    assert caught.value.advice == (
        f"Name the raster inside the archive: zip://{archive}!folder/after.tif."
    )


def test_the_advice_for_an_archive_in_the_current_folder_works(
    tmp_path: Path, before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as file:
        file.write(write(tmp_path / "after.tif", CHANGED), "after.tif")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RasterError) as caught:
        count(before, "all.zip")
    named = caught.value.advice.removeprefix("Name the raster inside the archive: ").rstrip(".")
    for name in (named, "zip://all.zip!after.tif", "zip://all.zip!/after.tif"):
        assert count(before, name) == 1
    with pytest.raises(RasterError, match=r"no\.zip!a\.tif cannot be opened") as caught:
        count(before, "zip://no.zip!a.tif")
    assert caught.value.advice == "Check the path, and that `gdalinfo` reads it."


def test_a_link_to_a_virtual_raster_is_read(tmp_path: Path, before: Path) -> None:
    write(tmp_path / "real" / "after.tif", CHANGED)
    bands = "".join(
        f'<VRTRasterBand dataType="Byte" band="{band}"><SimpleSource><SourceFilename '
        f'relativeToVRT="1">after.tif</SourceFilename><SourceBand>{band}</SourceBand>'
        "</SimpleSource></VRTRasterBand>"
        for band in (1, 2, 3)
    )
    (tmp_path / "real" / "after.vrt").write_text(
        '<VRTDataset rasterXSize="128" rasterYSize="128"><SRS>EPSG:32614</SRS>'
        f"<GeoTransform>620000,0.5,0,3350000,0,-0.5</GeoTransform>{bands}</VRTDataset>"
    )
    (tmp_path / "link.vrt").symlink_to("real/after.vrt")
    assert count(before, tmp_path / "link.vrt") == 1


def test_an_output_is_no_hard_link_of_an_input_or_of_another_output(
    tmp_path: Path, before: Path
) -> None:
    after = write(tmp_path / "after.tif", CHANGED)
    os.link(after, tmp_path / "link.tif")
    (tmp_path / "old.gpkg").write_text("old")
    os.link(tmp_path / "old.gpkg", tmp_path / "old.tif")
    for output, probability, problem in (
        ("c.gpkg", "link.tif", "link.tif is also an input of this run"),
        ("old.gpkg", "old.tif", "probability and output are both"),
    ):
        with pytest.raises(OutputError, match=problem):
            detect_changes(
                before, after, "x", output=tmp_path / output, overwrite=True,
                probability=tmp_path / probability, **CHEAP,
            )  # fmt: skip
    assert (tmp_path / "old.tif").read_text() == "old"


def test_rasters_of_one_file_name_are_told_apart(tmp_path: Path) -> None:
    paths = [write(tmp_path / year / "ortho.tif", NOISE) for year in ("2016", "2020")]
    with open_stack(paths) as stack:
        assert [source.name for source in stack.sources] == ["2016/ortho.tif", "2020/ortho.tif"]
        assert stack.dates == (None, None)
    assert distinct_names(["/a/x/o.tif", "/b/x/o.tif", "/c/p.tif", "/a/x/o.tif"]) == [
        "a/x/o.tif", "b/x/o.tif", "p.tif", "a/x/o.tif",
    ]  # fmt: skip
    assert distinct_names(["o.tif", "o.tif"]) == ["o.tif", "o.tif"]
    assert distinct_names(["o.tif", "/b/o.tif"]) == ["o.tif", "b/o.tif"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["B0", "B1", "B2", "B3"], ((3, 2, 1), True)),
        (["0.490", "0.560", "0.665", "0.842"], ((3, 2, 1), False)),
        (["443.9", "496.6", "560", "664.5", "1613.7"], ((4, 3, 2), False)),
        (["Coastal", "Blue", "Green", "Yellow", "Red", "Red Edge", "NIR1", "NIR2"],
         ((5, 3, 2), False)),
        (["coastal_blue", "blue", "green_i", "green", "yellow", "red", "rededge", "nir"],
         ((6, 4, 2), False)),
        (["1", "2", "3", "4"], None),
    ],
)  # fmt: skip
def test_names_of_bands_of_other_products(names: list[str], expected: object) -> None:
    assert bands_by_description(names, "") == expected
