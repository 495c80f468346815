"""A server that accepts a request and then sends nothing, a byte per second, or a half answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from mtrs_geo.io.remote.http_options import HTTP_OPTIONS, http_options

pytest.importorskip("RangeHTTPServer", reason='needs "mtrs-geo[test]"')

CHEAP = ["--model", "brightness", "--raw"]


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("served") / "x.tif"
    image = np.random.default_rng(0).integers(0, 255, (3, 1024, 1024), np.uint8)
    transform = Affine(0.5, 0, 400_000, 0, -0.5, 5_800_000)
    with rasterio.open(
        path, "w", driver="GTiff", count=3, height=1024, width=1024, dtype="uint8", tiled=True,
        crs="EPSG:32633", transform=transform, photometric="RGB",
    ) as file:  # fmt: skip
        file.write(image)
    return path


@pytest.fixture(scope="module")
def address(local: Path) -> Iterator[str]:
    folder = local.parent
    script = Path(__file__).parents[1] / "range_server.py"
    command = [sys.executable, str(script), str(folder)]
    log = folder.with_name("requests.log")
    with log.open("w") as output, subprocess.Popen(command, stdout=output) as process:
        try:
            while not log.read_text().endswith("\n"):
                time.sleep(0.05)
            yield f"http://127.0.0.1:{int(log.read_text())}"
        finally:
            process.kill()


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
@pytest.mark.parametrize("slow", ["stall/0", "drip/0", "stall/6"])
def test_ctrl_c_ends_a_run_that_waits_for_a_server(
    address: str, local: Path, tmp_path: Path, slow: str
) -> None:
    run = [sys.executable, "-m", "mtrs_geo.cli", "detect", f"{address}/{slow}/x.tif"]
    command = [*run, str(local), *CHEAP, "-o", str(tmp_path / "c.gpkg")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        started = time.monotonic()
        while not readers_of(process.pid):  # on a busy machine the start takes its time
            assert time.monotonic() - started < 60
            time.sleep(0.1)
        time.sleep(2)  # the request is sent by now
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 130, errors
        assert time.monotonic() - began < 5
        assert errors == "cancelled; no output was written\n"
    assert not list(tmp_path.iterdir())
    assert not readers_of(process.pid)


def test_cut_answers_are_one_error(address: str, local: Path, tmp_path: Path) -> None:
    with rasterio.open(local) as file:
        profile = {**file.profile, "compress": "deflate"}
        with rasterio.open(local.with_name("deflated.tif"), "w", **profile) as copy:
            copy.write(file.read())
    run = [sys.executable, "-m", "mtrs_geo.cli", "detect", f"{address}/cut/deflated.tif"]
    command = [*run, str(local), *CHEAP, "-o", str(tmp_path / "c.gpkg")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=240)
    assert done.returncode == 1
    problem, advice = done.stderr.splitlines()[-2:]
    assert problem.startswith("error: deflated.tif")
    assert "again" in advice
    assert "ERROR 1" not in done.stderr


def test_the_worker_answers_and_ends_while_a_server_stalls(
    address: str, local: Path, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-I", "-u", "-m", "mtrs_geo.worker"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as worker:  # fmt: skip
        assert worker.stdin
        assert worker.stdout

        def send(job: str, request_id: str, **params: object) -> None:
            line = {"protocol": 1, "id": request_id, "job": job, "params": params}
            worker.stdin.write(json.dumps(line) + "\n")
            worker.stdin.flush()

        def answers() -> Iterator[tuple[str, str]]:
            for line in worker.stdout:
                event = json.loads(line)
                if event["event"] in ("result", "error"):
                    yield event["id"], event.get("class", event["event"])

        assert json.loads(worker.stdout.readline())["event"] == "hello"
        found = answers()
        send("explain", "first", query="houses")  # loads the grammar, which takes its time
        assert next(found) == ("first", "result")
        params = {"after": str(local), "query": "x", "model": "brightness"}
        for name in ("a", "b"):
            url = f"{address}/stall/6/x.tif?{name}"
            output = str(tmp_path / f"{name}.gpkg")
            send("detect", name, before=url, output=output, **params)
        time.sleep(5)
        began = time.monotonic()
        send("explain", "e", query="houses")
        send("cancel", "c", id="a")
        assert [next(found), next(found)] == [("e", "result"), ("a", "Cancelled")]
        assert time.monotonic() - began < 6
        time.sleep(3)  # the other job waits for the server by now
        worker.stdin.close()
        assert list(found) == [("b", "Cancelled")]
        assert worker.wait(timeout=8) == 0
    assert not list(tmp_path.iterdir())


def test_the_users_settings_go_before_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    import rasterio

    for name in HTTP_OPTIONS:
        monkeypatch.delenv(name, raising=False)
    assert http_options() == HTTP_OPTIONS
    monkeypatch.setenv("GDAL_HTTP_TIMEOUT", "7")
    with rasterio.Env(GDAL_HTTP_LOW_SPEED_TIME="3"):
        left = set(HTTP_OPTIONS) - set(http_options())
    assert left == {"GDAL_HTTP_TIMEOUT", "GDAL_HTTP_LOW_SPEED_TIME"}


def readers_of(parent: int) -> list[str]:
    """Return reader processes that a process left."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "ppid=,pgid=,args="], capture_output=True, text=True, check=True
    )
    return [line for line in listing.stdout.splitlines() if str(parent) in line.split()[:2]]
