"""Parse a sentence into a prompt for the model and rules for the whole scene.

A model sees one tile at a time, so "the largest", "in the north-east" or "larger than 500 m²"
would have another meaning in every tile.  `ChangeQuery.parse` takes such phrases out of the
sentence and keeps them as rules for the polygons of the whole scene.  It is a fixed grammar
with the vocabulary of docs/queries.md; other phrases stay in the prompt.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from mtrs_geo.errors import QueryError
from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.grammar import MAX_ROUNDS, normalize, split_sentence
from mtrs_geo.query.numbers import ambiguous_numbers
from mtrs_geo.query.questions import QuestionKind, question_prefix
from mtrs_geo.query.rules import (
    AnyOf,
    Except,
    Rule,
    explain_ranks,
    is_rank,
    reference_of,
)
from mtrs_geo.query.times import NamedTime
from mtrs_geo.types import ChangeDirection

__all__ = ["MAX_CHARACTERS", "ChangeQuery"]

MAX_CHARACTERS = 100_000
_PARSED_CHARACTERS = 1_000
"""A longer text is no sentence: all of it is the prompt."""


@dataclass(frozen=True)
class ChangeQuery:
    """A parsed sentence; two queries that differ only in `text` are equal."""

    prompt: str
    """Text for the model; empty means any change."""
    rules: tuple[Rule, ...] = ()
    """Rules that are applied to the polygons of the whole scene, in this order."""
    text: str = field(default="", compare=False)
    """The original sentence."""
    raw: bool = False
    """Whether the sentence is the prompt, without parsing."""
    question: QuestionKind | None = None
    """``count`` for "how many …", ``area`` for "how many hectares …", ``yes_no`` for "is there …";
    None for a map."""
    times: tuple[NamedTime, ...] = ()
    """Dates and periods that the sentence names; no rule uses them."""
    ambiguous: tuple[str, ...] = ()
    """A sentence for each number that may mean two things, as "1.000 m²"; no rule uses them."""
    unit: str = ""
    """Unit of the area that is asked for: m², ares, ha, km², acres, ft², yd² or mi²; else empty."""
    unanswered: str = field(default="", compare=False)
    """Words of the question that no answer takes into account, such as "all" or "kilometres"."""

    @classmethod
    def parse(cls, text: str, *, raw: bool = False) -> ChangeQuery:
        """Return the prompt and the rules of a sentence.

        Args:
            text: any text; one of more than 1,000 characters is the prompt, without rules.
            raw: use the whole sentence as the prompt.

        Raises:
            QueryError: if ``text`` has more than `MAX_CHARACTERS` characters, is not a string, or
                has half of a surrogate pair.
        """
        if not isinstance(text, str):
            msg = f"a query is a string, not {type(text).__name__}."
            raise QueryError(msg, advice="Pass a sentence, for example 'new buildings'.")
        if not _is_unicode(text):
            msg = f"the query {text[:80]!a} has characters that are not Unicode."
            raise QueryError(msg, advice="Type the sentence again; it must be UTF-8.")
        if len(text) > MAX_CHARACTERS:
            msg = f"the query has {len(text):,} characters, more than {MAX_CHARACTERS:,}."
            advice = "Describe one change per query; give several queries for several changes."
            raise QueryError(msg, advice=advice)
        if raw:
            return cls(text.strip(), text=text, raw=True)
        plain = normalize(text)
        if len(plain) > _PARSED_CHARACTERS:
            return cls(plain, text=text)
        query, previous = cls._parse_once(plain), None
        # Words on both sides of a removed rule may form another rule, or a short form: parse
        # until none is left.
        unanswered = query.unanswered
        for _ in range(MAX_ROUNDS):
            if query == previous:
                break
            previous, query = query, cls._parse_once(normalize(query.explain()))
            unanswered = unanswered or query.unanswered
        return replace(query, text=text, unanswered=unanswered)

    @classmethod
    def _parse_once(cls, text: str) -> ChangeQuery:
        parts = split_sentence(text)
        return cls(
            parts.prompt,
            parts.rules,
            question=parts.asked.kind,
            times=parts.times,
            ambiguous=ambiguous_numbers(text),
            unit=parts.asked.unit,
            unanswered=parts.asked.unanswered,
        )

    @property
    def references(self) -> tuple[str, ...]:
        """Other things that the rules refer to; each needs a layer or an answer of the model."""
        names: list[str] = []
        for rule in self.rules:
            names += filter(None, map(reference_of, _simple_rules(rule)))
            if isinstance(rule, Except) and rule.prompt is not None:
                names.append(rule.prompt)
        return tuple(dict.fromkeys(names))

    @property
    def land_cover_references(self) -> tuple[str, ...]:
        """References to land cover, not to a change: "near the road", not "near new roads"."""
        simple_rules = (r for rule in self.rules for r in _simple_rules(rule))
        names = dict.fromkeys(filter(None, map(reference_of, simple_rules)))
        return tuple(name for name in names if direction_of(name) == "changed")

    def prompts_of(self, reference: str) -> tuple[str, ...]:
        """Return what the model is asked for one of the `references`.

        An exception without direction is asked in both: "roads" is "new roads" and "removed
        roads".
        """
        prompts = [reference] if reference in self.land_cover_references else []
        for rule in self.rules:
            if isinstance(rule, Except) and rule.prompt == reference:
                prompts += rule.prompts
        return tuple(dict.fromkeys(prompts or [reference]))

    @property
    def is_any_change(self) -> bool:
        """Whether the query asks for any change, with or without rules."""
        return not self.prompt

    @property
    def direction(self) -> ChangeDirection:
        """Direction of the change that the prompt describes."""
        return direction_of(self.prompt)

    def explain(self) -> str:
        """Return the query as a sentence that parses to the same query."""
        if self.raw:
            return self.prompt
        filters = [r.explain() for r in self.rules if not is_rank(r) and not isinstance(r, Except)]
        ranks = explain_ranks(self.rules)
        # An exception may end with a relation, which takes the words up to the next comma.
        exceptions = [rule.explain() for rule in self.rules if isinstance(rule, Except)]
        subject = self.prompt or "any change"
        if filters and is_rank(self.rules[0]):
            # Of the largest new house it is asked whether it is in the north.
            subject, ranks = f"{ranks} {subject}", ""
        parts = [subject, *filters, *([ranks] if ranks else []), *exceptions]
        text = ", ".join(parts)
        parts[1:1] = [time.phrase for time in self.times if time.phrase not in text]
        return question_prefix(self.question, self.unit) + ", ".join(parts)


def _simple_rules(rule: Rule) -> tuple[Rule, ...]:
    """Return the rules within an exception or an alternative, or the rule itself."""
    if isinstance(rule, Except | AnyOf):
        return tuple(inner for outer in rule.rules for inner in _simple_rules(outer))
    return (rule,)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
