"""Crops for a pool in the accelerator's memory, each with several views that have sentences.

A pooled crop is larger than a training crop.  A view is a window of it with a turn, a mirror and
an order of the dates.  Which sentences are true depends on all of these (north, the largest),
so they are written for each view, from its own class maps, by the code of `Crops`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from mtrs_geo.class_codes import IGNORE
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.data.sampling.crops import Batch, Crops, as_sample
from mtrs_geo.data.sampling.pool_geometry import Geometry, cut_images, cut_labels
from mtrs_geo.data.sampling.transforms import Augmentation, swap_dates
from mtrs_geo.data.sentences.attributes import LOOKS
from mtrs_geo.data.sentences.land_cover_words import TRAIN_CLASSES
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = [
    "MAPS",
    "Placement",
    "PooledCrop",
    "PooledCrops",
    "View",
    "pooled_augmentation",
    "pooled_px",
]

MAPS = ("label", "before_class", "after_class", "ground")
"""Maps of a pooled crop, in order, with the codes of `as_sample`."""

_MARGIN = 4 / 3
"""Side of a pooled crop relative to a training crop."""
_LARGEST_ZOOM = 1.2
"""Largest zoom of a view; the smallest is the whole pooled crop."""
_MULTIPLE_PX = 32
_MAX_WINDOWS = 3
"""Most draws of a window until it has a change, as in `Crops.real_pair`."""
_PLACED = frozenset({"extreme", "except", "attribute"})
"""Tasks whose sentences may name a place or a direction that the expression does not hold."""


def pooled_px(crop_px: int) -> int:
    """Return the side of a pooled crop in pixels, for training crops of ``crop_px``."""
    return max(crop_px, round(_MARGIN * crop_px / _MULTIPLE_PX) * _MULTIPLE_PX)


def pooled_augmentation(augmentation: Augmentation) -> Augmentation:
    """Return the augmentation of pooled crops, whose views are zoomed and swapped again.

    The zooms of both together have the range of ``augmentation``.
    """
    side = pooled_px(augmentation.crop_px)
    low, high = augmentation.zoom
    low, high = low * side / augmentation.crop_px, high / _LARGEST_ZOOM
    if low > high:
        low = high = (low + high) / 2
    return replace(augmentation, crop_px=side, zoom=(low, high), swap=0.0)


class Placement(NamedTuple):
    """How a view is cut from its pooled crop."""

    window: tuple[int, int, int]
    """First row, first column and side in pixels."""
    turn: tuple[int, int]
    """Counterclockwise quarter turns, then 1 if the columns are mirrored."""
    is_swapped: bool
    """Whether the dates are swapped."""


@dataclass(frozen=True)
class View:
    """A part of a pooled crop with its sentences."""

    placement: Placement
    sentences: Batch
    """The entries of `as_sample` that describe sentences, and text-only sentences; no masks."""
    knows_ground: bool
    """Masks are scored where the ground is known; otherwise where the label is."""
    keeps_turn: bool
    """A sentence may name a place or a direction, so the view must not be turned again."""
    keeps_look: bool
    """A sentence may name a colour or a texture, so the light must stay."""


@dataclass(frozen=True)
class PooledCrop:
    """A crop of S x S pixels with K views of N sentences each."""

    images: Tensor
    """(2, 3, S, S) uint8, both dates."""
    maps: Tensor
    """(S, S, 4) uint8, see `MAPS`."""
    masks: Tensor
    """(K, N, bytes) uint8, the masks of each view, eight pixels per byte (`numpy.packbits`)."""
    views: tuple[View, ...]


class PooledCrops(IterableDataset[PooledCrop]):
    """An endless stream of pooled crops; crop i depends only on the seed of ``crops`` and i.

    Args:
        crops: draws pairs of `pooled_px` (`pooled_augmentation`) and writes sentences.
        crop_px: side of a training crop.
        swap: share of the views whose dates are swapped.
        views: views per pooled crop.
    """

    def __init__(self, crops: Crops, crop_px: int, swap: float, views: int = 8) -> None:
        self.crops = crops
        self.crop_px = crop_px
        self.swap = swap
        self.views = views

    def __iter__(self) -> Iterator[PooledCrop]:
        """Yield the pooled crops of this worker."""
        worker = get_worker_info()
        number, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        return map(self.sample, self.crops.schedule.samples(number, workers))

    def sample(self, index: int) -> PooledCrop:
        """Return pooled crop ``index``."""
        rng = np.random.default_rng((self.crops.seed, index))
        pair = self.crops.composed_pair(index, rng) or self.crops.real_pair(rng)
        has_change = _has_change(pair)
        placements = [
            Placement(
                self._window(has_change, rng),
                (int(rng.integers(4)), int(rng.integers(2))),
                bool(rng.random() < self.swap),
            )
            for _ in range(self.views)
        ]
        return self.pool(pair, placements, rng)

    def pool(
        self, pair: Pair | ClassPair, placements: Sequence[Placement], rng: np.random.Generator
    ) -> PooledCrop:
        """Return a pair as a pooled crop.

        Args:
            pair: of the size of a pooled crop.
            placements: of the views.
            rng: draws the sentences.
        """
        planar = np.stack([pair.before, pair.after]).transpose(0, 3, 1, 2)
        images = torch.from_numpy(np.ascontiguousarray(planar))
        targets = (
            as_sample(pair.as_pair(), [], pair)
            if isinstance(pair, ClassPair)
            else as_sample(pair, [])
        )
        has_looks = isinstance(pair, ClassPair) or (
            pair.ground is not None and self.crops.source_weights.ground_sentences > 0
        )
        geometry = Geometry(
            self.crop_px,
            torch.tensor([placement.window for placement in placements]),
            [torch.tensor([placement.turn for placement in placements])],
        )
        # Other sentences do not look at the images, so those need not be cut.
        dates = _cut_dates(images, geometry) if has_looks else None
        shown = _cut_views(pair, dates, targets["ground"].numpy(), geometry)
        samples = [
            self._sample(part, ground, rng, is_swapped=placement.is_swapped)
            for placement, (part, ground) in zip(placements, shown, strict=True)
        ]
        masks = [np.packbits(sample["masks"].flatten(1).numpy(), axis=1) for sample in samples]
        return PooledCrop(
            images,
            torch.stack([targets[name] for name in MAPS], -1),
            torch.from_numpy(np.stack(masks)),
            tuple(
                _as_view(placement, sample, has_looks=has_looks)
                for placement, sample in zip(placements, samples, strict=True)
            ),
        )

    def _window(self, has_change: BoolArray, rng: np.random.Generator) -> tuple[int, int, int]:
        whole = len(has_change)
        for _ in range(_MAX_WINDOWS):
            side = int(rng.integers(min(whole, round(self.crop_px / _LARGEST_ZOOM)), whole + 1))
            row, col = (int(first) for first in rng.integers(whole - side + 1, size=2))
            is_changed = has_change[row : row + side, col : col + side].any()
            if is_changed or rng.random() < self.crops.source_weights.keep_unchanged:
                break
        return row, col, side

    def _sample(
        self, pair: Pair | ClassPair, ground: UInt8Array, rng: np.random.Generator, *,
        is_swapped: bool,
    ) -> Batch:  # fmt: skip
        """Write the sentences of a view; ``ground`` is its `ground_of_pair`."""
        if isinstance(pair, ClassPair):
            sample = self.crops.composed_sample(pair.swapped() if is_swapped else pair, rng)
        else:
            sample = self.crops.real_sample(swap_dates(pair) if is_swapped else pair, rng, ground)
        text_only = [self.crops.text_only_sentence(rng) for _ in range(self.crops.text_only)]
        return {**sample, "text_only": text_only}


def _as_view(placement: Placement, sample: Batch, *, has_looks: bool) -> View:
    names = ("texts", "kinds", "tasks", "places", "text_only")
    return View(
        placement,
        sentences={
            **{name: sample[name] for name in names},
            # Arrays and not tensors: each tensor of another process needs a file descriptor.
            **{name: sample[name].numpy() for name in ("from_classes", "to_classes")},
        },
        knows_ground=not torch.equal(sample["known"], sample["label"] != IGNORE),
        keeps_turn=any(
            place != "everywhere" or task in _PLACED
            for place, task in zip(sample["places"], sample["tasks"], strict=True)
        ),
        keeps_look=has_looks and any(map(_names_look, sample["texts"])),
    )


def _has_change(pair: Pair | ClassPair) -> BoolArray:
    if isinstance(pair, ClassPair):
        return pair.changed
    has_change: BoolArray = pair.label != 0
    return has_change if pair.ground is None else has_change | pair.ground.any(-1)


def _cut_dates(images: Tensor, geometry: Geometry) -> tuple[UInt8Array, UInt8Array]:
    """Cut both dates of K views, (K, H, W, 3) each."""
    before, after = (
        cut_images(images, torch.full_like(geometry.windows[:, 0], date), geometry)
        .round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
        for date in range(2)
    )  # fmt: skip
    return before, after


def _cut_views(
    pair: Pair | ClassPair,
    dates: tuple[UInt8Array, UInt8Array] | None,
    ground: UInt8Array,
    geometry: Geometry,
) -> Iterator[tuple[Pair | ClassPair, UInt8Array]]:
    """Yield what each view shows of a pair and of its changes of the ground.

    Without ``dates`` the images are black.
    """
    if isinstance(pair, ClassPair):
        maps = [pair.before_class, pair.after_class, pair.changed.view(np.uint8), ground]
    elif pair.ground is None:
        maps = [pair.label, ground, ground, ground]
    else:
        maps = [pair.label, pair.ground[..., 0], pair.ground[..., 1], ground]
    # The four bytes of a pixel are cut as one number.
    packed = torch.from_numpy(np.stack(maps, -1)).view(torch.int32).squeeze(-1)[None]
    cut = cut_labels(packed, torch.zeros_like(geometry.windows[:, 0]), geometry)
    parts = np.moveaxis(cut[..., None].view(torch.uint8).numpy(), -1, 1).copy()  # (K, 4, H, W)
    black = np.zeros((*parts.shape[-2:], 3), np.uint8)
    for number, (first, second, third, ground_part) in enumerate(parts):
        before, after = (black, black) if dates is None else (date[number] for date in dates)
        if isinstance(pair, ClassPair):
            part: Pair | ClassPair = replace(
                pair, before=before, after=after, before_class=first, after_class=second,
                changed=third == 1,
                gsd_m=pair.gsd_m * int(geometry.windows[number, 2]) / geometry.crop_px,
            )  # fmt: skip
        else:
            known = None if pair.ground is None else np.stack([second, third], -1)
            part = replace(pair, before=before, after=after, label=first, ground=known)
        yield part, ground_part


def _looks() -> re.Pattern[str]:
    nouns = [n for n in TRAIN_CLASSES.nouns if n.attribute in LOOKS]
    words = {word for n in nouns for word in (n.singular, n.plural) if word}
    words |= {a.word for a in TRAIN_CLASSES.adjectives if a.attribute in LOOKS}
    return re.compile(rf"\b({'|'.join(map(re.escape, sorted(words)))})\b", re.IGNORECASE)


_LOOK_WORDS = _looks()


def _names_look(text: str) -> bool:
    return bool(_LOOK_WORDS.search(text))
