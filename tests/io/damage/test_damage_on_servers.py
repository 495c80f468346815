"""Rasters on an HTTP server whose blocks lost a part of their bytes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio

from mtrs_geo.errors import RasterError
from mtrs_geo.io.alignment import source_grid
from mtrs_geo.io.damage.read_pixels import ReadPixels
from mtrs_geo.io.damage.stored_blocks import stored_blocks
from mtrs_geo.io.source import describe, open_raster
from mtrs_geo.io.source_reader import SourceReader, inspect_source
from mtrs_geo.io.stack import open_stack
from tests.io.damage.test_damaged_rasters import CODECS, damage, picture, write

pytest.importorskip("RangeHTTPServer", reason='needs "mtrs-geo[test]"')

KINDS = {
    **CODECS,
    "deflate, uint16": {"compress": "deflate", "predictor": 2, "dtype": "uint16"},
    "deflate, float32": {"compress": "deflate", "predictor": 3, "dtype": "float32"},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    script = Path(__file__).parents[1] / "range_server.py"
    log = folder.with_name("requests.log")
    command = [sys.executable, str(script), str(folder)]
    with log.open("w") as output, subprocess.Popen(command, stdout=output) as process:
        try:
            while not log.read_text().endswith("\n"):
                time.sleep(0.05)
            yield f"http://127.0.0.1:{int(log.read_text())}"
        finally:
            process.kill()


def read_all(path: str) -> tuple[str, ...]:
    """Read a raster as the reader process does; return the warnings about damage."""
    with open_raster(path) as dataset:
        source = describe(dataset, None)
        grid = source_grid(source)
        opened = inspect_source(dataset, source, grid)
    reader = SourceReader(opened, grid)
    try:
        reader.read(grid.window, grid.shape)
    finally:
        reader.close()
    return opened.checks.warnings


@pytest.mark.parametrize("kind", KINDS)
def test_a_block_without_its_end_is_refused(folder: Path, address: str, kind: str) -> None:
    # Not all sizes are multiples of a block's.
    values = picture()[:, :700, :700].astype(KINDS[kind].get("dtype", "uint8"))
    name = kind.replace(", ", "-")
    good = write(folder / f"{name}.tif", values, **KINDS[kind])
    assert read_all(f"{address}/{good.name}") == ()
    bad = damage(good, "zeroed").rename(folder / f"{name}-bad.tif")
    with pytest.raises(RasterError, match=rf"{bad.name} is damaged: rows \d+") as caught:
        read_all(f"{address}/{bad.name}")
    assert caught.value.advice == (
        "Run it again, as the server may have cut an answer; if it fails again, copy the file to "
        "the server again."
    )


def test_the_reader_process_refuses_it_too(folder: Path, address: str) -> None:
    good = write(folder / "good.tif", picture(), compress="webp")
    bad = damage(good, "zeroed")
    with (
        open_stack([good, f"{address}/{bad.name}"]) as stack,
        pytest.raises(RasterError, match=r"damaged\.tif is damaged: rows 256 to 512"),
    ):
        stack.read(stack.grid.window)


@pytest.mark.parametrize("predictor", [1, 2, 3])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
@pytest.mark.parametrize("interleave", ["pixel", "band"])
def test_checksums_are_compared_without_inflating_a_block_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dtype: str, predictor: int, interleave: str
) -> None:
    if predictor == 3 and dtype != "float32":
        pytest.skip("predictor 3 is for floating-point numbers")
    values = picture(512, 512).astype(dtype)
    options = {"compress": "deflate", "predictor": predictor, "interleave": interleave}
    path = write(tmp_path / "a.tif", values * np.array(1.5).astype(dtype), **options)

    def refuse() -> None:
        raise AssertionError

    monkeypatch.setattr("zlib.decompressobj", refuse)
    with rasterio.open(path) as dataset:
        source = describe(dataset, (1, 2, 3))
        blocks = stored_blocks(dataset, source)
        assert blocks
        blocks.check_read(ReadPixels(dataset), source_grid(source).window)
