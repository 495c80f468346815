"""Crops for both training stages, drawn from all sources, as a Lightning DataModule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from lightning.pytorch import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, IterableDataset

from mtrs_geo.data.changes import (
    APPEAR,
    CHANGED,
    Pair,
    Scene,
    read_change_set,
    read_scenes,
    read_unchanged,
)
from mtrs_geo.data.compose.buildings import compose
from mtrs_geo.data.expressions import Expression, Task, say, write_expression
from mtrs_geo.data.held_out import HELD_OUT
from mtrs_geo.data.transforms import Augmentation, augment
from mtrs_geo.data.vocabulary import TRAIN, Wording

__all__ = ["HELD_BACK", "ChangeDataModule", "Crops", "held_back"]

HELD_BACK = {
    "levir": ("levir_20", "levir_30", "levir_40", "levir_50"),
    "guangzhou": ("gz_05_", "gz_18_", "gz_22_"),
    "california_trees": ("chico", "riverside_4"),
}
"""Beginnings of the names that no training ever sees.  LEVIR: every tenth scene.
Guangzhou: three whole scenes.  Californian tiles: one whole city, and the one place
that did change."""

Batch: TypeAlias = dict[str, Any]

_TASKS: dict[Task, float] = {
    "appear": 0.20,
    "disappear": 0.20,
    "state": 0.06,
    "position": 0.38,
    "size": 0.06,
    "absent": 0.10,
}


def held_back(source: str, name: str) -> bool:
    """Whether a name belongs to the validation scenes of its source."""
    return f"{name}_".startswith(tuple(f"{n}_" if n[-1] != "_" else n for n in HELD_BACK[source]))


@dataclass
class _Sources:
    levir: list[Pair] = field(default_factory=list)
    guangzhou: list[Pair] = field(default_factory=list)
    unchanged: list[Pair] = field(default_factory=list)
    scenes: list[list[Scene]] = field(default_factory=list)


class Crops(IterableDataset[Batch]):
    """An endless stream of varied crops with sentences.

    Sample i depends on ``seed`` and i alone, so a resumed run goes on with the
    crops it would have seen.
    """

    def __init__(
        self,
        sources: _Sources,
        options: Augmentation,
        sentences: int,
        said: int,
        seed: int,
        start: int = 0,
    ) -> None:
        self.sources = sources
        self.options = options
        self.sentences = sentences
        self.said = said
        self.seed = seed
        self.start = start

    def __iter__(self) -> Iterator[Batch]:
        """Yield samples; workers take turns."""
        worker = torch.utils.data.get_worker_info()
        step, index = (worker.num_workers, worker.id) if worker else (1, 0)
        index += self.start
        while True:
            yield self.sample(index)
            index += step

    def sample(self, index: int) -> Batch:
        """Return sample ``index``: images, label, ``sentences`` expressions, ``said`` bare ones."""
        rng = np.random.default_rng((self.seed, index))
        pair = self._crop(rng)
        expressions = [self._expression(pair, rng) for _ in range(self.sentences)]
        return {
            **_as_sample(pair, expressions),
            "said": [say(TRAIN, rng) for _ in range(self.said)],
        }

    def _crop(self, rng: np.random.Generator) -> Pair:
        for _ in range(3):
            pair = augment(self._draw(rng), self.options, rng)
            # Most ground is unchanged: a crop without change is mostly drawn again.
            if pair.label.any() or rng.random() < 0.3:
                break
        return pair

    def _draw(self, rng: np.random.Generator) -> Pair:
        s, dice = self.sources, rng.random()
        if dice < 0.50:
            return s.levir[rng.integers(len(s.levir))]
        if dice < 0.72:
            return s.guangzhou[rng.integers(len(s.guangzhou))]
        if dice < 0.80:
            return s.unchanged[rng.integers(len(s.unchanged))]
        if dice < 0.84:
            return _still(s.levir[rng.integers(len(s.levir))])
        group = s.scenes[rng.integers(len(s.scenes))]
        return compose(group, self.options.crop_px, rng)

    def _expression(self, pair: Pair, rng: np.random.Generator) -> Expression:
        tasks, shares = list(_TASKS), list(_TASKS.values())
        while True:
            task = tasks[rng.choice(len(tasks), p=shares)]
            found = write_expression(pair.label, task, TRAIN, rng)
            if found is not None:
                return found


def _still(pair: Pair) -> Pair:
    # The later date on both sides: buildings that stand there are no change.
    return Pair(pair.name, "still", pair.after, pair.after, np.zeros_like(pair.label), pair.gsd_m)


class Tiles(Dataset[Batch]):
    """Whole fixed tiles of held-back pairs with held-out wordings, for validation."""

    def __init__(
        self, pairs: list[Pair], tile_px: int, wording: Wording, tasks: list[Task]
    ) -> None:
        self.items: list[tuple[Pair, list[Expression]]] = []
        for pair in pairs:
            rows, cols = (side - tile_px + 1 for side in pair.label.shape)
            for row in range(0, rows, tile_px):
                for col in range(0, cols, tile_px):
                    self._add(_tile(pair, row, col, tile_px), wording, tasks)

    def _add(self, pair: Pair, wording: Wording, tasks: list[Task]) -> None:
        rng = np.random.default_rng(len(self.items))
        found = [write_expression(pair.label, task, wording, rng) for task in tasks]
        self.items.append((pair, [e for e in found if e is not None]))

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


def _as_sample(pair: Pair, expressions: list[Expression]) -> Batch:
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
        "places": [e.place for e in expressions],
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
    }


class ChangeDataModule(LightningDataModule):
    """The real pairs and scenes of one data root (see docs/training.md for its layout)."""

    def __init__(
        self,
        root: str = "../shared/data",
        batch_size: int = 8,
        sentences: int = 3,
        said: int = 4,
        crop_px: int = 256,
        seed: int = 0,
        num_workers: int = 0,
    ) -> None:
        super().__init__()
        self.root = Path(root)
        self.batch_size = batch_size
        self.sentences = sentences
        self.said = said
        self.options = Augmentation(crop_px=crop_px)
        self.seed = seed
        self.num_workers = num_workers
        self.sources: _Sources | None = None

    def setup(self, stage: str) -> None:
        """Read every source once."""
        if self.sources is None:
            self.sources = _read_sources(self.root)
            self.validation = _read_validation(self.root)

    def train_dataloader(self) -> DataLoader[Batch]:
        """Endless crops, going on after those that a resumed run has seen."""
        if self.sources is None:
            self.setup("fit")
        seen = self.trainer.global_step * self.batch_size if self.trainer else 0
        crops = Crops(
            self.sources or _Sources(), self.options, self.sentences, self.said, self.seed, seen
        )
        return DataLoader(crops, self.batch_size, num_workers=self.num_workers, collate_fn=collate)

    def val_dataloader(self) -> DataLoader[Batch]:
        """Tiles of the validation scenes with held-out wordings."""
        tasks: list[Task] = ["appear", "disappear", "position", "absent"]
        tiles = Tiles(self.validation, self.options.crop_px, HELD_OUT, tasks)
        return DataLoader(tiles, self.batch_size, collate_fn=collate)

    def transfer_batch_to_device(
        self, batch: Batch, device: torch.device, dataloader_idx: int
    ) -> Batch:
        """Move the tensors of a batch."""
        return {k: v.to(device) if isinstance(v, Tensor) else v for k, v in batch.items()}


def _read_sources(root: Path) -> _Sources:
    def kept(source: str) -> Any:  # noqa: ANN401 - a predicate over names
        return lambda name: not held_back(source, name)

    scenes = {"china_buildings": 0.5, "czech": 0.3, "austin": 0.3, "sweden": 0.2}
    return _Sources(
        levir=read_change_set(
            root / "pairs/levir", source="levir", gsd_m=0.5, changed=APPEAR, keep=kept("levir")
        ),
        guangzhou=_read_guangzhou(root, kept("guangzhou")),
        unchanged=read_unchanged(
            root / "geo/california_trees",
            source="california_trees",
            gsd_m=0.6,
            keep=kept("california_trees"),
        ),
        scenes=[read_scenes(root / "scenes" / n, gsd_m=gsd) for n, gsd in scenes.items()],
    )


def _read_guangzhou(root: Path, keep: Any) -> list[Pair]:  # noqa: ANN401 - a predicate
    return read_change_set(
        root / "pairs/guangzhou",
        source="guangzhou",
        gsd_m=0.55,
        changed=CHANGED,
        border_px=2,
        keep=keep,
    )


def _read_validation(root: Path) -> list[Pair]:
    return read_change_set(
        root / "pairs/levir",
        source="levir",
        gsd_m=0.5,
        changed=APPEAR,
        keep=lambda name: held_back("levir", name),
    )
