"""Lightning DataModule of both training stages: crops from all sources, tiles for validation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from lightning.pytorch import LightningDataModule
from torch.utils.data import DataLoader

from mtrs_geo.class_codes import APPEAR, CHANGED, DISAPPEAR, NONE
from mtrs_geo.data.datasets.changes import Pair, Scene, read_change_set, read_scenes, read_unchanged
from mtrs_geo.data.datasets.scenes import SCENE_SETS, is_held_out_scene
from mtrs_geo.data.rendering.synthetic import render_pair
from mtrs_geo.data.sampling.composed_split import open_composer
from mtrs_geo.data.sampling.crops import Batch, Crops, Sources, Tiles, collate
from mtrs_geo.data.sampling.fingerprint import fingerprint
from mtrs_geo.data.sampling.source_weights import BatchSchedule, SourceWeights
from mtrs_geo.data.sampling.transforms import Augmentation
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.data.sentences.buildings import Task
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES

__all__ = ["HELD_OUT_PREFIXES", "ChangeDataModule", "is_held_out"]

HELD_OUT_PREFIXES = {
    "levir": ("levir_20", "levir_30", "levir_40", "levir_50"),
    "guangzhou": ("gz_05_", "gz_18_", "gz_22_"),
    "california_trees": ("chico", "riverside_4", "palm_springs_16"),
}
"""Prefixes of the names that training never uses.  LEVIR: every tenth scene.
Guangzhou: three whole scenes.  Californian tiles: one whole city, and the two places
with a change."""

_BUILDING_SETS = ("china_buildings", "czech", "austin", "sweden")
_RENDERED, _RENDERED_PX = 16, 512
_RENDERED_SEEDS = 1_000_000
"""First seed of rendered pairs for training; the demo, tests and benchmarks use small seeds."""
_VALIDATION_SEED = 2026
_IMAGES = (".jpg", ".png", ".tif")


def is_held_out(source: str, name: str) -> bool:
    """Return whether a pair belongs to the validation scenes of its source."""
    prefixes = (n if n[-1] == "_" else f"{n}_" for n in HELD_OUT_PREFIXES[source])
    return f"{name}_".startswith(tuple(prefixes))


class ChangeDataModule(LightningDataModule):
    """The real pairs and scenes of one data root (see docs/training.md for its layout).

    Args:
        root: the data root.
        batch_size: crops per batch.
        sentences: sentences per crop.
        text_only: sentences without an image, per crop.
        crop_px: side of a crop in pixels.
        seed: crop i depends only on the seed and i.
        num_workers: processes that make crops.
        composed: share of the crops that are composed and have class maps; at 0 no scene is
            read for them.
        composed_validation: number of pairs composed from held-out scenes that are added to
            validation.
        source_weights: weights of the other sources, and share of empty answers.
    """

    def __init__(
        self,
        root: str,
        batch_size: int = 8,
        sentences: int = 3,
        text_only: int = 4,
        crop_px: int = 256,
        seed: int = 0,
        num_workers: int = 0,
        composed: float = 0.0,
        composed_validation: int = 0,
        source_weights: SourceWeights = SourceWeights(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__()
        self.root = Path(root)
        self.batch_size = batch_size
        self.sentences = sentences
        self.text_only = text_only
        self.augmentation = Augmentation(crop_px=crop_px)
        self.seed = seed
        self.num_workers = num_workers
        self.composed = composed
        self.composed_validation = composed_validation
        self.source_weights = source_weights
        self.sources: Sources | None = None

    def setup(self, stage: str) -> None:
        """Read every source, the first time only."""
        if self.sources is None:
            self.sources = _read_sources(self.root, self.source_weights)
            self.validation = _read_levir(self.root, lambda name: is_held_out("levir", name))
            if self.composed:
                self.sources.composer = open_composer(
                    self.root / "scenes",
                    "train",
                    seed=self.seed,
                    crop_px=self.augmentation.crop_px,
                    backgrounds=self.sources.unchanged,
                )

    def fingerprint(self) -> str:
        """Return the SHA-256 of all files that this configuration reads."""
        files = [
            path
            for folder in self._folders()
            for path in (self.root / folder).rglob("*")
            if path.suffix.lower() in _IMAGES
        ]
        return fingerprint(self.root, files)

    def _folders(self) -> Iterator[str]:
        yield "pairs/levir"
        if self.source_weights.guangzhou:
            yield "pairs/guangzhou"
        if self.source_weights.unchanged:
            yield "geo/california_trees"
        if self.composed or self.composed_validation:
            yield "scenes"
        elif self.source_weights.buildings:
            yield from (f"scenes/{name}" for name in _BUILDING_SETS)

    def train_dataloader(self) -> DataLoader[Batch]:
        """Return a loader of endless crops; a resumed run continues after its last batch."""
        if self.sources is None:
            self.setup("fit")
        crops = Crops(
            self.sources or Sources(),
            self.augmentation,
            self.sentences,
            self.text_only,
            self.seed,
            self.composed,
            self.source_weights,
            self._schedule(),
        )
        return DataLoader(crops, self.batch_size, num_workers=self.num_workers, collate_fn=collate)

    def _schedule(self) -> BatchSchedule:
        trainer = self.trainer
        if trainer is None:
            return BatchSchedule(self.batch_size)
        done = trainer.global_step * trainer.accumulate_grad_batches * trainer.world_size
        return BatchSchedule(self.batch_size, done, trainer.global_rank, trainer.world_size)

    def val_dataloader(self) -> DataLoader[Batch]:
        """Return a loader of tiles of the validation scenes with held-out wordings."""
        tasks: list[Task] = ["appear", "disappear", "position", "absent"]
        crop_px = self.augmentation.crop_px
        tiles = Tiles(self.validation, crop_px, HELD_OUT, tasks)
        if self.composed_validation:
            composer = open_composer(
                self.root / "scenes", "val", seed=_VALIDATION_SEED, crop_px=crop_px
            )
            for index in range(self.composed_validation):
                tiles.add_composed(composer.sample(index), HELD_OUT_CLASSES)
        return DataLoader(tiles, self.batch_size, collate_fn=collate)


def _read_sources(root: Path, weights: SourceWeights) -> Sources:
    def for_training(source: str) -> Callable[[str], bool]:
        return lambda name: not is_held_out(source, name)

    sources = Sources()
    if weights.levir or weights.same_date:
        sources.levir = _read_levir(root, for_training("levir"))
    if weights.guangzhou:
        sources.guangzhou = _read_guangzhou(root, for_training("guangzhou"))
    if weights.unchanged:
        sources.unchanged = read_unchanged(
            root / "geo/california_trees",
            source="california_trees",
            gsd_m=0.6,
            keep=for_training("california_trees"),
        )
    if weights.rendered:
        with ThreadPoolExecutor() as pool:
            sources.rendered = list(pool.map(_rendered, range(_RENDERED)))
    if weights.buildings:
        sources.scenes = [_read_training_scenes(root, name) for name in _BUILDING_SETS]
    return sources


def _rendered(number: int) -> Pair:
    rendered = render_pair(_RENDERED_PX, _RENDERED_PX, seed=_RENDERED_SEEDS + number)
    label = np.select([rendered.appeared, rendered.disappeared], [APPEAR, DISAPPEAR], NONE)
    return Pair(
        f"rendered_{number}",
        "rendered",
        rendered.before,
        rendered.after,
        label.astype(np.uint8),
        0.5,
    )


def _read_training_scenes(root: Path, source: str) -> list[Scene]:
    return read_scenes(
        root / "scenes" / source,
        gsd_m=SCENE_SETS[source].gsd_m,
        keep=lambda name: not is_held_out_scene(source, name),
    )


def _read_guangzhou(root: Path, keep: Callable[[str], bool]) -> list[Pair]:
    return read_change_set(
        root / "pairs/guangzhou",
        source="guangzhou",
        gsd_m=0.55,
        changed=CHANGED,
        border_px=2,
        keep=keep,
    )


def _read_levir(root: Path, keep: Callable[[str], bool]) -> list[Pair]:
    return read_change_set(
        root / "pairs/levir", source="levir", gsd_m=0.5, changed=APPEAR, keep=keep
    )
