"""The image of a layer that is no file, such as that of a map server, written as a GeoTIFF."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from osgeo import gdal
from qgis.core import (
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsProject,
    QgsProviderRegistry,
    QgsRasterBlockFeedback,
    QgsRasterFileWriter,
    QgsRasterLayer,
    QgsRasterPipe,
    QgsRectangle,
)

from ..i18n.number import format_fixed
from ..i18n.translate import tr
from ..layer_dates import date_tags

__all__ = ["RenderedExport", "kept_warnings"]

_WARNING = "MTRS_GEO_WARNING"
"""Tag of an export, for a run that goes on with the file."""


def kept_warnings(path: str) -> list[str]:
    """Return the warnings that `RenderedExport.write` returned for a file in a run before this."""
    if not path.startswith(QgsProcessingUtils.tempFolder()):
        return []
    dataset = gdal.Open(path)
    return list(filter(None, [dataset and dataset.GetMetadataItem(_WARNING)]))


class RenderedExport:
    """The image of a layer; create it in the thread of the layer.

    Raises:
        QgsProcessingException: if the layer cannot be read.
    """

    def __init__(self, layer: QgsRasterLayer) -> None:
        self.name = layer.name()
        uri = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
        self._host = urlsplit(str(uri.get("url") or "")).hostname or tr("the server")
        self._crs = layer.crs()
        self._transforms = QgsProject.instance().transformContext()
        self._tags = date_tags(layer)
        self._pipe = QgsRasterPipe()
        if not self._pipe.set(layer.dataProvider().clone()):
            msg = tr("{} cannot be read. Check the source of the layer.")
            raise QgsProcessingException(msg.format(layer.name()))
        if layer.renderer() is not None:
            self._pipe.set(layer.renderer().clone())

    def write(
        self,
        path: Path,
        extent: QgsRectangle,
        size: tuple[int, int],
        feedback: QgsProcessingFeedback,
    ) -> list[str]:
        """Write the image; return a warning if a part of it is missing.

        Args:
            path: of the file.
            extent: of the image, in the CRS of the layer.
            size: (cols, rows).
            feedback: its cancellation stops the export.

        Raises:
            QgsProcessingException: if the image cannot be written, or all of it is missing.
        """
        writer = QgsRasterFileWriter(str(path))
        writer.setOutputFormat("GTiff")
        writer.setCreateOptions(["TILED=YES", "COMPRESS=DEFLATE", "BIGTIFF=IF_SAFER"])
        block_feedback = QgsRasterBlockFeedback()
        feedback.canceled.connect(block_feedback.cancel)
        error = writer.writeRaster(
            self._pipe, *size, extent, self._crs, self._transforms, block_feedback
        )
        if feedback.isCanceled():
            return []
        if error != QgsRasterFileWriter.WriterError.NoError:
            msg = tr(
                "{} could not be exported (error {}). Check the layer and the free disk space."
            )
            raise QgsProcessingException(msg.format(self.name, getattr(error, "value", error)))
        dataset = gdal.Open(str(path), gdal.GA_Update)
        dataset.SetMetadata({**dataset.GetMetadata(), **self._tags})
        warnings = self._missing(_clear_share(dataset))
        for warning in warnings:
            dataset.SetMetadataItem(_WARNING, warning)
        return warnings

    def _missing(self, share: float) -> list[str]:
        """Return a warning about the share of the image that is transparent.

        QGIS leaves out tiles that a server does not send, and says so only in its log.
        """
        if share == 1:
            msg = tr(
                "{} has no image in this extent: {} did not answer, or has none there. Check the "
                "connection, the login and the extent; the log panel of QGIS has the errors."
            )
            raise QgsProcessingException(msg.format(self.name, self._host))
        if not share:
            return []
        msg = tr(
            "{}: {} % of the extent have no image, because {} did not answer or has none there. "
            "No changes are found there."
        )
        return [msg.format(self.name, format_fixed(max(100 * share, 0.1), 1), self._host)]


def _clear_share(dataset: gdal.Dataset) -> float:
    """Return the share of the pixels of an image that are transparent."""
    band = dataset.GetRasterBand(dataset.RasterCount)
    if band.GetColorInterpretation() != gdal.GCI_AlphaBand:
        return 0.0
    counts = band.GetHistogram(-0.5, 255.5, 256, 0, 0)  # exact, also beyond the range
    return counts[0] / (dataset.RasterXSize * dataset.RasterYSize)
