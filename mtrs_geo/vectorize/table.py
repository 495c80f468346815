"""The rows of a result: which changes answer which query, read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mtrs_geo.grid import Grid
from mtrs_geo.vectorize.change import changes_frame
from mtrs_geo.vectorize.spool import ChangeSpool

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["ChangeTable", "Selection"]

_ROWS = 2048
"""Rows in memory at a time."""


@dataclass(frozen=True)
class Selection:
    """The changes of one layer that answer a query, in the order of their rows."""

    changes: ChangeSpool
    positions: npt.NDArray[np.int64]
    facts: Mapping[str, str | None]
    """What all of its rows say, by column."""


@dataclass(frozen=True)
class ChangeTable:
    """Rows of changes, kept on disk."""

    selections: Sequence[Selection]
    """One a query and pair of dates; their facts have the key ``query``."""
    columns: tuple[str, ...]
    grid: Grid

    def __len__(self) -> int:
        """Count the rows."""
        return sum(selection.positions.size for selection in self.selections)

    def counts_and_areas_m2(self) -> dict[str | None, tuple[int, float]]:
        """Return the number of rows of every query, and their area."""
        found: dict[str | None, tuple[int, float]] = {}
        for selection in self.selections:
            count, area_m2 = found.get(selection.facts["query"], (0, 0.0))
            areas_m2 = selection.changes.areas_m2()[selection.positions]
            found[selection.facts["query"]] = count + areas_m2.size, area_m2 + float(areas_m2.sum())
        return found

    def frames(self) -> Iterator[GeoDataFrame]:
        """Yield the rows in frames of bounded size; there is always one."""
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
        return changes_frame(selection.changes.take(positions), self.grid).assign(**selection.facts)
