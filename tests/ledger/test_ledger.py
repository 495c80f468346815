"""The file with the state of a run."""

from __future__ import annotations

import os
import pickle
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mtrs_geo.errors import OutputError
from mtrs_geo.ledger import Ledger, TileAnswer, file_identity
from mtrs_geo.ledger.ledger import ledger_path, pack, unpack

PROBABILITY = np.linspace(0, 1, 24, dtype=np.float32).reshape(2, 3, 4)
VALID = np.arange(12).reshape(3, 4) % 3 > 0


def edit(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement)


def test_answers_come_back_as_they_were(tmp_path: Path) -> None:
    given = [
        TileAnswer(0, PROBABILITY, VALID, np.array([True, False])),
        TileAnswer(1),
        TileAnswer(2, failure="a block is damaged"),
        TileAnswer(3, PROBABILITY),
    ]
    ledger = Ledger.create(tmp_path / "c.gpkg.run", {"option": {"threshold": 0.5}})
    assert ledger.is_empty
    ledger.record(given[:2])
    ledger.record(given[2:])
    ledger.close()
    found = Ledger.resume(tmp_path / "c.gpkg.run")
    assert found.facts == {"format": 2, "option": {"threshold": 0.5}}
    assert found.failures == {2: "a block is damaged"}
    for answer, other in zip(given, found.answers(), strict=True):
        assert (answer.tile, answer.failure) == (other.tile, other.failure)
        for name in ("probability", "valid", "unfamiliar"):
            np.testing.assert_array_equal(getattr(answer, name), getattr(other, name))
    found.remove()
    assert not list(tmp_path.iterdir())


def test_a_saved_state_replaces_answers_and_adds_pieces(tmp_path: Path) -> None:
    ledger = Ledger.create(tmp_path / "c.run", {})
    for i in range(2):
        ledger.record([TileAnswer(i, PROBABILITY)])
        ledger.save(
            i + 1, {"mosaic": {"band": np.array(i)}}, {"changes 0": [{"x": np.arange(i + 1)}]}
        )
    assert not list(ledger.answers())
    assert ledger.state()["mosaic"]["band"] == 1
    assert [piece["x"].size for piece in ledger.pieces("changes 0")] == [1, 2]
    assert not ledger.is_empty


def test_a_batch_is_stored_whole_or_not(tmp_path: Path) -> None:
    ledger = Ledger.create(tmp_path / "c.run", {})
    ledger.record([TileAnswer(4)])
    with pytest.raises(OutputError):
        ledger.record([TileAnswer(3), TileAnswer(4)])
    assert [answer.tile for answer in ledger.answers()] == [4]


def test_damaged_and_foreign_ledgers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.run"
    with pytest.raises(OutputError, match="there is no interrupted run"):
        Ledger.resume(path)
    path.write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(OutputError, match=r"cannot be used.*--overwrite"):
        Ledger.resume(path)
    Ledger.create(path, {}).close()
    edit(path, "UPDATE facts SET value = '99' WHERE name = 'format'")
    with pytest.raises(OutputError, match="format 99"):
        Ledger.resume(path)
    ledger = Ledger.create(path, {})
    ledger.record([TileAnswer(0, PROBABILITY)])
    ledger.close()
    edit(path, "UPDATE tiles SET answer = substr(answer, 1, 40)")
    with pytest.raises(OutputError, match="cannot be used"):
        list(Ledger.resume(path).answers())


def test_pickles_in_a_ledger_are_not_run(tmp_path: Path) -> None:
    class Touch:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "made"),)

    data = pack({"x": np.arange(3)})
    unpack(data)
    evil = np.array([Touch()], dtype=object)
    buffer = tmp_path / "evil.npz"
    np.savez(buffer, allow_pickle=True, x=evil)
    with pytest.raises((ValueError, pickle.UnpicklingError)):
        unpack(buffer.read_bytes())
    assert not (tmp_path / "made").exists()


def test_a_second_process_cannot_open_it(tmp_path: Path) -> None:
    ledger = Ledger.create(tmp_path / "c.run", {})
    ledger.record([TileAnswer(0)])
    other = sqlite3.connect(tmp_path / "c.run", timeout=0)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("SELECT * FROM facts").fetchall()


def test_the_identity_of_a_file_changes_with_its_content(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    data = bytearray(np.random.default_rng(0).bytes(5 << 20))
    path.write_bytes(data)
    first = file_identity(path)
    assert file_identity(path) == first
    for place in (0, 100, len(data) - 1):
        data[place] ^= 1
        path.write_bytes(data)
        os.utime(path, ns=(first["modified_ns"], first["modified_ns"]))  # type: ignore[arg-type]
        assert file_identity(path) != first
        data[place] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(1, 1))
    assert file_identity(path) != first, "the time counts, as only samples are read"
    folder = tmp_path / "folder"
    folder.mkdir()
    empty = file_identity(folder)
    (folder / "b").write_text("x")
    assert file_identity(folder) != empty


def test_long_arrays_of_a_state_are_stored_in_parts(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    first = {"sum": random.random((2, 300, 1001)), "small": np.arange(3)}
    ledger = Ledger.create(tmp_path / "c.gpkg.run", {})
    ledger.save(1, {"mosaic": first, "other": {"sum": np.zeros(300_000)}}, {})
    second = {"sum": random.random((1, 200, 1001)), "small": np.arange(4)}
    ledger.save(2, {"mosaic": second, "other": {"sum": np.zeros(3)}}, {})
    found = ledger.state()
    assert set(found) == {"mosaic", "other"}
    assert set(found["mosaic"]) == set(second)
    assert all(np.array_equal(found["mosaic"][name], second[name]) for name in second)
    assert found["other"]["sum"].shape == (3,)
    ledger.remove()


def test_a_ledger_is_there_with_its_tables_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "c.gpkg.run"

    def end(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("mtrs_geo.ledger.ledger.os.replace", end)
        with pytest.raises(SystemExit):
            Ledger.create(path, {})
    assert not path.exists()
    Ledger.create(path, {"a": 1}).remove()
    assert not list(tmp_path.iterdir())


def test_a_ledger_that_cannot_be_opened_is_closed(tmp_path: Path) -> None:
    (tmp_path / "c.gpkg.run").write_bytes(b"not a database, and long enough to be read as one" * 9)
    opened = []
    connect = sqlite3.connect

    def remember(*args: Any, **options: Any) -> sqlite3.Connection:
        opened.append(connect(*args, **options))
        return opened[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", remember)
        with pytest.raises(OutputError):
            Ledger(tmp_path / "c.gpkg.run")
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")


@pytest.mark.skipif(os.name == "nt", reason="Windows makes no such folder")
def test_a_folder_whose_path_is_too_long_is_named(tmp_path: Path) -> None:
    folder = tmp_path
    while len(str(folder)) < 510:
        folder /= "d" * 100
    folder.mkdir(parents=True)
    with pytest.raises(
        OutputError, match=rf"{folder}: the path .* is too long: \d+ bytes"
    ) as found:
        Ledger.create(ledger_path(folder / "c.gpkg"), {})
    assert "shorter path" in found.value.advice
    assert not list(folder.iterdir())
