"""A full disk, a file that vanishes and a damaged block: what is done is kept, and can go on."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from typer.testing import CliRunner

from mtrs_geo import ChangeResult, detect_changes
from mtrs_geo.cli import app
from mtrs_geo.detect.inference import tile_reader
from mtrs_geo.errors import ModelError, MTRSGeoError, OutputError, RasterError
from mtrs_geo.models import BrightnessSegmenter, ChangeSegmenter, load_model
from mtrs_geo.types import FloatArray, UInt8Array

TILES = 49
SIDE = 392
OPTIONS: dict[str, Any] = {
    "tile_px": 64, "overlap_px": 8, "batch_size": 2, "threshold": 0.3,
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``before.tif`` and ``after.tif``, which compress badly."""
    return write_pair(tmp_path_factory.mktemp("pair"), SIDE)


def write_pair(folder: Path, side: int) -> Path:
    random = np.random.default_rng(0)
    image = random.integers(0, 120, (3, side, side)).astype(np.uint8)
    place = Affine(0.5, 0, 400_000, 0, -0.5, 5_000_000)
    for name in ("before", "after"):
        with rasterio.open(
            folder / f"{name}.tif", "w", driver="GTiff", count=3, height=side, width=side,
            dtype="uint8", crs="EPSG:32633", transform=place, tiled=True, blockxsize=64,
            blockysize=64, compress="deflate",
        ) as file:  # fmt: skip
            file.write(image)
        for row, col in random.integers(0, side - 50, (20, 2)):
            image[:, row : row + 40, col : col + 40] += 100
    return folder


@pytest.fixture(scope="module")
def whole(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> ChangeResult:
    return run(folder, folder, tmp_path_factory.mktemp("whole"))


@pytest.fixture
def little_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the readers work ahead by a few tiles only, so that faults come in the middle."""
    monkeypatch.setattr(tile_reader, "_AHEAD_BYTES", 1)
    monkeypatch.setattr(tile_reader, "_KEPT_BYTES", 0)


class Counting(BrightnessSegmenter):
    """Counts the tiles that it answers."""

    def __init__(self) -> None:
        self.tiles = 0

    def predict_tiles(self, images: UInt8Array, queries: Any) -> FloatArray:
        self.tiles += len(images)
        return super().predict_tiles(images, queries)


class At:
    """Calls a function once that many tiles are done."""

    def __init__(self, tiles: int = 10**9, act: Callable[[], Any] = lambda: None) -> None:
        self.tiles, self.act = tiles, act
        self.done = 0

    def __call__(self, done: int, total: int) -> None:
        if self.done < self.tiles <= done:
            self.act()
        self.done = done


def run(
    before: Path | str,
    after: Path,
    out: Path,
    progress: At | None = None,
    model: ChangeSegmenter | str = "brightness",
    **options: Any,
) -> ChangeResult:
    before = f"{before}/before.tif"
    return detect_changes(
        before, after / "after.tif", "new squares", output=out / "c.gpkg",
        probability=out / "p.tif", progress=progress, model=model, **OPTIONS, **options,
    )  # fmt: skip


def assert_same(result: ChangeResult, whole: ChangeResult) -> None:
    assert result.probability is not None
    assert whole.probability is not None
    assert result.output is not None
    assert result.probability.read_bytes() == whole.probability.read_bytes()
    assert result.polygons.equals(whole.polygons)
    assert sorted(path.name for path in result.output.parent.iterdir()) == ["c.gpkg", "p.tif"]


def mount(folder: Path, options: str) -> None:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("needs the right to mount a file system")


@pytest.fixture(params=[300, 700, 1100])
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A disk of so many KiB."""
    mount(tmp_path, f"size={request.param}k")
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def test_a_full_disk(folder: Path, whole: ChangeResult, small_disk: Path) -> None:
    progress = At()
    with pytest.raises(OutputError, match=r"(?i)full|no space") as caught:
        run(folder, folder, small_disk, progress)
    assert re.search(r"(?i)free some space|free space|space", caught.value.advice)
    left = [path.name for path in small_disk.iterdir()]
    assert set(left) <= {"c.gpkg.run", "c.gpkg.run-wal"}
    mount(small_disk, "remount,size=50m")
    again = Counting()
    assert_same(run(folder, folder, small_disk, model=again, resume=True), whole)
    if "c.gpkg.run" in left:
        assert again.tiles <= TILES - progress.done < TILES


def damage(path: Path, place: str) -> None:
    """Overwrite the first bytes, or a block in the middle or the last one."""
    with rasterio.open(path) as file:
        row, col = {"header": (0, 0), "middle": (5, 3), "last": (6, 6)}[place]
        offset, size = (
            int(file.get_tag_item(f"BLOCK_{what}_{col}_{row}", "TIFF", bidx=1))
            for what in ("OFFSET", "SIZE")
        )
    with path.open("r+b") as data:
        data.seek(0 if place == "header" else offset)
        data.write(b"\xff" * (64 if place == "header" else size))


@pytest.mark.parametrize(("place", "least"), [("header", 12), ("middle", 24), ("last", 42)])
def test_a_block_that_is_damaged_during_a_run(
    folder: Path, whole: ChangeResult, tmp_path: Path, little_ahead: None, place: str, least: int
) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    out.mkdir()
    after = Path(shutil.copy2(folder / "after.tif", data))

    def act() -> None:
        damage(after, place)
        if place == "header":  # the file is open: only the next run reads its header
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt if place == "header" else RasterError) as caught:
        run(folder, data, out, At(12, act))
    if isinstance(caught.value, MTRSGeoError):
        assert "after.tif is damaged" in caught.value.message
        assert caught.value.advice == "Copy the file again."
    assert [path.name for path in out.iterdir()] == ["c.gpkg.run"]
    with pytest.raises(MTRSGeoError, match=r"after\.tif"):
        run(folder, data, out, resume=True)
    assert [path.name for path in out.iterdir()] == ["c.gpkg.run"]
    shutil.copy2(folder / "after.tif", data)
    again = Counting()
    assert_same(run(folder, data, out, model=again, resume=True), whole)
    assert again.tiles <= TILES - least, "tiles that were done are done again"


