"""All polygons of a batch as one PMTiles file, for maps on the web."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mtrs_geo.batch.dataset import LAYER, joined
from mtrs_geo.errors import MissingExtraError
from mtrs_geo.outputs import as_output_error, staged_file

__all__ = ["check_pmtiles", "write_pmtiles"]

_DRIVER = "PMTiles"
_EQUATOR_M = 40_075_016.7
_UNITS = 4096
"""Steps of a coordinate within a tile."""
_LEVELS = 10
"""Zoom levels below the most detailed one; at lower ones a polygon is less than a pixel."""
_MOST_ZOOM = 18


def check_pmtiles() -> None:
    """Check that GDAL can write PMTiles.

    Raises:
        MissingExtraError: if it cannot.
    """
    import pyogrio

    if not pyogrio.list_drivers(write=True).get(_DRIVER):
        msg = f"GDAL {pyogrio.__gdal_version_string__} of pyogrio cannot write PMTiles."
        raise MissingExtraError(msg, advice="It needs GDAL 3.8: run pip install --upgrade pyogrio")


def write_pmtiles(folder: Path, entries: Sequence[Mapping[str, Any]]) -> Path | None:
    """Write the polygons of finished jobs as vector tiles with one layer, ``changes``.

    The most detailed zoom level keeps half a pixel of the job with the smallest pixels.

    Args:
        folder: folder of the batch.
        entries: of the finished jobs.

    Returns:
        The file; None if there is no polygon, as a file without tiles is not allowed.

    Raises:
        OutputError: if it cannot be written.
    """
    import pyogrio

    target = folder / f"{LAYER}.pmtiles"
    frame = joined(folder, entries)
    if frame.empty:
        with as_output_error(target):
            target.unlink(missing_ok=True)
        return None
    most = _most_zoom(min(entry["gsd_m"] for entry in entries))
    with staged_file(target, overwrite=True) as path, as_output_error(target):
        pyogrio.write_dataframe(
            frame, os.fspath(path), driver=_DRIVER, layer=LAYER,
            dataset_options={
                "MINZOOM": str(max(0, most - _LEVELS)), "MAXZOOM": str(most), "NAME": LAYER,
            },
        )  # fmt: skip
    return target


def _most_zoom(gsd_m: float) -> int:
    """Return the first zoom level at which a step of a coordinate is at most half a pixel."""
    return min(_MOST_ZOOM, max(0, math.ceil(math.log2(2 * _EQUATOR_M / _UNITS / gsd_m))))
