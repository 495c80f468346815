"""Project files that are damaged, locked or no files."""

from __future__ import annotations

import sqlite3

import pytest

from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.database import database_error
from mtrs_geo.errors import OutputError


@pytest.fixture
def path(tmp_path):
    Project.create(tmp_path / "project.db").close()
    return tmp_path / "project.db"


def test_a_damaged_page_is_said_with_advice(path):
    content = bytearray(path.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    path.write_bytes(bytes(content))
    with pytest.raises(OutputError, match="is damaged: ") as error, Project(path) as project:
        project.setting("audit_gold_every")
    assert ".recover" in error.value.advice


def test_a_missing_table_is_damage_too(path):
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE edits")
    connection.close()
    with pytest.raises(OutputError, match="no such table: edits"), Project(path) as project:
        project.connection.execute("SELECT * FROM edits")


def test_a_program_that_keeps_writing_is_named(path, monkeypatch):
    monkeypatch.setattr("mtrs_geo.craft.project.database._WAIT_S", 0.05)
    with Project(path) as first, first.transaction():
        with pytest.raises(OutputError, match="another program writes to "), Project(path) as other:
            other.set("a", 1)
        first.set("a", 2)
    with Project(path) as project:
        assert project.setting("a") == 2


def test_a_project_that_cannot_be_made_leaves_nothing(tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        Project.create(tmp_path / ("p" * 251))  # SQLite's own files have longer names
    assert not list(tmp_path.iterdir())


def test_a_folder_is_no_project(tmp_path):
    with pytest.raises(OutputError, match="is a folder, not a project"):
        Project(tmp_path)


@pytest.mark.parametrize(
    ("text", "advice"),
    [("attempt to write a readonly database", "writable"), ("database or disk is full", "room")],
)
def test_what_cannot_be_written_has_advice(path, text, advice):
    assert advice in database_error(path, sqlite3.OperationalError(text)).advice
