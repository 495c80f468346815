"""A GeoPackage with other layers is not replaced, and its errors are in words."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import geopandas
import pytest
from shapely.geometry import Point

from mtrs_geo.errors import OutputError
from mtrs_geo.outputs import StagedFile, check_output, refuse_existing, write_error


def write(path: Path, *layers: str) -> Path:
    for layer in layers:
        frame = geopandas.GeoDataFrame(geometry=[Point(0, 0)], crs=32633)
        frame.to_file(path, layer=layer, driver="GPKG", mode="a" if path.exists() else "w")
    return path


def test_other_layers_are_named_and_kept(tmp_path: Path) -> None:
    target = write(tmp_path / "50% #mine.gpkg", "changes", "wells", "roads")
    before = target.read_bytes()
    for refuse in (refuse_existing, check_output, StagedFile):
        with pytest.raises(OutputError, match=r"mine\.gpkg also holds roads, wells") as caught:
            refuse(target, overwrite=True)
        assert caught.value.advice == "Give another name, or delete the file if it is not needed."
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_a_project_of_qgis_in_a_geopackage_is_kept(tmp_path: Path) -> None:
    target = write(tmp_path / "c.gpkg", "changes")
    with closing(sqlite3.connect(target)) as database, database:
        database.execute("CREATE TABLE qgis_projects (name TEXT)")
    with pytest.raises(OutputError, match="also holds qgis_projects"):
        refuse_existing(target, overwrite=True)


def test_the_layers_of_an_output_are_replaced(tmp_path: Path) -> None:
    target = write(tmp_path / "c.gpkg", "changes", "events", "failed_tiles", "layer_styles")
    assert refuse_existing(target, overwrite=True) == target
    target.write_bytes(b"not a GeoPackage")
    assert refuse_existing(target, overwrite=True) == target


def test_a_failed_statement_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = RuntimeError(
        "Error: sqlite3_exec(INSERT INTO a (b) VALUES (1)) failed: no such table: a"
    )
    text = str(write_error(tmp_path / "c.gpkg", error))
    assert "c.gpkg cannot be written: Error: no such table: a. Check" in text
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5 << 10))
    text = str(write_error(tmp_path / "c.gpkg", error))
    assert "c.gpkg cannot be written: the disk is full (5 KiB are free). Check" in text
    refused = PermissionError(13, "Permission denied")
    assert "Permission denied" in str(write_error(tmp_path / "c.gpkg", refused))
