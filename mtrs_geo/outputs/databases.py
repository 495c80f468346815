"""Refuse to replace a GeoPackage that is in use, or that holds what no run wrote.

SQLite would apply a ``-wal`` or ``-journal`` file of the old database to the new one.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from mtrs_geo.errors import OutputError
from mtrs_geo.outputs.side_files import sidecars

__all__ = ["refuse_open_database", "refuse_other_layers"]

_OWN_LAYERS = ("changes", "events", "failed_tiles", "layer_styles")
"""Layers of an output, and the table of their styles."""
_TABLES = (
    "SELECT table_name FROM gpkg_contents UNION ALL SELECT name FROM sqlite_master "
    "WHERE type = 'table' AND name = 'qgis_projects' ORDER BY 1"
)
"""Layers, rasters and tables of a GeoPackage, and the table of the QGIS projects in it."""
_LISTED = 5

_WAL_HEADER_BYTES = 32
# Byte ranges (start, length) of SQLite's locks: https://sqlite.org/src/file/src/os_unix.c
_DATABASE_LOCKS = (0x4000_0000, 512)
_SHARED_MEMORY_LOCKS = (120, 9)


def refuse_open_database(target: Path) -> None:
    """Refuse to replace a GeoPackage that is open, or whose last edits are beside it.

    A connection of a SQLite that holds no lock at the moment is not noticed; it goes on with
    the old file, which does no harm.

    Raises:
        OutputError: if another process holds a lock, or a write-ahead log or a rollback journal
            has content.
    """
    if target.suffix.lower() != ".gpkg":
        return
    beside = {path.name[len(target.name) :]: path for path in sidecars(target)}
    shared_memory = beside.get("-shm")
    if _is_locked(target, *_DATABASE_LOCKS) or (
        shared_memory is not None and _is_locked(shared_memory, *_SHARED_MEMORY_LOCKS)
    ):
        msg = f"{target} is open in another program."
        advice = "Close it there (in QGIS, remove its layers), or give another name."
        raise OutputError(msg, advice=advice)
    if not target.exists():
        return
    for ending in ("-wal", "-journal"):
        if ending in beside and _has_content(beside[ending]):
            msg = (
                f"{target} was not closed properly: {beside[ending].name} beside it has edits that "
                "are not in the file yet."
            )
            advice = (
                "Open and close the file in QGIS to keep the edits, or delete both files, or "
                "give another name."
            )
            raise OutputError(msg, advice=advice)


def refuse_other_layers(target: Path) -> None:
    """Refuse to replace a GeoPackage with layers that are not those of an output.

    Raises:
        OutputError: if there are some; the message names them.
    """
    if target.suffix.lower() != ".gpkg":
        return
    try:
        # Immutable: SQLite makes no file beside it.
        address = f"{target.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as database:
            names = [str(name) for (name,) in database.execute(_TABLES)]
    except sqlite3.Error:  # not a GeoPackage, or damaged
        return
    others = [name for name in names if name.lower() not in _OWN_LAYERS]
    if not others:
        return
    more = f" and {len(others) - _LISTED} more" if len(others) > _LISTED else ""
    msg = (
        f"{target} also holds {', '.join(others[:_LISTED])}{more}, which would be lost: an output "
        "replaces the whole file."
    )
    raise OutputError(msg, advice="Give another name, or delete the file if it is not needed.")


def _has_content(path: Path) -> bool:
    """Return whether SQLite would apply a write-ahead log or a rollback journal."""
    try:
        if path.name.endswith("-wal"):
            return path.stat().st_size > _WAL_HEADER_BYTES
        with path.open("rb") as file:
            return file.read(1) not in (b"", b"\0")  # a finished journal is empty or zeroed
    except OSError:
        return True


def _is_locked(path: Path, start: int, length: int) -> bool:
    """Return whether another process holds a lock on a range of bytes."""
    if sys.platform == "win32":
        return False  # Windows itself refuses to replace a file that is open
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
    except BlockingIOError:
        return True
    except OSError:
        return False  # this file system has no locks
    finally:
        os.close(descriptor)
    return False
