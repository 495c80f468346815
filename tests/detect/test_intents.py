"""What the intent head reads is compared with the words, and reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mtrs_geo.detect.questions import with_readings
from mtrs_geo.models import BrightnessSegmenter, IntentReading
from mtrs_geo.understanding import Understanding, Vocabulary, understand

VOCABULARY = Vocabulary(standing=True)
APPEARED = IntentReading({"any": 0.9}, {"building": 0.8})


class ReadingSegmenter(BrightnessSegmenter):
    """The brightness baseline with an intent head; it reads what a table says."""

    info = replace(BrightnessSegmenter.info, knows=VOCABULARY)

    def __init__(self, table: Mapping[str, IntentReading]) -> None:
        self.table = table

    def read_intents(self, sentences: Sequence[str]) -> list[IntentReading]:
        nothing = IntentReading({"nothing": 0.6}, {"nothing": 0.9})
        return [self.table.get(sentence, nothing) for sentence in sentences]


def read(text: str, table: Mapping[str, IntentReading]) -> Understanding:
    (found,) = with_readings(understand(text, VOCABULARY), ReadingSegmenter(table))
    return found


def test_readings_are_reported_for_answered_and_refused_sentences() -> None:
    found = read("new buildings", {"new buildings": APPEARED})
    assert found.status == "understood"
    assert found.as_dict()["intent"] == {"before": {"any": 0.9}, "after": {"building": 0.8}}
    refused = read("solar panels", {})
    assert not refused.is_answered
    assert refused.as_dict()["intent"]["after"] == {"nothing": 0.9}


def test_a_model_without_an_intent_head_reports_none() -> None:
    (found,) = with_readings(understand("new buildings", VOCABULARY), BrightnessSegmenter())
    assert found.as_dict()["intent"] is None


def test_the_plainest_wording_is_asked_where_the_head_reads_otherwise() -> None:
    found = read("houses that were erected", {"new buildings": APPEARED})
    assert found.query.prompt == "new buildings"
    assert found.status == "uncertain"
    assert found.doubt == (
        "the model reads it as nothing → nothing, and is asked 'new buildings' instead."
    )
    assert "asked as: new buildings." in found.messages()
    assert found.as_dict()["intent"]["after"] == {"nothing": 0.9}, "of the sentence's own words"


def test_a_wording_that_is_read_otherwise_too_is_uncertain() -> None:
    for text in ("houses that were erected", "new buildings"):
        found = read(text, {})
        assert found.status == "uncertain"
        assert found.is_answered
        assert found.doubt == "the model reads 'new buildings' as nothing → nothing."
