"""A second layer in a GeoPackage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrs_geo.antimeridian import has_longitudes, split_at_antimeridian
from mtrs_geo.io.formats.layer_spec import Category
from mtrs_geo.io.formats.style import embed_style
from mtrs_geo.io.formats.temporal import TIME_FIELDS
from mtrs_geo.io.paths import plain_path
from mtrs_geo.outputs import as_output_error, write_error

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["add_layer"]


def add_layer(
    path: Path,
    name: str,
    frame: GeoDataFrame,
    crs: Any = None,  # noqa: ANN401 - any CRS of pyproj
    categories: Sequence[Category] = (),
) -> None:
    """Add a layer to a file if its format is GeoPackage; other formats hold one layer.

    Args:
        path: the file, which exists.
        name: name of the layer.
        frame: the features.
        crs: CRS of the layer; None keeps that of the frame.
        categories: of the layer's style, for a layer with the fields time_start and time_end; none
            gives the layer no style.

    Raises:
        OutputError: if it cannot be written.
    """
    if path.suffix.lower() != ".gpkg":
        return
    frame = frame if crs is None else frame.to_crs(crs)
    if has_longitudes(frame.crs):
        shapes = split_at_antimeridian(np.asarray(frame.geometry.array))
        frame = frame.set_geometry(shapes, crs=frame.crs)
    with as_output_error(path), plain_path(path) as plain:
        try:
            # GDAL takes the type of the geometry from the rows, and there are none.
            kind = {"geometry_type": "MultiPolygon"} if frame.empty else {}
            frame.to_file(plain, layer=name, driver="GPKG", engine="pyogrio", mode="a", **kind)
        except RuntimeError as error:  # of pyogrio
            raise write_error(path, error) from error
        if categories:
            embed_style(Path(plain), name, categories, TIME_FIELDS)
