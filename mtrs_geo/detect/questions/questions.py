"""The questions of a run: sentences as they were understood, and the dates that they ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mtrs_geo.detect.questions.date_pairs import DatePair
from mtrs_geo.detect.questions.periods import ChosenPairs, choose_pairs
from mtrs_geo.errors import QueryError
from mtrs_geo.query import Doubt
from mtrs_geo.redaction import redact
from mtrs_geo.understanding import Understanding

__all__ = ["Questions", "refuse_repeated"]


@dataclass(frozen=True)
class Questions:
    """The questions of a run, in their order."""

    all: tuple[Understanding, ...]
    dates: tuple[str | None, ...] = ()
    """Of the rasters, earliest first."""
    pairs: tuple[DatePair, ...] = ()
    """The pairs of dates that are compared; a named time chooses among them."""

    @property
    def answered(self) -> tuple[Understanding, ...]:
        """Questions that the model is asked."""
        return tuple(question for question in self.all if question.is_answered)

    def is_asked(self, question: Understanding, pair: int) -> bool:
        """Return whether a question is asked for the pair of an index in ``pairs``."""
        if not question.is_answered:
            return False
        chosen = self._chosen(question).pairs
        return pair in chosen or not chosen

    def warnings(self, dates: Sequence[str | None]) -> list[str]:
        """Return doubts, refusals, and named times that the rasters do not answer.

        Args:
            dates: of the rasters, earliest first; ISO texts.
        """
        return [
            _warning(question, doubt)
            for question in self.all
            for doubt in self._doubts(question, dates)
        ]

    def as_dicts(self, dates: Sequence[str | None]) -> list[dict[str, Any]]:
        """Return the fields of each question, with the warning of each doubt.

        Args:
            dates: of the rasters, earliest first; ISO texts.
        """
        return [
            {
                **question.as_dict(),
                "doubts": [
                    {**doubt.as_dict(), "warning": redact(_warning(question, doubt))}
                    for doubt in self._doubts(question, dates)
                ],
            }
            for question in self.all
        ]

    def _doubts(self, question: Understanding, dates: Sequence[str | None]) -> list[Doubt]:
        """Return the doubts about a question, and about its times and the dates of the rasters."""
        if not question.is_answered:
            return question.doubts()
        times = choose_pairs(question.query.times, dates, self.pairs or None).doubts
        return [*question.doubts(), *times]

    def notes(self) -> list[str]:
        """Return how sentences were read where it is not plain."""
        return [
            f"{question.text!r}: {text}"
            for question in self.all
            for text in self._messages(question)
        ]

    def understood(self) -> list[str]:
        """Return a line per question: its query, or that it is not answered."""
        return [
            question.query.explain() if question.is_answered else f"not answered: {question.doubt}"
            for question in self.all
        ]

    def lines(self) -> list[str]:
        """Return what people read before the run: the meaning of each question, and its notes.

        Doubts and reasons are among the warnings.
        """
        found = []
        for question in self.all:
            name = f"{question.text!r} " if len(self.all) > 1 else ""
            if question.is_answered:
                found.append(f"{name}understood as: {question.meaning}")
            else:
                found.append(f"{question.text!r} is not answered: {question.status}")
            found += [f"  {text}" for text in self._messages(question)]
        return found

    def _messages(self, question: Understanding) -> list[str]:
        found = [
            text
            for text in question.messages()
            if not question.doubt or not text.startswith(question.doubt)
        ]
        note = self._chosen(question).note if question.is_answered else ""
        return [*found, note] if note else found

    def _chosen(self, question: Understanding) -> ChosenPairs:
        return choose_pairs(question.query.times, self.dates, self.pairs)


def _warning(question: Understanding, doubt: Doubt) -> str:
    return f"{question.text!r}: {doubt.text}"


def refuse_repeated(texts: Iterable[str]) -> None:
    """Raise an error if two texts are the same.

    Raises:
        QueryError: with the text.
    """
    text, count = Counter(text.strip() for text in texts).most_common(1)[0]
    if count > 1:
        msg = f"two queries are the same: {text!r}." if text else "two queries are empty."
        raise QueryError(msg, advice="Give each query once.")
