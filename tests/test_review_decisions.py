"""A vector file with review decisions is not replaced."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from mtrs_geo import detect_changes
from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.errors import OutputError
from mtrs_geo.outputs import StagedFile, check_output, count_decisions, refuse_existing, staged_file

FORMATS = (".gpkg", ".geojson", ".fgb", ".parquet", ".shp", ".csv")
SHAPES = [box(i, 0, i + 1, 1) for i in range(4)]
REVIEWED: list[Any] = ["accepted", None, "rejected", ""]


def write(path: Path, reviews: list[Any], column: str = "review") -> Path:
    """Write four polygons; the sentence looks like a property of GeoJSON."""
    query = ['"review": "accepted"', "a", "b", "c"]
    frame = geopandas.GeoDataFrame(
        {"query": query, column: pd.Series(reviews, dtype=object), "reviewer": "Ann"},
        geometry=SHAPES, crs=32633,
    )  # fmt: skip
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_file(path, layer="changes" if path.suffix == ".gpkg" else None)
    return path


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_reviewed_file_is_kept(tmp_path: Path, suffix: str) -> None:
    target = write(tmp_path / f"50% #mine{suffix}", REVIEWED)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for refuse in (refuse_existing, check_output, StagedFile):
        with pytest.raises(OutputError, match="holds 2 review decisions, which would be") as caught:
            refuse(target, overwrite=True)
        assert target.name in caught.value.message
        assert caught.value.advice == "Give another name, or rename or delete the file first."
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_without_decisions_is_replaced(tmp_path: Path, suffix: str) -> None:
    other = write(tmp_path / f"other{suffix}", ["accepted"] * 4, column="reviews")
    assert refuse_existing(other, overwrite=True) == other
    empty = write(tmp_path / f"empty{suffix}", [None, "", None, " "])
    assert refuse_existing(empty, overwrite=True) == empty
    for content in (b"", b"no vector file", empty.read_bytes()[:50]):
        empty.write_bytes(content)
        assert refuse_existing(empty, overwrite=True) == empty


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_column_in_upper_case_counts(tmp_path: Path, suffix: str) -> None:
    target = write(tmp_path / f"c{suffix}", ["edited", *[None] * 3], column="REVIEW")
    assert count_decisions(target) == 1
    with pytest.raises(OutputError, match="holds 1 review decision, which"):
        refuse_existing(target, overwrite=True)


def test_numbers_and_missing_values(tmp_path: Path) -> None:
    target = write(tmp_path / "c.parquet", [np.nan, 1.0, 2.0, np.nan])
    assert count_decisions(target) == 2
    assert count_decisions(tmp_path / "none.gpkg") == 0
    assert count_decisions(tmp_path) == 0


def test_a_decision_during_the_run_is_kept(tmp_path: Path) -> None:
    target = write(tmp_path / "c.gpkg", [None] * 4)
    staged = StagedFile(target, overwrite=True)
    write(staged.path, [None] * 4)
    target.unlink()
    write(target, REVIEWED)
    with pytest.raises(OutputError, match="holds 2 review decisions"):
        staged.commit()
    assert count_decisions(target) == 2


def test_copies_of_the_decisions_replace_them(tmp_path: Path) -> None:
    target = write(tmp_path / "c.gpkg", REVIEWED)
    with staged_file(target, overwrite=True, decisions=2) as path:
        write(path, ["edited", "rejected", None, None])
    assert count_decisions(target) == 2


def test_no_run_replaces_decisions(pair_paths: PairPaths, tmp_path: Path) -> None:
    target = tmp_path / "changes.gpkg"
    pair: dict[str, Any] = {"before": pair_paths.before, "after": pair_paths.after}

    def run(model: str) -> None:
        detect_changes(
            **pair, query="new buildings", output=target, model=model, threshold=0.25,
            overwrite=True,
        )  # fmt: skip

    run("brightness")
    run("brightness")
    frame = geopandas.read_file(target, layer="changes")
    frame.assign(review="rejected").to_file(target, layer="changes")
    before = target.read_bytes()
    with pytest.raises(OutputError, match=f"holds {len(frame)} review decision"):
        run(os.fspath(tmp_path / "no_such_model"))  # it is refused before the model is loaded
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
    target.rename(tmp_path / "reviewed.gpkg")
    run("brightness")
