"""Dates in names and tags of rasters, by the rules of mtrs_geo.io.dates; needs no QGIS.

A test compares both modules on the same texts.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import date, timedelta

__all__ = ["ACQUISITION_TAGS", "EXPORT_TAGS", "date_in", "tag_date"]

ACQUISITION_TAGS = (
    "ACQUISITIONDATETIME", "ACQUISITION_DATETIME", "ACQUISITION_DATE", "DATE_ACQUIRED",
    "ACQUISITION_TIME", "ACQUISITION_START_TIME", "SENSING_TIME", "IMAGING_DATE", "ACQUIRED",
    "FIRSTLINETIME", "DATATAKE_1_DATATAKE_SENSING_START", "PRODUCT_START_TIME", "NITF_IDATIM",
    "EXIF_DATETIMEORIGINAL",
)  # fmt: skip
EXPORT_TAGS = ("TIFFTAG_DATETIME", "DATETIME", "DATE")
"""Tags that software often sets to the time of the export; a date in the file's name is better."""

_DAY = re.compile(
    r"(?<!\d)(\d{4})([-_.:]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])"
    r"(?:\d{4}|\d{6}|\d{7}|\d{9})?(?!\d)"
)
_MONTH = re.compile(
    r"(?<!\d)(\d{4})[-_.](0[1-9]|1[0-2])(?![\da-z])(?![-_.]\d\d?(?![\da-z]))"
    r"|(?<!\d)(20\d\d)(0[1-9]|1[0-2])(?!\d)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?<!\dx)(\d{4})(?=q[1-4](?!\d)|[^\da-z]|$)", re.IGNORECASE)
_PRODUCTS = (
    re.compile(r"L[COTEM]0\d_L\w{3}_\d{6}_(\d{4})(\d\d)(\d\d)_\d{8}"),  # Landsat
    re.compile(r"S2[A-D]_MSI\w{3}_(\d{4})(\d\d)(\d\d)T\d{6}"),  # Sentinel-2
    re.compile(r"\bm_\d{7}_[ns][ew]_\d\d_\w{1,3}_(\d{4})(\d\d)(\d\d)(?!\d)", re.I),  # NAIP
    re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)_\d{6}_(?:\d\d_)?[0-9a-f]{4}_", re.I),  # PlanetScope
)
"""Names of products whose first date is the acquisition, as year, month and day."""
_LANDSAT_SCENE = re.compile(r"L[COTEM][4-9]\d{6}(\d{4})(\d{3})[A-Z]{3}\d\d")
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_MAXAR = re.compile(rf"(?<!\d)(\d\d)({'|'.join(_MONTHS)})(\d\d)\d{{6,8}}(?!\d)", re.IGNORECASE)
_FIRST_YEAR = 1900


def date_in(text: str) -> str | None:
    """Return the date in a text as ISO date, year-month or year; None if there is none.

    A full date has priority over a month, and a month over a year.  A text with two different
    dates has none, unless it is the name of a known product.
    """
    product = _product_date(text)
    if product:
        return product
    days = {day for year, _, month, dom in _DAY.findall(text) if (day := _day(year, month, dom))}
    if days:
        return days.pop() if len(days) == 1 else None
    months = {f"{a or c}-{b or d}" for a, b, c, d in _MONTH.findall(text) if _is_year(a or c)}
    if months:
        return months.pop() if len(months) == 1 else None
    years = set(filter(_is_year, _YEAR.findall(text)))
    return years.pop() if len(years) == 1 else None


def tag_date(tags: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    """Return the date of the first tag that has one; None if none has.

    Args:
        tags: names in capitals to values.
        names: `ACQUISITION_TAGS` or `EXPORT_TAGS`.
    """
    return next((found for name in names if (found := date_in(tags.get(name, "")))), None)


def _product_date(text: str) -> str | None:
    for product in _PRODUCTS:
        match = product.search(text)
        if match:
            return _day(*match.groups())
    match = _LANDSAT_SCENE.search(text)
    if match:
        year, day_of_year = match.groups()
        if _is_year(year) and 1 <= int(day_of_year) <= 366:
            return (date(int(year), 1, 1) + timedelta(int(day_of_year) - 1)).isoformat()
    match = _MAXAR.search(text)
    if match:
        short_year, month, day = match.groups()
        return _day(f"20{short_year}", str(_MONTHS.index(month.upper()) + 1), day)
    return None


def _day(year: str, month: str, day: str) -> str | None:
    try:
        iso_date = date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
    return iso_date if _is_year(year) else None


def _is_year(text: str) -> bool:
    return _FIRST_YEAR <= int(text) <= time.gmtime().tm_year + 1
