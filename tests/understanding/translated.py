"""The English sentence that a sentence in another language is translated into."""

from __future__ import annotations

from mtrs_geo.understanding.translation import translate


def english_of(sentence: str) -> str:
    """Return the translation of a sentence, which must not be English."""
    found = translate(sentence)
    assert found is not None, sentence
    return found.english
