"""Find words beside a thing that change what is meant: "tree inventory", "illegal houses"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtrs_geo.understanding.lexicon import Segment
from mtrs_geo.understanding.roles import is_inside_noun_phrase

__all__ = ["compound_noun", "describes_thing", "missing_permission", "unseen_quality"]

_HEADS = frozenset({
    "meter", "meters", "register", "registers", "survey", "surveys", "inventory", "inventories",
    "study", "studies", "map", "maps", "number", "numbers", "level", "levels", "crossing",
    "crossings", "list", "lists", "catalogue", "catalog", "record", "records", "report", "reports",
    "project", "projects", "document", "documents", "analysis", "assessment", "audit", "index",
    "plan", "plans", "risk", "risks", "purpose",
})  # fmt: skip
"""Words of requests and of scenes which, behind a noun of ground, name something else."""
_STATUS = frozenset({
    "affordable", "approved", "unapproved", "authorised", "authorized", "unauthorised",
    "unauthorized", "legal", "illegal", "lawful", "unlawful", "licensed", "unlicensed",
    "unlicenced", "permitted", "unpermitted", "declared", "undeclared", "registered",
    "unregistered", "documented", "undocumented", "official", "unofficial", "planned", "unplanned",
    "proposed", "listed", "unlisted", "protected", "heritage", "privately owned", "publicly owned",
    "private-owned", "state-owned", "city-owned", "council-owned", "insured", "uninsured", "taxed",
    "untaxed", "rented", "leased", "expensive", "cheap", "low-cost", "low-income", "officially",
})  # fmt: skip
"""What no image shows."""
_LOOKS = frozenset({
    "wooden", "timber", "timber-framed", "half-timbered", "brick", "brick-built", "stone-built",
    "wood-built", "concrete-built", "steel-framed", "thatched", "thatch-roofed", "flat-roofed",
    "tin-roofed", "red-roofed", "green-roofed", "one-storey", "single-storey", "single-story",
    "two-storey", "two-story", "three-storey", "three-story", "four-storey", "multi-storey",
    "multi-story", "multistory", "round", "circular", "oval", "hexagonal", "octagonal",
    "triangular", "rectangular", "l-shaped", "u-shaped", "t-shaped", "h-shaped", "y-shaped",
    "domed", "shallow", "deep",
})  # fmt: skip
"""Material, storeys, shape and depth, which no rule measures."""
_PARTIAL = frozenset({"partially", "partly", "half", "partial"})
_COPULAS = frozenset({"is", "are", "was", "were"})
_PERMISSION = re.compile(
    r"\b(?:without|lacking|for (?:having no|lack of|want of)) (?:(?:any|a|the) )?(?:\w+ )?"
    r"(?:permissions?|permits?|consent|approval|licen[cs]es?|authori[sz]ation)\b"
)


def describes_thing(segments: Sequence[Segment]) -> bool:
    """Return whether a sentence only says what a thing is like: "my house is red"."""
    words = [s for s in segments if s.text not in ".!"]
    return (
        len(words) > 2
        and words[-2].text in ("is", "are", "am", "so", "very", "too")
        and words[-1].is_one_of("word:modifiers")
        and not any(s.text in ("that", "which", "what", "where", "how") for s in words)
    )


def compound_noun(segments: Sequence[Segment], roles: Sequence[str]) -> str:
    """Return a compound whose last noun is no ground: "tree inventory"; else an empty text.

    Behind a plural stands what the user wants: "new roads map".

    Args:
        segments: words of the sentence.
        roles: their roles, as `mtrs_geo.understanding.roles.roles_of` returns them.
    """
    for i, segment in enumerate(segments[:-1]):
        head = segments[i + 1]
        is_one = not segment.text.endswith("s") or segment.text.endswith(("ss", "us"))
        if roles[i] != "thing" or not is_one or head.text not in _HEADS or head.land_cover:
            continue
        if not _goes_on(segments[i + 2 : i + 3]):
            return f"{segment.text} {head.text}"
    return ""


def _goes_on(following: Sequence[Segment]) -> bool:
    """Return whether the phrase goes on: "road survey: new roads", "road crossing the stream"."""
    return any(
        s.text in (":", ",", "the", "a", "an") or s.text[0].isdigit() or s.is_one_of("change:noun")
        for s in following
    )


def unseen_quality(segments: Sequence[Segment], roles: Sequence[str]) -> str:
    """Return an adjective that says which things are meant, and has no effect, else "".

    Args:
        segments: words of the sentence without its exceptions.
        roles: their roles, as `mtrs_geo.understanding.roles.roles_of` returns them.
    """
    for i, segment in enumerate(segments[:-1]):
        following = segments[i + 1]
        if segment.text in _PARTIAL and following.is_one_of("change:disappeared"):
            return segment.text
        if segment.text in _STATUS | _LOOKS and _describes_thing(segments, roles, i):
            return segment.text
    last = segments[-1].text if segments else ""
    is_said = len(segments) > 1 and segments[-2].text in _COPULAS
    return last if is_said and last in _STATUS | _LOOKS else ""


def missing_permission(text: str) -> str:
    """Return "without a permit" and the like, which no image shows; else an empty text.

    Args:
        text: a sentence in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    found = _PERMISSION.search(text)
    return found[0] if found else ""


def _describes_thing(segments: Sequence[Segment], roles: Sequence[str], i: int) -> bool:
    """Return whether a thing follows in the noun phrase, or "are" stands before the adjective."""
    if i and segments[i - 1].text in _COPULAS:
        return True
    for j in range(i + 1, len(segments)):
        if roles[j]:
            return roles[j] == "thing"
        if not (is_inside_noun_phrase(segments[j]) or segments[j].land_cover):
            return False
    return False
