"""Disturbances of sentences: wording, order and case of words, typing errors, length."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from mtrs_geo.benchmark.stress.axis import Axis
from mtrs_geo.benchmark.stress.paraphrase import paraphrase
from mtrs_geo.data.split.reader import ReferringPair

__all__ = ["WORDING_AXES"]

_CASES = (str.lower, str.upper, str.title)
_WORD = re.compile(r"[^\W\d_]{4,}")
"""Words with two inner letters, which are exchanged."""
_UNKNOWN = ("blarvish", "quindle", "morvane", "drennic", "sploot", "frandow")
"""Words of no language."""
_REMARKS = (
    "as seen from above",
    "in these two aerial photographs",
    "with every pixel of it marked carefully",
    "for a report that we are writing",
    "whatever its colour or its shape may be",
)
"""Clauses that ask for nothing."""


def in_case(pair: ReferringPair, level: float, rng: np.random.Generator) -> ReferringPair:
    """Write sentences in lower case (1), in capitals (2), or with capital initials (3)."""
    return _reworded(pair, _CASES[int(level) - 1])


def paraphrased(pair: ReferringPair, variant: float, rng: np.random.Generator) -> ReferringPair:
    """Ask the same in other words."""
    return _reworded(pair, lambda text: paraphrase(text, int(variant) - 1))


def misspelt(pair: ReferringPair, count: float, rng: np.random.Generator) -> ReferringPair:
    """Exchange two neighbouring inner letters in as many words of each sentence."""
    return _reworded(pair, lambda text: _misspelt(text, int(count), rng))


def reordered(pair: ReferringPair, count: float, rng: np.random.Generator) -> ReferringPair:
    """Exchange as many pairs of neighbouring words, one after the other."""
    return _reworded(pair, lambda text: _reordered(text, int(count), rng))


def with_unknown_words(
    pair: ReferringPair, count: float, rng: np.random.Generator
) -> ReferringPair:
    """Put as many words of no language before words of each sentence."""
    return _reworded(pair, lambda text: _with_unknown_words(text, int(count), rng))


def lengthened(pair: ReferringPair, count: float, rng: np.random.Generator) -> ReferringPair:
    """Add as many clauses that ask for nothing."""
    return _reworded(pair, lambda text: ", ".join([text, *_REMARKS[: int(count)]]))


WORDING_AXES: Sequence[Axis] = (
    Axis("paraphrase", "wording", (1, 2, 3), 0, paraphrased, is_wording=True),
    Axis("letter case", "letters", (1, 2, 3), 0, in_case,
         labels=("lower", "capitals", "initials"), is_wording=True),
    Axis("typing errors", "words", (1, 2, 3), 0, misspelt, is_wording=True),
    Axis("word order", "exchanged words", (1, 2, 4), 0, reordered, is_wording=True),
    Axis("unknown words", "words added", (1, 2, 3), 0, with_unknown_words, is_wording=True),
    Axis("sentence length", "clauses added", (1, 3, 5), 0, lengthened, is_wording=True),
)  # fmt: skip


def _reworded(pair: ReferringPair, change: Callable[[str], str]) -> ReferringPair:
    """Change every sentence but empty ones, which ask for any change."""
    texts = tuple(change(text) if text.strip() else text for text in pair.expressions)
    return replace(pair, expressions=texts)


def _misspelt(text: str, count: int, rng: np.random.Generator) -> str:
    words = list(_WORD.finditer(text))
    chosen = rng.permutation(len(words))[:count]
    letters = list(text)
    for number in chosen:
        start = words[number].start() + int(rng.integers(1, len(words[number][0]) - 2))
        letters[start], letters[start + 1] = letters[start + 1], letters[start]
    return "".join(letters)


def _reordered(text: str, count: int, rng: np.random.Generator) -> str:
    words = text.split()
    for _ in range(count if len(words) > 1 else 0):
        at = int(rng.integers(len(words) - 1))
        words[at], words[at + 1] = words[at + 1], words[at]
    return " ".join(words)


def _with_unknown_words(text: str, count: int, rng: np.random.Generator) -> str:
    words = text.split()
    for word in rng.permutation(_UNKNOWN)[:count]:
        words.insert(int(rng.integers(len(words))), str(word))
    return " ".join(words)
