"""Limits of GDAL's HTTP requests; the user's own settings go first."""

from __future__ import annotations

import os

__all__ = ["HTTP_OPTIONS", "answer_limit_s", "http_options", "request_limit_s"]

HTTP_OPTIONS = {
    "GDAL_HTTP_CONNECTTIMEOUT": "15",
    "GDAL_HTTP_LOW_SPEED_LIMIT": "100",
    "GDAL_HTTP_LOW_SPEED_TIME": "15",
    "GDAL_HTTP_TIMEOUT": "300",
    "GDAL_HTTP_MAX_RETRY": "3",
    "GDAL_HTTP_RETRY_DELAY": "1",
}
"""Seconds, and bytes per second.  GDAL repeats requests to a busy server; it does not repeat those
that were slower than the limit."""

_ANSWER_S = 120.0
_REQUEST_S = 60.0


def http_options() -> dict[str, str]:
    """Return the limits that neither the environment nor an active ``rasterio.Env`` sets."""
    from rasterio.env import getenv, hasenv

    given = {*os.environ, *(getenv() if hasenv() else ())}
    return {name: value for name, value in HTTP_OPTIONS.items() if name not in given}


def answer_limit_s() -> float:
    """Return the seconds within which a raster must be opened, or a window of it read.

    Each takes many requests to its server, and each may stall.  A longer GDAL_HTTP_TIMEOUT of the
    user counts.
    """
    return _at_least(_ANSWER_S)


def request_limit_s() -> float:
    """Return the seconds within which a server must begin to answer one request of a catalog.

    A longer GDAL_HTTP_TIMEOUT of the user counts.
    """
    return _at_least(_REQUEST_S)


def _at_least(limit_s: float) -> float:
    try:
        return max(limit_s, float(os.environ.get("GDAL_HTTP_TIMEOUT", 0)))
    except ValueError:
        return limit_s
