"""Runs that were interrupted and go on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pytest
import rasterio
from affine import Affine
from command_server import run_command

from mtrs_geo import ChangeResult, detect_changes, detect_changes_stack
from mtrs_geo.detect.inference.tile_failures import most_failures, read_max_failed
from mtrs_geo.errors import OutputError, RasterError, RequestError
from mtrs_geo.models import BrightnessSegmenter
from mtrs_geo.outputs.target_lock import TargetLock
from mtrs_geo.types import FloatArray, UInt8Array

QUERIES = ["new squares", "all changes other than roads"]
OPTIONS: dict[str, Any] = {
    "model": "brightness", "tile_px": 64, "overlap_px": 8, "fill_holes_m2": 20, "batch_size": 4,
}  # fmt: skip


def write(path: Path, image: np.ndarray, **more: Any) -> Path:
    profile = {"driver": "GTiff", "count": 3, "height": image.shape[1], "width": image.shape[2],
               "dtype": "uint8", "crs": "EPSG:32633", "tiled": True, "blockxsize": 64,
               "blockysize": 64, "compress": "deflate",
               "transform": Affine(0.5, 0, 400_000, 0, -0.5, 5_000_000), **more}  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(image)
    return path


@pytest.fixture(scope="module")
def rasters(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three dates of a place with many squares, one strip over all bands, and a nodata corner."""
    folder = tmp_path_factory.mktemp("rasters")
    random = np.random.default_rng(0)
    image = random.integers(70, 90, (3, 400, 380)).astype(np.uint8)
    image[:, :90, :150] = 0
    paths = []
    for year in (2016, 2018, 2020):
        paths.append(write(folder / f"place_{year}.tif", image, nodata=0))
        for _ in range(12):
            row, col = random.integers(0, 330, 2)
            side = random.integers(5, 50)
            image[:, row : row + side, col : col + side] = random.integers(150, 255)
        image[:, :, 300:306] = 250
    return paths


@pytest.fixture(scope="module")
def whole(rasters: list[Path], tmp_path_factory: pytest.TempPathFactory) -> ChangeResult:
    """The run that nothing stops."""
    folder = tmp_path_factory.mktemp("whole")
    return run(rasters, folder)


def run(rasters: list[Path], folder: Path, **options: Any) -> ChangeResult:
    return detect_changes_stack(
        rasters, QUERIES, output=folder / "c.gpkg", probability=folder / "p.tif",
        **{**OPTIONS, **options},
    )  # fmt: skip


class StopError(Exception):
    """Ends a run."""


def stop_at(tiles: int) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        if done >= tiles:
            raise StopError

    return progress


def assert_same(result: ChangeResult, whole: ChangeResult) -> None:
    for path, other in ((result.probability, whole.probability),):
        assert path is not None
        assert other is not None
        assert path.read_bytes() == other.read_bytes()
    assert result.polygons.equals(whole.polygons)
    assert result.report.tiles_skipped == whole.report.tiles_skipped > 0


@pytest.mark.parametrize("tiles", [1, 4, 9, 30, 49])
def test_a_stopped_run_goes_on(
    rasters: list[Path], whole: ChangeResult, tmp_path: Path, tiles: int
) -> None:
    with pytest.raises(StopError):
        run(rasters, tmp_path, progress=stop_at(tiles))
    assert [path.name for path in tmp_path.iterdir()] == ["c.gpkg.run"]
    with pytest.raises(OutputError, match=r"interrupted run beside it.*--resume"):
        run(rasters, tmp_path)
    assert_same(run(rasters, tmp_path, resume=True), whole)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.gpkg", "p.tif"]


def test_a_living_run_is_not_called_interrupted(rasters: list[Path], tmp_path: Path) -> None:
    with pytest.raises(StopError):
        run(rasters, tmp_path, progress=stop_at(4))
    lock = TargetLock(tmp_path / "c.gpkg")
    with pytest.raises(OutputError, match=r"c\.gpkg is being written by another run"):
        run(rasters, tmp_path)
    lock.release()


