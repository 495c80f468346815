"""Lightning DataModule of the intent head: sentences without images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from lightning.pytorch import LightningDataModule
from torch.utils.data import DataLoader, Dataset

from mtrs_geo.data.sampling.fingerprint import fingerprint
from mtrs_geo.data.sampling.run_numbers import check_numbers
from mtrs_geo.data.sentences import ClassWording, write_class_text
from mtrs_geo.data.sentences.building_words import TRAIN
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.data.sentences.buildings import write_building_text
from mtrs_geo.data.sentences.expression import Expression
from mtrs_geo.data.sentences.land_cover_words import TRAIN_CLASSES
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES
from mtrs_geo.data.sentences.wording import BuildingWording

__all__ = ["SentenceBatches", "SentenceDataModule"]

_BUILDINGS_ONLY = 0.2
"""Share of the sentences in the vocabulary of buildings, which names more absent things."""
_VALIDATION_SEED = 2026


class SentenceBatches(Dataset[dict[str, list[Expression]]]):
    """A fixed set of sentences; sentences of similar length are in the same batch.

    Sentence i depends only on ``seed`` and i.

    Args:
        classes: wording of sentences about land cover.
        buildings: wording of sentences about buildings.
        count: number of sentences.
        batch_size: sentences per batch.
        seed: seed of all draws.
    """

    def __init__(
        self,
        classes: ClassWording,
        buildings: BuildingWording,
        count: int,
        batch_size: int,
        seed: int,
    ) -> None:
        self.sentences = [_sentence(classes, buildings, (seed, index)) for index in range(count)]
        # Sorting saves padding, which costs as much time as words.
        self.sentences.sort(key=lambda sentence: len(sentence.text))
        self.batch_size = batch_size

    def __len__(self) -> int:
        """Return the number of batches."""
        return -(-len(self.sentences) // self.batch_size)

    def __getitem__(self, index: int) -> dict[str, list[Expression]]:
        """Return one batch."""
        first = index * self.batch_size
        return {"text_only": self.sentences[first : first + self.batch_size]}


def _sentence(
    classes: ClassWording, buildings: BuildingWording, seed: tuple[int, int]
) -> Expression:
    rng = np.random.default_rng(seed)
    if rng.random() < _BUILDINGS_ONLY:
        return write_building_text(buildings, rng)
    return write_class_text(classes, rng)


class SentenceDataModule(LightningDataModule):
    """Sentences for training, and sentences of held-out wordings for validation.

    Args:
        sentences: number of sentences for training.
        validation: number of sentences for validation.
        batch_size: sentences per batch.
        seed: sentence i depends only on the seed and i.

    Raises:
        RequestError: if a number is out of range.
    """

    def __init__(
        self,
        sentences: int = 40_000,
        validation: int = 2_000,
        batch_size: int = 128,
        seed: int = 0,
    ) -> None:
        super().__init__()
        check_numbers(batch_size=batch_size, sentences=sentences, validation=validation, seed=seed)
        self.sentences = sentences
        self.validation = validation
        self.batch_size = batch_size
        self.seed = seed

    def fingerprint(self) -> str:
        """Return the SHA-256 of the phrase files."""
        folder = Path(__file__).parents[1] / "sentences/phrases"
        return fingerprint(folder, folder.glob("*.txt"))

    def train_dataloader(self) -> DataLoader[dict[str, list[Expression]]]:
        """Return a loader of all sentences; the order of the batches changes every epoch."""
        batches = SentenceBatches(TRAIN_CLASSES, TRAIN, self.sentences, self.batch_size, self.seed)
        return DataLoader(batches, batch_size=None, shuffle=True)

    def val_dataloader(self) -> DataLoader[dict[str, list[Expression]]]:
        """Return a loader of sentences of held-out wordings."""
        batches = SentenceBatches(
            HELD_OUT_CLASSES, HELD_OUT, self.validation, self.batch_size, _VALIDATION_SEED
        )
        return DataLoader(batches, batch_size=None)
