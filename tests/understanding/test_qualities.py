"""Words beside a thing: compounds with another noun, adjectives that no image shows, "them"."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding import Vocabulary, understand

TINY = Vocabulary(coarsest_m=1.5, standing=True)


@pytest.mark.parametrize(
    "text",
    ["new water meters installed", "new tree inventory", "new field survey", "new road numbers",
     "new lake level", "new river crossing", "new road map"],
)  # fmt: skip
def test_the_last_noun_of_a_compound_is_the_thing(text: str) -> None:
    (found,) = understand(text, TINY)
    assert (found.status, found.code) == ("outside the vocabulary", "unknown_thing")


@pytest.mark.parametrize(
    "text",
    [
        "new roads map",
        "road survey: new roads",
        "map of new roads",
        "forest loss map",
        "new road crossing the stream",
    ],
)
def test_a_map_of_changes_is_a_request(text: str) -> None:
    (found,) = understand(text, TINY)
    assert (found.status, found.doubt) == ("understood", "")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("unauthorised new houses", "unauthorised"),
        ("new illegal buildings", "illegal"),
        ("listed buildings that were demolished", "listed"),
        ("protected trees that were felled", "protected"),
        ("privately owned new houses", "privately owned"),
        ("new houses that are affordable", "affordable"),
        ("new two-storey houses", "two-storey"),
        ("new wooden houses", "wooden"),
        ("new shallow ponds", "shallow"),
        ("partially collapsed houses", "partially"),
        ("new buildings without planning permission", "without planning permission"),
        ("trees felled without a licence", "without a licence"),
        ("the houses built along them", "along them"),
        ("new roads in the vicinity of them", "in the vicinity of them"),
        ("trees removed next to these", "next to these"),
    ],
)
def test_what_has_no_effect_is_named(text: str, word: str) -> None:
    (found,) = understand(text, TINY)
    assert found.status == "uncertain"
    assert repr(word) in found.doubt


def test_the_second_wish_names_what_it_lost() -> None:
    first, second = understand("new roads and the houses built along them", TINY)
    assert (first.status, second.status) == ("understood", "uncertain")
    assert "'along them'" in second.doubt


@pytest.mark.parametrize(
    "text",
    ["new residential buildings", "houses listed here that are new", "new agricultural land"],
)
def test_other_words_are_no_doubt(text: str) -> None:
    (found,) = understand(text, TINY)
    assert found.status == "understood"


@pytest.mark.parametrize(
    "text",
    ["do not show destroyed houses", "don't show felled trees", "never show demolished houses",
     "do not list houses that were demolished", "show no demolished houses",
     "please do not display removed buildings", "don't show houses that were not demolished"],
)  # fmt: skip
def test_a_negated_request_is_refused(text: str) -> None:
    (found,) = understand(text, TINY)
    assert (found.is_answered, found.code) == (False, "negation")


@pytest.mark.parametrize(
    "text",
    ["houses that have not collapsed but whose roof was changed",
     "buildings that did not disappear but changed", "houses that were not destroyed but damaged",
     "roads that were not removed but widened", "trees that were not felled, but trimmed",
     "the lake did not disappear but shrank", "houses that were not demolished but rebuilt"],
)  # fmt: skip
def test_what_changed_otherwise_did_not_stay(text: str) -> None:
    (found,) = understand(text, TINY)
    assert (found.is_answered, found.code) == (False, "negation")


@pytest.mark.parametrize(
    "text",
    ["show houses that were not demolished", "mark the trees that were not felled",
     "buildings that were not destroyed but still stand"],
)  # fmt: skip
def test_what_stayed_is_answered(text: str) -> None:
    (found,) = understand(text, TINY)
    assert (found.status, found.direction) == ("understood", "unchanged")
