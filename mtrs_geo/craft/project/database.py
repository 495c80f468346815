"""Open and create project files."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

from mtrs_geo.craft.project.records import Origin
from mtrs_geo.craft.project.schema import SCHEMA_VERSION, TABLES
from mtrs_geo.errors import OutputError

__all__ = ["Project", "database_error"]

_APPLICATION_ID = 0x4D545243
"""Marks SQLite files that are projects: MTRC."""
_NEW = "-new"
"""Ending of a file whose tables are being made."""
_WAIT_S = 30.0


class Project:
    """A project file.  One connection; open another one in every thread.

    Args:
        path: an existing project file; see `create`.

    Raises:
        OutputError: if it does not exist, is no project, was written by a newer version, or cannot
            be read or written.  Used as a context, errors of SQLite become such errors too.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).absolute()
        if not self.path.is_file():
            what = "is a folder, not a project" if self.path.is_dir() else "does not exist"
            msg = f"the project {self.path} {what}."
            raise OutputError(msg, advice="Make it with mtrs-geo craft init.")
        try:
            self.connection = _connect(self.path)
        except sqlite3.Error as error:
            raise database_error(self.path, error) from error
        try:
            _check(self.connection, self.path)
            _configure(self.connection)
            self.connection.execute("PRAGMA journal_mode = WAL")
        except BaseException as error:
            self.connection.close()
            if isinstance(error, sqlite3.Error):
                raise database_error(self.path, error) from error
            raise

    @classmethod
    def create(cls, path: Path | str) -> Self:
        """Make an empty project file and open it.

        Raises:
            OutputError: if the file exists or cannot be written.
        """
        target = Path(path).absolute()
        if target.exists():
            msg = f"{target} exists."
            raise OutputError(msg, advice="Choose another name, or go on with this project.")
        new = target.with_name(target.name + _NEW)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            new.unlink(missing_ok=True)
        except OSError as error:
            msg = f"{target} cannot be written: {error}."
            raise OutputError(msg, advice="Choose a folder that may be written.") from error
        try:
            with closing(_connect(new)) as connection:
                connection.executescript(TABLES)
                connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            os.replace(new, target)
        except sqlite3.Error as error:
            new.unlink(missing_ok=True)
            raise database_error(target, error) from error
        return cls(target)

    @property
    def folder(self) -> Path:
        """The folder that paths of images are relative to."""
        return self.path.parent

    def close(self) -> None:
        """Close the connection; the file is then one file again."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Close the connection; an error of SQLite becomes an `OutputError`."""
        self.close()
        if isinstance(error, sqlite3.Error):
            raise database_error(self.path, error) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all or nothing; other processes wait."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()

    def setting(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - JSON
        """Return a setting."""
        found = self.connection.execute(
            "SELECT value FROM settings WHERE name = ?", (name,)
        ).fetchone()
        return default if found is None else json.loads(found["value"])

    def set(self, name: str, value: Any) -> None:  # noqa: ANN401 - JSON
        """Store a setting that can be written as JSON."""
        self.connection.execute(
            "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = ?2",
            (name, json.dumps(value)),
        )

    def origin_id(self, origin: Origin) -> int:
        """Return the row of an origin, which is added when it is new."""
        values = (origin.kind, origin.name, origin.version)
        self.connection.execute(
            "INSERT INTO origins (kind, name, version) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            values,
        )
        found = self.connection.execute(
            "SELECT id FROM origins WHERE kind = ? AND name = ? AND version = ?", values
        ).fetchone()
        return int(found["id"])

    def origin(self, row_id: int) -> Origin:
        """Return an origin by its row."""
        found = self.connection.execute(
            "SELECT kind, name, version FROM origins WHERE id = ?", (row_id,)
        ).fetchone()
        return Origin(*found)


def database_error(path: Path, error: sqlite3.Error) -> OutputError:
    """Return an error of SQLite as one that says what to do."""
    text = str(error)
    if "locked" in text or "busy" in text:
        msg = f"another program writes to {path} for more than {_WAIT_S:.0f} s."
        return OutputError(msg, advice="Wait until it has ended, and run the command again.")
    if "readonly" in text or "unable to open" in text:
        msg = f"{path} cannot be written: {text}."
        return OutputError(msg, advice="Make the file and its folder writable.")
    if "full" in text or "disk I/O" in text:
        msg = f"{path} cannot be written: {text}."
        return OutputError(msg, advice="Make room on the disk, and run the command again.")
    msg = f"{path} is damaged: {text}."
    advice = "Take a copy that you have kept, or save what is left: sqlite3 FILE .recover"
    return OutputError(msg, advice=advice)


def _connect(path: Path) -> sqlite3.Connection:
    # Autocommit: transactions are those of Project.transaction.
    connection = sqlite3.connect(
        path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    return connection


def _configure(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.DatabaseError as error:
        msg = f"{path} is not a project: {error}."
        raise OutputError(msg, advice="Give a file that mtrs-geo craft init has made.") from error
    if application != _APPLICATION_ID:
        msg = f"{path} is not a project of mtrs-geo craft."
        raise OutputError(msg, advice="Give a file that mtrs-geo craft init has made.")
    if version != SCHEMA_VERSION:
        msg = f"{path} has schema {version}, this version reads {SCHEMA_VERSION}."
        raise OutputError(msg, advice="Open it with the version of mtrs-geo that made it.")
