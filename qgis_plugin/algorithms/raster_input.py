"""Raster layers as something GDAL opens by a path: the file itself, or an export of it."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsDistanceArea,
    QgsPointXY,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsProviderRegistry,
    QgsRasterBlockFeedback,
    QgsRasterFileWriter,
    QgsRasterLayer,
    QgsRasterPipe,
    QgsRectangle,
)

from ..i18n.translate import tr

__all__ = ["RasterInput", "readable_path"]

_MOST_PX = 400_000_000
_UNREADABLE = ("/vsimem/", "WMS:", "<")


def readable_path(layer: QgsRasterLayer) -> str | None:
    """Return the path by which another process reads the same pixels, or None.

    A web layer has none, nor has one in memory, one with open options or a login, or one
    whose CRS was set in QGIS against what its file says.
    """
    if layer.providerType() != "gdal":
        return None
    parts = QgsProviderRegistry.instance().decodeUri("gdal", layer.source())
    path = parts.get("path", "")
    if parts.get("openOptions") or parts.get("authcfg") or "authcfg=" in layer.source():
        return None
    if parts.get("layerName"):
        path = layer.source()
    if not path or path.startswith(_UNREADABLE):
        return None
    return path if layer.crs() == layer.dataProvider().crs() else None


class RasterInput:
    """A raster layer as the worker gets it; made in the layer's thread, used in any.

    Args:
        layer: any raster layer.
    """

    def __init__(self, layer: QgsRasterLayer) -> None:
        self.name = layer.name()
        self.path = readable_path(layer)
        self._crs = layer.crs()
        self._extent = layer.extent()
        self._transforms = QgsProject.instance().transformContext()
        self._pipe: QgsRasterPipe | None = None
        self._native_px = layer.rasterUnitsPerPixelX() if layer.width() > 0 else 0.0
        self._is_drawn = layer.providerType() != "gdal"
        if self.path is None:
            self._pipe = _pipe(layer, self._is_drawn)

    def written(
        self,
        folder: Path,
        area: QgsRectangle | None,
        area_crs: QgsCoordinateReferenceSystem,
        resolution_m: float,
        feedback: QgsProcessingFeedback,
    ) -> str:
        """Return the path of the file, after an export where there is none.

        Args:
            folder: for an export.
            area: what is needed, None for all of the layer.
            area_crs: of the area.
            resolution_m: pixel size of an export in metres; 0 keeps the layer's own.
            feedback: shows progress and stops the export.

        Raises:
            QgsProcessingException: if the layer cannot be exported.
        """
        if self.path is not None:
            return self.path
        extent = self._extent_of(area, area_crs)
        cols, rows = self._size_px(extent, resolution_m)
        feedback.pushInfo(tr("Exporting {}: {} x {} pixels").format(self.name, cols, rows))
        target = folder / f"{uuid4().hex}.tif"
        writer = QgsRasterFileWriter(str(target))
        writer.setOutputFormat("GTiff")
        writer.setCreateOptions(["TILED=YES", "COMPRESS=DEFLATE", "BIGTIFF=IF_SAFER"])
        watched = QgsRasterBlockFeedback()
        feedback.canceled.connect(watched.cancel)
        error = writer.writeRaster(
            self._pipe, cols, rows, extent, self._crs, self._transforms, watched
        )
        if error != QgsRasterFileWriter.WriterError.NoError and not feedback.isCanceled():
            msg = tr("{} could not be exported (error {}).")
            raise QgsProcessingException(msg.format(self.name, getattr(error, "value", error)))
        return str(target)

    def _extent_of(
        self, area: QgsRectangle | None, area_crs: QgsCoordinateReferenceSystem
    ) -> QgsRectangle:
        if area is None or area.isNull():
            if self._is_drawn:
                msg = tr("{} is no file on this computer: give the extent to look at.")
                raise QgsProcessingException(msg.format(self.name))
            return self._extent
        try:
            transform = QgsCoordinateTransform(area_crs, self._crs, self._transforms)
            wanted = transform.transformBoundingBox(area)
        except QgsCsException as error:
            msg = tr("The extent cannot be related to {}: {}").format(self.name, error)
            raise QgsProcessingException(msg) from error
        shared = wanted.intersect(self._extent) if not self._extent.isEmpty() else wanted
        if shared.isEmpty():
            raise QgsProcessingException(tr("{} does not reach the extent.").format(self.name))
        return shared

    def _size_px(self, extent: QgsRectangle, resolution_m: float) -> tuple[int, int]:
        """Return (cols, rows) of an export."""
        if resolution_m > 0:
            width, height = self._metres(extent)
            cols, rows = width / resolution_m, height / resolution_m
        elif self._native_px > 0 and not self._is_drawn:
            cols, rows = extent.width() / self._native_px, extent.height() / self._native_px
        else:
            msg = tr("{} has no pixel size of its own: give one for exported layers.")
            raise QgsProcessingException(msg.format(self.name))
        if cols * rows > _MOST_PX:
            msg = tr("{} would be exported with {:.0f} million pixels: choose a smaller extent.")
            raise QgsProcessingException(msg.format(self.name, cols * rows / 1e6))
        return max(1, round(cols)), max(1, round(rows))

    def _metres(self, extent: QgsRectangle) -> tuple[float, float]:
        measure = QgsDistanceArea()
        measure.setSourceCrs(self._crs, self._transforms)
        measure.setEllipsoid(self._crs.ellipsoidAcronym() or "EPSG:7030")
        middle = extent.center()
        across = (
            QgsPointXY(extent.xMinimum(), middle.y()),
            QgsPointXY(extent.xMaximum(), middle.y()),
        )
        along = QgsPointXY(middle.x(), extent.yMinimum()), QgsPointXY(middle.x(), extent.yMaximum())
        return measure.measureLine(*across), measure.measureLine(*along)


def _pipe(layer: QgsRasterLayer, is_drawn: bool) -> QgsRasterPipe:
    """Return what delivers the layer's values, or its picture where it has none."""
    pipe = QgsRasterPipe()
    if not pipe.set(layer.dataProvider().clone()):
        raise QgsProcessingException(tr("{} cannot be read.").format(layer.name()))
    if is_drawn and layer.renderer() is not None:
        pipe.set(layer.renderer().clone())
    return pipe
