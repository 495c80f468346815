"""Words that the lexicon does not know: which of them may be what a sentence asks about.

``unknown_subject`` returns the noun that a sentence is about if no class has it.
``separate_aside`` takes out what is no part of the question: its purpose, or what depends on it.
``circumstance_words`` returns the positions of words that tell who, why or when; these words make
a sentence uncertain, and the others lead to a refusal.
"""

from __future__ import annotations

from mtrs_geo.understanding.unknown_words.asides import separate_aside
from mtrs_geo.understanding.unknown_words.circumstances import circumstance_words
from mtrs_geo.understanding.unknown_words.subject import unknown_subject

__all__ = ["circumstance_words", "separate_aside", "unknown_subject"]
