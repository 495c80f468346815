"""Phrases of whole sentences: contrasts of two dates, what is left out, and neutral words."""

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

__all__ = [
    "DateContrast",
    "asks_for_any_change",
    "date_contrast",
    "hide_dates",
    "restore_dates",
    "without_neutral_words",
    "write_exceptions",
]
