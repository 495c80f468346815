"""Which paths GDAL may read from a server, directly or through a file that refers to one."""

from __future__ import annotations

import os
from pathlib import Path

from mtrs_geo.io.paths import is_local_file, is_remote_path
from mtrs_geo.types import StrPath

__all__ = ["may_use_network"]

_SERVICES = ("wms:", "wmts:", "wcs:", "wfs:", "oapif:", "ogcapi:", "pg:", "mysql:", "mssql:",
             "eedai:", "eeda:", "stacit:", "stacta:", "plmosaic:", "gti:", "<")  # fmt: skip
"""Beginnings of names of GDAL drivers that read servers, or files that refer to others."""
_MARKS = (b"://", b"/vsi", b".vrt")
_HEAD_BYTES = 4 << 20


def may_use_network(path: StrPath) -> bool:
    """Return whether GDAL may read a server to open a path.

    A local XML or JSON file, such as a VRT or a STAC item, counts if it names a URL, a virtual
    file system of GDAL or a VRT.
    """
    name = os.fspath(path)
    if is_remote_path(name) or "/vsicurl" in name or name.lower().startswith(_SERVICES):
        return True
    return is_local_file(name) and (".gti." in name.lower() or _refers_to_servers(Path(name)))


def _refers_to_servers(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")
            if not head.startswith((b"<", b"{", b"[")):
                return False
            head += file.read(_HEAD_BYTES)
    except (OSError, ValueError):
        return False
    return any(mark in head for mark in _MARKS)
