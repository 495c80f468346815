"""The scene that edits read, and the edit that they return."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import UNKNOWN
from mtrs_geo.types import BoolArray, FloatArray, UInt8Array

__all__ = [
    "Edit",
    "EditableScene",
    "Orientation",
    "Region",
    "feather",
    "open_ground_mask",
    "pad_region",
    "remove_small_components",
]

Region: TypeAlias = tuple[slice, slice]
"""Rows and columns of a part of an image."""

_STEP, _FILTER_PX = 2, 7
_MAX_ROUGHNESS, _MIN_GREY, _MAX_BLUE_RATIO = 9.0, 55.0, 0.95
"""Limits of open ground, in grey levels, and of blue relative to the mean of the bands."""


@dataclass(frozen=True)
class Orientation:
    """Quarter turns, then a mirror: one of the eight orientations of an image."""

    quarters: int
    is_mirrored: bool

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Return an image (H, W, …) in this orientation."""
        rotated = np.rot90(image, self.quarters)
        return rotated[:, ::-1] if self.is_mirrored else rotated

    def vector(self, direction: FloatArray) -> FloatArray:
        """Return a direction (rows, cols) in this orientation."""
        row, col = direction
        for _ in range(self.quarters % 4):
            row, col = -col, row
        return np.array([row, -col if self.is_mirrored else col], np.float32)


@dataclass(frozen=True)
class EditableScene:
    """The date that is being edited, as input of an edit."""

    image: UInt8Array
    """(H, W, 3)."""
    classes: UInt8Array
    """(H, W)."""
    edited: BoolArray
    """(H, W), pixels that an earlier edit altered."""
    open_ground: BoolArray
    """(H, W), see `open_ground_mask`."""
    gsd_m: float
    shadow_direction: FloatArray
    """Unit vector (rows, cols) in which shadows fall."""
    unlabelled: frozenset[int]
    """Codes that an UNKNOWN pixel may have."""
    mean_colour: FloatArray
    """Mean colour of the whole scene, (3,)."""
    casts_shadows: bool
    """If false, edits alter no pixel outside the changed ones."""

    @cached_property
    def present_codes(self) -> frozenset[int]:
        """Codes in the class map, of which every second row and column is read."""
        counts = np.bincount(self.classes[::2, ::2].ravel())
        return frozenset(np.flatnonzero(counts).tolist())

    def has_any(self, codes: frozenset[int]) -> bool:
        """Return whether the class map has one of ``codes``."""
        return bool(codes & self.present_codes)

    def free_mask(self, codes: frozenset[int]) -> BoolArray:
        """Return where the class is one of ``codes`` and nothing was edited, (H, W).

        UNKNOWN among the codes stands for open ground of unknown class.
        """
        table = np.zeros(256, np.bool_)
        table[list(codes)] = True
        free: BoolArray = table[self.classes] & ~self.edited
        if UNKNOWN in codes:
            free &= self.open_ground | (self.classes != UNKNOWN)
        return free


def open_ground_mask(image: UInt8Array) -> BoolArray:
    """Return smooth, lit ground with the colour of soil or grass, (H, W).

    Roofs, roads and water are excluded.
    """
    small = image[::_STEP, ::_STEP].astype(np.float32)
    blue = small[..., 2]
    grey = (small[..., 0] + small[..., 1] + blue) / 3
    roughness = np.zeros_like(grey)
    roughness[:, 1:] += np.abs(np.diff(grey, axis=1))
    roughness[1:] += np.abs(np.diff(grey, axis=0))
    is_smooth = ndimage.uniform_filter(roughness, _FILTER_PX) < _MAX_ROUGHNESS
    grey = ndimage.uniform_filter(grey, _FILTER_PX)
    is_earth = ndimage.uniform_filter(blue, _FILTER_PX) < _MAX_BLUE_RATIO * grey
    is_open = is_smooth & (grey > _MIN_GREY) & is_earth
    rows, cols = image.shape[:2]
    enlarged: BoolArray = np.repeat(np.repeat(is_open, _STEP, 0), _STEP, 1)[:rows, :cols]
    return enlarged


@dataclass(frozen=True)
class Edit:
    """An alteration of a region of one date."""

    region: Region
    mask: BoolArray
    """(h, w), pixels whose class becomes ``classes``."""
    classes: UInt8Array
    """(h, w)."""
    alpha: FloatArray
    """(h, w) in [0, 1], opacity of ``pixels``."""
    pixels: FloatArray
    """(h, w, 3)."""
    shading: FloatArray | None = None
    """(h, w), factor of brightness in a cast shadow; None: no shadow is cast."""

    def apply_to_image(self, image: UInt8Array) -> None:
        """Alter an image (H, W, 3) in place."""
        values = image[self.region].astype(np.float32)
        if self.shading is not None:
            dark = 1 - self.shading
            # The sky lights shadows, so blue is reduced less.
            values *= 1 - dark[..., None] * np.array([1.0, 0.97, 0.88], np.float32)
        values += self.alpha[..., None] * (self.pixels - values)
        image[self.region] = (values.clip(0, 255) + 0.5).astype(np.uint8)

    def apply_to_classes(self, classes: UInt8Array) -> None:
        """Alter a class map (H, W) in place."""
        np.copyto(classes[self.region], self.classes, where=self.mask)


def feather(mask: BoolArray, width_px: int) -> FloatArray:
    """Return an opacity (h, w) that fades inside the mask and is 0 outside it."""
    if width_px < 1:
        return mask.astype(np.float32)
    share = ndimage.uniform_filter(mask.astype(np.float32), 2 * width_px + 1, mode="nearest")
    alpha: FloatArray = ((share - 0.35) / 0.65).clip(0, 1) * mask
    return alpha


def pad_region(region: Region, margin_px: int, shape: tuple[int, int]) -> Region:
    """Return a region with a margin, clipped to an image of ``shape``."""
    rows, cols = (
        slice(max(0, part.start - margin_px), min(side, part.stop + margin_px))
        for part, side in zip(region, shape, strict=True)
    )
    return rows, cols


def remove_small_components(mask: BoolArray, min_px: int) -> BoolArray:
    """Return a mask without its connected components of fewer than ``min_px`` pixels."""
    components, count = ndimage.label(mask)
    if count == 0:
        return mask
    sizes = np.bincount(components.ravel())
    sizes[0] = 0
    large: BoolArray = (sizes >= min_px)[components]
    return large
