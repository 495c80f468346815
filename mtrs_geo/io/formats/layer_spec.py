"""Description of a vector layer to write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from pyproj import CRS

from mtrs_geo.io.formats.temporal import TimeOfFeatures
from mtrs_geo.types import Bounds, ChangeDirection

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["GEOMETRY", "Category", "CsvGeometry", "Extras", "LayerSpec"]

GEOMETRY = "geometry"
"""Name of the column of geometries."""

CsvGeometry: TypeAlias = Literal["wkt", "centroid"]
"""How CSV holds the place of a polygon: its outline as well-known text, or its centroid."""


@dataclass(frozen=True)
class Category:
    """Polygons that a style shows alike."""

    query: str
    change: ChangeDirection
    date_before: str | None = None
    date_after: str | None = None
    """Dates of the period; None shows the polygons of all periods alike."""

    @property
    def label(self) -> str:
        """Text for a legend."""
        dates = filter(None, (self.date_before, self.date_after))
        period = f", {' to '.join(dates)}" if self.date_before or self.date_after else ""
        return f"{self.query or 'any change'} ({self.change}{period})"


@dataclass(frozen=True)
class Extras:
    """What a layer has besides its features."""

    metadata: Mapping[str, str]
    """Items by name; GeoPackage and FlatGeobuf store them."""
    categories: Sequence[Category] = ()
    """Categories of the style; GeoPackage stores it."""
    csv_geometry: CsvGeometry = "wkt"
    times: TimeOfFeatures | None = None
    """When QGIS's temporal controller shows a feature; GeoPackage stores it."""


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """Description of a layer to write.

    Args:
        name: name of the layer.
        crs: CRS of the geometries.
        schema: attributes, then the geometry as WKB.
        count: number of features in the spool.
        bounds: bounds of all features; infinite if there is none.
        has_multi: whether a geometry is a multipolygon.
        is_rfc7946: whether to write GeoJSON according to RFC 7946.
        extras: metadata, style and options of formats.
    """

    name: str
    crs: CRS
    schema: pa.Schema
    count: int
    bounds: Bounds
    has_multi: bool
    is_rfc7946: bool
    extras: Extras

    def attributes(self) -> Iterator[pa.Field]:
        """Yield the fields of the schema but the geometry."""
        return (field for field in self.schema if field.name != GEOMETRY)
