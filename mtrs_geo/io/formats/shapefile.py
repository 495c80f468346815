"""Fit a layer to a shapefile: names of 10 characters, text of 254 bytes, files of 2 GB.

Also which of the files of a shapefile are damaged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtrs_geo.outputs import all_files

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["LAYER_OPTIONS", "MOST_TEXT_BYTES", "fit_names", "fit_text", "long_texts", "lost_parts"]

MOST_TEXT_BYTES = 254
"""Longest text of an attribute, in UTF-8."""
LAYER_OPTIONS: Mapping[str, str] = {"ENCODING": "UTF-8", "2GB_LIMIT": "YES"}
_NAMES = {
    "date_before": "date_befor",
    "perimeter_m": "perim_m",
    "model_version": "model_vers",
    "touches_edge": "at_edge",
}
"""Names of `CHANGE_COLUMNS` that are too long."""
_NAME_BYTES = 10


def fit_names(schema: pa.Schema) -> pa.Schema:
    """Return a schema whose names have at most 10 bytes and differ in any case."""
    import pyarrow as pa

    taken: set[str] = set()
    fields = []
    for field in schema:
        name = _NAMES.get(field.name, field.name)
        short, number = _cut(name, _NAME_BYTES), 1
        while short.lower() in taken:
            end = f"_{number}"
            short, number = _cut(name, _NAME_BYTES - len(end)) + end, number + 1
        taken.add(short.lower())
        fields.append(field.with_name(short))
    return pa.schema(fields, metadata=schema.metadata)


def fit_text(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield batches with the names of a schema and text of at most 254 bytes."""
    import pyarrow as pa

    for batch in batches:
        columns: list[Any] = [
            pa.array([text and _cut(text, MOST_TEXT_BYTES) for text in column.to_pylist()])
            if pa.types.is_string(column.type)
            else column
            for column in batch.columns
        ]
        typed = [c.cast(field.type) for c, field in zip(columns, schema, strict=True)]
        yield pa.record_batch(typed, schema=schema)


def long_texts(texts: Sequence[str]) -> list[str]:
    """Return the texts that a shapefile shortens."""
    return [text for text in texts if len(text.encode()) > MOST_TEXT_BYTES]


def lost_parts(path: Path) -> list[Path]:
    """Return the files of a shapefile that are missing, empty or shorter than their header says.

    GDAL reads the others without a word: without polygons, attributes, CRS or encoding.

    Args:
        path: the .shp file of a shapefile with .shx, .dbf, .prj and .cpg.
    """
    return [part for part in all_files(path) if _is_lost(part)]


def _is_lost(part: Path) -> bool:
    try:
        size = part.stat().st_size
        with part.open("rb") as file:
            head = file.read(100)
    except OSError:
        return True
    suffix = part.suffix.lower()
    if suffix in (".shp", ".shx"):  # 16-bit words
        return size < 100 or size < 2 * int.from_bytes(head[24:28], "big")
    if suffix == ".dbf":
        places = ((4, 8), (8, 10), (10, 12))
        records, header, record = (int.from_bytes(head[i:j], "little") for i, j in places)
        return size < 32 or size < header + records * record
    return size == 0


def _cut(text: str, most_bytes: int) -> str:
    """Return the beginning of a text, without a broken character at its end."""
    return text.encode()[:most_bytes].decode(errors="ignore")
