"""Correcting a word leaves the rest of the sentence as it is."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding import Understanding, Vocabulary, understand
from mtrs_geo.understanding.lexicon import english
from mtrs_geo.understanding.spelling import correct_spelling, similar_noun

VOCABULARY = Vocabulary(standing=True)


def one(text: str) -> Understanding:
    (found,) = understand(text, VOCABULARY)
    return found


@pytest.mark.parametrize(
    "rest",
    [
        "larger than 200 m2", "over 200m2", "between 100 m2 and 200m2", "larger than 0.2 km2",
        "within 50m of the road", "larger than 1,000 m²", "(north-east), only", "in the north …",
        "on the “old” photo – not on the new one", "larger than 200 m^2",
    ],
)  # fmt: skip
def test_only_the_misspelt_word_changes(rest: str) -> None:
    text, corrected = correct_spelling(f"new buidlings {rest}", english(), ())
    assert text == f"new buildings {rest}"
    assert corrected == (("buidlings", "buildings"),)


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("new buidlings larger than 200 m2", "new buildings larger than 200 m2"),
        ("new buidlings over 200m2", "new buildings over 200m2"),
        ("new buidlings between 100 m2 and 200 m2", "new buildings between 100 m2 and 200 m2"),
        ("new buildings larger than 0.2 km2 in the nroth", "new buildings larger than 0.2 km2 in"
         " the north"),
    ],
)  # fmt: skip
def test_a_misspelt_word_loses_no_size(misspelt: str, meant: str) -> None:
    found = one(misspelt)
    assert found.corrected
    assert found.status == "understood"
    assert found.query.rules == one(meant).query.rules
    assert "larger" in found.meaning or "between" in found.meaning


@pytest.mark.parametrize(
    "text",
    ["my boss asks how many houses are new", "insured houses", "taxed houses", "demolished houses"],
)
def test_words_that_exist_stay(text: str) -> None:
    existing = {"boss", "asks", "how", "insure", "tax", "many"}
    assert correct_spelling(text, english(), existing) == (text, ())


@pytest.mark.parametrize(
    ("word", "noun"), [("best", None), ("codes", None), ("safe", None), ("hoses", "houses")]
)
def test_a_word_that_exists_suggests_no_word_of_its_length(word: str, noun: str | None) -> None:
    assert similar_noun(word, english(), {"best", "codes", "safe", "hoses"}) == noun
