"""Faults in the middle of a batch: what is finished is kept, and --resume goes on afterwards."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine

from mtrs_geo.batch import run_batch
from mtrs_geo.batch.manifest import Manifest
from mtrs_geo.errors import ModelError, OutputError
from mtrs_geo.ledger import Ledger
from mtrs_geo.models import BrightnessSegmenter
from mtrs_geo.progress import Silent
from mtrs_geo.types import FloatArray, UInt8Array

CHEAP: dict[str, Any] = {"model": "brightness", "options": {"threshold": 0.25}}
NOISY_PX = 700
LIMIT_BYTES = 1_600_000


class JobSteps(Silent):
    """Receives the steps and the entry of each job."""

    def show_share(self, share: float) -> None:
        """Do nothing."""

    def show_job(self, entry: Mapping[str, Any]) -> None:
        """Do nothing."""


@contextmanager
def file_limit(size: int) -> Iterator[None]:
    """Refuse files of this process above a size, as a full disk does."""
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Put a disk of `LIMIT_BYTES` at a folder, and make it larger at the end."""
    folder.mkdir()
    size = f"size={LIMIT_BYTES}"
    command = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    if os.geteuid() or subprocess.call(command, stderr=subprocess.DEVNULL):
        pytest.skip("a file system can be mounted by root only")
    try:
        yield
    finally:
        subprocess.check_call(["mount", "-o", "remount,size=50m", str(folder)])


@pytest.fixture
def noisy(table: Path) -> Path:
    """The table with a middle job whose probabilities need more than `LIMIT_BYTES`."""
    random = np.random.default_rng(0)
    for year in (2016, 2020):
        with rasterio.open(
            table.parent / f"data/noise_{year}.tif", "w", driver="GTiff", count=3,
            height=NOISY_PX, width=NOISY_PX, dtype="uint8", crs="EPSG:32633",
            transform=Affine(0.5, 0, 400_000, 0, -0.5, 5_800_000),
        ) as file:  # fmt: skip
            file.write(random.integers(1, 255, (3, NOISY_PX, NOISY_PX)).astype(np.uint8))
    lost, noise = "lost,data/town_2016.tif,data/none.tif,,", "noise,data/noise_2016.tif"
    rows = table.read_text().replace(lost, f"{noise},data/noise_2020.tif,,0.97")
    table.write_text(rows)
    return table


@pytest.mark.parametrize("cause", ["disk", "limit"])
def test_a_full_disk_during_one_job(noisy: Path, tmp_path: Path, cause: str) -> None:
    """With a limit per file only one job fails; on a full disk what is kept of it stays."""
    out = tmp_path / "out"
    arguments: dict[str, Any] = {"probability": True, **CHEAP}
    try:
        with small_disk(out) if cause == "disk" else file_limit(LIMIT_BYTES):
            # On a full disk the entry of the job may not fit either, which ends the batch.
            is_full = suppress(OutputError) if cause == "disk" else nullcontext()
            with is_full:
                run_batch(noisy, out, "any change", **arguments)
        entries = Manifest(out).read()
        assert entries["town"]["status"] == "done"
        if cause == "limit":  # on a full disk, the entry may not fit into the manifest
            assert entries["noise"]["status"] == "failed"
            assert "the state of noise.gpkg cannot be written" in entries["noise"]["message"]
            assert "--resume" in entries["noise"]["advice"]
        assert not [name for name in os.listdir(out) if name.startswith(".")]
        done = [name for name, entry in entries.items() if entry["status"] == "done"]
        assert "noise" not in done
        if cause == "limit":
            assert done == ["town", "village"]
        kept = {path: path.stat().st_mtime_ns for name in done for path in out.glob(f"{name}.*")}
        again = run_batch(noisy, out, "any change", resume=True, **arguments)
        assert not again.failed
        assert {path: path.stat().st_mtime_ns for path in kept} == kept
        names = {f"{job}.{end}" for job in ("town", "noise", "village") for end in ("gpkg", "tif")}
        assert set(os.listdir(out)) == {"manifest.jsonl", *names}
    finally:
        if os.path.ismount(out):
            subprocess.check_call(["umount", str(out)])


