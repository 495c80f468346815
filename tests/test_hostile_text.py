"""Texts that are not Unicode, and texts that a spreadsheet would run."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mtrs_geo import detect_changes
from mtrs_geo.errors import OutputError, QueryError, RequestError
from mtrs_geo.evaluation.table import SampleScore, write_table
from mtrs_geo.io.source import open_raster
from mtrs_geo.io.vector import read_vector
from mtrs_geo.progress import Silent
from mtrs_geo.query import ChangeQuery
from mtrs_geo.worker.jobs import Jobs

HALF = "half \ud800"


def test_halves_of_surrogate_pairs_are_refused(tmp_path: Path) -> None:
    for raw in (False, True):
        with pytest.raises(QueryError, match="not Unicode"):
            ChangeQuery.parse(HALF, raw=raw)
    for read in (open_raster, read_vector):
        with pytest.raises(RequestError, match="not UTF-8"):
            read(f"{HALF}.tif")
    with pytest.raises(OutputError, match="cannot be written"):
        detect_changes("a.tif", "b.tif", output=tmp_path / f"{HALF}.gpkg")
    with pytest.raises(RequestError, match="not Unicode"):
        Jobs().detect({"before": "a.tif", "after": "b.tif", "query": [HALF]}, Silent())


@pytest.mark.skipif(os.name != "posix", reason="arguments are bytes on POSIX only")
@pytest.mark.parametrize("place", ["raster", "query"])
def test_arguments_that_are_not_utf_8(place: str) -> None:
    raster, query = (b"caf\xe9.tif" if place == "raster" else b"a.tif"), b"caf\xe9"
    run = [sys.executable, "-m", "mtrs_geo.cli", "detect", raster, b"b.tif", query]
    done = subprocess.run(run, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith(b"error: "), done.stderr
    assert b"Traceback" not in done.stderr


def test_cells_of_tables_are_no_formulas(tmp_path: Path) -> None:
    texts = ["=1+1", "+1", "-1", "@a", "\t=1", "houses = new", "new houses"]
    samples = [SampleScore("=pair", i, text, 0.5, 1, 1, 1) for i, text in enumerate(texts)]
    write_table(tmp_path / "samples.csv", samples)
    with (tmp_path / "samples.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["expression"] for row in rows] == [
        "'=1+1", "'+1", "'-1", "'@a", "'\t=1", "houses = new", "new houses"
    ]  # fmt: skip
    assert {row["pair"] for row in rows} == {"'=pair"}
    assert {row["iou"] for row in rows} == {"0.500000"}
