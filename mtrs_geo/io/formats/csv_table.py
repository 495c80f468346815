"""Write a layer as CSV, with outlines as well-known text or with centroids."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtrs_geo.io.formats.crs_codes import code_of
from mtrs_geo.io.formats.layer_spec import GEOMETRY, LayerSpec

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["as_text_cell", "write_csv"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters of cells that spreadsheets run as formulas."""
_DECIMALS = {True: 8, False: 3}
"""Decimal places of coordinates in degrees (about a millimetre), and in other units."""


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

    decimals = _DECIMALS[spec.crs.is_geographic]
    shapes = shapely.from_wkb(batch.column(GEOMETRY).to_numpy(zero_copy_only=False))
    if spec.extras.csv_geometry == "wkt":
        texts = shapely.to_wkt(shapes, rounding_precision=decimals)
        return ((text,) for text in texts.tolist())
    points = shapely.get_coordinates(shapely.centroid(shapes)).round(decimals)
    return (tuple(point) for point in points.tolist())
