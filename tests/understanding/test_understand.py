from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrs_geo.errors import QueryError
from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.vocabulary import read_vocabulary
from mtrs_geo.query import MAX_CHARACTERS
from mtrs_geo.understanding import (
    Understanding,
    Vocabulary,
    confirm,
    taught_vocabulary,
    understand,
)

TINY = read_vocabulary(WEIGHTS / "tiny")


def one(text: str, vocabulary: Vocabulary = TINY, **options: object) -> Understanding:
    (found,) = understand(text, vocabulary, **options)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("text", "direction", "before", "after"),
    [
        ("new buildings", "appeared", (), ("building",)),
        ("demolished houses", "disappeared", ("building",), ()),
        ("fields that were turned into car parks", "changed", ("vegetation",), ("road",)),
        ("where did trees beside the lake get removed?", "disappeared", ("vegetation",), ()),
        ("houses added or removed", "any", ("building",), ("building",)),
        ("deforestation", "disappeared", ("vegetation",), ()),
        ("the yard was paved over, which was grass", "changed", ("vegetation",), ("road",)),
        ("new houses near the demolished barn", "appeared", (), ("building",)),
        ("roads that weren't there at the first date", "appeared", (), ("road",)),
        ("ponds that can no longer be seen", "disappeared", ("water",), ()),
        ("what became of the fields?", "changed", ("vegetation",), ()),
        ("everything that turned into soil", "changed", (), ("bare",)),
        ("where did the orchard go?", "disappeared", ("vegetation",), ()),
        ("demolished houses that are grass now", "changed", ("building",), ("vegetation",)),
        ("areas under concrete that were under crops", "changed", ("vegetation",), ("road",)),
        ("what was built where the forest stood?", "changed", ("vegetation",), ("building",)),
        ("do houses stand where trees grew?", "changed", ("vegetation",), ("building",)),
        ("a street runs through what was woodland", "changed", ("vegetation",), ("road",)),
        ("demolition sites", "disappeared", ("building",), ()),
        ("ponds filled in to build houses", "changed", ("water",), ("building",)),
        ("car park construction", "appeared", (), ("road",)),
        ("old bypass dug up", "disappeared", ("road",), ()),
        ("sheds demolished and rebuilt", "any", ("building",), ("building",)),
        ("trees cut less than 30 yards from a stream", "disappeared", ("vegetation",), ()),
        ("houses built on the other side of the river", "appeared", (), ("building",)),
        ("additional driveways for cars", "appeared", (), ("road",)),
        ("forest converted to farmland", "any", ("vegetation",), ("vegetation",)),
    ],
)
def test_direction_and_classes(
    text: str, direction: str, before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    found = one(text)
    assert (found.direction, found.before, found.after) == (direction, before, after)
    assert found.is_answered


@pytest.mark.parametrize("text", ["", "  ", "any change", "what changed?", "show all changes"])
def test_any_change(text: str) -> None:
    found = one(text)
    assert found.status == "understood"
    assert found.query.prompt == ""


@pytest.mark.parametrize(
    "text", ["hello", "asdfgh", "thank you", "!!!", "7", "How do I log in?", "a new year, a new me"]
)
def test_what_is_no_question_is_not_answered(text: str) -> None:
    found = one(text)
    assert not found.is_answered
    assert found.advice


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("solar panels", "solar panels"), ("new wind turbines", "wind turbines"),
        ("parked cars", "parked cars"), ("solar panels on the roofs of new houses", "solar panels"),
        ("new flubberwocks", "flubberwocks"),
        ("houses with changed house numbers", "house numbers"),
    ],
)  # fmt: skip
def test_what_the_model_does_not_know_is_named(text: str, thing: str) -> None:
    found = one(text)
    assert found.status == "outside the vocabulary"
    assert repr(thing) in found.doubt
    assert "buildings" in found.doubt, "it says what the model knows"


@pytest.mark.parametrize(
    "text", ["unchanged buildings", "buildings that still stand", "houses that were not torn down"]
)
def test_standing_ground_is_never_a_change(text: str) -> None:
    found = one(text)
    assert found.direction == "unchanged"
    assert found.standing == "buildings"
    assert found.query.prompt == "unchanged buildings"
    refused = one(text, Vocabulary(standing=False))
    assert not refused.is_answered


