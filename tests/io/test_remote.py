"""Rasters on a local HTTP server with range requests."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import pytest
from command_server import run_command
from rasterio.shutil import copy as rasterio_copy

from mtrs_geo import detect_changes
from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.errors import RasterError

pytest.importorskip("RangeHTTPServer", reason='needs "mtrs-geo[test]"')

FAST: dict[str, Any] = {"model": "brightness", "threshold": 0.25}


@dataclass
class Server:
    folder: Path
    log: Path
    port: int

    def requests(self) -> list[list[str]]:
        """Return status, method, path, range and kind of authorization of each request."""
        return [line.split() for line in self.log.read_text().splitlines()[1:]]


@pytest.fixture(scope="module")
def server(pair_paths: PairPaths, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    for name in ("before", "after"):
        rasterio_copy(getattr(pair_paths, name), folder / f"{name}.tif", driver="COG")
        for bucket in ("bucket", "busy"):
            (folder / bucket).mkdir(exist_ok=True)
            shutil.copy(folder / f"{name}.tif", folder / bucket)
    (folder / "page.html").write_text("<p>no raster</p>")
    log = folder.with_name("requests.log")
    # A separate process, because rasterio holds the GIL while GDAL waits for a response.
    command = [sys.executable, str(Path(__file__).with_name("range_server.py")), str(folder)]
    with log.open("w") as output, subprocess.Popen(command, stdout=output) as process:
        try:
            while not log.read_text().endswith("\n"):
                assert process.poll() is None
                time.sleep(0.05)
            yield Server(folder, log, int(log.read_text()))
        finally:
            process.kill()


def detect(before: str | Path, after: str | Path) -> geopandas.GeoDataFrame:
    return detect_changes(before, after, "new buildings", **FAST).polygons


def test_http_rasters_give_the_same_polygons(server: Server, pair_paths: PairPaths) -> None:
    urls = [f"http://127.0.0.1:{server.port}/{name}.tif" for name in ("before", "after")]
    polygons = detect(urls[0], urls[1])
    assert len(polygons)
    assert polygons.equals(detect(pair_paths.before, pair_paths.after))
    gets = [r for r in server.requests() if r[1] == "GET" and r[2] == "/before.tif"]
    assert gets
    assert all(r[0] == "206" and r[3].startswith("bytes=") for r in gets), "the whole file was read"


def test_s3_rasters_give_the_same_polygons(
    server: Server, pair_paths: PairPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_S3_ENDPOINT": f"127.0.0.1:{server.port}", "AWS_HTTPS": "NO",
        "AWS_VIRTUAL_HOSTING": "FALSE", "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    polygons = detect("s3://bucket/before.tif", "s3://bucket/after.tif")
    assert polygons.equals(detect(pair_paths.before, pair_paths.after))
    gets = [r for r in server.requests() if r[2] == "/bucket/before.tif"]
    assert {r[4] for r in gets} == {"AWS4-HMAC-SHA256"}
    with pytest.raises(RasterError, match=r"s3://bucket/none\.tif cannot be opened.*AWS_ACCESS"):
        detect("s3://bucket/none.tif", pair_paths.after)


def test_requests_to_a_busy_server_are_repeated(server: Server, pair_paths: PairPaths) -> None:
    polygons = detect(f"http://127.0.0.1:{server.port}/busy/before.tif", pair_paths.after)
    assert polygons.equals(detect(pair_paths.before, pair_paths.after))
    assert "503" in {r[0] for r in server.requests() if r[2] == "/busy/before.tif"}


def test_remote_rasters_that_cannot_be_opened(server: Server, pair_paths: PairPaths) -> None:
    root = f"http://127.0.0.1:{server.port}"
    for url, reason in (
        (f"{root}/none.tif?signature=secret", r"none\.tif cannot be opened.*404"),
        (f"{root}/page.html?signature=secret", r"page\.html cannot be opened.*not recognized"),
        ("http://127.0.0.1:9/a.tif?signature=secret", r":9/a\.tif cannot be opened.*connect"),
        ("http://nowhere.invalid/a.tif?signature=secret", r"cannot be opened.*resolve host"),
    ):
        with pytest.raises(RasterError, match=reason + r".*Check the address") as caught:
            detect(url, pair_paths.after)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["before.tif", "none.tif"])
def test_passwords_and_signatures_are_written_nowhere(
    server: Server, pair_paths: PairPaths, tmp_path: Path, name: str
) -> None:
    host = f"127.0.0.1:{server.port}"
    for url in (
        f"http://user:S3CR3T@{host}/{name}?X-Amz-Signature=S3CR3T",
        f"/vsicurl?header.Authorization=Bearer%20S3CR3T&url=http%3A%2F%2F{host}%2F{name}",
    ):
        output = tmp_path / "c.gpkg"
        options = "--raw", "--model", "brightness", "-o", output, "--overwrite", "--json"
        done = run_command("detect", url, pair_paths.after, "x", *options)
        assert (done.returncode == 0) == (name == "before.tif"), done.stderr
        assert name in done.stdout + done.stderr
        assert "S3CR3T" not in done.stdout + done.stderr
        assert not output.exists() or b"S3CR3T" not in output.read_bytes()
