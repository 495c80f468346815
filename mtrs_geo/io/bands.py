"""Which bands of a raster are red, green and blue."""

from __future__ import annotations

from typing import Any, TypeAlias

from rasterio.enums import ColorInterp
from rasterio.io import DatasetReader

from mtrs_geo.errors import RasterError

__all__ = ["choose_bands"]

Bands: TypeAlias = tuple[int, int, int]

_DESCRIBED = (
    (("red", "r"), ("green", "g"), ("blue", "b")),
    # Sentinel-2's, which lie in the file in the order of their wavelengths.
    (("b04",), ("b03",), ("b02",)),
)
"""Descriptions of the red, green and blue band; each line is one way to call them."""


def choose_bands(
    dataset: DatasetReader, name: str, bands: tuple[int, ...] | None, alpha: int | None
) -> tuple[Bands, str | None]:
    """Return the bands to read as red, green and blue, counted from 1, and what to tell the user.

    Descriptions come first: a colour interpretation may be a driver's guess, as for any
    three bands of bytes in a GeoTIFF.

    Args:
        dataset: open.
        name: as a user recognises it.
        bands: one or three that the user chose; None finds them.
        alpha: band with the validity.

    Raises:
        RasterError: if a band is missing.
    """
    if bands is not None:
        return _given(dataset, name, bands), None
    described = _by_description(dataset)
    if described:
        return described, _note(dataset, name, described)
    interpreted = _by_interpretation(dataset)
    if interpreted:
        return interpreted, None
    plain = [b for b in range(1, dataset.count + 1) if b != alpha]
    if not plain:
        msg = f"{name} has nothing but an alpha band. Give a raster with image bands."
        raise RasterError(msg)
    return ((plain[0], plain[1], plain[2]) if len(plain) >= 3 else (plain[0],) * 3), None


def _given(dataset: DatasetReader, name: str, bands: tuple[int, ...]) -> Bands:
    wrong = [b for b in bands if not 1 <= b <= dataset.count]
    if wrong or len(bands) not in {1, 3}:
        msg = (
            f"bands {bands} do not fit {name}, which has bands 1 to {dataset.count}. "
            "Give one band, or three for red, green and blue."
        )
        raise RasterError(msg)
    return (bands * 3)[:3] if len(bands) == 1 else bands  # type: ignore[return-value]


def _by_interpretation(dataset: DatasetReader) -> Bands | None:
    interps: list[Any] = list(dataset.colorinterp)
    wanted = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
    if all(w in interps for w in wanted):
        red, green, blue = (interps.index(w) + 1 for w in wanted)
        return red, green, blue
    return None


def _by_description(dataset: DatasetReader) -> Bands | None:
    names = [(text or "").strip().lower() for text in dataset.descriptions]
    for colours in _DESCRIBED:
        hits = [[i + 1 for i, text in enumerate(names) if text in known] for known in colours]
        if all(len(hit) == 1 for hit in hits):
            (red,), (green,), (blue,) = hits
            return red, green, blue
    return None


def _note(dataset: DatasetReader, name: str, bands: Bands) -> str | None:
    """Say which bands were taken where a user may expect others."""
    if bands == (_by_interpretation(dataset) or (1, 2, 3)):
        return None
    said = ", ".join(f"{b} ({dataset.descriptions[b - 1]})" for b in bands)
    chosen = ",".join(map(str, bands))
    return (
        f"{name}: bands {said} are read as red, green, blue. If that is wrong, name the bands "
        f"(--bands {chosen} is what was taken)."
    )
