"""The grid that is laid over both dates, and where something lies in it."""

from __future__ import annotations

import numpy as np

from mtrs_geo.craft.backends.contract import GridCell
from mtrs_geo.craft.project.records import CELLS
from mtrs_geo.errors import RequestError
from mtrs_geo.types import BoolArray, Shape

__all__ = ["MOST_CELLS_PER_SIDE", "cell_of_mask", "plan_cells", "share_in_cell"]

MOST_CELLS_PER_SIDE = 8


def plan_cells(shape: Shape, grid: tuple[int, int] = (3, 3)) -> tuple[GridCell, ...]:
    """Return the cells of a grid, by rows; together they cover the image without overlap.

    Args:
        shape: (rows, cols) of the image in pixels.
        grid: (rows, cols) of the grid.

    Raises:
        RequestError: if the grid has no cell, too many, or more than the image has pixels.
    """
    for cells, pixels in zip(grid, shape, strict=True):
        if not 1 <= cells <= min(MOST_CELLS_PER_SIDE, pixels):
            msg = f"a grid of {grid[0]} × {grid[1]} cells cannot be drawn on {shape} pixels."
            raise RequestError(msg, advice=f"Use 1 to {MOST_CELLS_PER_SIDE} cells per side.")
    row_edges, col_edges = (
        [round(i * pixels / cells) for i in range(cells + 1)]
        for cells, pixels in zip(grid, shape, strict=True)
    )
    return tuple(
        GridCell(
            CELLS[3 * row + col] if grid == (3, 3) else f"row {row + 1}, column {col + 1}",
            (row_edges[row], col_edges[col], row_edges[row + 1], col_edges[col + 1]),
        )
        for row in range(grid[0])
        for col in range(grid[1])
    )


def cell_of_mask(mask: BoolArray, cells: tuple[GridCell, ...]) -> str:
    """Return the name of the cell with the centre of a mask (rows, cols); empty for no pixel."""
    rows, cols = np.nonzero(mask)
    if not rows.size:
        return ""
    row, col = float(rows.mean()), float(cols.mean())
    for cell in cells:
        top, left, bottom, right = cell.box
        if top <= row < bottom and left <= col < right:
            return cell.name
    return cells[-1].name


def share_in_cell(mask: BoolArray, cell: GridCell) -> float:
    """Return which part of a mask (rows, cols) lies in a cell: 0 to 1, 0 for no pixel."""
    total = int(np.count_nonzero(mask))
    top, left, bottom, right = cell.box
    return int(np.count_nonzero(mask[top:bottom, left:right])) / total if total else 0.0
