"""What is known of the pixels of a pair: the classes of both dates, and how certain a change is.

Kinds of label maps that rules read; 0 is "not that" in all of them:

    appear, disappear         buildings that appear or disappear
    replaced, changed         buildings that changed, without a known direction
    class_before, class_after class codes of `mtrs_geo.class_codes`
    ignore                    nothing is known here
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mtrs_geo.class_codes import APPEAR, BUILDING, CHANGED, CODES, DISAPPEAR, IGNORE, NONE
from mtrs_geo.craft.backends.contract import BackendError, PairImages
from mtrs_geo.data.datasets.annotated import ground_of_maps
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.datasets.classes import ClassPair, classes_of_pair
from mtrs_geo.types import FloatArray

__all__ = ["ASSUMED_GSD_M", "Evidence", "labelled_evidence"]

ASSUMED_GSD_M = 0.5
"""Ground sample distance of pairs without a georeference."""
_BUILDING_MAPS = {
    "changed": CHANGED, "replaced": CHANGED, "appear": APPEAR, "disappear": DISAPPEAR,
}  # fmt: skip
_CLASS_MAPS = ("class_before", "class_after")


@dataclass(frozen=True, eq=False)
class Evidence:
    """The classes of both dates of a pair; compared by identity."""

    classes: ClassPair
    probability: FloatArray
    """(rows, cols), of the change or of its absence, in [0, 1]."""


def labelled_evidence(pair: PairImages) -> Evidence:
    """Return what the label maps of a pair say.

    Raises:
        BackendError: if the pair has no label map that rules read.
    """
    maps = pair.labels
    has_classes = all(kind in maps for kind in _CLASS_MAPS)
    buildings = [kind for kind in _BUILDING_MAPS if kind in maps]
    if not has_classes and not buildings:
        msg = f"pair {pair.name} has no label map that rules read; use --describer model"
        raise BackendError(msg)
    shape = pair.before.shape[:2]
    label = np.full(shape, NONE, np.uint8)
    for kind in buildings:
        label[maps[kind] > 0] = _BUILDING_MAPS[kind]
    ignored = maps.get("ignore", np.zeros(shape, np.uint8)) > 0
    label[ignored] = IGNORE
    ground = None
    if has_classes:
        ground = ground_of_maps(maps["class_before"], maps["class_after"], ignored)
    gsd_m = pair.gsd_m or ASSUMED_GSD_M
    found = classes_of_pair(
        Pair(pair.name, "labels", pair.before, pair.after, label, gsd_m, ground)
    )
    if has_classes:
        same = (maps["class_before"] == maps["class_after"]) & (maps["class_after"] > 0) & ~ignored
        same &= ~found.changed
        for known in (found.before_class, found.after_class):
            known[same] = maps["class_after"][same]
    # All changes of buildings are labelled, so a pixel of unknown class is none.
    others = frozenset[int]().union(*CODES.values()) - {BUILDING}
    unlabelled = others if buildings else others | {BUILDING}
    return Evidence(replace(found, unlabelled=unlabelled), np.ones(shape, np.float32))
