"""What a run gives back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtrs_geo.grid import Grid
from mtrs_geo.types import ChangeDirection
from mtrs_geo.vectorize.table import ChangeTable

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["ChangeResult", "Report"]


@dataclass(frozen=True)
class Report:
    """What a run did."""

    understood: tuple[str, ...]
    """One line a query: what the model was asked, and the rules that followed."""
    model: str
    device: str
    crs: str
    shape: tuple[int, int]
    """(rows, cols) of the run's grid."""
    gsd_m: float
    """Pixel size on the ground, in metres."""
    dates: tuple[str | None, ...]
    tiles: int
    """Tiles that met the area of interest."""
    tiles_skipped: int
    """Of them, those without a pixel that is valid at every date."""
    polygons: dict[str, int]
    """Polygons kept, a query."""
    areas_m2: dict[str, float]
    """Their area on the ellipsoid, a query."""
    changes: dict[str, ChangeDirection]
    """Which way the change goes that a query asks for."""
    warnings: tuple[str, ...]
    seconds: dict[str, float]
    """Wall seconds of the run and of its parts."""


@dataclass(frozen=True)
class ChangeResult:
    """What a run found."""

    table: ChangeTable
    """The rows, kept on disk in the CRS of the grid; `polygons` reads them."""
    grid: Grid
    """The pixel grid that the run worked on."""
    report: Report
    output: Path | None = None
    probability: Path | None = None
    """Raster with one band a query and pair of dates; `read_probability` reads it."""
    preview: Path | None = None
    output_crs: Any = None
    """CRS of the polygons; None is the grid's."""

    @cached_property
    def polygons(self) -> GeoDataFrame:
        """One row a polygon, read when first asked for; docs/output.md lists the columns."""
        frame = self.table.read()
        return frame if self.output_crs is None else frame.to_crs(self.output_crs)
