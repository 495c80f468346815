"""One SQLite file with the state of a run."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from mtrs_geo.errors import OutputError

__all__ = ["Ledger", "TileAnswer", "is_committing", "ledger_path"]

Arrays = Mapping[str, npt.NDArray[Any]]

_FORMAT = 2
_NEW = "-new"
"""Ending of a ledger whose tables are being made."""
_PAGE_BYTES = 1 << 14
"""An answer fills many pages: with SQLite's 4 KiB, storing it takes twice the CPU time."""
_CHECKPOINT_PAGES = (32 << 20) // _PAGE_BYTES
_PART_BYTES = 1 << 20
"""Longer arrays of a state are stored in parts, as SQLite and numpy copy what is stored."""
_OF = ":"
"""Between the names of a part's state, array and number."""
_LONGEST_NAME_BYTES, _LONGEST_PATH_BYTES = 240, 490
"""Longer names and paths leave no room for the endings that SQLite adds: file systems allow names
of 255 bytes, and SQLite paths of 512."""
_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE tiles (tile INTEGER PRIMARY KEY, answer BLOB NOT NULL);
CREATE TABLE state (name TEXT PRIMARY KEY, arrays BLOB NOT NULL);
CREATE TABLE pieces (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, arrays BLOB NOT NULL);
CREATE TABLE failed (tile INTEGER PRIMARY KEY, reason TEXT NOT NULL);
"""
_FULL = (
    "Check that the disk has free space, then run it again. If its .run file is still there, "
    "--resume (resume=True) goes on with it."
)
_CAUSES = {
    "full": _FULL,
    "disk I/O error": _FULL,
    "locked": "Another run uses it: wait until it has finished.",
    "readonly": "Choose a folder that may be written.",
}
"""Advice by words of SQLite's message."""
_ADVICE = "Run it again with --overwrite (overwrite=True) to start over."


@dataclass(frozen=True)
class TileAnswer:
    """What became of one tile."""

    tile: int
    """Index of the tile in the plan."""
    probability: npt.NDArray[np.float32] | None = None
    """(layers, rows, cols); None if the tile has no valid pixel, or failed."""
    valid: npt.NDArray[np.bool_] | None = None
    """(rows, cols); None if every pixel is valid."""
    unfamiliar: npt.NDArray[np.bool_] | None = None
    """(dates,) whether the tile looks unfamiliar; None if that was not measured."""
    failure: str = ""
    """Why the tile has no answer; empty if it did not fail."""


def ledger_path(output: Path) -> Path:
    """Return where the ledger of a run is, by its main output."""
    name = output.name
    encoded = name.encode(errors="surrogateescape")
    if len(encoded) > _LONGEST_NAME_BYTES or _byte_count(output.absolute()) > _LONGEST_PATH_BYTES:
        name = hashlib.sha256(encoded).hexdigest()[:16] + output.suffix
    return output.with_name(f"{name}.run")


def _byte_count(path: Path) -> int:
    return len(str(path).encode(errors="surrogateescape"))


