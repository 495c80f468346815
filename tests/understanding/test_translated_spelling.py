"""A misspelt word of another language is read visibly, with a doubt."""

from __future__ import annotations

import pytest
from readings import one


@pytest.mark.parametrize(
    ("text", "meaning", "pair"),
    [
        ("alberi abbattiti", "vegetation · disappeared", ("abbattiti", "abbattuti")),
        ("maisons démollies", "buildings · disappeared", ("démollies", "demolies")),
        ("abgerisene Häuser", "buildings · disappeared", ("abgerisene", "abgerissene")),
        ("Teiche, die verschwnden sind", "water · disappeared", ("verschwnden", "verschwanden")),
    ],
)
def test_one_wrong_letter_is_corrected(text: str, meaning: str, pair: tuple[str, str]) -> None:
    found = one(text)
    assert (found.status, found.code, found.meaning) == ("uncertain", "unknown_word", meaning)
    assert found.corrected == (pair,)
    assert found.values["word"] == pair[0]


@pytest.mark.parametrize(
    "text",
    [
        "casas que construirá",  # will build: the ending is a tense
        "case che costruirà",
        "gefüllte Bäume",  # filled, not felled
        "nuovi edifci",  # short
    ],
)
def test_other_words_stay_refused(text: str) -> None:
    assert not one(text).is_answered
