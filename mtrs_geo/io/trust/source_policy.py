"""The hosts and GDAL drivers that may be used, from one environment variable."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Self
from urllib.parse import unquote, urlsplit

from mtrs_geo.errors import RequestError

__all__ = ["ALLOW_VARIABLE", "SourcePolicy", "allow_sources", "source_policy"]

ALLOW_VARIABLE = "MTRS_GEO_ALLOW"

_EXAMPLE = "host:tiles.example.com,host:s3://bucket,driver:GTiff,driver:VRT"
_BUCKET = re.compile(r"/vsi(s3|gs|az|adls|oss|swift)(?:_streaming)?/([^/]+)")


@dataclass(frozen=True)
class SourcePolicy:
    """Allowed hosts and drivers.

    Without hosts, a user may give any URL, and a file may refer to none.  With hosts, both may use
    these only.  Without drivers, all of GDAL's may be used.
    """

    hosts: tuple[str, ...] = ()
    """Patterns such as ``*.example.com`` or ``s3://bucket``, in lower case."""
    drivers: tuple[str, ...] = ()
    """Short names of GDAL drivers."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the policy of a text such as ``host:a.org,host:s3://bucket,driver:GTiff``.

        Raises:
            RequestError: if an entry has another form.
        """
        found: dict[str, list[str]] = {"host": [], "driver": []}
        for entry in filter(None, map(str.strip, text.split(","))):
            kind, _, name = entry.partition(":")
            if kind not in found or not name:
                msg = f"{entry!r} in the allowed sources is neither a host nor a driver."
                raise RequestError(msg, advice=f"Write them like {_EXAMPLE}.")
            found[kind].append(name)
        return cls(tuple(map(str.lower, found["host"])), tuple(found["driver"]))

    def allows_host(self, path: str) -> bool:
        """Return whether a path that GDAL reads from a server leads to an allowed host."""
        host = _host(path)
        return host is not None and any(fnmatchcase(host, pattern) for pattern in self.hosts)


def source_policy() -> SourcePolicy:
    """Return the policy of this process, from the environment variable MTRS_GEO_ALLOW.

    Raises:
        RequestError: if the variable cannot be read.
    """
    return SourcePolicy.parse(os.environ.get(ALLOW_VARIABLE, ""))


def allow_sources(text: str) -> None:
    """Set the policy of this process and of those that it starts.

    Raises:
        RequestError: if an entry is neither a host nor a driver.
    """
    SourcePolicy.parse(text)
    os.environ[ALLOW_VARIABLE] = text


def _host(path: str) -> str | None:
    """Return the host of a URL, or scheme and bucket of an object store; None if unknown."""
    bucket = _BUCKET.search(path)
    if bucket:
        return f"{bucket[1]}://{bucket[2]}".lower()
    text = unquote(path) if path.startswith("/vsicurl") and "?" in path else path
    links = re.findall(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>|&]*", text)
    if len(links) != 1:  # none, or a path that leads to several
        return None
    address = urlsplit(links[0])
    try:
        host = address.hostname
    except ValueError:
        return None
    if host is None:
        return None
    return host if address.scheme in ("http", "https", "ftp") else f"{address.scheme}://{host}"
