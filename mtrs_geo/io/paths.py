"""Kinds of paths that GDAL opens: a local file, a file on a server, or another data source."""

from __future__ import annotations

__all__ = ["is_local_file", "is_remote_path", "redacted_path"]

_REMOTE = ("/vsicurl", "/vsis3", "/vsigs", "/vsiaz", "/vsiadls", "/vsioss", "/vsiswift")


def is_local_file(path: str) -> bool:
    """Return whether a path names a local file, not a URL or a source like GTIFF_DIR:1:a.tif."""
    # The colon of a Windows drive is the second character.
    return not path.startswith("/vsi") and ":" not in path[2:]


def is_remote_path(path: str) -> bool:
    """Return whether GDAL reads a path from a server."""
    return "://" in path or path.startswith(_REMOTE)


def redacted_path(path: str) -> str:
    """Return a path for messages: without the query of a URL, which may hold a signature."""
    return path.partition("?")[0] if is_remote_path(path) else path
