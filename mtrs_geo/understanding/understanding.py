"""What a sentence was understood as, and whether it is answered."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from mtrs_geo.query import ChangeQuery, compare_times
from mtrs_geo.query.doubt import Doubt
from mtrs_geo.query.rules import Rule
from mtrs_geo.types import ChangeDirection
from mtrs_geo.understanding.rule_fields import rule_fields
from mtrs_geo.understanding.types import Direction, Status
from mtrs_geo.understanding.wording import NOUNS

__all__ = ["Understanding"]

_UNANSWERED = "unanswered_question"


@dataclass(frozen=True)
class Understanding:
    """One question of a sentence: its meaning, its query, and whether it is answered."""

    text: str
    """The sentence, or the part of it that asks this question."""
    query: ChangeQuery
    """What the model and the rules of the scene are asked."""
    status: Status = "understood"
    direction: Direction = "any"
    before: tuple[str, ...] = ()
    """Classes that the sentence names for the earlier date."""
    after: tuple[str, ...] = ()
    """Classes that the sentence names for the later date."""
    translated: str = ""
    """The English sentence, if the text is in another language."""
    language: str = "en"
    corrected: tuple[tuple[str, str], ...] = ()
    """Misspelt words, and what they were read as."""
    unused: tuple[str, ...] = ()
    """Words that have no effect on the answer."""
    general: tuple[tuple[str, str], ...] = ()
    """Nouns that are found as any ground of their class, with the class."""
    doubt: str = ""
    """What is uncertain, or why there is no answer."""
    advice: str = ""
    """A wording that is understood, or what to do instead."""
    code: str = ""
    """Word for the kind of doubt: docs/worker.md lists them."""
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What the doubt names; ready for JSON."""
    weak: tuple[tuple[str, float], ...] = ()
    """Classes of the question whose real changes the model seldom finds, with its IoU."""
    anyway: bool = False
    """Whether the question is answered whatever its status is."""
    is_reworded: bool = False
    """Whether the model is asked another wording than that of the sentence."""
    intent: tuple[Mapping[str, float], Mapping[str, float]] | None = None
    """Probability of each class at the earlier and at the later date, as the intent head of the
    model reads the sentence; None if no such head was asked."""

    @property
    def is_answered(self) -> bool:
        """Whether the model is asked."""
        return self.anyway or self.status in ("understood", "uncertain")

    @property
    def meaning(self) -> str:
        """The meaning in a few words: "buildings · appeared · in the north"."""
        rules = [rule.explain() for rule in self.query.rules]
        times = [time.phrase for time in self.query.times]
        asked = {"count": "how many", "area": "area in " + self.query.unit, "yes_no": "yes or no"}
        words = [asked[self.query.question]] if self.query.question else []
        return " · ".join([*self._change(), *rules, *times, *words])

    @property
    def standing(self) -> str:
        """Noun of the class that did not change, if the question asks for it; else empty."""
        return self._nouns(self.after) if self.direction == "unchanged" else ""

    @property
    def change(self) -> ChangeDirection:
        """Value of the column ``change`` of its polygons."""
        if self.direction in ("appeared", "disappeared", "unchanged"):
            return self.direction
        return "changed"

    def doubts(self, dates: Sequence[str | None] | None = None) -> list[Doubt]:
        """Return what is uncertain, or why there is no answer.

        Args:
            dates: of the rasters, earliest first; ISO texts.  The times that the sentence names
                are compared with them.
        """
        text = f"{self.doubt} {self.advice}".strip()
        found = [Doubt(text, self.code, self.values)] if self.doubt else []
        if self._hides_unanswered:
            found.append(_unanswered_doubt(self.query))
        if self.weak and self.is_answered:
            found.append(_weak_doubt(self.weak))
        if dates is not None and self.is_answered:
            found += compare_times(self.query.times, dates)
        return found

    def messages(self) -> list[str]:
        """Return what a user should know beside the meaning, one sentence per line."""
        found = []
        # A part of a translated sentence is in English, which the user did not write.
        if self.translated and not _words(self.text) <= _words(self.translated):
            found.append(f"{self.text!r} was read as {self.translated!r}.")
        found += [f"{wrong!r} was read as {right!r}." for wrong, right in self.corrected]
        found += [f"{noun!r} is found as {NOUNS[name]} of any kind." for noun, name in self.general]
        if self.is_reworded and self.is_answered:
            found.append(f"asked as: {self.query.prompt or 'any change'}.")
        if self.unused and self.is_answered:
            found.append(f"not used: {', '.join(self.unused)}.")
        if self.doubt:
            found.append(" ".join(part for part in (self.doubt, self.advice) if part))
        if self._hides_unanswered:
            found.append(_unanswered_doubt(self.query).text)
        if self.weak and self.is_answered:
            found.append(_weak_doubt(self.weak).text)
        return found

    def with_unanswered(self) -> Understanding:
        """Return the question as uncertain, if no answer takes all of its question words."""
        is_count = self.query.question == "count" and self.code == "count"
        if not self.query.unanswered or not (self.status == "understood" or is_count):
            return self
        doubt = _unanswered_doubt(self.query)
        return replace(
            self, status="uncertain", doubt=doubt.text, advice="", code=doubt.code,
            values=doubt.values,
        )  # fmt: skip

    @property
    def _hides_unanswered(self) -> bool:
        """Whether another doubt stands in place of that about the question words."""
        return bool(self.query.unanswered and self.is_answered) and self.code != _UNANSWERED

    def without_rules(self, rules: Collection[Rule]) -> Understanding:
        """Return the question without some rules; those that its doubt does not name are unused."""
        if not rules:
            return self
        query = replace(self.query, rules=tuple(r for r in self.query.rules if r not in rules))
        names = (r.explain() for r in rules if r.explain() != self.values.get("condition"))
        return replace(self, query=query, unused=(*self.unused, *names))

    def with_prompt(self, prompt: str) -> Understanding:
        """Return the same question with another prompt for the model."""
        is_reworded = self.is_reworded or prompt != self.query.prompt
        return replace(self, query=replace(self.query, prompt=prompt), is_reworded=is_reworded)

    def with_text(self, text: str) -> Understanding:
        """Return the same question as the meaning of another sentence."""
        return replace(self, text=text, query=replace(self.query, text=text))

    def as_dict(self, dates: Sequence[str | None] | None = None) -> dict[str, Any]:
        """Return the fields for reports and JSON.

        Args:
            dates: as in `doubts`.
        """
        return {
            "text": self.text,
            "status": self.status,
            "answered": self.is_answered,
            "meaning": self.meaning,
            "asked": self.query.explain(),
            "prompt": self.query.prompt,
            "direction": self.direction,
            "before": list(self.before),
            "after": list(self.after),
            "rules": [rule.explain() for rule in self.query.rules],
            "conditions": [rule_fields(rule) for rule in self.query.rules],
            "question": self.query.question,
            "unit": self.query.unit,
            "times": [time.phrase for time in self.query.times],
            "named_times": [asdict(time) for time in self.query.times],
            "references": list(self.query.references),
            "language": self.language,
            "translated": self.translated,
            "corrected": [list(pair) for pair in self.corrected],
            "unused": list(self.unused),
            "general": [list(pair) for pair in self.general],
            "doubt": self.doubt,
            "advice": self.advice,
            "intent": None if self.intent is None else _rounded(*self.intent),
            "doubts": [doubt.as_dict() for doubt in self.doubts(dates)],
        }

    def _change(self) -> list[str]:
        before, after = self._nouns(self.before), self._nouns(self.after)
        if before and after and before != after:
            return [f"{before} → {after}"]
        if before or after:
            return [before or after, self.direction]
        return [self.query.prompt or "any change"]

    @staticmethod
    def _nouns(classes: tuple[str, ...]) -> str:
        return " and ".join(NOUNS.get(name, name) for name in classes)


