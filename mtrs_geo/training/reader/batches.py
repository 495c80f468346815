"""Lightning DataModule of the intent head: written sentences, and the reader's labelled ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from torch.utils.data import ConcatDataset, DataLoader, Dataset

from mtrs_geo.data.sampling.sentence_datamodule import SentenceBatches, SentenceDataModule
from mtrs_geo.data.sentences.building_words import TRAIN
from mtrs_geo.data.sentences.land_cover_words import TRAIN_CLASSES
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_WORDS
from mtrs_geo.training.reader.augmentation import SentenceWriter
from mtrs_geo.training.reader.sentences import Labelled, read_sentences, read_written

__all__ = ["LabelledBatches", "LabelledSentenceDataModule"]

_HELD_OUT = re.compile(rf"\b(?:{'|'.join(map(re.escape, HELD_OUT_WORDS))})", re.IGNORECASE)


class LabelledBatches(Dataset[dict[str, list[Labelled]]]):
    """Sentences that are written from labelled ones; those of similar length are in one batch.

    No sentence has a word that begins with a held-out one, nor asks what did not change, which
    the intent head has no class for.

    Args:
        rows: labelled sentences.
        count: number of sentences.
        batch_size: sentences per batch.
        seed: seed of all draws.
    """

    def __init__(self, rows: list[Labelled], count: int, batch_size: int, seed: int) -> None:
        writer = SentenceWriter([row for row in rows if _is_for_training(row)], seed)
        self.sentences: list[Labelled] = []
        while len(self.sentences) < count:
            row = writer.write()
            if _is_for_training(row):
                self.sentences.append(row)
        self.sentences.sort(key=lambda row: len(row.text))
        self.batch_size = batch_size

    def __len__(self) -> int:
        """Return the number of batches."""
        return -(-len(self.sentences) // self.batch_size)

    def __getitem__(self, index: int) -> dict[str, list[Labelled]]:
        """Return one batch."""
        first = index * self.batch_size
        return {"labelled": self.sentences[first : first + self.batch_size]}


def _is_for_training(row: Labelled) -> bool:
    return row.meaning.direction != "unchanged" and not _HELD_OUT.search(row.text)


class LabelledSentenceDataModule(SentenceDataModule):
    """The sentences of `SentenceDataModule`, and labelled ones for training.

    Args:
        labelled: number of sentences that are written from labelled ones.
        labelled_file: labelled sentences besides `written.txt`, see `read_sentences`; its splits
            ``tune`` and ``development`` are read.
        kwargs: arguments of `SentenceDataModule`.
    """

    def __init__(
        self,
        labelled: int = 0,
        labelled_file: str | None = None,
        **kwargs: Any,  # noqa: ANN401 - passed on
    ) -> None:
        super().__init__(**kwargs)
        self.labelled, self.labelled_file = labelled, labelled_file

    def train_dataloader(self) -> DataLoader[dict[str, list[Any]]]:
        """Return a loader of all sentences; the order of the batches changes every epoch."""
        written = SentenceBatches(TRAIN_CLASSES, TRAIN, self.sentences, self.batch_size, self.seed)
        if not self.labelled:
            return DataLoader(written, batch_size=None, shuffle=True)
        rows = read_written()
        if self.labelled_file is not None:
            splits = ("tune", "development")
            rows += tuple(r for s in splits for r in read_sentences(Path(self.labelled_file), s))
        labelled = LabelledBatches(list(rows), self.labelled, self.batch_size, self.seed)
        both: ConcatDataset[dict[str, list[Any]]] = ConcatDataset([written, labelled])
        return DataLoader(both, batch_size=None, shuffle=True)
