"""Calls in a reader process, and which paths need one."""

from __future__ import annotations

import operator
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from mtrs_geo.errors import RasterError
from mtrs_geo.io.remote.network_paths import may_use_network
from mtrs_geo.io.remote.progress import progress_to
from mtrs_geo.io.remote.reader_process import ReaderProcess
from mtrs_geo.io.source import open_raster
from mtrs_geo.io.stack import open_stack


def test_calls_results_and_errors(tmp_path: Path) -> None:
    with ReaderProcess() as process:
        assert process.call(operator.add, 1, 2) == 3
        with pytest.raises(ZeroDivisionError):
            process.call(operator.truediv, 1, 0)
        with pytest.raises(RasterError, match=r"none\.tif cannot be opened") as caught:
            process.call(open_raster, str(tmp_path / "none.tif"))
        assert "gdalinfo" in caught.value.advice


def test_a_call_that_waits_ends_with_the_process() -> None:
    process = ReaderProcess()
    process.call(operator.add, 1, 2)
    threading.Timer(0.5, process.kill).start()
    began = time.monotonic()
    with pytest.raises(RasterError, match="has ended"):
        process.call(time.sleep, 60)
    assert time.monotonic() - began < 5
    with pytest.raises(RasterError, match="has ended"):
        process.call(operator.add, 1, 2)


def test_a_call_has_a_limit() -> None:
    with (
        ReaderProcess(limit_s=2.0) as process,
        pytest.raises(RasterError, match="within 2 seconds"),
    ):
        process.call(time.sleep, 60)


def test_the_limit_counts_from_the_latest_progress() -> None:
    slow = "import time\nfrom mtrs_geo.io.remote.progress import tell_progress\n"
    with ReaderProcess(limit_s=2.0) as process:
        process.call(operator.add, 1, 2)  # it runs
        process.call(exec, f"{slow}for _ in range(8): time.sleep(0.5); tell_progress()")
        with pytest.raises(RasterError, match="within 2 seconds"):
            process.call(exec, f"{slow}tell_progress(); time.sleep(60)")


def test_each_date_that_is_opened_or_read_is_progress(tmp_path: Path) -> None:
    transform = Affine(0.5, 0, 400_000, 0, -0.5, 5_800_000)
    paths = [str(tmp_path / f"{year}.tif") for year in range(2010, 2014)]
    for path in paths:
        with rasterio.open(
            path, "w", driver="GTiff", count=3, height=64, width=64, dtype="uint8",
            crs="EPSG:32633", transform=transform,
        ) as file:  # fmt: skip
            file.write(np.full((3, 64, 64), 100, np.uint8))
    told: list[str] = []
    with progress_to(lambda: told.append("opened")):
        stack = open_stack(paths)
    assert len(told) >= 4
    told.clear()
    with stack, progress_to(lambda: told.append("read")):
        stack.read(stack.grid.window)
    assert len(told) >= 4


def test_paths_that_may_use_the_network(tmp_path: Path) -> None:
    for path in ("http://a/b.tif", "s3://a/b.tif", "/vsicurl/http://a", "/vsizip/vsicurl/http://a",
                 "/vsicurl?url=http", "WMS:http://a", "PG:host=a", "<VRTDataset>"):  # fmt: skip
        assert may_use_network(path), path
    for path in ("a.tif", "/vsizip/a.zip/b.tif", 'NETCDF:"a.nc":b', "/vsimem/a.tif"):
        assert not may_use_network(path), path
    for number, (text, expected) in enumerate((
        ("<VRTDataset><SourceFilename>/vsicurl/http://a</SourceFilename></VRTDataset>", True),
        ('\n{"href": "https://a/b.tif"}', True),
        ("<VRTDataset><SourceFilename>inner.vrt</SourceFilename></VRTDataset>", True),
        ("<VRTDataset><SourceFilename>a.tif</SourceFilename></VRTDataset>", False),
        ("II*\0 http://a", False),
    )):  # fmt: skip
        path = tmp_path / f"{number}.vrt"
        path.write_text(text)
        assert may_use_network(path) is expected, text
