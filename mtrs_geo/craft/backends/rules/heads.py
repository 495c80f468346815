"""The dense heads of the bundled model as evidence: change of buildings, ground, land cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import (
    BARE,
    BUILDING,
    CAR,
    MAP_CLASSES,
    ROAD,
    UNKNOWN,
    VEGETATION,
    WATER,
)
from mtrs_geo.craft.backends.contract import BackendError, PairImages
from mtrs_geo.craft.backends.rules.evidence import ASSUMED_GSD_M, Evidence
from mtrs_geo.craft.backends.rules.themes import MIN_PX
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.types import BoolArray, FloatArray

if TYPE_CHECKING:
    from mtrs_geo.models.runtime.segmenter import Segmenter

__all__ = ["head_evidence"]

_CODE_OF = {
    "building": BUILDING, "road": ROAD, "vegetation": VEGETATION, "water": WATER, "bare": BARE,
    "car": CAR,
}  # fmt: skip
_CODES = np.array([_CODE_OF[name] for name in MAP_CLASSES], np.uint8)
_IS_GROUND = np.isin(_CODES, (ROAD, VEGETATION, WATER, BARE))
_STRIDE, _LONGEST_PX = 32, 2048
_CERTAIN_CLASS = 0.6
"""Probability from which an unchanged pixel has a known class."""


def head_evidence(pair: PairImages, segmenter: Segmenter) -> Evidence:
    """Return what the heads of a model say about a pair.

    A change of a building is decided by the change head, other changes by the ground head and the
    land-cover head.

    Raises:
        BackendError: if the pair is too large; its tiles are to be added in its place.
    """
    if max(pair.before.shape[:2]) > _LONGEST_PX:
        msg = f"pair {pair.name} is larger than {_LONGEST_PX} pixels; add it with --tile-px 512"
        raise BackendError(msg)
    change, land_cover, ground = _predict(pair, segmenter)
    after = _CODES[land_cover[1].argmax(0)]
    certain = land_cover[1].max(0) > _CERTAIN_CLASS
    known_after = np.where(certain, after, UNKNOWN).astype(np.uint8)
    known_before = known_after.copy()
    before_ground, after_ground = (
        _CODES[np.where(_IS_GROUND[:, None, None], scores, -1).argmax(0)] for scores in land_cover
    )
    is_moved = _clean((ground > 0.5) & (before_ground != after_ground))
    appeared, disappeared = (_clean(change[i] > 0.5) for i in (1, 2))
    for mask, first, last in (
        (is_moved, before_ground, after_ground),
        (appeared, before_ground, np.full_like(after, BUILDING)),
        (disappeared, np.full_like(after, BUILDING), after_ground),
    ):
        known_before[mask], known_after[mask] = first[mask], last[mask]
    changed = is_moved | appeared | disappeared
    probability = np.where(appeared, change[1], np.where(disappeared, change[2], ground))
    classes = ClassPair(
        pair.name, "model", pair.before, pair.after, known_before, known_after, changed,
        pair.gsd_m or ASSUMED_GSD_M, frozenset(),
    )  # fmt: skip
    return Evidence(classes, np.where(changed, probability, 1 - probability).astype(np.float32))


def _clean(mask: BoolArray) -> BoolArray:
    """Drop slivers and small components, and fill small holes."""
    opened = ndimage.binary_opening(mask, iterations=1)
    closed = ndimage.binary_closing(opened, iterations=1) | opened
    numbers, count = ndimage.label(closed)
    kept = np.bincount(numbers.ravel(), minlength=count + 1) >= MIN_PX
    kept[0] = False
    cleaned: BoolArray = kept[numbers]
    return cleaned


def _predict(pair: PairImages, segmenter: Segmenter) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return probabilities of change (3, H, W), classes (2, 6, H, W) and ground (H, W)."""
    import torch
    from torch.nn import functional as F  # noqa: N812

    rows, cols = pair.before.shape[:2]
    pad = ((0, -rows % _STRIDE), (0, -cols % _STRIDE), (0, 0))
    images = np.stack([np.pad(i, pad, "edge") for i in (pair.before, pair.after)])
    dates = torch.from_numpy(images.transpose(0, 3, 1, 2).copy()).to(segmenter.device)
    with torch.inference_mode():
        encoded = segmenter.model.encode(dates[:1], dates[1:])
        ground = encoded.ground
        if ground is None:  # a model that finds no change of the ground
            ground = torch.full_like(encoded.change[:, 0], -10.0)
        logits = torch.cat(
            [encoded.change.float(), encoded.land_cover.float().flatten(1, 2), ground[:, None]], 1
        )
        full = F.interpolate(logits, size=images.shape[1:3], mode="bilinear", align_corners=False)[
            0, :, :rows, :cols
        ]
        classes = full[3:-1].reshape(2, len(MAP_CLASSES), rows, cols).softmax(1)
        found = (full[:3].softmax(0), classes, full[-1].sigmoid())
    change, land_cover, moved = (values.cpu().numpy() for values in found)
    return change, land_cover, moved
