"""Runs on a real Ray cluster with two workers on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
from affine import Affine

from mtrs_geo import ChangeResult, detect_changes_stack, run_batch
from mtrs_geo.errors import ClusterError, OutputError
from mtrs_geo.io.remote.upload import Upload
from mtrs_geo.progress import Silent

pytest.importorskip("ray", reason='needs "mtrs-geo[cluster]"')
pytest.importorskip("moto", reason='needs "mtrs-geo[test]"')

HERE = Path(__file__).parent
QUERIES = ["new squares", "all changes other than roads"]
BAND, PAIRS = 7, 2
OPTIONS: dict[str, Any] = {"model": "brightness", "tile_px": 64, "overlap_px": 8}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A local S3 server."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture(scope="module")
def environment(endpoint: str) -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_S3_ENDPOINT": endpoint, "AWS_HTTPS": "NO", "AWS_VIRTUAL_HOSTING": "FALSE",
            "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s",
            "RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0",
        }.items():  # fmt: skip
            patch.setenv(name, value)
        patch.syspath_prepend(str(HERE))
        yield patch


@pytest.fixture(scope="module")
def heads(environment: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    found: list[Any] = []
    yield found
    for head in found:
        head.kill()


@pytest.fixture
def head(heads: list[Any]) -> Any:
    from ray_head import RayHead

    if not heads or not heads[-1].is_alive:
        heads.append(RayHead({"PYTHONPATH": str(HERE)}))
    return heads[-1]


@pytest.fixture(scope="module")
def rasters(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three dates with squares, one strip over all bands, and a nodata corner; 7 × 7 tiles."""
    folder = tmp_path_factory.mktemp("rasters")
    random = np.random.default_rng(0)
    image = random.integers(70, 90, (3, 400, 380)).astype(np.uint8)
    image[:, :90, :150] = 0
    paths = []
    for year in (2016, 2018, 2020):
        paths.append(folder / f"place_{year}.tif")
        with rasterio.open(
            paths[-1], "w", driver="GTiff", count=3, height=400, width=380, dtype="uint8",
            crs="EPSG:32633", nodata=0, transform=Affine(0.5, 0, 400_000, 0, -0.5, 5_000_000),
        ) as file:  # fmt: skip
            file.write(image)
        for _ in range(12):
            row, col = random.integers(0, 330, 2)
            side = random.integers(5, 50)
            image[:, row : row + side, col : col + side] = random.integers(150, 255)
        image[:, :, 300:306] = 250
    return paths


@pytest.fixture(scope="module")
def local(rasters: list[Path], tmp_path_factory: pytest.TempPathFactory) -> ChangeResult:
    """The run on this machine."""
    return run(rasters, tmp_path_factory.mktemp("local"))


def run(rasters: list[Path], folder: Path, **options: Any) -> ChangeResult:
    return detect_changes_stack(
        rasters, QUERIES, output=folder / "c.gpkg", probability=folder / "p.tif",
        **{**OPTIONS, **options},
    )  # fmt: skip


def assert_same(folder: Path, local: ChangeResult) -> None:
    assert local.probability is not None
    assert (folder / "p.tif").read_bytes() == local.probability.read_bytes()
    found = geopandas.read_file(folder / "c.gpkg", layer="changes")
    assert found.equals(geopandas.read_file(local.output, layer="changes"))
    assert sorted(path.name for path in folder.iterdir()) == ["c.gpkg", "p.tif"]


def assert_no_worker(head: Any) -> None:
    deadline = time.monotonic() + 20
    while head.workers():
        assert time.monotonic() < deadline, "workers live on"
        time.sleep(0.1)


class StopError(Exception):
    """Ends a run."""


class Messages(Silent):
    """Keeps the messages, and calls a function when tiles are done."""

    def __init__(self, tiles: int, function: Callable[[], None]) -> None:
        self.tiles, self.function, self.done = tiles, function, 0
        self.messages: list[str] = []

    def advance(self, steps: int = 1) -> None:
        before, self.done = self.done, self.done + steps
        if before < self.tiles <= self.done:
            self.function()

    def log(self, message: str) -> None:
        self.messages.append(message)


def test_a_worker_that_is_killed_costs_its_band(
    rasters: list[Path], local: ChangeResult, head: Any, tmp_path: Path
) -> None:
    from slow_model import SlowSegmenter

    model = SlowSegmenter(tmp_path.with_suffix(".log"), 0.02)
    progress = Messages(1, lambda: os.kill(head.workers()[0], signal.SIGKILL))
    result = run(rasters, tmp_path, cluster=head.address, progress=progress, model=model)
    assert_same(tmp_path, local)
    assert any("was lost; its tiles are computed again" in text for text in progress.messages)
    tiles = result.report.tiles - result.report.tiles_skipped
    assert tiles * PAIRS <= model.count() <= (tiles + BAND) * PAIRS
    assert result.report.tiles_skipped == local.report.tiles_skipped > 0
    assert_no_worker(head)


