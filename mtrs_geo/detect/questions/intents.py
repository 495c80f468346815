"""Compare questions with what the model's intent head reads their prompts as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mtrs_geo.models import ChangeSegmenter, IntentReader, IntentReading
from mtrs_geo.understanding import Understanding, confirm
from mtrs_geo.understanding.types import LIKELY

__all__ = ["with_readings"]


def with_readings(
    questions: Sequence[Understanding], segmenter: ChangeSegmenter
) -> list[Understanding]:
    """Return questions with what the intent head reads, and with prompts that it reads right.

    A prompt that the head reads otherwise than its words say is replaced by the plainest wording
    of its meaning, and the question is uncertain: of such held-out sentences 0.70 are read right,
    of the others 0.94 (docs/queries.md).

    Args:
        questions: of a run, or of sentences that are explained.
        segmenter: the model; one without an intent head changes nothing.
    """
    first = _readings(questions, segmenter)
    confirmed = [_confirmed(question, first) for question in questions]
    pairs = list(zip(confirmed, questions, strict=True))
    second = _readings([new for new, old in pairs if new is not old], segmenter)
    return [
        _with_intent(
            new if new is old else _doubted(new, first[old.query.prompt], second),
            first.get(old.query.prompt),
        )
        for new, old in pairs
    ]


def _readings(
    questions: Sequence[Understanding], segmenter: ChangeSegmenter
) -> dict[str, IntentReading]:
    """Return what the head reads each prompt as."""
    prompts = list(dict.fromkeys(q.query.prompt for q in questions if q.query.prompt))
    read = segmenter.read_intents(prompts) if isinstance(segmenter, IntentReader) else []
    return dict(zip(prompts, read, strict=True)) if read else {}


def _with_intent(question: Understanding, reading: IntentReading | None) -> Understanding:
    if reading is None:
        return question
    return replace(question, intent=(reading.before, reading.after))


def _confirmed(question: Understanding, read: Mapping[str, IntentReading]) -> Understanding:
    reading = read.get(question.query.prompt)
    if reading is None or not question.is_answered or question.standing:
        return question
    return confirm(question, reading.before, reading.after)


def _doubted(
    question: Understanding, own: IntentReading, read: Mapping[str, IntentReading]
) -> Understanding:
    """Return a question, whose own words the head reads otherwise, as uncertain."""
    if question.doubt:
        return question
    prompt = question.query.prompt
    reading = read[prompt]
    if confirm(question, reading.before, reading.after) is question:
        text = f"the model reads it as {_described(own)}, and is asked {prompt!r} instead."
        return replace(question, status="uncertain", doubt=text, advice="Check that it is meant.")
    text = f"the model reads {prompt!r} as {_described(reading)}."
    advice = "Check the polygons, or name one thing and one change."
    return replace(question, status="uncertain", doubt=text, advice=advice)


def _described(reading: IntentReading) -> str:
    """Return a reading as text: "vegetation → building"."""
    return " → ".join(
        " and ".join(name for name, value in date.items() if value > LIKELY) or "nothing"
        for date in (reading.before, reading.after)
    )
