"""Grid and Window: the positions of pixels, without any pixel values."""

from __future__ import annotations

import math
from dataclasses import dataclass

from affine import Affine
from pyproj import CRS

from mtrs_geo.errors import GridError
from mtrs_geo.types import Bounds, Shape

__all__ = ["Grid", "Window"]


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of pixels on a grid; its top-left pixel is (``row``, ``col``)."""

    row: int
    col: int
    rows: int
    cols: int

    @property
    def shape(self) -> Shape:
        """(rows, cols)."""
        return self.rows, self.cols

    @property
    def row_stop(self) -> int:
        """First row below the window."""
        return self.row + self.rows

    @property
    def col_stop(self) -> int:
        """First column right of the window."""
        return self.col + self.cols

    @property
    def slices(self) -> tuple[slice, slice]:
        """(rows, cols) slices of the window in an array of the whole grid."""
        return slice(self.row, self.row_stop), slice(self.col, self.col_stop)

    @property
    def is_empty(self) -> bool:
        """Whether the window has no pixel."""
        return self.rows <= 0 or self.cols <= 0

    def intersection(self, other: Window) -> Window:
        """Return the shared rectangle; a side is 0 if there is none."""
        row, col = max(self.row, other.row), max(self.col, other.col)
        rows = max(0, min(self.row_stop, other.row_stop) - row)
        cols = max(0, min(self.col_stop, other.col_stop) - col)
        return Window(row, col, rows, cols)

    def shifted(self, rows: int, cols: int) -> Window:
        """Return the window moved by ``rows`` down and ``cols`` right."""
        return Window(self.row + rows, self.col + cols, self.rows, self.cols)


@dataclass(frozen=True, slots=True)
class Grid:
    """A pixel grid: coordinate system, affine transform and shape.

    Args:
        crs: coordinate reference system.
        transform: (col, row) in pixels to (x, y) in units of ``crs``; the
            origin is the outer corner of pixel (0, 0).
        shape: (rows, cols).

    Raises:
        GridError: if the shape is empty or the transform cannot be inverted.
    """

    crs: CRS
    transform: Affine
    shape: Shape

    def __post_init__(self) -> None:
        if min(self.shape) < 1:
            msg = f"a grid needs at least one row and one column, not {self.shape}."
            raise GridError(msg, advice="Check the size of the raster with gdalinfo.")
        if self.transform.is_degenerate:
            msg = f"the transform {tuple(self.transform)[:6]} cannot be inverted."
            raise GridError(msg, advice="Check the raster's georeference with gdalinfo.")

    @property
    def window(self) -> Window:
        """The whole grid as a window."""
        return Window(0, 0, *self.shape)

    @property
    def bounds(self) -> Bounds:
        """(left, bottom, right, top) of the outer corners."""
        corners = [
            self.transform @ corner
            for corner in (
                (0, 0),
                (self.shape[1], 0),
                (0, self.shape[0]),
                (self.shape[1], self.shape[0]),
            )
        ]
        xs, ys = zip(*corners, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def is_north_up(self) -> bool:
        """Whether rows run exactly from west to east and columns from north to south."""
        return bool(self.transform.is_rectilinear and self.transform.e < 0 < self.transform.a)

    def subgrid(self, window: Window) -> Grid:
        """Return the grid of a window."""
        shift = Affine.translation(window.col, window.row)
        return Grid(self.crs, self.transform @ shift, window.shape)

    def translated(self, cols: float, rows: float) -> Grid:
        """Return the grid moved by pixels to the right and down."""
        return Grid(self.crs, self.transform @ Affine.translation(cols, rows), self.shape)

    def window_of(self, bounds: Bounds) -> Window:
        """Return the smallest window of whole pixels that covers ``bounds``.

        It is clipped to the grid; it is empty if the bounds are outside the grid.
        """
        left, bottom, right, top = bounds
        inverse = ~self.transform
        corners = [
            inverse @ corner
            for corner in ((left, top), (right, top), (left, bottom), (right, bottom))
        ]
        cols, rows = zip(*corners, strict=True)
        # Coordinates in files are rounded: ignore differences of a thousandth of a pixel.
        tolerance_px = 1e-3
        row, col = math.floor(min(rows) + tolerance_px), math.floor(min(cols) + tolerance_px)
        row_stop = math.ceil(max(rows) - tolerance_px)
        col_stop = math.ceil(max(cols) - tolerance_px)
        cover = Window(row, col, max(0, row_stop - row), max(0, col_stop - col))
        return self.window.intersection(cover)

    def pixel_size_m(self) -> tuple[float, float]:
        """Return (width, height) of the centre pixel on the ground, in metres.

        It is measured on the CRS's ellipsoid, so it is correct for CRSs in degrees and feet.

        Raises:
            GridError: if the CRS has no ellipsoid.
        """
        from pyproj import Transformer

        rows, cols = self.shape
        centre = (cols / 2, rows / 2)
        pixels = [centre, (centre[0] + 1, centre[1]), (centre[0], centre[1] + 1)]
        points = [self.transform @ pixel for pixel in pixels]
        to_degrees = Transformer.from_crs(self.crs, self.crs.geodetic_crs, always_xy=True)
        xs, ys = zip(*points, strict=True)
        lons, lats = to_degrees.transform(xs, ys)
        geod = self.crs.get_geod()
        if geod is None:
            msg = f"{self.crs.name} has no ellipsoid."
            raise GridError(msg, advice="Assign a geographic or projected CRS.")
        _, _, width = geod.inv(lons[0], lats[0], lons[1], lats[1])
        _, _, height = geod.inv(lons[0], lats[0], lons[2], lats[2])
        return float(width), float(height)
