"""Rules and a trained reader are weighed against each other."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mtrs_geo.models import load_vocabulary
from mtrs_geo.query import ChangeQuery
from mtrs_geo.understanding import Opinion, Understanding, Vocabulary, understand

RULES = Vocabulary(coarsest_m=1.5, standing=True)
APPEARED = Opinion("appeared", (), ("building",), 0.99)
TURNED = Opinion("changed", ("vegetation",), ("building",), 0.99)
GONE = Opinion("disappeared", ("building",), (), 0.99)
NOTHING = Opinion("none", (), (), 0.95)


class Reader:
    """Takes every sentence for one of two things, with fixed probabilities."""

    def __init__(self, opinion: Opinion, other: Opinion = NOTHING) -> None:
        self.opinions = opinion, replace(other, confidence=1 - opinion.confidence)
        self.asked: list[str] = []

    def __call__(self, text: str) -> tuple[Opinion, ...]:
        self.asked.append(text)
        return self.opinions


def one(text: str, reader: Reader, **options: object) -> Understanding:
    (found,) = understand(text, replace(RULES, reader=reader), **options)  # type: ignore[arg-type]
    return found


def by_rules(text: str) -> Understanding:
    (found,) = understand(text, RULES)
    return found


REFUSED = "granfelts sprouted by the sheds"
VAGUE = "developers gobble up farmland for homes"
CLEAR = "farmland that became a car park beside the canal"


def test_an_unknown_word_is_read_with_confidence() -> None:
    assert not one(REFUSED, Reader(replace(APPEARED, confidence=0.6))).is_answered
    found = one(REFUSED, Reader(APPEARED))
    assert (found.status, found.direction, found.after) == ("uncertain", "appeared", ("building",))
    assert found.query.prompt == "new buildings"
    assert found.messages()[-1] == (
        "this wording is not read with certainty. Taken as: 'new buildings'; ask so to be sure."
    )
    (doubt,) = json.loads(json.dumps(found.as_dict()))["doubts"]
    assert (doubt["code"], doubt["values"]) == ("taken_as", {"wording": "new buildings"})
    again = ChangeQuery.parse(found.query.explain())
    assert (again.prompt, again.rules) == (found.query.prompt, found.query.rules)


@pytest.mark.parametrize(
    "text",
    [
        "new buildings", "buildings", "roads that were removed", "changed roads", "what changed",
        "unchanged buildings",
    ],
)  # fmt: skip
def test_plain_sentences_are_read_by_rules_alone(text: str) -> None:
    reader = Reader(GONE)
    assert one(text, reader) == by_rules(text)
    assert not reader.asked


@pytest.mark.parametrize(
    "text",
    [
        "not buildings", "no new buildings", "granfelts never sprouted by the sheds",
        "oaks replaced by beeches", "new buildings near the school",
        "no houses remained unchanged", "what stayed the same",
    ],
)  # fmt: skip
def test_what_is_settled_stays_refused(text: str) -> None:
    found = one(text, Reader(replace(APPEARED, confidence=1.0)))
    assert not found.is_answered
    assert found == by_rules(text)


def test_rules_and_reader_that_agree() -> None:
    sure = Reader(Opinion("changed", ("vegetation",), ("road",), 0.95))
    assert one(CLEAR, sure) == by_rules(CLEAR)
    assert by_rules(CLEAR).status == "understood"


def test_a_reader_that_is_sure_overrules() -> None:
    found = one(CLEAR, Reader(APPEARED, TURNED))
    assert (found.status, found.code, found.after) == ("uncertain", "taken_as", ("building",))
    assert found.query.prompt == "new buildings"


def test_a_reader_that_is_not_sure_makes_a_doubt() -> None:
    turned = Opinion("changed", ("vegetation",), ("road",), 0.1)
    found = one(CLEAR, Reader(turned, APPEARED))
    assert (found.status, found.code) == ("uncertain", "taken_as")
    assert (found.before, found.after) == (("vegetation",), ("road",))
    assert found.values == {"wording": "vegetation turned into roads"}


def test_a_sentence_that_asks_for_no_known_ground_is_refused() -> None:
    assert by_rules(CLEAR).is_answered
    found = one(CLEAR, Reader(replace(NOTHING, confidence=0.999), TURNED))
    assert (found.status, found.code) == ("outside the vocabulary", "no_known_ground")
    assert "buildings, roads, vegetation, water, bare ground" in found.doubt
    assert found.values == {"known": list(RULES.classes)}
    (anyway,) = understand(
        CLEAR, replace(RULES, reader=Reader(replace(NOTHING, confidence=0.999))), anyway=True
    )
    assert anyway.is_answered


def test_a_negation_is_answered_only_where_both_agree() -> None:
    text = "where the barns are no longer there beside the canal"
    assert by_rules(text).direction == "disappeared"
    assert one(text, Reader(GONE)) == by_rules(text)
    found = one(text, Reader(APPEARED, GONE))
    assert (found.is_answered, found.code) == (False, "negation")


def test_permanently_is_not_always_about_standing_ground() -> None:
    text = "beach that is now permanently under water"
    assert (by_rules(text).direction, by_rules(text).is_answered) == ("unchanged", False)
    flooded = Opinion("changed", ("bare",), ("water",), 0.99)
    found = one(text, Reader(flooded))
    assert (found.code, found.query.prompt) == ("taken_as", "bare ground turned into water")
    assert not one(text, Reader(replace(flooded, confidence=0.9))).is_answered


def test_standing_ground_of_one_of_the_named_kinds_is_answered_where_both_agree() -> None:
    text = "forest tracks unchanged since the last management plan"
    assert not by_rules(text).is_answered
    standing = Reader(Opinion("unchanged", ("road",), ("road",), 0.99))
    found = one(text, standing)
    assert (found.code, found.query.prompt) == ("taken_as", "unchanged roads")
    (refused,) = understand(text, Vocabulary(coarsest_m=1.5, reader=standing))
    assert not refused.is_answered
    houses = Reader(Opinion("unchanged", ("building",), ("building",), 0.99))
    assert not one(text, houses).is_answered


def test_one_kind_of_water_need_not_become_another() -> None:
    text = "grazing marsh becoming tidal water"
    assert by_rules(text).code == "same_class"
    flooded = Opinion("changed", ("vegetation",), ("water",), 0.99)
    assert one(text, Reader(flooded)).query.prompt == "vegetation turned into water"
    same = Reader(Opinion("any", ("water",), ("water",), 0.99))
    assert one(text, same) == by_rules(text)


def test_what_became_something_is_a_change_of_one_kind_into_another() -> None:
    road = Reader(Opinion("appeared", (), ("road",), 0.99))
    found = one("stuff that became a road", road)
    assert (found.direction, found.before, found.after) == ("changed", (), ("road",))
    assert found.query.prompt == "new roads"


def test_the_class_that_the_rules_leave_open_is_the_reader_s() -> None:
    text = "only the single largest between dwellings you can see now but could not see before"
    assert (by_rules(text).direction, by_rules(text).after) == ("appeared", ())
    found = one(text, Reader(APPEARED))
    assert (found.direction, found.after) == ("appeared", ("building",))
    assert [rule.explain() for rule in found.query.rules] == ["the largest"]
    unsure = one(text, Reader(replace(APPEARED, confidence=0.7)))
    assert (unsure.is_answered, unsure.code) == (False, "negation")


def test_exceptions_are_left_to_the_rules() -> None:
    reader = Reader(Opinion("any", ("road",), ("road",), 0.99))
    text = "whatever changed here since then, tarmac excluded"
    assert one(text, reader) == by_rules(text)
    assert by_rules(text).is_answered


@pytest.mark.parametrize(
    "opinion",
    [
        NOTHING,
        Opinion("unchanged", ("building",), ("building",), 0.95),
        Opinion("appeared", (), (), 0.95),
    ],
)
def test_opinions_that_no_model_answers_have_no_effect(opinion: Opinion) -> None:
    assert one(REFUSED, Reader(opinion)) == by_rules(REFUSED)


def test_classes_that_the_model_lacks_count_as_no_known_ground() -> None:
    roads = Opinion("appeared", (), ("road",), 0.96)
    buildings = replace(RULES, classes=("building",), reader=Reader(roads, APPEARED))
    (refused,) = understand(REFUSED, buildings)
    assert not refused.is_answered
    text = "where the barns are no longer there beside the canal"
    (turned,) = understand(text, replace(buildings, reader=Reader(roads, GONE)))
    assert not turned.is_answered
    clear = "which sheds did they put up for the harvest of the hill farms"
    (lost,) = understand(clear, replace(buildings, reader=Reader(roads, APPEARED)))
    assert by_rules(clear).status == "understood"
    assert lost.status != "understood"


def test_any_change_is_asked_without_words() -> None:
    found = one(CLEAR, Reader(Opinion("any", (), (), 0.99)))
    assert (found.direction, found.before, found.after) == ("any", (), ())
    assert found.query.is_any_change
    assert found.query.prompt == ""
    assert "asked as: any change." in found.messages()


def test_a_doubt_about_a_reference_is_told_as_well() -> None:
    found = one("granfelts sprouted within 50 m of the barns", Reader(APPEARED))
    assert found.code == "taken_as"
    assert "'barns' is found as buildings of any kind" in found.doubt


def test_a_reference_of_a_general_kind_weighs_no_less() -> None:
    turned = Opinion("changed", ("vegetation",), ("building",), 0.8)
    reader = Reader(turned, Opinion("appeared", (), ("building",), 0.2))
    for text in ("houses that were added near the barns", "houses that were added near the river"):
        found = one(text, reader)
        assert (found.direction, found.after) == ("appeared", ("building",)), text


@pytest.mark.parametrize(
    "text",
    [
        "solar panels", "wind turbines near the houses", "hello", "asdfgh", "parked cars",
        "where is the nearest hospital?", "who built the new road?", "good morning everyone",
        "the price of the new houses", "new bus timetable at the depot",
    ],
)  # fmt: skip
def test_what_has_no_answer_stays_refused_by_the_bundled_reader(text: str) -> None:
    (found,) = understand(text, load_vocabulary("tiny"))
    assert not found.is_answered


@pytest.mark.parametrize(
    ("text", "direction", "before", "after"),
    [
        ("river part now only stones is", "changed", ("water",), ("bare",)),
        ("developers gobble up farmland for homes", "changed", ("vegetation",), ("building",)),
    ],
)
def test_unusual_sentences_are_read_by_the_bundled_reader(
    text: str, direction: str, before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    (found,) = understand(text, load_vocabulary("tiny"))
    assert (found.direction, found.before, found.after) == (direction, before, after)
    assert found.is_answered


def test_nouns_that_the_model_was_taught_are_left_to_the_rules() -> None:
    taught = replace(RULES, nouns={"granfelt": "building", "solar panel": ""})
    reader = Reader(NOTHING)
    for text in ("granfelts that sprouted beside the big canal", "solar panels added on the farm"):
        (found,) = understand(text, replace(taught, reader=reader))
        assert found.is_answered
    assert not reader.asked


def test_two_kinds_of_ground_without_a_word_of_change() -> None:
    assert by_rules(VAGUE).direction == "any"
    found = one(VAGUE, Reader(TURNED))
    assert (found.before, found.after) == (("vegetation",), ("building",))
    assert (found.status, found.query.prompt) == ("uncertain", "vegetation turned into buildings")


def test_rules_of_the_scene_are_kept() -> None:
    found = one("granfelts sprouted in the north, larger than 1 ha", Reader(APPEARED))
    assert [rule.explain() for rule in found.query.rules] == [
        "in the north",
        "larger than 10000 m²",
    ]
    assert found.is_answered


def test_a_reference_still_needs_its_layer() -> None:
    text = "granfelts sprouted near the school"
    assert not one(text, Reader(APPEARED)).is_answered
    assert one(text, Reader(APPEARED), layers=("school",)).is_answered


def test_a_long_list_of_questions_is_not_asked() -> None:
    reader = Reader(APPEARED)
    pair = "new shed granfelts; demolished road granfelts"
    assert len(understand(pair, replace(RULES, reader=reader))) == len(reader.asked) == 2
    assert len(understand("; ".join([pair] * 8), replace(RULES, reader=reader))) == 16
    assert len(reader.asked) == 2


def test_the_reader_gets_the_corrected_words() -> None:
    reader = Reader(APPEARED)
    found = one("granfelts and buidlings that Appeard by the sheds", reader)
    assert dict(found.corrected)["buidlings"] == "buildings"
    assert reader.asked == ["granfelts and buildings that appeared by the sheds"]


@pytest.mark.parametrize(
    ("text", "before"), [("bare land that was reforested", "bare"), ("roads reforested", "road")]
)
def test_the_ground_that_a_verb_made_is_never_the_one_before(text: str, before: str) -> None:
    reader = Reader(Opinion("changed", ("vegetation",), (before,), 0.99))
    found = one(text, reader)
    assert found.status == "uncertain"
    assert (found.before, found.after) == ((before,), ("vegetation",))
    found = one("roads", reader)
    assert (found.before, found.after) == (("road",), ("road",))
