"""Verbs that the lexicon does not know, between two kinds of ground: "lawns transmuted to asphalt".

What stands before "into", "to", "as" and "by" became what stands behind, whatever the verb is.
"""

from __future__ import annotations

from mtrs_geo.understanding.lexicon import Lexicon, Segment

__all__ = ["guess_verb"]

_PARTICIPLES = ("ed", "ing", "laid", "own", "ewn", "orn", "awn", "ung", "uck", "ken")
_MEANING = {
    "into": "turned into", "to": "turned into", "as": "turned into", "by": "replaced by",
    "with": "covered with", "under": "turned into", "beneath": "turned into",
}  # fmt: skip
_THROUGH = frozenset({"through", "across", "over", "onto", "upon", "into", "atop"})
"""Words after which stands what was there before: "a road snaked across the meadow"."""
_ON_TOP = frozenset({"building", "road", "water", "bare"})
_UNDER = frozenset({"vegetation", "bare", "water"})
_AUXILIARIES = frozenset({
    "that", "which", "was", "were", "is", "are", "has", "have", "had", "been", "being", "got",
})  # fmt: skip
_MOTIONS = frozenset(
    {"coming", "going", "leading", "heading", "pointing", "belonging", "according"}
)
_ARTICLES = frozenset({"a", "an", "the", "some", "new", "more"})
_LEAST_LETTERS = 5


def _is_before_noun(segment: Segment) -> bool:
    is_adjective = segment.is_one_of("word:modifiers") and segment.land_cover is None
    return segment.text in _ARTICLES or is_adjective or not segment.tags


def guess_verb(text: str, lexicon: Lexicon) -> tuple[str, str]:
    """Return a text with a known verb in place of an unknown one, and the unknown one.

    Args:
        text: in lower case.
        lexicon: the words that are known.

    Returns:
        The text as it is, and an empty text, if there is no such verb, or more than one.
    """
    segments = lexicon.segments(text)
    places = [i for i in range(len(segments)) if _is_unknown_verb(segments, i)]
    if len(places) != 1:
        return text, ""
    (i,) = places
    words = [segment.text for segment in segments]
    meaning = "that replaced" if _lies_on_top(segments, i) else _MEANING[words[i + 1]]
    verb, words[i : i + 2] = words[i], [meaning]
    return " ".join(words), verb


def _is_unknown_verb(segments: list[Segment], i: int) -> bool:
    word = segments[i]
    if word.tags or not word.text.isalpha() or len(word.text) < _LEAST_LETTERS:
        return False
    if i + 2 >= len(segments) or word.text in _MOTIONS:
        return False
    if _lies_on_top(segments, i):
        return True
    if not word.text.endswith(_PARTICIPLES) or segments[i + 1].text not in _MEANING:
        return False
    kinds = _kinds_around(segments, i)
    return bool(kinds[0] and kinds[1] and kinds[0] != kinds[1])


def _lies_on_top(segments: list[Segment], i: int) -> bool:
    """Return whether an active verb and "through" or the like join two kinds of ground."""
    if segments[i + 1].text not in _THROUGH or not segments[i].text.endswith(("s", "ed", "ing")):
        return False
    kinds = _kinds_around(segments, i)
    return kinds[0] in _ON_TOP and kinds[1] in _UNDER and kinds[0] != kinds[1]


def _kinds_around(segments: list[Segment], i: int) -> tuple[str | None, str | None]:
    """Return the classes of the nouns before and behind an unknown verb and the next word."""
    before, after = i - 1, i + 2
    while before >= 0 and segments[before].text in _AUXILIARIES:
        before -= 1
    while after < len(segments) - 1 and _is_before_noun(segments[after]):
        after += 1
    if before < 0:
        return None, None
    return segments[before].land_cover, segments[after].land_cover
