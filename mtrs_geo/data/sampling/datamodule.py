"""Lightning DataModule of both training stages: crops from all sources, tiles for validation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lightning.pytorch import LightningDataModule
from lightning.pytorch.utilities.rank_zero import rank_zero_info
from torch.utils.data import DataLoader

from mtrs_geo.data.datasets.changes import IMAGE_SUFFIXES, Pair
from mtrs_geo.data.sampling.composed_split import open_composer
from mtrs_geo.data.sampling.crops import Batch, Crops, Sources, Tiles, collate
from mtrs_geo.data.sampling.fingerprint import fingerprint
from mtrs_geo.data.sampling.read_sources import (
    is_held_out,
    read_levir,
    read_sources,
    source_folders,
)
from mtrs_geo.data.sampling.run_numbers import check_numbers
from mtrs_geo.data.sampling.scene_sets import check_scene_sets
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
        scene_sets: names of the scene sets that composed pairs, pasted buildings and
            ``oam_buildings`` read, which must exist; None reads all that exist for composed
            pairs, and all others that have a weight.

    Raises:
        RequestError: if ``scene_sets`` has an unknown name, or none for a source with a weight,
            or a number is out of range.
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
        scene_sets: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        check_numbers(
            batch_size=batch_size, sentences=sentences, text_only=text_only, crop_px=crop_px,
            seed=seed, num_workers=num_workers, composed_validation=composed_validation,
        )  # fmt: skip
        check_scene_sets(scene_sets)
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
        self.scene_sets = scene_sets
        self.sources: Sources | None = None
        self._folders()

    def setup(self, stage: str) -> None:
        """Read every source, the first time only.

        Raises:
            RasterError: if a folder that is trained on is missing, or a file is damaged.
        """
        if self.sources is None:
            self.sources = read_sources(self.root, self.source_weights, self.scene_sets)
            self.validation = self._validation_pairs()
            if self.composed:
                self.sources.composer = open_composer(
                    self.root / "scenes",
                    "train",
                    seed=self.seed,
                    crop_px=self.composed_px,
                    backgrounds=self.sources.unchanged,
                    scene_sets=self.scene_sets,
                )

    @property
    def composed_px(self) -> int:
        """Side of the composed pairs of training, in pixels."""
        return self.augmentation.crop_px

    def _validation_pairs(self) -> list[Pair]:
        """Read the held-out pairs of LEVIR, if the data root has LEVIR."""
        if (self.root / "pairs/levir").is_dir():
            return read_levir(self.root, lambda name: is_held_out("levir", name))
        what = "nothing is validated; composed_validation adds composed pairs."
        if self.composed_validation:
            what = f"validation uses {self.composed_validation} composed pairs alone."
        rank_zero_info(f"{self.root} has no pairs/levir: {what}")
        return []

    def fingerprint(self) -> str:
        """Return the SHA-256 of all files that this configuration reads."""
        files = [
            path
            for folder in self._folders()
            for path in (self.root / folder).rglob("*")
            if path.suffix.lower() in _READ
        ]
        return fingerprint(self.root, files)

    def _folders(self) -> list[str]:
        has_scenes = bool(self.composed or self.composed_validation)
        return source_folders(
            self.source_weights, has_scenes=has_scenes, scene_sets=self.scene_sets
        )

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

    def val_dataloader(self) -> Any:  # noqa: ANN401 - a loader, or none
        """Return a loader of tiles of the validation scenes with held-out wordings, or none."""
        if not (self.validation or self.composed_validation):
            return []
        tasks: list[Task] = ["appear", "disappear", "position", "absent"]
        crop_px = self.augmentation.crop_px
        tiles = Tiles(self.validation, crop_px, HELD_OUT, tasks)
        if self.composed_validation:
            composer = open_composer(
                self.root / "scenes",
                "val",
                seed=_VALIDATION_SEED,
                crop_px=crop_px,
                scene_sets=self.scene_sets,
            )
            for index in range(self.composed_validation):
                tiles.add_composed(composer.sample(index), HELD_OUT_CLASSES)
        return DataLoader(tiles, self.batch_size, collate_fn=collate)
