"""Sentences → what a graph with fixed sentences asks its model, as `detect_changes` would."""

from __future__ import annotations

from collections.abc import Sequence

from mtrs_geo.errors import QueryError
from mtrs_geo.models.contract import ChangeSegmenter, IntentReader
from mtrs_geo.query import ChangeQuery
from mtrs_geo.understanding import Understanding, confirm, understand

__all__ = ["fixed_sentences"]

_RAW = "Or keep its words as they are: --raw (raw=True)."


def fixed_sentences(
    texts: Sequence[str], segmenter: ChangeSegmenter, *, raw: bool = False
) -> list[Understanding]:
    """Return the question of each sentence; its prompt is what the model is asked.

    Args:
        texts: N sentences in any language that `understand` reads; an empty one means any change.
        segmenter: the model.
        raw: use each sentence as the prompt, without reading it.

    Returns:
        N questions, without rules.

    Raises:
        QueryError: if a sentence is refused, asks for several changes, for unchanged ground or for
            a number, or has a rule for the scene or a time: a graph has none of them.
    """
    if raw:
        return [Understanding(text, ChangeQuery.parse(text, raw=True)) for text in texts]
    return [_confirmed(_question(text, segmenter), segmenter) for text in texts]


def _question(text: str, segmenter: ChangeSegmenter) -> Understanding:
    found = understand(text, segmenter.info.knows)
    if len(found) > 1:
        parts = ", ".join(repr(part.text) for part in found)
        msg = f"{text!r} asks for {len(found)} changes: {parts}."
        raise QueryError(msg, advice="Give each as a sentence of its own.")
    question = found[0]
    if not question.is_answered:
        advice = f"{question.advice} {_RAW}".strip()
        raise QueryError(f"{text!r} is not answered: {question.doubt}", advice=advice)
    if without_effect := _without_effect(question):
        msg = f"{text!r} cannot be exported: a graph gives the change of each pixel, without "
        msg += f"{without_effect}."
        raise QueryError(msg, advice=f"Leave it out. {_RAW}")
    return question


def _without_effect(question: Understanding) -> str:
    """Return what a graph cannot apply; empty if there is nothing."""
    query = question.query
    if question.standing:
        return "unchanged ground"
    if query.question is not None or query.unanswered:
        return "numbers or yes and no"
    phrases = [rule.explain() for rule in query.rules] + [time.phrase for time in query.times]
    return " and ".join(map(repr, phrases))


def _confirmed(question: Understanding, segmenter: ChangeSegmenter) -> Understanding:
    """Return a question with the wording that the model reads as it is meant."""
    prompt = question.query.prompt
    if not prompt or not isinstance(segmenter, IntentReader):
        return question
    reading = segmenter.read_intents([prompt])[0]
    return confirm(question, reading.before, reading.after)
