"""The job ``evaluate``: polygons against polygons, by area on the ground."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeAlias

from mtrs_geo.errors import RequestError
from mtrs_geo.progress import Progress
from mtrs_geo.worker.jobs import Answer, area_of, check_types, text_of

if TYPE_CHECKING:
    import geopandas
    import numpy.typing as npt
    from shapely.geometry.base import BaseGeometry

__all__ = ["evaluate"]

_Shapes: TypeAlias = "npt.NDArray[Any]"  # (n,) geometries

_EQUAL_AREA = "EPSG:6933"
_PER_M2 = 100  # areas are counted in whole square decimetres
_SEGMENTS_PER_SIDE = 256
_MOST_DEGREES, _MOST_UNITS = 0.001, 100.0  # longest side that is projected without splitting it
_SURFACE = 2  # dimensions of a polygon


def evaluate(params: Mapping[str, Any], progress: Progress) -> Answer:
    """Compare detected polygons (``predicted``) with true ones (``reference``).

    Args:
        params: paths of two polygon layers, ``predicted_layer`` and ``reference_layer`` if a file
            has several, ``aoi`` and ``aoi_crs`` as in `Jobs.detect`.
        progress: receives log lines.

    Returns:
        Precision, recall, F1 and IoU by area on the ground, null if undefined, and warnings.

    Raises:
        MTRSGeoError: if a layer or the area cannot be read, or they are at different places;
            RequestError if a parameter is of the wrong type.
    """
    import shapely

    from mtrs_geo.metrics import BinaryCounts

    check_types(params)
    layers = {name: _read(params, name) for name in ("predicted", "reference")}
    shapes = {name: _projected(layer, str(params[name])) for name, layer in layers.items()}
    area = _area(params, layers, shapes)
    predicted, reference = (_merged(one, area) for one in shapes.values())
    progress.log("layers read")
    shared = shapely.intersection(predicted, reference).area
    sizes_m2 = {
        "true_positive": shared,
        "false_positive": predicted.area - shared,
        "false_negative": reference.area - shared,
    }
    counts = BinaryCounts(**{n: round(max(0.0, v) * _PER_M2) for n, v in sizes_m2.items()})
    scores = {n: None if math.isnan(v) else v for n, v in asdict(counts.compute()).items()}
    areas_m2 = {f"{name}_m2": round(size, 2) for name, size in sizes_m2.items()}
    warnings = []
    if predicted.is_empty and reference.is_empty:
        where = "the layers have" if area is None else "in the area of interest the layers have"
        warnings.append(f"{where} no polygon, so that the scores are undefined.")
    for warning in warnings:
        progress.log(f"warning: {warning}")
    return {**scores, **areas_m2, "warnings": warnings}


def _read(params: Mapping[str, Any], name: str) -> geopandas.GeoDataFrame:
    """Return the polygons of a layer, without features that have no geometry."""
    import shapely

    from mtrs_geo.io.vector import read_vector

    path = text_of(params, name)
    layer = read_vector(path, params.get(f"{name}_layer"))
    if layer.crs is None:
        msg = f"{path} has no CRS."
        raise RequestError(msg, advice="Assign one in the layer's properties.")
    layer = layer[~(layer.geometry.isna() | layer.geometry.is_empty)]
    others = layer[shapely.get_dimensions(layer.geometry.to_numpy()) != _SURFACE]
    if len(others):
        msg = f"{path} must be a layer of polygons but holds a {others.geom_type.iloc[0]}."
        raise RequestError(msg, advice="Give a layer of polygons.")
    return layer


def _projected(layer: geopandas.GeoDataFrame, path: str) -> _Shapes:
    """Return the valid shapes of a layer in the equal-area CRS."""
    import shapely

    length = _MOST_DEGREES if layer.crs.is_geographic else _MOST_UNITS
    shapes: _Shapes = layer.geometry.make_valid().segmentize(length).to_crs(_EQUAL_AREA).to_numpy()
    if not _is_finite(shapely.get_coordinates(shapes)):
        msg = f"{path} has coordinates that are no place in its CRS, {layer.crs.name}."
        raise RequestError(msg, advice="Assign the CRS that the coordinates are in.")
    return shapes


def _area(
    params: Mapping[str, Any],
    layers: Mapping[str, geopandas.GeoDataFrame],
    shapes: Mapping[str, _Shapes],
) -> BaseGeometry | None:
    """Return the area of interest in the equal-area CRS; None if there is none."""
    import geopandas
    import shapely

    from mtrs_geo.io.aoi import read_area

    aoi = area_of({name: value for name, value in params.items() if value is not None})
    if aoi is None:
        return None
    crs, other = (layer.crs for layer in layers.values())
    if isinstance(aoi, tuple) and crs != other:
        msg = f"the bounds of the area have no CRS, and the layers have two: {crs.name} and "
        raise RequestError(f"{msg}{other.name}.", advice="Give the parameter aoi_crs.")
    parts, own_crs, name = read_area(aoi, crs)
    left, bottom, right, top = shapely.total_bounds(parts).tolist()
    length = max(right - left, top - bottom) / _SEGMENTS_PER_SIDE
    projected = geopandas.GeoSeries(shapely.segmentize(parts, length), crs=own_crs)
    projected = projected.to_crs(_EQUAL_AREA).make_valid()
    area: BaseGeometry = shapely.union_all(projected.to_numpy())
    extents = [shapely.box(*shapely.total_bounds(one)) for one in shapes.values() if len(one)]
    if not _is_finite(area.bounds) or (extents and not area.intersects(extents).any()):
        msg = f"the area ({name}; {own_crs.name}) does not overlap the layers ({crs.name}, "
        raise RequestError(f"{msg}{other.name}).", advice="Check its place and CRS, and theirs.")
    return area


def _merged(shapes: _Shapes, area: BaseGeometry | None) -> BaseGeometry:
    """Return shapes as one geometry, clipped to the area."""
    import shapely

    merged: BaseGeometry = shapely.union_all(shapes)
    return merged if area is None else shapely.intersection(merged, area)


def _is_finite(numbers: npt.ArrayLike) -> bool:
    import numpy as np

    return bool(np.isfinite(numbers).all())
