"""Readers of what was annotated on top of change data sets: ground, direction, floods."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import APPEAR, CHANGED, DISAPPEAR, IGNORE, NONE, UNKNOWN, WATER
from mtrs_geo.data.datasets.changes import Pair, read_change_set, read_values
from mtrs_geo.data.pixel_values import check_values
from mtrs_geo.errors import RasterError
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["ground_of_maps", "read_directed", "read_storms", "with_ground", "with_unsure_outlines"]

_RECOLOURED = "recoloured"
"""Kind of a component whose building stays and only looks different: nothing changed."""


def with_ground(pair: Pair, root: Path, *, source: str) -> Pair:
    """Return a pair with the ground that was drawn as changed.

    Args:
        pair: pair of a change data set.
        root: folder with the subfolders before and after, class codes where the class changed
            and 0 elsewhere, and ignore, 255 where that is unknown.
        source: name of the source that the pair then belongs to.

    Raises:
        RasterError: if a map is missing, damaged or of another size, or has colours or values
            that are no class.
    """
    maps = {}
    for part in ("before", "after", "ignore"):
        path = root / part / f"{pair.name}.png"
        maps[part] = found = read_values(path)
        if part != "ignore":
            check_values(found, path)
        if found.shape != pair.label.shape:
            msg = f"{path} is {found.shape}, the pair {pair.label.shape}."
            raise RasterError(msg, advice="Use class maps of the size of the pair.")
    ground = ground_of_maps(maps["before"], maps["after"], maps["ignore"] > 0)
    return replace(pair, source=source, ground=ground)


def ground_of_maps(before: UInt8Array, after: UInt8Array, ignored: BoolArray) -> UInt8Array:
    """Return class maps of both dates as `Pair.ground`, (H, W, 2)."""
    ground = np.stack([before, after], axis=-1)
    # A class at one date only is a slip of the pen: the class of the other date is unknown.
    ground[(ground == 0) & (ground != ground[..., ::-1])] = UNKNOWN
    ground[ignored] = UNKNOWN
    return ground


def read_directed(pairs: list[Pair], root: Path) -> list[Pair]:
    """Return pairs with the direction of each labelled building.

    Args:
        pairs: of a data set without directions, whose labels are CHANGED.
        root: folder with masks in the subfolders appear, disappear, replaced and ignore (no file
            is an empty mask), and components.json: kind and a point (row, column) of every
            component.  What is ignored is IGNORE; buildings that are only recoloured are NONE.

    Raises:
        RasterError: if components.json is missing or damaged.
    """
    path = root / "components.json"
    try:
        components = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read: {error}."
        raise RasterError(msg, advice="Copy the folder of directions again.") from error
    return [_directed(pair, root, components.get(pair.name, {})) for pair in pairs]


def _directed(pair: Pair, root: Path, components: dict[str, Any]) -> Pair:
    label = np.full_like(pair.label, NONE)
    label[pair.label == IGNORE] = IGNORE  # the border of the mask
    inside = pair.label != IGNORE
    for part, code in (("appear", APPEAR), ("disappear", DISAPPEAR), ("replaced", CHANGED)):
        label[_mask(root / part / f"{pair.name}.png", pair.label.shape) & inside] = code
    ignored = _mask(root / "ignore" / f"{pair.name}.png", pair.label.shape)
    parts, _ = ndimage.label(ignored, np.ones((3, 3)))
    for component in components.values():
        number = parts[tuple(component["at"])]
        if component["kind"] == _RECOLOURED and number:
            ignored &= parts != number
    label[ignored] = IGNORE
    return replace(pair, source="guangzhou_direction", label=label)


def read_storms(
    root: Path, *, gsd_m: float, keep: Callable[[str], bool] = lambda _: True
) -> list[Pair]:
    """Read pairs before and after storms: no building changed, water may have appeared.

    Args:
        root: folder with the subfolders A, B, masks, ignore and water_appear.  Only pairs with a
            file in water_appear have known ground.
        gsd_m: ground sample distance in metres.
        keep: takes the name of a pair without suffix; false leaves the pair out.

    Raises:
        RasterError: if an image or a mask is missing.
    """
    pairs = read_change_set(root, source="storms", gsd_m=gsd_m, changed=APPEAR, keep=keep)
    return [_storm(pair, root) for pair in pairs]


def _storm(pair: Pair, root: Path) -> Pair:
    name, shape = f"{pair.name}.png", pair.label.shape
    ignored, label = _mask(root / "ignore" / name, shape), pair.label.copy()
    label[ignored] = IGNORE
    ground = None
    if (root / "water_appear" / name).is_file():
        ground = np.zeros((*shape, 2), np.uint8)
        ground[_mask(root / "water_appear" / name, shape)] = (UNKNOWN, WATER)
        ground[ignored] = UNKNOWN
    return replace(pair, label=label, ground=ground)


def with_unsure_outlines(pair: Pair, width_px: int) -> Pair:
    """Return a pair whose label is IGNORE up to ``width_px`` on both sides of outlines."""
    changed = pair.label != NONE
    if not changed.any():
        return pair
    grown = ndimage.binary_dilation(changed, iterations=width_px)
    shrunk = ndimage.binary_erosion(changed, iterations=width_px, border_value=1)
    return replace(pair, label=np.where(grown & ~shrunk, IGNORE, pair.label).astype(np.uint8))


def _mask(path: Path, shape: tuple[int, ...]) -> BoolArray:
    """Return a mask (H, W), empty if there is no file."""
    if not path.is_file():
        return np.zeros(shape, np.bool_)
    values = read_values(path)
    if values.shape != shape:
        msg = f"{path} is {values.shape}, the pair {shape}."
        raise RasterError(msg, advice="Use masks of the size of the pair.")
    return values > 0
