"""What a benchmark has answered so far, in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from mtrs_geo.benchmark.packed_masks import is_packed_mask
from mtrs_geo.benchmark.sample_counts import SampleCounts
from mtrs_geo.errors import OutputError
from mtrs_geo.models.catalog import sha256

__all__ = ["Cache"]

_TABLES = """
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, mask BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS scores (key TEXT PRIMARY KEY, counts TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS times
  (key TEXT PRIMARY KEY, seconds REAL NOT NULL, pixels INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS models (key TEXT PRIMARY KEY, facts TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files
  (path TEXT PRIMARY KEY, size INTEGER NOT NULL, changed_ns INTEGER NOT NULL, sha256 TEXT NOT NULL);
"""
_WAIT_S = 60.0


class Cache:
    """Answers and scores by their keys (`mtrs_geo.benchmark.fingerprints`).

    An answered pair is written in one transaction, so a killed run loses no pair that was written.
    Several runs may share a file.  Use it as a context manager.

    Args:
        path: SQLite file; it is made if it does not exist.

    Raises:
        OutputError: if the file cannot be written or is no SQLite file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._as_output_error():
            self._database = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)
            try:
                self._database.execute("PRAGMA journal_mode=WAL")
                self._database.execute("PRAGMA synchronous=NORMAL")
                self._database.executescript(_TABLES)
            except sqlite3.Error:
                self._database.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write everything of the block, or nothing."""
        with self._as_output_error():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                with suppress(sqlite3.Error):
                    self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def answer(self, key: str) -> bytes | None:
        """Return the packed mask of a key; None if it is not known or damaged."""
        row = self._row("SELECT mask FROM answers WHERE key = ?", key)
        packed = b"" if row is None else bytes(row[0])
        return packed if is_packed_mask(packed) else None

    def add_answer(self, key: str, mask: bytes) -> None:
        """Keep a packed mask."""
        self._database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, mask))

    def counts(self, key: str) -> SampleCounts | None:
        """Return the counts of a key; None if they are not known."""
        row = self._row("SELECT counts FROM scores WHERE key = ?", key)
        try:
            return None if row is None else SampleCounts.from_json(json.loads(row[0]))
        except (ValueError, TypeError, KeyError):  # a damaged entry is counted again
            return None

    def add_counts(self, key: str, counts: SampleCounts) -> None:
        """Keep the counts of a sample."""
        text = json.dumps(counts.as_json())
        self._database.execute("INSERT OR REPLACE INTO scores VALUES (?, ?)", (key, text))

    def seconds(self, key: str) -> tuple[float, int] | None:
        """Return seconds and pixels of an answered pair; None if they are not known."""
        row = self._row("SELECT seconds, pixels FROM times WHERE key = ?", key)
        return None if row is None else (float(row[0]), int(row[1]))

    def add_seconds(self, key: str, seconds: float, pixels: int) -> None:
        """Keep the time of a pair."""
        values = (key, seconds, pixels)
        self._database.execute("INSERT OR REPLACE INTO times VALUES (?, ?, ?)", values)

    def facts(self, key: str) -> dict[str, Any]:
        """Return the facts about a model; empty if there are none."""
        row = self._row("SELECT facts FROM models WHERE key = ?", key)
        return {} if row is None else dict(json.loads(row[0]))

    def add_facts(self, key: str, facts: dict[str, Any]) -> None:
        """Keep facts about a model; of two peaks the higher is kept."""
        known = self.facts(key)
        peaks = {
            name: max(known.get(name) or 0, facts[name] or 0) or None
            for name in facts
            if name.endswith("peak_bytes")
        }
        text = json.dumps(known | facts | peaks)
        self._database.execute("INSERT OR REPLACE INTO models VALUES (?, ?)", (key, text))

    def checksum(self, path: Path) -> str:
        """Return the SHA-256 of a file; one of the same size and time is not read again."""
        path = path.absolute()
        state = path.stat()
        row = self._row("SELECT size, changed_ns, sha256 FROM files WHERE path = ?", str(path))
        if row is not None and tuple(row[:2]) == (state.st_size, state.st_mtime_ns):
            return str(row[2])
        found = sha256(path)
        values = (str(path), state.st_size, state.st_mtime_ns, found)
        with self._as_output_error():
            self._database.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", values)
        return found

    def _row(self, statement: str, key: str) -> tuple[Any, ...] | None:
        with self._as_output_error():
            row: tuple[Any, ...] | None = self._database.execute(statement, (key,)).fetchone()
        return row

    @contextmanager
    def _as_output_error(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            msg = f"{self.path} cannot be used: {error}."
            advice = "Check that the disk has free space, or give another folder."
            if type(error) is sqlite3.DatabaseError:  # malformed, or no database
                advice = "Move the damaged file away: every sample is then answered again."
            raise OutputError(msg, advice=advice) from error
