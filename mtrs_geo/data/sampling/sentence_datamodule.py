"""Sentences without pictures for the reader, as a Lightning DataModule."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from lightning.pytorch import LightningDataModule
from torch.utils.data import DataLoader, Dataset

from mtrs_geo.data.sampling.fingerprint import fingerprint
from mtrs_geo.data.sentences import ClassWording, say_of_classes
from mtrs_geo.data.sentences.building_words import TRAIN, Wording
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.data.sentences.buildings import Expression, say
from mtrs_geo.data.sentences.land_cover_words import TRAIN_CLASSES
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES

__all__ = ["SentenceBatches", "SentenceDataModule"]

_BUILDINGS_ONLY = 0.2
"""Share of the sentences in the vocabulary of buildings, which has more absent things."""
_VALIDATION_SEED = 2026


class SentenceBatches(Dataset[dict[str, list[Expression]]]):
    """A fixed set of sentences, those of like length together in a batch.

    Sentence i depends on ``seed`` and i alone.
    """

    def __init__(
        self, classes: ClassWording, buildings: Wording, count: int, batch_size: int, seed: int
    ) -> None:
        self.sentences = []
        for index in range(count):
            rng = np.random.default_rng((seed, index))
            of_buildings = rng.random() < _BUILDINGS_ONLY
            said = say(buildings, rng) if of_buildings else say_of_classes(classes, rng)
            self.sentences.append(said)
        # Padding costs as much as words do.
        self.sentences.sort(key=lambda said: len(said.text))
        self.batch_size = batch_size

    def __len__(self) -> int:
        """Count the batches."""
        return -(-len(self.sentences) // self.batch_size)

    def __getitem__(self, index: int) -> dict[str, list[Expression]]:
        """Return one batch."""
        first = index * self.batch_size
        return {"said": self.sentences[first : first + self.batch_size]}


class SentenceDataModule(LightningDataModule):
    """Sentences of training, and of held-out wordings for validation.

    Args:
        sentences: how many to train on.
        validation: how many to validate on.
        batch_size: sentences a batch.
        seed: they depend on it and their number alone.
    """

    def __init__(
        self,
        sentences: int = 40_000,
        validation: int = 2_000,
        batch_size: int = 128,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.sentences = sentences
        self.validation = validation
        self.batch_size = batch_size
        self.seed = seed

    def fingerprint(self) -> str:
        """Return the hash of the collected wordings."""
        folder = Path(__file__).parents[1] / "sentences/phrases"
        return fingerprint(folder, folder.glob("*.txt"))

    def train_dataloader(self) -> DataLoader[dict[str, list[Expression]]]:
        """All sentences, their batches in another order every epoch."""
        batches = SentenceBatches(TRAIN_CLASSES, TRAIN, self.sentences, self.batch_size, self.seed)
        return DataLoader(batches, batch_size=None, shuffle=True)

    def val_dataloader(self) -> DataLoader[dict[str, list[Expression]]]:
        """Held-out wordings."""
        batches = SentenceBatches(
            HELD_OUT_CLASSES, HELD_OUT, self.validation, self.batch_size, _VALIDATION_SEED
        )
        return DataLoader(batches, batch_size=None)
