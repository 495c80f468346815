"""Tasks, workers without Ray, and errors before a cluster is used."""

from __future__ import annotations

import importlib.util
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
import rasterio
import yaml
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from typer.main import get_command

from mtrs_geo import detect_changes
from mtrs_geo.cli import app
from mtrs_geo.cluster import Cluster, ModelChoice
from mtrs_geo.cluster.work import RunWork, Task, plan_tasks
from mtrs_geo.cluster.worker import BandWorker
from mtrs_geo.errors import ClusterError, MissingExtraError, RequestError
from mtrs_geo.grid import Grid
from mtrs_geo.io.stack import open_stack
from mtrs_geo.progress import Silent
from mtrs_geo.tiles.plan import TilePlan, plan_tiles

PLACE = Affine(1, 0, 400_000, 0, -1, 5_000_000), "EPSG:32633"
EXAMPLES = Path(__file__).parents[2] / "examples/cluster"


def plan_of(rows: int, cols: int) -> TilePlan:
    grid = Grid(CRS.from_epsg(32633), Affine(1, 0, 0, 0, -1, 0), (rows, cols))
    return plan_tiles(grid, 64, 8, mask=lambda window: (window.row + window.col) % 3 > 0)


@settings(max_examples=25)
@given(st.integers(40, 300), st.integers(40, 20_000), st.integers(1, 40), st.integers(1, 50))
def test_tasks_are_whole_batches_of_one_band(rows: int, cols: int, batch: int, layers: int) -> None:
    plan = plan_of(rows, cols)
    bands = [tile.band for tile in plan.tiles]
    tile_bytes = min(rows, 64) * min(cols, 64) * 4
    tasks = plan_tasks(plan, 0, batch, layers)
    covered = [index for task in tasks for index in range(task.start, task.stop)]
    assert covered == list(range(len(plan)))
    for task in tasks:
        assert len(set(bands[task.start : task.stop])) == 1
        first = bands.index(bands[task.start])
        assert (task.start - first) % batch == 0
        assert task.stop - task.start <= max(batch, (32 << 20) // (tile_bytes * layers))
    half = len(plan) // 2
    rest = plan_tasks(plan, half, batch, layers)
    assert [i for task in rest for i in range(task.start, task.stop)] == covered[half:]


def test_tiles_between_two_indices() -> None:
    plan = plan_of(300, 400)
    tiles = list(plan.tiles)
    assert list(plan.between(5, 9)) == tiles[5:9]
    assert list(plan.between(7, None)) == tiles[7:]


@pytest.fixture
def rasters(tmp_path: Path) -> list[str]:
    paths = [str(tmp_path / f"{year}.tif") for year in (2016, 2020)]
    for path, value in zip(paths, (80, 200), strict=True):
        with rasterio.open(
            path, "w", driver="GTiff", count=3, height=128, width=120, dtype="uint8",
            crs=PLACE[1], transform=PLACE[0], tiled=True, blockxsize=64, blockysize=64,
            compress="deflate",
        ) as file:  # fmt: skip
            noise = np.random.default_rng(value).integers(0, 20, (3, 128, 120))
            file.write((noise + value).astype(np.uint8))
    return paths


def work_of(rasters: list[str], model: ModelChoice) -> bytes:
    stack = open_stack(rasters, skip_damaged=True)
    plan = plan_tiles(stack.grid, 64, 8)
    work = RunWork(
        pickle.dumps(model), stack, plan, (0, 0), ("squares",), 2, None, ((0, 1),), 5, "/", ""
    )
    return pickle.dumps(work)


def test_a_worker_answers_a_task_and_sends_why_tiles_failed(rasters: list[str]) -> None:
    worker = BandWorker()
    count, answer = worker.answer("run", work_of(rasters, ModelChoice("brightness")), Task(4, 6))
    assert count == 2
    assert [[entry.tile for entry in batch] for batch in answer.batches] == [[4, 5]]
    assert not answer.errors
    with rasterio.open(rasters[1]) as file:
        offset = int(file.get_tag_item("BLOCK_OFFSET_1_1", "TIFF", bidx=1))
        size = int(file.get_tag_item("BLOCK_SIZE_1_1", "TIFF", bidx=1))
    with open(rasters[1], "r+b") as data:
        data.seek(offset)
        data.write(b"\xff" * size)
    _, answer = worker.answer("next", work_of(rasters, ModelChoice("brightness")), Task(4, 6))
    assert answer.errors
    failed = {entry.tile for batch in answer.batches for entry in batch if entry.failure}
    assert failed == answer.errors.keys()
    assert "2020.tif" in str(pickle.loads(pickle.dumps(answer)).errors[min(failed)])


def test_rasters_in_memory_are_refused(rasters: list[str]) -> None:
    image = np.full((3, 128, 120), 90, np.uint8)
    with pytest.raises(RequestError, match="in the memory of this process"):
        detect_changes((image, *PLACE), rasters[1], model="brightness", cluster="local")


def test_nothing_answers_at_an_address() -> None:
    with (
        Cluster("ray://127.0.0.1:9") as cluster,
        pytest.raises(ClusterError, match=r"127\.0\.0\.1:9 cannot be reached: nothing answers"),
    ):
        cluster.model_info(ModelChoice("brightness"), Silent())


def test_a_model_that_cannot_be_sent() -> None:
    class Local:
        info = None

    with (
        Cluster("ray://127.0.0.1:9") as cluster,
        pytest.raises(ClusterError, match="cannot be sent to the workers"),
    ):
        cluster.model_info(ModelChoice(Local()), Silent())  # type: ignore[arg-type]


def test_ray_is_an_extra(rasters: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "ray" else find(name)
    )
    with pytest.raises(MissingExtraError, match=r"pip install 'mtrs-geo\[cluster\]'"):
        detect_changes(*rasters, model="brightness", cluster="auto")


def test_a_number_of_workers_is_positive() -> None:
    with pytest.raises(RequestError, match="cluster_workers 0"):
        detect_changes("a.tif", "b.tif", cluster="auto", cluster_workers=0)


@pytest.mark.parametrize("name", ["rayjob.yaml", "vms.yaml"])
def test_the_examples_are_command_lines_that_exist(name: str) -> None:
    """The YAML is valid, and each option of its command exists."""
    text = (EXAMPLES / name).read_text()
    documents = list(yaml.safe_load_all(text))
    assert all(documents)
    written = documents[0]["spec"]["entrypoint"] if name == "rayjob.yaml" else text
    command = " ".join(written.replace("#", " ").split())
    begin = command.index("mtrs-geo detect")
    options = re.findall(r"--[a-z-]+", command[begin : command.index("--json", begin) + 6])
    known = {option for p in get_command(app).commands["detect"].params for option in p.opts}
    assert {"--cluster", "--resume", "--json"} <= set(options) <= known
