"""Tiles that have no answer because their pixels or the model failed, and how many a run allows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mtrs_geo.tiles.plan import Tile, TilePlan

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["TileFailures", "most_failures", "read_max_failed"]

_EVERY_TILE = 2**31
"""More tiles than a run has: a share of 1.0 would be one tile."""


def read_max_failed(text: str) -> float:
    """Return a number of tiles, or a share of them from a text such as 5%, for `most_failures`.

    Raises:
        ValueError: if it is neither, or the share is not within 0 % to 100 %.
    """
    number, percent, rest = text.strip().partition("%")
    if rest or not percent:
        return int(text)
    share = float(number) / 100
    if not 0 <= share <= 1:
        msg = f"{text} is not within 0% to 100%"
        raise ValueError(msg)
    return share if share < 1 else _EVERY_TILE


def most_failures(max_failed: float, tiles: int) -> int:
    """Return how many tiles may fail.

    Args:
        max_failed: a number of tiles, or a share of them if it is a float below 1.
        tiles: number of tiles of the run.
    """
    if isinstance(max_failed, float) and 0 <= max_failed < 1:
        return int(max_failed * tiles)
    return int(max_failed)


@dataclass
class TileFailures:
    """The failed tiles of a run.

    Args:
        plan: the tiles.
        max_failed: see `most_failures`.
    """

    plan: TilePlan
    max_failed: float = 0
    reasons: dict[int, str] = field(default_factory=dict)
    """Why tiles failed, by their index in the plan."""

    @property
    def are_allowed(self) -> bool:
        """Whether any tile may fail."""
        return most_failures(self.max_failed, len(self.plan)) > 0

    def add(self, tile: Tile, error: Exception) -> str:
        """Count a failed tile and return the reason, or raise the error if it is one too many."""
        self.reasons[tile.index] = str(error) or type(error).__name__
        if len(self.reasons) > most_failures(self.max_failed, len(self.plan)):
            del self.reasons[tile.index]  # it is tried again by a run that goes on
            raise error
        return self.reasons[tile.index]

    def warnings(self) -> list[str]:
        """Return a warning if tiles failed; it names the first."""
        if not self.reasons:
            return []
        first = next(iter(self.reasons.values()))
        return [
            f"{len(self.reasons)} of {len(self.plan)} tiles failed and are nodata, as the layer "
            f"failed_tiles of a GeoPackage shows. The first: {first}"
        ]

    def layer(self) -> GeoDataFrame:
        """Return the outlines of the failed tiles, with columns ``tile`` and ``reason``."""
        import geopandas
        import shapely

        tiles = [tile for tile in self.plan.tiles if tile.index in self.reasons]
        grid = self.plan.grid
        outlines = [shapely.box(*grid.subgrid(tile.window).bounds) for tile in tiles]
        columns = {
            "tile": [tile.index for tile in tiles],
            "reason": [self.reasons[tile.index] for tile in tiles],
        }
        return geopandas.GeoDataFrame(columns, geometry=outlines, crs=grid.crs)

    def restore(self, reasons: dict[int, str]) -> None:
        """Go on after tiles that failed earlier."""
        self.reasons = dict(reasons)
