"""Labelled sentences, and a part of them that is left out of training."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from mtrs_geo.models.reader import Meaning
from mtrs_geo.training.reader.nouns import OTHER
from mtrs_geo.understanding import LAND_COVER
from mtrs_geo.understanding.lexicon import split_words

__all__ = [
    "CLASSES",
    "DIRECTIONS",
    "GROUPS",
    "Labelled",
    "meaning_of",
    "read_sentences",
    "read_templates",
    "read_written",
    "without_part",
]

DIRECTIONS = {
    "A": "appeared", "D": "disappeared", "C": "changed", "N": "any", "U": "unchanged", "X": "none",
}  # fmt: skip
"""Direction of each letter in the files of this package."""
GROUPS = {"I": "in scope", "G": "negation", "O": "outside", "S": "nonsense"}
"""Group of each letter in `written.txt`."""
CLASSES = {
    "b": "building", "r": "road", "v": "vegetation", "w": "water", "s": "bare", "o": OTHER,
}  # fmt: skip
"""Class of each letter in the files of this package; also of slots in templates."""


_NO_CONTENT = frozenset({
    "the", "a", "an", "that", "were", "was", "have", "has", "been", "of", "in", "on", "to", "show",
    "me", "find", "which", "is", "are", "and", "where", "all", "any", "please", "it", "there", "i",
    "we", "you", "for", "by", "with", "from",
})  # fmt: skip
_ALIKE = 0.6
"""Share of common words from which two sentences are kept in one part."""
_NO_QUESTION = frozenset({"outside", "nonsense"})


@dataclass(frozen=True)
class Labelled:
    """A sentence with what it means."""

    text: str
    meaning: Meaning
    group: str = ""


def meaning_of(direction: str | None, before: Sequence[str], after: Sequence[str]) -> Meaning:
    """Return a meaning, in the fewest kinds.

    "Changed" of one class at both dates is "any" of that class; from or to no named class, it is
    "appeared" or "disappeared".
    """
    first, second = (
        tuple(sorted(name for name in names if name in LAND_COVER)) for names in (before, after)
    )
    if direction is None or direction == "none":
        return Meaning("none")
    if direction == "changed" and (first == second or not (first and second)):
        one_way = "appeared" if second else "disappeared"
        direction = "any" if first == second else one_way
    return Meaning(direction, first, second)  # type: ignore[arg-type] # the labels are checked


def read_sentences(path: Path, split: str = "tune") -> list[Labelled]:
    """Return the English sentences of a split of a JSON-lines file.

    Args:
        path: a sentence per line: text, group, split, direction, before, after.
        split: name of the split.
    """
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    return [
        Labelled(
            row["text"],
            Meaning("none")
            if row["group"] in _NO_QUESTION
            else meaning_of(row["direction"], row["before"], row["after"]),
            row["group"],
        )
        for row in rows
        if row["split"] == split and row.get("language", "en") == "en"
    ]


@cache
def read_templates() -> tuple[Labelled, ...]:
    """Return the templates, whose slots are still empty."""
    rows = _rows("templates.txt", fields=4)
    return tuple(
        Labelled(text, meaning_of(DIRECTIONS[direction], *map(_classes, (before, after))))
        for direction, before, after, text in rows
    )


@cache
def read_written() -> tuple[Labelled, ...]:
    """Return the sentences of `written.txt`."""
    return tuple(
        Labelled(
            text,
            meaning_of(DIRECTIONS[direction], *map(_classes, (before, after))),
            GROUPS[group],
        )
        for group, direction, before, after, text in _rows("written.txt", fields=5)
    )


def _rows(name: str, fields: int) -> Iterator[list[str]]:
    """Yield the lines of a file of this package, without those that begin with #."""
    text = files(__package__).joinpath(name).read_text("utf-8")
    return (line.split("|", fields - 1) for line in text.splitlines() if line[:1] != "#")


def _classes(letters: str) -> list[str]:
    return [CLASSES[letter] for letter in letters if letter != "-"]


def without_part(
    rows: Sequence[Labelled], part: int, parts: int
) -> tuple[list[Labelled], list[Labelled]]:
    """Return the sentences without one of some parts, and that part.

    Sentences that share most of their words are in one part.
    """
    groups = sorted(_alike(rows), key=len, reverse=True)
    sizes: list[list[int]] = [[] for _ in range(parts)]
    for group in groups:
        min(sizes, key=len).extend(group)
    left_out = set(sizes[part])
    kept = [row for i, row in enumerate(rows) if i not in left_out]
    return kept, [rows[i] for i in sizes[part]]


def _alike(rows: Sequence[Labelled]) -> list[list[int]]:
    """Return groups of the indices of sentences that share most of their words."""
    words = [
        {w for w in split_words(row.text) if w.isalpha() and w not in _NO_CONTENT} for row in rows
    ]
    index = {word: i for i, word in enumerate(sorted(set().union(*words)))}
    named = np.zeros((len(rows), len(index)), np.float32)
    for i, found in enumerate(words):
        named[i, [index[word] for word in found]] = 1
    common, count = named @ named.T, named.sum(1)
    shares = common / np.maximum(1, count[:, None] + count - common)
    parent = list(range(len(rows)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for first, second in np.argwhere(np.triu(shares >= _ALIKE, 1)).tolist():
        parent[root(first)] = root(second)
    groups: dict[int, list[int]] = {}
    for i in range(len(rows)):
        groups.setdefault(root(i), []).append(i)
    found_groups = list(groups.values())
    random.Random(0).shuffle(found_groups)
    return found_groups
