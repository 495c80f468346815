"""Aliases and literals that several rooms share."""

from __future__ import annotations

from os import PathLike
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = [
    "BoolArray",
    "Bounds",
    "Cell",
    "ChangeDirection",
    "ChangeKind",
    "FloatArray",
    "GridChoice",
    "LandCoverClass",
    "Place",
    "Shape",
    "StrPath",
    "UInt8Array",
]

StrPath: TypeAlias = str | PathLike[str]
"""A path as GDAL understands it: local, ``/vsi…``, ``http(s)://`` or ``s3://``."""

Shape: TypeAlias = tuple[int, int]
"""(rows, cols) in pixels."""

Bounds: TypeAlias = tuple[float, float, float, float]
"""(left, bottom, right, top) in the units of a CRS."""

FloatArray: TypeAlias = npt.NDArray[np.float32]
UInt8Array: TypeAlias = npt.NDArray[np.uint8]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

GridChoice: TypeAlias = Literal["before", "after", "finest", "coarsest"]
"""Which date gives a run its pixel grid."""

ChangeKind: TypeAlias = Literal["any", "appear", "disappear", "state"]
"""What a sentence asks: anything, something new, something gone, something altered."""

ChangeDirection: TypeAlias = Literal["appeared", "disappeared", "changed"]
"""Which way a change goes, as results say it; changed where it is neither or both."""

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
"""A part of an image that a sentence may speak of."""

Cell: TypeAlias = Literal[
    "upper middle",
    "middle left",
    "middle right",
    "lower middle",
]
"""A ninth of an image, beside the corners and the centre, that a sentence may speak of."""

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
"""What a sentence says was there or is there: no class of the map, whatever class, or one."""
