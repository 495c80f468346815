"""Tell the rasters of `mtrs-geo stack` from the sentences after them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

__all__ = ["rasters_and_sentences"]

_FILE_NAME = re.compile(r"\S+\.[A-Za-z]\w{1,7}")
"""A name with a suffix, such as 2016.tif; a file that does not exist is not taken as a sentence."""
_PATTERN = re.compile(r"/\*|[*?\]]\S*\.[A-Za-z]\w{1,7}$")
"""All files of a folder, or files of a suffix: 2016/*, 2016/tile_?.tif."""
_ADDRESS = re.compile(r"/vsi|\w+://|[A-Z][A-Z0-9]+:\S")
"""A path of GDAL, a URL, or a part of a file such as NETCDF:file.nc:red."""


def rasters_and_sentences(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the rasters, and the arguments after the last of them.

    A raster is what exists, a pattern, a URL, a path of GDAL, or text that looks like the name of
    a file.

    Args:
        arguments: as given, rasters first.
    """
    last = max((i for i, text in enumerate(arguments) if _is_raster(text)), default=-1)
    return list(arguments[: last + 1]), list(arguments[last + 1 :])


def _is_raster(text: str) -> bool:
    if os.path.exists(text) or _ADDRESS.match(text) or _FILE_NAME.fullmatch(text):
        return True
    return bool(_PATTERN.search(text))
