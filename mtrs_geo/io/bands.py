"""Choose the red, green and blue bands of a raster."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from numbers import Integral
from typing import Any

from rasterio.enums import ColorInterp
from rasterio.io import DatasetReader

from mtrs_geo.errors import RasterError, RequestError
from mtrs_geo.io.band_names import Bands, bands_by_description, colour_of, is_code, is_generic
from mtrs_geo.io.dates import find_date
from mtrs_geo.types import BandChoice

__all__ = ["choose_bands", "split_bands"]

_WAVELENGTH_TAGS = ("WAVELENGTH", "CENTRAL_WAVELENGTH", "CENTRAL_WAVELENGTH_UM", "WAVELENGTHS")
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
_SATELLITE_TAGS = ("SPACECRAFT_ID", "SATELLITE", "SATELLITEID", "PLATFORM", "SENSOR_ID", "SENSOR")

_TIME_TAG = re.compile(
    r"NETCDF_DIM_(?:time|t|date|datetime|year|month|season)|GRIB_VALID_TIME", re.IGNORECASE
)
"""Tags of a band with its time."""
_OTHER_COLOURS: tuple[tuple[str, tuple[ColorInterp, ...]], ...] = (
    ("cyan, magenta and yellow", (ColorInterp.cyan, ColorInterp.magenta, ColorInterp.yellow)),
    ("Y, Cb and Cr", (ColorInterp.Y, ColorInterp.Cb, ColorInterp.Cr)),
    ("hue, saturation and lightness",
     (ColorInterp.hue, ColorInterp.saturation, ColorInterp.lightness)),
)  # fmt: skip
"""Colour interpretations of three bands that are not red, green and blue."""
_UNNAMED_ORDERS: dict[int, tuple[Bands, str]] = {
    4: ((3, 2, 1), "blue, green, red, near infrared"),
    5: ((3, 2, 1), "blue, green, red and two more"),
    6: ((3, 2, 1), "blue, green, red and three more"),
    7: ((4, 3, 2), "coastal, blue, green, red and three more, as of Landsat 8"),
    8: ((6, 4, 2), "coastal, blue, green I, green, yellow, red, …, as of PlanetScope"),
    10: ((3, 2, 1), "blue, green, red, …, as of Sentinel-2 without its 60 m bands"),
    12: ((4, 3, 2), "coastal, blue, green, red, …, as of Sentinel-2"),
    13: ((4, 3, 2), "coastal, blue, green, red, …, as of Sentinel-2"),
}
"""Number of image bands to the usual order of satellite products without band names."""
_WORLDVIEW_ORDER: tuple[Bands, str] = (
    (5, 3, 2),
    "coastal, blue, green, yellow, red, …, as of WorldView",
)
_WORLDVIEW = re.compile(r"(?<![a-z])WV_?0?[23](?!\d)|WORLDVIEW|LEGION", re.IGNORECASE)
_NONE_DESCRIBED = "No three bands are described as these colours. "
_NAIP = re.compile(r"(?<![a-z])NAIP|(?<![a-z\d])m_\d{7}_[ns][ew]_\d\d_", re.IGNORECASE)


def split_bands(bands: BandChoice | None, count: int) -> list[tuple[int, ...] | None]:
    """Return the bands of each raster.

    Args:
        bands: the same band numbers for all rasters, or one choice per raster.
        count: number of rasters.

    Raises:
        RequestError: if there is neither one choice nor one per raster, or one is no numbers.
    """
    if bands is None:
        return [None] * count
    advice = "Give one band, or three for red, green and blue: once, or once per raster."
    if isinstance(bands, Integral):
        bands = (int(bands),)
    is_listed = not isinstance(bands, str) and all(
        isinstance(choice, Sequence) and not isinstance(choice, str) for choice in bands
    )
    choices: Any = list(bands) if is_listed else [bands]
    if len(choices) == 1:
        choices *= count
    if len(choices) != count:
        msg = f"{len(choices)} choices of bands were given for {count} rasters."
        raise RequestError(msg, advice=advice)
    for choice in choices:
        is_numbers = not isinstance(choice, str | Set | Mapping) and all(
            isinstance(band, Integral) for band in choice
        )
        if not is_numbers or len(choice) not in {1, 3}:
            msg = f"bands {choice!r} are not allowed."
            raise RequestError(msg, advice=advice)
    return [tuple(choice) for choice in choices]


def choose_bands(
    dataset: DatasetReader, name: str, bands: tuple[int, ...] | None, alpha: int | None
) -> tuple[Bands, str | None]:
    """Return the numbers of the red, green and blue band, from 1, and a warning for the user.

    Band descriptions have priority over the colour interpretation, which GDAL can guess:
    it takes any three byte bands of a GeoTIFF for red, green and blue.

    Args:
        dataset: open raster.
        name: file name for messages.
        bands: one or three band numbers that the user chose; None chooses them.
        alpha: number of the band that is the mask.

    Raises:
        RasterError: if a band is missing, or the bands are colours of another colour space or
            those of several dates.
    """
    if bands is not None:
        return _check_bands(dataset, name, bands), None
    chosen, warning = _chosen(dataset, name, alpha)
    _refuse_dates(dataset, name, chosen)
    return chosen, warning


def _chosen(dataset: DatasetReader, name: str, alpha: int | None) -> tuple[Bands, str | None]:
    """Return the bands that the raster says, or a guess, with a warning for the user."""
    interpreted = _by_interpretation(dataset)
    described = bands_by_description(_texts(dataset), f"{name} {_satellite(dataset)}")
    if described:
        # Byte bands B1, B2, B3 that have a colour interpretation are only counted.
        if described[1] and interpreted and dataset.dtypes[0] == "uint8":
            return interpreted, None
        return described[0], _note(dataset, name, *described)
    image = [b for b in range(1, dataset.count + 1) if b != alpha]
    if interpreted:
        warning = _contradiction(dataset, name, interpreted)
        return interpreted, warning or _unknown(dataset, name, interpreted, image)
    _refuse_other_colours(dataset, name)
    if not image:
        msg = f"{name} has only an alpha band."
        raise RasterError(msg, advice="Give a raster with image bands.")
    if len(image) < 3:
        return (image[0],) * 3, _only_first(dataset, name, image)
    return _by_usual_order(dataset, name, image)


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


def _refuse_other_colours(dataset: DatasetReader, name: str) -> None:
    """Refuse a raster whose bands are said to be colours of a printer, a video or a wheel."""
    interps = set(dataset.colorinterp)
    for words, colours in _OTHER_COLOURS:
        if interps.issuperset(colours):
            msg = f"the bands of {name} are {words}, not red, green and blue."
            raise RasterError(
                msg,
                advice="Convert it to red, green and blue first. If its bands are only tagged "
                "wrongly, give them: --bands 1,2,3 (bands=(1, 2, 3)).",
            )


def _refuse_dates(dataset: DatasetReader, name: str, chosen: Bands) -> None:
    """Refuse a raster whose bands are those of several dates."""
    # A grey image is read from the first band alone, which hides the dates of the others.
    is_grey = len(set(chosen)) == 1
    numbers = range(1, dataset.count + 1) if is_grey else chosen
    dates = {band: date for band in numbers if (date := _date_of_band(dataset, band))}
    if len(set(dates.values())) < 2:
        return
    shown = ", ".join(f"band {band} of {date}" for band, date in list(dates.items())[:3])
    first, last = min(dates), max(dates)
    raise RasterError(
        f"the bands of {name} are of several dates, not red, green and blue: {shown}.",
        advice="Give the file once per date, each with the band of its date: "
        f"--bands {first} --bands {last} (bands=[({first},), ({last},)]).",
    )


def _date_of_band(dataset: DatasetReader, band: int) -> str | None:
    """Return the time of a band in a netCDF or GRIB file, or the date that its name has."""
    for tag, value in dataset.tags(band).items():
        if _TIME_TAG.fullmatch(tag):
            return f"{tag} = {value}"
    return find_date([dataset.descriptions[band - 1] or ""])


def _by_usual_order(
    dataset: DatasetReader, name: str, image: Sequence[int]
) -> tuple[Bands, str | None]:
    """Return the bands of a raster without band names, by the number of its bands."""
    first = (image[0], image[1], image[2])
    is_named = any(not is_generic(text) for text in dataset.descriptions)
    is_byte_photo = dataset.dtypes[0] == "uint8" and len(image) == 4
    if is_named or is_byte_photo or _NAIP.search(name) or len(image) not in _UNNAMED_ORDERS:
        return first, _contradiction(dataset, name, first) or _unknown(dataset, name, first, image)
    is_worldview = len(image) == 8 and _WORLDVIEW.search(f"{name} {_satellite(dataset)}")
    order, words = _WORLDVIEW_ORDER if is_worldview else _UNNAMED_ORDERS[len(image)]
    red, green, blue = (image[number - 1] for number in order)
    option = f"{red},{green},{blue}"
    warning = (
        f"{name} has {len(image)} bands without names. Their order is taken to be {words}: bands "
        f"{red}, {green}, {blue} are read as red, green, blue. This is a guess, as with --bands "
        f"{option}. If it is wrong, give other bands."
    )
    return (red, green, blue), warning


def _texts(dataset: DatasetReader) -> list[str]:
    """Return the description of each band, with the wavelength in its tags."""
    texts = []
    for number, description in enumerate(dataset.descriptions, 1):
        tags = {**dataset.tags(number), **dataset.tags(number, ns="IMAGERY")}
        tags = {key.upper(): value for key, value in tags.items()}
        waves = [_with_unit(tag, tags) for tag in _WAVELENGTH_TAGS if tag in tags]
        named = description or tags.get("BANDNAME") or tags.get("BAND_NAME") or ""
        texts.append(" ".join([named, *waves[:1]]).strip())
    return texts


def _with_unit(tag: str, tags: dict[str, str]) -> str:
    value, unit = tags[tag].strip(), tags.get("WAVELENGTH_UNITS", "").lower()
    if _NUMBER.fullmatch(value) is None:
        return value
    is_micrometres = tag.endswith("_UM") or unit.startswith(("mic", "um", "µm"))
    return f"{value} {'um' if is_micrometres or (not unit and float(value) < 30) else 'nm'}"


def _satellite(dataset: DatasetReader) -> str:
    tags = {**dataset.tags(), **dataset.tags(ns="IMAGERY")}
    return " ".join(value for tag, value in tags.items() if tag.upper() in _SATELLITE_TAGS)


def _contradiction(dataset: DatasetReader, name: str, bands: Bands) -> str | None:
    """Return a warning if the description of a band names another colour than it is read as."""
    texts = [_texts(dataset)[band - 1] for band in bands]
    named = [colour_of(text) for text in texts]
    is_right = all(
        found in {None, colour}
        for found, colour in zip(named, ("red", "green", "blue"), strict=True)
    )
    if is_right and not any(map(is_code, texts)):
        return _repetition(dataset, name, bands)
    return _as_read(dataset, name, bands, _NONE_DESCRIBED)


def _unknown(dataset: DatasetReader, name: str, bands: Bands, image: Sequence[int]) -> str | None:
    """Return a warning if three of more image bands are read whose names are no colours."""
    texts = [_texts(dataset)[band - 1] for band in bands]
    if len(image) == len(bands) or any(is_generic(text) or colour_of(text) for text in texts):
        return None
    return _as_read(dataset, name, bands, f"{_NONE_DESCRIBED}This is a guess. ")


def _only_first(dataset: DatasetReader, name: str, image: Sequence[int]) -> str | None:
    """Return a warning if one of two image bands is read, such as VV of a radar image."""
    if len(image) == 1:
        return None
    first, second = (f"{band} ({dataset.descriptions[band - 1] or 'unnamed'})" for band in image)
    return (
        f"{name} has two bands. Band {first} is read as grey, as with --bands {image[0]}, and band "
        f"{second} is not read. If that is wrong, give --bands {image[1]}."
    )


def _repetition(dataset: DatasetReader, name: str, bands: Bands) -> str | None:
    """Return a warning if several bands are described as one colour, as those of two dates."""
    texts = _texts(dataset)
    colours = [colour_of(text) for text in texts]
    named = {colours[band - 1] for band in bands} - {None, "other"}
    others = [b for b, colour in enumerate(colours, 1) if colour in named and b not in bands]
    if not others:
        return None
    band = others[0]
    why = (
        f"Other bands are described as these colours, too, such as band {band} "
        f"({texts[band - 1]}). A file with several dates is given once per date, "
        "each with its --bands. "
    )
    return _as_read(dataset, name, bands, why)


def _note(dataset: DatasetReader, name: str, bands: Bands, is_guess: bool) -> str | None:
    """Return a message about the bands that are read, if a user may expect others."""
    if not is_guess and bands == (_by_interpretation(dataset) or (1, 2, 3)):
        return None
    return _as_read(dataset, name, bands, "This is a guess. " if is_guess else "")


def _as_read(dataset: DatasetReader, name: str, bands: Bands, why: str) -> str:
    described = ", ".join(f"{b} ({dataset.descriptions[b - 1] or 'unnamed'})" for b in bands)
    option = ",".join(map(str, bands))
    return (
        f"{name}: bands {described} are read as red, green, blue, as with --bands {option}. {why}"
        "If that is wrong, give other bands."
    )
