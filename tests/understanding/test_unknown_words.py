"""An unknown word that tells who, why or when is a doubt, and a refusal where it is asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtrs_geo.understanding import Understanding, Vocabulary, understand, wordnet
from mtrs_geo.understanding.wordnet.extract import modifiers

WORDNET = Path("/usr/share/wordnet")
MODIFIERS = Path(wordnet.__file__).with_name("modifiers.txt")
VOCABULARY = Vocabulary(classes=("building", "road", "vegetation", "water", "bare"), standing=True)


def one(text: str) -> Understanding:
    (found,) = understand(text, VOCABULARY)
    return found


@pytest.mark.parametrize(
    ("text", "unused"),
    [
        ("some new karaoke halls", "karaoke"),
        ("huts that were demolished after the vigil", "vigil"),
    ],
)
def test_word_beside_the_question_is_a_doubt(text: str, unused: str) -> None:
    found = one(text)
    assert found.status == "uncertain"
    assert unused in found.doubt


@pytest.mark.parametrize(
    "text",
    [
        "scaffolding around the church", "house numbers that were changed", "houses with awnings",
        "bunting strung over the road", "how noisy is the new road",
    ],
)  # fmt: skip
def test_word_that_is_asked_about_is_refused(text: str) -> None:
    assert not one(text).is_answered


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("plots of woodland that have acquired a lodge", "vegetation", "building"),
        ("they bulldozed the shops for a car park", "building", "road"),
        ("moat drained to bare mud", "water", "bare"),
        ("a tower stands where the pond sat", "water", "building"),
    ],
)
def test_order_of_two_kinds(text: str, before: str, after: str) -> None:
    found = one(text)
    assert (found.direction, found.before, found.after) == ("changed", (before,), (after,))


@pytest.mark.parametrize(
    "text",
    [
        "houses demolished after the flood",
        "new houses and roads",
        "trees, hedges and huts that were lost",
    ],
)
def test_listed_kinds_are_of_one_date(text: str) -> None:
    assert one(text).direction in ("appeared", "disappeared")


@pytest.mark.parametrize(
    "text",
    [
        "no houses remained unchanged", "few trees were left standing",
        "not one of the elms was spared", "hardly any house stayed the same",
        "roofs that refuse to disappear", "never-felled pines",
        "of the lake nothing remains but mud",
    ],
)  # fmt: skip
def test_negation_of_unclear_reach_is_refused(text: str) -> None:
    assert not one(text).is_answered


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("nwe ponds", {"nwe": "new"}),
        ("park ing lots that are new", {"park ing": "parking"}),
        ("houses thatwere built", {"thatwere": "that were"}),
        ("barren soil becomming forrest", {"becomming": "becoming", "forrest": "forest"}),
        ("bushs that vanished", {"bushs": "bushes"}),
    ],
)
def test_spelling(text: str, corrected: dict[str, str]) -> None:
    found = one(text)
    assert found.is_answered
    assert dict(found.corrected) == corrected


@pytest.mark.skipif(not WORDNET.is_dir(), reason="needs Debian's package wordnet-base")
def test_file_of_modifiers_is_what_the_extract_writes() -> None:
    lines = MODIFIERS.read_text("utf-8").splitlines()
    words = [word for line in lines if not line.startswith("#") for word in line.split()]
    assert words == modifiers(WORDNET)


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("new rebel huts near the school", "school"),
        ("destroyed jihadi houses near the mosque", "mosque"),
        ("new concertina houses close to the embassy", "embassy"),
        ("huts demolished after the vigil near the school", "school"),
    ],
)
def test_an_unknown_word_leaves_the_search_for_a_layer(text: str, thing: str) -> None:
    found = one(text)
    assert (found.is_answered, found.code) == (False, "unknown_reference")
    assert found.values == {"thing": thing}
    (found,) = understand(text, VOCABULARY, layers=[thing])
    assert (found.status, found.code) == ("uncertain", "unknown_word")
