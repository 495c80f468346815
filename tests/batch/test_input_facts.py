"""Finished jobs whose rasters are read from files that a path does not name by itself."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import rasterio.shutil

from mtrs_geo.batch import input_facts, run_batch
from mtrs_geo.batch.input_facts import InputFacts
from mtrs_geo.batch.job import Job
from mtrs_geo.errors import OutputError, RasterError

CHEAP: dict[str, Any] = {"model": "brightness", "options": {"threshold": 0.25}}
Write = Callable[..., Path]


def virtual(source: Path) -> str:
    target = source.with_name(f"{source.stem}_virtual.vrt")
    with rasterio.open(source) as dataset:
        rasterio.shutil.copy(dataset, target, driver="VRT")
    return str(target)


KINDS: dict[str, Callable[[Path], str]] = {
    "file": str,
    "pattern": lambda tile: str(tile.parent / "*.tif"),
    "folder": lambda tile: str(tile.parent),
    "VRT": virtual,
    "VRT of a VRT": lambda tile: virtual(Path(virtual(tile))),
    "directory of a TIFF": lambda tile: f"GTIFF_DIR:1:{tile}",
}


@pytest.fixture
def tile(tmp_path: Path, write: Write) -> Path:
    return write(tmp_path / "after" / "place_2020.tif", 5)


@pytest.fixture
def run(tmp_path: Path, write: Write) -> Callable[..., Any]:
    """Return a function that runs a batch of one job for a later raster."""
    before = write(tmp_path / "place_2016.tif", 0)

    def run_once(after: str, **more: Any) -> Any:
        jobs = [{"id": "place", "before": str(before), "after": after}]
        return run_batch(jobs, tmp_path / "out", "any change", **CHEAP, **more)

    return run_once


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_of_a_file_behind_a_raster_is_noticed(
    run: Callable[..., Any], tile: Path, write: Write, kind: str
) -> None:
    after = KINDS[kind](tile)
    run(after)
    assert run(after, resume=True).entries[0]["status"] == "done"
    write(tile, 2)
    with pytest.raises(OutputError, match="'place' is done, and was another one: inputs"):
        run(after, resume=True)


@pytest.mark.parametrize("kind", ["file", "folder", "VRT"])
def test_a_mask_beside_a_raster_counts_and_statistics_do_not(
    run: Callable[..., Any], tile: Path, kind: str
) -> None:
    after = KINDS[kind](tile)
    run(after)
    for ending in (".aux.xml", ".ovr"):  # viewers write them
        tile.with_name(tile.name + ending).write_text("<PAMDataset/>")
    assert run(after, resume=True).entries[0]["status"] == "done"
    tile.with_name(f"{tile.name}.ovr").unlink()
    with rasterio.open(tile) as file:
        shape = file.shape
    with rasterio.open(
        f"{tile}.msk", "w", driver="GTiff", count=1, height=shape[0], width=shape[1], dtype="uint8"
    ) as mask:
        mask.write(np.zeros((1, *shape), np.uint8))
    with pytest.raises(OutputError, match=rf"files behind {re.escape(Path(after).name)}"):
        run(after, resume=True)


def test_a_file_of_many_jobs_is_read_once(
    tile: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    listed: list[str] = []
    real, real_list = input_facts.file_identity, input_facts.local_files

    def read_and_count(path: Path) -> dict[str, int | str]:
        read.append(path.name)
        return real(path)

    def list_and_count(raster: str) -> list[str]:
        listed.append(raster)
        return real_list(raster)

    monkeypatch.setattr(input_facts, "file_identity", read_and_count)
    monkeypatch.setattr(input_facts, "local_files", list_and_count)
    facts = InputFacts()
    after = virtual(tile)
    first = [facts.of(Job(str(i), after, after)) for i in range(3)]
    assert first[0] == first[2]
    assert sorted(read) == ["place_2020.tif", "place_2020_virtual.vrt"]
    assert listed == [after]
    facts.of(Job("4", str(tile), os.path.relpath(tile)))
    assert len(read) == 2
    write(tile, 2)
    os.utime(tile, ns=(0, 0))
    assert facts.of(Job("3", after, after)) != first[0]


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that nobody can read")
def test_a_file_that_cannot_be_read_is_named() -> None:
    with pytest.raises(RasterError, match=r"the files of job 'a' cannot be read: .*Errno"):
        InputFacts().of(Job("a", "/proc/self/mem", "b.tif"))
