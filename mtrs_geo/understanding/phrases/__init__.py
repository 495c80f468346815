"""Phrases of whole sentences, which are written in words of the grammar before they are read.

``rewriting`` has introductions and idioms, ``date_contrast`` (with ``date_words``) what is there at
one date and not at the other, ``left_out`` places and kinds that are left out, ``neutral_words``
those without a meaning, ``unknown_verbs`` verbs that no list has.
"""

from mtrs_geo.understanding.phrases.date_contrast import (
    DateContrast,
    date_contrast,
    hide_dates,
    restore_dates,
)
from mtrs_geo.understanding.phrases.left_out import write_exceptions
from mtrs_geo.understanding.phrases.neutral_words import (
    asks_for_any_change,
    without_neutral_words,
)
from mtrs_geo.understanding.phrases.unknown_verbs import guess_verb

__all__ = [
    "DateContrast",
    "asks_for_any_change",
    "date_contrast",
    "guess_verb",
    "hide_dates",
    "restore_dates",
    "without_neutral_words",
    "write_exceptions",
]