class Ledger:
    """The state of an unfinished run; the caller holds the lock of the run's output.

    Args:
        path: the file; `create` makes it, and `resume` opens it.

    Raises:
        OutputError: if the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._errors():
            self._database = sqlite3.connect(path, isolation_level=None)
            try:
                # No shared memory beside the file, so that it may be on a network drive.
                self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
                self._database.execute("PRAGMA journal_mode = WAL")
                self._database.execute("PRAGMA synchronous = NORMAL")
                # A checkpoint waits for the disk; many small ones take longer than a fast model.
                self._database.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            except sqlite3.Error:
                self.close()  # an open file keeps its disk from being unmounted
                raise

    @classmethod
    def create(cls, path: Path, facts: Mapping[str, Any]) -> Self:
        """Begin the ledger of a run; an old one at the same path is removed.

        Args:
            path: the file.
            facts: what the run is, as values of JSON.

        Raises:
            OutputError: if the file cannot be written.
        """
        remove_ledger(path)
        new = path.with_name(path.name + _NEW)
        rows = [(name, json.dumps(v)) for name, v in [("format", _FORMAT), *facts.items()]]
        try:
            with _errors(path):
                with closing(sqlite3.connect(new, isolation_level=None)) as database:
                    database.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
                    database.execute("PRAGMA journal_mode = MEMORY")
                    database.executescript(f"BEGIN; {_TABLES}")
                    database.executemany("INSERT INTO facts VALUES (?, ?)", rows)
                    database.execute("COMMIT")
                # A process that is killed leaves no ledger without tables.
                os.replace(new, path)
            return cls(path)
        except (OutputError, OSError):
            remove_ledger(path)
            raise

    @classmethod
    def resume(cls, path: Path) -> Self:
        """Open the ledger of an interrupted run.

        Raises:
            OutputError: if there is none, or it is damaged or of another version.
        """
        if not path.is_file():
            msg = f"there is no interrupted run to go on with: {path} does not exist."
            raise OutputError(msg, advice="Run it without --resume (resume=False).")
        ledger = cls(path)
        with ledger._errors():
            found = ledger.facts.get("format")
        if found != _FORMAT:
            ledger.close()
            msg = f"{path} has format {found}, which this version of mtrs-geo does not read."
            raise OutputError(msg, advice=_ADVICE)
        return ledger

    @property
    def facts(self) -> dict[str, Any]:
        """What the run is."""
        with self._errors():
            rows = self._database.execute("SELECT name, value FROM facts")
            return {name: json.loads(value) for name, value in rows}

    @property
    def failures(self) -> dict[int, str]:
        """Why tiles failed, by their index."""
        with self._errors():
            return dict(self._database.execute("SELECT tile, reason FROM failed ORDER BY tile"))

    @property
    def is_empty(self) -> bool:
        """Whether it has no answer of a tile."""
        with self._errors():
            query = "SELECT EXISTS (SELECT 1 FROM tiles) OR EXISTS (SELECT 1 FROM state)"
            return not self._database.execute(query).fetchone()[0]

    def record(self, answers: Sequence[TileAnswer]) -> None:
        """Store the answers of one batch, all or none."""
        rows = [(answer.tile, pack(_arrays_of(answer))) for answer in answers]
        failed = [(answer.tile, answer.failure) for answer in answers if answer.failure]
        with self._errors(), self._transaction():
            self._database.executemany("INSERT INTO tiles VALUES (?, ?)", rows)
            self._database.executemany("INSERT OR REPLACE INTO failed VALUES (?, ?)", failed)

    def answers(self) -> Iterator[TileAnswer]:
        """Yield the answers that are not part of the state yet, in order."""
        failures, last = self.failures, -1
        while True:
            with self._errors():
                # One at a time, as the caller may save the state in between.
                query = "SELECT tile, answer FROM tiles WHERE tile > ? ORDER BY tile LIMIT 1"
                row = self._database.execute(query, (last,)).fetchone()
                if row is None:
                    return
                last, found = row[0], unpack(row[1])
                answer = TileAnswer(
                    last,
                    found.get("probability"),
                    None if "valid" not in found else _unpacked_mask(found),
                    found.get("unfamiliar"),
                    failures.get(last, ""),
                )
            yield answer

    def save(
        self, tiles: int, state: Mapping[str, Arrays], pieces: Mapping[str, Sequence[Arrays]]
    ) -> None:
        """Replace the state, add pieces, and drop the answers that the state includes.

        Args:
            tiles: number of tiles, from the first, that the state includes.
            state: arrays by the name of their part of the run.
            pieces: arrays that are kept as they are, by kind.
        """
        # One at a time, as the parts of a wide raster are large.
        rows = ((name, pack(arrays)) for name, arrays in _split(state))
        added = ((kind, pack(part)) for kind, parts in pieces.items() for part in parts)
        with self._errors(), self._transaction():
            self._database.execute("DELETE FROM tiles WHERE tile < ?", (tiles,))
            self._database.execute("DELETE FROM state")
            self._database.executemany("INSERT INTO state VALUES (?, ?)", rows)
            self._database.executemany("INSERT INTO pieces (kind, arrays) VALUES (?, ?)", added)

    def state(self) -> dict[str, dict[str, npt.NDArray[Any]]]:
        """Return the state by part; empty if none was saved."""
        with self._errors():
            rows = self._database.execute("SELECT name, arrays FROM state")
            return _joined({name: unpack(data) for name, data in rows})

    def pieces(self, kind: str) -> Iterator[dict[str, npt.NDArray[Any]]]:
        """Yield the pieces of a kind in the order in which they were added."""
        with self._errors():
            query = "SELECT arrays FROM pieces WHERE kind = ? ORDER BY id"
            for (data,) in self._database.execute(query, (kind,)):
                yield unpack(data)

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Note that the block renames the outputs into place, see `is_committing`.

        After an exception the note is removed: the outputs that are there are not of this run.
        """
        with self._errors():
            self._database.execute("INSERT OR REPLACE INTO facts VALUES ('committing', 'true')")
        try:
            yield
        except BaseException:
            with suppress(sqlite3.Error):
                self._database.execute("DELETE FROM facts WHERE name = 'committing'")
            raise

    def close(self) -> None:
        """Close the file and keep it."""
        with suppress(sqlite3.Error):
            self._database.close()

    def remove(self) -> None:
        """Close the file and remove it."""
        with suppress(sqlite3.Error):  # what is removed need not reach the disk
            self._database.execute("PRAGMA synchronous = OFF")
        self.close()
        remove_ledger(self.path)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN")
        try:
            yield
        except BaseException:
            with suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def _errors(self) -> AbstractContextManager[None]:
        return _errors(self.path)


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Raise what SQLite and numpy raise as errors about a ledger."""
    try:
        yield
    except (sqlite3.Error, ValueError, BadZipFile, zlib.error, EOFError) as error:
        path_bytes = _byte_count(path.absolute())
        if path_bytes > _LONGEST_PATH_BYTES and "unable to open" in str(error):
            msg = (
                f"no state of a run can be kept in {path.absolute().parent}: the path of its file "
                f"is too long: {path_bytes} bytes, and SQLite takes some {_LONGEST_PATH_BYTES}."
            )
            advice = "Give an output in a folder with a shorter path."
            raise OutputError(msg, advice=advice) from error
        advice = next((a for text, a in _CAUSES.items() if text in str(error)), _ADVICE)
        what = "written" if advice == _FULL else "used"
        msg = f"the state of {path.stem} cannot be {what} ({path}): {error}."
        raise OutputError(msg, advice=advice) from error


def is_committing(path: Path) -> bool:
    """Return whether the run of a ledger was killed while it renamed its outputs into place.

    Raises:
        OutputError: if the file is damaged.
    """
    if not path.exists():
        return False
    ledger = Ledger.resume(path)
    try:
        return bool(ledger.facts.get("committing"))
    finally:
        ledger.close()


def remove_ledger(path: Path) -> None:
    """Remove a ledger and the files that SQLite keeps beside it."""
    for ending in ("-wal", "-shm", "-journal", _NEW, ""):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def pack(arrays: Arrays) -> memoryview:
    """Return arrays as bytes, without pickles."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getbuffer()


