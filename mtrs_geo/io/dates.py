"""Find the date of a raster in its tags and its file name."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, TypeAlias

from rasterio.io import DatasetReader

from mtrs_geo.errors import RequestError

__all__ = [
    "RasterDate",
    "date_attributes",
    "date_tags",
    "find_date",
    "parse_date",
    "raster_date",
]

DateOrigin: TypeAlias = Literal["option", "tag", "name", "export tag"]

_ACQUISITION_TAGS = (
    "ACQUISITIONDATETIME", "ACQUISITION_DATETIME", "ACQUISITION_DATE", "DATE_ACQUIRED",
    "ACQUISITION_TIME", "ACQUISITION_START_TIME", "SENSING_TIME", "IMAGING_DATE", "ACQUIRED",
    "FIRSTLINETIME", "DATATAKE_1_DATATAKE_SENSING_START", "PRODUCT_START_TIME", "NITF_IDATIM",
    "EXIF_DATETIMEORIGINAL",
)  # fmt: skip
_PLACEHOLDERS = {"NITF_IDATIM": "20021216151629"}
"""Values of tags that are no date: GDAL writes this one into every NITF file of its own."""
_PERIOD_TAGS = (
    ("TIME_COVERAGE_START", "TIME_COVERAGE_END"),
    ("RANGEBEGINNINGDATE", "RANGEENDINGDATE"),
)
"""First and last time of netCDF and HDF-EOS, whose data can be of days or years."""
_NAMESPACES = (None, "IMAGERY", "ENVI", "EXIF")
_EXPORT_TAGS = ("TIFFTAG_DATETIME", "DATETIME", "DATE")
"""Tags that software often sets to the time of the export."""

_DAY = re.compile(
    r"(?<!\d)(\d{4})([-_.:]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])"
    r"(?:\d{4}|\d{6}|\d{7}|\d{9})?(?!\d)"
)
"""Year, month and day; a time may follow without a separator."""
_MONTH = re.compile(
    r"(?<!\d)(\d{4})[-_.](0[1-9]|1[0-2])(?![\da-z])(?![-_.]\d\d?(?![\da-z]))|(?<!\d)(20\d\d)(0[1-9]|1[0-2])(?!\d)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?<!\dx)(\d{4})(?=q[1-4](?!\d)|[^\da-z]|$)", re.IGNORECASE)
_PRODUCTS = (
    # Landsat, acquired and processed: LC08_L2SP_027039_20190801_20200827_02_T1
    re.compile(r"L[COTEM]0\d_L\w{3}_\d{6}_(\d{4})(\d\d)(\d\d)_\d{8}"),
    # Sentinel-2, sensed and made: S2A_MSIL2A_20190801T170851_N0213_R112_T14RPT_20190801T213017
    re.compile(r"S2[A-D]_MSI\w{3}_(\d{4})(\d\d)(\d\d)T\d{6}"),
    # NAIP, flown and published: m_3012345_ne_14_060_20180801_20190211
    re.compile(r"\bm_\d{7}_[ns][ew]_\d\d_\w{1,3}_(\d{4})(\d\d)(\d\d)(?!\d)", re.IGNORECASE),
    # PlanetScope: 20190801_173012_1033_3B_AnalyticMS_SR
    re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)_\d{6}_(?:\d\d_)?[0-9a-f]{4}_", re.IGNORECASE),
)
"""Names of products whose first date is the acquisition, as year, month and day."""
_DAYS_OF_YEAR = (
    re.compile(r"L[COTEM][4-9]\d{6}(\d{4})(\d{3})[A-Z]{3}\d\d"),
    # MODIS and VIIRS: MOD09GA.A2019213.h08v05.006, MOD13Q1_NDVI_doy2019213_aid0001
    re.compile(r"(?:^|[._])(?:A|doy)(\d{4})(\d{3})(?=[._]|$)", re.IGNORECASE),
    # Harmonized Landsat and Sentinel-2: HLS.S30.T14RPT.2019213T170851.v2.0
    re.compile(r"(?:^|[._])(\d{4})(\d{3})T\d{6}(?!\d)"),
)
"""Year and day of the year, as in LC80270392019213LGN00."""
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_MAXAR = re.compile(rf"(?<!\d)(\d\d)({'|'.join(_MONTHS)})(\d\d)\d{{6,8}}(?!\d)", re.IGNORECASE)
"""Two digits of the year, month and day, then the time, as in 19AUG01173012."""
_GIVEN = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ]\S+)?)?)?")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""Identifiers of orders and downloads, whose digits are not a date."""
_FIRST_YEAR = 1900


@dataclass(frozen=True)
class RasterDate:
    """The date of a raster, and where it was found."""

    iso: str
    """ISO date, year and month, or year."""
    origin: DateOrigin
    text: str
    """Origin in words, for messages."""
    contradicted: str = ""
    """Another date in the file name of a raster whose tag has priority."""

    @property
    def is_weak(self) -> bool:
        """Whether the date can be that of the export."""
        return self.origin == "export tag"


def date_tags(dataset: DatasetReader) -> dict[str, str]:
    """Return the tags of a raster in which a date can be: names in capitals to values."""
    found: dict[str, str] = {}
    for namespace in _NAMESPACES:
        for key, value in dataset.tags(ns=namespace).items():
            found[_tag_name(key)] = value
    return found


