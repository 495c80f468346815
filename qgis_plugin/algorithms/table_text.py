"""CSV tables as spreadsheets on Windows write them, for QGIS, which reads UTF-8 only."""

from __future__ import annotations

import os
import re
from pathlib import Path

from qgis.core import (
    QgsProcessingException,
    QgsProcessingUtils,
    QgsProviderRegistry,
    QgsVectorLayer,
)

from ..i18n.translate import tr
from .raster_input import not_written

__all__ = ["readable_table"]

_NOT_WINDOWS = re.compile(r"[\u0080-\u00ff]{4,}|\ufffd|\0")
"""Text of another code page that was decoded as Windows-1252: accents only, or no letters."""


def readable_table(layer: QgsVectorLayer | None) -> str | None:
    """Return the path of a copy of a layer's CSV file in UTF-8; None if QGIS can read the file.

    As in `mtrs_geo.batch`, other text is taken for Windows-1252, that of spreadsheets.

    Raises:
        QgsProcessingException: if the text has another encoding, or no copy can be written.
    """
    if layer is None or layer.providerType() != "ogr":  # others know their encoding
        return None
    path = Path(QgsProviderRegistry.instance().decodeUri("ogr", layer.source()).get("path") or "")
    if path.suffix.lower() != ".csv" or not os.path.isfile(path):
        return None
    content = path.read_bytes()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    else:
        return None
    if _NOT_WINDOWS.search(text):
        msg = tr("{} is neither UTF-8 nor Windows-1252 text. Save it as CSV in UTF-8.")
        raise QgsProcessingException(msg.format(path.name))
    copy = Path(QgsProcessingUtils.generateTempFilename(path.name))
    try:
        copy.write_bytes(text.encode())
    except OSError as error:
        raise not_written(copy, error) from error
    return str(copy)