def unpack(data: bytes | memoryview) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of `pack`.

    Raises:
        ValueError: if the bytes are damaged, or hold a pickle.
    """
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        return {name: found[name] for name in found.files}


def _split(state: Mapping[str, Arrays]) -> Iterator[tuple[str, Arrays]]:
    """Yield the arrays of a state by name, long ones in parts before the others."""
    for name, arrays in state.items():
        short: dict[str, npt.NDArray[Any]] = {}
        for key, array in arrays.items():
            if array.nbytes <= _PART_BYTES:
                short[key] = array
                continue
            flat, step = array.reshape(-1), _PART_BYTES // array.itemsize
            for i, start in enumerate(range(0, flat.size, step)):
                yield _OF.join((name, key, f"{i:06}")), {"part": flat[start : start + step]}
            short[f"{key}{_OF}shape"] = np.array(array.shape)
        yield name, short


def _joined(
    stored: Mapping[str, dict[str, npt.NDArray[Any]]],
) -> dict[str, dict[str, npt.NDArray[Any]]]:
    """Return the state of the rows of `_split`."""
    state = {name: arrays for name, arrays in stored.items() if _OF not in name}
    for name, arrays in state.items():
        for shape in [key for key in arrays if key.endswith(f"{_OF}shape")]:
            key = shape.removesuffix(f"{_OF}shape")
            parts = sorted(row for row in stored if row.startswith(_OF.join((name, key, ""))))
            flat = np.concatenate([stored[row]["part"] for row in parts])
            arrays[key] = flat.reshape(arrays.pop(shape))
    return state


def _arrays_of(answer: TileAnswer) -> dict[str, npt.NDArray[Any]]:
    arrays: dict[str, npt.NDArray[Any]] = {}
    if answer.probability is not None:
        arrays["probability"] = answer.probability
    if answer.valid is not None:
        arrays["valid"] = np.packbits(answer.valid)
        arrays["shape"] = np.array(answer.valid.shape)
    if answer.unfamiliar is not None:
        arrays["unfamiliar"] = answer.unfamiliar
    return arrays


def _unpacked_mask(found: Arrays) -> npt.NDArray[np.bool_]:
    rows, cols = found["shape"].tolist()
    bits = np.unpackbits(found["valid"], count=rows * cols)
    return bits.astype(np.bool_).reshape(rows, cols)
