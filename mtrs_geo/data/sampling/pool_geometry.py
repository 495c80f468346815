"""Geometry of crops that are cut from larger, pooled crops: the same pixels on CPU and GPU.

A crop is a square window of a pooled crop, resampled to ``crop_px``, turned and mirrored.  The
nearest pixel of every pixel is integer arithmetic, so label maps and masks that are cut again,
on any device, have the same pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

__all__ = ["Geometry", "cut_images", "cut_labels"]


@dataclass(frozen=True)
class Geometry:
    """Where B crops of ``crop_px`` lie in their pooled crops."""

    crop_px: int
    windows: Tensor
    """(B, 3) int64: first row, first column and side of the window."""
    turns: Sequence[Tensor]
    """(B, 2) int64 each, in order: counterclockwise quarter turns, then 1 to mirror columns."""

    def source_lines(self, shift: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Return which row and column, before all turns, each line of the crops shows.

        Args:
            shift: (B, 2) int64, moves the crop by so many of its rows and columns; what lies
                outside repeats its border.

        Returns:
            Numbers of rows and of columns, (B, crop_px) each, and whether the source's rows are
            the crop's columns, (B, 1) bool.
        """
        last = self.crop_px - 1
        line = torch.arange(self.crop_px, device=self.windows.device)
        moved = torch.zeros_like(self.windows[:, :2]) if shift is None else shift
        down, across = ((line + by[:, None]).clamp(0, last) for by in moved.T)
        is_transposed, rows_reversed, cols_reversed = self._orientation()
        rows = torch.where(is_transposed, across, down)
        cols = torch.where(is_transposed, down, across)
        return (
            torch.where(rows_reversed, last - rows, rows),
            torch.where(cols_reversed, last - cols, cols),
            is_transposed,
        )

    def _orientation(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return whether axes are swapped, rows reversed and columns reversed, (B, 1) each."""
        is_transposed = rows = cols = torch.zeros_like(self.windows[:, :1], dtype=torch.bool)
        for turn in reversed(self.turns):
            cols = cols ^ (turn[:, 1:] == 1)
            for done in range(3):
                is_turned = turn[:, :1] > done
                is_transposed = is_transposed ^ is_turned
                rows, cols = torch.where(is_turned, cols, rows), torch.where(is_turned, ~rows, cols)
        return is_transposed, rows, cols


def cut_labels(maps: Tensor, places: Tensor, geometry: Geometry) -> Tensor:
    """Cut crops from label maps, by the nearest pixel.

    Args:
        maps: (N, S, S), any type.
        places: (B,) int64, the map of each crop.
        geometry: of B crops.

    Returns:
        (B, crop_px, crop_px), of the same type.
    """
    side_px = maps.shape[1]
    *lines, is_transposed = geometry.source_lines()
    first_row, first_col, side = geometry.windows.T[..., None]
    row, col = (
        first + (2 * line + 1) * side // (2 * geometry.crop_px)
        for line, first in zip(lines, (first_row, first_col), strict=True)
    )
    row = (places[:, None] * side_px + row) * side_px
    along_rows, along_cols = (
        torch.where(is_transposed, *parts) for parts in ((col, row), (row, col))
    )
    return maps.flatten()[along_rows[..., None] + along_cols[:, None]]


def cut_images(
    images: Tensor, places: Tensor, geometry: Geometry, shift: Tensor | None = None
) -> Tensor:
    """Cut crops from images, by bilinear interpolation.

    Args:
        images: (N, 3, S, S) uint8.
        places: (B,) int64, the image of each crop.
        geometry: of B crops.
        shift: as in `Geometry.source_lines`.

    Returns:
        (B, 3, crop_px, crop_px) float32, 0 to 255.
    """
    side_px = images.shape[-1]
    *lines, is_transposed = geometry.source_lines(shift)
    first_row, first_col, side = geometry.windows.T[..., None]
    step = side / geometry.crop_px
    row, col = (
        # Centres of pixels, in -1...1 of the whole image.
        2 * (first + (line + 0.5) * step) / side_px - 1
        for line, first in zip(lines, (first_row, first_col), strict=True)
    )
    wide = is_transposed[..., None]
    grid = torch.stack(
        [
            torch.where(wide, col[..., None], col[:, None]),
            torch.where(wide, row[:, None], row[..., None]),
        ],
        -1,
    )
    chosen = images[places].float()
    return F.grid_sample(chosen, grid, padding_mode="border", align_corners=False)
