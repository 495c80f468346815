"""Several JSON files of a split may name the same two images: they are one pair."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from mtrs_geo.data.split.reader import PairFiles, ReferringPair, read_pair

__all__ = ["group_files", "read_group"]


def group_files(files: Iterable[PairFiles]) -> list[tuple[PairFiles, ...]]:
    """Return the records of each pair of images, in the order of their first record."""
    groups: dict[tuple[Path, Path], list[PairFiles]] = {}
    for pair_files in files:
        groups.setdefault((pair_files.before, pair_files.after), []).append(pair_files)
    return [tuple(group) for group in groups.values()]


def read_group(group: Sequence[PairFiles]) -> ReferringPair:
    """Read the pixels of a pair, with the expressions of all of its records.

    Raises:
        RasterError: as `read_pair`.
    """
    pairs = [read_pair(files) for files in group]
    first = pairs[0]
    if len(pairs) == 1:
        return first
    texts = tuple(text for pair in pairs for text in pair.expressions)
    masks = np.concatenate([pair.masks for pair in pairs])
    return ReferringPair(first.name, first.before, first.after, texts, masks, first.origin)
