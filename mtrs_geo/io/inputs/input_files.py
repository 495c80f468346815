"""The files that the inputs of a run are read from, also through files that refer to others."""

from __future__ import annotations

import html
import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from rasterio.errors import NotGeoreferencedWarning

from mtrs_geo.errors import MTRSGeoError, RasterError
from mtrs_geo.io.inputs.layers import split_layer
from mtrs_geo.io.paths import is_remote_path
from mtrs_geo.io.remote.http_options import answer_limit_s
from mtrs_geo.io.remote.network_paths import may_use_network
from mtrs_geo.io.remote.reader_process import ReaderProcess
from mtrs_geo.io.source import open_raster
from mtrs_geo.ledger import is_statistics

__all__ = ["input_files", "local_files", "named_files"]

_DEEPEST = 10
"""Files that refer to files; `check_source` refuses fewer."""
_MOST_BYTES = 16 << 20
_LONGEST_PATH = 4096
_START = re.compile(r'^|(?<=[:"{,=])|(?<=://)|/vsi\w+/')
"""Where a path can start in a name such as ``GTIFF_DIR:1:a.tif`` or ``/vsizip/a.zip/a.tif``."""
_END = re.compile(r'["}?|:&,!/]|$')
_QUOTED = re.compile(r'(?<=[<>"])[^<>"\r\n\t]{1,4096}(?=[<>"])')
"""What can be a path in XML or JSON."""
_INDEX = "GTI:"
_PREFIXED = re.compile(r"[A-Za-z]\w+:")
_FEATURES = re.compile(r'^\s*[{\[][^<]*"type"\s*:\s*"Feature(Collection)?"')
_SINGLE_FILES = (".tif", ".tiff")
"""Endings of rasters that refer to no other one; a date can have thousands, also on a server."""
_BESIDE = (".aux.xml", ".ovr", ".msk", "-wal")
"""Endings of files that GDAL reads beside a raster, appended to its name; ``-wal`` is the log of a
GeoPackage that another program has open, with what is not in the file itself yet."""


def input_files(rasters: Iterable[str], layers: Iterable[str] = ()) -> list[str]:
    """Return the files that inputs are read from: those that they name, and what these refer to.

    Rasters are opened, without pixels.  One that cannot be opened counts with what its name says.

    Args:
        rasters: paths and other names that GDAL opens.
        layers: paths of vector layers.

    Returns:
        Local files, and files on servers as GDAL names them; also names that are no files.

    Raises:
        RasterError: if a server does not answer in time.
        SourceNotAllowedError: if a raster may not be opened.
    """
    names = list(rasters)
    in_memory = any(name.startswith("/vsimem/") for name in names)
    if any(map(may_use_network, names)) and not in_memory:
        with ReaderProcess(answer_limit_s()) as process:
            found = process.call(_raster_files, names)
    else:
        found = _raster_files(names)
    return [*found, *named_files(layers)]


def named_files(names: Iterable[str]) -> list[str]:
    """Return the local files that names and files of text, such as a VRT, name; none is opened.

    Args:
        names: paths and other names that GDAL opens, with a layer or not.
    """
    return _walk((split_layer(name)[0] for name in names), _named)


def local_files(raster: str) -> list[str]:
    """Return the local files that a raster is read from, also through other files, sorted.

    Files that GDAL reads beside them, such as a mask, are among them; metadata with nothing but
    statistics are not.  What may be on a server is not opened.

    Args:
        raster: a path or another name that GDAL opens.

    Returns:
        Absolute paths; of a raster that is a folder, the folder.

    Raises:
        OSError: if a file beside a raster cannot be read.
    """
    found = {os.path.abspath(path) for path in _walk([raster], _referred) if _exists(path)}
    return sorted(path for path in found if not is_statistics(Path(path)))


def _referred(name: str) -> Iterator[str]:
    """Yield what a name refers to; only what is local is opened."""
    yield from _named(name)
    yield from _beside(name)
    if not may_use_network(name):
        with suppress(MTRSGeoError):  # a text can name files that the raster is not read from
            yield from _opened(name)


