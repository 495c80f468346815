"""Crops for both training stages, drawn from all sources, as a Lightning DataModule."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from lightning.pytorch import LightningDataModule
from torch.utils.data import DataLoader

from mtrs_geo.class_codes import APPEAR, CHANGED, DISAPPEAR, NONE
from mtrs_geo.data.datasets.changes import Pair, Scene, read_change_set, read_scenes, read_unchanged
from mtrs_geo.data.datasets.scenes import SCENE_SETS, held_back_scene
from mtrs_geo.data.rendering.synthetic import render_pair
from mtrs_geo.data.sampling.composed_split import open_composer
from mtrs_geo.data.sampling.crops import Batch, Crops, Sources, Tiles, collate
from mtrs_geo.data.sampling.fingerprint import fingerprint
from mtrs_geo.data.sampling.source_weights import Shares, Turns
from mtrs_geo.data.sampling.transforms import Augmentation
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.data.sentences.buildings import Task
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES

__all__ = ["HELD_BACK", "ChangeDataModule", "Crops", "held_back"]

HELD_BACK = {
    "levir": ("levir_20", "levir_30", "levir_40", "levir_50"),
    "guangzhou": ("gz_05_", "gz_18_", "gz_22_"),
    "california_trees": ("chico", "riverside_4", "palm_springs_16"),
}
"""Beginnings of the names that no training ever sees.  LEVIR: every tenth scene.
Guangzhou: three whole scenes.  Californian tiles: one whole city, and the two places
that did change."""

_BUILDING_SETS = ("china_buildings", "czech", "austin", "sweden")
_RENDERED, _RENDERED_PX = 16, 512
_RENDERED_SEEDS = 1_000_000
"""Seeds from here on are for training; the demo, tests and benchmarks take small ones."""
_VALIDATION_SEED = 2026
_IMAGES = (".jpg", ".png", ".tif")


def held_back(source: str, name: str) -> bool:
    """Whether a name belongs to the validation scenes of its source."""
    return f"{name}_".startswith(tuple(f"{n}_" if n[-1] != "_" else n for n in HELD_BACK[source]))


class ChangeDataModule(LightningDataModule):
    """The real pairs and scenes of one data root (see docs/training.md for its layout).

    Args:
        root: the data root.
        batch_size: crops a batch.
        sentences: sentences a crop.
        said: bare sentences a crop.
        crop_px: side of a crop.
        seed: crops depend on it and their number alone.
        num_workers: processes that make crops.
        composed: share of the crops that are composed and know classes; 0 reads no scene for it.
        composed_validation: pairs composed from held-back scenes that validation adds.
        shares: of the sources, and of empty answers.
    """

    def __init__(
        self,
        root: str = "../shared/data",
        batch_size: int = 8,
        sentences: int = 3,
        said: int = 4,
        crop_px: int = 256,
        seed: int = 0,
        num_workers: int = 0,
        composed: float = 0.0,
        composed_validation: int = 0,
        shares: Shares = Shares(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__()
        self.root = Path(root)
        self.batch_size = batch_size
        self.sentences = sentences
        self.said = said
        self.options = Augmentation(crop_px=crop_px)
        self.seed = seed
        self.num_workers = num_workers
        self.composed = composed
        self.composed_validation = composed_validation
        self.shares = shares
        self.sources: Sources | None = None

    def setup(self, stage: str) -> None:
        """Read every source once."""
        if self.sources is None:
            self.sources = _read_sources(self.root, self.shares)
            self.validation = _read_levir(self.root, lambda name: held_back("levir", name))
            if self.composed:
                self.sources.composer = open_composer(
                    self.root / "scenes",
                    "train",
                    seed=self.seed,
                    crop_px=self.options.crop_px,
                    backgrounds=self.sources.unchanged,
                )

    def fingerprint(self) -> str:
        """Return the hash of all files that this configuration reads."""
        files = [
            path
            for folder in self._folders()
            for path in (self.root / folder).rglob("*")
            if path.suffix.lower() in _IMAGES
        ]
        return fingerprint(self.root, files)

    def _folders(self) -> Iterator[str]:
        shares = self.shares
        yield "pairs/levir"
        if shares.guangzhou:
            yield "pairs/guangzhou"
        if shares.unchanged:
            yield "geo/california_trees"
        if self.composed or self.composed_validation:
            yield "scenes"
        elif shares.buildings:
            yield from (f"scenes/{name}" for name in _BUILDING_SETS)

    def train_dataloader(self) -> DataLoader[Batch]:
        """Endless crops, going on after those that a resumed run has seen."""
        if self.sources is None:
            self.setup("fit")
        crops = Crops(
            self.sources or Sources(),
            self.options,
            self.sentences,
            self.said,
            self.seed,
            self.composed,
            self.shares,
            self._turns(),
        )
        return DataLoader(crops, self.batch_size, num_workers=self.num_workers, collate_fn=collate)

    def _turns(self) -> Turns:
        trainer = self.trainer
        if trainer is None:
            return Turns(self.batch_size)
        seen = trainer.global_step * trainer.accumulate_grad_batches * trainer.world_size
        return Turns(self.batch_size, seen, trainer.global_rank, trainer.world_size)

    def val_dataloader(self) -> DataLoader[Batch]:
        """Tiles of the validation scenes with held-out wordings."""
        tasks: list[Task] = ["appear", "disappear", "position", "absent"]
        tiles = Tiles(self.validation, self.options.crop_px, HELD_OUT, tasks)
        if self.composed_validation:
            composer = open_composer(
                self.root / "scenes", "val", seed=_VALIDATION_SEED, crop_px=self.options.crop_px
            )
            for index in range(self.composed_validation):
                tiles.add_composed(composer.sample(index), HELD_OUT_CLASSES)
        return DataLoader(tiles, self.batch_size, collate_fn=collate)


def _read_sources(root: Path, shares: Shares) -> Sources:
    def kept(source: str) -> Any:  # noqa: ANN401 - a predicate over names
        return lambda name: not held_back(source, name)

    sources = Sources()
    if shares.levir or shares.still:
        sources.levir = _read_levir(root, kept("levir"))
    if shares.guangzhou:
        sources.guangzhou = _read_guangzhou(root, kept("guangzhou"))
    if shares.unchanged:
        sources.unchanged = read_unchanged(
            root / "geo/california_trees",
            source="california_trees",
            gsd_m=0.6,
            keep=kept("california_trees"),
        )
    if shares.rendered:
        with ThreadPoolExecutor() as pool:
            sources.rendered = list(pool.map(_rendered, range(_RENDERED)))
    if shares.buildings:
        sources.scenes = [_read_kept_scenes(root, name) for name in _BUILDING_SETS]
    return sources


def _rendered(number: int) -> Pair:
    seed = _RENDERED_SEEDS + number
    place = render_pair(_RENDERED_PX, _RENDERED_PX, seed=seed)
    label = np.select([place.appeared, place.disappeared], [APPEAR, DISAPPEAR], NONE)
    name = f"rendered_{number}"
    return Pair(name, "rendered", place.before, place.after, label.astype(np.uint8), 0.5)


def _read_kept_scenes(root: Path, source: str) -> list[Scene]:
    return read_scenes(
        root / "scenes" / source,
        gsd_m=SCENE_SETS[source].gsd_m,
        keep=lambda name: not held_back_scene(source, name),
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


def _read_levir(root: Path, keep: Any) -> list[Pair]:  # noqa: ANN401 - a predicate
    return read_change_set(
        root / "pairs/levir", source="levir", gsd_m=0.5, changed=APPEAR, keep=keep
    )
