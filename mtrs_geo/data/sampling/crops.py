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
from mtrs_geo.data.compose.buildings import compose_building_pair
from mtrs_geo.data.datasets.changes import Pair, Scene
from mtrs_geo.data.datasets.classes import ClassPair, classes_of_pair
from mtrs_geo.data.datasets.ground import (
    ground_of_class_pair,
    ground_of_pair,
    ground_pair,
)
from mtrs_geo.data.sampling.class_targets import class_targets, intent_targets
from mtrs_geo.data.sampling.source_weights import BatchSchedule, SourceName, SourceWeights
from mtrs_geo.data.sampling.style import transfer_style
from mtrs_geo.data.sampling.transforms import Augmentation, augment_dates, random_crop
from mtrs_geo.data.sentences import (
    CLASS_TASKS,
    ClassWording,
    draw_expressions,
    write_class_expression,
    write_class_text,
)
from mtrs_geo.data.sentences.building_words import TRAIN
from mtrs_geo.data.sentences.buildings import Task, write_building_expression, write_building_text
from mtrs_geo.data.sentences.expression import Expression
from mtrs_geo.data.sentences.land_cover_words import TRAIN_CLASSES
from mtrs_geo.data.sentences.wording import BuildingWording
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["Batch", "Crops", "Sources", "Tiles", "as_sample", "collate"]

Batch: TypeAlias = dict[str, Any]

_TASKS: dict[Task, float] = {
    "appear": 0.20,
    "disappear": 0.20,
    "state": 0.06,
    "position": 0.38,
    "size": 0.06,
    "absent": 0.10,
}
"""Share of each kind of sentence about buildings."""

_MAX_DRAWS = 20
"""Most draws of a sentence until its mask is empty, or not empty, as requested."""


@dataclass
class Sources:
    """Images that crops are drawn from."""

    levir: list[Pair] = field(default_factory=list)
    guangzhou: list[Pair] = field(default_factory=list)
    unchanged: list[Pair] = field(default_factory=list)
    scenes: list[list[Scene]] = field(default_factory=list)
    composer: Composer | None = None
    """Composes pairs with class maps; None if their share is 0."""
    rendered: list[Pair] = field(default_factory=list)
    annotated: dict[SourceName, list[Pair]] = field(default_factory=dict)
    """Pairs of the other sources, by name."""
    oam_scenes: list[Scene] = field(default_factory=list)


