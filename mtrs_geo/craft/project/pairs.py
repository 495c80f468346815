"""Pairs of a project: add, list, read their images."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from mtrs_geo.craft.project.database import Project
from mtrs_geo.craft.project.records import Pair
from mtrs_geo.errors import RasterError

__all__ = [
    "NewPair",
    "add_pair",
    "file_sha256",
    "find_pair",
    "image_path",
    "label_path",
    "list_pairs",
    "read_pair",
]

_CHUNK_BYTES = 1 << 20
_COLUMNS = (
    "id, name, before, after, before_sha256, after_sha256, rows, cols, source, place, "
    "georeference, labels, window"
)


@dataclass(frozen=True)
class NewPair:
    """What a person or an importer says about a pair."""

    name: str
    before: Path
    after: Path
    rows: int
    cols: int
    source: str = ""
    place: str = ""
    """Empty: the name."""
    georeference: Mapping[str, Any] | None = None
    labels: Mapping[str, Path] | None = None
    """Label maps by their kind, for example ``{"appear": …, "class_before": …}``."""
    window: tuple[int, int, int, int] | None = None
    """The part of the images that the pair is, as in `Pair`."""


def add_pair(project: Project, new: NewPair) -> int:
    """Add a pair, or find the one that has its name, images and window; return its row.

    A pair that is found without a georeference gets that of ``new``.

    Raises:
        RasterError: if an image cannot be read, or the name belongs to other images or has other
            label maps.
    """
    hashes = [file_sha256(path) for path in (new.before, new.after)]
    connection = project.connection
    found = connection.execute(
        "SELECT id, before_sha256, after_sha256, window, labels FROM pairs WHERE name = ?",
        (new.name,),
    ).fetchone()
    window = json.dumps(new.window) if new.window else None
    georeference = json.dumps(new.georeference) if new.georeference else None
    if found is not None:
        if [*found][1:4] != [*hashes, window]:
            msg = f"the project has another pair named {new.name!r}."
            raise RasterError(msg, advice="Give this pair another name.")
        _check_labels(project, new, json.loads(found["labels"] or "{}"))
        connection.execute(
            "UPDATE pairs SET georeference = ? WHERE id = ? AND georeference IS NULL",
            (georeference, found["id"]),
        )
        return int(found["id"])
    labels = {kind: _relative(project, path) for kind, path in (new.labels or {}).items()}
    images = [_relative(project, path) for path in (new.before, new.after)]
    cursor = connection.execute(
        f"INSERT INTO pairs ({_COLUMNS}) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (new.name, *images, *hashes, new.rows, new.cols, new.source, new.place or new.name,
         georeference, json.dumps(labels) if labels else None, window),
    )  # fmt: skip
    return int(cursor.lastrowid or 0)


def _check_labels(project: Project, new: NewPair, known: Mapping[str, str]) -> None:
    """Refuse other label maps for a pair, because its items come from those it was added with."""
    if not new.labels:
        return
    are_same = known.keys() == new.labels.keys()
    for kind, path in new.labels.items() if are_same else ():
        old = image_path(project, known[kind])
        are_same &= not old.is_file() or file_sha256(old) == file_sha256(path)
    if not are_same:
        meant = ", ".join(f"{kind}: {path}" for kind, path in known.items()) or "none"
        msg = f"pair {new.name!r} was added with other label maps ({meant})."
        raise RasterError(msg, advice="Make a new project for other maps or another meaning.")


def read_pair(project: Project, pair_id: int) -> Pair:
    """Return a pair by its row.

    Raises:
        KeyError: if there is none.
    """
    found = project.connection.execute(
        f"SELECT {_COLUMNS} FROM pairs WHERE id = ?",
        (pair_id,),
    ).fetchone()
    if found is None:
        raise KeyError(pair_id)
    return Pair(*found)


def find_pair(project: Project, name: str) -> int | None:
    """Return the row of a pair by its name, or None."""
    found = project.connection.execute("SELECT id FROM pairs WHERE name = ?", (name,)).fetchone()
    return None if found is None else int(found["id"])


def list_pairs(project: Project) -> list[Pair]:
    """Return all pairs, by row."""
    rows = project.connection.execute(f"SELECT {_COLUMNS} FROM pairs ORDER BY id")
    return [Pair(*row) for row in rows]


def image_path(project: Project, relative: str) -> Path:
    """Return the path of an image of a pair; only paths that are stored are given to this."""
    return project.folder / relative


def label_path(project: Project, pair: Pair, kind: str) -> Path | None:
    """Return the path of a label map, or None if the pair has no such map."""
    labels: dict[str, str] = json.loads(pair.labels) if pair.labels else {}
    return image_path(project, labels[kind]) if kind in labels else None


def _relative(project: Project, path: Path) -> str:
    return Path(os.path.relpath(Path(path).absolute(), project.folder)).as_posix()


def file_sha256(path: Path) -> str:
    """Return the checksum of a file; a file that did not change is read once.

    Raises:
        RasterError: if it cannot be read.
    """
    try:
        facts = Path(path).stat()
        with _lock_of(Path(path)):  # the viewer asks for many tiles of an image at once
            return _sha256(Path(path), facts.st_size, facts.st_mtime_ns)
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}."
        raise RasterError(msg, advice="Check the path of the image.") from error


@lru_cache(maxsize=4096)
def _lock_of(_path: Path) -> threading.Lock:
    return threading.Lock()


@lru_cache(maxsize=4096)
def _sha256(path: Path, _size: int, _modified: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