@pytest.mark.parametrize(
    "text",
    ["no change", "not buildings", "no new buildings in the north", "fields that no one built on",
     "ignore greenery and tell what has changed", "chapels that they were unable to remove",
     "farmland that has yet to be developed", "cleared ground never replanted",
     "bare plots waiting to be built on",
     "where did nothing happen?"],
)  # fmt: skip
def test_negations_that_are_not_understood_are_refused(text: str) -> None:
    assert not one(text).is_answered


def test_a_bare_noun_asks_for_any_change_of_it() -> None:
    found = one("buildings")
    assert found.is_answered
    assert found.query.prompt == "changed buildings"
    assert (found.direction, found.meaning) == ("any", "buildings · any")


def test_kinds_of_a_class_are_named() -> None:
    found = one("new schools")
    assert found.general == (("schools", "building"),)
    assert "'schools' is found as buildings of any kind." in found.messages()
    assert not one("new houses").general


def test_typing_errors_are_corrected_and_named() -> None:
    found = one("new buidlings")
    assert found.corrected == (("buidlings", "buildings"),)
    assert found.query.prompt == "new buildings"
    assert "'buidlings' was read as 'buildings'." in found.messages()


@pytest.mark.parametrize("word", ["hoses", "insulated", "unfelled", "bungalows"])
def test_words_that_exist_are_not_corrected(word: str) -> None:
    assert not one(f"new {word}").corrected


@pytest.mark.parametrize(
    "text",
    ["spruce replaced by oak", "schools turned into flats", "fields changed from wheat to maize"],
)
def test_one_kind_of_a_class_that_becomes_another_is_not_seen(text: str) -> None:
    assert not one(text).is_answered


@pytest.mark.parametrize(
    "text",
    [
        "new or demolished buildings", "new and demolished houses in the north",
        "torn down or new houses", "houses that were built or demolished",
        "buildings razed or put up since 2016",
    ],
)  # fmt: skip
def test_what_came_or_went_is_any_change_of_it(text: str) -> None:
    found = one(text)
    assert (found.direction, found.before, found.after) == ("any", ("building",), ("building",))


@pytest.mark.parametrize(
    ("text", "is_answered"),
    [
        ("reservoir drained after the dyke failed", True),
        ("houses that failed to disappear", False),
        ("landslide scar, should be found on the slope above the village", True),
        ("houses that should be demolished", False),
        ("new roads east of lot no. 3", True),
    ],
)
def test_words_that_turn_some_sentences_round(text: str, is_answered: bool) -> None:
    assert one(text).is_answered == is_answered


def test_an_unknown_word_is_a_doubt() -> None:
    found = one("new houses in Timbuktu")
    assert found.status == "uncertain"
    assert found.is_answered
    assert "'timbuktu'" in found.doubt


def test_a_reference_outside_the_vocabulary_needs_a_layer() -> None:
    refused = one("new houses near the school")
    assert refused.status == "outside the vocabulary"
    assert "--reference" in refused.advice
    assert one("new houses near the school", layers=("School",)).status == "understood"
    assert one("new houses near the river").status == "understood"


def test_small_things_in_coarse_pixels_are_refused() -> None:
    assert one("new swimming pools", gsd_m=0.5).is_answered
    found = one("new swimming pools", gsd_m=5.0)
    assert not found.is_answered
    assert "5 m" in found.doubt


def test_an_open_vocabulary_takes_every_sentence() -> None:
    assert one("hello", Vocabulary(open=True)).is_answered


def test_a_model_may_know_fewer_classes_and_more_nouns() -> None:
    assert not one("new roads", Vocabulary(classes=("building",))).is_answered
    taught = Vocabulary(nouns={"solar panel": "solar panel"}, classes=("building", "solar panel"))
    found = one("new solar panels", taught)
    assert found.status == "understood"
    assert found.after == ("solar panel",)


def test_a_model_knows_what_its_training_sentences_named() -> None:
    taught = taught_vocabulary(["Blue tarpaulins that were laid out", "new flubberwocks"])
    assert taught["nouns"] == {"tarpaulin": "", "flubberwock": ""}
    vocabulary = Vocabulary(nouns=taught["nouns"], sentences=frozenset(taught["sentences"]))
    assert one("blue tarpaulins that were laid out", vocabulary).status == "understood"
    assert one("the tarpaulins that were removed", vocabulary).before == ("tarpaulin",)
    assert not one("new solar panels", vocabulary).is_answered


