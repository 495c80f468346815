"""Grid and Window: the positions of pixels, without any pixel values."""

from __future__ import annotations

import math
from dataclasses import dataclass

from affine import Affine
from pyproj import CRS, Geod, Transformer
from pyproj.crs import GeographicCRS

from mtrs_geo.errors import GridError
from mtrs_geo.types import Bounds, Shape

__all__ = ["Grid", "Window", "geod_of", "is_horizontal", "planar_unit_m", "to_degrees"]

_LENGTH_UNITS = frozenset({"meter", "metres", "meters", "m", "feet", "ft"})
"""Names of units of length in files, beside those of PROJ."""
_DEGREE = math.radians(1)
_LARGEST_TURN = 1e-9
"""Turn of a north-up grid, as a share of a pixel per pixel: rounding."""
_NO_MAP = frozenset({"Vertical CRS", "Geocentric CRS", "Temporal CRS"})
"""PROJ's names of the types of CRS without two horizontal coordinates."""


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
        GridError: if the shape is empty, or the transform is not finite or cannot be inverted.
    """

    crs: CRS
    transform: Affine
    shape: Shape

    def __post_init__(self) -> None:
        if min(self.shape) < 1:
            msg = f"a grid needs at least one row and one column, not {self.shape}."
            raise GridError(msg, advice="Check the size of the raster with gdalinfo.")
        numbers = (*self.transform, *self.bounds)
        if self.transform.is_degenerate or not all(map(math.isfinite, numbers)):
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
        a, b, _, d, e, _ = self.transform[:6]
        # `is_rectilinear` takes pixels of less than 1e-5 degrees for north up, however turned.
        return bool(e < 0 < a and max(abs(b), abs(d)) <= _LARGEST_TURN * min(a, -e))

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

        It is measured on the CRS's ellipsoid, so it is correct for CRSs in degrees, grads and
        feet; in a local CRS, which has no ellipsoid, it is measured in the plane.

        Raises:
            GridError: if the CRS has neither an ellipsoid nor a unit of length, or the grid lies
                where the CRS has no coordinates.
        """
        unit_m = planar_unit_m(self.crs)
        if unit_m is not None:
            a, b, _, d, e, _ = tuple(self.transform)[:6]
            return math.hypot(a, d) * unit_m, math.hypot(b, e) * unit_m
        rows, cols = self.shape
        centre = (cols / 2, rows / 2)
        pixels = [centre, (centre[0] + 1, centre[1]), (centre[0], centre[1] + 1)]
        points = [self.transform @ pixel for pixel in pixels]
        xs, ys = zip(*points, strict=True)
        lons, lats = to_degrees(self.crs).transform(xs, ys)
        geod = geod_of(self.crs)
        if not all(map(math.isfinite, (*lons, *lats))):
            raise self._outside()
        _, _, width = geod.inv(lons[0], lats[0], lons[1], lats[1])
        _, _, height = geod.inv(lons[0], lats[0], lons[2], lats[2])
        if not (width > 0 and height > 0):
            raise self._outside()
        return float(width), float(height)

    def _outside(self) -> GridError:
        place = ", ".join(f"{side:g}" for side in self.bounds)
        rows, cols = self.shape
        msg = (
            f"a grid of {cols:,} × {rows:,} pixels ({rows * cols / 1e9:,.3g} GB per band of bytes) "
            f"with the extent {place} is not on the Earth in {self.crs.name}."
        )
        return GridError(msg, advice="Check the raster's CRS and georeference with gdalinfo.")


def planar_unit_m(crs: CRS) -> float | None:
    """Return the unit of a local CRS, a plane without an ellipsoid, in metres.

    Return None for a geographic or projected CRS.

    Raises:
        GridError: if the unit of a local CRS is not a length, so that nothing can be measured.
    """
    from pyproj.database import get_units_map

    if crs.geodetic_crs is not None:
        return None
    unit = crs.axis_info[0].unit_name if crs.axis_info else "unknown"
    lengths = {name.lower() for name in get_units_map(category="linear")}
    if unit.lower() not in _LENGTH_UNITS | lengths:
        msg = f"the local CRS {crs.name!r} has the unit {unit!r}: no area in m² can be measured."
        raise GridError(msg, advice="Assign a CRS in metres or feet with `gdal_edit.py -a_srs`.")
    return float(crs.axis_info[0].unit_conversion_factor)


def is_horizontal(crs: CRS) -> bool:
    """Return whether the coordinates of a CRS are a place on a map, not heights or geocentric."""
    own = crs.source_crs if crs.is_bound and crs.source_crs is not None else crs
    return own.type_name not in _NO_MAP


def geod_of(crs: CRS) -> Geod:
    """Return the ellipsoid of a CRS.

    Raises:
        GridError: if it has none.
    """
    geod = crs.get_geod()
    if geod is None:
        msg = f"{crs.name} has no ellipsoid."
        raise GridError(msg, advice="Assign a geographic or projected CRS.")
    return geod


def to_degrees(crs: CRS) -> Transformer:
    """Return the projection of x and y in a CRS to longitudes and latitudes on its own ellipsoid.

    They are in degrees, as `Geod` takes them; the geographic CRS itself can be in grads, as that of
    the French Lambert zones.  Longitudes are counted from its own prime meridian.

    Args:
        crs: geographic or projected CRS.
    """
    geographic = CRS(crs.geodetic_crs)
    radians = geographic.axis_info[0].unit_conversion_factor if geographic.axis_info else _DEGREE
    if not math.isclose(radians, _DEGREE, rel_tol=1e-9):
        geographic = GeographicCRS(name=geographic.name, datum=geographic.datum)
    return Transformer.from_crs(crs, geographic, always_xy=True)
