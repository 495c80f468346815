"""A pair of two images on one grid, GeoTIFFs or pictures without a georeference."""

from __future__ import annotations

from pathlib import Path

from mtrs_geo.craft.importing.folder import same_shape
from mtrs_geo.craft.importing.names import pair_name
from mtrs_geo.craft.project.images import GEOTIFFS
from mtrs_geo.craft.project.pairs import NewPair
from mtrs_geo.errors import GridError, RasterError

__all__ = ["raster_pair"]

_TOLERANCE_PX = 0.01


def raster_pair(before: Path, after: Path, *, source: str = "") -> NewPair:
    """Return two images as a pair; the georeference of the later one is kept.

    Args:
        before: 8-bit image with red, green and blue.
        after: the same on the same grid.
        source: name of the data set; the name of the later file by default.

    Raises:
        RasterError: if an image cannot be read, they differ in size or are one file.
        GridError: if they differ in CRS or position.
    """
    if before.resolve() == after.resolve():
        msg = f"both dates are {before}."
        raise RasterError(msg, advice="Give the earlier and the later image.")
    rows, cols = same_shape(before, after)
    grids = [_georeference(path) for path in (before, after)]
    if not _agree(*grids):
        msg = f"{before} and {after} are not on one grid."
        advice = "Warp one onto the other: gdalwarp -te … -ts … -t_srs …, or rio warp --like."
        raise GridError(msg, advice=advice)
    name = pair_name(after.stem)
    return NewPair(name, before, after, rows, cols, source or name, georeference=grids[1])


def _georeference(path: Path) -> dict[str, object] | None:
    if path.suffix.lower() not in GEOTIFFS:
        return None
    import warnings

    import rasterio
    from rasterio.errors import NotGeoreferencedWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path, driver="GTiff") as dataset:
            if dataset.crs is None:
                return None
            return {"crs": dataset.crs.to_wkt(), "transform": list(dataset.transform)[:6]}


def _agree(first: dict[str, object] | None, second: dict[str, object] | None) -> bool:
    if first is None or second is None:
        return first is second
    from affine import Affine
    from rasterio.crs import CRS

    if CRS.from_wkt(str(first["crs"])) != CRS.from_wkt(str(second["crs"])):
        return False
    one, other = (Affine(*list(grid["transform"])) for grid in (first, second))  # type: ignore[call-overload]
    shift = ~one * other
    return all(abs(a - b) < _TOLERANCE_PX for a, b in zip(shift, Affine.identity(), strict=True))
