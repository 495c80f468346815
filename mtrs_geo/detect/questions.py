"""The questions of a run: sentences as they were understood, and what the model is asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from mtrs_geo.errors import QueryError
from mtrs_geo.models import ChangeSegmenter, IntentReader, LandCoverQuery
from mtrs_geo.models.contract import Query
from mtrs_geo.query import ChangeQuery
from mtrs_geo.redaction import redact
from mtrs_geo.understanding import Understanding, confirm, understand

__all__ = ["Questions", "as_given", "prompt_of", "read_questions"]


@dataclass(frozen=True)
class Questions:
    """The questions of a run, in their order."""

    all: tuple[Understanding, ...]

    @property
    def answered(self) -> tuple[Understanding, ...]:
        """Questions that the model is asked."""
        return tuple(question for question in self.all if question.is_answered)

    def warnings(self, dates: Sequence[str | None]) -> list[str]:
        """Return doubts, refusals, and named times that the rasters do not answer.

        Args:
            dates: of the rasters, earliest first; ISO texts.
        """
        doubts = ((question, doubt) for question in self.all for doubt in question.doubts(dates))
        return [_warning(question, doubt.text) for question, doubt in doubts]

    def as_dicts(self, dates: Sequence[str | None]) -> list[dict[str, Any]]:
        """Return the fields of each question, with the warning of each doubt.

        Args:
            dates: of the rasters, earliest first; ISO texts.
        """
        found = [question.as_dict(dates) for question in self.all]
        for question, fields in zip(self.all, found, strict=True):
            for doubt in fields["doubts"]:
                doubt["warning"] = redact(_warning(question, doubt["text"]))
        return found

    def notes(self) -> list[str]:
        """Return how sentences were read where it is not plain."""
        return [
            f"{question.text!r}: {text}"
            for question in self.all
            for text in question.messages()
            if not question.doubt or not text.startswith(question.doubt)
        ]

    def understood(self) -> list[str]:
        """Return a line per question: its query, or that it is not answered."""
        return [
            question.query.explain() if question.is_answered else f"not answered: {question.doubt}"
            for question in self.all
        ]


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
) -> Questions:
    """Return the questions of sentences, with prompts that the model reads as they are meant.

    Args:
        queries: parsed sentences; one that is raw, or was not parsed from its text, is asked
            as it is.
        segmenter: the model.
        layers: names of the layers that are given for references.
        gsd_m: pixel size of the run in metres.
        anyway: answer sentences that are refused.

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
    if len({question.text.strip() for question in found}) < len(found):
        msg = "two queries are the same."
        raise QueryError(msg, advice="Give each query once.")
    return Questions(tuple(_confirmed(found, segmenter)))


def prompt_of(question: Understanding) -> Query:
    """Return what the model is asked for a question."""
    if question.standing:
        return LandCoverQuery(question.standing, unchanged=True)
    return question.query.prompt


def _warning(question: Understanding, text: str) -> str:
    return f"{question.text!r}: {text}"


def _as_given(query: ChangeQuery) -> Understanding:
    return Understanding(query.text, query, direction=query.direction)


def _confirmed(found: Sequence[Understanding], segmenter: ChangeSegmenter) -> list[Understanding]:
    """Replace prompts that the model reads otherwise."""
    asked = [q.query.prompt for q in found if q.is_answered and not q.standing and q.query.prompt]
    read = segmenter.read_intents(asked) if isinstance(segmenter, IntentReader) else []
    readings = dict(zip(asked, read, strict=True)) if read else {}
    return [
        confirm(question, reading.before, reading.after)
        if (reading := readings.get(question.query.prompt)) is not None
        else question
        for question in found
    ]


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
