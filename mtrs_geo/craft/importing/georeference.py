"""CRS and transform of a pair of images, which must be the same on both dates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mtrs_geo.craft.project.images import GEOTIFFS
from mtrs_geo.errors import GridError

__all__ = ["common_georeference"]

_TOLERANCE_PX = 0.01


def common_georeference(before: Path, after: Path) -> dict[str, Any] | None:
    """Return ``crs`` (WKT) and ``transform`` (six numbers) of a pair, or None if it has none.

    Args:
        before: image that can be opened.
        after: the same, of the same size.

    Raises:
        GridError: if they differ in CRS or position, or only one of them has a CRS.
    """
    one, other = _georeference(before), _georeference(after)
    if not _agree(one, other):
        msg = f"{before} ({_summary(one)}) and {after} ({_summary(other)}) are not on one grid."
        advice = (
            "Warp one onto the other: gdalwarp -te … -ts … -t_srs …, or rio warp --like. If a "
            "georeference is wrong, convert both to PNG."
        )
        raise GridError(msg, advice=advice)
    return other


def _georeference(path: Path) -> dict[str, Any] | None:
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


def _agree(first: dict[str, Any] | None, second: dict[str, Any] | None) -> bool:
    if first is None or second is None:
        return first is second
    from affine import Affine
    from rasterio.crs import CRS

    if CRS.from_wkt(str(first["crs"])) != CRS.from_wkt(str(second["crs"])):
        return False
    one, other = (Affine(*grid["transform"]) for grid in (first, second))
    shift = ~one * other
    return all(abs(a - b) < _TOLERANCE_PX for a, b in zip(shift, Affine.identity(), strict=True))


def _summary(grid: dict[str, Any] | None) -> str:
    if grid is None:
        return "no CRS"
    from affine import Affine
    from rasterio.crs import CRS

    crs = CRS.from_wkt(str(grid["crs"]))
    name = crs.to_string() if crs.to_epsg() else "another CRS"
    at = Affine(*grid["transform"])
    return f"{name}, origin {at.c:.10g}, {at.f:.10g}, pixel {at.a:.6g} x {abs(at.e):.6g}"
