"""Polygons of a layer as a file for the worker: the area to look at."""

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

__all__ = ["written_polygons"]

_POLYGON = QgsWkbTypes.Type.Polygon
_UNCHECKED = QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks  # they are repaired


def written_polygons(
    source: QgsProcessingFeatureSource, frame: QgsGeometry | None, feedback: QgsProcessingFeedback
) -> str:
    """Write the polygons of a source into a temporary GeoPackage and return its path.

    Args:
        source: polygons; only the selected ones where it was made so.
        frame: what of them counts, in the CRS of the source; None for all.
        feedback: hears how many had to be repaired, and stops the writing.

    Raises:
        QgsProcessingException: if nothing is left, or the file cannot be written.
    """
    path = QgsProcessingUtils.generateTempFilename("area.gpkg")
    options = QgsVectorFileWriter.SaveVectorOptions()
    context = QgsProject.instance().transformContext()
    sink = QgsVectorFileWriter.create(
        path, QgsFields(), _POLYGON, source.sourceCrs(), context, options
    )
    if sink.hasError() != QgsVectorFileWriter.WriterError.NoError:
        raise QgsProcessingException(sink.errorMessage())
    count = repaired = 0
    for feature in source.getFeatures(QgsFeatureRequest(), _UNCHECKED):
        if feedback.isCanceled():
            break
        shape = feature.geometry()
        is_valid = shape.isGeosValid()
        repaired += not (is_valid or shape.isNull())
        shape = shape if is_valid else shape.makeValid()
        for part in _parts(shape if frame is None else shape.intersection(frame)):
            made = QgsFeature()
            made.setGeometry(part)
            if not sink.addFeature(made, QgsFeatureSink.Flag.FastInsert):
                raise QgsProcessingException(sink.errorMessage())
            count += 1
    del sink  # closes the file
    if repaired:
        said = tr("{} polygons of {} cross themselves and were repaired for this run.")
        feedback.pushWarning(said.format(repaired, source.sourceName()))
    if not count and not feedback.isCanceled():
        raise QgsProcessingException(tr("{} has no polygon here.").format(source.sourceName()))
    return path


def _parts(shape: QgsGeometry) -> list[QgsGeometry]:
    """Return the single polygons of a shape, flat and without curves."""
    parts = [] if shape.isEmpty() else shape.asGeometryCollection()
    areas = (one for one in parts if one.type() == QgsWkbTypes.GeometryType.PolygonGeometry)
    return [polygon for one in areas for polygon in one.coerceToType(_POLYGON)]