def test_a_manifest_that_does_not_fit(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    entries = [{"id": name, "status": "failed", "message": "x" * 300} for name in ("a", "b")]
    manifest.add(entries[0])
    with (
        file_limit(manifest.path.stat().st_size + 100),
        pytest.raises(OutputError, match=r"manifest\.jsonl"),
    ):
        manifest.add(entries[1])
    assert list(manifest.read()) == ["a"]
    manifest.add(entries[1])
    assert list(manifest.read().values()) == entries


def test_a_manifest_that_is_cut_at_any_byte(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    manifest.add({"id": "town", "status": "done", "output": "town.gpkg", "queries": ["Häuser"]})
    first = manifest.path.stat().st_size
    last = {"id": "dorf", "status": "done", "output": "dorf.gpkg", "queries": ["größere Häuser"]}
    manifest.add(last)
    whole = manifest.path.read_bytes()
    for end in range(first, len(whole) - 1):
        manifest.path.write_bytes(whole[:end])
        assert list(manifest.read()) == ["town"]
        manifest.add(last)
        assert manifest.read()["dorf"] == last


@pytest.mark.parametrize("fault", ["raster", "damage", "aoi", "reference"])
def test_one_row_with_a_fault(table: Path, tmp_path: Path, write: Callable[..., Path], fault: str
                              ) -> None:  # fmt: skip
    lost = tmp_path / "data/none.tif"
    area = write(tmp_path / "data/area.tif", 0)
    pair = "lost,data/town_2016.tif,data/town_2020.tif"
    rows = {
        "raster": "lost,data/town_2016.tif,data/none.tif,,,",
        "damage": "lost,data/town_2016.tif,data/none.tif,,,",
        "aoi": f"{pair},,data/none.geojson,",
        "reference": f"{pair},new squares near the river,,river=data/none.geojson",
    }
    lines = table.read_text().replace("threshold", "aoi,references").replace(",0.3", ",,")
    lines = lines.replace("lost,data/town_2016.tif,data/none.tif,,", rows[fault])
    table.write_text(lines.replace("village_2020.tif,,", "village_2020.tif,,,"))
    if fault == "damage":
        lost.write_bytes(area.read_bytes()[:50_000])
    out = tmp_path / "out"
    result = run_batch(table, out, "any change", **CHEAP)
    assert [entry["status"] for entry in result.entries] == ["done", "failed", "done"]
    assert "none." in result.entries[1]["message"]
    assert result.entries[1]["advice"]
    write(lost, 2)
    square = '{"type": "Polygon", "coordinates": [[[%s]]]}'
    corners = "13.52,52.33],[13.54,52.33],[13.54,52.35],[13.52,52.35],[13.52,52.33"
    lost.with_suffix(".geojson").write_text(square % corners)
    again = run_batch(table, out, "any change", resume=True, **CHEAP)
    assert not again.failed, again.entries[1]["message"]


def test_a_job_that_was_killed_behind_its_entry_is_not_run_again(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry is written before the ledger is removed, so no moment loses a finished job."""

    class Killed(BaseException):
        pass

    class Counting(BrightnessSegmenter):
        calls = 0

        def predict_tiles(self, images: UInt8Array, queries: Any) -> FloatArray:
            type(self).calls += 1
            return super().predict_tiles(images, queries)

    def kill(ledger: Ledger) -> None:
        ledger.close()
        raise Killed

    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "remove", kill)
        with pytest.raises(Killed):
            run_batch(table, out, "any change", **CHEAP)
    assert {"town.gpkg", "town.gpkg.run"} <= set(os.listdir(out))
    result = run_batch(table, out, "any change", resume=True, **{**CHEAP, "model": Counting()})
    assert [entry["status"] for entry in result.entries] == ["done", "failed", "done"]
    assert Counting.calls == 1
    assert not list(out.glob("*.run*"))


def test_files_that_could_not_be_uploaded_are_uploaded_on_resume(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bucket is removed while the first job runs."""
    pytest.importorskip("moto", reason='needs "mtrs-geo[test]"')
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "{}:{}".format(*server.get_host_and_port())
    for name, value in {
        "AWS_S3_ENDPOINT": address, "AWS_HTTPS": "NO", "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", endpoint_url=f"http://{address}", region_name="us-east-1")
    client.create_bucket(Bucket="bucket")

    class WithoutBucket(JobSteps):
        def show_share(self, share: float) -> None:
            with suppress(client.exceptions.NoSuchBucket):
                client.delete_bucket(Bucket="bucket")

    table.write_text("\n".join(table.read_text().splitlines()[:2]) + "\n")
    arguments = {**CHEAP, "options": {"threshold": 0.25, "upload": "s3://bucket/run"}}
    try:
        first = run_batch(table, tmp_path / "out", progress=WithoutBucket(), **arguments)
        assert "cannot be written" in first.entries[0]["message"]
        client.create_bucket(Bucket="bucket")
        for _ in range(2):
            again = run_batch(table, tmp_path / "out", resume=True, **arguments)
            assert not again.failed
            (entry,) = client.list_objects_v2(Bucket="bucket")["Contents"]
            assert entry["Key"] == "run/town.gpkg"
            client.delete_object(Bucket="bucket", Key=entry["Key"])
            client.put_object(Bucket="bucket", Key="run/town.gpkg", Body=b"as it was")
        kept = client.get_object(Bucket="bucket", Key="run/town.gpkg")["Body"].read()
        assert kept == b"as it was"
    finally:
        server.stop()


def test_what_a_killed_overwrite_left_is_named_and_can_be_replaced(
    tmp_path: Path, table: Path
) -> None:
    class Killed(BaseException):
        pass

    class OneJob(JobSteps):
        def show_job(self, entry: Mapping[str, Any]) -> None:
            raise Killed

    rows = [row for row in table.read_text().splitlines() if not row.startswith("lost")]
    table.write_text("\n".join(rows) + "\n")
    run = partial(run_batch, table, tmp_path / "out", "any change", **CHEAP)
    run()
    with pytest.raises(Killed):
        run(overwrite=True, progress=OneJob())
    town, village = run(resume=True).entries
    assert town["status"] == "done"
    assert "village.gpkg exists" in village["message"]
    assert "not from this batch" in village["message"]
    assert "--resume --overwrite" in village["advice"]
    assert not run(resume=True, overwrite=True).failed


def test_an_empty_folder_and_an_unknown_model_are_refused_before_a_job(
    tmp_path: Path, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(OutputError, match="the path of the batch's folder is empty"):
        run_batch(table, "", "any change", **CHEAP)
    with pytest.raises(ModelError, match="there is no model 'tyni'"):
        run_batch(table, "out", "any change", model="tyni")
    assert sorted(tmp_path.rglob("*")) == before
