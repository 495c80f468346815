"""A pool of crops in the accelerator's memory, from which batches are drawn."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from mtrs_geo.class_codes import APPEAR, CHANGED, DISAPPEAR, IGNORE
from mtrs_geo.data.datasets.ground import GROUND_CHANGED
from mtrs_geo.data.sampling.crops import Batch
from mtrs_geo.data.sampling.pool_geometry import Geometry, cut_images, cut_labels
from mtrs_geo.data.sampling.pooled_crops import MAPS, PooledCrop, View
from mtrs_geo.data.sampling.transforms import Augmentation
from mtrs_geo.training.bundle.light import relight

__all__ = ["CropPool", "bytes_per_crop"]

_NOT_TURNED = (0, 0)


def bytes_per_crop(crop: PooledCrop) -> int:
    """Return the bytes that a pooled crop takes in the pool."""
    return sum(tensor.nbytes for tensor in (crop.images, crop.maps, crop.masks))


class CropPool:
    """Pooled crops on a device; a new one replaces the oldest.

    Args:
        capacity: number of crops.
        like: a crop with the sizes of all crops.
        augmentation: side of a training crop, and shares of the changes of light.
        seed: seed of all draws.
        device: where the pixels are stored and batches are made.
    """

    def __init__(
        self,
        capacity: int,
        like: PooledCrop,
        augmentation: Augmentation,
        seed: int,
        device: torch.device,
    ) -> None:
        def room(tensor: Tensor) -> Tensor:
            return torch.empty((capacity, *tensor.shape), dtype=torch.uint8, device=device)

        self.capacity, self.augmentation, self.device = capacity, augmentation, device
        self.added = self.drawn = 0
        self._images, maps, self._masks = map(room, (like.images, like.maps, like.masks))
        self._maps = maps.view(torch.int32).squeeze(-1)  # (capacity, S, S)
        self._views: list[tuple[View, ...]] = []
        self._uses = np.zeros(capacity, np.int64)
        self._since = np.zeros(capacity)
        self._rng = np.random.default_rng(seed)
        self._generator = torch.Generator(device).manual_seed(seed)
        self._swapped_label = torch.arange(256, dtype=torch.uint8, device=device)
        self._swapped_label[[APPEAR, DISAPPEAR]] = self._swapped_label[[DISAPPEAR, APPEAR]]

    def __len__(self) -> int:
        """Return the number of crops in the pool."""
        return len(self._views)

    @property
    def age_s(self) -> float:
        """Mean seconds that the crops have been in the pool."""
        return float((time.monotonic() - self._since[: len(self)]).mean()) if len(self) else 0.0

    def add(self, crop: PooledCrop) -> None:
        """Store a crop in a free place, or in that of the oldest crop."""
        slot = self.added % self.capacity
        self._images[slot].copy_(crop.images)
        self._maps[slot].copy_(crop.maps.view(torch.int32).squeeze(-1))
        self._masks[slot].copy_(crop.masks)
        self._views[slot : slot + 1] = [crop.views]
        self._uses[slot], self._since[slot] = 0, time.monotonic()
        self.added += 1

    def draw(self, count: int) -> Batch:
        """Draw a batch of ``count`` crops, as `mtrs_geo.data.sampling.crops.collate` makes it.

        Each has the next view of its pooled crop, turned again if no sentence names a place, in
        new light if no sentence names a look.
        """
        slots = self._rng.permutation(len(self))[:count]
        if len(slots) < count:
            slots = self._rng.integers(len(self), size=count)
        numbers, views = [], []
        for slot in slots:
            number = int(self._uses[slot]) % len(self._views[slot])
            self._uses[slot] += 1
            numbers.append(number)
            views.append(self._views[slot][number])
        turns = [
            _NOT_TURNED if view.keeps_turn else tuple(self._rng.integers((4, 2)).tolist())
            for view in views
        ]
        self.drawn += count
        return self.batch(slots.tolist(), numbers, turns, has_new_light=True)

    def batch(
        self,
        slots: Sequence[int],
        numbers: Sequence[int],
        turns: Sequence[tuple[int, ...]],
        *,
        has_new_light: bool,
    ) -> Batch:
        """Return the batch of some views.

        Args:
            slots: B places in the pool.
            numbers: the view of each crop.
            turns: a further turn of each view, see `Placement`.
            has_new_light: change light and colours, and move a date that shows no outline of a
                change by some pixels, see `augment_dates`.
        """
        views = [self._views[slot][number] for slot, number in zip(slots, numbers, strict=True)]
        places, again = self._numbers(slots), self._numbers(turns)
        is_swapped = self._numbers([view.placement.is_swapped for view in views])
        geometry = Geometry(
            self.augmentation.crop_px,
            self._numbers([view.placement.window for view in views]),
            [self._numbers([view.placement.turn for view in views]), again],
        )
        maps = self._cut_maps(places, geometry, is_swapped)
        scored = torch.where(
            self._numbers([view.knows_ground for view in views])[:, None, None] == 1,
            maps["ground"], maps["label"],
        )  # fmt: skip
        masks = self._cut_masks(places, self._numbers(numbers), again)
        return {
            **self._cut_dates(places, geometry, is_swapped, maps, views if has_new_light else ()),
            **maps,
            "known": scored != IGNORE,
            "masks": masks.flatten(0, 1),
            **self._sentences(views),
            "index": torch.arange(len(views), device=self.device).repeat_interleave(masks.shape[1]),
        }

    def _numbers(self, values: Sequence[object]) -> Tensor:
        return torch.tensor(values, dtype=torch.long, device=self.device)

    def _cut_maps(
        self, places: Tensor, geometry: Geometry, is_swapped: Tensor
    ) -> dict[str, Tensor]:
        # The four bytes of a pixel are cut as one number.
        cut = cut_labels(self._maps, places, geometry)[..., None].view(torch.uint8)
        maps = dict(zip(MAPS, cut.unbind(-1), strict=True))
        label, before, after = (maps[name] for name in MAPS[:3])
        swap = is_swapped[:, None, None] == 1
        return {
            "label": torch.where(swap, self._swapped_label[label.int()], label),
            "before_class": torch.where(swap, after, before),
            "after_class": torch.where(swap, before, after),
            "ground": maps["ground"],
        }

    def _cut_dates(
        self,
        places: Tensor,
        geometry: Geometry,
        is_swapped: Tensor,
        maps: dict[str, Tensor],
        lit: Sequence[View],
    ) -> dict[str, Tensor]:
        """Cut both dates, (B, 3, H, W) each; those of ``lit`` views get new light."""
        is_free = self._numbers([not view.keeps_look for view in lit])
        shifts = self._shifts(maps, is_free) if lit else (None, None)
        dates: dict[str, Tensor] = {}
        for name, date, shift in zip(
            ("before", "after"), (is_swapped, 1 - is_swapped), shifts, strict=True
        ):
            cut = cut_images(self._images.flatten(0, 1), 2 * places + date, geometry, shift)
            if lit:
                cut = relight(cut, is_free == 1, self.augmentation, self._generator)
            dates[name] = cut.round().to(torch.uint8)
        return dates

    def _shifts(self, maps: dict[str, Tensor], is_free: Tensor) -> tuple[Tensor, Tensor]:
        """Return how far each earlier and each later date is moved, (B, 2) each.

        Half of the pairs are not moved, nor are those with outlines of changes at both dates.
        """
        most = self.augmentation.shift_px
        shift = self._numbers(self._rng.integers(-most, most + 1, (len(is_free), 2)).tolist())
        is_moved = self._numbers(self._rng.integers(2, size=len(is_free)).tolist()) * is_free == 1

        def has(name: str, code: int) -> Tensor:
            return (maps[name] == code).flatten(1).any(1)

        appears, disappears = has("label", APPEAR), has("label", DISAPPEAR)
        both = has("label", CHANGED) | has("ground", GROUND_CHANGED) | (appears & disappears)
        earlier, later = is_moved & ~both & appears, is_moved & ~both & ~appears
        return shift * earlier[:, None], shift * later[:, None]

    def _cut_masks(self, places: Tensor, numbers: Tensor, turns: Tensor) -> Tensor:
        """Return the masks of views, turned again, (B, N, H, W) bool."""
        side = self.augmentation.crop_px
        packed = self._masks[places, numbers]  # (B, N, bytes)
        bits = torch.arange(7, -1, -1, dtype=torch.uint8, device=self.device)
        masks = (packed[..., None] >> bits & 1).flatten(2)[..., : side * side]
        masks = masks.reshape(*packed.shape[:2], side, side)
        (turned,) = turns.any(1).nonzero(as_tuple=True)
        each = turned.repeat_interleave(masks.shape[1])
        whole = self._numbers([(0, 0, side)]).expand(len(each), -1)
        cut = cut_labels(
            masks[turned].flatten(0, 1),
            torch.arange(len(each), device=self.device),
            Geometry(side, whole, [turns[each]]),
        )
        masks[turned] = cut.view(-1, *masks.shape[1:])
        return masks.bool()

    def _sentences(self, views: Sequence[View]) -> Batch:
        joined: Batch = {
            name: [item for view in views for item in view.sentences[name]]
            for name in ("texts", "kinds", "tasks", "places", "text_only")
        }
        for name in ("from_classes", "to_classes"):
            stacked = np.concatenate([view.sentences[name] for view in views])
            joined[name] = torch.from_numpy(stacked).to(self.device)
        return joined
