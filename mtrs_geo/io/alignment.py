"""Choose the grid of a run: the pixel grid of one date over the extent that all dates share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from affine import Affine
from pyproj import CRS
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError
from rasterio.warp import transform_bounds

from mtrs_geo.antimeridian import has_longitudes, near_longitude
from mtrs_geo.errors import GridError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.source import Source
from mtrs_geo.types import Bounds, GridChoice

__all__ = [
    "bounds_in",
    "extent_in",
    "in_one_turn",
    "is_on_pixels",
    "offset_on",
    "own_pixel_sizes_m",
    "reference_index",
    "run_grid",
    "source_grid",
    "unit_of",
    "window_on",
]

_MOST_SIDE_PX = 2**31 - 1
"""GDAL counts rows and columns with 32 bits."""
_WHOLE_PX = 1e-2
"""Grids that differ by less than this, in pixels, are the same."""
_SAME_SIZE = 0.05
"""Pixel sizes whose ratio differs from 1 by less than this are the same."""


def in_one_turn(sources: Sequence[Source], choice: GridChoice) -> list[Source]:
    """Return sources whose longitudes are near those of the run's grid.

    Two rasters of one place may have longitudes that differ by 360°: -180.1° to -179.9° and 179.9°
    to 180.1°, or 0° to 360° and -180° to 180°.
    """
    chosen = sources[reference_index(sources, choice)]
    if not has_longitudes(chosen.crs):
        return list(sources)
    return [
        source if not has_longitudes(source.crs) else _moved_near(source, _middle(chosen))
        for source in sources
    ]


def run_grid(sources: Sequence[Source], choice: GridChoice, resolution: float | None) -> Grid:
    """Return the grid of one date, north up, clipped to the shared extent.

    Args:
        sources: rasters, earliest first.
        choice: the date whose grid is used.
        resolution: pixel size in units of the grid's CRS; None keeps that of the date.

    Raises:
        GridError: if the rasters do not overlap; the message has all extents in degrees.
    """
    grid = _north_up(source_grid(sources[reference_index(sources, choice)]), resolution)
    boxes = [bounds_in(source, grid) for source in sources]
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    shared = (max(lefts), max(bottoms), min(rights), min(tops))
    window = grid.window_of(shared)
    if shared[0] >= shared[2] or shared[1] >= shared[3] or window.is_empty:
        places = "; ".join(f"{s.name} ({_crs_name(s.crs)}) covers {_degrees(s)}" for s in sources)
        msg = f"the rasters do not overlap: {places}."
        raise GridError(msg, advice="Check that all show the same place.")
    return grid.subgrid(window)


def offset_on(source: Source, grid: Grid) -> tuple[int, int] | None:
    """Return (row, col) of the grid's origin in pixels of the source, if their pixels coincide.

    Return None if the source must be warped: its CRS, pixel size, origin or direction differs,
    or it does not cover the grid.
    """
    if source.crs != grid.crs:
        return None
    rows, cols = grid.shape
    to_source = ~source.transform @ grid.transform
    col, row = to_source @ (0, 0)
    far_col, far_row = to_source @ (cols, rows)
    corner_col, corner_row = to_source @ (cols, 0)
    errors = (
        col - round(col), row - round(row),
        far_col - round(col) - cols, far_row - round(row) - rows,
        corner_col - round(col) - cols, corner_row - round(row),
    )  # fmt: skip
    inside = round(row) >= 0 <= round(col) and (
        round(row) + rows <= source.shape[0] and round(col) + cols <= source.shape[1]
    )
    if max(map(abs, errors)) > _WHOLE_PX or not inside:
        return None
    return round(row), round(col)


def is_on_pixels(source: Source, grid: Grid) -> bool:
    """Return whether the centre of each pixel of a grid is that of another pixel of the source.

    The source may be mirrored or turned by 90°, and may extend less far than the grid.
    """
    if source.crs != grid.crs:
        return False
    rows, cols = grid.shape
    to_source = ~source.transform @ grid.transform
    a, b, _, d, e, _ = tuple(to_source)[:6]
    col, row = to_source @ (0.5, 0.5)
    errors = (
        (a - round(a)) * cols, (d - round(d)) * cols, (b - round(b)) * rows, (e - round(e)) * rows,
        col - 0.5 - round(col - 0.5), row - 0.5 - round(row - 0.5),
    )  # fmt: skip
    return bool(max(map(abs, errors)) <= _WHOLE_PX and abs(round(a * e - b * d)) == 1)


def own_pixel_sizes_m(sources: Sequence[Source], grid: Grid) -> tuple[float, ...]:
    """Return the longer side of each source's own pixels on the ground where a grid is, in metres.

    A size that is nearly that of the grid is the grid's.

    Raises:
        GridError: if a size cannot be measured, see `Grid.pixel_size_m`.
    """
    sizes, grid_m = [], max(grid.pixel_size_m())
    for source in sources:
        window, pixels = window_on(source, grid), source_grid(source)
        own_m = max((pixels if window is None else pixels.subgrid(window)).pixel_size_m())
        sizes.append(grid_m if abs(own_m / grid_m - 1) < _SAME_SIZE else own_m)
    return tuple(sizes)


def source_grid(source: Source) -> Grid:
    """Return the pixel grid of a source."""
    return Grid(source.crs, source.transform, source.shape)


def unit_of(crs: CRS) -> str:
    """Return the unit of a CRS in the plural, such as metres or degrees."""
    name = crs.axis_info[0].unit_name if crs.axis_info else "unit"
    return {"metre": "metres", "degree": "degrees", "foot": "feet"}.get(name, f"units ({name})")


def reference_index(sources: Sequence[Source], choice: GridChoice) -> int:
    """Return the index of the date whose grid a run uses."""
    if choice == "before":
        return 0
    if choice == "after":
        return len(sources) - 1
    sizes = [max(source_grid(source).pixel_size_m()) for source in sources]
    size = min(sizes) if choice == "finest" else max(sizes)
    return sizes.index(size)


def _north_up(grid: Grid, resolution: float | None) -> Grid:
    if grid.is_north_up and resolution is None:
        return grid
    left, bottom, right, top = grid.bounds
    if resolution is None:
        a, b, _, d, e, _ = tuple(grid.transform)[:6]
        width, height = (a * a + d * d) ** 0.5, (b * b + e * e) ** 0.5
    elif resolution > 0:
        width = height = resolution
    else:
        msg = f"resolution {resolution} must be positive."
        raise GridError(msg, advice=f"Give a pixel size in units of {_crs_name(grid.crs)}.")
    if resolution is not None and resolution > max(right - left, top - bottom):
        unit = unit_of(grid.crs)
        msg = f"resolution {resolution:g} {unit} is larger than the whole raster."
        advice = f"Give a pixel size in {unit}, the units of {_crs_name(grid.crs)}."
        raise GridError(msg, advice=advice)
    sides = (top - bottom) / height, (right - left) / width
    if max(sides) > _MOST_SIDE_PX:
        name = f"resolution {resolution:g} makes" if resolution is not None else "the raster has"
        msg = f"{name} a grid of {sides[1]:.4g} × {sides[0]:.4g} pixels, which no program can read."
        advice = f"Give a pixel size in {unit_of(grid.crs)}, the units of {_crs_name(grid.crs)}."
        raise GridError(msg, advice=advice)
    shape = max(1, round(sides[0])), max(1, round(sides[1]))
    return Grid(grid.crs, Affine(width, 0, left, 0, -height, top), shape)


def bounds_in(source: Source, grid: Grid) -> Bounds:
    """Return the extent of a source in the CRS of a grid, in the same turn of longitudes.

    Raises:
        GridError: if it cannot be projected.
    """
    try:
        return extent_in(source_grid(source), grid)
    except (RasterioError, CPLE_BaseError, ValueError) as error:
        target = _crs_name(grid.crs)
        if source.crs.geodetic_crs is None or grid.crs.geodetic_crs is None:
            msg = (
                f"the extent of {source.name} ({_crs_name(source.crs)}) cannot be projected to "
                f"{target}: one of them is a local CRS, whose place on the Earth is not known."
            )
            raise GridError(msg, advice="Give all rasters in one CRS.") from error
        msg = f"the extent of {source.name} cannot be projected to {target} ({error})."
        raise GridError(msg, advice="Check the CRS of both rasters.") from error


def extent_in(extent: Grid, grid: Grid) -> Bounds:
    """Return the bounds of one grid in the CRS of another, in the same turn of longitudes.

    Raises:
        RasterioError, CPLE_BaseError: if they cannot be projected.
        ValueError: if a CRS is not known.
    """
    bounds = extent.bounds
    if extent.crs != grid.crs:
        left, bottom, right, top = transform_bounds(
            extent.crs.to_wkt(), grid.crs.to_wkt(), *bounds, densify_pts=41
        )
        bounds = left, bottom, right, top
    if not has_longitudes(grid.crs):
        return bounds
    return near_longitude(bounds, (grid.bounds[0] + grid.bounds[2]) / 2)


def window_on(source: Source, grid: Grid) -> Window | None:
    """Return the pixels of a source that cover a grid; None if they cannot be found."""
    pixels = source_grid(source)
    try:
        window = pixels.window_of(extent_in(grid, pixels))
    except (RasterioError, CPLE_BaseError, ValueError, OverflowError):
        return None
    return None if window.is_empty else window


def _middle(source: Source) -> float:
    left, _, right, _ = source_grid(source).bounds
    return (left + right) / 2


def _moved_near(source: Source, longitude: float) -> Source:
    bounds = source_grid(source).bounds
    degrees = near_longitude(bounds, longitude)[0] - bounds[0]
    if not degrees:
        return source
    return replace(source, transform=Affine.translation(degrees, 0) @ source.transform)


def _degrees(source: Source) -> str:
    try:
        west, south, east, north = transform_bounds(
            source.crs.to_wkt(), "EPSG:4326", *source_grid(source).bounds
        )
    except (RasterioError, CPLE_BaseError, ValueError):
        return f"{source_grid(source).bounds} in units of its CRS"
    return f"{west:.5f}° to {east:.5f}° east, {south:.5f}° to {north:.5f}° north"


def _crs_name(crs: CRS) -> str:
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.name
