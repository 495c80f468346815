"""The ground that a pair is built on, and a patch that alters it: what every edit returns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import UNKNOWN
from mtrs_geo.types import BoolArray, FloatArray, UInt8Array

__all__ = [
    "Area",
    "Ground",
    "Patch",
    "Turn",
    "feather",
    "grow_area",
    "largest_parts",
    "open_ground",
]

Area: TypeAlias = tuple[slice, slice]
"""Rows and columns."""

_OPEN_STEP, _OPEN_PX = 2, 7
_ROUGH, _DARK, _EARTHY = 9.0, 55.0, 0.95


@dataclass(frozen=True)
class Turn:
    """Quarter turns, then a mirror: one of the eight ways to lay an image down."""

    quarters: int
    is_mirrored: bool

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Return an image (H, W, …) turned."""
        turned = np.rot90(image, self.quarters)
        return turned[:, ::-1] if self.is_mirrored else turned

    def vector(self, direction: FloatArray) -> FloatArray:
        """Return a direction (rows, cols) turned."""
        row, col = direction
        for _ in range(self.quarters % 4):
            row, col = -col, row
        return np.array([row, -col if self.is_mirrored else col], np.float32)


@dataclass(frozen=True)
class Ground:
    """The date that is being edited, as edits see it."""

    image: UInt8Array
    """(H, W, 3)."""
    classes: UInt8Array
    """(H, W)."""
    busy: BoolArray
    """(H, W), where something was edited already."""
    open: BoolArray
    """(H, W), see `open_ground`."""
    gsd_m: float
    shadow: FloatArray
    """Unit vector (rows, cols) that shadows fall in."""
    unseen: frozenset[int]
    """Codes that an UNKNOWN pixel may show."""
    light: FloatArray
    """Mean of the whole scene, (3,)."""
    casts_shadows: bool
    """If not, nothing beside the changed pixels is touched."""

    @cached_property
    def present(self) -> frozenset[int]:
        """Codes that the ground shows, single pixels aside."""
        counts = np.bincount(self.classes[::2, ::2].ravel())
        return frozenset(np.flatnonzero(counts).tolist())

    def shows(self, codes: frozenset[int]) -> bool:
        """Whether the ground shows one of ``codes``."""
        return bool(codes & self.present)

    def room(self, codes: frozenset[int]) -> BoolArray:
        """Return where the ground shows one of ``codes`` and is free, (H, W).

        UNKNOWN among the codes means open ground of no known class.
        """
        table = np.zeros(256, np.bool_)
        table[list(codes)] = True
        found: BoolArray = table[self.classes] & ~self.busy
        if UNKNOWN in codes:
            found &= self.open | (self.classes != UNKNOWN)
        return found


def open_ground(image: UInt8Array) -> BoolArray:
    """Return smooth, lit ground of the colour of soil or grass: no roof, road or water, (H, W)."""
    step = _OPEN_STEP
    small = image[::step, ::step].astype(np.float32)
    blue = small[..., 2]
    grey = (small[..., 0] + small[..., 1] + blue) / 3
    rough = np.zeros_like(grey)
    rough[:, 1:] += np.abs(np.diff(grey, axis=1))
    rough[1:] += np.abs(np.diff(grey, axis=0))
    smooth = ndimage.uniform_filter(rough, _OPEN_PX) < _ROUGH
    grey = ndimage.uniform_filter(grey, _OPEN_PX)
    is_open = smooth & (grey > _DARK) & (ndimage.uniform_filter(blue, _OPEN_PX) < _EARTHY * grey)
    rows, cols = image.shape[:2]
    grown: BoolArray = np.repeat(np.repeat(is_open, step, 0), step, 1)[:rows, :cols]
    return grown


@dataclass(frozen=True)
class Patch:
    """An alteration of a part of one date."""

    area: Area
    mask: BoolArray
    """(h, w), pixels whose class becomes ``classes``."""
    classes: UInt8Array
    """(h, w)."""
    alpha: FloatArray
    """(h, w) in [0, 1], how much of ``pixels`` is seen."""
    pixels: FloatArray
    """(h, w, 3)."""
    shade: FloatArray | None = None
    """(h, w), factor of the light that is left; None casts no shadow."""

    def paint(self, image: UInt8Array) -> None:
        """Alter an image (H, W, 3) in place."""
        part = image[self.area].astype(np.float32)
        if self.shade is not None:
            dark = 1 - self.shade
            # Shadows are lit by the sky: blue loses less.
            part *= 1 - dark[..., None] * np.array([1.0, 0.97, 0.88], np.float32)
        part += self.alpha[..., None] * (self.pixels - part)
        image[self.area] = (part.clip(0, 255) + 0.5).astype(np.uint8)

    def mark(self, classes: UInt8Array) -> None:
        """Alter a class map (H, W) in place."""
        np.copyto(classes[self.area], self.classes, where=self.mask)


def feather(mask: BoolArray, width_px: int) -> FloatArray:
    """Return an opacity (h, w) that fades inside the mask: nothing beside it is touched."""
    if width_px < 1:
        return mask.astype(np.float32)
    share = ndimage.uniform_filter(mask.astype(np.float32), 2 * width_px + 1, mode="nearest")
    alpha: FloatArray = ((share - 0.35) / 0.65).clip(0, 1) * mask
    return alpha


def grow_area(area: Area, margin_px: int, shape: tuple[int, int]) -> Area:
    """Return an area with a margin, cut at the frame."""
    rows, cols = (
        slice(max(0, part.start - margin_px), min(side, part.stop + margin_px))
        for part, side in zip(area, shape, strict=True)
    )
    return rows, cols


def largest_parts(mask: BoolArray, min_px: int) -> BoolArray:
    """Return a mask without its components below ``min_px`` pixels."""
    groups, count = ndimage.label(mask)
    if count == 0:
        return mask
    sizes = np.bincount(groups.ravel())
    sizes[0] = 0
    kept: BoolArray = (sizes >= min_px)[groups]
    return kept
