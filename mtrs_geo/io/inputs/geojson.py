"""GeoJSON as dictionaries, and objects that describe themselves as GeoJSON, as geometries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry import shape as shape_of

from mtrs_geo.errors import VectorError

__all__ = ["as_geojson", "read_geojson"]


def as_geojson(value: object) -> tuple[Mapping[str, Any], CRS | None] | None:
    """Return GeoJSON and its CRS from a dictionary or an object with ``__geo_interface__``.

    Args:
        value: any object.

    Returns:
        None for other objects.  The CRS is that of the object, for example of an odc.geo
        geometry, or of the member ``crs`` of older GeoJSON; None is WGS 84 (RFC 7946).
    """
    described = value if isinstance(value, Mapping) else getattr(value, "__geo_interface__", None)
    if not isinstance(described, Mapping) or "type" not in described:
        return None
    named = getattr(value, "crs", None)
    if named is None:
        named = _of_member(described.get("crs"))
    try:
        return described, None if named is None else CRS.from_user_input(_user_input(named))
    except CRSError as error:
        msg = f"the CRS of the GeoJSON, {named!r}, is not known."
        raise VectorError(msg, advice="Leave it out for WGS 84, or give an EPSG code.") from error


def _of_member(crs: Any) -> Any:  # noqa: ANN401 - any value
    """Return what the member ``crs`` says: a name, or a number of EPSG, or itself if neither."""
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    if not isinstance(properties, Mapping):
        return crs
    return properties.get("name") or properties.get("code") or crs


def read_geojson(
    geojson: Mapping[str, Any],
    *,
    is_wgs84: bool,
    name: str = "the area of interest",
    may_be_empty: bool = False,
) -> npt.NDArray[Any]:
    """Return the geometries (n,) of a geometry, a feature or a collection.

    Args:
        geojson: of any type.
        is_wgs84: refuse coordinates that are no degrees.
        name: what it is, for messages.
        may_be_empty: whether it may have no geometry.

    Raises:
        VectorError: if there is no geometry, or it is not GeoJSON.
    """
    try:
        shapes = [shape_of(geometry) for geometry in _geometries(geojson) if geometry]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError,
            shapely.errors.ShapelyError) as error:  # fmt: skip
        msg = f"{name} is not valid GeoJSON ({error!r})."
        raise VectorError(msg, advice="Check its types and coordinates.") from error
    array: npt.NDArray[Any] = np.array(shapes, dtype=object)
    array = array[~shapely.is_empty(array)] if array.size else array
    if not array.size and may_be_empty:
        return array
    if not array.size:
        msg = f"{name} is GeoJSON without a geometry."
        raise VectorError(msg, advice="Draw a polygon in it.")
    left, bottom, right, top = shapely.total_bounds(array)
    if is_wgs84 and not (left >= -360 and right <= 360 and bottom >= -90 and top <= 90):
        msg = (
            f"{name} is GeoJSON from ({left:g}, {bottom:g}) to ({right:g}, {top:g}), "
            "which are not degrees."
        )
        advice = (
            "GeoJSON has longitude and latitude. Pass other coordinates as a GeoDataFrame with a "
            "CRS, or as a shapely geometry in the CRS of the raster."
        )
        raise VectorError(msg, advice=advice)
    return array


def _user_input(crs: Any) -> Any:  # noqa: ANN401 - any kind of CRS
    """Return text for a CRS object of another library."""
    return crs.to_wkt() if hasattr(crs, "to_wkt") else crs


def _geometries(geojson: Mapping[str, Any]) -> Iterator[Mapping[str, Any] | None]:
    kind = geojson["type"]
    if kind == "FeatureCollection":
        for feature in geojson["features"]:
            yield from _geometries(feature)
    elif kind == "Feature":
        if geojson["geometry"]:
            yield from _geometries(geojson["geometry"])
    elif kind == "GeometryCollection":
        for geometry in geojson["geometries"]:
            yield from _geometries(geometry)
    else:
        yield geojson
