"""The code that names a coordinate reference system (CRS), for formats that store no definition."""

from __future__ import annotations

from pyproj import CRS

__all__ = ["code_of"]


def code_of(crs: CRS) -> str | None:
    """Return the code of the horizontal part of a CRS, such as EPSG:32614; None if it has none.

    A definition without a code has that of a CRS with equal parameters, whatever its name and the
    order of its axes.
    """
    flat = crs.to_2d() if crs.is_compound else crs
    if sure := flat.to_authority(min_confidence=100):
        return ":".join(sure)
    authority = flat.to_authority()  # equal, or only similar
    if authority is None or not CRS(":".join(authority)).equals(flat, ignore_axis_order=True):
        return None
    return ":".join(authority)
