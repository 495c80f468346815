"""Polygons of a layer written to a file for the worker: area of interest, and edited layers."""

from __future__ import annotations

from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsFeatureSink,
    QgsFields,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsProject,
    QgsVectorFileWriter,
    QgsWkbTypes,
)

from ..i18n.translate import tr
from .raster_input import file_stem

__all__ = ["write_features", "write_polygons"]

_POLYGON = QgsWkbTypes.Type.Polygon
_SKIP_VALIDITY_CHECK = (
    QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks
)  # repaired below


def write_polygons(
    source: QgsProcessingFeatureSource, extent: QgsGeometry | None, feedback: QgsProcessingFeedback
) -> str:
    """Write the polygons of a source into a temporary GeoPackage and return its path.

    Args:
        source: polygons, or the selected polygons of a layer.
        extent: geometry that clips the polygons, in the CRS of the source; None for no clipping.
        feedback: receives the number of repaired polygons; its cancellation stops the writing.

    Raises:
        QgsProcessingException: if no polygon is left, or the file cannot be written.
    """
    path = _named_after(source)
    options = QgsVectorFileWriter.SaveVectorOptions()
    context = QgsProject.instance().transformContext()
    sink = QgsVectorFileWriter.create(
        path, QgsFields(), _POLYGON, source.sourceCrs(), context, options
    )
    if sink.hasError() != QgsVectorFileWriter.WriterError.NoError:
        raise QgsProcessingException(sink.errorMessage())
    count = repaired = 0
    for feature in source.getFeatures(QgsFeatureRequest(), _SKIP_VALIDITY_CHECK):
        if feedback.isCanceled():
            break
        shape = feature.geometry()
        is_valid = shape.isGeosValid()
        repaired += not (is_valid or shape.isNull())
        shape = shape if is_valid else shape.makeValid()
        for polygon in _polygons(shape if extent is None else shape.intersection(extent)):
            polygon_feature = QgsFeature()
            polygon_feature.setGeometry(polygon)
            if not sink.addFeature(polygon_feature, QgsFeatureSink.Flag.FastInsert):
                raise QgsProcessingException(sink.errorMessage())
            count += 1
    del sink  # closes the file
    if repaired:
        message = tr("{} self-intersecting polygons of {} were repaired for this run.")
        feedback.pushWarning(message.format(repaired, source.sourceName()))
    if not count and not feedback.isCanceled():
        msg = tr("{} has no polygon in the area of interest. Choose another layer or extent.")
        raise QgsProcessingException(msg.format(source.sourceName()))
    return path


def write_features(source: QgsProcessingFeatureSource, feedback: QgsProcessingFeedback) -> str:
    """Write the features of a source, with their fields, into a temporary GeoPackage.

    Args:
        source: features, also those of a layer with edits that are not saved.
        feedback: its cancellation stops the writing.

    Returns:
        Path of the GeoPackage.

    Raises:
        QgsProcessingException: if the file cannot be written.
    """
    path = _named_after(source)
    fields = source.fields()
    fid = fields.lookupField("fid")
    if fid >= 0:  # a new feature has none yet
        fields.remove(fid)
    options = QgsVectorFileWriter.SaveVectorOptions()
    context = QgsProject.instance().transformContext()
    sink = QgsVectorFileWriter.create(
        path, fields, source.wkbType(), source.sourceCrs(), context, options
    )
    if sink.hasError() != QgsVectorFileWriter.WriterError.NoError:
        raise QgsProcessingException(sink.errorMessage())
    for feature in source.getFeatures(QgsFeatureRequest(), _SKIP_VALIDITY_CHECK):
        if feedback.isCanceled():
            break
        copy = QgsFeature(fields)
        copy.setGeometry(feature.geometry())
        copy.setAttributes([v for i, v in enumerate(feature.attributes()) if i != fid])
        if not sink.addFeature(copy, QgsFeatureSink.Flag.FastInsert):
            raise QgsProcessingException(sink.errorMessage())
    del sink  # closes the file
    return path


def _named_after(source: QgsProcessingFeatureSource) -> str:
    """Return a temporary path with the name of a layer, which messages of the worker contain."""
    return QgsProcessingUtils.generateTempFilename(f"{file_stem(source.sourceName())}.gpkg")


def _polygons(shape: QgsGeometry) -> list[QgsGeometry]:
    """Return the single polygons of a geometry, in 2D and without curves."""
    geometries = [] if shape.isEmpty() else shape.asGeometryCollection()
    surfaces = (one for one in geometries if one.type() == QgsWkbTypes.GeometryType.PolygonGeometry)
    return [polygon for one in surfaces for polygon in one.coerceToType(_POLYGON)]
