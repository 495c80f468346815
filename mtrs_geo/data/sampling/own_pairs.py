"""Crops of one's own labelled pairs: what fine-tuning learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from mtrs_geo.data.sampling.transforms import vary
from mtrs_geo.data.sentences.building_words import TRAIN
from mtrs_geo.data.sentences.buildings import say
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.query import ChangeQuery

__all__ = ["ReferringCrops"]

_STRIDE = 32
_SENTENCES, _SAID = 3, 4
_FILLED = 0.75
"""Share of crops drawn for a sentence that has a target: most ground is unchanged."""


class ReferringCrops(Dataset[dict[str, Any]]):
    """``count`` varied crops of pairs in MTRefSeg-21K's layout, in the form that stage 2 takes.

    Crop i depends on ``seed`` and i alone.  Every sentence with a target is drawn as often as
    any other, however few pairs it has.  Bare sentences of the training vocabulary go along,
    so that what the model knew of language is kept.

    Args:
        pairs: each with at least one expression.
        count: how many crops.
        crop_px: side of a crop; smaller where all pairs are. A smaller pair is filled up with
            pixels that are black at both dates, as ground without data is.
        seed: of every choice.
    """

    def __init__(self, pairs: Sequence[ReferringPair], count: int, crop_px: int, seed: int) -> None:
        self.pairs = [pair for pair in pairs if pair.expressions]
        self.count = count
        self.seed = seed
        largest = max(min(pair.after.shape[:2]) for pair in self.pairs)
        self.crop_px = max(_STRIDE, min(crop_px, largest) // _STRIDE * _STRIDE)
        self._targets: dict[str, list[tuple[int, int]]] = {}
        for number, pair in enumerate(self.pairs):
            for i in np.flatnonzero(pair.masks.any((1, 2))):
                found = self._targets.setdefault(pair.expressions[i], [])
                found.append((number, int(i)))

    def __len__(self) -> int:
        """Count the crops."""
        return self.count

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Return crop ``index``: images, sentences and masks as `mtrs_geo.data.sampling.datamodule`'s."""
        rng = np.random.default_rng((self.seed, index))
        pair = _crop(_filled_up(self._draw(rng), self.crop_px), self.crop_px, rng)
        pair = pair if _speaks_of_places(pair) else _turn(pair, rng)
        return {
            "before": _image(vary(pair.before, rng)),
            "after": _image(vary(pair.after, rng)),
            # What else changed in a pair nobody said: label 0 only means that all is known.
            "label": torch.zeros(pair.after.shape[:2], dtype=torch.uint8),
            "texts": list(pair.expressions),
            "kinds": ["any"] * len(pair.expressions),
            "tasks": ["own"] * len(pair.expressions),
            "places": ["everywhere"] * len(pair.expressions),
            "masks": torch.from_numpy(pair.masks.copy()),
            "said": [say(TRAIN, rng) for _ in range(_SAID)],
        }

    def _draw(self, rng: np.random.Generator) -> ReferringPair:
        """Return a pair with few of its sentences: mostly one that has a target, and others."""
        if self._targets and rng.random() < _FILLED:
            texts = list(self._targets)
            found = self._targets[texts[rng.integers(len(texts))]]
            number, first = found[rng.integers(len(found))]
        else:
            number = int(rng.integers(len(self.pairs)))
            first = int(rng.integers(len(self.pairs[number].expressions)))
        pair = self.pairs[number]
        others = [int(i) for i in rng.permutation(len(pair.expressions)) if i != first]
        chosen = [first, *others[: _SENTENCES - 1]]
        texts_here = tuple(pair.expressions[i] for i in chosen)
        return replace(pair, expressions=texts_here, masks=pair.masks[chosen])


def _filled_up(pair: ReferringPair, crop_px: int) -> ReferringPair:
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
    wanted = np.argwhere(pair.masks.any(0))
    if len(wanted) and rng.random() < 0.7:  # changes are rare: most crops shall hold one
        at = wanted[rng.integers(len(wanted))] - rng.integers(crop_px, size=2)
        row, col = (int(c) for c in np.clip(at, 0, (rows - crop_px, cols - crop_px)))
    area = slice(row, row + crop_px), slice(col, col + crop_px)
    return replace(
        pair, before=pair.before[area], after=pair.after[area], masks=pair.masks[:, *area]
    )


def _speaks_of_places(pair: ReferringPair) -> bool:
    return any(ChangeQuery.parse(text).rules for text in pair.expressions)


def _turn(pair: ReferringPair, rng: np.random.Generator) -> ReferringPair:
    quarter, mirror = int(rng.integers(4)), bool(rng.random() < 0.5)

    def turn(image: Any, axes: tuple[int, int]) -> Any:  # noqa: ANN401 - any array
        turned = np.rot90(image, quarter, axes)
        return np.ascontiguousarray(np.flip(turned, axes[1]) if mirror else turned)

    return replace(
        pair,
        before=turn(pair.before, (0, 1)),
        after=turn(pair.after, (0, 1)),
        masks=turn(pair.masks, (1, 2)),
    )


def _image(pixels: Any) -> torch.Tensor:  # noqa: ANN401 - an array
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))
