"""Choose the red, green and blue bands of a raster."""

from __future__ import annotations

from typing import Any, TypeAlias

from rasterio.enums import ColorInterp
from rasterio.io import DatasetReader

from mtrs_geo.errors import RasterError

__all__ = ["choose_bands"]

Bands: TypeAlias = tuple[int, int, int]

_DESCRIBED = (
    (("red", "r"), ("green", "g"), ("blue", "b")),
    # Sentinel-2, whose bands are stored in the order of their wavelengths.
    (("b04",), ("b03",), ("b02",)),
)
"""Descriptions of the red, green and blue band; one naming scheme per line."""


def choose_bands(
    dataset: DatasetReader, name: str, bands: tuple[int, ...] | None, alpha: int | None
) -> tuple[Bands, str | None]:
    """Return the numbers of the red, green and blue band, from 1, and a note for the user.

    Band descriptions have priority over the colour interpretation, which GDAL can guess:
    it takes any three byte bands of a GeoTIFF for red, green and blue.

    Args:
        dataset: open raster.
        name: file name for messages.
        bands: one or three band numbers that the user chose; None chooses them.
        alpha: number of the alpha band.

    Raises:
        RasterError: if a band is missing.
    """
    if bands is not None:
        return _check_bands(dataset, name, bands), None
    described = _by_description(dataset)
    if described:
        return described, _note(dataset, name, described)
    interpreted = _by_interpretation(dataset)
    if interpreted:
        return interpreted, None
    image = [b for b in range(1, dataset.count + 1) if b != alpha]
    if not image:
        msg = f"{name} has only an alpha band."
        raise RasterError(msg, advice="Give a raster with image bands.")
    return ((image[0], image[1], image[2]) if len(image) >= 3 else (image[0],) * 3), None


def _check_bands(dataset: DatasetReader, name: str, bands: tuple[int, ...]) -> Bands:
    wrong = [b for b in bands if not 1 <= b <= dataset.count]
    if wrong or len(bands) not in {1, 3}:
        msg = f"bands {bands} do not fit {name}, which has bands 1 to {dataset.count}."
        raise RasterError(msg, advice="Give one band, or three for red, green and blue.")
    return (bands * 3)[:3] if len(bands) == 1 else bands  # type: ignore[return-value]


def _by_interpretation(dataset: DatasetReader) -> Bands | None:
    interps: list[Any] = list(dataset.colorinterp)
    rgb = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
    if all(colour in interps for colour in rgb):
        red, green, blue = (interps.index(colour) + 1 for colour in rgb)
        return red, green, blue
    return None


def _by_description(dataset: DatasetReader) -> Bands | None:
    names = [(text or "").strip().lower() for text in dataset.descriptions]
    for scheme in _DESCRIBED:
        matches = [[i + 1 for i, text in enumerate(names) if text in colour] for colour in scheme]
        if all(len(match) == 1 for match in matches):
            (red,), (green,), (blue,) = matches
            return red, green, blue
    return None


def _note(dataset: DatasetReader, name: str, bands: Bands) -> str | None:
    """Return a message about the bands that are read, if a user may expect others."""
    if bands == (_by_interpretation(dataset) or (1, 2, 3)):
        return None
    described = ", ".join(f"{b} ({dataset.descriptions[b - 1]})" for b in bands)
    option = ",".join(map(str, bands))
    return (
        f"{name}: bands {described} are read as red, green, blue, as with --bands {option}. "
        "If that is wrong, give other bands."
    )
