"""Crops for training and tiles for validation: pairs with sentences, as batches of tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, IterableDataset

from mtrs_geo.class_codes import IGNORE, NONE
from mtrs_geo.data.compose import Composer
from mtrs_geo.data.compose.buildings import compose
from mtrs_geo.data.datasets.changes import Pair, Scene
from mtrs_geo.data.datasets.classes import ClassPair, classes_of_pair
from mtrs_geo.data.sampling.class_targets import class_targets, reading_targets
from mtrs_geo.data.sampling.source_weights import Shares, Turns
from mtrs_geo.data.sampling.transforms import Augmentation, crop, vary_dates
from mtrs_geo.data.sentences import (
    CLASS_TASKS,
    ClassWording,
    draw_expressions,
    say_of_classes,
    write_class_expression,
)
from mtrs_geo.data.sentences.building_words import TRAIN, Wording
from mtrs_geo.data.sentences.buildings import Expression, Task, say, write_expression
from mtrs_geo.data.sentences.land_cover_words import TRAIN_CLASSES

__all__ = ["Batch", "Crops", "Sources", "Tiles", "collate"]

Batch: TypeAlias = dict[str, Any]

_TASKS: dict[Task, float] = {
    "appear": 0.20,
    "disappear": 0.20,
    "state": 0.06,
    "position": 0.38,
    "size": 0.06,
    "absent": 0.10,
}


_TRIES = 20
"""How often a sentence is drawn to get an empty answer, or one that is not."""


@dataclass
class Sources:
    """What crops are drawn from."""

    levir: list[Pair] = field(default_factory=list)
    guangzhou: list[Pair] = field(default_factory=list)
    unchanged: list[Pair] = field(default_factory=list)
    scenes: list[list[Scene]] = field(default_factory=list)
    composer: Composer | None = None
    """Pairs that know classes, where their share is not 0."""
    rendered: list[Pair] = field(default_factory=list)


class Crops(IterableDataset[Batch]):
    """An endless stream of varied crops with sentences.

    Sample i depends on ``seed`` and i alone, so a resumed run goes on with the
    crops it would have seen.
    """

    def __init__(
        self,
        sources: Sources,
        options: Augmentation,
        sentences: int,
        said: int,
        seed: int,
        composed: float = 0.0,
        shares: Shares = Shares(),  # noqa: B008 - frozen
        turns: Turns = Turns(),  # noqa: B008 - frozen
    ) -> None:
        self.sources = sources
        self.options = options
        self.sentences = sentences
        self.said = said
        self.seed = seed
        self.composed = composed
        self.shares = shares
        self.turns = turns

    def __iter__(self) -> Iterator[Batch]:
        """Yield samples; workers and processes take turns."""
        worker = torch.utils.data.get_worker_info()
        at = (worker.id, worker.num_workers) if worker else (0, 1)
        return map(self.sample, self.turns.samples(*at))

    def sample(self, index: int) -> Batch:
        """Return sample ``index``: images, label, ``sentences`` expressions, ``said`` bare ones."""
        rng = np.random.default_rng((self.seed, index))
        composer = self.sources.composer
        if composer is not None and self.composed and rng.random() < self.composed:
            known = composer.sample(index)
            is_changed = bool(known.changed.any())
            found = self._expressions(
                lambda: draw_expressions(known, 1, TRAIN_CLASSES, rng)[0], is_changed, rng
            )
            sample = _as_sample(known.as_pair(), found, known)
        else:
            pair = self._crop(rng)
            is_changed = bool(((pair.label != NONE) & (pair.label != IGNORE)).any())
            found = self._expressions(lambda: _expression(pair, rng), is_changed, rng)
            sample = _as_sample(pair, found)
        return {**sample, "said": [self._said(rng) for _ in range(self.said)]}

    def _said(self, rng: np.random.Generator) -> Expression:
        # Where no crop knows classes, sentences about them would teach words without a use.
        if self.composed and rng.random() < 0.6:
            return say_of_classes(TRAIN_CLASSES, rng)
        return say(TRAIN, rng)

    def _expressions(
        self, draw: Callable[[], Expression], is_changed: bool, rng: np.random.Generator
    ) -> list[Expression]:
        share = self.shares.empty
        # Where nothing changed every answer is empty.
        if share is None or not is_changed:
            return [draw() for _ in range(self.sentences)]
        return [_drawn_until(draw, rng.random() < share) for _ in range(self.sentences)]

    def _crop(self, rng: np.random.Generator) -> Pair:
        for _ in range(3):
            pair = crop(self._draw(rng), self.options, rng)
            # Most ground is unchanged: a crop without change is mostly drawn again.
            if pair.label.any() or rng.random() < self.shares.without_change:
                break
        return vary_dates(pair, self.options, rng)

    def _draw(self, rng: np.random.Generator) -> Pair:
        s, name = self.sources, self.shares.draw(rng)
        if name == "buildings":
            group = s.scenes[rng.integers(len(s.scenes))]
            return compose(group, self.options.crop_px, rng)
        pairs = {"guangzhou": s.guangzhou, "unchanged": s.unchanged, "rendered": s.rendered}
        pool = pairs.get(name, s.levir)
        pair = pool[rng.integers(len(pool))]
        return _still(pair) if name == "still" else pair


def _expression(pair: Pair, rng: np.random.Generator) -> Expression:
    tasks, shares = list(_TASKS), list(_TASKS.values())
    while True:
        task = tasks[rng.choice(len(tasks), p=shares)]
        found = write_expression(pair.label, task, TRAIN, rng)
        if found is not None:
            return found


def _drawn_until(draw: Callable[[], Expression], empty: bool) -> Expression:
    # Where no such sentence is found the last one must do.
    for _ in range(_TRIES):
        expression = draw()
        if expression.mask.any() != empty:
            break
    return expression


def _still(pair: Pair) -> Pair:
    # The later date on both sides: buildings that stand there are no change.
    return Pair(pair.name, "still", pair.after, pair.after, np.zeros_like(pair.label), pair.gsd_m)


class Tiles(Dataset[Batch]):
    """Whole fixed tiles of held-back pairs with held-out wordings, for validation."""

    def __init__(
        self, pairs: list[Pair], tile_px: int, wording: Wording, tasks: list[Task]
    ) -> None:
        self.items: list[tuple[Pair, list[Expression], ClassPair | None]] = []
        for pair in pairs:
            rows, cols = (side - tile_px + 1 for side in pair.label.shape)
            for row in range(0, rows, tile_px):
                for col in range(0, cols, tile_px):
                    self._add(_tile(pair, row, col, tile_px), wording, tasks)

    def _add(self, pair: Pair, wording: Wording, tasks: list[Task]) -> None:
        rng = np.random.default_rng(len(self.items))
        found = [write_expression(pair.label, task, wording, rng) for task in tasks]
        self.items.append((pair, [e for e in found if e is not None], None))

    def add_composed(self, pair: ClassPair, wording: ClassWording) -> None:
        """Add a pair that knows classes, with a sentence of every kind that it can carry."""
        rng = np.random.default_rng(len(self.items))
        found = [write_class_expression(pair, task, wording, rng) for task in CLASS_TASKS]
        named = [replace(e, task=f"composed_{e.task}") for e in found if e is not None]
        self.items.append((pair.as_pair(), named, pair))

    def __len__(self) -> int:
        """Count the tiles."""
        return len(self.items)

    def __getitem__(self, index: int) -> Batch:
        """Return one tile and its expressions."""
        return _as_sample(*self.items[index])


def _tile(pair: Pair, row: int, col: int, tile_px: int) -> Pair:
    area = slice(row, row + tile_px), slice(col, col + tile_px)
    return Pair(
        pair.name, pair.source, pair.before[area], pair.after[area], pair.label[area], pair.gsd_m
    )


def _as_sample(pair: Pair, expressions: list[Expression], known: ClassPair | None = None) -> Batch:
    known = known or classes_of_pair(pair)
    before, after = reading_targets(expressions)
    return {
        "before": torch.from_numpy(np.ascontiguousarray(pair.before.transpose(2, 0, 1))),
        "after": torch.from_numpy(np.ascontiguousarray(pair.after.transpose(2, 0, 1))),
        "label": torch.from_numpy(pair.label.copy()),
        "texts": [e.text for e in expressions],
        "kinds": [e.kind for e in expressions],
        "tasks": [e.task for e in expressions],
        "masks": torch.from_numpy(
            np.stack([e.mask for e in expressions])
            if expressions
            else np.zeros((0, *pair.label.shape), bool)
        ),
        "places": [e.cell or e.place for e in expressions],
        "from_classes": torch.from_numpy(before),
        "to_classes": torch.from_numpy(after),
        "before_class": torch.from_numpy(class_targets(known.before_class)),
        "after_class": torch.from_numpy(class_targets(known.after_class)),
    }


def collate(samples: list[Batch]) -> Batch:
    """Stack B samples; sentence i of the N in the batch belongs to pair ``index[i]``."""
    index = [i for i, s in enumerate(samples) for _ in s["texts"]]
    return {
        "before": torch.stack([s["before"] for s in samples]),  # (B, 3, H, W)
        "after": torch.stack([s["after"] for s in samples]),
        "label": torch.stack([s["label"] for s in samples]),  # (B, H, W)
        "texts": [t for s in samples for t in s["texts"]],
        "kinds": [k for s in samples for k in s["kinds"]],
        "tasks": [t for s in samples for t in s["tasks"]],
        "masks": torch.cat([s["masks"] for s in samples]),  # (N, H, W)
        "places": [p for s in samples for p in s["places"]],
        "index": torch.tensor(index, dtype=torch.long),
        "said": [e for s in samples for e in s.get("said", ())],
        **{
            name: join([s[name] for s in samples])
            for name, join in _CLASS_TARGETS.items()
            if name in samples[0]
        },
    }


_CLASS_TARGETS: dict[str, Callable[[list[Tensor]], Tensor]] = {
    "from_classes": torch.cat,  # (N, 8)
    "to_classes": torch.cat,
    "before_class": torch.stack,  # (B, H, W)
    "after_class": torch.stack,
}
"""What only sources that know classes give, and how it is joined."""