def test_a_folder_with_the_name_of_a_model_is_noted(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not load_model("brightness").info.warnings
    for name in ("brightness", "tiny"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}")
    model = load_model("brightness")
    (warning,) = run(folder, folder, tmp_path, model=model).report.warnings
    assert warning.endswith("For your folder of that name, give ./brightness.")
    done = CliRunner().invoke(app, ["explain", "new houses"])
    assert "note: tiny is a model of mtrs-geo, which is used." in done.stderr


class Diverged(BrightnessSegmenter):
    """Answers NaN where the later image has one of some levels of red."""

    def __init__(self, levels: range) -> None:
        self.levels = levels

    def predict_tiles(self, images: UInt8Array, queries: Any) -> FloatArray:
        answers = super().predict_tiles(images, queries).copy()
        is_nan = np.isin(images[:, 1:, 0], self.levels)
        answers[is_nan.repeat(len(queries), 1)] = np.nan
        return answers


def test_an_answer_that_is_not_a_number_is_an_error(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"brightness answers NaN at 4,096 of 4,096 pixels"
    ) as caught:
        run(folder, folder, tmp_path, model=Diverged(range(256)))
    assert "other weights" in caught.value.advice
    some = Diverged(range(219, 256))
    found = run(folder, folder, tmp_path, model=some, max_failed=TILES - 1, overwrite=True)
    assert 0 < found.report.tiles_failed < TILES
    assert any("answers NaN at" in text for text in found.report.warnings)


def test_an_answer_without_data_may_be_no_number(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with rasterio.open(folder / "after.tif") as file:
        image, profile = np.clip(file.read(), 1, 254), file.profile
    image[:, :40] = 255
    with rasterio.open(data / "after.tif", "w", **{**profile, "nodata": 255}) as file:
        file.write(image)
    found = run(folder, data, tmp_path, model=Diverged(range(1)))
    assert found.report.tiles_failed == 0


@pytest.fixture(scope="module")
def address(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pytest.importorskip("RangeHTTPServer", reason='needs "mtrs-geo[test]"')
    script = Path(__file__).parents[1] / "io/range_server.py"
    log = tmp_path_factory.mktemp("log") / "requests.log"
    command = [sys.executable, str(script), str(folder)]
    with log.open("w") as output, subprocess.Popen(command, stdout=output) as process:
        try:
            while not log.read_text().endswith("\n"):
                time.sleep(0.05)
            yield f"http://127.0.0.1:{int(log.read_text())}"
        finally:
            process.kill()


def test_a_file_that_vanishes_from_its_server(
    folder: Path,
    address: str,
    tmp_path: Path,
    little_ahead: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # GDAL downloads 16 KiB more than it needs, at the least.
    for name in ("CPL_VSIL_CURL_CHUNK_SIZE", "CPL_VSIL_CURL_CACHE_SIZE"):
        monkeypatch.setenv(name, "4096")
    # Bytes, less than the file has decoded: blocks that are kept need no server.
    monkeypatch.setenv("GDAL_CACHEMAX", "131072")
    for name in ("out", "whole"):
        (tmp_path / name).mkdir()
    # So large that it is neither read nor downloaded whole before the first tiles are done.
    (folder / "large").mkdir()
    folder, address = write_pair(folder / "large", 1400), f"{address}/large"
    tiles = 25 * 25
    whole = run(folder, folder, tmp_path / "whole")
    file = folder / "before.tif"
    moved = file.with_suffix(".moved")
    progress = At(4, lambda: file.rename(moved))
    try:
        with pytest.raises(RasterError, match=r"before\.tif cannot be (downloaded|opened)"):
            run(address, folder, tmp_path / "out", progress)
        with pytest.raises(RasterError, match=r"before\.tif"):
            run(address, folder, tmp_path / "out", resume=True)
    finally:
        moved.rename(file)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["c.gpkg.run"]
    again = Counting()
    assert_same(run(address, folder, tmp_path / "out", model=again, resume=True), whole)
    assert again.tiles <= tiles - progress.done <= tiles - 4
