"""Limits of GDAL's HTTP requests; the user's own settings go first."""

from __future__ import annotations

import os

__all__ = ["HTTP_OPTIONS", "answer_limit_s", "http_options"]

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


def http_options() -> dict[str, str]:
    """Return the limits that neither the environment nor an active ``rasterio.Env`` sets."""
    from rasterio.env import getenv, hasenv

    given = {*os.environ, *(getenv() if hasenv() else ())}
    return {name: value for name, value in HTTP_OPTIONS.items() if name not in given}


def answer_limit_s() -> float:
    """Return the seconds within which a window must be read from a server.

    A window takes many requests, and each may stall.  A longer GDAL_HTTP_TIMEOUT of the user
    counts.
    """
    try:
        return max(_ANSWER_S, float(os.environ.get("GDAL_HTTP_TIMEOUT", 0)))
    except ValueError:
        return _ANSWER_S
