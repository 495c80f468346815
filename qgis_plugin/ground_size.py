"""Sizes on the ground, on the ellipsoid."""

from __future__ import annotations

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsDistanceArea,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)

__all__ = ["pixel_size_m", "size_m"]


def size_m(
    extent: QgsRectangle,
    crs: QgsCoordinateReferenceSystem,
    transforms: QgsCoordinateTransformContext,
) -> tuple[float, float]:
    """Return width and height of an extent through its centre, in metres."""
    measure = QgsDistanceArea()
    measure.setSourceCrs(crs, transforms)
    measure.setEllipsoid(crs.ellipsoidAcronym() or "EPSG:7030")
    middle = extent.center()
    left, right = (QgsPointXY(x, middle.y()) for x in (extent.xMinimum(), extent.xMaximum()))
    low, high = (QgsPointXY(middle.x(), y) for y in (extent.yMinimum(), extent.yMaximum()))
    return measure.measureLine(left, right), measure.measureLine(low, high)


def pixel_size_m(layer: QgsRasterLayer) -> float | None:
    """Return the longer side of a pixel in metres; None if the layer has no pixels of its own."""
    cols, rows = layer.width(), layer.height()
    if cols <= 0 or rows <= 0:
        return None
    width, height = size_m(layer.extent(), layer.crs(), QgsProject.instance().transformContext())
    size = max(width / cols, height / rows)
    return size if 0 < size < float("inf") else None
