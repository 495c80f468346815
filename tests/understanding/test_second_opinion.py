"""A second opinion decides where the rules doubt, and nowhere else."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mtrs_geo.query import ChangeQuery
from mtrs_geo.understanding import Opinion, Understanding, Vocabulary, understand

RULES = Vocabulary(coarsest_m=1.5, standing=True)
APPEARED = Opinion("appeared", (), ("building",), 0.995)
TURNED = Opinion("changed", ("vegetation",), ("building",), 0.95)
GONE = Opinion("disappeared", ("building",), (), 0.995)


class Reader:
    """Takes every sentence for the same."""

    def __init__(self, opinion: Opinion) -> None:
        self.opinion = opinion
        self.asked: list[str] = []

    def __call__(self, text: str) -> Opinion:
        self.asked.append(text)
        return self.opinion


def one(text: str, reader: Reader, **options: object) -> Understanding:
    (found,) = understand(text, replace(RULES, reader=reader), **options)  # type: ignore[arg-type]
    return found


REFUSED = "granfelts sprouted by the sheds"


def test_an_unknown_word_is_read_with_confidence() -> None:
    assert not one(REFUSED, Reader(replace(APPEARED, confidence=0.9))).is_answered
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
        "farmland that became a car park", "unchanged buildings",
    ],
)  # fmt: skip
def test_what_the_rules_read_is_not_asked(text: str) -> None:
    reader = Reader(GONE)
    assert one(text, reader) == understand(text, RULES)[0]
    assert not reader.asked


@pytest.mark.parametrize(
    "text",
    [
        "solar panels", "wind turbines near the houses", "hello", "not buildings",
        "no new buildings", "granfelts never sprouted by the sheds", "oaks replaced by beeches",
        "new buildings near the school", "no houses remained unchanged",
    ],
)  # fmt: skip
def test_what_is_known_to_have_no_answer_stays_refused(text: str) -> None:
    found = one(text, Reader(APPEARED))
    assert not found.is_answered
    assert found == understand(text, RULES)[0]


@pytest.mark.parametrize(
    "opinion",
    [
        Opinion("none", (), (), 0.995),
        Opinion("unchanged", ("building",), ("building",), 0.995),
        Opinion("appeared", (), (), 0.995),
    ],
)
def test_opinions_that_no_model_answers_have_no_effect(opinion: Opinion) -> None:
    assert one(REFUSED, Reader(opinion)) == understand(REFUSED, RULES)[0]


def test_classes_that_the_model_lacks_have_no_effect() -> None:
    roads = replace(RULES, classes=("road",))
    (refused,) = understand(REFUSED, replace(roads, reader=Reader(APPEARED)))
    assert not refused.is_answered


def test_two_kinds_of_ground_without_a_word_of_change() -> None:
    text = "developers gobble up farmland for homes"
    assert understand(text, RULES)[0].direction == "any"
    found = one(text, Reader(TURNED))
    assert (found.before, found.after) == (("vegetation",), ("building",))
    assert (found.status, found.query.prompt) == ("uncertain", "vegetation turned into buildings")


def test_two_kinds_of_ground_at_one_date() -> None:
    text = "river part now only stones is"
    assert understand(text, RULES)[0].after == ("bare", "water")
    found = one(text, Reader(Opinion("changed", ("water",), ("bare",), 0.8)))
    assert (found.direction, found.before, found.after) == ("changed", ("water",), ("bare",))
    for opinion in (TURNED, APPEARED, Opinion("appeared", (), ("water",), 0.99)):
        assert one(text, Reader(opinion)) == understand(text, RULES)[0]


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
