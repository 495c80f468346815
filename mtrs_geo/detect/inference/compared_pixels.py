"""Counts the pixels that a run compares: those that are valid at every date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mtrs_geo.grid import Window
from mtrs_geo.io.aoi import AreaOfInterest
from mtrs_geo.tiles.mosaic import Block

__all__ = ["ComparedPixels"]

_FEW = 0.5
"""Share of the pixels below which a run warns."""
_SMALLEST = 0.001
"""Share that is printed as a number."""


@dataclass
class ComparedPixels:
    """The pixels of the blocks of a run so far, within the area of interest if there is one."""

    compared: int = 0
    """Those that have a probability: valid at every date, and in no tile that failed."""
    all: int = 0

    def add(
        self, block: Block, layer: int, origin: tuple[int, int], area: AreaOfInterest | None
    ) -> None:
        """Count the pixels of a block.

        Args:
            block: probabilities (N, rows, cols), NaN where there is no data.
            layer: index of a layer that has an answer.
            origin: (row, col) of the run's grid within that of the area.
            area: leaves out what is outside; None counts every pixel.
        """
        has_answer = ~np.isnan(block.probability[layer])
        if area is None:
            self.compared += int(np.count_nonzero(has_answer))
            self.all += has_answer.size
            return
        row, col = block.row + origin[0], block.col + origin[1]
        inside = area.mask(Window(row, col, *has_answer.shape))
        self.compared += int(np.count_nonzero(has_answer & inside))
        self.all += int(np.count_nonzero(inside))

    def state(self) -> dict[str, np.ndarray]:
        """Return the counts, for `restore`."""
        return {"counts": np.array([self.compared, self.all])}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on after the blocks of a `state`."""
        self.compared, self.all = state["counts"].tolist()

    def warnings(
        self, area: AreaOfInterest | None, *, is_all_skipped: bool, has_failures: bool
    ) -> list[str]:
        """Return a message if nothing, or less than half, was compared.

        Args:
            area: the area of interest of the run.
            is_all_skipped: whether no tile has a pixel that is valid at every date.
            has_failures: whether tiles failed.
        """
        where = "" if area is None else " of the area of interest"
        if area is not None and not area.has_pixels:
            reason = "the area of interest has the centre of no pixel in it"
            return [f"{reason}, so nothing was compared"]
        if is_all_skipped:
            return ["no pixel is valid at every date, so nothing was compared"]
        share = self.compared / self.all if self.all else 1.0
        if share >= _FEW:
            return []
        shown = f"{share:.1%}" if share >= _SMALLEST else "less than 0.1%"
        failed = ", or lie in tiles that failed" if has_failures else ""
        return [
            f"only {shown} of the pixels{where} were compared: the others have no data at one of "
            f"the dates or more{failed}. What changed there is not found. Give rasters without "
            "such gaps, or leave a date with much nodata out of a stack"
        ]