class Crops(IterableDataset[Batch]):
    """An endless stream of augmented crops with sentences.

    Sample i depends only on ``seed`` and i, so a resumed run continues with the same
    crops as an uninterrupted one.

    Args:
        sources: images to draw from.
        augmentation: crop size and strength of the augmentation.
        sentences: sentences per crop.
        text_only: sentences without an image, per crop.
        seed: seed of all draws.
        composed: share of the crops that are composed and have class maps.
        source_weights: weights of the other sources, and share of empty answers.
        schedule: sample numbers of this process.
    """

    def __init__(
        self,
        sources: Sources,
        augmentation: Augmentation,
        sentences: int,
        text_only: int,
        seed: int,
        composed: float = 0.0,
        source_weights: SourceWeights = SourceWeights(),  # noqa: B008 - frozen
        schedule: BatchSchedule = BatchSchedule(),  # noqa: B008 - frozen
    ) -> None:
        self.sources = sources
        self.augmentation = augmentation
        self.sentences = sentences
        self.text_only = text_only
        self.seed = seed
        self.composed = composed
        self.source_weights = source_weights
        self.schedule = schedule

    def __iter__(self) -> Iterator[Batch]:
        """Yield the samples of this worker of this process."""
        worker = torch.utils.data.get_worker_info()
        number, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        return map(self.sample, self.schedule.samples(number, workers))

    def sample(self, index: int) -> Batch:
        """Return sample ``index``: images, label, expressions and text-only sentences."""
        rng = np.random.default_rng((self.seed, index))
        class_pair = self.composed_pair(index, rng)
        if class_pair is not None:
            sample = self.composed_sample(class_pair, rng)
        else:
            pair = augment_dates(self.real_pair(rng), self.augmentation, rng)
            sample = self.real_sample(pair, rng)
        return {
            **sample,
            "text_only": [self.text_only_sentence(rng) for _ in range(self.text_only)],
        }

    def composed_pair(self, index: int, rng: np.random.Generator) -> ClassPair | None:
        """Return composed pair ``index``, or None if the sample is not a composed one."""
        composer = self.sources.composer
        if composer is None or not self.composed or rng.random() >= self.composed:
            return None
        return composer.sample(index)

    def composed_sample(self, pair: ClassPair, rng: np.random.Generator) -> Batch:
        """Write the sentences of a pair with class maps."""
        is_changed = bool(pair.changed.any())
        expressions = self._expressions(
            lambda: draw_expressions(pair, 1, TRAIN_CLASSES, rng)[0], is_changed, rng
        )
        return as_sample(pair.as_pair(), expressions, pair)

    def real_sample(
        self, pair: Pair, rng: np.random.Generator, found: UInt8Array | None = None
    ) -> Batch:
        """Write the sentences of a pair; ``found`` is its `ground_of_pair`, if it is known."""
        share = self.source_weights.ground_sentences
        if pair.ground is not None and share and rng.random() < share:
            found = ground_of_pair(pair) if found is None else found
            ground = ground_pair(pair, found)
            is_changed = bool(ground.changed.any())
            expressions = self._expressions(
                lambda: _ground_expression(ground, rng), is_changed, rng
            )
            return as_sample(pair, expressions, known=found != IGNORE)
        is_changed = bool(((pair.label != NONE) & (pair.label != IGNORE)).any())
        return as_sample(pair, self._expressions(lambda: _expression(pair, rng), is_changed, rng))

    def text_only_sentence(self, rng: np.random.Generator) -> Expression:
        """Write a sentence without an image."""
        # Without composed crops no image has class maps, so sentences about classes are no use.
        if self.composed and rng.random() < 0.6:
            return write_class_text(TRAIN_CLASSES, rng)
        return write_building_text(TRAIN, rng)

    def _expressions(
        self, draw: Callable[[], Expression], is_changed: bool, rng: np.random.Generator
    ) -> list[Expression]:
        share = self.source_weights.no_target
        # In a crop without change every mask is empty.
        if share is None or not is_changed:
            return [draw() for _ in range(self.sentences)]
        return [_draw_until(draw, rng.random() < share) for _ in range(self.sentences)]

    def real_pair(self, rng: np.random.Generator) -> Pair:
        """Draw a crop of a source, mostly with a change, before its dates are augmented."""
        for _ in range(3):
            pair = random_crop(self._draw(rng), self.augmentation, rng)
            # Most ground is unchanged, so most crops without change are drawn again.
            is_changed = pair.label.any() or (pair.ground is not None and pair.ground.any())
            if is_changed or rng.random() < self.source_weights.keep_unchanged:
                break
        if self.augmentation.style and rng.random() < self.augmentation.style:
            pair = self._with_style_of_another(pair, rng)
        return pair

    def _with_style_of_another(self, pair: Pair, rng: np.random.Generator) -> Pair:
        """Both dates get the styles of another pair's dates (place), or one does (season)."""
        style = random_crop(self._draw(rng), self.augmentation, rng)
        strength = rng.uniform(0.4, 1)
        both = rng.random() < 0.5
        return replace(
            pair,
            before=transfer_style(pair.before, style.before, rng, strength)
            if both
            else pair.before,
            after=transfer_style(pair.after, style.after, rng, strength),
        )

    def _draw(self, rng: np.random.Generator) -> Pair:
        sources, name = self.sources, self.source_weights.draw(rng)
        if name == "buildings":
            scenes = sources.scenes[rng.integers(len(sources.scenes))]
            return compose_building_pair(scenes, self.augmentation.crop_px, rng)
        if name == "oam_buildings":
            return compose_building_pair(sources.oam_scenes, self.augmentation.crop_px, rng)
        by_name = {
            **sources.annotated,
            "guangzhou": sources.guangzhou,
            "unchanged": sources.unchanged,
            "rendered": sources.rendered,
        }
        pairs = by_name.get(name, sources.levir)
        pair = pairs[rng.integers(len(pairs))]
        return _same_date(pair) if name == "same_date" else pair


def _expression(pair: Pair, rng: np.random.Generator) -> Expression:
    tasks, shares = list(_TASKS), list(_TASKS.values())
    while True:
        task = tasks[rng.choice(len(tasks), p=shares)]
        expression = write_building_expression(pair.label, task, TRAIN, rng)
        if expression is not None:
            return expression


