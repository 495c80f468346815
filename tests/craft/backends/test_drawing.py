"""The grid of cells, and the pictures that backends look at."""

from __future__ import annotations

import numpy as np
import pytest

from mtrs_geo.craft.backends.drawing import draw_grid, draw_overlay
from mtrs_geo.craft.backends.grid import cell_of_mask, plan_cells, share_in_cell
from mtrs_geo.craft.project.records import CELLS
from mtrs_geo.errors import RequestError


@pytest.mark.parametrize(("shape", "grid"), [((256, 256), (3, 3)), ((100, 317), (4, 2))])
def test_cells_cover_the_image_once(shape: tuple[int, int], grid: tuple[int, int]) -> None:
    cells = plan_cells(shape, grid)
    seen = np.zeros(shape, int)
    for cell in cells:
        top, left, bottom, right = cell.box
        seen[top:bottom, left:right] += 1
    assert len(cells) == grid[0] * grid[1]
    assert (seen == 1).all()
    assert len({cell.name for cell in cells}) == len(cells)


def test_the_paper_s_grid_has_its_names() -> None:
    assert tuple(cell.name for cell in plan_cells((90, 90))) == CELLS
    assert plan_cells((90, 90), (2, 2))[3].name == "row 2, column 2"


@pytest.mark.parametrize("grid", [(0, 3), (9, 3), (3, 90)])
def test_impossible_grids_are_refused(grid: tuple[int, int]) -> None:
    with pytest.raises(RequestError, match="cells cannot be drawn"):
        plan_cells((8, 64), grid)


def test_the_cell_of_a_mask_has_its_centre() -> None:
    cells = plan_cells((90, 90))
    mask = np.zeros((90, 90), bool)
    assert cell_of_mask(mask, cells) == ""
    assert share_in_cell(mask, cells[0]) == 0
    mask[5:20, 65:85] = True
    assert cell_of_mask(mask, cells) == "top-right"
    assert share_in_cell(mask, cells[2]) == 1


def test_the_grid_is_drawn_on_a_copy() -> None:
    image = np.full((240, 300, 3), 90, np.uint8)
    drawn = draw_grid(image, plan_cells(image.shape[:2]))
    assert drawn.shape == image.shape
    assert drawn.dtype == np.uint8
    assert (image == 90).all()
    assert (drawn[80, 150] != 90).any()  # a line between two rows of cells
    assert (drawn[60, 50] == 90).all()  # the inside of a cell


def test_a_mask_is_red_and_outlined() -> None:
    image = np.full((64, 64, 3), 100, np.uint8)
    mask = np.zeros((64, 64), bool)
    mask[20:40, 20:40] = True
    drawn = draw_overlay(image, mask)
    assert drawn[30, 30, 0] > 150 > drawn[30, 30, 1]
    assert (drawn[19, 30] == 255).all()
    assert (drawn[10, 10] == 100).all()
    with pytest.raises(ValueError, match="the mask"):
        draw_overlay(image, mask[:10])
