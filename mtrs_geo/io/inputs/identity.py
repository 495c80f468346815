"""Whether the rasters of a stack are still those that an interrupted run began with."""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtrs_geo.errors import RasterError
from mtrs_geo.grid import Window
from mtrs_geo.io.inputs.input_files import local_files
from mtrs_geo.io.inputs.kinds import is_in_memory
from mtrs_geo.io.paths import display_name, shared_names
from mtrs_geo.io.remote.network_paths import may_use_network
from mtrs_geo.ledger import file_identity

if TYPE_CHECKING:
    from mtrs_geo.io.stack import RasterStack

__all__ = ["stack_identity"]

_SAMPLE_PX = 256
_HEAD_S = 10.0
_HEADERS = ("ETag", "Last-Modified", "Content-Length")


def stack_identity(stack: RasterStack, window: Window) -> dict[str, Any]:
    """Return what identifies the content of each raster of a stack, as values of JSON.

    Local files, also those that a VRT, a tile index or an archive is read from, by size, time and
    checksum of samples; files on a server by their ETag; what is in memory or may be on a server
    also by a checksum of pixels.

    Args:
        stack: the rasters.
        window: of the stack's grid, which the run reads.
    """
    found: dict[str, Any] = {}
    sampled = False
    for i, source in enumerate(stack.sources):
        paths = source.mosaic.paths if source.mosaic is not None else [source.path]
        for j, path in enumerate(map(os.fspath, paths)):
            identity = _identity(path)
            sampled |= identity.pop("sampled", False)
            found[f"{i + 1}.{j + 1} {_name(path)}"] = identity
    if sampled:
        found["pixels"] = _pixels_checksum(stack, window)
    return found


def _name(path: str) -> str:
    """Return how a raster is called in messages."""
    # The names of files in memory differ between two runs.
    return "in memory" if is_in_memory(path) else display_name(path)


def _identity(path: str) -> dict[str, Any]:
    """Return the identities of the files of a raster, and whether pixels are compared too."""
    found: dict[str, Any] = {}
    if path.startswith(("http://", "https://", "/vsicurl/")):
        found = dict(_headers(path.removeprefix("/vsicurl/")))
    files = local_files(path)
    for name, file in zip(shared_names(files), files, strict=True):
        found[name] = file_identity(Path(file))
    if not files or is_in_memory(path) or may_use_network(path):
        found["sampled"] = True
    return found


def _headers(url: str) -> dict[str, str]:
    """Return what a server says about the version of a file; empty if it says nothing."""
    try:
        request = urllib.request.Request(url, method="HEAD")
        with urllib.request.urlopen(request, timeout=_HEAD_S) as answer:
            return {name: answer.headers[name] for name in _HEADERS if name in answer.headers}
    except (OSError, ValueError, http.client.HTTPException):  # the last one also for blanks
        return {}


def _pixels_checksum(stack: RasterStack, window: Window) -> str:
    """Return a checksum of pixels at the corners and the centre of a window of the stack."""
    height, width = min(window.rows, _SAMPLE_PX), min(window.cols, _SAMPLE_PX)
    last_row, last_col = window.row_stop - height, window.col_stop - width
    digest = hashlib.sha256()
    for row, col in (
        (window.row, window.col), (window.row, last_col), (last_row, window.col),
        (last_row, last_col), ((window.row + last_row) // 2, (window.col + last_col) // 2),
    ):  # fmt: skip
        try:
            found = stack.read(Window(row, col, height, width))
        except RasterError as error:  # the run will say so where it needs these pixels
            digest.update(type(error).__name__.encode())
            continue
        digest.update(found.image.tobytes())
        digest.update(found.valid.tobytes())
    return digest.hexdigest()