def _ground_expression(pair: ClassPair, rng: np.random.Generator) -> Expression:
    """Draw a sentence that is not about buildings or cars, whose changes are not in the maps."""
    while True:
        (expression,) = draw_expressions(pair, 1, TRAIN_CLASSES, rng)
        named = expression.from_classes | expression.to_classes
        if not named - {"any"} or named - {"any", "building", "car"}:
            return expression


def _draw_until(draw: Callable[[], Expression], is_empty: bool) -> Expression:
    """Draw until the mask is empty or not, as requested; after 20 draws return the last one."""
    for _ in range(_MAX_DRAWS):
        expression = draw()
        if expression.mask.any() != is_empty:
            break
    return expression


def _same_date(pair: Pair) -> Pair:
    """Return the later date as both dates: existing buildings are not a change."""
    label = np.zeros_like(pair.label)
    ground = np.zeros((*label.shape, 2), np.uint8)
    return Pair(pair.name, "same_date", pair.after, pair.after, label, pair.gsd_m, ground)


class Tiles(Dataset[Batch]):
    """Fixed tiles of held-out pairs with held-out wordings, for validation.

    Args:
        pairs: held-out pairs, cut into tiles without overlap.
        tile_px: side of a tile in pixels.
        wording: held-out wording of the sentences.
        tasks: kinds of sentences to write for each tile, where the tile allows them.
    """

    def __init__(
        self, pairs: list[Pair], tile_px: int, wording: BuildingWording, tasks: list[Task]
    ) -> None:
        self.items: list[tuple[Pair, list[Expression], ClassPair | None]] = []
        for pair in pairs:
            rows, cols = (side - tile_px + 1 for side in pair.label.shape)
            for row in range(0, rows, tile_px):
                for col in range(0, cols, tile_px):
                    self._add(_tile(pair, row, col, tile_px), wording, tasks)

    def _add(self, pair: Pair, wording: BuildingWording, tasks: list[Task]) -> None:
        rng = np.random.default_rng(len(self.items))
        found = [write_building_expression(pair.label, task, wording, rng) for task in tasks]
        self.items.append((pair, [e for e in found if e is not None], None))

    def add_composed(self, pair: ClassPair, wording: ClassWording) -> None:
        """Add a pair with class maps and one sentence of every kind that it allows."""
        rng = np.random.default_rng(len(self.items))
        found = [write_class_expression(pair, task, wording, rng) for task in CLASS_TASKS]
        expressions = [replace(e, task=f"composed_{e.task}") for e in found if e is not None]
        self.items.append((pair.as_pair(), expressions, pair))

    def __len__(self) -> int:
        """Return the number of tiles."""
        return len(self.items)

    def __getitem__(self, index: int) -> Batch:
        """Return one tile and its expressions."""
        return as_sample(*self.items[index])


def _tile(pair: Pair, row: int, col: int, tile_px: int) -> Pair:
    window = slice(row, row + tile_px), slice(col, col + tile_px)
    return replace(
        pair, before=pair.before[window], after=pair.after[window], label=pair.label[window]
    )


def as_sample(
    pair: Pair,
    expressions: list[Expression],
    class_pair: ClassPair | None = None,
    known: BoolArray | None = None,
) -> Batch:
    """Return a sample; ``known`` (H, W) is where masks are scored, by default all but IGNORE."""
    if class_pair is None:
        class_pair, ground = classes_of_pair(pair), ground_of_pair(pair)
    else:
        ground = ground_of_class_pair(class_pair)
    known = pair.label != IGNORE if known is None else known
    from_classes, to_classes = intent_targets(expressions)
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
        "from_classes": torch.from_numpy(from_classes),
        "to_classes": torch.from_numpy(to_classes),
        "before_class": torch.from_numpy(class_targets(class_pair.before_class)),
        "after_class": torch.from_numpy(class_targets(class_pair.after_class)),
        "ground": torch.from_numpy(ground),
        "known": torch.from_numpy(known),
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
        "text_only": [e for s in samples for e in s.get("text_only", ())],
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
    "ground": torch.stack,
    "known": torch.stack,
}
"""Class targets and how they are joined; fine-tuning samples have none."""
