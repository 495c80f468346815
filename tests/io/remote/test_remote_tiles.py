"""A date that is a list of tiles on a server."""

from __future__ import annotations

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

from mtrs_geo.detect.pipeline import detect_changes_stack
from mtrs_geo.io.stack import open_stack

pytest.importorskip("RangeHTTPServer", reason='needs "mtrs-geo[test]"')

SIDE_PX = 512
NAMES = ("left.tif", "right.tif")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    image = np.random.default_rng(0).integers(70, 90, (3, SIDE_PX, 2 * SIDE_PX)).astype(np.uint8)
    for i, name in enumerate(NAMES):
        with rasterio.open(
            folder / name, "w", driver="GTiff", count=3, height=SIDE_PX, width=SIDE_PX,
            dtype="uint8", tiled=True, crs="EPSG:32633", photometric="RGB",
            transform=Affine(0.5, 0, 400_000 + i * SIDE_PX / 2, 0, -0.5, 5_800_000),
        ) as file:  # fmt: skip
            file.write(image[:, :, i * SIDE_PX : (i + 1) * SIDE_PX])
    image[:, 100:140, 100:140] = 220
    with rasterio.open(
        folder / "after.tif", "w", driver="GTiff", count=3, height=SIDE_PX, width=2 * SIDE_PX,
        dtype="uint8", tiled=True, crs="EPSG:32633", photometric="RGB",
        transform=Affine(0.5, 0, 400_000, 0, -0.5, 5_800_000),
    ) as file:  # fmt: skip
        file.write(image)
    return folder


@pytest.fixture(scope="module")
def log(folder: Path) -> Path:
    return folder.with_name("requests.log")


@pytest.fixture(scope="module")
def address(folder: Path, log: Path) -> Iterator[str]:
    command = [sys.executable, str(Path(__file__).parents[1] / "range_server.py"), str(folder)]
    with log.open("w") as output, subprocess.Popen(command, stdout=output) as process:
        try:
            while not log.read_text().endswith("\n"):
                time.sleep(0.05)
            yield f"http://127.0.0.1:{int(log.read_text())}"
        finally:
            process.kill()


def test_tiles_on_a_server_give_the_same_polygons(folder: Path, address: str) -> None:
    """A stack can be used again: its mosaic is made again in the next reader process."""
    after = folder / "after.tif"
    with open_stack([[f"{address}/{name}" for name in NAMES], after]) as stack:
        assert stack.remote is not None
        found = [
            detect_changes_stack(stack, "x", model="brightness", threshold=0.25, register=register)
            for register in (False, True)
        ]
    local = detect_changes_stack(
        [[folder / name for name in NAMES], after], "x", model="brightness", threshold=0.25
    )
    assert len(local.polygons) == 1
    assert all(result.polygons.equals(local.polygons) for result in found)


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
@pytest.mark.parametrize("answered", [1, 78])
def test_ctrl_c_ends_a_run_that_waits_for_a_tile(
    folder: Path, address: str, log: Path, tmp_path: Path, answered: int
) -> None:
    """The server stops to answer when the first tile is opened, and when pixels are read."""
    tiles = [f"{address}/stall/{answered}/{name}" for name in NAMES]
    script = (
        "import signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from mtrs_geo import detect_changes\n"
        f"detect_changes({tiles}, {str(folder / 'after.tif')!r}, 'x', model='brightness',"
        f" output={str(tmp_path / 'c.gpkg')!r})\n"
    )
    before = len(log.read_text().splitlines())
    with subprocess.Popen(
        [sys.executable, "-c", script], stderr=subprocess.PIPE, text=True
    ) as process:
        while len(log.read_text().splitlines()) < before + answered:
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(0.5)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        _, errors = process.communicate(timeout=60)
        assert time.monotonic() - began < 3
    assert process.returncode == -signal.SIGINT, errors
    assert not list(tmp_path.iterdir())
