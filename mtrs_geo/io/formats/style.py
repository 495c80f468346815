"""Embed a default QGIS style in a GeoPackage: a colour per sentence, direction and period."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from mtrs_geo.io.formats.colours import distinct_colours
from mtrs_geo.io.formats.layer_spec import Category
from mtrs_geo.io.formats.temporal import TimeOfFeatures
from mtrs_geo.types import ChangeDirection

__all__ = ["embed_style"]

_SEPARATOR = " | "
_FIELDS = ("query", "change", "date_before", "date_after")
_FILLS: dict[ChangeDirection, str] = {
    "appeared": "solid", "disappeared": "b_diagonal", "changed": "horizontal",
    "unchanged": "dense6",
}  # fmt: skip
"""Direction to QGIS's name of the fill pattern."""
_OTHER = "other"
_OTHER_COLOUR = "#f2f2f2"

# QGIS creates the same columns when it saves a style in a database.
_TABLE = """
CREATE TABLE IF NOT EXISTS layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
  f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)
"""


def embed_style(
    path: Path, layer: str, categories: Sequence[Category], times: TimeOfFeatures | None = None
) -> None:
    """Add the default style of ``layer`` to a GeoPackage.

    Args:
        path: the GeoPackage.
        layer: name of a layer of changes.
        categories: what is drawn alike; all other polygons are drawn as "other".
        times: when QGIS's temporal controller shows a polygon; None shows it at any time.

    Raises:
        OSError: if the file cannot be written.
    """
    import sqlite3
    from contextlib import closing

    try:
        with closing(sqlite3.connect(path)) as database, database:
            database.execute(_TABLE)
            database.execute(
                "INSERT OR IGNORE INTO gpkg_contents"
                " (table_name, data_type, identifier, description)"
                " VALUES ('layer_styles', 'attributes', 'layer_styles', '')"
            )
            database.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
                " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description)"
                " SELECT '', '', table_name, column_name, table_name, ?, '', 1, ''"
                " FROM gpkg_geometry_columns WHERE table_name = ?",
                (_qml(categories, times), layer),
            )
    except sqlite3.Error as error:
        raise OSError(str(error)) from error


def _qml(categories: Sequence[Category], times: TimeOfFeatures | None) -> str:
    """Return a style in QGIS's own XML, readable by QGIS 3.22 and newer."""
    has_periods = any(c.date_before or c.date_after for c in categories)
    used = _FIELDS if has_periods else _FIELDS[:2]
    expression = f" || '{_SEPARATOR}' || ".join(f"coalesce(\"{name}\", '')" for name in used)
    rows, symbols = [], []
    colours = distinct_colours(len(categories))
    for i, (category, colour) in enumerate(zip(categories, colours, strict=True)):
        value = _SEPARATOR.join(getattr(category, name) or "" for name in used)
        rows.append(_category(i, value, category.label))
        symbols.append(_symbol(str(i), colour, _FILLS[category.change]))
    rows.append(_category(len(categories), "", _OTHER))
    symbols.append(_symbol(str(len(categories)), _OTHER_COLOUR, "solid"))
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        f'<qgis version="3.22" styleCategories="Symbology{"|Temporal" if times else ""}">\n'
        f"{times.qml() if times else ''}"
        f'<renderer-v2 type="categorizedSymbol" attr={quoteattr(expression)} symbollevels="0" '
        'enableorderby="0" forceraster="0">\n'
        f"<categories>{''.join(rows)}</categories>\n<symbols>{''.join(symbols)}</symbols>\n"
        "</renderer-v2>\n<layerGeometryType>2</layerGeometryType>\n</qgis>\n"
    )


def _category(number: int, value: str, label: str) -> str:
    return (
        f'<category symbol="{number}" value={_attribute(value)} label={_attribute(label)} '
        'type="string" render="true"/>'
    )


def _attribute(text: str) -> str:
    """Return text as an XML attribute, without the characters that XML does not allow."""
    allowed = "".join(c for c in text if c in "\n\t\r" or (c >= " " and c not in "\ufffe\uffff"))
    return quoteattr(allowed, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _symbol(name: str, colour: str, fill: str) -> str:
    """Return a coloured outline on a dark halo, visible on any imagery, and a translucent fill."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return (
        f'<symbol type="fill" name="{name}" alpha="1" clip_to_extent="1" force_rhr="0">'
        + _fill("0,0,0,0", "no", "0,0,0,150", "0.85")
        + _fill(
            f"{red},{green},{blue},{80 if fill == 'solid' else 200}",
            fill,
            f"{red},{green},{blue},255",
            "0.45",
        )
        + "</symbol>\n"
    )


def _fill(colour: str, style: str, outline: str, width_mm: str) -> str:
    properties = {
        "color": colour, "style": style, "outline_color": outline, "outline_style": "solid",
        "outline_width": width_mm, "outline_width_unit": "MM", "joinstyle": "round",
    }  # fmt: skip
    entries = "".join(f'<prop k="{key}" v="{value}"/>' for key, value in properties.items())
    return f'<layer class="SimpleFill" enabled="1" locked="0" pass="0">{entries}</layer>'
