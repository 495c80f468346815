"""Calls in a reader process, and which paths need one."""

from __future__ import annotations

import operator
import threading
import time
from pathlib import Path

import pytest

from mtrs_geo.errors import RasterError
from mtrs_geo.io.remote.network_paths import may_use_network
from mtrs_geo.io.remote.reader_process import ReaderProcess
from mtrs_geo.io.source import open_raster


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
