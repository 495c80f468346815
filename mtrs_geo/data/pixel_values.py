"""Values of picture files: depth of images, masks of two values, maps of class codes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mtrs_geo.class_codes import CODES, UNKNOWN
from mtrs_geo.errors import RasterError
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = [
    "check_8_bits",
    "check_same_size",
    "check_values",
    "class_codes",
    "image_advice",
    "mask_foreground",
    "rgb_pixels",
]

_MOST_BACKGROUND = 127
_NOISE = 32
"""Largest distance of a value from the two of a mask, away from outlines, after lossy storage."""
_SOFT_PX = 7
"""Squares of this side between the two values are no outline: resampling leaves narrower ones."""
_CODE_SHARE = 0.1
"""A value of noise of which more pixels are inside of areas of that value is a code."""
_FEW_VALUES = 4
"""Noise has more values, but for the best quality."""
_LOSSY = (".jpg", ".jpeg", ".webp")
"""Suffixes of files whose pixels may differ a little from what was written."""
_MOST_LISTED = 8
_TIFFS = (".tif", ".tiff")
_KNOWN_CODES = frozenset({0, UNKNOWN}).union(*CODES.values())


def check_8_bits(image: Any, path: Path) -> None:  # noqa: ANN401 - an image of Pillow
    """Refuse an image of more than 8 bits per band, whose values Pillow would cut or divide.

    Args:
        image: opened and not yet loaded.
        path: its file.

    Raises:
        RasterError: if it has more.
    """
    # Of 16-bit RGB the mode is RGB; only the decoder's arguments name its depth.
    if image.mode[0] in "IF" or any(";16" in str(tile) for tile in image.tile):
        msg = f"{path} has values of more than 8 bits."
        raise RasterError(msg, advice="Convert both dates to 8 bits per band, in the same way.")


def rgb_pixels(image: Any, path: Path) -> UInt8Array:  # noqa: ANN401 - an image of Pillow
    """Return the pixels (rows, cols, 3) of an image of 8 bits per band.

    Args:
        image: opened and not yet loaded.
        path: its file.

    Raises:
        RasterError: if it has more than 8 bits per band.
    """
    check_8_bits(image, path)
    return np.asarray(image.convert("RGB"), dtype=np.uint8)


def check_same_size(
    path: Path, shape: Sequence[int], other: Path, other_shape: Sequence[int]
) -> None:
    """Refuse two files of one pair whose (rows, cols) differ.

    Raises:
        RasterError: if they differ.
    """
    if tuple(shape) != tuple(other_shape):
        (rows, cols), (other_rows, other_cols) = shape, other_shape
        msg = f"{path} ({cols} × {rows}) and {other} ({other_cols} × {other_rows}) differ in size."
        advice = "Resample both dates and their masks to one pixel grid."
        raise RasterError(msg, advice=advice)


def image_advice(path: Path) -> str:
    """Return what to do about a file that Pillow cannot read."""
    if path.suffix.lower() in _TIFFS:
        return (
            "Copy the file again. A TIFF needs 8 bits and three bands that are marked as RGB: "
            "gdal_translate -ot Byte -b 1 -b 2 -b 3 -co PHOTOMETRIC=RGB in.tif out.tif"
        )
    return "Copy the file again."


def mask_foreground(image: Any, path: Path) -> BoolArray:  # noqa: ANN401 - an image of Pillow
    """Return the foreground (rows, cols) of a mask: what is above 127, and opaque.

    A mask has 0 and one other value above 127.  Noise near both, as lossy compression leaves it,
    and soft outlines are allowed.

    Args:
        image: an image with one band, or with colours or an opacity.
        path: its file.

    Raises:
        RasterError: if the mask has several colours or a dark one, or other values, such as codes
            of classes, numbers of instances or a value for pixels that are ignored.
    """
    is_exact = path.suffix.lower() not in _LOSSY
    if image.mode[0] in "1LIF" and image.mode != "LA":
        pixels: UInt8Array = np.asarray(image.convert("L"), dtype=np.uint8)
    else:
        colours = np.asarray(image.convert("RGBA"), dtype=np.uint8)
        pixels = _grey_of_colours(colours, path, is_exact=is_exact)
    if problem := _problem(pixels, is_exact=is_exact):
        raise _no_mask(path, problem)
    mask: BoolArray = pixels > _MOST_BACKGROUND
    return mask


def class_codes(image: Any, path: Path) -> UInt8Array:  # noqa: ANN401 - an image of Pillow
    """Return the values (rows, cols) of a label map; of a palette the indices.

    Args:
        image: an image of Pillow.
        path: its file.

    Raises:
        RasterError: if it has colours, or values above 255.
    """
    advice = "Write the codes of docs/training.md, in one band of 8 bits."
    if image.mode == "F" or (image.mode[0] == "I" and np.max(image) > UNKNOWN):
        raise RasterError(f"{path} has values of more than 8 bits.", advice=advice)
    if image.mode in ("1", "L", "P") or image.mode[0] == "I":
        return np.asarray(image).astype(np.uint8)
    bands = np.asarray(image.convert("RGB"))
    if (bands != bands[..., :1]).any():
        raise RasterError(f"{path} has colours, not codes of classes.", advice=advice)
    return np.ascontiguousarray(bands[..., 0])


def check_values(codes: UInt8Array, path: Path) -> None:
    """Refuse values of a class map that are no codes of `mtrs_geo.class_codes`.

    Args:
        codes: (rows, cols).
        path: its file.

    Raises:
        RasterError: if there is another value.
    """
    unknown = set(np.unique(codes).tolist()) - _KNOWN_CODES
    if unknown:
        msg = f"{path} has values that are no class: {_listed(sorted(unknown))}."
        advice = f"The codes are {_listed(sorted(_KNOWN_CODES))}; see docs/training.md."
        raise RasterError(msg, advice=advice)


def _problem(pixels: UInt8Array, *, is_exact: bool) -> str:
    """Return why grey values (rows, cols) are not those of a mask; nothing if they are."""
    counts = np.bincount(pixels.ravel(), minlength=256)
    values = np.flatnonzero(counts)
    top = int(values[-1])
    listed = f"its grey values are {_listed(values.tolist())}"
    if top <= _MOST_BACKGROUND:
        return listed if top > (0 if is_exact else _NOISE) else ""
    if is_exact and values[0] and values[0] <= _MOST_BACKGROUND:
        return listed  # without 0 nobody knows which of the values is the target
    if len(values) <= 2:
        return listed if values[0] > _MOST_BACKGROUND and top - values[0] > _NOISE else ""
    from scipy import ndimage

    between = (pixels > _NOISE) & (pixels < top - _NOISE)
    if ndimage.binary_erosion(between, np.ones((_SOFT_PX, _SOFT_PX), np.bool_)).any():
        return listed
    is_inside = ndimage.minimum_filter(pixels, 3) == ndimage.maximum_filter(pixels, 3)
    inside = np.bincount(pixels[is_inside], minlength=256)
    if inside[_NOISE + 1 : top - _NOISE].any():
        return listed
    near = [slice(0, _NOISE + 1)]
    if len(values) <= _FEW_VALUES:  # strong compression moves whole areas of the foreground
        near.append(slice(top - _NOISE, top + 1))
    for noise in near:
        of_noise = counts[noise].copy()
        of_noise[of_noise.argmax()] = 0  # the value of the mask itself
        if (inside[noise] > _CODE_SHARE * np.maximum(1, counts[noise]))[of_noise > 0].any():
            return listed
    return ""


def _grey_of_colours(colours: UInt8Array, path: Path, *, is_exact: bool) -> UInt8Array:
    """Return the grey values (rows, cols) of red, green, blue and opacity (rows, cols, 4).

    Transparent pixels are 0.
    """
    from PIL import Image

    grey = np.asarray(Image.fromarray(np.ascontiguousarray(colours[..., :3])).convert("L"))
    is_opaque = colours[..., 3] > _MOST_BACKGROUND
    kinds = np.unique(colours[is_opaque].view(np.uint32))
    is_coloured = np.ptp(colours[is_opaque, :3], axis=1) > 0
    is_bright = grey[is_opaque] > _MOST_BACKGROUND
    if is_exact and len(kinds) > 2 and is_coloured.any():
        raise _no_mask(path, f"it has {len(kinds)} colours")
    # Red on white would be read inverted: the white ground is what is bright.
    if is_exact and is_bright.any() and (is_coloured & ~is_bright).any():
        raise _no_mask(path, "it is painted in a dark colour")
    is_drawn = not is_opaque.all() and (is_opaque.any() or grey.any())
    if is_drawn and not is_bright.any():
        raise _no_mask(path, "its opaque pixels are dark")
    return np.where(is_opaque, grey, 0).astype(np.uint8)


def _listed(values: Sequence[int]) -> str:
    if len(values) > _MOST_LISTED:
        first = ", ".join(map(str, values[: _MOST_LISTED // 2]))
        return f"{first} … and {values[-1]} ({len(values)} values)"
    return " and ".join(filter(None, (", ".join(map(str, values[:-1])), str(values[-1]))))


def _no_mask(path: Path, problem: str) -> RasterError:
    msg = f"{path} is not a mask of 0 and 255: {problem}."
    advice = (
        "Write 255 where the target is and 0 elsewhere, in one band of 8 bits. Pixels to ignore, "
        "numbers of instances and codes of classes have no place in it."
    )
    return RasterError(msg, advice=advice)
