"""What a file is that cannot be opened as a raster."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

__all__ = ["why_no_raster"]

_ADVICE = "Check the path, and that `gdalinfo` reads it."
_CONVERT = (
    "Check that `gdalinfo` reads it. Programs have different drivers and codecs of GDAL: if QGIS "
    "shows it, save it there as GeoTIFF."
)
_AGAIN = "Download the raster again; a server may ask to log in."
_STARTS = (
    (b"version https://git-lfs", "it is a pointer of Git LFS", "Download it with `git lfs pull`."),
    (b"<!doctype html", "it is a web page", _AGAIN),
    (b"<html", "it is a web page", _AGAIN),
    (b"%pdf-", "it is a PDF document", "Save its map as GeoTIFF with QGIS or `gdal_translate`."),
    (b"lasf", "it is a point cloud", "Make a raster of it first, for example with PDAL."),
    (b"{", "it is JSON", "Name the raster that it is about."),
)
"""First bytes of a file, in small letters, to what it is and what to do."""
_MOST_NAMES = 3
_LAYERS = (".gpkg", ".shp", ".geojson", ".json", ".fgb", ".kml", ".gml", ".sqlite")
_RASTERS = (".tif", ".tiff", ".jp2", ".img", ".vrt", ".jpg", ".png", ".nc")


def why_no_raster(path: str) -> tuple[str | None, str]:
    """Return what a local file is, None if that is not known, and what to do.

    Args:
        path: a path that GDAL does not open.
    """
    try:
        file = Path(path)
        if not file.is_file():
            return None, _ADVICE
        with file.open("rb") as stream:
            start = stream.read(100)
        if not start:
            return "it is empty (0 bytes)", "Copy or download it again."
        for begin, what, advice in _STARTS:
            if start.lower().startswith(begin.lower()) and not _is_layer(path):
                return what, advice
        if _is_layer(path):
            return "it is a vector layer", "Give the raster; an area is given with --aoi (aoi=)."
        return _archive(file)
    except (OSError, ValueError, EOFError, tarfile.TarError, zipfile.BadZipFile):
        return None, _ADVICE


def _is_layer(path: str) -> bool:
    """Return whether a file with a usual ending of vector files has a layer."""
    import pyogrio

    if not path.lower().endswith(_LAYERS):
        return False
    try:
        return len(pyogrio.list_layers(path)) > 0
    except (RuntimeError, ValueError):  # also every error of pyogrio
        return False


def _archive(file: Path) -> tuple[str | None, str]:
    """Return that a file is an archive, and how to name the rasters inside."""
    if file.suffix.lower() == ".kmz":
        return "it is an overlay of Google Earth", "Convert it to GeoTIFF with QGIS or GDAL."
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as opened:
            return "it is an archive", _inside("zip", file, opened.namelist())
    if tarfile.is_tarfile(file):
        with tarfile.open(file) as packed:
            return "it is an archive", _inside("tar", file, packed.getnames())
    if file.suffix.lower() == ".gz":
        return "it is a compressed file", f"Unpack it, or name it /vsigzip/{file}."
    return None, _CONVERT


def _inside(scheme: str, file: Path, names: list[str]) -> str:
    rasters = [name for name in names if name.lower().endswith(_RASTERS)]
    if not rasters:
        return "It has no raster that is known by its name: unpack it."
    # Without a folder, rasterio takes the name of the archive for that of a computer.
    path = file if len(file.parts) > 1 else f"./{file}"
    shown = ", ".join(f"{scheme}://{path}!{name}" for name in rasters[:_MOST_NAMES])
    more = f" and {len(rasters) - _MOST_NAMES} more" if len(rasters) > _MOST_NAMES else ""
    return f"Name the raster inside the archive: {shown}{more}."
