"""A second layer in a GeoPackage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtrs_geo.io.paths import plain_path
from mtrs_geo.outputs import as_output_error, write_error

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["add_layer"]


def add_layer(path: Path, name: str, frame: GeoDataFrame, crs: Any = None) -> None:  # noqa: ANN401
    """Add a layer to a file if its format is GeoPackage; other formats hold one layer.

    Args:
        path: the file, which exists.
        name: name of the layer.
        frame: the features.
        crs: CRS of the layer; None keeps that of the frame.

    Raises:
        OutputError: if it cannot be written.
    """
    if path.suffix.lower() != ".gpkg":
        return
    frame = frame if crs is None else frame.to_crs(crs)
    with as_output_error(path), plain_path(path) as plain:
        try:
            frame.to_file(plain, layer=name, driver="GPKG", engine="pyogrio", mode="a")
        except RuntimeError as error:  # of pyogrio
            raise write_error(path, error) from error
