"""Tiles and polygons of a run that look unlike the images that the model was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mtrs_geo.grid import Grid
from mtrs_geo.io.alignment import own_pixel_sizes_m
from mtrs_geo.io.source import Source
from mtrs_geo.io.stack import StackWindow
from mtrs_geo.models.contract import ModelInfo
from mtrs_geo.models.familiarity import Familiarity
from mtrs_geo.tiles.plan import Tile, TilePlan
from mtrs_geo.types import BoolArray

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["FamiliarTiles", "UnfamiliarPolygons"]

_WARNED_SHARE = 0.2
_SMALLEST_PX = 64
"""Smaller tiles are not measured: their statistics vary too much."""


@dataclass(frozen=True)
class UnfamiliarPolygons:
    """Column ``unfamiliar`` of the polygons of a pair of dates; it can be pickled."""

    tiles: BoolArray
    """(bands, tiles per band)."""
    grid: Grid
    row_centres: npt.NDArray[np.float64]
    """(bands,) in pixels."""
    col_centres: npt.NDArray[np.float64]
    """(tiles per band,) in pixels."""

    def __call__(self, frame: GeoDataFrame) -> BoolArray:
        """Return whether the tile around each polygon is unfamiliar, (n,).

        Args:
            frame: polygons in the CRS of the grid.
        """
        points = frame.geometry.representative_point()
        cols, rows = ~self.grid.transform @ (points.x.to_numpy(), points.y.to_numpy())
        flags: BoolArray = self.tiles[
            _nearest(self.row_centres, rows), _nearest(self.col_centres, cols)
        ]
        return flags


class FamiliarTiles:
    """Measures the tiles of a run, date by date.

    Tiles with nodata, and small ones, are not measured and count as familiar.  A date is unfamiliar
    everywhere if the pixels of the run are outside the model's range, or its own are coarser.

    Args:
        plan: the tiles.
        sources: the dates.
        info: of the model; without `Familiarity` only the pixel size is compared.
    """

    def __init__(self, plan: TilePlan, sources: Sequence[Source], info: ModelInfo) -> None:
        self._plan, self._info = plan, info
        self._familiarity = _familiarity(info)
        low, high = info.gsd_range_m
        is_grid_outside = not low <= max(plan.grid.pixel_size_m()) <= high
        own_m = np.array(own_pixel_sizes_m(sources, plan.grid))
        self._is_other_scale = (own_m > high) | is_grid_outside  # (dates,)
        shape = len(sources), *plan.included.shape
        self._unfamiliar = np.broadcast_to(self._is_other_scale[:, None, None], shape).copy()
        self._measured = 0

    @property
    def share(self) -> float | None:
        """Share of the measured tiles that are unfamiliar at a date; None if none is measured."""
        return 1.0 if self._is_other_scale.any() else self._measured_share()

    def measure(self, window: StackWindow) -> BoolArray | None:
        """Return whether a tile is unfamiliar per date, (dates,); None if it is not measured."""
        if self._familiarity is None or self._is_other_scale.all() or not window.is_all_valid:
            return None
        if min(window.valid.shape) < _SMALLEST_PX:
            return None
        unfamiliar: BoolArray = self._familiarity.distances(window.image) > self._familiarity.limit
        return unfamiliar

    def add(self, tile: Tile, unfamiliar: BoolArray | None) -> None:
        """Keep what `measure` said about a tile."""
        if unfamiliar is None:
            return
        col = self._plan.col_starts.index(tile.window.col)
        self._unfamiliar[:, tile.band, col] = unfamiliar | self._is_other_scale
        self._measured += 1

    def state(self) -> dict[str, np.ndarray]:
        """Return what was added so far, for `restore`."""
        return {"unfamiliar": self._unfamiliar, "measured": np.array(self._measured)}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on after the tiles of a `state`."""
        self._unfamiliar, self._measured = state["unfamiliar"], int(state["measured"])

    def polygons(self, pair: tuple[int, int]) -> UnfamiliarPolygons:
        """Return the column of the polygons between two dates, by their indices."""
        rows, cols = self._plan.tile_shape
        return UnfamiliarPolygons(
            self._unfamiliar[pair[0]] | self._unfamiliar[pair[1]],
            self._plan.grid,
            np.array(self._plan.row_starts) + rows / 2,
            np.array(self._plan.col_starts) + cols / 2,
        )

    def warnings(self) -> list[str]:
        """Return a warning if many tiles are unfamiliar; a run warns of pixel sizes itself."""
        share = self._measured_share()
        if share is None or share <= _WARNED_SHARE:
            return []
        return [
            f"{share:.0%} of the tiles look unlike all images that {self._info.name} was trained "
            "on, which are in natural colour: their colours or textures are those of another "
            "sensor, of other bands or of noise. Polygons there, marked in the column unfamiliar, "
            "are often wrong whatever their score. Check that red, green and blue are read "
            "(--bands)."
        ]

    def _measured_share(self) -> float | None:
        """Return the unfamiliar share of the measured tiles, without the dates of other scale."""
        if not self._measured:
            return None
        unfamiliar = self._unfamiliar[~self._is_other_scale].any(0)
        return float(np.count_nonzero(unfamiliar) / self._measured)


def _familiarity(info: ModelInfo) -> Familiarity | None:
    return None if info.calibration is None else info.calibration.familiarity


def _nearest(
    centres: npt.NDArray[np.float64], positions: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    """Return the index of the nearest of the sorted centres for each position."""
    found: npt.NDArray[np.int64] = np.searchsorted((centres[1:] + centres[:-1]) / 2, positions)
    return found
