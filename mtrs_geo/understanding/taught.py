"""What a model learns to know from the sentences that it is trained on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mtrs_geo.query.grammar import normalize
from mtrs_geo.understanding.lexicon import english
from mtrs_geo.understanding.reading import Sentence

__all__ = ["taught_vocabulary"]

_MOST_SENTENCES = 1000


def taught_vocabulary(sentences: Iterable[str]) -> dict[str, Any]:
    """Return the entry ``knows`` of a model folder for sentences that the model is trained on.

    Args:
        sentences: as they were trained; repeated ones count once.

    Returns:
        ``sentences``, normalised, and ``nouns``: words that no class has, each its own class.
    """
    texts = list(dict.fromkeys(filter(None, map(normalize, sentences))))[:_MOST_SENTENCES]
    nouns: dict[str, str] = {}
    for text in texts:
        sentence = Sentence(text, english())
        for word in (*sentence.unknown, *sentence.outside):
            nouns[word.removesuffix("s") if not word.endswith("ss") else word] = ""
    return {"sentences": texts, "nouns": nouns}
