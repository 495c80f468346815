"""Nouns of WordNet are known, and never corrected to; the words of the lexicon's own file win."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtrs_geo.query.rules import Except, Position
from mtrs_geo.understanding import Vocabulary, understand
from mtrs_geo.understanding.lexicon import english
from mtrs_geo.understanding.wordnet.extract import class_nouns

VOCABULARY = Vocabulary(classes=("building", "road", "vegetation", "water", "bare"))
WORDNET = Path("/usr/share/wordnet")


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("new teashops", (), ("building",)),
        ("eucalypts that were felled", ("vegetation",), ()),
        ("fields replaced by towpaths", ("vegetation",), ("road",)),
    ],
)
def test_rare_nouns(text: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    (found,) = understand(text, VOCABULARY)
    assert found.status == "understood"
    assert (found.before, found.after) == (before, after)


def test_no_word_is_corrected_to_a_rare_one() -> None:
    (found,) = understand("meadow wich became gravel", VOCABULARY)
    assert dict(found.corrected)["wich"] == "which"


def test_words_of_the_lexicon_win() -> None:
    (segment,) = english().segments("zebra crossing")
    assert segment.land_cover is None


@pytest.mark.skipif(not WORDNET.is_dir(), reason="needs Debian's package wordnet-base")
def test_file_is_what_the_extract_writes() -> None:
    import tomllib

    path = Path(__file__).parents[2] / "mtrs_geo" / "understanding" / "wordnet" / "nouns.toml"
    assert tomllib.loads(path.read_text("utf-8")) == class_nouns(WORDNET)


@pytest.mark.parametrize(
    "text",
    [
        "no houses remain", "not a single barn still stands", "none of the trees survived",
        "no trace of the barn remains", "houses of which nothing remains",
    ],
)  # fmt: skip
def test_negated_standing_is_disappeared(text: str) -> None:
    (found,) = understand(text, VOCABULARY)
    assert (found.status, found.direction) == ("understood", "disappeared")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("hopefully the pond became a lawn", "uncertain"),
        ("farmhouse replaced bt a pond", "outside the vocabulary"),
    ],
)
def test_unknown_word_beside_a_transition(text: str, answer: str) -> None:
    (found,) = understand(text, VOCABULARY)
    assert found.status == answer


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("except for plants, what changed?", Except("plants", ())),
        ("apart from the southeast, trees that are gone", Except(None, (Position("south-east"),))),
        ("what has changed besides green areas?", Except("green areas", ())),
        ("new houses (not the north eastern corner)", Except(None, (Position("north-east"),))),
    ],
)
def test_exceptions_before_and_behind(text: str, rule: Except) -> None:
    (found,) = understand(text, VOCABULARY)
    assert found.is_answered
    assert found.query.rules == (rule,)


def test_changes_between_years_are_any_change() -> None:
    (found,) = understand("what changed between 2012 and 2018?", VOCABULARY)
    assert (found.status, found.direction) == ("understood", "any")
