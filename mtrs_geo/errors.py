"""Every error that mtrs-geo raises on purpose.

Each error also subclasses the builtin that a caller would expect, so that
``except ValueError`` and ``except MTRSGeoError`` both work.  The message says
what is wrong and where, with the values; the advice says what to do next.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from mtrs_geo.redaction import redact, redact_exception

__all__ = [
    "Cancelled",
    "ClusterError",
    "GridError",
    "MTRSGeoError",
    "MissingExtraError",
    "ModelError",
    "OutputError",
    "QueryError",
    "RasterError",
    "RequestError",
    "SourceNotAllowedError",
    "VectorError",
]


class MTRSGeoError(Exception):
    """Base of all errors that a user can act on; passwords and signatures are left out.

    Args:
        message: what is wrong and where, with the values; one or more sentences.
        advice: what to do next; empty if there is nothing to do.
    """

    def __init__(self, message: str, *, advice: str = "") -> None:
        message, advice = redact(message), redact(advice)
        # It becomes the cause, and is shown in a traceback.
        redact_exception(sys.exc_info()[1])
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".rstrip()

    def __reduce__(self) -> tuple[Callable[..., MTRSGeoError], tuple[str, str]]:
        return partial(_rebuild, type(self)), (self.message, self.advice)


class RequestError(MTRSGeoError, ValueError):
    """An option of a run has a value that it cannot have."""


class SourceNotAllowedError(MTRSGeoError, PermissionError):
    """A path, or a source that a file refers to, may not be opened (docs/untrusted-data.md)."""


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


class ClusterError(MTRSGeoError, RuntimeError):
    """A cluster cannot be reached, or has lost what a run needs; the run can be resumed."""


class MissingExtraError(MTRSGeoError, ImportError):
    """An optional dependency is not installed; the message holds its pip line."""


class Cancelled(MTRSGeoError):  # noqa: N818 - an event, not a fault
    """The caller cancelled the run; no partial output is left."""


def _rebuild(kind: type[MTRSGeoError], message: str, advice: str) -> MTRSGeoError:
    return kind(message, advice=advice)
