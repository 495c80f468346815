"""Instances: connected components of a mask with measures of shape, size and colour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

from mtrs_geo.types import BoolArray, FloatArray, UInt8Array

__all__ = ["Instance", "instances_of"]

_MIN_PX = 12


@dataclass(frozen=True)
class Instance:
    """One connected component of a mask (4-neighbours)."""

    mask: BoolArray
    """(h, w), within ``window``."""
    window: tuple[slice, slice]
    """Rows and columns of the image."""
    shape: tuple[int, int]
    """(rows, cols) of the whole image."""
    image: UInt8Array
    """(H, W, 3), at the date at which the object is visible."""
    classes: UInt8Array
    """(H, W), class codes of that date."""
    gsd_m: float

    @cached_property
    def area_px(self) -> int:
        """Area in pixels."""
        return int(self.mask.sum())

    @property
    def area_share(self) -> float:
        """Area as a share of the image."""
        return self.area_px / (self.shape[0] * self.shape[1])

    @property
    def area_m2(self) -> float:
        """Area in square metres."""
        return self.area_px * self.gsd_m**2

    @cached_property
    def _pixels(self) -> FloatArray:
        """(n, 2), rows and columns of its pixels."""
        start = [side.start for side in self.window]
        pixels: FloatArray = (np.argwhere(self.mask) + start).astype(np.float32)
        return pixels

    @cached_property
    def relative_points(self) -> FloatArray:
        """(n, 2), rows and columns of its pixels, in 0…1 of the image."""
        points = (self._pixels + np.float32(0.5)) / np.array(self.shape, np.float32)
        return points.astype(np.float32)

    @cached_property
    def relative_centre(self) -> FloatArray:
        """Row and column of the centroid, in 0…1 of the image."""
        centroid: FloatArray = self.relative_points.mean(0)
        return centroid

    @cached_property
    def _axes(self) -> tuple[float, float, float]:
        """Standard deviations along the long and the short axis in pixels, and the angle."""
        covariance = np.cov(self._pixels.T)
        middle = float(covariance.trace()) / 2
        spread = float(np.hypot((covariance[0, 0] - covariance[1, 1]) / 2, covariance[0, 1]))
        long, short = (float(np.sqrt(max(v, 0.08))) for v in (middle + spread, middle - spread))
        doubled = np.arctan2(2 * covariance[0, 1], covariance[1, 1] - covariance[0, 0])
        return long, short, float(np.degrees(doubled) / 2 % 180)

    @property
    def elongation(self) -> float:
        """Length divided by width."""
        long, short, _ = self._axes
        return long / short

    @property
    def angle_deg(self) -> float:
        """Angle of the long axis, degrees in [0, 180): 0 is east-west, 90 is north-south."""
        return self._axes[2]

    @property
    def rectangularity(self) -> float:
        """Share of its oriented bounding box: 1 for a rectangle, low for a road network."""
        long, short, _ = self._axes
        return self.area_px / (12 * long * short)

    @property
    def touches_border(self) -> bool:
        """Whether it touches the border of the image."""
        return any(
            side.start == 0 or side.stop == length
            for side, length in zip(self.window, self.shape, strict=True)
        )

    @cached_property
    def colour(self) -> FloatArray:
        """Mean red, green and blue."""
        mean: FloatArray = self.image[self.window][self.mask].mean(0, dtype=np.float32)
        return mean

    @cached_property
    def roughness(self) -> float:
        """Mean difference of neighbouring pixels in a row, relative to the brightness."""
        grey = self.image[self.window].mean(-1, dtype=np.float32)
        steps = np.abs(np.diff(grey, axis=1))[self.mask[:, 1:] & self.mask[:, :-1]]
        if not len(steps):
            return 0.0
        return float(steps.mean()) / (float(grey[self.mask].mean()) + 20)

    @property
    def code(self) -> int:
        """The most frequent class code."""
        return int(np.bincount(self.classes[self.window][self.mask]).argmax())


def instances_of(
    mask: BoolArray, image: UInt8Array, classes: UInt8Array, gsd_m: float
) -> list[Instance] | None:
    """Split a mask into instances; return None if one is smaller than 12 pixels."""
    labels, count = ndimage.label(mask)
    if count and np.bincount(labels.ravel())[1:].min() < _MIN_PX:
        return None
    shape = (mask.shape[0], mask.shape[1])
    return [
        Instance(labels[rows, cols] == number, (rows, cols), shape, image, classes, gsd_m)
        for number, (rows, cols) in enumerate(ndimage.find_objects(labels), start=1)
    ]
