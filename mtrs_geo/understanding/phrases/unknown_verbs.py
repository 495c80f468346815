"""Verbs that the lexicon does not know, between two kinds of ground: "lawns transmuted to asphalt".

What stands before "into", "to", "as" and "by" became what stands behind, whatever the verb is.
"""

from __future__ import annotations

from mtrs_geo.understanding.lexicon import Lexicon, Segment

__all__ = ["guess_verb"]

_PARTICIPLES = ("ed", "ing")
_MEANING = {"into": "turned into", "to": "turned into", "as": "turned into", "by": "replaced by"}
_AUXILIARIES = frozenset({
    "that", "which", "was", "were", "is", "are", "has", "have", "had", "been", "being", "got",
})  # fmt: skip
_ARTICLES = frozenset({"a", "an", "the", "some", "new", "more"})
_LEAST_LETTERS = 5


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
    verb, words[i : i + 2] = words[i], [_MEANING[words[i + 1]]]
    return " ".join(words), verb


def _is_unknown_verb(segments: list[Segment], i: int) -> bool:
    word = segments[i]
    if word.tags or not word.text.isalpha() or len(word.text) < _LEAST_LETTERS:
        return False
    if not word.text.endswith(_PARTICIPLES) or i + 2 >= len(segments):
        return False
    if segments[i + 1].text not in _MEANING:
        return False
    before, after = i - 1, i + 2
    while before >= 0 and segments[before].text in _AUXILIARIES:
        before -= 1
    while after < len(segments) - 1 and segments[after].text in _ARTICLES:
        after += 1
    if before < 0:
        return False
    kinds = segments[before].land_cover, segments[after].land_cover
    return bool(kinds[0] and kinds[1] and kinds[0] != kinds[1])
