"""Phrases of whole sentences, which are written in words of the grammar before they are read.

``speech`` drops fillers and false starts, ``rewriting`` has introductions and idioms, ``clauses``
what is left, gone or no longer so, ``comparison`` more or less of a thing at one of the two dates,
``settlements`` towns that came or went and names of places, ``date_contrast`` (with
``date_words``) what is there at one date and not at the other, ``states`` what ground is at a date
in adjectives, ``routes`` where a road leads and what lies below something, ``left_out`` places and
kinds that are left out,
``background`` (with ``denied`` and ``request_words``) text beside a request and what the user does
not ask for, ``neutral_words`` those without a meaning, ``unknown_verbs`` verbs that no list has,
``open_date`` questions for what was there before or came after.  ``idioms`` has words of trades,
``standing`` negations that leave a change as it is, and what stayed or was not there before.
"""

from mtrs_geo.understanding.phrases.comparison import lacks_second_date
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
    without_new_before_loss,
    without_seasons,
)
from mtrs_geo.understanding.phrases.open_date import open_date
from mtrs_geo.understanding.phrases.settlements import named_place
from mtrs_geo.understanding.phrases.speech import without_speech
from mtrs_geo.understanding.phrases.unknown_verbs import guess_verb

__all__ = [
    "DateContrast",
    "asks_for_any_change",
    "date_contrast",
    "guess_verb",
    "hide_dates",
    "lacks_second_date",
    "named_place",
    "open_date",
    "restore_dates",
    "without_neutral_words",
    "without_new_before_loss",
    "without_seasons",
    "without_speech",
    "write_exceptions",
]
