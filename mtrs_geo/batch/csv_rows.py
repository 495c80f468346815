"""Read the rows of a CSV file as spreadsheets and databases write them."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from mtrs_geo.errors import RequestError

__all__ = ["read_csv_rows"]

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""First bytes of a file to its encoding."""
_ENCODINGS = ("utf-8", "cp1252")
"""Tried in turn without such a mark; the second is that of spreadsheets on Windows."""
_OTHER_CODE_PAGE = re.compile(r"[\u0080-\u00ff]{4,}")
"""Text of another code page that was decoded as Windows-1252: letters with accents only."""
_BEFORE_HEADER = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))+")
"""Empty lines and comments."""
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""A line with which a spreadsheet names the separator."""


def read_csv_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file by column.

    The text is UTF-8, UTF-16 with a byte order mark, or Windows-1252; cells are separated by
    commas, semicolons, tabs or bars.  Rows without a value, columns without a name and a value, and
    comments are left out: lines that begin with #, unless every row does.

    Args:
        path: the file.

    Raises:
        RequestError: if a row has more or fewer cells than the header, two columns have one name,
            a quotation mark is not closed, or the text cannot be decoded.
        OSError: if the file cannot be read.
    """
    text = _decoded(path)
    named = _SEPARATOR_LINE.match(text)
    if named is not None:
        text = text[named.end() :]
    blank = _BEFORE_HEADER.match(text)
    if blank is not None:
        text = text[blank.end() :]
    header = text.partition("\n")[0]
    delimiter = named[1] if named else max(",;\t|", key=header.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [name.strip() for name in next(lines, [])]
        _refuse_same_names(columns, path)
        return list(_rows(_without_comments(lines), columns, path))
    except csv.Error as error:
        msg = f"{path} cannot be read as CSV: {error} (line {lines.line_num})."
        advice = "Check the quotation marks, and save it as CSV in UTF-8."
        raise RequestError(msg, advice=advice) from error


def _refuse_same_names(columns: Iterable[str], path: Path) -> None:
    for name, count in Counter(columns).items():
        if name and count > 1:
            msg = f"{path} has {count} columns with the name {name!r}."
            raise RequestError(msg, advice="Remove one of the columns.")


def _without_comments(lines: Iterable[list[str]]) -> list[list[str]]:
    rows = [cells for cells in lines if any(cell.strip() for cell in cells)]
    kept = [cells for cells in rows if not cells[0].lstrip().startswith("#")]
    return kept or rows


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    marked = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    for encoding in (marked,) if marked else _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "cp1252" and _OTHER_CODE_PAGE.search(text):
            break
        if "\0" not in text:
            return text
    msg = f"{path} is neither UTF-8 nor Windows-1252 text."
    raise RequestError(msg, advice="Save it as CSV in UTF-8.")


def _rows(lines: Iterable[list[str]], columns: list[str], path: Path) -> Iterator[dict[str, str]]:
    for number, cells in enumerate(lines, 1):
        values = [cell.strip() for cell in cells]
        missing = len(columns) - len(values)
        if missing > 0 or any(values[len(columns) :]):
            msg = f"{path}, row {number}: it does not have the {len(columns)} cells of the header."
            raise RequestError(msg, advice="Put text with commas in quotation marks.")
        row = {name: value for name, value in zip(columns, values, strict=False) if name or value}
        if "" in row:
            msg = f"{path}, row {number}: {row['']!r} is in a column without a name."
            raise RequestError(msg, advice="Give each column a name in the first line.")
        yield row
