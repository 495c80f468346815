"""Metadata of a layer of changes: items that GDAL shows, and a record that QGIS shows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

from mtrs_geo.io.formats.layer_spec import LayerSpec

__all__ = ["RunFacts", "embed_metadata"]

_QGIS = "http://mrcc.com/qgis.dtd"
"""QGIS's name for its own metadata in gpkg_metadata."""
_KEYS = ("UNDERSTOOD", "QUESTIONS", "PARAMETERS", "WARNINGS", "NOTES", "VERSIONS")


@dataclass(frozen=True)
class RunFacts:
    """What a layer says about the run that made it."""

    understood: Sequence[str]
    """How each sentence was understood."""
    parameters: Mapping[str, object]
    """Options of the run that JSON can hold."""
    warnings: Sequence[str]
    notes: Sequence[str]
    versions: Mapping[str, str]
    """Versions of mtrs-geo, the model and libraries by name."""
    questions: Sequence[Mapping[str, object]] = ()
    """How each sentence was understood, as records that JSON can hold."""

    def items(self) -> dict[str, str]:
        """Return metadata items: names in capitals to JSON."""
        values = (
            list(self.understood), list(self.questions), dict(self.parameters),
            list(self.warnings), list(self.notes), dict(self.versions),
        )  # fmt: skip
        return {
            f"MTRS_GEO_{key}": json.dumps(value, ensure_ascii=False)
            for key, value in zip(_KEYS, values, strict=True)
        }


def embed_metadata(path: Path, spec: LayerSpec) -> None:
    """Add a record to a GeoPackage that QGIS shows in the layer's properties.

    GDAL has written the items of ``spec.extras`` as a record of its own, which created the tables
    gpkg_metadata and gpkg_metadata_reference.

    Raises:
        OSError: if the file cannot be written.
    """
    import sqlite3
    from contextlib import closing

    items = spec.extras.metadata
    if f"MTRS_GEO_{_KEYS[0]}" not in items:
        return
    try:
        with closing(sqlite3.connect(path)) as database, database:
            row = database.execute(
                "INSERT INTO gpkg_metadata (md_scope, md_standard_uri, mime_type, metadata)"
                " VALUES ('dataset', ?, 'text/xml', ?)",
                (_QGIS, _qmd(items, spec)),
            ).lastrowid
            database.execute(
                "INSERT INTO gpkg_metadata_reference"
                " (reference_scope, table_name, timestamp, md_file_id) VALUES ('table', ?, ?, ?)",
                (spec.name, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"), row),
            )
            database.execute(
                "UPDATE gpkg_contents SET description = ? WHERE table_name = ?",
                ("; ".join(_list(items, "UNDERSTOOD")), spec.name),
            )
    except sqlite3.Error as error:
        raise OSError(str(error)) from error


def _qmd(items: Mapping[str, str], spec: LayerSpec) -> str:
    """Return the metadata in QGIS's own XML."""
    understood = _list(items, "UNDERSTOOD")
    warnings, notes = _list(items, "WARNINGS"), _list(items, "NOTES")
    parameters: dict[str, object] = json.loads(items["MTRS_GEO_PARAMETERS"])
    versions: dict[str, str] = json.loads(items["MTRS_GEO_VERSIONS"])
    abstract = [
        "Changes between rasters, found by mtrs-geo.",
        *(f"Understood as: {text}" for text in understood),
        *(f"Warning: {text}" for text in warnings),
        *(f"Note: {text}" for text in notes),
    ]
    history = [
        "Parameters: " + ", ".join(f"{name}={value}" for name, value in parameters.items()),
        "Versions: " + ", ".join(f"{name} {version}" for name, version in versions.items()),
    ]
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        '<qgis version="3.22"><identifier>'
        f"{escape(spec.name)}</identifier><parentidentifier></parentidentifier>"
        "<language>ENG</language><type>dataset</type><title>Changes</title>"
        f"<abstract>{_text(abstract)}</abstract>"
        + "".join(f"<history>{_text([line])}</history>" for line in history)
        + "<links/><fees></fees><encoding></encoding></qgis>"
    )


def _list(items: Mapping[str, str], key: str) -> list[str]:
    return [str(text) for text in json.loads(items[f"MTRS_GEO_{key}"])]


def _text(lines: Sequence[str]) -> str:
    """Return lines as the content of an XML element."""
    text = "\n".join(lines)
    return escape("".join(c for c in text if c in "\n\t" or c >= " "))
