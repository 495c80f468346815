"""Readers of image pairs with change masks and of scenes with building masks.

Every pair becomes a `Pair`: two images and one label map of building change.  The datasets
are small enough to stay in memory as uint8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from mtrs_geo.class_codes import BUILDING, IGNORE, NONE
from mtrs_geo.data.pixel_values import (
    check_same_size,
    check_values,
    class_codes,
    image_advice,
    mask_foreground,
    rgb_pixels,
)
from mtrs_geo.errors import RasterError
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = [
    "IMAGE_SUFFIXES",
    "Pair",
    "Scene",
    "image_paths",
    "read_change_set",
    "read_codes",
    "read_image",
    "read_mask",
    "read_scenes",
    "read_unchanged",
    "read_values",
]

IMAGE_SUFFIXES = (".jpg", ".png", ".tif", ".webp")
"""Suffixes of image files."""
T = TypeVar("T")


@dataclass(frozen=True)
class Pair:
    """One place at two dates."""

    name: str
    source: str
    before: UInt8Array
    """(H, W, 3)."""
    after: UInt8Array
    """(H, W, 3)."""
    label: UInt8Array
    """(H, W), change codes of `mtrs_geo.class_codes`."""
    gsd_m: float
    """Ground sample distance in metres."""
    ground: UInt8Array | None = None
    """(H, W, 2), class codes of ground that changed, earlier date first: 0 at both dates where it
    did not change, 255 at both where that is unknown.  None: nothing is known of the
    ground."""


@dataclass(frozen=True)
class Scene:
    """One place at one date, with a building mask."""

    name: str
    image: UInt8Array
    """(H, W, 3)."""
    buildings: UInt8Array
    """(H, W), 1 inside a building."""
    gsd_m: float


def read_change_set(
    root: Path,
    *,
    source: str,
    gsd_m: float,
    changed: int,
    border_px: int = 0,
    keep: Callable[[str], bool] = lambda _: True,
) -> list[Pair]:
    """Read a folder with the subfolders A (earlier date), B (later date) and masks.

    Args:
        root: the folder.
        source: name of the dataset.
        gsd_m: ground sample distance in metres.
        changed: label code of the foreground of the masks.
        border_px: width of the border of every mask that becomes IGNORE, in pixels.
        keep: takes the name of a pair without suffix; false leaves the pair out.

    Raises:
        RasterError: if the folder is missing, or a pair lacks an image or a mask, their sizes
            differ, or a mask has other values than 0 and 255.
    """

    def read(path: Path) -> Pair:
        before, mask_path = read_image(path), root / "masks" / f"{path.stem}.png"
        shape = before.shape[:2]
        mask = read_mask(mask_path)
        check_same_size(mask_path, mask.shape, path, shape)
        label = np.where(mask, changed, NONE).astype(np.uint8)
        if border_px:
            inner = label[border_px:-border_px, border_px:-border_px].copy()
            label[:] = IGNORE
            label[border_px:-border_px, border_px:-border_px] = inner
        after = read_image(root / "B" / path.name)
        check_same_size(root / "B" / path.name, after.shape[:2], path, shape)
        return Pair(path.stem, source, before, after, label, gsd_m)

    with ThreadPoolExecutor() as pool:
        return list(pool.map(read, (p for p in image_paths(root / "A") if keep(p.stem))))


def read_unchanged(
    root: Path, *, source: str, gsd_m: float, keep: Callable[[str], bool] = lambda _: True
) -> list[Pair]:
    """Read ``PLACE/PLACE_YEAR_N.tif``: every two years of a place are a pair without change.

    Args:
        root: the folder.
        source: name of the dataset.
        gsd_m: ground sample distance in metres.
        keep: takes PLACE_N; false leaves the place out.

    Raises:
        RasterError: if the folder has no such file.
    """
    places: dict[tuple[str, str], list[Path]] = {}
    for path in sorted(p for p in root.glob("*/*") if p.suffix.lower() in (".tif", ".webp")):
        city, _, number = path.stem.rsplit("_", 2)
        places.setdefault((city, number), []).append(path)
    if not places:
        msg = f"{root} has no file PLACE/PLACE_YEAR_N.tif."
        raise RasterError(msg, advice="Check the path of the data root.")
    pairs = []
    for (city, number), paths in sorted(places.items()):
        name = f"{city}_{number}"
        if len(paths) < 2 or not keep(name):
            continue
        for first, last in combinations([read_image(path) for path in paths], 2):
            if first.shape == last.shape:
                label = np.zeros(first.shape[:2], np.uint8)
                ground = np.zeros((*label.shape, 2), np.uint8)
                pairs.append(Pair(name, source, first, last, label, gsd_m, ground))
    return pairs


def read_scenes(
    root: Path, *, gsd_m: float, keep: Callable[[str], bool] = lambda _: True
) -> list[Scene]:
    """Read a folder with the subfolders images and labels (code 1 is building).

    Args:
        root: the folder.
        gsd_m: ground sample distance in metres.
        keep: takes the name of a scene without suffix; false leaves the scene out.

    Raises:
        RasterError: if the folder is missing, or an image has no label, or one of another size or
            with values that are no class.
    """
    scenes = []
    for path in image_paths(root / "images"):
        if keep(path.stem):
            image = read_image(path)
            label = read_codes(root / "labels" / f"{path.stem}.png", path, image.shape[:2])
            buildings = (label == BUILDING).astype(np.uint8)
            scenes.append(Scene(path.stem, image, buildings, gsd_m))
    return scenes


def image_paths(folder: Path) -> Iterator[Path]:
    """Return the paths of the images of a folder, sorted by name.

    Raises:
        RasterError: if the folder has no image.
    """
    paths = sorted(p for p in folder.glob("*") if p.suffix.lower() in IMAGE_SUFFIXES)
    if not paths:
        msg = f"{folder} has no {', '.join(IMAGE_SUFFIXES[:-1])} or {IMAGE_SUFFIXES[-1]} image."
        raise RasterError(msg, advice="Check the path of the data root.")
    return iter(paths)


def read_image(path: Path) -> UInt8Array:
    """Read an image file, (H, W, 3).

    Raises:
        RasterError: if the file is missing or damaged, or has more than 8 bits per band.
    """
    return _opened(path, lambda image: rgb_pixels(image, path))


def read_mask(path: Path) -> BoolArray:
    """Read a mask of 0 and 255, (H, W).

    Raises:
        RasterError: if it is missing or damaged, or has other values.
    """
    return _opened(path, lambda image: mask_foreground(image, path))


def read_codes(path: Path, image: Path, shape: Sequence[int]) -> UInt8Array:
    """Read a class map of an image, (H, W).

    Args:
        path: file of the map.
        image: file of the image.
        shape: (H, W) of the image.

    Raises:
        RasterError: if the map is missing or damaged, has colours or values that are no code of
            `mtrs_geo.class_codes`, or another size than the image.
    """
    codes = read_values(path)
    check_values(codes, path)
    check_same_size(path, codes.shape, image, shape)
    return codes


def read_values(path: Path) -> UInt8Array:
    """Read a label map of any values, (H, W).

    Raises:
        RasterError: if it is missing or damaged, or has colours or values above 255.
    """
    return _opened(path, lambda image: class_codes(image, path))


def _opened(path: Path, read: Callable[[Any], T]) -> T:
    from PIL import Image

    try:
        with Image.open(path) as image:
            return read(image)
    # Pillow raises SyntaxError and ValueError on some damaged files.
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, RasterError):
            raise
        msg = f"{path} cannot be read as an image: {error}."
        advice = f"{image_advice(path)} Or add it: every pair needs both dates and a mask."
        raise RasterError(msg, advice=advice) from error