def _beside(name: str) -> Iterator[str]:
    """Yield the files that GDAL reads beside a file, such as a mask; an empty one says nothing."""
    if not _is_file(name):
        return
    stem, ending = os.path.splitext(name)
    worlds = (f"{ending[:2]}{ending[-1:]}w", f"{ending}w", ".wld")
    places = (*(name + other for other in _BESIDE), *(stem + world for world in worlds))
    yield from (place for place in places if _is_file(place) and os.path.getsize(place))


def _raster_files(names: list[str]) -> list[str]:
    return _walk(names, lambda name: [*_named(name), *_opened(name)])


def _walk(names: Iterable[str], referred: Callable[[str], Iterable[str]]) -> list[str]:
    """Return names and what they refer to, directly and through others."""
    found: dict[str, None] = {}
    level = list(names)
    for _ in range(_DEEPEST):
        keys = {os.path.realpath(name) if _is_file(name) else name: name for name in level}
        new = {key: name for key, name in keys.items() if key not in found}
        found |= dict.fromkeys(new)
        level = [other for name in new.values() for other in referred(name)]
    return list(found)


def _exists(name: str) -> bool:
    try:
        return os.path.exists(name)
    except ValueError:
        return False


def _is_file(name: str) -> bool:
    try:
        return os.path.isfile(name)
    except ValueError:  # such as a null character
        return False


def _named(name: str) -> Iterator[str]:
    """Yield the existing local files that a name has in it, or those that its text names."""
    index = name[len(_INDEX) :] if name.upper().startswith(_INDEX) else name
    if _is_file(index) and (index is not name or ".gti." in os.path.basename(name).lower()):
        yield from _indexed([index])
    if _is_file(name):
        # GDAL starts relative paths of a linked file at the file that the link points to.
        linked = os.path.realpath(name)
        for path in (name,) if linked == os.path.abspath(name) else (name, linked):
            yield from _existing(_text_of(path), os.path.dirname(path))
    elif name.lstrip().startswith(("<", "{")):
        yield from _existing(name, "")
    else:
        yield from _named_in(name)


def _named_in(name: str) -> Iterator[str]:
    """Yield the existing local files in a name such as ``NETCDF:"a.nc":red``, or itself."""
    if _is_file(name):
        yield name
    elif len(name) <= _LONGEST_PATH:
        starts = {match.end() for match in _START.finditer(name)}
        parts = (name[i : m.start()] for i in starts for m in _END.finditer(name, i))
        yield from filter(_is_file, parts)


def _text_of(path: str) -> str:
    """Return the text of a file of XML or JSON; of others, and of GeoJSON, nothing."""
    try:
        with open(path, "rb") as file:
            head = file.read(512)
            if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{", b"[")):
                return ""
            text = (head + file.read(_MOST_BYTES)).decode("utf-8", "replace")
    except OSError:
        return ""
    # Attributes of features are no references; assets of STAC items are.
    return text if "stac_version" in text or not _FEATURES.search(text) else ""


def _existing(text: str, folder: str) -> Iterator[str]:
    """Yield the files that a text names, which are relative to a folder or the current one."""
    # In the order of the text: of two names of one file, every process takes the same.
    for part in dict.fromkeys(html.unescape(part.strip()) for part in _QUOTED.findall(text)):
        place = os.path.join(folder, part)
        if _is_file(place):
            yield place
        if part.startswith("/vsi"):
            yield part
        elif _is_file(part) or _PREFIXED.match(part):
            yield from _named_in(part)


def _opened(name: str) -> list[str]:
    """Return the files of which GDAL says that it reads them for a raster."""
    if name.lower().endswith(_SINGLE_FILES) and (_is_file(name) or is_remote_path(name)):
        return []
    with warnings.catch_warnings(), suppress(RasterError):
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with open_raster(name) as dataset:
            indexes = [*dataset.files, dataset.name.partition(":")[2]]
            return [*dataset.files, *(_indexed(indexes) if dataset.driver == "GTI" else ())]
    return []


def _indexed(indexes: Iterable[str]) -> Iterator[str]:
    """Yield the tiles of tile indexes, which GDAL does not list."""
    import pyogrio

    for index in filter(_is_file, indexes):
        with suppress(RuntimeError, ValueError):  # also every error of pyogrio
            table = pyogrio.read_dataframe(index, read_geometry=False)
            for column in table.select_dtypes(exclude="number"):
                for place in map(str, table[column]):
                    yield from (str(Path(index).parent / place), place)
