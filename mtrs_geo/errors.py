"""Every error that mtrs-geo raises on purpose.

Each leaf also subclasses the builtin that a caller would expect, so that
``except ValueError`` and ``except MTRSGeoError`` both work.  A message says
what is wrong, where, and what to do next.
"""

from __future__ import annotations

__all__ = [
    "Cancelled",
    "GridError",
    "MTRSGeoError",
    "MissingExtraError",
    "ModelError",
    "OutputError",
    "QueryError",
    "RasterError",
    "RequestError",
    "VectorError",
]


class MTRSGeoError(Exception):
    """Base of all errors that a user can act on."""


class RequestError(MTRSGeoError, ValueError):
    """An option of a run has a value that it cannot have."""


class RasterError(MTRSGeoError, ValueError):
    """A raster cannot be read or does not hold what the run needs."""


class GridError(MTRSGeoError, ValueError):
    """Rasters, or a raster and an area of interest, do not fit together."""


class VectorError(MTRSGeoError, ValueError):
    """A vector layer cannot be read or written."""


class QueryError(MTRSGeoError, ValueError):
    """A sentence cannot be used as a query."""


class ModelError(MTRSGeoError, ValueError):
    """A model is unknown, damaged, or does not fit its configuration."""


class OutputError(MTRSGeoError, OSError):
    """An output cannot be written."""


class MissingExtraError(MTRSGeoError, ImportError):
    """An optional dependency is not installed; the message holds its pip line."""


class Cancelled(MTRSGeoError):  # noqa: N818 - an event, not a fault
    """The caller asked the run to stop; nothing partial was left behind."""
