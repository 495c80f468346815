"""Labelled scenes of one date: the scene sets, their label codes, and the held-out scenes.

Label 0 has two meanings.  In a set with one labelled class it means "not that class"; in
other sets the class is unknown.  Both become UNKNOWN here, and `unlabelled` keeps the
difference: it holds the classes that an UNKNOWN pixel may have.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import BARE, BUILDING, CAR, ROAD, TRACK, UNKNOWN, VEGETATION, WATER
from mtrs_geo.data.datasets.changes import image_paths, read_codes, read_image
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = [
    "SCENE_SETS",
    "LabelledScene",
    "SceneSet",
    "is_held_out_scene",
    "read_labelled_scenes",
    "vegetation_mask",
]

_ALL = frozenset({BUILDING, ROAD, TRACK, VEGETATION, WATER, BARE, CAR})
_SALT = "mtrs-geo composition 158"
_GAP_PX = 4
_MIN_EXCESS_GREEN, _MIN_GREY, _MIN_RED_TO_BLUE = 0.08, 45.0, 0.85


@dataclass(frozen=True)
class SceneSet:
    """Pixel size and labels of a set of scenes."""

    gsd_m: float
    labelled: frozenset[int]
    """Codes in its labels."""
    is_complete: bool
    """Whether every pixel has a label; 0 is then a narrow gap between two labels."""
    unreliable: frozenset[int] = frozenset()
    """Codes whose pixels also have other classes: they are read as UNKNOWN."""
    is_base: bool = True
    """Whether its scenes can be the base of a pair; other sets only provide objects."""

    @property
    def unlabelled(self) -> frozenset[int]:
        """Codes that an UNKNOWN pixel may have."""
        return _ALL if self.is_complete else _ALL - (self.labelled - self.unreliable)


_BUILDINGS, _ROADS = frozenset({BUILDING}), frozenset({ROAD, TRACK})

SCENE_SETS: Mapping[str, SceneSet] = {
    "czech": SceneSet(0.3, _ALL - {CAR}, is_complete=True),
    # A whole block of houses is one building in these labels.
    "dubai": SceneSet(
        0.4, frozenset({BUILDING, ROAD, VEGETATION, WATER, BARE}), True, frozenset({BUILDING})
    ),
    # The label "ground" includes grass, gravel and asphalt; 0 has any class.
    "dronedeploy": SceneSet(
        0.1,
        frozenset({BUILDING, VEGETATION, WATER, BARE, CAR}),
        False,
        frozenset({BARE}),
        is_base=False,
    ),
    "china_buildings": SceneSet(0.5, _BUILDINGS, is_complete=False),
    "massachusetts_roads": SceneSet(1.0, _ROADS, is_complete=False),
    "epfl_roads": SceneSet(0.3, _ROADS, is_complete=False),
    "sweden": SceneSet(0.2, _BUILDINGS, is_complete=False),
    "austin": SceneSet(0.3, _BUILDINGS, is_complete=False),
}
"""The scene sets of ``scenes/`` by name."""


@dataclass(frozen=True)
class LabelledScene:
    """One place at one date, with a class map."""

    name: str
    source: str
    image: UInt8Array
    """(H, W, 3)."""
    classes: UInt8Array
    """(H, W), class codes of `mtrs_geo.class_codes`."""
    gsd_m: float
    unlabelled: frozenset[int] = field(default=_ALL)
    """Codes that an UNKNOWN pixel may have."""
    is_base: bool = True
    """Whether the scene can be the base of a pair."""


def is_held_out_scene(source: str, name: str) -> bool:
    """Return whether a scene is in the tenth of its set that only validation uses.

    A hash of both names decides, so adding or removing scenes moves no other scene.
    """
    digest = hashlib.blake2b(f"{_SALT}/{source}/{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % 10 == 0


def read_labelled_scenes(
    root: Path,
    sources: Iterable[str] = tuple(SCENE_SETS),
    *,
    keep: Callable[[str, str], bool] = lambda source, name: not is_held_out_scene(source, name),
) -> list[LabelledScene]:
    """Read the scenes of several sets.

    Args:
        root: folder with SOURCE/images and SOURCE/labels.
        sources: keys of `SCENE_SETS`.
        keep: takes source and name without suffix; false leaves the scene out. By default the
            scenes of training are read.

    Raises:
        RasterError: if a folder is missing, or an image has no label, or one of another size or
            with values that are no class.
    """

    def read(source: str, path: Path) -> LabelledScene:
        image = read_image(path)
        label = read_codes(root / source / "labels" / f"{path.stem}.png", path, image.shape[:2])
        return _scene(path.stem, source, image, label)

    selected = [
        (source, path)
        for source in sources
        for path in image_paths(root / source / "images")
        if keep(source, path.stem)
    ]
    with ThreadPoolExecutor() as pool:
        return list(pool.map(read, *zip(*selected, strict=True))) if selected else []


def _scene(name: str, source: str, image: UInt8Array, label: UInt8Array) -> LabelledScene:
    scene_set = SCENE_SETS[source]
    reliable = list(scene_set.labelled - scene_set.unreliable)
    classes = np.where(np.isin(label, reliable), label, UNKNOWN).astype(np.uint8)
    is_unreliable = np.isin(label, list(scene_set.unreliable))
    if scene_set.is_complete:
        _fill_gaps(classes, label == 0)
    else:
        classes[vegetation_mask(image) & (classes == UNKNOWN) & ~is_unreliable] = VEGETATION
    unlabelled = scene_set.unlabelled
    if is_unreliable.any():
        unlabelled |= scene_set.unreliable
    return LabelledScene(
        name, source, image, classes, scene_set.gsd_m, unlabelled, scene_set.is_base
    )


def _fill_gaps(classes: UInt8Array, gaps: BoolArray) -> None:
    """Fill narrow gaps between labels with the nearest label, in place."""
    if not gaps.any() or gaps.all():
        return
    distance, (rows, cols) = ndimage.distance_transform_edt(gaps, return_indices=True)
    is_narrow = gaps & (distance <= _GAP_PX)
    classes[is_narrow] = classes[rows[is_narrow], cols[is_narrow]]


def vegetation_mask(image: UInt8Array) -> BoolArray:
    """Return where an image has green vegetation beyond doubt, (H, W).

    The smoothed image must be lit and have an excess of green over red and blue.  Dry grass
    and bare trees are missed.  Pixels with more blue than red are green water and are left
    out.
    """
    smooth = ndimage.uniform_filter(image.astype(np.float32), (7, 7, 0))
    total = smooth.sum(-1)
    excess = (3 * smooth[..., 1] - total) / (total + 30)
    is_lit = total > 3 * _MIN_GREY
    is_land = smooth[..., 0] > _MIN_RED_TO_BLUE * smooth[..., 2]
    vegetation: BoolArray = (excess > _MIN_EXCESS_GREEN) & is_lit & is_land
    return vegetation
