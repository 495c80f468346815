"""Parse a sentence into a prompt for the model and rules for the whole scene.

A model sees one tile at a time, so "the largest", "in the north-east" or "larger than 500 m²"
would have another meaning in every tile.  `ChangeQuery.parse` takes such phrases out of the
sentence and keeps them as rules for the polygons of the whole scene.  It is a fixed grammar
with the vocabulary of docs/queries.md; other phrases stay in the prompt.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mtrs_geo.errors import QueryError
from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.grammar import (
    ANY_CHANGE,
    EXCEPT,
    MAX_ROUNDS,
    normalize,
    parse_exception,
    split_rules,
)
from mtrs_geo.query.rules import Except, Near, Rule, Superlative
from mtrs_geo.types import ChangeDirection

__all__ = ["MAX_CHARACTERS", "ChangeQuery"]

MAX_CHARACTERS = 10_000


@dataclass(frozen=True)
class ChangeQuery:
    """A parsed sentence; two queries with the same prompt and rules are equal."""

    prompt: str
    """Text for the model; empty means any change."""
    rules: tuple[Rule, ...] = ()
    """Rules that are applied to the polygons of the whole scene, in this order."""
    text: str = field(default="", compare=False)
    """The original sentence."""
    raw: bool = False
    """Whether the sentence is the prompt, without parsing."""

    @classmethod
    def parse(cls, text: str, *, raw: bool = False) -> ChangeQuery:
        """Return the prompt and the rules of a sentence.

        Args:
            text: any text.
            raw: use the whole sentence as the prompt.

        Raises:
            QueryError: if ``text`` has more than `MAX_CHARACTERS` characters or is not a string.
        """
        if not isinstance(text, str):
            msg = f"a query is a string, not {type(text).__name__}."
            raise QueryError(msg, advice="Pass a sentence, for example 'new buildings'.")
        if len(text) > MAX_CHARACTERS:
            msg = f"the query has {len(text):,} characters, more than {MAX_CHARACTERS:,}."
            advice = "Describe one change per query; give several queries for several changes."
            raise QueryError(msg, advice=advice)
        if raw:
            return cls(text.strip(), text=text, raw=True)
        query, previous = cls._parse_once(normalize(text)), None
        # Words on both sides of a removed rule may form another rule: parse until none is left.
        for _ in range(MAX_ROUNDS):
            if query == previous:
                break
            previous, query = query, cls._parse_once(query.explain())
        return cls(query.prompt, query.rules, text)

    @classmethod
    def _parse_once(cls, text: str) -> ChangeQuery:
        main, *exceptions = EXCEPT.split(text)
        prompt, rules = split_rules(main)
        excepts = dict.fromkeys(e for e in map(parse_exception, exceptions) if e is not None)
        # Superlatives come last: "the largest except …" ranks the polygons that remain.
        filters = [rule for rule in rules if not isinstance(rule, Superlative)]
        superlatives = [rule for rule in rules if isinstance(rule, Superlative)]
        prompt = "" if ANY_CHANGE.fullmatch(prompt) else prompt
        return cls(prompt, (*filters, *excepts, *superlatives))

    @property
    def references(self) -> tuple[str, ...]:
        """Other things that the rules refer to; each needs a layer or an answer of the model."""
        names: list[str] = []
        for rule in self.rules:
            simple_rules = rule.rules if isinstance(rule, Except) else (rule,)
            names += [r.reference for r in simple_rules if isinstance(r, Near)]
            if isinstance(rule, Except) and rule.prompt is not None:
                names.append(rule.prompt)
        return tuple(dict.fromkeys(names))

    @property
    def land_cover_references(self) -> tuple[str, ...]:
        """References to land cover, not to a change: "near the road", not "near new roads"."""
        simple_rules = (r for rule in self.rules for r in getattr(rule, "rules", (rule,)))
        names = dict.fromkeys(r.reference for r in simple_rules if isinstance(r, Near))
        return tuple(name for name in names if direction_of(name) == "changed")

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
        # An exception takes the rest of the sentence, so exceptions come last.
        rules = sorted(self.rules, key=lambda rule: isinstance(rule, Except))
        return ", ".join([self.prompt or "any change", *(rule.explain() for rule in rules)])
