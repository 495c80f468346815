"""Labelled scenes of one date: the sets, what their labels are worth, what is held back.

The sets differ in what 0 means.  Where a set labels one class, 0 says "not that
class"; elsewhere it says nothing.  Both become UNKNOWN here, and `unseen` keeps the
difference: the classes that an unknown pixel may still show.
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
from mtrs_geo.data.datasets.changes import images_in, read_image
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = [
    "SCENE_SETS",
    "LabelledScene",
    "SceneSet",
    "held_back_scene",
    "label_greenery",
    "read_labelled_scenes",
]

_ALL = frozenset({BUILDING, ROAD, TRACK, VEGETATION, WATER, BARE, CAR})
_SALT = "mtrs-geo composition 158"
_GAP_PX = 4
_GREEN, _LIT, _LAND = 0.08, 45.0, 0.85


@dataclass(frozen=True)
class SceneSet:
    """What a set's labels are worth."""

    gsd_m: float
    known: frozenset[int]
    """Codes that it labels."""
    is_complete: bool
    """Every pixel has a label; 0 is a narrow gap between two."""
    loose: frozenset[int] = frozenset()
    """Codes that cover more than their class: read as unknown."""
    bases: bool = True
    """Whether pairs are built on its scenes; else they only give objects."""

    @property
    def unseen(self) -> frozenset[int]:
        """Codes that an unknown pixel may show."""
        return _ALL if self.is_complete else _ALL - (self.known - self.loose)


_BUILDINGS, _ROADS = frozenset({BUILDING}), frozenset({ROAD, TRACK})

SCENE_SETS: Mapping[str, SceneSet] = {
    "czech": SceneSet(0.3, _ALL - {CAR}, is_complete=True),
    # Whole blocks of houses are one building there.
    "dubai": SceneSet(
        0.4, frozenset({BUILDING, ROAD, VEGETATION, WATER, BARE}), True, frozenset({BUILDING})
    ),
    # Its "ground" is grass, gravel and asphalt alike; 0 hides more.
    "dronedeploy": SceneSet(
        0.1,
        frozenset({BUILDING, VEGETATION, WATER, BARE, CAR}),
        False,
        frozenset({BARE}),
        bases=False,
    ),
    "china_buildings": SceneSet(0.5, _BUILDINGS, is_complete=False),
    "massachusetts_roads": SceneSet(1.0, _ROADS, is_complete=False),
    "epfl_roads": SceneSet(0.3, _ROADS, is_complete=False),
    "sweden": SceneSet(0.2, _BUILDINGS, is_complete=False),
    "austin": SceneSet(0.3, _BUILDINGS, is_complete=False),
}
"""The sets of ``scenes/`` by name."""


@dataclass(frozen=True)
class LabelledScene:
    """One place at one date, with what is known of every pixel."""

    name: str
    source: str
    image: UInt8Array
    """(H, W, 3)."""
    classes: UInt8Array
    """(H, W), codes of `mtrs_geo.data.datasets.classes`."""
    gsd_m: float
    unseen: frozenset[int] = field(default=_ALL)
    """Codes that an UNKNOWN pixel may show."""
    is_base: bool = True
    """Whether pairs are built on it."""


def held_back_scene(source: str, name: str) -> bool:
    """Whether a scene belongs to the tenth of its set that only validation uses.

    A hash of the names decides, so the answer depends on nothing else, and no
    scene moves when others come or go.
    """
    digest = hashlib.blake2b(f"{_SALT}/{source}/{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % 10 == 0


def read_labelled_scenes(
    root: Path,
    sources: Iterable[str] = tuple(SCENE_SETS),
    *,
    keep: Callable[[str, str], bool] = lambda source, name: not held_back_scene(source, name),
) -> list[LabelledScene]:
    """Read sets of scenes.

    Args:
        root: folder that holds SOURCE/images and SOURCE/labels.
        sources: keys of `SCENE_SETS`.
        keep: takes source and name without suffix; those of training by default.

    Raises:
        RasterError: if a folder is missing, or an image has no label.
    """

    def read(source: str, path: Path) -> LabelledScene:
        label = read_image(root / source / "labels" / f"{path.stem}.png", "L")
        return _scene(path.stem, source, read_image(path), label)

    every = ((source, path) for source in sources for path in images_in(root / source / "images"))
    kept = [(source, path) for source, path in every if keep(source, path.stem)]
    with ThreadPoolExecutor() as pool:
        return list(pool.map(read, *zip(*kept, strict=True))) if kept else []


def _scene(name: str, source: str, image: UInt8Array, label: UInt8Array) -> LabelledScene:
    facts = SCENE_SETS[source]
    classes = np.where(np.isin(label, list(facts.known - facts.loose)), label, UNKNOWN)
    classes = classes.astype(np.uint8)
    loose = np.isin(label, list(facts.loose))
    if facts.is_complete:
        _fill_gaps(classes, label == 0)
    else:
        classes[label_greenery(image) & (classes == UNKNOWN) & ~loose] = VEGETATION
    unseen = facts.unseen | (facts.loose if loose.any() else frozenset())
    return LabelledScene(name, source, image, classes, facts.gsd_m, unseen, facts.bases)


def _fill_gaps(classes: UInt8Array, gaps: BoolArray) -> None:
    """Give the narrow gaps between two labels that of the nearer one."""
    if not gaps.any() or gaps.all():
        return
    distance, (rows, cols) = ndimage.distance_transform_edt(gaps, return_indices=True)
    narrow = gaps & (distance <= _GAP_PX)
    classes[narrow] = classes[rows[narrow], cols[narrow]]


def label_greenery(image: UInt8Array) -> BoolArray:
    """Return where an image is green beyond doubt, (H, W): there is vegetation.

    The excess of green over red and blue of a smoothed image, in the light only;
    dry grass and bare trees are missed, and what is greener than red and blue alike but
    bluer than red is green water.
    """
    smooth = ndimage.uniform_filter(image.astype(np.float32), (7, 7, 0))
    total = smooth.sum(-1)
    excess = (3 * smooth[..., 1] - total) / (total + 30)
    is_land = smooth[..., 0] > _LAND * smooth[..., 2]
    green: BoolArray = (excess > _GREEN) & (total > 3 * _LIT) & is_land
    return green
