"""Outlines of ground that is re-dressed: parcels, blobs, strips."""

from __future__ import annotations

import numpy as np

from mtrs_geo.types import BoolArray, FloatArray

__all__ = ["blob", "parcel", "smooth_noise", "strip"]


def smooth_noise(rows: int, cols: int, cell_px: float, rng: np.random.Generator) -> FloatArray:
    """Return noise (rows, cols) of deviation about 1 that varies over ``cell_px`` pixels."""
    from PIL import Image

    coarse = rng.standard_normal((int(rows / cell_px) + 3, int(cols / cell_px) + 3))
    small = Image.fromarray(coarse.astype(np.float32))
    width, height = int((coarse.shape[1]) * cell_px), int((coarse.shape[0]) * cell_px)
    grown = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))
    return grown[:rows, :cols]


def parcel(side_px: int, rng: np.random.Generator) -> BoolArray:
    """Return a four-cornered field, turned at random, (side, side)."""
    length, width = rng.uniform(0.62, 0.95), rng.uniform(0.35, 0.8)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float) * (length / 2, width / 2)
    corners += rng.uniform(-0.06, 0.06, (4, 2))
    angle = rng.uniform(0, np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = (corners @ turn.T) * 0.98 + 0.5
    return _polygon(corners * side_px, side_px)


def blob(side_px: int, rng: np.random.Generator) -> BoolArray:
    """Return a rounded irregular outline, (side, side)."""
    axis = (np.arange(side_px, dtype=np.float32) + 0.5) / side_px - 0.5
    stretch = rng.uniform(0.6, 1.0)
    angle = rng.uniform(0, np.pi)
    rows = np.cos(angle) * axis[:, None] + np.sin(angle) * axis[None]
    cols = np.cos(angle) * axis[None] - np.sin(angle) * axis[:, None]
    radius = np.hypot(rows / stretch, cols)
    wobble = smooth_noise(side_px, side_px, side_px / 4, rng)
    inside: BoolArray = radius + 0.06 * wobble < 0.36
    return inside


def strip(side_px: int, width_px: float, rng: np.random.Generator) -> BoolArray:
    """Return a curved band from one edge of the frame to another, (side, side)."""
    from PIL import Image, ImageDraw

    ends = rng.permutation(4)[:2]
    along = rng.uniform(0.1, 0.9, 2)
    edge = {0: (-0.05, 0), 1: (1.05, 0), 2: (0, -0.05), 3: (0, 1.05)}
    points = []
    for end, share in zip(ends, along, strict=True):
        row, col = edge[int(end)]
        points.append((share if end > 1 else row, share if end < 2 else col))
    first, last = np.array(points)
    middle = (first + last) / 2 + rng.uniform(-0.15, 0.15, 2)
    t = np.linspace(0, 1, 24)[:, None]
    line = (1 - t) ** 2 * first + 2 * t * (1 - t) * middle + t**2 * last
    image = Image.new("L", (side_px, side_px), 0)
    xy = [(float(c) * side_px, float(r) * side_px) for r, c in line]
    ImageDraw.Draw(image).line(xy, fill=1, width=max(3, round(width_px)), joint="curve")
    return np.asarray(image, dtype=np.bool_)


def _polygon(corners: np.ndarray, side_px: int) -> BoolArray:
    from PIL import Image, ImageDraw

    image = Image.new("L", (side_px, side_px), 0)
    ImageDraw.Draw(image).polygon([(float(x), float(y)) for x, y in corners], fill=1)
    return np.asarray(image, dtype=np.bool_)
