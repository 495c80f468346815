"""A second opinion on a sentence that the rules refuse or doubt, by a reader that was trained."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.types import Direction, Opinion
from mtrs_geo.understanding.understanding import Understanding
from mtrs_geo.understanding.verdict import Judge, taken_as, turns_round
from mtrs_geo.understanding.wording import NOUNS, canonical_wording

__all__ = ["with_opinion"]

_LEAST = {"unknown_thing": 0.99, "order": 0.9}
"""Confidence from which the reader decides, by the code of the verdict; other verdicts stay."""
_LEAST_OTHERWISE = 0.7
"""The same for a sentence that is understood, but whose reading is seldom right, see `_is_vague`
and `_is_one_date`."""
_BARE_THING = 2
"""Words of a sentence that names a thing and nothing else, such as "the buildings"."""


def with_opinion(found: Understanding, sentence: Sentence, judge: Judge) -> Understanding:
    """Return a question as the reader takes it, or as it is.

    The reader decides where a word or a construction is unknown, and only with confidence.  A thing
    that is known to be no ground, and a negation, stay refused.

    Args:
        found: the question as the rules read it.
        sentence: its words.
        judge: of the model.
    """
    reader, least = judge.vocabulary.reader, _least(found, sentence)
    is_settled = turns_round(sentence) or (sentence.outside and not found.is_answered)
    if reader is None or least is None or is_settled:
        return found
    opinion = reader(found.text)
    direction = cast("Direction", opinion.direction)
    meaning = direction, opinion.before, opinion.after
    is_alike = meaning == (found.direction, found.before, found.after)
    if found.is_answered and (is_alike or not _may_replace(found, sentence, opinion)):
        return found
    if opinion.confidence < least or not _is_answerable(opinion, judge):
        return found
    rest = judge.verdict_on_rules(sentence, found.query)
    wording = canonical_wording(*meaning)
    verdict = taken_as(wording) if rest.status in ("understood", "uncertain") else rest
    read = replace(
        found,
        direction=direction,
        before=opinion.before,
        after=opinion.after,
        unused=(),
        general=(),
        status=verdict.status,
        doubt=verdict.doubt,
        advice=verdict.advice,
        code=verdict.code,
        values=verdict.values,
    )
    return read.with_prompt(wording) if read.is_answered else read


def _least(found: Understanding, sentence: Sentence) -> float | None:
    """Return the confidence that the reader needs, None if the rules decide."""
    if found.status != "understood":
        return _LEAST.get(found.code)
    return _LEAST_OTHERWISE if _is_vague(found, sentence) or _is_one_date(found) else None


def _is_vague(found: Understanding, sentence: Sentence) -> bool:
    """Return whether no word of a sentence says what changed, though it has other words."""
    says_change = sentence.changes or sentence.events or sentence.contrast is not None
    is_bare = len(sentence.segments) <= _BARE_THING or not sentence.things
    return found.direction == "any" and not says_change and not is_bare


def _is_one_date(found: Understanding) -> bool:
    """Return whether two kinds of ground are read as those of one date."""
    return max(len(found.before), len(found.after)) > 1


def _may_replace(found: Understanding, sentence: Sentence, opinion: Opinion) -> bool:
    """Return whether the reader may decide otherwise than the rules.

    Of two kinds of ground it may only say which became which.
    """
    if found.status != "understood" or (_is_vague(found, sentence) and not _is_one_date(found)):
        return True
    named = {*found.before, *found.after}
    return opinion.direction == "changed" and {*opinion.before, *opinion.after} == named


def _is_answerable(opinion: Opinion, judge: Judge) -> bool:
    """Return whether a model can answer what the reader takes a sentence for.

    What did not change is left to the rules: an unknown word may be the one that changed it.
    """
    classes = {*opinion.before, *opinion.after}
    is_known = bool(classes) and classes <= judge.known & NOUNS.keys()
    return is_known and opinion.direction not in ("none", "unchanged")
