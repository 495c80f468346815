"""The things that a mask consists of, and what is measured of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

from mtrs_geo.types import BoolArray, FloatArray, UInt8Array

__all__ = ["Instance", "instances_of"]

_SMALLEST_PX = 12


@dataclass(frozen=True)
class Instance:
    """One connected part of a mask (4-neighbours)."""

    mask: BoolArray
    """(h, w), within ``area``."""
    area: tuple[slice, slice]
    shape: tuple[int, int]
    """Of the whole picture."""
    image: UInt8Array
    """(H, W, 3), the date at which the thing is seen."""
    classes: UInt8Array
    """(H, W), of that date."""
    gsd_m: float

    @cached_property
    def area_px(self) -> int:
        """Pixels."""
        return int(self.mask.sum())

    @property
    def share(self) -> float:
        """Share of the picture."""
        return self.area_px / (self.shape[0] * self.shape[1])

    @property
    def area_m2(self) -> float:
        """Square metres."""
        return self.area_px * self.gsd_m**2

    @cached_property
    def _points(self) -> FloatArray:
        """(n, 2), rows and columns."""
        start = [part.start for part in self.area]
        points: FloatArray = (np.argwhere(self.mask) + start).astype(np.float32)
        return points

    @cached_property
    def points(self) -> FloatArray:
        """(n, 2), rows and columns of its pixels as shares of the picture."""
        shares = (self._points + np.float32(0.5)) / np.array(self.shape, np.float32)
        return shares.astype(np.float32)

    @cached_property
    def centre(self) -> FloatArray:
        """Row and column of the middle as shares of the picture."""
        middle: FloatArray = self.points.mean(0)
        return middle

    @cached_property
    def _axes(self) -> tuple[float, float, float]:
        """Deviations in pixels along the long and the short axis, and the long one's angle."""
        covariance = np.cov(self._points.T)
        middle = float(covariance.trace()) / 2
        spread = float(np.hypot((covariance[0, 0] - covariance[1, 1]) / 2, covariance[0, 1]))
        long, short = (float(np.sqrt(max(v, 0.08))) for v in (middle + spread, middle - spread))
        doubled = np.arctan2(2 * covariance[0, 1], covariance[1, 1] - covariance[0, 0])
        return long, short, float(np.degrees(doubled) / 2 % 180)

    @property
    def elongation(self) -> float:
        """How many times longer than wide."""
        long, short, _ = self._axes
        return long / short

    @property
    def angle(self) -> float:
        """Of the long axis, degrees in [0, 180): 0 runs east-west, 90 north-south."""
        return self._axes[2]

    @property
    def fill(self) -> float:
        """Share of the turned box around it: 1 for a rectangle, little for a net of roads."""
        long, short, _ = self._axes
        return self.area_px / (12 * long * short)

    @property
    def touches_frame(self) -> bool:
        """Whether it runs out of the picture."""
        return any(
            part.start == 0 or part.stop == side
            for part, side in zip(self.area, self.shape, strict=True)
        )

    @cached_property
    def colour(self) -> FloatArray:
        """Mean red, green and blue."""
        mean: FloatArray = self.image[self.area][self.mask].mean(0, dtype=np.float32)
        return mean

    @cached_property
    def roughness(self) -> float:
        """Mean step between neighbouring pixels, relative to the brightness."""
        grey = self.image[self.area].mean(-1, dtype=np.float32)
        across = np.abs(np.diff(grey, axis=1))[self.mask[:, 1:] & self.mask[:, :-1]]
        if not len(across):
            return 0.0
        return float(across.mean()) / (float(grey[self.mask].mean()) + 20)

    @property
    def code(self) -> int:
        """The class code that most of it shows."""
        return int(np.bincount(self.classes[self.area][self.mask]).argmax())


def instances_of(
    mask: BoolArray, image: UInt8Array, classes: UInt8Array, gsd_m: float
) -> list[Instance] | None:
    """Split a mask into instances, or return None where it holds crumbs that are no thing."""
    groups, count = ndimage.label(mask)
    if count and np.bincount(groups.ravel())[1:].min() < _SMALLEST_PX:
        return None
    shape = (mask.shape[0], mask.shape[1])
    return [
        Instance(groups[rows, cols] == number, (rows, cols), shape, image, classes, gsd_m)
        for number, (rows, cols) in enumerate(ndimage.find_objects(groups), start=1)
    ]
