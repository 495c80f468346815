"""Blocks whose codec ends them in zeros are whole; blocks whose end was lost are not."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasterio.shutil import copy as rasterio_copy

from mtrs_geo.errors import RasterError
from mtrs_geo.io.damage.messages import collect_messages
from mtrs_geo.io.stack import open_stack
from tests.io.damage.test_damaged_rasters import picture, stored, write

SIDE = 512
WHOLE = {"blockxsize": SIDE, "blockysize": SIDE}
BLOCK = (0, 0)
ZEROS = bytes(32)


def flat_below(row: int, value: int = 128) -> np.ndarray:
    values = picture(SIDE, SIDE)
    values[:, row:] = value
    return values


def noise_before_zeros() -> np.ndarray:
    """Bytes that cannot be compressed, and a few zeros at the end."""
    values = np.random.default_rng(0).integers(1, 256, (3, 256, 256)).astype(np.uint8)
    values[:, -1, -40:] = 0
    return values


def assert_read(path: Path) -> None:
    with open_stack([path, path]) as stack:
        assert stack.read(stack.grid.window).valid.all()
        assert [text for text in stack.warnings if "damaged" in text] == []
    assert not logging.getLogger("rasterio._err").handlers


def without_end(path: Path, lost: int) -> Path:
    """Return a copy whose first block ends in ``lost`` bytes of zeros more."""
    data, place = bytearray(path.read_bytes()), stored(path, BLOCK)
    stop = place.start + len(bytes(data[place]).rstrip(b"\0"))
    data[stop - lost : stop] = bytes(lost)
    damaged = path.with_name("damaged.tif")
    damaged.write_bytes(data)
    return damaged


def has_zero_end(path: Path) -> bool:
    return path.read_bytes()[stored(path, BLOCK)].endswith(ZEROS)


CASES: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
    "webp": (flat_below(256), {"compress": "webp", **WHOLE}),
    "webp, level 30": (flat_below(80), {"compress": "webp", "webp_level": 30, **WHOLE}),
    "zstd": (noise_before_zeros(), {"compress": "zstd"}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_whole_block_may_end_in_zeros(tmp_path: Path, case: str) -> None:
    values, options = CASES[case]
    path = write(tmp_path / "a.tif", values, **options)
    assert has_zero_end(path)
    assert_read(path)


def test_jpeg_data_may_be_followed_by_zeros(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", picture(), compress="jpeg", photometric="ycbcr")
    data, place = bytearray(path.read_bytes()), stored(path, BLOCK)
    length = place.stop - place.start
    at = data.find(length.to_bytes(4, "little"))
    block = bytes(data[place]) + bytes(100)
    data[at : at + 4] = len(block).to_bytes(4, "little")
    offset = data.find(place.start.to_bytes(4, "little"))
    data[offset : offset + 4] = len(data).to_bytes(4, "little")
    path.write_bytes(bytes(data) + block)
    assert has_zero_end(path)
    assert_read(path)


@pytest.mark.parametrize("lost", [90, 300, 1000])
def test_a_flat_webp_block_without_its_end_is_refused(tmp_path: Path, lost: int) -> None:
    good = write(tmp_path / "good.tif", flat_below(256), **WHOLE, compress="webp")
    bad = without_end(good, lost)
    with (
        pytest.raises(RasterError, match=r"damaged\.tif is damaged: rows \d+ to \d+, columns"),
        open_stack([good, bad]) as stack,
    ):
        stack.read(stack.grid.window)


def test_a_webp_picture_may_end_in_zeros(tmp_path: Path) -> None:
    good = write(tmp_path / "good.tif", flat_below(256))
    path = tmp_path / "a.webp"
    rasterio_copy(good, path, driver="WEBP")
    assert path.read_bytes().endswith(ZEROS)
    assert_read(path)
    path.write_bytes(path.read_bytes()[:-16])
    with pytest.raises(RasterError, match="is damaged"):
        assert_read(path)


def test_a_collection_of_messages_within_another_keeps_its_own() -> None:
    log = logging.getLogger("rasterio._err")
    with collect_messages() as outer:
        with collect_messages() as inner:
            log.warning("first")
        log.warning("second")
    assert inner == ["first"]
    assert outer == ["second"]
