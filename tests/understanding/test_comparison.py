"""Comparisons of the two dates, whichever of them they describe."""

from __future__ import annotations

import pytest

from mtrs_geo.query import ChangeQuery
from mtrs_geo.query.rules import Position
from mtrs_geo.understanding import Understanding, Vocabulary, understand
from mtrs_geo.understanding.phrases.comparison import compare_with_earlier

VOCABULARY = Vocabulary(standing=True)


def one(text: str) -> Understanding:
    (found,) = understand(text, VOCABULARY)
    return found


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("the lake was bigger before", "disappeared"),
        ("the lake was bigger than it is now", "disappeared"),
        ("the lake is bigger than before", "appeared"),
        ("the pond used to be larger", "disappeared"),
        ("ponds that used to be smaller", "appeared"),
        ("there was more forest in the first image", "disappeared"),
        ("there was less forest in the second image", "disappeared"),
        ("less forest in the old picture", "appeared"),
        ("the first image has more trees than the second", "disappeared"),
        ("the first image has fewer houses than the second in the north", "appeared"),
        ("the second image has more trees", "appeared"),
        ("there used to be fewer trees", "appeared"),
        ("fewer houses before than after", "appeared"),
        ("fewer houses than before", "disappeared"),
        ("more houses in the first picture than in the second", "disappeared"),
        ("more trees on the left picture than on the right", "disappeared"),
        ("there were more fields before the storm", "disappeared"),
        ("twice as many houses as before", "appeared"),
        ("half as many trees as before", "disappeared"),
        ("not as many trees as before", "disappeared"),
        ("as many trees as before", "unchanged"),
        ("there were more trees ten years ago", "disappeared"),
        ("more trees than 10 years ago", "appeared"),
        ("the river was wider before", "disappeared"),
        ("the forest used to be denser", "disappeared"),
        ("forest larger than in the first image", "appeared"),
        ("in the second image the forest is larger than in the first one", "appeared"),
        ("lake smaller than in the old photo", "disappeared"),
        ("forest larger than in the second image", "disappeared"),
    ],
)
def test_direction(text: str, direction: str) -> None:
    found = one(text)
    assert (found.status, found.direction) == ("understood", direction), found.doubt


@pytest.mark.parametrize(
    ("text", "direction"),
    [("more trees in 2016 than in 2020", "disappeared"),
     ("fewer trees in 2016 than in 2020", "appeared"),
     ("fewer trees in 2020 than in 2016", "disappeared")],
)  # fmt: skip
def test_two_years_stay_the_period(text: str, direction: str) -> None:
    found = one(text)
    assert found.direction == direction
    assert [(t.first, t.last) for t in found.query.times] == [("2016-01", "2020-12")]


def test_a_place_stays_a_rule() -> None:
    found = one("there used to be more trees in the north")
    assert found.direction == "disappeared"
    assert found.query.rules == (Position("north"),)


@pytest.mark.parametrize(
    "text",
    ["new houses larger than 500 m²", "more houses were built", "houses built before the storm",
     "more houses were built before 2016", "new ponds, 1 ha or larger"],
)  # fmt: skip
def test_sizes_and_other_changes_are_no_comparison(text: str) -> None:
    assert one(text).direction == "appeared"


def test_two_comparisons_are_not_turned_round() -> None:
    text = "more trees before than after and more houses after than before"
    assert compare_with_earlier(text) == text


@pytest.mark.parametrize(
    ("text", "direction"),
    [("trees: present then absent", "disappeared"), ("trees: absent then present", "appeared"),
     ("barn yes before no after", "disappeared"), ("ponds t1 no t2 yes", "appeared"),
     ("trees that were there before", "disappeared"),
     ("houses last seen in 2016", "disappeared"), ("houses first seen in 2016", "appeared")],
)  # fmt: skip
def test_what_is_there_at_a_date(text: str, direction: str) -> None:
    assert one(text).direction == direction


