"""Raster layers as paths that GDAL can open: the file of a layer, or an export of the layer."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
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

from ..ground_size import size_m
from ..i18n.number import format_fixed
from ..i18n.translate import tr
from ..layer_dates import date_tags

__all__ = ["RasterInput", "readable_path"]

_MAX_EXPORT_PX = 400_000_000
_MAX_NAME = 60
_UNREADABLE_PREFIXES = ("/vsimem/", "WMS:", "<")


def readable_path(layer: QgsRasterLayer) -> str | None:
    """Return the path at which another process reads the same pixels; None if there is none.

    None for web layers, layers in memory, layers with open options or a login, and layers whose
    CRS in QGIS differs from the CRS of the file.
    """
    if layer.providerType() != "gdal":
        return None
    uri = QgsProviderRegistry.instance().decodeUri("gdal", layer.source())
    path = uri.get("path", "")
    if uri.get("openOptions") or uri.get("authcfg") or "authcfg=" in layer.source():
        return None
    if uri.get("layerName"):
        path = layer.source()
    if not path or path.startswith(_UNREADABLE_PREFIXES):
        return None
    return path if layer.crs() == layer.dataProvider().crs() else None


class RasterInput:
    """A raster layer as input of the worker; create it in the thread of the layer.

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
        self._native_pixel = layer.rasterUnitsPerPixelX() if layer.width() > 0 else 0.0
        self._is_rendered = layer.providerType() != "gdal"
        self._tags: dict[str, str] = {}
        if self.path is None:
            self._pipe = _pipe(layer, self._is_rendered)
            self._tags = date_tags(layer)

    def path_or_export(
        self,
        folder: Path,
        area: QgsRectangle | None,
        area_crs: QgsCoordinateReferenceSystem,
        resolution_m: float,
        feedback: QgsProcessingFeedback,
    ) -> str:
        """Return the path of the layer's file, or export the layer and return that path.

        The export has the name of the layer, and its date as a tag: the worker knows the raster
        by its file only.

        Args:
            folder: gets a new folder with the export.
            area: extent of the export; None for the whole layer.
            area_crs: CRS of the extent.
            resolution_m: pixel size of the export in metres; 0 for the native pixel size.
            feedback: receives the progress; its cancellation stops the export.

        Raises:
            QgsProcessingException: if the layer cannot be exported.
        """
        if self.path is not None:
            return self.path
        extent = self._export_extent(area, area_crs)
        cols, rows = self._size_px(extent, resolution_m)
        feedback.pushInfo(tr("Exporting {}: {} x {} pixels").format(self.name, cols, rows))
        target = folder / uuid4().hex / f"{_file_stem(self.name)}.tif"
        target.parent.mkdir()
        writer = QgsRasterFileWriter(str(target))
        writer.setOutputFormat("GTiff")
        writer.setCreateOptions(["TILED=YES", "COMPRESS=DEFLATE", "BIGTIFF=IF_SAFER"])
        block_feedback = QgsRasterBlockFeedback()
        feedback.canceled.connect(block_feedback.cancel)
        error = writer.writeRaster(
            self._pipe, cols, rows, extent, self._crs, self._transforms, block_feedback
        )
        if error != QgsRasterFileWriter.WriterError.NoError and not feedback.isCanceled():
            msg = tr(
                "{} could not be exported (error {}). Check the layer and the free disk space."
            )
            raise QgsProcessingException(msg.format(self.name, getattr(error, "value", error)))
        if self._tags and not feedback.isCanceled():
            dataset = gdal.Open(str(target), gdal.GA_Update)
            dataset.SetMetadata({**dataset.GetMetadata(), **self._tags})
            dataset = None  # closes the file
        return str(target)

    def _export_extent(
        self, area: QgsRectangle | None, area_crs: QgsCoordinateReferenceSystem
    ) -> QgsRectangle:
        if area is None or area.isNull():
            if self._is_rendered:
                msg = tr("{} is not a file on this computer. Set an extent for its export.")
                raise QgsProcessingException(msg.format(self.name))
            return self._extent
        try:
            transform = QgsCoordinateTransform(area_crs, self._crs, self._transforms)
            requested = transform.transformBoundingBox(area)
        except QgsCsException as error:
            msg = tr("The extent has no position in the CRS of {} ({}). Choose another extent.")
            raise QgsProcessingException(msg.format(self.name, error)) from error
        overlap = requested.intersect(self._extent) if not self._extent.isEmpty() else requested
        if overlap.isEmpty():
            msg = tr("{} does not intersect the extent. Choose another extent.")
            raise QgsProcessingException(msg.format(self.name))
        return overlap

    def _size_px(self, extent: QgsRectangle, resolution_m: float) -> tuple[int, int]:
        """Return the size of the export: (cols, rows)."""
        if resolution_m > 0:
            width, height = size_m(extent, self._crs, self._transforms)
            cols, rows = width / resolution_m, height / resolution_m
        elif self._native_pixel > 0 and not self._is_rendered:
            cols, rows = extent.width() / self._native_pixel, extent.height() / self._native_pixel
        else:
            msg = tr("{} has no native pixel size. Set the pixel size of exported layers.")
            raise QgsProcessingException(msg.format(self.name))
        if cols * rows > _MAX_EXPORT_PX:
            msg = tr("{} would be exported with {} million pixels. Choose a smaller extent.")
            raise QgsProcessingException(msg.format(self.name, format_fixed(cols * rows / 1e6, 0)))
        return max(1, round(cols)), max(1, round(rows))


def _file_stem(name: str) -> str:
    """Return the name of a layer without the characters that a file name cannot have."""
    return re.sub(r"[^\w ()+,.=-]", "_", name)[:_MAX_NAME].strip(" .") or "raster"


def _pipe(layer: QgsRasterLayer, is_rendered: bool) -> QgsRasterPipe:
    """Return a pipe of the layer's values; of its rendered image for a web layer."""
    pipe = QgsRasterPipe()
    if not pipe.set(layer.dataProvider().clone()):
        raise QgsProcessingException(
            tr("{} cannot be read. Check the source of the layer.").format(layer.name())
        )
    if is_rendered and layer.renderer() is not None:
        pipe.set(layer.renderer().clone())
    return pipe
