"""Detect the change that a sentence describes between georeferenced rasters, as polygons.

The public names are imported at first use, so that ``import mtrs_geo`` loads neither torch
nor geopandas.
"""

from __future__ import annotations

from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mtrs_geo.batch import BatchResult, run_batch
    from mtrs_geo.detect.options import DetectOptions
    from mtrs_geo.detect.pipeline import detect_changes, detect_changes_stack
    from mtrs_geo.detect.result import ChangeResult, Report
    from mtrs_geo.errors import MTRSGeoError
    from mtrs_geo.evaluation import evaluate
    from mtrs_geo.io.raster import read_probability
    from mtrs_geo.models import load_model
    from mtrs_geo.query import ChangeQuery

__all__ = [
    "BatchResult",
    "ChangeQuery",
    "ChangeResult",
    "DetectOptions",
    "MTRSGeoError",
    "Report",
    "__version__",
    "detect_changes",
    "detect_changes_stack",
    "evaluate",
    "load_model",
    "read_probability",
    "run_batch",
]

_MODULES = {
    "BatchResult": "mtrs_geo.batch",
    "ChangeQuery": "mtrs_geo.query",
    "ChangeResult": "mtrs_geo.detect.result",
    "DetectOptions": "mtrs_geo.detect.options",
    "MTRSGeoError": "mtrs_geo.errors",
    "Report": "mtrs_geo.detect.result",
    "detect_changes": "mtrs_geo.detect.pipeline",
    "detect_changes_stack": "mtrs_geo.detect.pipeline",
    "evaluate": "mtrs_geo.evaluation",
    "load_model": "mtrs_geo.models",
    "read_probability": "mtrs_geo.io.raster",
    "run_batch": "mtrs_geo.batch",
}

try:
    __version__ = metadata.version("mtrs-geo")
except metadata.PackageNotFoundError:  # run from a source tree that is not installed
    __version__ = "0+source"


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    if name not in _MODULES:
        msg = f"module 'mtrs_geo' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
