"""A sentence split into what the model is asked and what the whole scene decides.

A model sees tiles, so "the largest", "in the north-east" or "larger than 500 m²" would
mean something else in every tile.  `ChangeQuery.parse` takes such phrases out of the
sentence and keeps them as rules for the finished polygons.  It is a grammar with the
vocabulary of docs/queries.md, not a guess: what it does not know stays with the model.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mtrs_geo.errors import QueryError
from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.grammar import (
    ANY_CHANGE,
    EXCEPT,
    ROUNDS,
    normalized,
    read_exception,
    split_rules,
)
from mtrs_geo.query.rules import Except, Near, Position, Rule, SizeBound, Superlative
from mtrs_geo.types import ChangeDirection

__all__ = [
    "MAX_CHARACTERS",
    "ChangeQuery",
    "Except",
    "Near",
    "Position",
    "Rule",
    "SizeBound",
    "Superlative",
]

MAX_CHARACTERS = 10_000


@dataclass(frozen=True)
class ChangeQuery:
    """A parsed sentence; equal to another that means the same."""

    prompt: str
    """What the model is asked; empty means any change."""
    rules: tuple[Rule, ...] = ()
    """What is decided on the polygons of the whole scene, in this order."""
    text: str = field(default="", compare=False)
    """The sentence as it was given."""
    raw: bool = False

    @classmethod
    def parse(cls, text: str, *, raw: bool = False) -> ChangeQuery:
        """Split a sentence.

        Args:
            text: any text.
            raw: leave the sentence to the model as it is.

        Raises:
            QueryError: if it has more than `MAX_CHARACTERS` characters or is no text.
        """
        if not isinstance(text, str):
            msg = f"a query is a text, not {type(text).__name__}"
            raise QueryError(msg)
        if len(text) > MAX_CHARACTERS:
            msg = (
                f"the query has {len(text):,} characters, more than {MAX_CHARACTERS:,}. "
                "Describe one change in a sentence; give several queries for several changes."
            )
            raise QueryError(msg)
        if raw:
            return cls(text.strip(), text=text, raw=True)
        query, before = cls._read(normalized(text)), None
        # Words that a rule stood between may form another one: read on until none does.
        for _ in range(ROUNDS):
            if query == before:
                break
            before, query = query, cls._read(query.explain())
        return cls(query.prompt, query.rules, text)

    @classmethod
    def _read(cls, text: str) -> ChangeQuery:
        first, *others = EXCEPT.split(text)
        prompt, rules = split_rules(first)
        excepts = dict.fromkeys(e for e in map(read_exception, others) if e is not None)
        # Superlatives come last: "the largest except …" ranks what is left.
        filters = [rule for rule in rules if not isinstance(rule, Superlative)]
        ranks = [rule for rule in rules if isinstance(rule, Superlative)]
        asked = "" if ANY_CHANGE.fullmatch(prompt) else prompt
        return cls(asked, (*filters, *excepts, *ranks))

    @property
    def references(self) -> tuple[str, ...]:
        """Other things that the rules need: to ask the model, or to take from a layer."""
        found: list[str] = []
        for rule in self.rules:
            inner = rule.rules if isinstance(rule, Except) else (rule,)
            found += [r.reference for r in inner if isinstance(r, Near)]
            if isinstance(rule, Except) and rule.prompt is not None:
                found.append(rule.prompt)
        return tuple(dict.fromkeys(found))

    @property
    def standing(self) -> tuple[str, ...]:
        """References that are there, changed or not: "near the road", not "near new roads"."""
        inner = (r for rule in self.rules for r in getattr(rule, "rules", (rule,)))
        found = dict.fromkeys(r.reference for r in inner if isinstance(r, Near))
        return tuple(name for name in found if direction_of(name) == "changed")

    @property
    def direction(self) -> ChangeDirection:
        """Which way the change goes that the model is asked for."""
        return direction_of(self.prompt)

    def explain(self) -> str:
        """Return how the sentence was understood, as a sentence that parses to the same."""
        if self.raw:
            return self.prompt
        # An exception takes the rest of the sentence, so exceptions are said last.
        said = sorted(self.rules, key=lambda rule: isinstance(rule, Except))
        return ", ".join([self.prompt or "any change", *(rule.explain() for rule in said)])
