"""The result of a run: polygons, grid and report."""

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
    """What a run did and found."""

    understood: tuple[str, ...]
    """One line per query: the prompt of the model and the scene rules."""
    model: str
    device: str
    crs: str
    shape: tuple[int, int]
    """(rows, cols) of the grid."""
    gsd_m: float
    """Pixel size on the ground, in metres."""
    dates: tuple[str | None, ...]
    tiles: int
    """Number of tiles that intersect the area of interest."""
    tiles_skipped: int
    """Number of those tiles without a pixel that is valid at every date."""
    counts: dict[str, int]
    """Number of polygons per query."""
    areas_m2: dict[str, float]
    """Area of the polygons on the ellipsoid per query."""
    changes: dict[str, ChangeDirection]
    """Direction of the change that each query asks for."""
    warnings: tuple[str, ...]
    """Messages about what can be wrong, in the order in which they were shown."""
    notes: tuple[str, ...]
    """Messages about how the rasters were read: their masks, and where their dates are from."""
    seconds: dict[str, float]
    """Wall-clock seconds of the run and of its stages."""


@dataclass(frozen=True)
class ChangeResult:
    """Polygons of the change, and how they were found."""

    table: ChangeTable
    """Rows on disk, in the CRS of the grid; `polygons` reads them."""
    grid: Grid
    """Pixel grid of the run."""
    report: Report
    output: Path | None = None
    probability: Path | None = None
    """Raster with one band per prompt and pair of dates; `read_probability` reads it."""
    preview: Path | None = None
    output_crs: Any = None
    """CRS of the polygons; None is the CRS of the grid."""

    @cached_property
    def polygons(self) -> GeoDataFrame:
        """One row per polygon, read at first access; docs/output.md lists the columns."""
        frame = self.table.read()
        return frame if self.output_crs is None else frame.to_crs(self.output_crs)
