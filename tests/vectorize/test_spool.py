from __future__ import annotations

import multiprocessing
import os
import sys
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS

from mtrs_geo.errors import OutputError
from mtrs_geo.grid import Grid
from mtrs_geo.vectorize.change import Change
from mtrs_geo.vectorize.spool import ChangeSpool
from mtrs_geo.vectorize.table import ChangeTable, Selection

GRID = Grid(CRS(32633), Affine(0.5, 0, 4e5, 0, -0.5, 5e6), (1000, 1000))


def changes(count: int, seed: int = 0) -> list[Change]:
    rng = np.random.default_rng(seed)
    rows = rng.permutation(count).tolist()
    return [
        Change(shapely.box(0, row, 1 + row, row + 1), row / count, 0.9, 2.0, 4.0 + row,
               row % 3 == 0, (row // 7, row % 7))
        for row in rows
    ]  # fmt: skip


@pytest.mark.parametrize("count", [0, 1, 50, 20_000])
def test_changes_are_returned_in_reading_order(tmp_path: Path, count: int) -> None:
    added = changes(count)
    spool = ChangeSpool(tmp_path)
    for start in range(0, count, 777):
        spool.append(added[start : start + 777])
    spool.append([])
    assert len(spool) == count
    everything = spool.take()
    assert everything == sorted(added, key=lambda change: change.anchor)
    assert spool.areas_m2().tolist() == [2.0] * count
    assert os.listdir(tmp_path) == []
    positions = np.arange(count)[::-3]
    assert spool.take(positions) == [everything[i] for i in positions]


def test_outlines_are_stored_on_disk() -> None:
    added = changes(500)
    used_bytes = []
    tracemalloc.start()
    spool = ChangeSpool()
    for _ in range(2):
        for _ in range(50):
            spool.append(added)
        used_bytes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert (used_bytes[1] - used_bytes[0]) / 25_000 < 80


def test_a_full_disk_raises_an_error_with_advice() -> None:
    spool = ChangeSpool()
    with open("/dev/full", "wb", buffering=0) as full:
        spool._file = full
        with pytest.raises(OutputError, match=r"No space left.*Free some space"):
            spool.append(changes(3))


@pytest.mark.parametrize("count", [2_000, 20_000])  # in memory, and on disk
def test_threads_and_forked_processes_read_at_the_same_time(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = ChangeSpool()
    spool.append(changes(count))
    positions = np.arange(count)
    expected = [change.geometry.bounds for change in spool.take()]

    def read(step: int) -> bool:
        found = [change.geometry.bounds for change in spool.take(positions[::step])]
        return found == expected[::step]

    interval_s = sys.getswitchinterval()
    try:
        sys.setswitchinterval(1e-5)
        with ThreadPoolExecutor(4) as threads:
            assert all(threads.map(read, [1, -1] * 4))
    finally:
        sys.setswitchinterval(interval_s)
    monkeypatch.setattr(sys.modules[__name__], "_read", read, raising=False)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as processes:
        assert all(processes.map(_read_in_a_process, [1, -1] * 2))


def _read_in_a_process(step: int) -> bool:
    read: Callable[[int], bool] = getattr(sys.modules[__name__], "_read")  # noqa: B009
    return read(step)


def test_a_table_reads_the_selected_changes() -> None:
    spool = ChangeSpool()
    spool.append(changes(5000))
    nothing = np.zeros(0, np.int64)
    attributes = {"query": "x", "date_before": None, "date_after": "2020"}
    table = ChangeTable(
        [Selection(spool, np.arange(5000)[::-2], attributes),
         Selection(spool, np.arange(10), attributes),
         Selection(spool, nothing, {**attributes, "query": "y"})],
        ("id", "query", "date_before", "date_after", "area_m2"), GRID,
    )  # fmt: skip
    frames = list(table.frames())
    assert max(map(len, frames)) <= 2048
    frame = table.read()
    assert len(table) == len(frame) == 2510
    assert frame["id"].tolist() == list(range(1, 2511))
    assert frame.crs == GRID.crs
    everything = spool.take()
    expected = [everything[i].geometry for i in [*range(4999, 0, -2), *range(10)]]
    assert list(frame.geometry) == expected
    assert table.counts_and_areas_m2() == {"x": (2510, 5020.0), "y": (0, 0.0)}
