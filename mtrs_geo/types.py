"""Type aliases and literals that several packages share."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = [
    "BandChoice",
    "BoolArray",
    "Bounds",
    "Cell",
    "ChangeDirection",
    "ChangeKind",
    "FloatArray",
    "GridChoice",
    "LandCoverClass",
    "Place",
    "QueryClass",
    "Shape",
    "StrPath",
    "UInt8Array",
]

StrPath: TypeAlias = str | PathLike[str]
"""A path that GDAL opens: local, ``/vsi…``, ``http(s)://`` or ``s3://``."""

Shape: TypeAlias = tuple[int, int]
"""(rows, cols) in pixels."""

Bounds: TypeAlias = tuple[float, float, float, float]
"""(left, bottom, right, top) in the units of a CRS."""

FloatArray: TypeAlias = npt.NDArray[np.float32]
UInt8Array: TypeAlias = npt.NDArray[np.uint8]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

BandChoice: TypeAlias = Sequence[int] | Sequence[Sequence[int]]
"""One or three band numbers, counted from 1: for all rasters, or a list with those of each."""

GridChoice: TypeAlias = Literal["before", "after", "finest", "coarsest"]
"""The date whose pixel grid a run uses."""

ChangeKind: TypeAlias = Literal["any", "appear", "disappear", "state"]
"""Kind of change that a sentence asks for: any, new objects, removed objects, altered objects."""

ChangeDirection: TypeAlias = Literal["appeared", "disappeared", "changed", "unchanged"]
"""Direction of a change in results; ``changed`` if it is neither or both of the first two,
``unchanged`` for ground that stayed as it is."""

Place: TypeAlias = Literal[
    "everywhere",
    "top",
    "bottom",
    "left",
    "right",
    "top left",
    "top right",
    "bottom left",
    "bottom right",
    "centre",
]
"""A region of an image that a sentence can name."""

Cell: TypeAlias = Literal[
    "upper middle",
    "middle left",
    "middle right",
    "lower middle",
]
"""A ninth of an image, other than the corners and the centre, that a sentence can name."""

LandCoverClass: TypeAlias = Literal[
    "nothing",
    "any",
    "building",
    "road",
    "vegetation",
    "water",
    "bare",
    "car",
]
"""Land-cover class that a sentence gives for a date: none, any, or one class of the map."""

QueryClass: TypeAlias = Literal[
    "any",
    "building",
    "road",
    "vegetation",
    "water",
    "bare",
    "several",
    "other",
]
"""What a query asks for: any change, one class of the map, several of them, or anything else."""