def command(rasters: list[str], folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "mtrs_geo.cli", "stack", *rasters, "-o", str(folder / "c.gpkg"),
            "--probability", str(folder / "p.tif"), "--json", "--model", "brightness",
            "--tile-px", "64", "--overlap-px", "8", *options,
            *(f"--query={query}" for query in QUERIES)]  # fmt: skip


def test_a_run_moves_between_this_machine_and_a_cluster(
    rasters: list[Path], local: ChangeResult, head: Any, tmp_path: Path
) -> None:
    """An exception ends the run here, and SIGTERM the one on the cluster, with its workers."""

    def stop() -> None:
        raise StopError

    with pytest.raises(StopError):
        run(rasters, tmp_path, progress=Messages(10, stop))
    options = ("--resume", "--cluster", head.client_address, "--cluster-workers", "2")
    line = command([*map(str, rasters)], tmp_path, *options)
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        events = []
        for text in process.stderr:
            events.append(json.loads(text))
            if events[-1].get("done", 0) > 12:
                process.send_signal(signal.SIGTERM)
                break
        process.communicate()
    assert process.returncode == 143, events
    assert [path.name for path in tmp_path.iterdir()] == ["c.gpkg.run"]
    assert_no_worker(head)
    run(rasters, tmp_path, resume=True)
    assert_same(tmp_path, local)


def test_object_storage(
    rasters: list[Path], local: ChangeResult, head: Any, tmp_path: Path, endpoint: str
) -> None:
    """The rasters are read from a bucket, and the outputs are copied to it."""
    from pyarrow.fs import FileSystem

    bucket, _ = FileSystem.from_uri(
        f"s3://bucket?endpoint_override={endpoint}&scheme=http&allow_bucket_creation=true"
    )
    bucket.create_dir("bucket")
    for path in rasters:
        with bucket.open_output_stream(f"bucket/{path.name}") as file:
            file.write(path.read_bytes())
    options = ("--upload", "s3://bucket/results", "--cluster", head.address)
    line = command([f"s3://bucket/{path.name}" for path in rasters], tmp_path, *options)
    done = subprocess.run(line, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "copied to s3://bucket/results/c.gpkg" in done.stderr
    assert local.probability is not None
    with bucket.open_input_stream("bucket/results/p.tif") as file:
        assert file.read() == (tmp_path / "p.tif").read_bytes() == local.probability.read_bytes()
    assert json.loads(done.stdout)["polygons"] == len(local.polygons)
    with pytest.raises(OutputError, match=r"s3://bucket/results/c\.gpkg exists"):
        Upload("s3://bucket/results/", ["c.gpkg"], overwrite=False)
    with pytest.raises(OutputError, match="no folder on object storage"):
        Upload("results", ["c.gpkg"], overwrite=False)


def test_the_jobs_of_a_batch_share_the_workers(
    rasters: list[Path], head: Any, tmp_path: Path
) -> None:
    jobs = [
        {"id": after.stem, "before": str(rasters[0]), "after": str(after)} for after in rasters[1:]
    ]
    seen: set[int] = set()
    options = {"tile_px": 64, "overlap_px": 8}
    found, expected = (
        run_batch(
            jobs, tmp_path / name, "new squares", model="brightness", options=options,
            progress=lambda done, total: seen.update(head.workers()), cluster=cluster,
        )
        for name, cluster in (("cluster", head.address), ("here", None))
    )  # fmt: skip
    assert not found.failed, found.entries
    assert 1 <= len(seen) <= 2, "each job started workers of its own"
    for job in jobs:
        paths = [result.folder / f"{job['id']}.gpkg" for result in (found, expected)]
        frames = [geopandas.read_file(path, layer="changes") for path in paths]
        assert len(frames[0])
        assert frames[0].equals(frames[1])


def test_a_head_that_vanishes_leaves_a_ledger(
    rasters: list[Path], local: ChangeResult, head: Any, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from slow_model import SlowSegmenter

    monkeypatch.setattr("mtrs_geo.cluster.cluster._SILENT_S", 2.0)
    model = SlowSegmenter(tmp_path.with_suffix(".log"), 0.02)
    with pytest.raises(ClusterError, match=r"(has vanished|has ended).*--resume"):
        run(rasters, tmp_path, cluster=head.address, progress=Messages(1, head.kill), model=model)
    assert [path.name for path in tmp_path.iterdir()] == ["c.gpkg.run"]
    run(rasters, tmp_path, resume=True)
    assert_same(tmp_path, local)
