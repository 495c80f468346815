"""One changed area as a record, and a table of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrs_geo.grid import Grid

if TYPE_CHECKING:
    import geopandas
    import shapely

__all__ = ["Change", "changes_frame"]


@dataclass(frozen=True, slots=True)
class Change:
    """One changed area.

    Args:
        geometry: polygon in the grid's CRS, outer ring counter-clockwise.
        score_mean: mean probability of its pixels (filled holes not counted).
        score_max: highest probability of its pixels.
        area_m2: area of ``geometry`` on the ellipsoid in m².
        perimeter_m: length of all rings on the ellipsoid in metres.
        touches_edge: whether one of its pixels is on the border of the raster or shares a side
            with a nodata pixel, so that the change may continue beyond.
        anchor: (row, col) of its first pixel in reading order; sorting by it gives the same
            order for every block size.
    """

    geometry: shapely.Polygon
    score_mean: float
    score_max: float
    area_m2: float
    perimeter_m: float
    touches_edge: bool
    anchor: tuple[int, int]


def changes_frame(changes: Sequence[Change], grid: Grid) -> geopandas.GeoDataFrame:
    """Return changes as a table in the grid's CRS; an empty input gives the same columns."""
    import geopandas

    columns: dict[str, Any] = {
        "score_mean": np.array([change.score_mean for change in changes], np.float64),
        "score_max": np.array([change.score_max for change in changes], np.float64),
        "area_m2": np.array([change.area_m2 for change in changes], np.float64),
        "perimeter_m": np.array([change.perimeter_m for change in changes], np.float64),
        "touches_edge": np.array([change.touches_edge for change in changes], np.bool_),
    }
    geometry = geopandas.GeoSeries([change.geometry for change in changes], crs=grid.crs)
    return geopandas.GeoDataFrame(columns, geometry=geometry)
