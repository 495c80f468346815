"""The pixels of a raster file with the CRS, the date and the nodata values of its layer in QGIS."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsRectangle,
)

from ..dates_in_text import ACQUISITION_TAGS, EXPORT_TAGS
from ..i18n.translate import tr
from ..layer_dates import date_tags
from .layer_settings import nodata_changes

__all__ = ["RasterCopy", "wkt_of"]

_NOT_SHARED = re.compile(
    r"^<|^PG:|://|/vsi(mem|curl|s3|gs|az|adls|oss|swift|hdfs|webhdfs)", re.IGNORECASE
)
"""Sources that another process may not be able to open."""
_URI_PARTS = re.compile(r"\|(?:option|credential):")
"""What QGIS appends to the name that GDAL opens."""
_SERVICES = ("WMS:", "<GDAL_WMS")
_GTIFF = ["TILED=YES", "COMPRESS=DEFLATE", "BIGTIFF=IF_SAFER"]


class RasterCopy:
    """A copy of a layer's raster by GDAL, which keeps pixels, band names, palette and mask.

    Args:
        layer: layer of the provider gdal; its thread calls this.
    """

    def __init__(self, layer: QgsRasterLayer) -> None:
        self.name = layer.name()
        provider = layer.dataProvider()
        uri = provider.dataSourceUri(True)  # with the login
        # "path" of the decoded URI lacks the prefix of an archive or the name of a subdataset.
        source = _URI_PARTS.split(uri)[0]
        self._source = os.path.abspath(source) if os.path.exists(source) else source
        self._open_options = list(
            QgsProviderRegistry.instance().decodeUri("gdal", uri).get("openOptions") or ()
        )
        has_login = "authcfg=" in layer.source() or "|credential:" in layer.source()
        self.is_shared = not has_login and _NOT_SHARED.search(source) is None
        """Whether another process can open the source, so that no pixel needs to be copied."""
        self.has_pixels = not source.startswith(_SERVICES)
        """Whether the source has a pixel size of its own."""
        self._crs = None if layer.crs() == provider.crs() else wkt_of(layer.crs())
        self._tags = date_tags(layer)
        self._nodata, _ = nodata_changes(provider)

    def write_virtual(self, path: Path) -> list[str]:
        """Write a virtual raster that refers to the source; return warnings.

        Raises:
            QgsProcessingException: if the source cannot be opened.
        """
        return self._write(path, {"format": "VRT"})

    def write(
        self,
        path: Path,
        extent: QgsRectangle | None,
        size: tuple[int, int] | None,
        feedback: QgsProcessingFeedback,
    ) -> list[str]:
        """Write a GeoTIFF; return warnings.

        Args:
            path: of the file.
            extent: part to copy, in the CRS of the layer; None for all.
            size: (cols, rows); None for the pixels of the source.
            feedback: its cancellation stops the copy.

        Raises:
            QgsProcessingException: if the pixels cannot be copied.
        """
        options: dict[str, Any] = {
            "format": "GTiff", "creationOptions": _GTIFF,
            "callback": lambda *_: int(not feedback.isCanceled()),
        }  # fmt: skip
        if extent is not None:
            options["projWin"] = [
                extent.xMinimum(), extent.yMaximum(), extent.xMaximum(), extent.yMinimum(),
            ]  # fmt: skip
        if size is not None:
            options["width"], options["height"] = size
        try:
            return self._write(path, options)
        except QgsProcessingException:
            if feedback.isCanceled():
                return []
            raise

    def _write(self, path: Path, options: dict[str, Any]) -> list[str]:
        source = self._called(
            lambda: gdal.OpenEx(self._source, gdal.OF_RASTER, open_options=self._open_options)
        )
        if any(source.GetGeoTransform()[i] for i in (2, 4)):  # rotated: GDAL cannot cut it
            options.pop("projWin", None)
        copy = self._called(lambda: gdal.Translate(str(path), source, **options))
        if self._crs is not None:
            copy.SetProjection(self._crs)
        if self._tags:
            for domain in ("", "IMAGERY"):
                kept = _without_dates(source.GetMetadata(domain) or {})
                copy.SetMetadata(kept if domain else {**kept, **self._tags}, domain)
        warnings = self._set_nodata(copy)
        gdal.ErrorReset()
        self._called(lambda: copy if copy.FlushCache() in (None, 0) else None)
        if gdal.GetLastErrorType() >= gdal.CE_Failure:  # of the last blocks, or a full disk
            raise self._error()
        return warnings

    def _set_nodata(self, copy: gdal.Dataset) -> list[str]:
        for number, value in self._nodata.items():
            band = copy.GetRasterBand(number)
            if value is None:
                band.DeleteNoDataValue()
            else:
                band.SetNoDataValue(value)
        flags = copy.GetRasterBand(1).GetMaskFlags()
        if self._nodata and flags & gdal.GMF_PER_DATASET and not flags & gdal.GMF_ALPHA:
            msg = tr("The nodata values of {} in QGIS have no effect: its file has a mask.")
            return [msg.format(self.name)]
        return []

    def _called(self, call: Callable[[], gdal.Dataset | None]) -> gdal.Dataset:
        """Return the dataset of a call of GDAL, which may raise or return None."""
        try:
            dataset = call()
        except RuntimeError:  # if GDAL raises
            dataset = None
        if dataset is None:
            raise self._error()
        return dataset

    def _error(self) -> QgsProcessingException:
        # The text may contain a login.
        reason = gdal.GetLastErrorMsg() if self.is_shared else gdal.GetLastErrorNo()
        msg = tr("{} could not be exported (error {}). Check the layer and the free disk space.")
        return QgsProcessingException(msg.format(self.name, reason))


def wkt_of(crs: QgsCoordinateReferenceSystem) -> str:
    """Return a CRS as well-known text: version 1, or 2 for a CRS that 1 lacks: a rotated pole."""
    return crs.toWkt() or crs.toWkt(QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED)


def _without_dates(tags: dict[str, str]) -> dict[str, str]:
    """Return the tags of a raster but for those that can have its date."""
    dates = (*ACQUISITION_TAGS, *EXPORT_TAGS)
    return {name: value for name, value in tags.items() if name.upper() not in dates}
