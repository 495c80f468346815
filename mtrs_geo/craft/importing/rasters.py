"""A pair of two images on one grid, GeoTIFFs or pictures without a georeference."""

from __future__ import annotations

from pathlib import Path

from mtrs_geo.craft.importing.folder import same_shape
from mtrs_geo.craft.importing.georeference import common_georeference
from mtrs_geo.craft.importing.names import pair_name
from mtrs_geo.craft.project.pairs import NewPair
from mtrs_geo.errors import RasterError

__all__ = ["raster_pair"]


def raster_pair(before: Path, after: Path, *, source: str = "") -> NewPair:
    """Return two images as a pair; the georeference of the later one is kept.

    Args:
        before: 8-bit image with red, green and blue.
        after: the same on the same grid.
        source: name of the data set; the name of the later file by default.

    Raises:
        RasterError: if an image cannot be read, they differ in size or are one file.
        GridError: if they differ in CRS or position, or only one of them has a CRS.
    """
    if before.resolve() == after.resolve():
        msg = f"both dates are {before}."
        raise RasterError(msg, advice="Give the earlier and the later image.")
    rows, cols = same_shape(before, after)
    georeference = common_georeference(before, after)
    name = pair_name(after.stem)
    return NewPair(name, before, after, rows, cols, source or name, georeference=georeference)
