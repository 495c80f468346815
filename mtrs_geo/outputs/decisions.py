"""Refuse to replace a vector file with review decisions, which no run can write again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from mtrs_geo.errors import OutputError

__all__ = ["count_decisions", "refuse_reviewed"]

_COLUMN = "review"
_SPECIAL = frozenset("!;?#\n\r\t")
"""Characters that pyogrio does not take as parts of a file name."""


def refuse_reviewed(target: Path, *, held: int = 0) -> None:
    """Refuse to replace a file with review decisions.

    Args:
        target: the file.
        held: decisions of the new file, which may be copies of those of the old one.

    Raises:
        OutputError: if the old file has more of them.
    """
    count = count_decisions(target)
    if count <= held:
        return
    what = f"{count:,} review decision{'s' if count > 1 else ''}"
    msg = f"{target} holds {what}, which would be lost: an output replaces the whole file."
    raise OutputError(msg, advice="Give another name, or rename or delete the file first.")


def count_decisions(path: Path) -> int:
    """Return how many features have a text in the column ``review``.

    It is 0 for a file that is missing, damaged or of another format.
    """
    read = _COUNTERS.get(path.suffix.lower())
    try:
        return read(path) if read is not None and path.is_file() else 0
    # Also every error of pandas, pyarrow and pyogrio.
    except (OSError, ValueError, LookupError, RuntimeError, sqlite3.Error):
        return 0


def _in_geopackage(path: Path) -> int:
    # Immutable: SQLite makes no file beside it.
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    count = 0
    with closing(sqlite3.connect(address, uri=True)) as database:
        for (layer,) in database.execute("SELECT table_name FROM gpkg_contents").fetchall():
            fields = database.execute("SELECT name FROM pragma_table_info(?)", (layer,)).fetchall()
            for column in _columns(name for (name,) in fields):
                texts = f"trim(CAST({_quoted(column)} AS TEXT))"
                # The names are those of the file, in quotes.
                query = f"SELECT count(*) FROM {_quoted(layer)} WHERE {texts} <> ''"
                count += database.execute(query).fetchone()[0]
    return count


def _in_layer(path: Path) -> int:
    """Count with GDAL, which names no layer for these formats."""
    from pyogrio import read_info
    from pyogrio.raw import read

    # The bytes of a file whose name GDAL would take for options; not of a shapefile's parts.
    is_special = bool(_SPECIAL & set(str(path.absolute()))) and path.suffix.lower() != ".shp"
    source = path.read_bytes() if is_special else path
    columns = _columns(read_info(source)["fields"])
    if not columns:
        return 0
    _, _, _, found = read(source, columns=columns, read_geometry=False)
    return sum(map(_count, found))


def _in_csv(path: Path) -> int:
    import pandas as pd

    table = pd.read_csv(path, usecols=lambda name: bool(_columns([name])), dtype=str)
    return sum(_count(table[name]) for name in table.columns)


def _in_parquet(path: Path) -> int:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        table = file.read(columns=_columns(file.schema_arrow.names))
    return sum(_count(column.to_pylist()) for column in table.columns)


_COUNTERS = {
    ".gpkg": _in_geopackage,
    ".parquet": _in_parquet,
    ".geojson": _in_layer,
    ".csv": _in_csv,
    ".fgb": _in_layer,
    ".shp": _in_layer,
}


def _columns(names: Iterable[object]) -> list[str]:
    """Return the names of the column, which some databases write in upper case."""
    return [str(name) for name in names if str(name).lower() == _COLUMN]


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _count(values: Iterable[object]) -> int:
    """Return how many values are neither missing nor empty; NaN differs from itself."""
    return sum(1 for one in values if one is not None and one == one and str(one).strip())
