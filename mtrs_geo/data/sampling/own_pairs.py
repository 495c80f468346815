"""Crops of a user's own labelled pairs, for fine-tuning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from mtrs_geo.data.sampling.transforms import augment_image
from mtrs_geo.data.sentences.building_words import TRAIN
from mtrs_geo.data.sentences.buildings import write_building_text
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.query import ChangeQuery

__all__ = ["STRIDE_PX", "ReferringCrops"]

STRIDE_PX = 32
"""The side of a crop is a multiple of it."""
_SENTENCES, _TEXT_ONLY = 3, 4
_TARGET_SHARE = 0.75
"""Share of crops drawn for a sentence with a target: most ground is unchanged."""
_CENTRED_SHARE = 0.7
"""Share of crops, among those of pairs with a change, whose window contains changed pixels."""


class ReferringCrops(Dataset[dict[str, Any]]):
    """``count`` augmented crops of pairs in MTRefSeg-21K's layout, as samples for stage 2.

    Crop i depends only on ``seed`` and i.  Every sentence with a target is drawn equally
    often, however few pairs it has.  Text-only sentences of the training vocabulary are
    added, so that the model keeps its language skills.

    Args:
        pairs: labelled pairs; those without an expression are left out. A `SplitReader` reads each
            pair when it is drawn.
        count: number of crops.
        crop_px: side of a crop in pixels; it is reduced if all pairs are smaller. A smaller
            pair is padded with pixels that are black at both dates, like nodata.
        seed: seed of all draws.
    """

    def __init__(self, pairs: Sequence[ReferringPair], count: int, crop_px: int, seed: int) -> None:
        self.pairs = pairs
        self.count = count
        self.seed = seed
        self._places: list[int] = []
        self._targets: dict[str, list[tuple[int, int]]] = {}
        largest = 0
        # Pairs of a reader are read here once, and are not kept.
        for place, pair in enumerate(pairs):
            if not pair.expressions:
                continue
            largest = max(largest, min(pair.after.shape[:2]))
            for i in np.flatnonzero(pair.masks.any((1, 2))):
                place_and_mask = len(self._places), int(i)
                self._targets.setdefault(pair.expressions[i], []).append(place_and_mask)
            self._places.append(place)
        self.crop_px = max(STRIDE_PX, min(crop_px, largest) // STRIDE_PX * STRIDE_PX)

    def __len__(self) -> int:
        """Return the number of crops."""
        return self.count

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Return crop ``index``: images, sentences and masks, as `Crops.sample` does."""
        rng = np.random.default_rng((self.seed, index))
        pair = _crop(_padded(self._draw(rng), self.crop_px), self.crop_px, rng)
        pair = pair if _has_scene_rules(pair) else _flip_rotate(pair, rng)
        return {
            "before": _image(augment_image(pair.before, rng)),
            "after": _image(augment_image(pair.after, rng)),
            # Changes without a sentence are unlabelled; 0 only means that no pixel is ignored.
            "label": torch.zeros(pair.after.shape[:2], dtype=torch.uint8),
            "texts": list(pair.expressions),
            "kinds": ["any"] * len(pair.expressions),
            "tasks": ["own"] * len(pair.expressions),
            "places": ["everywhere"] * len(pair.expressions),
            "masks": torch.from_numpy(pair.masks.copy()),
            "text_only": [write_building_text(TRAIN, rng) for _ in range(_TEXT_ONLY)],
        }

    def _draw(self, rng: np.random.Generator) -> ReferringPair:
        """Return a pair with up to three of its sentences, mostly one of them with a target."""
        if self._targets and rng.random() < _TARGET_SHARE:
            texts = list(self._targets)
            places = self._targets[texts[rng.integers(len(texts))]]
            number, first = places[rng.integers(len(places))]
        else:
            number = int(rng.integers(len(self._places)))
            first = None
        pair = self.pairs[self._places[number]]
        if first is None:
            first = int(rng.integers(len(pair.expressions)))
        others = [int(i) for i in rng.permutation(len(pair.expressions)) if i != first]
        indices = [first, *others[: _SENTENCES - 1]]
        expressions = tuple(pair.expressions[i] for i in indices)
        return replace(pair, expressions=expressions, masks=pair.masks[indices])


def _padded(pair: ReferringPair, crop_px: int) -> ReferringPair:
    rows, cols = (max(0, crop_px - side) for side in pair.after.shape[:2])
    if not rows and not cols:
        return pair
    margin = ((0, rows), (0, cols))
    return replace(
        pair,
        before=np.pad(pair.before, (*margin, (0, 0))),
        after=np.pad(pair.after, (*margin, (0, 0))),
        masks=np.pad(pair.masks, ((0, 0), *margin)),
    )


def _crop(pair: ReferringPair, crop_px: int, rng: np.random.Generator) -> ReferringPair:
    rows, cols = pair.after.shape[:2]
    row, col = (int(rng.integers(side - crop_px + 1)) for side in (rows, cols))
    changed = np.argwhere(pair.masks.any(0))
    if len(changed) and rng.random() < _CENTRED_SHARE:
        corner = changed[rng.integers(len(changed))] - rng.integers(crop_px, size=2)
        row, col = (int(c) for c in np.clip(corner, 0, (rows - crop_px, cols - crop_px)))
    window = slice(row, row + crop_px), slice(col, col + crop_px)
    return replace(
        pair,
        before=pair.before[window],
        after=pair.after[window],
        masks=pair.masks[:, *window],
    )


def _has_scene_rules(pair: ReferringPair) -> bool:
    """Return whether a sentence has scene rules: a rotation would make positions wrong."""
    return any(ChangeQuery.parse(text).rules for text in pair.expressions)


def _flip_rotate(pair: ReferringPair, rng: np.random.Generator) -> ReferringPair:
    quarters, is_mirrored = int(rng.integers(4)), bool(rng.random() < 0.5)

    def transform(image: Any, axes: tuple[int, int]) -> Any:  # noqa: ANN401 - any array
        rotated = np.rot90(image, quarters, axes)
        return np.ascontiguousarray(np.flip(rotated, axes[1]) if is_mirrored else rotated)

    return replace(
        pair,
        before=transform(pair.before, (0, 1)),
        after=transform(pair.after, (0, 1)),
        masks=transform(pair.masks, (1, 2)),
    )


def _image(pixels: Any) -> torch.Tensor:  # noqa: ANN401 - an array
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))
