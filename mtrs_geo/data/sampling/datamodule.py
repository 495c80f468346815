"""Lightning DataModule of both training stages: crops from all sources, tiles for validation."""

from __future__ import annotations

from pathlib import Path

from lightning.pytorch import LightningDataModule
from torch.utils.data import DataLoader

from mtrs_geo.data.datasets.changes import IMAGE_SUFFIXES
from mtrs_geo.data.sampling.composed_split import open_composer
from mtrs_geo.data.sampling.crops import Batch, Crops, Sources, Tiles, collate
from mtrs_geo.data.sampling.fingerprint import fingerprint
from mtrs_geo.data.sampling.read_sources import (
    is_held_out,
    read_levir,
    read_sources,
    source_folders,
)
from mtrs_geo.data.sampling.source_weights import BatchSchedule, SourceWeights
from mtrs_geo.data.sampling.transforms import Augmentation
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.data.sentences.buildings import Task
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES

__all__ = ["ChangeDataModule"]

_VALIDATION_SEED = 2026
_READ = (*IMAGE_SUFFIXES, ".json")


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
        zoom: smallest and largest zoom of a crop.
        style: share of the real crops with the colours and light of another pair.
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
        zoom: tuple[float, float] = (0.7, 1.4),
        style: float = 0.0,
    ) -> None:
        super().__init__()
        self.root = Path(root)
        self.batch_size = batch_size
        self.sentences = sentences
        self.text_only = text_only
        self.augmentation = Augmentation(crop_px=crop_px, zoom=zoom, style=style)
        self.seed = seed
        self.num_workers = num_workers
        self.composed = composed
        self.composed_validation = composed_validation
        self.source_weights = source_weights
        self.sources: Sources | None = None

    def setup(self, stage: str) -> None:
        """Read every source, the first time only."""
        if self.sources is None:
            self.sources = read_sources(self.root, self.source_weights)
            self.validation = read_levir(self.root, lambda name: is_held_out("levir", name))
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
            for folder in source_folders(self.source_weights, has_scenes=self._has_scenes)
            for path in (self.root / folder).rglob("*")
            if path.suffix.lower() in _READ
        ]
        return fingerprint(self.root, files)

    @property
    def _has_scenes(self) -> bool:
        return bool(self.composed or self.composed_validation)

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
            BatchSchedule.of_run(self.trainer, self.batch_size),
        )
        return DataLoader(crops, self.batch_size, num_workers=self.num_workers, collate_fn=collate)

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
