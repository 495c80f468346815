"""Find the reach of "not", "nobody" and the like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mtrs_geo.understanding.lexicon import Segment
from mtrs_geo.understanding.roles import PAUSES, is_change
from mtrs_geo.understanding.transitions import JOINERS

__all__ = ["is_negation", "negated", "negates_standing"]

_STANDS = re.compile(
    r"\b(?:remain|surviv|stand|stood|exist|persist|endure|outlive|is left|are left|still|spare|stay"
    r"|keep|kept|preserv|intact|last|escape)"
)
_NEGATIONS = frozenset({"not", "no", "never", "none", "nothing"})
_ENDS_OF_NEGATION = frozenset({
    "after", "when", "since", "once", "because", "until", "before", "while", "although", "though",
    "where",
})  # fmt: skip
"""Words that start a clause which a negation in front of them does not reach."""


def is_negation(segment: Segment) -> bool:
    """Return whether a word is "not", "no", "never" or the like."""
    return segment.text in _NEGATIONS or segment.text.endswith("n't")


def negated(segments: Sequence[Segment]) -> Iterator[Segment]:
    """Yield the phrases after a negation, up to the end of its clause."""
    is_negated = False
    for segment in segments:
        if is_negation(segment):
            is_negated = True
        elif segment.text in PAUSES or segment.text in _ENDS_OF_NEGATION:
            is_negated = False
        elif is_negated:
            yield segment


def negates_standing(segments: Sequence[Segment], i: int) -> bool:
    """Return whether the word at ``i`` says that things did not stay: "not a tree remains"."""
    if _STANDS.search(segments[i].text) is None:
        return False
    for segment in reversed(segments[:i]):
        if is_negation(segment) or segment.text == "no longer":
            return True
        is_verb = is_change(segment) and not segment.is_one_of("change:adjective")
        if segment.text in PAUSES or segment.text in JOINERS or is_verb:
            return False
    return False
