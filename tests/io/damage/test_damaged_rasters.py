"""Rasters whose blocks lost a part of their bytes, and rasters that only look like it."""

from __future__ import annotations

import logging
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.shutil import copy as rasterio_copy

from mtrs_geo import detect_changes
from mtrs_geo.errors import RasterError
from mtrs_geo.grid import Window
from mtrs_geo.io.damage.messages import collect_messages, is_damage, reason_of
from mtrs_geo.io.stack import StackOptions, open_stack

CHEAP: dict[str, Any] = {"model": "brightness", "threshold": 0.25}
BLOCK = (1, 1)
"""(row, column) of the block that is damaged."""
CODECS: dict[str, dict[str, Any]] = {
    "deflate": {"compress": "deflate"},
    "deflate, predictor": {"compress": "deflate", "predictor": 2},
    "deflate, bands": {"compress": "deflate", "interleave": "band"},
    "lzw": {"compress": "lzw"},
    "jpeg": {"compress": "jpeg", "photometric": "ycbcr"},
    "webp": {"compress": "webp"},
    "zstd": {"compress": "zstd"},
}


def picture(rows: int = 768, cols: int = 768) -> np.ndarray:
    """Return smooth noise, (3, rows, cols), which every codec compresses."""
    values = np.random.default_rng(0).normal(size=(3, rows // 8, cols // 8)).cumsum(2) * 9
    return (values.repeat(8, 1).repeat(8, 2) % 200 + 20).astype(np.uint8)


def write(path: Path, values: np.ndarray, **extra: Any) -> Path:
    count, rows, cols = values.shape
    profile = {
        "driver": "GTiff", "count": count, "height": rows, "width": cols, "dtype": values.dtype,
        "crs": "EPSG:32614", "transform": Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000),
        "tiled": True, "blockxsize": 256, "blockysize": 256, "interleave": "pixel", **extra,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(values)
    return path


def stored(path: Path, block: tuple[int, int] = BLOCK) -> slice:
    """Return where the bytes of a block are in a file."""
    row, col = block
    with rasterio.open(path) as file:
        offset, length = (
            int(file.get_tag_item(f"BLOCK_{what}_{col}_{row}", "TIFF", bidx=1))
            for what in ("OFFSET", "SIZE")
        )
    return slice(offset, offset + length)


def damage(path: Path, kind: str) -> Path:
    """Damage one block of a file: its end is zeroed, cut, or one byte differs."""
    data, place = bytearray(path.read_bytes()), stored(path)
    middle = (place.start + place.stop) // 2
    if kind == "zeroed":
        data[middle : place.stop] = bytes(place.stop - middle)
    elif kind == "cut":
        del data[middle:]
    else:
        data[middle] ^= 0x10
    damaged = path.with_name("damaged.tif")
    damaged.write_bytes(data)
    return damaged


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("kind", ["zeroed", "cut"])
def test_a_block_without_its_end_is_refused_with_its_place(
    tmp_path: Path, codec: str, kind: str
) -> None:
    good = write(tmp_path / "good.tif", picture(), **CODECS[codec])
    with open_stack([good, good]) as stack:
        assert stack.read(stack.grid.window).valid.all()
        assert [text for text in stack.warnings if "damaged" in text] == []
    bad = damage(good, kind)
    for pair, options in (((good, bad), {}), ((bad, good), {}), ((good, bad), {"resolution": 0.6})):
        with pytest.raises(RasterError, match=r"damaged\.tif is damaged: rows \d+ to \d+, columns"):
            detect_changes(*pair, "x", output=tmp_path / "c.gpkg", **options, **CHEAP)
    assert not (tmp_path / "c.gpkg").exists()


def test_a_damaged_block_outside_the_shared_extent_does_no_harm(tmp_path: Path) -> None:
    good = write(tmp_path / "good.tif", picture(), compress="deflate")
    corner = write(tmp_path / "corner.tif", picture()[:, :200, :200])
    assert detect_changes(corner, damage(good, "zeroed"), "x", **CHEAP).report.polygons == {"x": 0}


@pytest.mark.parametrize("codec", ["deflate", "deflate, predictor", "deflate, bands"])
def test_the_checksum_of_a_deflated_block_is_compared(tmp_path: Path, codec: str) -> None:
    good = write(tmp_path / "good.tif", picture(), **CODECS[codec])
    bad = damage(good, "flipped")
    with pytest.raises(RasterError, match=r"damaged\.tif is damaged: rows"):
        detect_changes(good, bad, "x", **CHEAP)


def test_what_libjpeg_reports_during_a_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks on a server are not checked by their bytes: only the decoder can tell."""
    monkeypatch.setattr("mtrs_geo.io.damage.checked_reads.stored_blocks", lambda *_: None)
    good = write(tmp_path / "good.tif", picture(), **CODECS["jpeg"])
    bad = damage(good, "zeroed")
    for options in ({}, {"resolution": 0.6}):
        with pytest.raises(
            RasterError, match=r"damaged\.tif is damaged: .* columns .*Premature end of JPEG"
        ):
            detect_changes(good, bad, "x", **options, **CHEAP)
    assert not logging.getLogger("rasterio._err").handlers


def test_messages_belong_to_the_thread_that_reads(tmp_path: Path) -> None:
    good = write(tmp_path / "good.tif", picture(), **CODECS["jpeg"])
    bad = damage(good, "zeroed")
    found: dict[str, list[str]] = {}
    both = threading.Barrier(2)

    def read(path: Path) -> None:
        with rasterio.open(path) as file:
            both.wait()
            with collect_messages() as messages:
                file.read()
            both.wait()
        found[path.name] = messages

    threads = [threading.Thread(target=read, args=[path]) for path in (good, bad)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found["good.tif"] == []
    assert len(found["damaged.tif"]) == 1
    assert is_damage(found["damaged.tif"][0])


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("JPEGLib:Premature end of JPEG file", True),
        ("Corrupt JPEG data: 12 extraneous bytes before marker 0xd9", True),
        ("PackBitsDecode:Discarding 23 bytes to avoid buffer overrun", True),
        ("ZIPDecode:Decoding error at scanline 0", True),
        ("TIFFReadDirectory:Unknown field with tag 42112", False),
        ("HTTP error code: 503 - retrying again in 1 s", False),
    ],
)
def test_messages_about_lost_pixels_are_known(message: str, expected: bool) -> None:
    assert is_damage(message) is expected


def test_the_first_cause_of_an_error_is_its_reason() -> None:
    error = ValueError("Read failed. See previous exception for details.")
    error.__cause__ = OSError("https://host/a.tif?signature=secret: no such tile")
    assert reason_of(error) == "https://host/a.tif: no such tile"


@pytest.mark.parametrize("resolution", [None, 0.6])
@pytest.mark.parametrize(("value", "is_whole"), [(0, False), (128, False), (0, True)])
def test_a_block_that_ends_in_one_value_is_suspect(
    tmp_path: Path, value: int, is_whole: bool, resolution: float | None
) -> None:
    values = picture()
    before = write(tmp_path / "before.tif", values)
    values[:, 256 if is_whole else 400 : 512, 256:512] = value
    after = write(tmp_path / "after.tif", values)
    (warning,) = detect_changes(before, after, "x", resolution=resolution, **CHEAP).report.warnings
    rows = 256 if is_whole else 112
    assert "after.tif seems to be damaged" in warning
    assert "rows 256 to 512, columns 256 to 512" in warning
    assert f"end in {rows} rows of {value}" in warning
    assert "bounds 620128, 3349744, 620256, 3349872" in warning


def black(values: np.ndarray, kind: str) -> np.ndarray:
    """Return a picture with black pixels that are no damage."""
    rows, cols = np.indices(values.shape[1:])
    masks = {
        "collar": (rows < 256) | (cols < 300),
        "rotated collar": rows + cols / 3 > 700,
        "lake across blocks": (rows > 200) & (rows < 600) & (cols > 200) & (cols < 600),
        "lake in a block": (rows > 300) & (rows < 400) & (cols > 300) & (cols < 400),
        "lake over the end of a block": (rows > 300) & (rows < 600) & (cols > 256) & (cols < 512),
        "lower half": rows >= 512,
    }
    values[:, masks[kind]] = 0
    return values


@pytest.mark.parametrize(
    "kind",
    ["collar", "rotated collar", "lake across blocks", "lake in a block",
     "lake over the end of a block", "lower half"],
)  # fmt: skip
@pytest.mark.parametrize("tiled", [True, False])
def test_black_borders_and_water_are_not_damage(tmp_path: Path, kind: str, tiled: bool) -> None:
    layout = {"tiled": True} if tiled else {"tiled": False, "blockxsize": None, "blockysize": 16}
    raster = write(tmp_path / "a.tif", black(picture(), kind), compress="deflate", **layout)
    with open_stack([raster, raster], StackOptions()) as stack:
        for row in range(0, 768, 256):
            for col in range(0, 768, 256):
                stack.read(Window(row, col, 256, 256))
        assert not [text for text in stack.warnings if "damaged" in text]


def test_missing_pixels_with_a_nodata_value_are_not_damage(tmp_path: Path) -> None:
    values = picture()
    values[:, 256:512, 256:512] = 0
    raster = write(tmp_path / "a.tif", values, nodata=0, sparse_ok=True, compress="deflate")
    with open_stack([raster, raster]) as stack:
        assert not stack.read(Window(256, 256, 256, 256)).valid.any()
        assert not [text for text in stack.warnings if "damaged" in text]


@pytest.mark.parametrize(
    ("driver", "suffix"),
    [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp"), ("JP2OpenJPEG", "jp2")],
)
def test_pictures_without_their_end_are_refused(tmp_path: Path, driver: str, suffix: str) -> None:
    good = write(tmp_path / "good.tif", picture())
    path = tmp_path / f"bad.{suffix}"
    options = {"WORLDFILE": "YES"} if driver in ("PNG", "JPEG") else {}
    rasterio_copy(good, path, driver=driver, **options)
    assert detect_changes(good, path, "x", **CHEAP)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))
    with pytest.raises(RasterError, match="is damaged"):
        detect_changes(good, path, "x", **CHEAP)
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize(
    "function",
    [
        "<PixelFunctionType>no_such</PixelFunctionType>",
        "<PixelFunctionType>f</PixelFunctionType><PixelFunctionLanguage>Python"
        "</PixelFunctionLanguage><PixelFunctionCode>def f(*_): pass</PixelFunctionCode>",
    ],
)
@pytest.mark.parametrize("dtype", ["Byte", "UInt16"])
def test_a_pixel_function_that_does_not_work_is_no_damage(
    tmp_path: Path, function: str, dtype: str
) -> None:
    plain = write(tmp_path / "plain.tif", picture(256, 256))
    path = tmp_path / "derived.vrt"
    path.write_text(
        '<VRTDataset rasterXSize="256" rasterYSize="256"><SRS>EPSG:32614</SRS>'
        "<GeoTransform>620000,0.5,0,3350000,0,-0.5</GeoTransform>"
        f'<VRTRasterBand dataType="{dtype}" band="1" subClass="VRTDerivedRasterBand">{function}'
        f"<SimpleSource><SourceFilename>{plain}</SourceFilename></SimpleSource></VRTRasterBand>"
        "</VRTDataset>"
    )
    with pytest.raises(RasterError, match=r"derived\.vrt cannot be computed") as caught:
        detect_changes(plain, path, "x", **CHEAP)
    assert "Write its pixels to a GeoTIFF" in caught.value.advice
