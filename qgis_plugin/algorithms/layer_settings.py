"""What a user has set for the pixels of a raster layer in QGIS: nodata values and bands."""

from __future__ import annotations

from osgeo import gdal
from qgis.core import QgsMultiBandColorRenderer, QgsRasterDataProvider, QgsRasterLayer

from ..i18n.translate import tr

__all__ = ["nodata_changes", "unused_settings"]


def nodata_changes(provider: QgsRasterDataProvider) -> tuple[dict[int, float | None], bool]:
    """Return the nodata values in which QGIS differs from the file.

    Args:
        provider: of the layer.

    Returns:
        Band numbers to values as the file stores them, None for no nodata value; and whether all
        settings can be said so: a file has one nodata value per band, and no range.
    """
    changes: dict[int, float | None] = {}
    is_complete = True
    for band in range(1, provider.bandCount() + 1):
        ranges = provider.userNoDataValues(band)
        has_own = provider.sourceHasNoDataValue(band)
        is_own_used = has_own and provider.useSourceNoDataValue(band)
        if not ranges and is_own_used == has_own:
            continue
        own = {provider.sourceNoDataValue(band)} if has_own else set()
        scaling = provider.bandScale(band) or 1.0, provider.bandOffset(band)
        wanted = {_stored(one.min(), *scaling) for one in ranges} | (own if is_own_used else set())
        if len(wanted) > 1 or any(one.min() != one.max() for one in ranges):
            is_complete = False
        elif wanted != own:
            changes[band] = next(iter(wanted), None)
    return changes, is_complete


def unused_settings(layer: QgsRasterLayer) -> list[str]:
    """Return warnings about settings of a raster file's layer that a run cannot use."""
    warnings = []
    if not nodata_changes(layer.dataProvider())[1]:
        msg = tr(
            "The nodata values of {} in QGIS have no effect: a run knows one value per band, and "
            "no ranges. Write the raster without these pixels first."
        )
        warnings.append(msg.format(layer.name()))
    shown = _shown_bands(layer)
    if shown is not None and shown not in _usual_bands(layer):
        msg = tr(
            "{}: QGIS shows the bands {} as red, green and blue. A run does not use this: it "
            "chooses bands by their names and colours in the file. If it should read these, write "
            "them to a new raster (Rearrange bands)."
        )
        warnings.append(msg.format(layer.name(), ", ".join(map(str, shown))))
    return warnings


def _stored(value: float, scale: float, offset: float) -> float:
    """Return a value of QGIS as the file stores it."""
    if (scale, offset) == (1, 0):
        return value
    return round((value - offset) / scale, 9)  # (-0.0993 + 0.1) / 1e-4 is 7.00000000000006


def _shown_bands(layer: QgsRasterLayer) -> tuple[int, ...] | None:
    """Return the bands shown as red, green and blue; None if the file names its bands."""
    renderer = layer.renderer()
    is_named = any(":" in layer.bandName(band) for band in range(1, layer.bandCount() + 1))
    if is_named or not isinstance(renderer, QgsMultiBandColorRenderer):
        return None
    return renderer.redBand(), renderer.greenBand(), renderer.blueBand()


def _usual_bands(layer: QgsRasterLayer) -> list[tuple[int, ...]]:
    """Return the bands that may be shown as red, green and blue if the user chooses none.

    They are the first three, -1 if there are less, or those with these colours in the file.
    """
    provider = layer.dataProvider()
    first = tuple(band if band <= layer.bandCount() else -1 for band in (1, 2, 3))
    found = [provider.colorInterpretation(band) for band in range(1, layer.bandCount() + 1)]
    numbers = [getattr(colour, "value", colour) for colour in found]  # those of GDAL
    rgb = (gdal.GCI_RedBand, gdal.GCI_GreenBand, gdal.GCI_BlueBand)
    coloured = (
        numbers.index(colour) + 1 if colour in numbers else usual
        for usual, colour in zip(first, rgb)  # noqa: B905 - Python 3.9
    )
    return [first, tuple(coloured)]
