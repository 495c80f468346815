"""Parts of a sentence that no rule, question or image takes are named; none is lost silently."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding import Understanding, Vocabulary, understand

TINY = Vocabulary(coarsest_m=1.5, standing=True)


def one(text: str) -> Understanding:
    (found,) = understand(text, TINY)
    return found


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("schools that closed", "closed"),
        ("shops that shut down", "shut down"),
        ("the road was closed", "closed"),
        ("a supermarket has opened", "opened"),
        ("newly opened restaurants", "newly opened"),
        ("village hall reopened", "reopened"),
        ("abandoned houses near the river", "abandoned"),
        ("the plant was shut down", "shut down"),
        ("renovated houses", "renovated"),
        ("resurfaced roads", "resurfaced"),
        ("barn conversions", "conversions"),
    ],
)
def test_what_closed_opened_or_was_renovated_may_not_show(text: str, word: str) -> None:
    found = one(text)
    assert (found.status, found.code) == ("uncertain", "unseen_change")
    assert found.values["word"] == word
    assert f"'{word}'" in found.doubt


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("new shops opened", "buildings · appeared"),
        ("closed and demolished schools", "buildings · disappeared"),
        ("a quarry opened", "bare ground · appeared"),
        ("disused quarry filled with water", "bare ground → water"),
    ],
)
def test_what_is_also_new_or_gone_is_seen(text: str, meaning: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", meaning)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("which area lost the most trees", "the most trees"),
        ("where were the most houses built", "the most houses"),
        ("which share of new buildings is larger than 500 m²", "which share of"),
        ("sum of areas of new buildings", "sum of areas"),
        ("more than half the forest was cleared", "more than half"),
        ("hotspots of new houses", "hotspots of"),
        ("density of new houses", "density of"),
        ("hedgerow loss per km", "per km"),
        ("how wide is the new road", "how wide"),
        ("true or false: the lake has grown", "true or false"),
        ("new houses half a mile from the lake", "half a mile from the lake"),
        ("trees lost a few metres from the road", "a few metres from the road"),
        ("trees cut on my neighbour's land", "on my neighbour's land"),
        ("sheds put up on our land", "on our land"),
        ("trees felled on council land", "on council land"),
        ("new houses in my street", "in my street"),
        ("outbuildings removed from the farmyard", "from the farmyard"),
        ("new shops on the high street", "on the high street"),
        ("new houses between the old ones", "between the old"),
        ("riparian vegetation removed", "riparian"),
        ("new buildings besides the north", "besides the north"),
        ("houses demolished without replacement", "without replacement"),
        ("trees cut and not replanted", "and not replanted"),
        ("how many trees grew and how many died", "and how many died"),
    ],
)
def test_a_part_without_effect_is_named(text: str, named: str) -> None:
    found = one(text)
    assert (found.status, found.code) == ("uncertain", "unused_condition")
    assert found.values["condition"] == named


@pytest.mark.parametrize(
    "text",
    [
        "the most recent new houses", "new houses in the most northern part",
        "houses built a few years ago", "the three largest new houses", "new houses on farmland",
        "houses that were demolished and rebuilt", "new buildings within half a mile of the lake",
    ],
)  # fmt: skip
def test_words_that_have_an_effect_are_no_doubt(text: str) -> None:
    assert one(text).code != "unused_condition"


@pytest.mark.parametrize(
    "exception",
    [
        "those built on farmland", "those that replaced trees", "those with a blue roof",
        "those which the flood destroyed", "what is caused by the flood", "on the forest",
    ],
)  # fmt: skip
def test_an_exception_that_is_no_thing_is_left_out_and_named(exception: str) -> None:
    found = one(f"new buildings except {exception}")
    assert (found.status, found.query.rules) == ("uncertain", ())
    assert found.values == {"condition": f"except {exception}"}


@pytest.mark.parametrize(
    "exception", ["roads", "new roads", "those in the north", "houses built on fields"]
)
def test_an_exception_that_is_a_thing_or_a_place_stays(exception: str) -> None:
    found = one(f"all changes except {exception}")
    assert found.status == "understood"
    assert [rule.explain() for rule in found.query.rules] == [f"except {exception}"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("did we gain or lose trees", "gain or lose"),
        ("did the forest grow or shrink", "grow or shrink"),
        ("did more houses appear or disappear", "more houses appear or disappear"),
        ("was the lake filled in or did it dry up", "or did it dry"),
        ("was it forest or field before", "forest or field"),
    ],
)
def test_a_choice_is_no_question_for_yes_or_no(text: str, words: str) -> None:
    found = one(text)
    assert (found.status, found.query.question) == ("uncertain", None)
    assert found.query.unanswered == words


@pytest.mark.parametrize(
    "text",
    [
        "were any houses built or demolished?", "are there new houses or sheds in the north?",
        "are there more houses or roads?", "are there fewer trees or bushes than in 2010?",
        "did houses appear in the north or in the south?", "is there more water than before?",
    ],
)  # fmt: skip
def test_other_alternatives_are_answered_by_yes_or_no(text: str) -> None:
    found = one(text)
    assert (found.status, found.query.question) == ("understood", "yes_no")


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("how many buildings went up and how many came down?", "appeared", "disappeared"),
        ("how many trees were felled and how many planted", "disappeared", "appeared"),
        ("how much forest was lost and how much gained", "disappeared", "appeared"),
        ("how much water dried up and how much came back", "disappeared", "appeared"),
    ],
)
def test_two_amounts_of_one_thing_are_two_questions(text: str, first: str, second: str) -> None:
    found = understand(text, TINY)
    assert [part.direction for part in found] == [first, second]
    assert {part.query.question for part in found} == {"area" if "much" in text else "count"}


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("houses that were fields in 2015", "since 2015"),
        ("roads where there was forest in 2012", "since 2012"),
        ("land which is now built on but was farmland in 2010", "since 2010"),
        ("new houses built since I moved here in 2012", "since 2012"),
        ("houses that were built in 2010", "in 2010"),
        ("were houses demolished in 2012?", "in 2012"),
        ("fields that were flooded in 2015", "in 2015"),
    ],
)
def test_the_date_of_an_earlier_state_starts_the_period(text: str, time: str) -> None:
    assert [named.phrase for named in one(text).query.times] == [time]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("new buildings, no river near", "farther than 50 m from the river"),
        ("new houses, no trees around", "farther than 50 m from the trees"),
        ("new houses without river near", "farther than 50 m from the river"),
        ("new houses with a road near", "within 50 m of the road"),
    ],
)
def test_what_is_not_near_is_a_rule(text: str, rule: str) -> None:
    found = one(text)
    assert (found.status, found.direction) == ("understood", "appeared")
    assert [r.explain() for r in found.query.rules] == [rule]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("new plant built", "buildings · appeared"),
        ("new caravan park", "buildings · appeared"),
        ("plants removed", "vegetation · disappeared"),
        ("power plant demolished", "buildings · disappeared"),
    ],
)
def test_a_plant_and_a_park_may_be_buildings(text: str, meaning: str) -> None:
    assert (one(text).status, one(text).meaning) == ("understood", meaning)


def test_one_kind_that_spread_over_another_of_its_class_is_a_doubt() -> None:
    found = one("orchards extended over the heath")
    assert (found.status, found.code, found.direction) == ("uncertain", "same_class", "any")
    assert one("water turned green").meaning == "water · any"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        (
            "new houses near the road so that we can bill them",
            "buildings · appeared · within 50 m of the road",
        ),
        ("find burnt houses so adjusters can visit them", "buildings · disappeared"),
        ("trees cut so that houses could be built", "vegetation → buildings"),
        ("highlight in red the new roads", "roads · appeared"),
        ("is there any new building or not?", "buildings · appeared · yes or no"),
        ("were trees cut, yes or no?", "vegetation · disappeared · yes or no"),
        ("gone", "gone"),
        ("gone since 2012", "gone · since 2012"),
    ],
)
def test_what_one_wants_it_for_is_dropped(text: str, meaning: str) -> None:
    assert (one(text).status, one(text).meaning) == ("understood", meaning)


@pytest.mark.parametrize(
    "text",
    ["- new roads - lost ponds", "* new roads * lost ponds", "i) new roads ii) lost ponds"],
)
def test_a_list_with_marks_is_two_wishes(text: str) -> None:
    found = understand(text, TINY)
    assert [part.meaning for part in found] == ["roads · appeared", "water · disappeared"]


def test_a_second_question_that_is_not_answered_is_named() -> None:
    found = one("which streets got wider and which houses were lost")
    assert found.values == {"condition": "and which houses were lost"}


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("burned fields, just the larger ones", "just the larger"),
        ("new ponds, only the bigger ones please", "only the bigger"),
    ],
)
def test_larger_ones_have_no_measure(text: str, lost: str) -> None:
    assert (one(text).status, one(text).values) == ("uncertain", {"condition": lost})
