"""Embed a default QGIS style in a GeoPackage."""

from __future__ import annotations

from pathlib import Path

__all__ = ["embed_style"]

_QML = """<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22" styleCategories="Symbology">
 <renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0" forceraster="0">
  <symbols>
   <symbol type="fill" name="0" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleFill" enabled="1" locked="0" pass="0">
     <prop k="color" v="230,25,75,60"/>
     <prop k="outline_color" v="230,25,75,255"/>
     <prop k="outline_style" v="solid"/>
     <prop k="outline_width" v="0.5"/>
     <prop k="outline_width_unit" v="MM"/>
     <prop k="style" v="solid"/>
     <prop k="joinstyle" v="miter"/>
    </layer>
   </symbol>
  </symbols>
 </renderer-v2>
 <layerGeometryType>2</layerGeometryType>
</qgis>
"""

# QGIS creates the same columns when it saves a style in a database.
_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
  f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)
"""


def embed_style(path: Path, layer: str) -> None:
    """Add the default style of ``layer`` to a GeoPackage.

    Raises:
        OSError: if the file cannot be written.
    """
    import sqlite3
    from contextlib import closing

    try:
        with closing(sqlite3.connect(path)) as database, database:
            database.execute(_TABLE)
            database.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, description)"
                " VALUES ('layer_styles', 'attributes', 'layer_styles', '')"
            )
            database.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
                " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description)"
                " SELECT '', '', table_name, column_name, 'changes', ?, '', 1, ''"
                " FROM gpkg_geometry_columns WHERE table_name = ?",
                (_QML, layer),
            )
    except sqlite3.Error as error:
        raise OSError(str(error)) from error
