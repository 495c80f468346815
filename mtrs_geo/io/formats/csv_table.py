"""Write a layer as CSV, with outlines as well-known text or with centroids."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyproj import CRS

from mtrs_geo.antimeridian import centroids_in_degrees, has_longitudes
from mtrs_geo.io.formats.crs_codes import code_of
from mtrs_geo.io.formats.layer_spec import GEOMETRY, LayerSpec

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["as_text_cell", "write_csv"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters of cells that spreadsheets run as formulas."""
_ANGLE_DECIMALS, _METRE_DECIMALS = 8, 3
"""Decimal places of angles and of metres; both are about a millimetre."""


def write_csv(batches: Iterable[pa.RecordBatch], path: Path, spec: LayerSpec) -> None:
    """Write features as UTF-8 text with a header and one row per feature.

    The columns are the attributes, ``crs``, and ``WKT``, or the centroid: ``longitude`` and
    ``latitude``, or ``x`` and ``y`` in a CRS that is not geographic.  The CRS is its code, or its
    definition (WKT) if it has none.

    Args:
        batches: the features.
        path: file to write.
        spec: the layer; ``extras.csv_geometry`` says what is written.

    Raises:
        OSError: if the file cannot be written.
    """
    is_geographic = spec.crs.is_geographic
    if spec.extras.csv_geometry == "wkt":
        places = ["WKT"]
    else:
        places = ["longitude", "latitude"] if is_geographic else ["x", "y"]
    crs = code_of(spec.crs) or spec.crs.to_wkt()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(field.name for field in spec.attributes()), "crs", *places])
        for batch in batches:
            columns = [batch.column(field.name).to_pylist() for field in spec.attributes()]
            for *values, place in zip(*columns, _places(batch, spec), strict=True):
                writer.writerow([*map(_cell, values), as_text_cell(crs), *place])


def as_text_cell(text: str) -> str:
    """Return text that a spreadsheet does not run as a formula: an apostrophe comes first."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return as_text_cell(value) if isinstance(value, str) else value


def _places(batch: pa.RecordBatch, spec: LayerSpec) -> Iterator[tuple[Any, ...]]:
    """Yield the last cells of each row: well-known text, or two coordinates."""
    import shapely

    decimals = _decimals(spec.crs)
    shapes = shapely.from_wkb(batch.column(GEOMETRY).to_numpy(zero_copy_only=False))
    if spec.extras.csv_geometry == "wkt":
        texts = shapely.to_wkt(shapes, rounding_precision=decimals)
        return ((text,) for text in texts.tolist())
    if has_longitudes(spec.crs):
        points = centroids_in_degrees(shapes)
    else:
        points = shapely.get_coordinates(shapely.centroid(shapes))
    return (tuple(point) for point in points.round(decimals).tolist())


def _decimals(crs: CRS) -> int:
    """Return the decimal places of a millimetre or less in the unit of a CRS."""
    if crs.is_geographic or not crs.axis_info:
        return _ANGLE_DECIMALS
    unit_m = crs.axis_info[0].unit_conversion_factor or 1.0
    return max(0, _METRE_DECIMALS + math.ceil(math.log10(unit_m)))
