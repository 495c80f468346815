"""`mtrs-geo stack` takes rasters, then sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mtrs_geo.cli import app
from mtrs_geo.cli.rasters_and_sentences import rasters_and_sentences
from mtrs_geo.data.rendering.synthetic import PairPaths


@pytest.mark.parametrize(
    ("text", "is_raster"),
    [
        ("missing_2016.tif", True), ("tiles/*", True), ("tile_?.tif", True),
        ("my tiles/*.tif", True),
        ("https://host/2016.tif?token=1", True), ("/vsis3/bucket/key", True),
        ("NETCDF:file.nc:red", True), ("folder", True),
        ("ponds that grew", False), ("houses", False), ("how many new ponds?", False),
        ("ponds that grew by 1.5 ha", False), ("new houses. no roads", False), ("", False),
        ("Note: new houses", False), ("new ponds in the east*", False),
    ],
)  # fmt: skip
def test_what_is_a_raster(
    text: str, is_raster: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    rasters, sentences = rasters_and_sentences(["a.tif", text, text])
    assert rasters == ["a.tif", *([text, text] if is_raster else [])]
    assert sentences == ([] if is_raster else [text, text])


def test_sentences_after_the_rasters(pair_paths: PairPaths, tmp_path: Path) -> None:
    before, after = str(pair_paths.before), str(pair_paths.after)
    done = CliRunner().invoke(app, [
        "stack", before, after, before, "new houses", "new roads", "--pairs", "all", "-o",
        str(tmp_path / "c.gpkg"), "--model", "brightness", "--timeline", str(tmp_path / "t.png"),
        "--dates", "2016,2018,2020", "--json",
    ])  # fmt: skip
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout.splitlines()[-1])
    assert list(answer["report"]["polygons"]) == ["new houses", "new roads"]
    assert answer["report"]["pairs"] == [[0, 1], [0, 2], [1, 2]]
    assert answer["timeline"] == str(tmp_path / "t.png")


def test_wrong_use(pair_paths: PairPaths) -> None:
    before, after = str(pair_paths.before), str(pair_paths.after)
    done = CliRunner().invoke(app, ["stack", before, after, "new", "houses"])
    assert done.exit_code == 2
    assert "Put one sentence in quotes" in " ".join(done.output.replace("│", " ").split())
    done = CliRunner().invoke(app, ["stack", before, after, "--pairs", "some"])
    assert done.exit_code == 2