@pytest.mark.parametrize("text", ["the pond was larger", "there were more trees in 2016"])
def test_a_past_comparison_without_a_second_date_is_uncertain(text: str) -> None:
    found = one(text)
    assert (found.status, found.code) == ("uncertain", "taken_as")


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("lake is more little", "disappeared"),
        ("river more narrow", "disappeared"),
        ("more small lake", "disappeared"),
        ("more little forest in the north", "disappeared"),
        ("forest more small than before", "disappeared"),
        ("the pond got more small", "disappeared"),
        ("forest was more small before", "appeared"),
        ("the lake is more big", "appeared"),
        ("the lake was more big in the first image", "disappeared"),
        ("the lake before was more big", "disappeared"),
        ("the forest before was larger", "disappeared"),
        ("less big lake", "disappeared"),
        ("more small ponds", "appeared"),
        ("more little trees", "appeared"),
        ("more large forests than before", "appeared"),
    ],
)
def test_comparatives_of_two_words(text: str, direction: str) -> None:
    found = one(text)
    assert found.is_answered
    assert found.direction == direction


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("fewer forest as before", "disappeared"),
        ("less trees as before", "disappeared"),
        ("fewer houses like before", "disappeared"),
        ("less houses as in the first image", "disappeared"),
        ("fewer trees as on the old photo", "disappeared"),
        ("forest is smaller as before", "disappeared"),
        ("less forest as five years ago", "disappeared"),
        ("less forest as it was", "disappeared"),
        ("more houses as before", "appeared"),
        ("more trees as in 2016", "appeared"),
        ("lake bigger as before", "appeared"),
        ("as many trees as before", "unchanged"),
        ("twice as many houses as before", "appeared"),
    ],
)
def test_as_for_than(text: str, direction: str) -> None:
    found = one(text)
    assert (found.status, found.direction) == ("understood", direction), found.doubt


@pytest.mark.parametrize(
    ("text", "direction", "rule"),
    [
        ("forest lost bigger as 1 ha", "disappeared", "larger than 10000 m²"),
        ("houses gone bigger as 100 m2", "disappeared", "larger than 100 m²"),
        ("new houses smaller as 200 m2", "appeared", "smaller than 200 m²"),
        ("new houses larger as two hectares", "appeared", "larger than 20000 m²"),
    ],
)
def test_as_for_than_before_a_size(text: str, direction: str, rule: str) -> None:
    found = one(text)
    assert (found.status, found.direction) == ("understood", direction)
    assert [rule.explain() for rule in found.query.rules] == [rule]


def test_more_or_less_as_before_compares_nothing() -> None:
    assert not one("more or less as before").is_answered


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("the more large of new buildings", "the largest"),
        ("the more big demolished houses", "the largest"),
        ("the more long new roads", "the longest"),
        ("more large new house only", "the largest"),
        ("new house more large", "the largest"),
        ("new house most big", "the largest"),
        ("five most big new houses", "the 5 largest"),
        ("the three more big new houses", "the 3 largest"),
        ("most long new road", "the longest"),
        ("the most small new house", "the smallest"),
        ("five new buildings, the biggest", "the 5 largest"),
        ("ten new roads, the longest ones", "the 10 longest"),
        ("show 3 new houses: the smallest", "the 3 smallest"),
        ("only the most southerly among new trees", "the southernmost"),
        ("the biggest three among all the new ponds", "the 3 largest"),
        ("the longest out of the demolished roads", "the longest"),
    ],
)
def test_ranks_as_learners_write_them(text: str, rule: str) -> None:
    found = one(text)
    assert found.status == "understood"
    assert [rule.explain() for rule in found.query.rules] == [rule]
    again = ChangeQuery.parse(found.query.explain())
    assert (again.prompt, again.rules) == (found.query.prompt, found.query.rules)


@pytest.mark.parametrize(
    "text",
    ["more large new houses", "most large houses were demolished", "more small lakes",
     "where were the most small houses built", "new houses more large than 100 m2"],
)  # fmt: skip
def test_more_of_a_size_is_no_rank(text: str) -> None:
    found = one(text)
    assert not [rule for rule in found.query.rules if "est" in rule.explain()]
