"""Inputs of the algorithms: area of interest, rasters and polygons of layers, for the worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMapLayer,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingUtils,
    QgsProperty,
    QgsRectangle,
    QgsWkbTypes,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QVariant

from ..i18n.translate import tr
from ..worker.kept_run import EXPORTED
from .polygon_input import write_features, write_polygons
from .raster_copy import wkt_of
from .raster_input import RasterInput

__all__ = ["InputReader", "is_given"]

_UNDEFINED = "Undefined geographic SRS"
"""Name of the CRS of a GeoPackage that was written from a layer without a CRS."""


class InputReader(QgsProcessingAlgorithm):
    """An algorithm that passes layers to the worker as files.

    The layers are read in their thread, in `prepareAlgorithm`; files are written during the run.
    """

    EXTENT = "EXTENT"
    AREA = "AREA"
    RESOLUTION = "RESOLUTION"

    def __init__(self) -> None:
        super().__init__()
        self._polygons: QgsProcessingFeatureSource | None = None
        self._area: dict[str, Any] | None = None
        self._shown: dict[str, QgsProcessingFeatureSource] = {}
        self._layers: dict[str, QgsMapLayer | None] = {}
        """Layers of the sources, which QGIS crashes without."""
        self._warnings: list[str] = []
        self._layer_names: dict[str, str] = {}
        """Temporary files to the names of their layers."""

    def add_area(self) -> None:
        """Add the parameters of the area of interest."""
        self.addParameter(
            QgsProcessingParameterExtent(self.EXTENT, tr("Only in this extent"), optional=True)
        )
        polygons = [QgsProcessing.SourceType.TypeVectorPolygon]
        self.addParameter(
            QgsProcessingParameterFeatureSource(
                self.AREA, tr("Only in these polygons"), polygons, optional=True
            )
        )

    def prepareAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> bool:
        """Read the area in the thread of the layers; QGIS calls this before the run.

        Raises:
            QgsProcessingException: if an area is given that cannot be read. Without it the run
                would cover the whole scene.  Also if its polygons have no CRS.
        """
        self._area = None
        self._polygons = self.parameterAsSource(parameters, self.AREA, context)
        given = parameters.get(self.AREA)
        is_part = isinstance(given, QgsProcessingFeatureSourceDefinition)  # selected polygons only
        whole = {**parameters, self.AREA: given.source} if is_part else parameters
        self._layers[self.AREA] = self.parameterAsVectorLayer(whole, self.AREA, context)
        if is_given(parameters, self.AREA) and self._polygons is None:
            raise QgsProcessingException(self._unreadable(parameters, self.AREA))
        _check_crs(self._polygons)
        extent = self.parameterAsExtent(parameters, self.EXTENT, context)
        if is_given(parameters, self.EXTENT) and extent.isNull():
            is_empty = isinstance(parameters[self.EXTENT], QgsRectangle)  # of an empty layer
            msg = tr("The extent is empty. Choose another extent, or a layer that is not empty.")
            unreadable = self._unreadable(parameters, self.EXTENT)
            raise QgsProcessingException(msg if is_empty else unreadable)
        return True

    def raster_input(
        self, parameters: dict[str, Any], name: str, context: QgsProcessingContext
    ) -> RasterInput:
        """Return the raster of a parameter; call it in the thread of the layers.

        Raises:
            QgsProcessingException: if there is no such raster.
        """
        layer = self.parameterAsRasterLayer(parameters, name, context)
        if layer is None or not layer.isValid():
            raise QgsProcessingException(self._unreadable(parameters, name))
        return RasterInput(layer)

    def keep_as_shown(
        self, parameters: dict[str, Any], name: str, context: QgsProcessingContext
    ) -> None:
        """Remember the features of a layer that differs from its file; call it in its thread.

        It differs by unsaved edits, by virtual or joined columns, or by a CRS that was set in QGIS.

        Raises:
            QgsProcessingException: if it has no CRS.
        """
        _check_crs(self.parameterAsSource(parameters, name, context))
        layer = self.parameterAsVectorLayer(parameters, name, context)
        if layer is None or not layer.isValid():
            return
        has_more = layer.fields().names() != layer.dataProvider().fields().names()
        if layer.isModified() or has_more or layer.crs() != layer.dataProvider().crs():
            self._shown[name] = self.parameterAsSource(parameters, name, context)
            self._layers[name] = layer

    def polygon_file(
        self,
        parameters: dict[str, Any],
        name: str,
        context: QgsProcessingContext,
        formats: list[str],
        feedback: QgsProcessingFeedback,
    ) -> tuple[str, str | None]:
        """Return path and layer name of the polygons of a parameter, as QGIS shows them.

        Args:
            parameters: of the algorithm.
            name: of the parameter.
            context: of the run.
            formats: endings of files that the worker reads; others are converted.
            feedback: its cancellation stops the writing.

        Raises:
            QgsProcessingException: if the polygons cannot be read.
        """
        if name in self._shown:
            self._check_layer(parameters, name)
            path = write_features(self._shown[name], feedback)
            self._layer_names[path] = self._shown[name].sourceName()
            return path, None
        path, layer = self.parameterAsCompatibleSourceLayerPathAndLayerName(
            parameters, name, context, formats, "gpkg", feedback
        )
        if not path:
            raise QgsProcessingException(self.invalidSourceError(parameters, name))
        if path.startswith(QgsProcessingUtils.tempFolder()):  # QGIS has converted the layer
            source = self.parameterAsSource(parameters, name, context)
            self._layer_names[path] = path if source is None else source.sourceName()
        return path, layer or None

    def _check_layer(self, parameters: dict[str, Any], name: str) -> None:
        """Refuse a source whose layer was removed after `prepareAlgorithm`."""
        layer = self._layers.get(name)
        if layer is not None and sip.isdeleted(layer):
            raise QgsProcessingException(self._unreadable(parameters, name))

    def _unreadable(self, parameters: dict[str, Any], name: str) -> str:
        """Return the error for an input that is given but cannot be read."""
        value = parameters.get(name)
        value = getattr(value, "source", value)  # of a QgsProcessingFeatureSourceDefinition
        value = value.staticValue() if isinstance(value, QgsProperty) else value
        value = value.name() if isinstance(value, QgsMapLayer) else value
        msg = tr(
            "{}: {} cannot be read, or is no longer in the project. Choose another layer or value."
        )
        return msg.format(self.parameterDefinition(name).description(), value)

    def area_params(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Return the area of interest for the job: polygons, extent, or their intersection."""
        if self._area is None:
            self._area = self._read_area(parameters, context, feedback)
        return self._area

    def _read_area(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        self._check_layer(parameters, self.AREA)
        extent = self.parameterAsExtent(parameters, self.EXTENT, context)
        if self._polygons is not None:
            # Without an extent QGIS returns an empty geometry instead of a null geometry.
            extent_geometry = (
                None
                if extent.isNull()
                else self.parameterAsExtentGeometry(
                    parameters, self.EXTENT, context, self._polygons.sourceCrs()
                )
            )
            path = write_polygons(self._polygons, extent_geometry, feedback)
            self._layer_names[path] = self._polygons.sourceName()
            return {"aoi": path}
        if extent.isNull():
            return {}
        crs = self.parameterAsExtentCrs(parameters, self.EXTENT, context)
        sides = (extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum())
        return {"aoi": list(sides), "aoi_crs": _crs_text(crs)}

    def raster_paths(
        self,
        rasters: list[RasterInput],
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> list[str]:
        """Return the paths of the rasters; layers without a readable file are exported.

        Warnings about them are shown, and kept for the report.
        """
        # First, because the layer of the area may be removed during a long export.
        self.area_params(parameters, context, feedback)
        area = self.parameterAsExtent(parameters, self.EXTENT, context)
        crs = self.parameterAsExtentCrs(parameters, self.EXTENT, context)
        if area.isNull() and self._polygons is not None:
            area, crs = self._polygons.sourceExtent(), self._polygons.sourceCrs()
        area = None if area.isNull() else area
        resolution_m = self.parameterAsDouble(parameters, self.RESOLUTION, context)
        folder = Path(QgsProcessingUtils.tempFolder())
        paths = [r.path_or_export(folder, area, crs, resolution_m, feedback) for r in rasters]
        pairs = list(zip(rasters, paths))  # noqa: B905 - Python 3.9
        feedback.setProperty(EXPORTED, ["" if raster.path else path for raster, path in pairs])
        self._layer_names |= {path: one.name for one, path in pairs if one.path is None}
        for warning in (warning for raster in rasters for warning in raster.warnings):
            self.warn(warning, feedback)
        return paths

    def with_layer_names(self, text: str) -> str:
        """Return a message of the worker with layers instead of the temporary files of them."""
        for path, name in self._layer_names.items():
            text = text.replace(path, name)
        return text

    def warn(self, warning: str, feedback: QgsProcessingFeedback) -> None:
        """Show a warning, and keep it for the report of the run."""
        feedback.pushWarning(warning)
        self._warnings.append(warning)


def _check_crs(source: QgsProcessingFeatureSource | None) -> None:
    """Refuse polygons without a CRS: in a GeoPackage they would be in degrees."""
    polygons = QgsWkbTypes.GeometryType.PolygonGeometry
    if source is None or QgsWkbTypes.geometryType(source.wkbType()) != polygons:
        return  # the worker refuses a table, which has no CRS, with another message
    crs = source.sourceCrs()
    if not crs.isValid() or crs.description() == _UNDEFINED:
        msg = tr("{} has no CRS. Set it in the layer properties.")
        raise QgsProcessingException(msg.format(source.sourceName()))


def _crs_text(crs: QgsCoordinateReferenceSystem) -> str:
    """Return a CRS as text for the worker, which does not know the user's own CRSs of QGIS."""
    name = crs.authid()
    return name if name and not name.startswith("USER:") else wkt_of(crs)


def is_given(parameters: dict[str, Any], name: str) -> bool:
    """Return whether an optional parameter has a value."""
    value = parameters.get(name)
    is_null = isinstance(value, QVariant) and value.isNull()  # in a model
    return not (value is None or value == "" or is_null)
