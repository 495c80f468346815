"""Outlines of regions that get another texture: parcels, blobs, strips."""

from __future__ import annotations

import numpy as np

from mtrs_geo.types import BoolArray, FloatArray

__all__ = ["blob", "parcel", "smooth_noise", "strip"]


def smooth_noise(rows: int, cols: int, cell_px: float, rng: np.random.Generator) -> FloatArray:
    """Return smooth noise (rows, cols): standard deviation about 1, scale ``cell_px`` pixels."""
    from PIL import Image

    coarse = rng.standard_normal((int(rows / cell_px) + 3, int(cols / cell_px) + 3))
    small = Image.fromarray(coarse.astype(np.float32))
    width, height = int((coarse.shape[1]) * cell_px), int((coarse.shape[0]) * cell_px)
    enlarged = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))
    return enlarged[:rows, :cols]


def parcel(side_px: int, rng: np.random.Generator) -> BoolArray:
    """Return a mask (side, side) of a quadrilateral field, rotated at random."""
    length, width = rng.uniform(0.62, 0.95), rng.uniform(0.35, 0.8)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float) * (length / 2, width / 2)
    corners += rng.uniform(-0.06, 0.06, (4, 2))
    angle = rng.uniform(0, np.pi)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = (corners @ rotation.T) * 0.98 + 0.5
    return _polygon(corners * side_px, side_px)


def blob(side_px: int, rng: np.random.Generator) -> BoolArray:
    """Return a mask (side, side) of a rounded, irregular shape."""
    axis = (np.arange(side_px, dtype=np.float32) + 0.5) / side_px - 0.5
    stretch = rng.uniform(0.6, 1.0)
    angle = rng.uniform(0, np.pi)
    rows = np.cos(angle) * axis[:, None] + np.sin(angle) * axis[None]
    cols = np.cos(angle) * axis[None] - np.sin(angle) * axis[:, None]
    radius = np.hypot(rows / stretch, cols)
    waviness = smooth_noise(side_px, side_px, side_px / 4, rng)
    inside: BoolArray = radius + 0.06 * waviness < 0.36
    return inside


def strip(side_px: int, width_px: float, rng: np.random.Generator) -> BoolArray:
    """Return a mask (side, side) of a curved band from one image edge to another."""
    from PIL import Image, ImageDraw

    edges = rng.permutation(4)[:2]
    positions = rng.uniform(0.1, 0.9, 2)
    offset = {0: (-0.05, 0), 1: (1.05, 0), 2: (0, -0.05), 3: (0, 1.05)}
    points = []
    for edge, position in zip(edges, positions, strict=True):
        row, col = offset[int(edge)]
        points.append((position if edge > 1 else row, position if edge < 2 else col))
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