def test_a_run_that_is_stopped_again_and_again(
    rasters: list[Path], whole: ChangeResult, tmp_path: Path
) -> None:
    seen: list[int] = []

    class Counting(BrightnessSegmenter):
        def predict_tiles(self, images: UInt8Array, queries: Any) -> FloatArray:
            seen.append(len(images))
            return super().predict_tiles(images, queries)

    for tiles in range(4, 49, 4):
        with pytest.raises(StopError):
            run(rasters, tmp_path, model=Counting(), progress=stop_at(tiles), resume=True)
    assert_same(run(rasters, tmp_path, model=Counting(), resume=True), whole)
    report = whole.report
    pairs = 2
    assert sum(seen) <= pairs * (report.tiles - report.tiles_skipped), "a tile was done twice"


def test_killed_processes_go_on(rasters: list[Path], whole: ChangeResult, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mtrs_geo.cli", "stack", *map(str, rasters), "-o",
               str(tmp_path / "c.gpkg"), "--probability", str(tmp_path / "p.tif"), "--json",
               "--model", "brightness", "--tile-px", "64", "--overlap-px", "8", "--resume",
               "--fill-holes", "20", *(f"--query={query}" for query in QUERIES)]  # fmt: skip
    for tiles in (5, 26):
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stderr is not None
            for line in process.stderr:
                if json.loads(line).get("done", 0) >= tiles:
                    os.kill(process.pid, signal.SIGKILL)
                    break
            process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert (tmp_path / "c.gpkg.run").exists()
    subprocess.run(command, check=True, capture_output=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.gpkg", "p.tif"]
    assert whole.probability is not None
    assert (tmp_path / "p.tif").read_bytes() == whole.probability.read_bytes()
    found = geopandas.read_file(tmp_path / "c.gpkg", layer="changes")
    assert found.geometry.geom_equals(whole.polygons.geometry).all()


def test_another_run_is_refused_with_what_differs(rasters: list[Path], tmp_path: Path) -> None:
    copies = [Path(shutil.copy2(path, tmp_path)) for path in rasters]
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(StopError):
        run(copies, out, progress=stop_at(20))
    with pytest.raises(OutputError, match=r"threshold was 0\.5 and is 0\.4"):
        run(copies, out, resume=True, threshold=0.4)
    with pytest.raises(OutputError, match=r"tiles overlap_px was 8 and is 16"):
        run(copies, out, resume=True, overlap_px=16)
    os.utime(copies[1])
    with pytest.raises(OutputError, match=r"input 2.1 place_2018.tif .*modified_ns was"):
        run(copies, out, resume=True)
    assert (out / "c.gpkg.run").exists()
    assert len(run(copies, out, overwrite=True).polygons)
    assert not (out / "c.gpkg.run").exists()


def test_arrays_in_memory_are_compared_by_their_pixels(tmp_path: Path) -> None:
    image = np.full((3, 200, 200), 80, np.uint8)
    place = Affine(0.5, 0, 400_000, 0, -0.5, 5_000_000), "EPSG:32633"
    options = {"output": tmp_path / "c.gpkg", **OPTIONS}
    with pytest.raises(StopError):
        detect_changes((image, *place), (image + 150, *place), progress=stop_at(9), **options)
    with pytest.raises(OutputError, match="input pixels was"):
        detect_changes((image, *place), (image + 151, *place), resume=True, **options)
    found = detect_changes((image, *place), (image + 150, *place), resume=True, **options)
    assert found.report.polygons == {"": 1}


def damage(path: Path, row: int, col: int) -> None:
    with rasterio.open(path) as file:
        offset, size = (
            int(file.get_tag_item(f"BLOCK_{what}_{col}_{row}", "TIFF", bidx=1))
            for what in ("OFFSET", "SIZE")
        )
    with path.open("r+b") as data:
        data.seek(offset)
        data.write(b"\xff" * size)


def test_a_damaged_tile_ends_the_run_and_can_be_mended(
    rasters: list[Path], whole: ChangeResult, tmp_path: Path
) -> None:
    copies = [Path(shutil.copy2(path, tmp_path)) for path in rasters]
    out = tmp_path / "out"
    out.mkdir()
    damage(copies[2], 3, 3)
    with pytest.raises(RasterError, match="place_2020"):
        run(copies, out)
    with pytest.raises(RasterError, match="place_2020"):
        run(copies, out, max_failed=3)
    result = run(copies, out, max_failed=0.25, resume=True)
    report = result.report
    assert 4 <= report.tiles_failed <= 12
    assert any("tiles failed and are nodata" in text for text in report.warnings)
    layers = {name for name, _ in pyogrio.list_layers(out / "c.gpkg")}
    assert "failed_tiles" in layers
    failed = geopandas.read_file(out / "c.gpkg", layer="failed_tiles")
    assert len(failed) == report.tiles_failed
    assert failed.reason.str.contains("place_2020").all()
    assert len(result.polygons) >= 5


def test_full_memory_leads_to_smaller_batches(
    rasters: list[Path], whole: ChangeResult, tmp_path: Path
) -> None:
    class Small(BrightnessSegmenter):
        def predict_tiles(self, images: UInt8Array, queries: Any) -> FloatArray:
            if len(images) > 1:
                msg = "DefaultCPUAllocator: can't allocate memory"
                raise RuntimeError(msg)
            return super().predict_tiles(images, queries)

    assert_same(run(rasters, tmp_path, model=Small()), whole)


def test_the_exit_code_says_that_tiles_failed(rasters: list[Path], tmp_path: Path) -> None:
    copies = [Path(shutil.copy2(path, tmp_path)) for path in rasters[1:]]
    damage(copies[1], 3, 3)
    done = run_command(
        "detect", *copies, "new squares", "-o", tmp_path / "c.gpkg", "--model", "brightness",
        "--tile-px", 64, "--max-failed", "50%",
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert "tiles failed and are nodata" in done.stderr


def test_shares_of_tiles_are_read() -> None:
    limits = {"3": 3, "0": 0, "5%": 0, "25%": 2, "99.9%": 9, "100%": 10, "1": 1}
    for text, most in limits.items():
        assert min(most_failures(read_max_failed(text), 10), 10) == most
    for text in ("200%", "100.1%", "-1%", "nan%", "inf%", "%", "5%%", "x", "0.5"):
        with pytest.raises(ValueError, match=r"."):
            read_max_failed(text)


def test_a_file_that_appears_during_a_run_is_never_replaced(
    rasters: list[Path], tmp_path: Path
) -> None:
    def appear(done: int, total: int) -> None:
        (tmp_path / "p.tif").write_text("of somebody else")

    with pytest.raises(OutputError, match=r"p\.tif exists"):
        run(rasters, tmp_path, progress=appear)
    with pytest.raises(OutputError, match=r"p\.tif exists"):
        run(rasters, tmp_path, resume=True)
    assert (tmp_path / "p.tif").read_text() == "of somebody else"
    (tmp_path / "p.tif").unlink()
    run(rasters, tmp_path, resume=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.gpkg", "p.tif"]


@pytest.mark.parametrize("value", [-1, 1.5, -0.1, float("nan"), float("inf")])
def test_wrong_limits(rasters: list[Path], tmp_path: Path, value: float) -> None:
    with pytest.raises(RequestError, match="max_failed"):
        run(rasters, tmp_path, max_failed=value)
    assert not list(tmp_path.iterdir())


def test_an_interruption_before_the_first_tile_leaves_nothing(
    rasters: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def interrupted(source: Path, target: Path) -> None:
        signal.raise_signal(signal.SIGINT)
        replace(source, target)

    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", interrupted)
            with pytest.raises(KeyboardInterrupt):
                run(rasters, tmp_path)
    finally:
        signal.signal(signal.SIGINT, previous)
    assert not list(tmp_path.iterdir())
