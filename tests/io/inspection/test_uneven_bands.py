"""Rasters whose bands differ in their type or their nodata value, as a VRT of single bands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from affine import Affine

from mtrs_geo.io.stack import StackOptions, open_stack

PLACE = Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000)
IMAGE = np.random.default_rng(0).integers(1, 250, (3, 64, 64), np.uint8)


def write(path: Path, values: np.ndarray) -> Path:
    count, rows, cols = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", count=count, height=rows, width=cols, dtype=values.dtype,
        crs="EPSG:32614", transform=PLACE,
    ) as file:  # fmt: skip
        file.write(values)
    return path


def joined(folder: Path, bands: list[np.ndarray], nodata: tuple[int, ...] = ()) -> Path:
    """A VRT of one GeoTIFF per band."""
    types = {"uint8": "Byte", "uint16": "UInt16", "int16": "Int16", "float32": "Float32"}
    text = ""
    for i, band in enumerate(bands):
        path = write(folder / f"{i}.tif", band[None])
        value = f"<NoDataValue>{nodata[i]}</NoDataValue>" if nodata else ""
        text += (
            f'<VRTRasterBand dataType="{types[band.dtype.name]}" band="{i + 1}">{value}'
            f"<SimpleSource><SourceFilename>{path}</SourceFilename></SimpleSource></VRTRasterBand>"
        )
    path = folder / "joined.vrt"
    path.write_text(
        '<VRTDataset rasterXSize="64" rasterYSize="64"><SRS>EPSG:32614</SRS>'
        f"<GeoTransform>620000,0.5,0,3350000,0,-0.5</GeoTransform>{text}</VRTDataset>"
    )
    return path


@pytest.mark.parametrize("resolution", [None, 0.7])
def test_bands_of_different_types_are_read_as_one_type(
    tmp_path: Path, resolution: float | None
) -> None:
    options = StackOptions(resolution=resolution)
    wide = [band.astype(kind) for band, kind in zip(IMAGE, ("u1", "u2", "f4"), strict=True)]
    plain = write(tmp_path / "plain.tif", IMAGE.astype(np.float32))
    with open_stack([plain, joined(tmp_path, wide)], options) as stack:
        window = stack.read(stack.grid.window)
    assert window.is_all_valid or resolution
    np.testing.assert_array_equal(window.image[1], window.image[0])


def test_the_type_is_that_of_the_bands_that_are_read(tmp_path: Path) -> None:
    bands = [np.ones((64, 64), np.uint8), *(IMAGE.astype(np.uint16) * 40)]
    plain = write(tmp_path / "plain.tif", IMAGE.astype(np.uint16) * 40)
    options = StackOptions(bands=[(1, 2, 3), (2, 3, 4)], resolution=0.7)
    with open_stack([plain, joined(tmp_path, bands)], options) as stack:
        image = stack.read(stack.grid.window).image
    np.testing.assert_array_equal(image[1], image[0])


@pytest.mark.parametrize("resolution", [None, 0.7])
def test_each_band_has_its_nodata_value(tmp_path: Path, resolution: float | None) -> None:
    nodata = (-100, -200, -300)
    image = IMAGE.astype(np.int16)
    image[:, 20:40] = np.array(nodata)[:, None, None]
    plain = write(tmp_path / "plain.tif", IMAGE)
    paths = [plain, joined(tmp_path, list(image), nodata)]
    with open_stack(paths, StackOptions(resolution=resolution)) as stack:
        window = stack.read(stack.grid.window)
    rows = slice(21, 39) if resolution is None else slice(15, 28)
    assert not window.valid[rows].any()
    assert window.valid[: rows.start - 2, :-1].all()
    assert np.median(window.image[1, :, window.valid]) == pytest.approx(128, abs=8)


@pytest.mark.parametrize("resolution", [None, 0.7])
@pytest.mark.parametrize("nodata", [0, 75, 255])
def test_a_nodata_value_of_one_band_leaves_other_pixels_unchanged(
    tmp_path: Path, nodata: int, resolution: float | None
) -> None:
    image = IMAGE.copy()
    image[0][image[0] == nodata] += 1
    image[0, 20:40, 20:40] = nodata
    plain, tagged = (write(tmp_path / f"{name}.tif", image) for name in ("plain", "tagged"))
    (tmp_path / "tagged.tif.aux.xml").write_text(
        f'<PAMDataset><PAMRasterBand band="1"><NoDataValue>{nodata}</NoDataValue></PAMRasterBand>'
        "</PAMDataset>"
    )
    with open_stack([plain, tagged], StackOptions(resolution=resolution)) as stack:
        pixels = stack.read(stack.grid.window)
        warnings = stack.warnings
        small = stack.thumbnail(stack.grid.window, 16).valid
    expected = f"only some bands of tagged.tif have a nodata value: band 1 ({nodata})"
    assert any(expected in warning for warning in warnings)
    inside, outside = (slice(21, 39), 18) if resolution is None else (slice(15, 28), 12)
    assert not pixels.valid[inside, inside].any()
    assert pixels.valid[:outside, :-1].all()
    assert 0.05 < 1 - small.mean() < 0.15
    same = pixels.valid.copy()
    if resolution is not None:  # no mean of pixels with and without data
        same[outside : inside.stop + 2] = False
    np.testing.assert_array_equal(pixels.image[1][:, same], pixels.image[0][:, same])


def test_bands_of_one_nodata_value_and_several_types_keep_it(tmp_path: Path) -> None:
    wide = [band.astype(kind) for band, kind in zip(IMAGE, ("u1", "u2", "i2"), strict=True)]
    for band in wide:
        band[20:40] = 0
    wide[0][50] = 0
    with open_stack([write(tmp_path / "plain.tif", IMAGE), joined(tmp_path, wide, (0,) * 3)]) as s:
        valid = s.read(s.grid.window).valid
    assert not valid[20:40].any()
    assert valid.sum() == valid.size - valid[20:40].size


def test_alpha_is_the_mask_beside_nodata_values_that_differ(tmp_path: Path) -> None:
    alpha = np.full((1, 64, 64), 255, np.uint8)
    alpha[:, 50:] = 0
    image = IMAGE.copy()
    image[0, 20:40] = 250
    path = tmp_path / "a.tif"
    with rasterio.open(
        path, "w", driver="GTiff", count=4, height=64, width=64, dtype="uint8",
        crs="EPSG:32614", transform=PLACE, photometric="rgb", alpha="yes",
    ) as file:  # fmt: skip
        file.write(np.concatenate([image, alpha]))
    (tmp_path / "a.tif.aux.xml").write_text(
        '<PAMDataset><PAMRasterBand band="1"><NoDataValue>250</NoDataValue></PAMRasterBand>'
        "</PAMDataset>"
    )
    plain = write(tmp_path / "plain.tif", IMAGE)
    for resolution, invalid in ((None, (slice(20, 40), slice(50, 64))),
                                (0.7, (slice(15, 28), slice(37, 45)))):  # fmt: skip
        with open_stack([plain, path], StackOptions(resolution=resolution)) as stack:
            valid = stack.read(stack.grid.window).valid
        for rows in invalid:
            assert not valid[rows].any()
        assert valid[:13].all()


def test_a_palette_or_few_bits_of_a_band_that_is_not_read_change_nothing(tmp_path: Path) -> None:
    classes = write(tmp_path / "classes.tif", IMAGE[:1] // 64)
    with rasterio.open(classes, "r+") as file:
        file.write_colormap(1, {i: (60 * i, 250 - 60 * i, 9, 255) for i in range(4)})
    few = tmp_path / "few.tif"
    rasterio.shutil.copy(write(tmp_path / "two.tif", IMAGE[:1] % 2), few, driver="GTiff", NBITS=1)
    plain = write(tmp_path / "plain.tif", IMAGE)
    for kind, first in (("palette", classes), ("bits", few)):
        path = tmp_path / f"{kind}.vrt"
        with rasterio.open(first) as file:
            rasterio.shutil.copy(file, path, driver="VRT")
        bands = "".join(
            f'<VRTRasterBand dataType="Byte" band="{i + 1}"><ColorInterp>{colour}</ColorInterp>'
            f"<SimpleSource><SourceFilename>{plain}</SourceFilename><SourceBand>{i}</SourceBand>"
            "</SimpleSource></VRTRasterBand>"
            for i, colour in enumerate(("Red", "Green", "Blue"), 1)
        )
        path.write_text(path.read_text().replace("</VRTDataset>", f"{bands}</VRTDataset>"))
        with open_stack([path, [path]]) as stack:
            assert stack.sources[0].bands == (2, 3, 4)
            image = stack.read(stack.grid.window).image
        np.testing.assert_array_equal(image, [IMAGE, IMAGE])