def date_attributes(attributes: Mapping[Any, object]) -> dict[str, str]:
    """Return the attributes of an xarray object in which a date can be, as of `date_tags`."""
    named = {_tag_name(str(key)): value for key, value in attributes.items()}
    periods = itertools.chain(*_PERIOD_TAGS)
    known = {*_ACQUISITION_TAGS, *periods, *_EXPORT_TAGS}
    return {key: value for key, value in named.items() if key in known and isinstance(value, str)}


def _tag_name(key: str) -> str:
    # GDAL's netCDF driver names the file's own attributes so.
    return key.upper().removeprefix("NC_GLOBAL#").replace(" ", "_")


def raster_date(name: str, tags: Mapping[str, str], path: str = "") -> RasterDate | None:
    """Return the date of a raster from its tags, its file name and the product that it is in.

    Tags of the acquisition have priority over the file name, and that over tags that can
    hold the time of the export, such as TIFFTAG_DATETIME.

    Args:
        name: file name.
        tags: names in capitals to values, as of `date_tags`.
        path: path whose folders can be those of a product, such as a .SAFE.
    """
    named = find_date([name])
    for tag, text in _acquisitions(tags):
        if iso := find_date([text]):
            agrees = named is None or iso.startswith(named) or named.startswith(iso)
            return RasterDate(iso, "tag", f"tag {tag}", "" if agrees else str(named))
    if iso := named:
        return RasterDate(iso, "name", "file name")
    for folder in reversed(re.split(r"[/\\]", path)[:-1]):
        if iso := _product_date(folder):
            return RasterDate(iso, "name", "folder name")
    for tag in _EXPORT_TAGS:
        if iso := find_date([tags.get(tag, "")]):
            return RasterDate(iso, "export tag", f"tag {tag}, which is often the date of export")
    return None


def _acquisitions(tags: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the tags of an acquisition with a text for its date."""
    for tag in _ACQUISITION_TAGS:
        if tags.get(tag, "") != _PLACEHOLDERS.get(tag):
            yield tag, tags.get(tag, "")
    for first, last in _PERIOD_TAGS:
        start = find_date([tags.get(first, "")]) or ""
        end = find_date([tags.get(last, "")]) or start
        # What both share: the day, the month or the year; nothing if the years differ.
        yield first, next((start[:n] for n in (10, 7, 4) if start[:n] == end[:n]), "")


def parse_date(value: object) -> str:
    """Return a date that the user gave as ISO date, year and month, or year.

    Args:
        value: text such as ``2019-08-01``, ``2019-08`` or ``2019``, with or without a time; a
            year as a number; or a date or datetime.

    Raises:
        RequestError: if it is not a date.
    """
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    match = _GIVEN.fullmatch(str(value).strip())
    if match is not None:
        year, month, day = match.groups()
        iso = "-".join(filter(None, (year, month, day)))
        if _day(year, month or "01", day or "01"):
            return iso
    msg = f"{str(value)!r} is not a date that can be used."
    raise RequestError(
        msg, advice="Give ISO dates or years, one per raster, for example 2016-06-15 or 2016."
    )


def find_date(texts: Iterable[str]) -> str | None:
    """Return the date of the first text that has one; None if none has.

    A full date has priority over a month, and a month over a year.  A text with two different
    dates has none, because it is ambiguous, unless it is the name of a known product.  Future
    years, as in ``tile_2048``, are not dates.

    Args:
        texts: tags and names, the most reliable first.
    """
    return next((iso_date for iso_date in map(_date_of, texts) if iso_date), None)


def _date_of(text: str) -> str | None:
    text = _UUID.sub("", text)
    if iso_date := _product_date(text):
        return iso_date
    days = {day for year, _, month, dom in _DAY.findall(text) if (day := _day(year, month, dom))}
    if days:
        return days.pop() if len(days) == 1 else None
    months = {f"{a or c}-{b or d}" for a, b, c, d in _MONTH.findall(text) if _is_year(a or c)}
    if months:
        return months.pop() if len(months) == 1 else None
    years = set(filter(_is_year, _YEAR.findall(text)))
    return years.pop() if len(years) == 1 else None


def _product_date(text: str) -> str | None:
    for product in _PRODUCTS:
        if match := product.search(text):
            return _day(*match.groups())
    for product in _DAYS_OF_YEAR:
        if (match := product.search(text)) and (iso_date := _day_of_year(*match.groups())):
            return iso_date
    if match := _MAXAR.search(text):
        short_year, month, day = match.groups()
        return _day(f"20{short_year}", str(_MONTHS.index(month.upper()) + 1), day)
    return None


def _day_of_year(year: str, number: str) -> str | None:
    if not _is_year(year):
        return None
    found = date(int(year), 1, 1) + timedelta(int(number) - 1)
    return found.isoformat() if found.year == int(year) else None


def _day(year: str, month: str, day: str) -> str | None:
    try:
        iso_date = date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
    return iso_date if _is_year(year) else None


def _is_year(text: str) -> bool:
    # Next year is valid: time zones differ, and mosaics are named for the year of their use.
    return _FIRST_YEAR <= int(text) <= datetime.now(UTC).year + 1