def _unanswered_doubt(query: ChangeQuery) -> Doubt:
    words = query.unanswered
    answered = None if query.question == "yes_no" else query.question
    if answered:
        found = "area" if answered == "area" else "number"
        text = f"{words!r} is not tested: the answer is the {found} that is found."
    else:
        text = (
            f"the question with {words!r} is not answered: the polygons are those of "
            f"{query.explain()!r}. Ask 'how many …' for a number, 'how many hectares …' for an "
            "area, or 'is there …' for yes or no."
        )
    values = {"words": words, "question": answered, "asked": query.explain()}
    return Doubt(text, _UNANSWERED, values)


def _weak_doubt(weak: tuple[tuple[str, float], ...]) -> Doubt:
    names = " and ".join(NOUNS.get(name, name) for name, _ in weak)
    iou = min(iou for _, iou in weak)
    text = (
        f"this model seldom finds real changes of {names} (IoU {iou:.2f} on real pairs), so an "
        "empty answer does not say that there are none. Check the places that matter, or teach "
        "the model with examples: mtrs-geo train finetune."
    )
    return Doubt(text, "weak_class", {"classes": [name for name, _ in weak], "iou": iou})


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _rounded(
    before: Mapping[str, float], after: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    return {
        date: {name: round(value, 3) for name, value in classes.items()}
        for date, classes in (("before", before), ("after", after))
    }
