"""Raster layers as paths that GDAL can open: the file of a layer, or an export of the layer."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsRectangle,
)

from ..ground_size import size_m
from ..i18n.number import format_fixed
from ..i18n.translate import tr
from ..layer_dates import given_date
from .layer_settings import nodata_changes, unused_settings
from .raster_copy import RasterCopy
from .rendered_export import RenderedExport, kept_warnings

__all__ = ["RasterInput", "file_stem", "known_dates", "not_written", "readable_path"]

_MAX_EXPORT_PX = 400_000_000
_MAX_NAME = 60
_UNREADABLE_PREFIXES = ("/vsimem/", "WMS:", "<")


def readable_path(layer: QgsRasterLayer) -> str | None:
    """Return the path at which another process reads the same pixels; None if there is none.

    None for web layers, layers in memory, layers with open options or a login, and layers whose
    CRS or nodata values in QGIS differ from those of the file.
    """
    if layer.providerType() != "gdal":
        return None
    # The source has the prefix of an archive or a subdataset, which "path" of the URI lacks.
    path = layer.source()
    uri = QgsProviderRegistry.instance().decodeUri("gdal", path)
    if uri.get("openOptions") or uri.get("authcfg") or re.search(r"authcfg=|\|credential:", path):
        return None
    if not path or path.startswith(_UNREADABLE_PREFIXES):
        return None
    provider = layer.dataProvider()
    is_same = layer.crs() == provider.crs() and not nodata_changes(provider)[0]
    return path if is_same else None


class RasterInput:
    """A raster layer as input of the worker; create it in the thread of the layer.

    Args:
        layer: any raster layer.
    """

    def __init__(self, layer: QgsRasterLayer) -> None:
        self.name = layer.name()
        self.path = readable_path(layer)
        self.date: str | None = None
        """Date that the layer has only in QGIS; an export has it as a tag."""
        self.warnings = unused_settings(layer) if layer.providerType() == "gdal" else []
        """About the layer and its export."""
        self._crs = layer.crs()
        self._extent = layer.extent()
        self._transforms = QgsProject.instance().transformContext()
        self._pixel = layer.rasterUnitsPerPixelX(), layer.rasterUnitsPerPixelY()
        self._export: RasterCopy | RenderedExport | None = None
        if self.path is not None:
            self.date = given_date(layer)
            self.warnings += kept_warnings(self.path)
        elif layer.providerType() == "gdal":
            self._export = RasterCopy(layer)
        else:
            self._export = RenderedExport(layer)
        if isinstance(self._export, RasterCopy):
            self._has_pixels = self._export.has_pixels
        else:
            self._has_pixels = layer.width() > 0 and layer.height() > 0

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
        by its file only.  A file keeps its pixels; where it can, the export refers to them.

        Args:
            folder: gets a new folder with the export.
            area: extent of the export; None for the whole layer.
            area_crs: CRS of the extent.
            resolution_m: pixel size in metres for a layer without pixels of its own; 0 for none.
            feedback: receives the progress; its cancellation stops the export.

        Raises:
            QgsProcessingException: if the layer cannot be exported.
        """
        if self.path is not None:
            return self.path
        target = folder / uuid4().hex / file_stem(self.name)
        try:
            target.parent.mkdir(parents=True)  # the system may have removed the temporary folder
        except OSError as error:
            raise not_written(target.parent, error) from error
        export = self._export
        if isinstance(export, RasterCopy) and export.is_shared:
            path = target.with_name(f"{target.name}.vrt")
            self.warnings += export.write_virtual(path)
            return str(path)
        path = target.with_name(f"{target.name}.tif")
        extent = self._export_extent(area, area_crs)
        cols, rows = self._size_px(extent, resolution_m)
        feedback.pushInfo(tr("Exporting {}: {} x {} pixels").format(self.name, cols, rows))
        if isinstance(export, RasterCopy):
            size = None if self._has_pixels else (cols, rows)
            part = None if extent == self._extent else extent
            self.warnings += export.write(path, part, size, feedback)
        else:
            self.warnings += export.write(path, extent, (cols, rows), feedback)
        return str(path)

    def _export_extent(
        self, area: QgsRectangle | None, area_crs: QgsCoordinateReferenceSystem
    ) -> QgsRectangle:
        if area is None or area.isNull():
            if isinstance(self._export, RenderedExport) and not self._has_pixels:
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
        if resolution_m > 0 and not self._has_pixels:
            width, height = size_m(extent, self._crs, self._transforms)
            cols, rows = width / resolution_m, height / resolution_m
        elif self._has_pixels or isinstance(self._export, RasterCopy):
            cols, rows = extent.width() / self._pixel[0], extent.height() / self._pixel[1]
        else:
            msg = tr("{} has no native pixel size. Set the pixel size of exported layers.")
            raise QgsProcessingException(msg.format(self.name))
        if cols * rows > _MAX_EXPORT_PX:
            msg = tr("{} would be exported with {} million pixels. Choose a smaller extent.")
            raise QgsProcessingException(msg.format(self.name, format_fixed(cols * rows / 1e6, 0)))
        return max(1, round(cols)), max(1, round(rows))


def known_dates(rasters: list[RasterInput]) -> list[str | None] | None:
    """Return the dates of rasters that only QGIS knows; None if there are none."""
    dates = [raster.date for raster in rasters]
    return dates if any(dates) else None


def not_written(path: Path, error: OSError) -> QgsProcessingException:
    """Return the error for a temporary file or folder that cannot be written."""
    msg = tr(
        "{} cannot be written ({}). Check the free disk space, and the temporary folder in "
        "Settings > Options > Processing."
    )
    return QgsProcessingException(msg.format(path, error.strerror or error))


def file_stem(name: str) -> str:
    """Return the name of a layer without the characters that a file name cannot have."""
    return re.sub(r"[^\w ()+,.=-]", "_", name)[:_MAX_NAME].strip(" .") or "raster"
