"""Kinds of paths that GDAL opens: a local file, a file on a server, or another data source."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath

from mtrs_geo.redaction import redact

__all__ = [
    "display_name",
    "distinct_names",
    "is_local_file",
    "is_remote_path",
    "object_path",
    "plain_input",
    "plain_path",
    "redacted_path",
    "shared_names",
]

_SPECIAL = frozenset("!;?#\n\r\t")
"""Characters that pyogrio removes, or reads as parts of a URL or of a path in an archive."""

_INNER_RASTER = re.compile(r'[A-Za-z][A-Za-z0-9_]+:"?((?!//)[^"]+?)"?:([^:"]*)')
"""A raster in a file: driver, file and name, as in NETCDF:"a.nc":red."""

_STORAGE = {"s3": "/vsis3/", "gs": "/vsigs/", "az": "/vsiaz/", "oss": "/vsioss/", "file": ""}
"""What GDAL writes for the schemes of addresses whose paths may have any character."""
_ARCHIVES = frozenset({"zip", "tar", "gzip"})
"""Schemes of rasterio for files in archives on this machine."""
_REMOTE = ("/vsicurl", "/vsis3", "/vsigs", "/vsiaz", "/vsiadls", "/vsioss", "/vsiswift")


def is_local_file(path: str) -> bool:
    """Return whether a path names a local file, not a URL or a source like GTIFF_DIR:1:a.tif."""
    # The colon of a Windows drive is the second character.
    return not path.startswith("/vsi") and ":" not in path[2:]


def is_remote_path(path: str) -> bool:
    """Return whether GDAL reads a path from a server."""
    scheme, separator, _ = path.partition("://")
    is_address = bool(separator) and scheme not in _ARCHIVES
    return is_address or path.startswith(_REMOTE)


def object_path(path: str) -> str:
    """Return a path as rasterio opens it: object storage with "#", and archives in this folder.

    rasterio takes the key for a URL, and would open what is before the "#", and an archive without
    a folder for the name of a computer.
    """
    scheme, _, key = path.partition("://")
    if scheme in _ARCHIVES and "/" not in key.partition("!")[0]:
        return f"{scheme}://./{key}"
    return _STORAGE[scheme] + key if "#" in key and scheme in _STORAGE else path


def redacted_path(path: str) -> str:
    """Return a path for messages and metadata, without passwords and the query of a URL."""
    # A blank would end a URL within text.
    return redact(re.sub(r"\s", "%20", path) if is_remote_path(path) else path)


def display_name(path: str) -> str:
    """Return the file name of a raster for messages, with the name of a raster inside it."""
    path = redacted_path(path)
    inner = _INNER_RASTER.fullmatch(path)
    if inner:
        return f"{PurePath(inner[1]).name}:{inner[2].strip('/')}"
    return PurePath(path).name or path


def distinct_names(paths: Sequence[str]) -> list[str]:
    """Return names of rasters for messages; files of one name get the names of their folders.

    The same path has the same name.
    """
    names = [display_name(path) for path in paths]
    for i, path in enumerate(paths):
        others = {redacted_path(p) for j, p in enumerate(paths) if names[j] == names[i]}
        if len(others - {redacted_path(path)}) == 0 or "/" in names[i]:
            continue
        texts = {other: PurePath(other.partition("?")[0]).parts for other in others}
        deepest = max(map(len, texts.values()))
        count = next(
            (n for n in range(2, deepest) if len({t[-n:] for t in texts.values()}) == len(others)),
            deepest,
        )
        for j, other in enumerate(map(redacted_path, paths)):
            if other in others:
                names[j] = "/".join(texts[other][-count:])
    return names


def shared_names(paths: Sequence[str]) -> list[str]:
    """Return absolute paths of local files as seen from the deepest folder that has all of them.

    The names stay the same if that folder is moved.  On two drives they are the paths.
    """
    if not paths:
        return []
    try:
        folder = os.path.commonpath([os.path.dirname(path) for path in paths])
    except ValueError:
        return list(paths)
    return [PurePath(os.path.relpath(path, folder)).as_posix() for path in paths]


@contextmanager
def plain_path(path: Path) -> Iterator[Path]:
    """Yield a path to the same file, whose folders have no character that pyogrio interprets.

    It leads through a temporary link to the folder; where links are not allowed, as on Windows,
    it is the path itself.
    """
    if not _SPECIAL & set(str(path.absolute().parent)):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / "folder"
        try:
            link.symlink_to(path.absolute().parent, target_is_directory=True)
        except OSError:
            yield path
        else:
            yield link / path.name


@contextmanager
def plain_input(path: str) -> Iterator[str]:
    """Yield a path to an existing local file without a character that pyogrio interprets.

    It leads through temporary links to the file and those of the same name, such as the parts of a
    shapefile; for other paths, and where links are not allowed, it is the path itself.
    """
    file = Path(path)
    if not (is_local_file(path) and _SPECIAL & set(str(file.absolute())) and file.exists()):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            for part in file.absolute().parent.iterdir():
                if part.name.startswith(file.stem):
                    (Path(folder) / f"layer{part.name[len(file.stem) :]}").symlink_to(part)
        except OSError:
            yield path
        else:
            yield str(Path(folder) / f"layer{file.suffix}")
