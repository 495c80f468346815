"""Verbs that the lexicon does not know, between two kinds of ground."""

from __future__ import annotations

import pytest

from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.vocabulary import read_vocabulary
from mtrs_geo.understanding import Understanding, understand

VOCABULARY = read_vocabulary(WEIGHTS / "tiny")


def one(text: str) -> Understanding:
    (found,) = understand(text, VOCABULARY)
    return found


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("meadows zorbled into roads", "vegetation", "road"),
        ("lawns that were transfixed to asphalt", "vegetation", "road"),
        ("grass that blorped into buildings", "vegetation", "building"),
        ("woods flumped by houses", "vegetation", "building"),
    ],
)
def test_what_stands_first_became_what_stands_last(text: str, before: str, after: str) -> None:
    found = one(text)
    assert found.status == "uncertain"
    assert (found.direction, found.before, found.after) == ("changed", (before,), (after,))
    assert "is not known" in found.doubt
    assert found.query.prompt == text, "the model is asked the sentence itself"


@pytest.mark.parametrize(
    "text",
    [
        "streets that were rebadged by people",  # one kind of ground
        "meadows not zorbled into roads",
        "houses that blorped",
        "panels zapped into roofs",
    ],
)
def test_other_unknown_words_are_not_guessed(text: str) -> None:
    assert not one(text).is_answered


@pytest.mark.parametrize(
    "text",
    [
        "the uppermost new building", "the lowermost new road", "the topmost vanished lawn",
        "the most westerly of the new houses", "the leftmost new pond",
    ],
)  # fmt: skip
def test_words_of_ranks_are_known(text: str) -> None:
    found = one(text)
    assert found.status == "understood"
    assert len(found.query.rules) == 1
