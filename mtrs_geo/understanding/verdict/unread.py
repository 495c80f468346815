"""Refusals of texts whose words are not read: too long a text, and one that is not translated."""

from __future__ import annotations

from mtrs_geo.query import ChangeQuery
from mtrs_geo.understanding.translation import Translation, messages
from mtrs_geo.understanding.understanding import Understanding

__all__ = ["LONGEST_SENTENCE", "too_long", "untranslated"]

LONGEST_SENTENCE = 1_000
"""Length in characters up to which a text is taken as a sentence."""


def too_long(text: str, query: ChangeQuery, *, anyway: bool) -> Understanding:
    """Return the refusal of a text that is no sentence."""
    return Understanding(
        text,
        query,
        "not a change question",
        doubt=f"the text has {len(text):,} characters, too many for one question.",
        advice=f"Ask for one change in at most {LONGEST_SENTENCE:,} characters.",
        anyway=anyway,
    )


def untranslated(text: str, query: ChangeQuery, translation: Translation) -> Understanding:
    """Return the refusal of a sentence whose thing is not in the tables, in its language."""
    texts = messages(translation.language)
    if not translation.unknown:  # all words are known, and none names a thing
        return Understanding(
            text,
            query,
            "not a change question",
            language=translation.language,
            doubt=texts["no_question"],
            advice=texts["try"],
            code="no_question",
        )
    return Understanding(
        text,
        query,
        "other language",
        language=translation.language,
        unused=translation.unknown,
        doubt=texts["not_translated"].format(words=", ".join(translation.unknown)),
        advice=texts["try"],
        code="not_translated",
        values={"words": list(translation.unknown), "example": texts["try"]},
    )
