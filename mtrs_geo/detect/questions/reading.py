"""Read the sentences of a run as questions that its model is asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from mtrs_geo.detect.questions.date_pairs import DatePair, date_pairs
from mtrs_geo.detect.questions.intents import with_readings
from mtrs_geo.detect.questions.periods import choose_pairs
from mtrs_geo.detect.questions.questions import Questions, refuse_repeated
from mtrs_geo.errors import QueryError
from mtrs_geo.models import ChangeSegmenter, LandCoverQuery
from mtrs_geo.models.contract import Query
from mtrs_geo.query import ChangeQuery
from mtrs_geo.understanding import Understanding, understand

__all__ = ["as_given", "prompt_of", "read_questions"]


def as_given(queries: Sequence[ChangeQuery]) -> Questions:
    """Return queries as questions that are asked as they are."""
    return Questions(tuple(map(_as_given, queries)))


def read_questions(
    queries: Sequence[ChangeQuery],
    segmenter: ChangeSegmenter,
    *,
    layers: Collection[str],
    gsd_m: float,
    anyway: bool,
    dates: Sequence[str | None] = (),
    pairs: Sequence[DatePair] | None = None,
) -> Questions:
    """Return the questions of sentences, with prompts that the model reads as they are meant.

    Args:
        queries: parsed sentences; one that is raw, or was not parsed from its text, is asked
            as it is.
        segmenter: the model.
        layers: names of the layers that are given for references.
        gsd_m: pixel size of the run in metres.
        anyway: answer sentences that are refused.
        dates: of the rasters, earliest first; of three or more, a time that a sentence names
            chooses the pairs that it is asked for.
        pairs: the pairs of dates to compare; by default each two neighbouring dates.

    Raises:
        QueryError: if a number may mean two things, a layer is for no reference of the queries,
            or two questions are the same.
    """
    found: list[Understanding] = []
    for query in queries:
        if query.raw or ChangeQuery.parse(query.text) != query:
            found.append(_as_given(query))
        else:
            found += understand(
                query.text, segmenter.info.knows, layers=layers, gsd_m=gsd_m, anyway=anyway
            )
    _refuse_ambiguous(found)
    _refuse_unused(found, layers)
    refuse_repeated(question.text for question in found)
    if pairs is None:
        pairs = date_pairs("consecutive", len(dates)) if dates else ()
    asked = with_readings([_dated(question, dates, pairs) for question in found], segmenter)
    return Questions(tuple(asked), tuple(dates), tuple(pairs))


def prompt_of(question: Understanding) -> Query:
    """Return what the model is asked for a question."""
    if question.standing:
        return LandCoverQuery(question.standing, unchanged=True)
    return question.query.prompt


def _as_given(query: ChangeQuery) -> Understanding:
    return Understanding(query.text, query, direction=query.direction)


def _dated(
    question: Understanding, dates: Sequence[str | None], pairs: Sequence[DatePair]
) -> Understanding:
    """Refuse a question for a time that no pair of dates shows."""
    if question.status not in ("understood", "uncertain") or not dates:
        return question
    times = question.query.times
    if choose_pairs(times, dates, pairs).pairs:
        return question
    phrases = " and ".join(f"'{time.phrase}'" for time in times)
    return replace(
        question,
        status="outside the dates",
        doubt=f"no two compared dates of the rasters show {phrases}; they are from "
        f"{', '.join(map(str, dates))}.",
        advice="Name a time between the first and the last of them, or none.",
    )


def _refuse_ambiguous(found: Sequence[Understanding]) -> None:
    for question in found:
        if question.query.ambiguous:
            msg = f"{question.text!r}: {question.query.ambiguous[0]}"
            raise QueryError(msg, advice="Write the number so that it has one meaning.")


def _refuse_unused(found: Sequence[Understanding], layers: Collection[str]) -> None:
    """Refuse a layer whose name no query refers to; it may be misspelt."""
    names = list(dict.fromkeys(name for question in found for name in question.query.references))
    unused = [name for name in layers if name.lower() not in names]
    if unused:
        named = ", ".join(map(repr, names)) or "nothing"
        msg = f"no query refers to {unused[0]!r}, for which a layer was given."
        raise QueryError(msg, advice=f"The queries refer to {named}.")
