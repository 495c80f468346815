"""Lightning DataModule of pairs in MTRefSeg-21K's layout, which have no class maps."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.pytorch import LightningDataModule
from lightning.pytorch.utilities.rank_zero import rank_zero_warn
from torch.utils.data import DataLoader, Dataset, Sampler

from mtrs_geo.class_codes import IGNORE
from mtrs_geo.data.sampling.crops import Batch, collate
from mtrs_geo.data.sampling.fingerprint import equal_files, fingerprint
from mtrs_geo.data.sampling.own_pairs import ReferringCrops
from mtrs_geo.data.sampling.run_numbers import check_numbers
from mtrs_geo.data.sampling.source_weights import BatchSchedule
from mtrs_geo.data.split.reader import PairFiles, ReferringPair, SplitReader, open_split
from mtrs_geo.errors import RequestError

__all__ = ["PairsDataModule", "WholePairs"]

_STRIDE = 32
_SENTENCES_PER_CROP = 3


class PairsDataModule(LightningDataModule):
    """The pairs of a training split, and those of a validation split.

    Args:
        train: folder of the training split, with A, B, masks and referring_expression.
        val: folder of the validation split; without it nothing is validated.
        batch_size: crops per batch.
        crop_px: side of a crop in pixels, at most the smaller side of the largest pair.
        crops_per_epoch: crops per epoch; 0 is one per three sentences, as a crop has up to three.
        seed: crop i depends only on the seed and i; crops of an epoch follow those of the last.
        num_workers: processes that make crops.

    Raises:
        RequestError: if a number is out of range.
    """

    def __init__(
        self,
        train: str,
        val: str | None = None,
        batch_size: int = 8,
        crop_px: int = 256,
        crops_per_epoch: int = 0,
        seed: int = 0,
        num_workers: int = 0,
    ) -> None:
        super().__init__()
        check_numbers(
            batch_size=batch_size, crop_px=crop_px, crops_per_epoch=crops_per_epoch, seed=seed,
            num_workers=num_workers,
        )  # fmt: skip
        self.folders = [Path(folder) for folder in (train, val) if folder is not None]
        self.batch_size = batch_size
        self.crop_px = crop_px
        self.crops_per_epoch = crops_per_epoch
        self.seed = seed
        self.num_workers = num_workers
        self.splits: list[SplitReader] = []

    def setup(self, stage: str) -> None:
        """Read the JSON files of the splits, the first time only.

        A warning names validation pairs that have an image of the training split.

        Raises:
            RasterError: as `open_split`.
            RequestError: if the training split has no sentence.
        """
        if self.splits:
            return
        self.splits = [open_split(folder) for folder in self.folders]
        if not self.splits[0].expression_count:
            msg = f"{self.folders[0]} has no sentence."
            raise RequestError(msg, advice="Give a split whose pairs have sentences.")
        if len(self.splits) > 1 and (trained := _trained(*self.splits)):
            rank_zero_warn(
                f"{len(trained)} of {len(self.splits[1])} pairs of {self.folders[1]}, such as "
                f"{trained[0]}, have an image that is also in {self.folders[0]}: the validation "
                "scores are too high. Validate on other places."
            )

    def fingerprint(self) -> str:
        """Return the SHA-256 of all files that the splits name."""
        files = {
            path
            for split in self.splits
            for pair in split.files
            for path in (pair.before, pair.after, *pair.masks)
            if path is not None
        }
        records = [p for folder in self.folders for p in folder.glob("referring_expression/*.json")]
        root = Path(os.path.commonpath([folder.absolute().parent for folder in self.folders]))
        return fingerprint(root, [path.absolute() for path in (*files, *records)])

    def train_dataloader(self) -> DataLoader[Batch]:
        """Return a loader of one epoch of augmented crops."""
        self.setup("fit")
        count = self.crops_per_epoch or -(-self.splits[0].expression_count // _SENTENCES_PER_CROP)
        crops = ReferringCrops(self.splits[0], count, self.crop_px, self.seed)
        processes = 1 if self.trainer is None else self.trainer.world_size
        batches = _Batches(
            -(-count // (self.batch_size * processes)),
            lambda: BatchSchedule.of_run(self.trainer, self.batch_size),
        )
        return DataLoader(
            crops, batch_sampler=batches, num_workers=self.num_workers, collate_fn=collate
        )

    def val_dataloader(self) -> Any:  # noqa: ANN401 - a loader, or none
        """Return a loader of whole validation pairs, one per batch, as their sizes may differ."""
        self.setup("fit")
        if len(self.splits) == 1:
            return []
        return DataLoader(WholePairs(self.splits[1]), 1, collate_fn=collate)


class WholePairs(Dataset[Batch]):
    """Pairs with all their sentences, for validation.

    The last row and column of an image are repeated up to sides that the model takes, as in
    `mtrs_geo.models.runtime.segmenter.Segmenter`; masks keep their size.

    Args:
        pairs: labelled pairs; those without an expression have no sample.
    """

    def __init__(self, pairs: SplitReader) -> None:
        self.pairs = pairs
        self._places = [i for i, files in enumerate(pairs.files) if files.record.expressions]

    def __len__(self) -> int:
        """Return the number of pairs with a sentence."""
        return len(self._places)

    def __getitem__(self, index: int) -> Batch:
        """Return one pair as a sample."""
        pair = self.pairs[self._places[index]]
        count = len(pair.expressions)
        margins = [(0, -side % _STRIDE) for side in pair.after.shape[:2]]
        after = _image(pair, "after", margins)
        return {
            "before": _image(pair, "before", margins),
            "after": after,
            "label": torch.full(after.shape[1:], IGNORE, dtype=torch.uint8),
            "texts": list(pair.expressions),
            "kinds": ["any"] * count,
            "tasks": ["own"] * count,
            "places": ["everywhere"] * count,
            "masks": torch.from_numpy(pair.masks),
        }


class _Batches(Sampler[list[int]]):
    """The sample numbers of one epoch: as many batches as it has, after those that were drawn."""

    def __init__(self, count: int, schedule: Callable[[], BatchSchedule]) -> None:
        self.count = count
        self.schedule = schedule

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[list[int]]:
        schedule = self.schedule()
        samples = schedule.samples()
        for _ in range(self.count):
            yield list(islice(samples, schedule.batch_size))


def _trained(train: SplitReader, val: SplitReader) -> list[str]:
    """Return the names of the validation pairs with an image that is also in training."""
    known = equal_files(_images(train.files), _images(val.files))
    return [pair.record.name for pair in val.files if known & {pair.before, pair.after}]


def _images(files: Iterable[PairFiles]) -> set[Path]:
    return {path for pair in files for path in (pair.before, pair.after)}


def _image(pair: ReferringPair, date: str, margins: Sequence[tuple[int, int]]) -> torch.Tensor:
    pixels = np.pad(getattr(pair, date), (*margins, (0, 0)), mode="edge")
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))