TRAINED = [
    "New green roofs", "new solar canopies", "demolished greenhouses", "new gas station",
    "water towers that were built", "neue Gewächshäuser",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "prompt", "rules"),
    [
        ("the largest new green roofs", "new green roofs", ["the largest"]),
        ("Please show me the new green roofs, thanks!", "new green roofs", []),
        ("how many new green roofs are there?", "new green roofs", []),
        ("New solar canopies?", "new solar canopies", []),
        ("the largest new solar canopy", "new solar canopies", ["the largest"]),
        ("new solar canopies in the north", "new solar canopies", ["in the north"]),
        (
            "demolished greenhouses near a road",
            "demolished greenhouses",
            ["within 50 m of the road"],
        ),
        ("the 3 largest new gas stations", "new gas station", ["the 3 largest"]),
        ("the largest water tower that was built", "water towers that were built", ["the largest"]),
        ("neue Gewächshäuser?", "neue gewächshäuser", []),
    ],
)
def test_a_trained_sentence_stays_one_beside_rules_and_polite_words(
    text: str, prompt: str, rules: list[str]
) -> None:
    taught = taught_vocabulary(TRAINED)
    vocabulary = Vocabulary(nouns=taught["nouns"], sentences=frozenset(taught["sentences"]))
    found = one(text, vocabulary)
    assert found.status == "understood"
    assert (found.query.prompt, [rule.explain() for rule in found.query.rules]) == (prompt, rules)
    assert not found.messages()


def test_the_rules_beside_a_trained_sentence_are_judged() -> None:
    vocabulary = Vocabulary(sentences=frozenset({"new green roofs", "demolished greenhouses"}))
    assert one("new green roofs near the school", vocabulary).code == "unknown_reference"
    assert one("new green roofs near the school", vocabulary, layers={"school"}).is_answered
    found = one("new green roofs in the north, in the south", vocabulary)
    assert (found.status, found.query.prompt) == ("uncertain", "new green roofs")
    both = understand("new green roofs in the north and demolished greenhouses", vocabulary)
    assert [part.query.prompt for part in both] == ["new green roofs", "demolished greenhouses"]
    other = one("new vineyards", vocabulary)
    assert other.query.prompt != "new green roofs"


def test_a_refused_question_can_be_answered_anyway() -> None:
    found = one("solar panels", anyway=True)
    assert found.is_answered
    assert found.status == "outside the vocabulary"


def test_a_prompt_that_the_model_reads_otherwise_is_replaced() -> None:
    found = one("farmland lost to housing")
    assert confirm(found, {"vegetation": 0.9}, {"building": 0.8}) is found
    replaced = confirm(found, {"building": 0.9}, {"any": 1.0})
    assert replaced.query.prompt == "vegetation turned into buildings"
    assert replaced.text == found.text


def test_too_long_texts_and_other_types_are_errors() -> None:
    with pytest.raises(QueryError, match="characters"):
        understand("a" * (MAX_CHARACTERS + 1), TINY)
    with pytest.raises(QueryError, match="string"):
        understand(3, TINY)  # type: ignore[arg-type]


@given(st.text(max_size=200))
def test_no_text_raises_an_error(text: str) -> None:
    for found in understand(text, TINY):
        assert found.as_dict()["status"] == found.status


WORDS = st.sampled_from(
    [
        "new",
        "old",
        "houses",
        "roads",
        "not",
        "the",
        "that",
        "were",
        "removed",
        "turned",
        "into",
        "near",
        "water",
        ",",
        ";",
        "and",
        "trees",
        "no",
        "in",
    ]
)


@given(st.lists(WORDS, max_size=30))
def test_no_words_of_the_lexicon_raise_an_error(words: list[str]) -> None:
    assert understand(" ".join(words), TINY)


def test_reading_is_linear_in_the_length() -> None:
    def seconds(text: str) -> float:
        start = time.perf_counter()
        understand(text, TINY)
        return time.perf_counter() - start

    understand("warm up the lexicon and teh spelling", TINY)
    short, long = "new buidlings near the road " * 30, "new buidlings near the road " * 300
    assert seconds(long) < 40 * max(seconds(short), 0.01)
