"""Rows of a result: the changes per query, read from disk on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from mtrs_geo.grid import Grid
from mtrs_geo.vectorize.change import changes_frame
from mtrs_geo.vectorize.spool import ChangeSpool

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["ChangeTable", "Selection"]

Attribute: TypeAlias = str | Callable[["GeoDataFrame"], npt.NDArray[Any]] | npt.NDArray[Any] | None

_ROWS = 2048
"""Largest number of rows in memory at a time."""


@dataclass(frozen=True)
class Selection:
    """The changes of one layer that match a query, in the order of their rows."""

    changes: ChangeSpool
    positions: npt.NDArray[np.int64]
    attributes: Mapping[str, Attribute]
    """By column: a value that all rows share, an array with a value per row, or a function of the
    rows (as in `pandas.DataFrame.assign`)."""


@dataclass(frozen=True)
class ChangeTable:
    """Rows of changes that are stored on disk."""

    selections: Sequence[Selection]
    """One per query and pair of dates; their attributes have the key ``query``."""
    columns: tuple[str, ...]
    grid: Grid

    def __len__(self) -> int:
        """Return the number of rows."""
        return sum(selection.positions.size for selection in self.selections)

    def counts_and_areas_m2(self) -> dict[str, tuple[int, float]]:
        """Return the number of rows and their total area in m² per query."""
        totals: dict[str, tuple[int, float]] = {}
        for selection in self.selections:
            query = cast("str", selection.attributes["query"])
            count, area_m2 = totals.get(query, (0, 0.0))
            areas_m2 = selection.changes.areas_m2()[selection.positions]
            totals[query] = count + areas_m2.size, area_m2 + float(areas_m2.sum())
        return totals

    def frames(self) -> Iterator[GeoDataFrame]:
        """Yield the rows in tables of bounded size; at least one."""
        row = 1
        for selection in self.selections:
            for start in range(0, max(1, selection.positions.size), _ROWS):
                frame = self._frame(selection, start)
                frame["id"] = np.arange(row, row + len(frame))
                row += len(frame)
                yield frame[[*self.columns, "geometry"]]

    def read(self) -> GeoDataFrame:
        """Return all rows in the CRS of the run's grid."""
        import pandas as pd

        return pd.concat(list(self.frames()), ignore_index=True)

    def _frame(self, selection: Selection, start: int) -> GeoDataFrame:
        positions = selection.positions[start : start + _ROWS]
        frame = changes_frame(selection.changes.take(positions), self.grid)
        attributes = {
            name: value[start : start + _ROWS] if isinstance(value, np.ndarray) else value
            for name, value in selection.attributes.items()
        }
        return frame.assign(**attributes)
