"""Pictures for backends that look at them: the named grid on an image, a mask over an image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from mtrs_geo.craft.backends.contract import GridCell
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["draw_grid", "draw_overlay"]

_LINE, _HALO, _TEXT = (255, 230, 0), (0, 0, 0), (255, 255, 255)
_FILL, _OUTLINE = np.array([255, 40, 40], np.float32), (255, 255, 255)
_FILL_OPACITY = 0.4
_SMALLEST_FONT_PX, _LARGEST_FONT_PX, _FONT_SHARE = 9, 40, 0.028


def draw_grid(image: UInt8Array, cells: Sequence[GridCell]) -> UInt8Array:
    """Return a copy of an image (rows, cols, 3) with the outline and the name of each cell.

    A name stands at the top left of its cell, in white on black.
    """
    picture = Image.fromarray(np.ascontiguousarray(image))
    draw = ImageDraw.Draw(picture)
    shorter = min(picture.size)
    width = max(1, round(shorter / 400))
    for cell in cells:
        top, left, bottom, right = cell.box
        outline = (left, top, right - 1, bottom - 1)
        draw.rectangle(outline, outline=_HALO, width=width + 2)
        draw.rectangle(outline, outline=_LINE, width=width)
    for cell in cells:
        _draw_name(draw, cell, round(shorter * _FONT_SHARE))
    return np.asarray(picture)


def draw_overlay(image: UInt8Array, mask: BoolArray) -> UInt8Array:
    """Return a copy of an image (rows, cols, 3) with a mask (rows, cols) in red, outlined in white.

    Raises:
        ValueError: if image and mask differ in size.
    """
    if image.shape[:2] != mask.shape:
        msg = f"the image is {image.shape[:2]}, the mask {mask.shape}"
        raise ValueError(msg)
    inside = np.asarray(mask, bool)
    drawn = image.astype(np.float32)
    drawn[inside] += _FILL_OPACITY * (_FILL - drawn[inside])
    drawn[ndimage.binary_dilation(inside) & ~inside] = _OUTLINE
    return drawn.astype(np.uint8)


def _draw_name(draw: ImageDraw.ImageDraw, cell: GridCell, font_px: int) -> None:
    top, left, _, right = cell.box
    font_px = min(max(font_px, _SMALLEST_FONT_PX), _LARGEST_FONT_PX)
    font = ImageFont.load_default(font_px)
    while font_px > _SMALLEST_FONT_PX and draw.textlength(cell.name, font) > right - left - 4:
        font_px -= 1
        font = ImageFont.load_default(font_px)
    at = (left + 4, top + 3)
    box = draw.textbbox(at, cell.name, font)
    draw.rectangle((left + 1, top + 1, box[2] + 2, box[3] + 2), fill=_HALO)
    draw.text(at, cell.name, font=font, fill=_TEXT)
