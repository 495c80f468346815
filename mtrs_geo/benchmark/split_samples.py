"""The samples of a split: which files and which sentence each consists of, and their checksums."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mtrs_geo.benchmark.config import SplitEntry
from mtrs_geo.data.split.grouping import group_files, read_group
from mtrs_geo.data.split.reader import PairFiles, ReferringPair, open_split
from mtrs_geo.errors import QueryError, RasterError, RequestError
from mtrs_geo.query import ChangeQuery
from mtrs_geo.query.classes import class_of

__all__ = ["Sample", "SplitPair", "choose_pairs", "list_pairs", "read_samples"]

_TYPES = {"appeared": "appear", "disappeared": "disappear", "changed": "state"}


@dataclass(frozen=True)
class Sample:
    """One expression of a pair."""

    record: str
    """Name of its JSON file without suffix."""
    index: int
    """Index in its JSON file, from 0."""
    position: int
    """Index among all expressions of the pair of images."""
    sentence: str
    truth_sha256: str = ""

    @property
    def id(self) -> str:
        """Name of the sample in its split: ``RECORD#INDEX``."""
        return f"{self.record}#{self.index}"

    @property
    def mask_name(self) -> str:
        """Name of its file in a folder of predictions."""
        return f"{self.record}_{self.index}.png"

    @property
    def change_type(self) -> str:
        """The change type that the words of the sentence name: appear, disappear or state."""
        query = _parse(self.sentence)
        return "state" if query is None else _TYPES.get(query.direction, "state")

    @property
    def object_class(self) -> str:
        """The class that the words of the sentence name."""
        query = _parse(self.sentence)
        return "other" if query is None else class_of(query.prompt)


@dataclass(frozen=True)
class SplitPair:
    """A pair of images of a split with its samples."""

    split: str
    """Name of the split."""
    name: str
    """Name of its first JSON file without suffix."""
    files: tuple[PairFiles, ...]
    samples: tuple[Sample, ...]
    before_sha256: str = ""
    after_sha256: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether all sentences of the pair are chosen."""
        return len(self.samples) == sum(len(files.record.expressions) for files in self.files)


def list_pairs(split: SplitEntry, checksum: Callable[[Path], str] | None = None) -> list[SplitPair]:
    """Return the pairs of a split that have sentences, in the order of their JSON files.

    Args:
        split: the split.
        checksum: returns the SHA-256 of a file; without it the checksums stay empty.

    Raises:
        RasterError: as `open_split`, or if no pair has a sentence.
    """
    pairs = []
    for group in group_files(open_split(split.data).files):
        samples: list[Sample] = []
        for files in group:
            truths = _truth_checksums(files, checksum)
            for index, sentence in enumerate(files.record.expressions):
                truth = truths[index if len(truths) > 1 else 0] if truths else ""
                sample = Sample(files.record.name, index, len(samples), sentence, truth)
                samples.append(sample)
        if samples:
            first = group[0]
            sums = [checksum(path) if checksum else "" for path in (first.before, first.after)]
            pairs.append(SplitPair(split.name, first.record.name, group, tuple(samples), *sums))
    if not pairs:
        msg = f"no pair of {split.data} has a sentence."
        raise RasterError(msg, advice="docs/evaluate.md describes the JSON files.")
    return pairs


def choose_pairs(
    pairs: Sequence[SplitPair], limit: int | None, only: Collection[str]
) -> list[SplitPair]:
    """Return the first ``limit`` pairs, or those that ``only`` names.

    Args:
        pairs: pairs of any splits.
        limit: number of pairs per split; None is all.
        only: names of pairs, ``RECORD``, or of samples, ``RECORD#INDEX``, each with ``SPLIT/``
            before it or without; empty is all.

    Raises:
        RequestError: if a name of ``only`` is unknown.
    """
    chosen, used = [], set()
    for pair in pairs:
        kept = []
        for sample in pair.samples:
            names = {sample.id, sample.record, pair.name}
            found = (names | {f"{pair.split}/{name}" for name in names}) & set(only)
            used |= found
            if found or not only:
                kept.append(sample)
        if kept:
            chosen.append(replace(pair, samples=tuple(kept)))
    if unknown := sorted(set(only) - used):
        msg = f"no split has a sample or pair named {', '.join(unknown)}."
        advice = f"Names look like {pairs[0].samples[0].id!r}." if pairs else ""
        raise RequestError(msg, advice=advice)
    return chosen if limit is None else _first(chosen, limit)


def read_samples(pair: SplitPair) -> ReferringPair:
    """Read the images of a pair, and the sentences and masks of its chosen samples.

    Raises:
        RasterError: as `mtrs_geo.data.split.reader.read_pair`.
    """
    whole = read_group(pair.files)
    positions = [sample.position for sample in pair.samples]
    sentences = tuple(sample.sentence for sample in pair.samples)
    return replace(whole, expressions=sentences, masks=whole.masks[positions])


def _parse(sentence: str) -> ChangeQuery | None:
    """Return a parsed sentence; None if it is too long for the grammar."""
    try:
        return ChangeQuery.parse(sentence)
    except QueryError:
        return None


def _first(pairs: Sequence[SplitPair], limit: int) -> list[SplitPair]:
    counts: dict[str, int] = {}
    kept = []
    for pair in pairs:
        counts[pair.split] = counts.get(pair.split, 0) + 1
        if counts[pair.split] <= limit:
            kept.append(pair)
    return kept


def _truth_checksums(files: PairFiles, checksum: Callable[[Path], str] | None) -> list[str]:
    if checksum is None:
        return []
    found = []
    for mask, path in zip(files.record.masks, files.masks, strict=True):
        if path is None:
            rings = json.dumps(mask.polygons)
            found.append(hashlib.sha256(rings.encode()).hexdigest())
        else:
            found.append(checksum(path))
    return found
