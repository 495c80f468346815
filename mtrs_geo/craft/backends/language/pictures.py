"""The pictures that are shown with a question: dates with a grid, a mask over a date."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from mtrs_geo.craft.backends.contract import GridCell, PairImages, Proposal
from mtrs_geo.craft.backends.drawing import draw_grid, draw_overlay
from mtrs_geo.craft.backends.language.question import CaptionedImage
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["both_dates", "date_of_type", "dates_with_grid", "mask_over_dates"]

_FEWEST_PX = 448
"""Smaller images are enlarged, so that names of cells can be read."""


def dates_with_grid(
    pair: PairImages, cells: Sequence[GridCell], side_px: int
) -> tuple[CaptionedImage, ...]:
    """Return both dates with the grid, the longer side at most ``side_px``."""
    scale = _scale(pair.after, side_px)
    scaled = [GridCell(c.name, _scaled_box(c.box, scale)) for c in cells]
    images = [draw_grid(_resized(image, scale), scaled) for image in (pair.before, pair.after)]
    return CaptionedImage("Earlier:", images[0]), CaptionedImage("Later:", images[1])


def both_dates(pair: PairImages, side_px: int) -> tuple[CaptionedImage, ...]:
    """Return both dates."""
    scale = _scale(pair.after, side_px)
    return (
        CaptionedImage("Earlier:", _resized(pair.before, scale)),
        CaptionedImage("Later:", _resized(pair.after, scale)),
    )


def mask_over_dates(
    pair: PairImages, proposal: Proposal, mask: BoolArray, side_px: int
) -> tuple[CaptionedImage, ...]:
    """Return both dates, and the mask over the date that the type calls for."""
    scale = _scale(pair.after, side_px)
    image = _resized(date_of_type(pair, proposal), scale)
    rows, cols = image.shape[:2]
    drawn = np.asarray(Image.fromarray(mask).resize((cols, rows), Image.Resampling.NEAREST))
    overlay = CaptionedImage("The mask in red:", draw_overlay(image, drawn.astype(bool)))
    return (*both_dates(pair, side_px), overlay)


def date_of_type(pair: PairImages, proposal: Proposal) -> UInt8Array:
    """Return the date that shows the object: the earlier for ``disappear``, else the later."""
    return pair.before if proposal.change_type == "disappear" else pair.after


def _scale(image: UInt8Array, side_px: int) -> float:
    longer = int(max(image.shape[:2]))
    return min(side_px, max(longer, _FEWEST_PX)) / longer


def _scaled_box(box: tuple[int, int, int, int], scale: float) -> tuple[int, int, int, int]:
    top, left, bottom, right = (round(edge * scale) for edge in box)
    return top, left, bottom, right


def _resized(image: UInt8Array, scale: float) -> UInt8Array:
    rows, cols = (max(1, round(length * scale)) for length in image.shape[:2])
    if (rows, cols) == image.shape[:2]:
        return image
    picture = Image.fromarray(np.ascontiguousarray(image))
    return np.asarray(picture.resize((cols, rows), Image.Resampling.LANCZOS))
