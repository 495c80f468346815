"""Write a sentence as its noun phrases and marked words, so that constructions can be matched.

"the old yard, today a garden" becomes ``<road> ,| today| <vegetation>``: every class noun stands
for its noun phrase, ``<road@>`` for one that is a place, and every other word is followed by ``|``
and the letters of its tags.
"""

from __future__ import annotations

from collections.abc import Sequence

from mtrs_geo.understanding.lexicon import Segment
from mtrs_geo.understanding.roles import is_inside_noun_phrase

__all__ = ["skeleton_of"]

_LETTERS = {
    "change:appeared": "A", "change:disappeared": "D", "change:changed": "C",
    "change:unchanged": "U", "transition:forward": "F", "transition:verb": "V",
    "transition:backward": "B", "word:relations": "R", "word:scene": "S", "word:requests": "Q",
}  # fmt: skip
# Words that stay in front of a noun: they join it to the rest, or say whether it was there.
_KEPT = frozenset({"of", "that", "or more", "other", "another", "empty", "dry"})
_WOODED = frozenset({"wooded", "forested", "grassy", "tree-covered", "vegetated", "treed"})
"""Adjectives that name what grows, where no noun follows: "plots that used to be wooded"."""
_MEASURES = frozenset({
    "area", "areas", "piece", "pieces", "patch", "patches", "plot", "plots", "parcel", "parcels",
    "strip", "strips", "part", "parts", "bit", "bits", "stretch", "stretches", "tract", "tracts",
    "row", "rows", "line", "lines", "group", "groups", "cluster", "clusters", "land", "ground",
    "surface", "surfaces", "spot", "spots", "cover", "network", "body", "bodies", "zone", "zones",
    "section", "sections", "footprint", "footprints", "lot of", "lots of", "part of", "half of",
    "kind of", "sort of", "bit of", "couple of", "bunch of",
})  # fmt: skip


def skeleton_of(segments: Sequence[Segment], roles: Sequence[str]) -> str:
    """Return the skeleton of a sentence, with a space before and after every word.

    Args:
        segments: words of the sentence.
        roles: their roles, as `mtrs_geo.understanding.roles.roles_of` returns them.
    """
    words: list[str] = []
    position = 0
    while position < len(segments):
        noun = _noun_phrase(segments, roles, position)
        if noun is not None:
            if len(words) > 1 and words[-1] == "of|" and words[-2].split("|")[0] in _MEASURES:
                del words[-2:]
            mark = "@" if roles[noun] == "place" else ""
            words.append(f"<{segments[noun].land_cover}{mark}>")
            position = noun + 1
            while position < len(segments) and segments[position].text in _MEASURES:
                position += 1
        elif segments[position].text in _WOODED:
            words.append("<vegetation>")
            position += 1
        else:
            words.append(_marked(segments[position]))
            position += 1
    return f" {' '.join(words)} "


def _noun_phrase(segments: Sequence[Segment], roles: Sequence[str], start: int) -> int | None:
    """Return the index of the noun whose phrase starts here, or None."""
    for i in range(start, len(segments)):
        segment = segments[i]
        if roles[i]:
            return i
        is_compound = segment.land_cover is not None and "change" not in _kinds(segment)
        is_inside = is_inside_noun_phrase(segment) and segment.text not in _KEPT
        if not is_compound and (not is_inside or "change" in _kinds(segment)):
            return None
    return None


def _kinds(segment: Segment) -> set[str]:
    return {tag.split(":")[0] for tag in segment.tags}


def _marked(segment: Segment) -> str:
    letters = [letter for tag, letter in _LETTERS.items() if tag in segment.tags]
    for tag in sorted(segment.tags):
        if tag.startswith("event:"):
            name, way = tag[6:].rsplit("_", 1)
            letters.append(f"<{'+' if way == 'appeared' else '-'}{name}>")
        if tag.startswith("transition:to_"):
            letters.append(f"={tag[14:]}")
    return f"{segment.text.replace(' ', '_')}|{''.join(letters)}"
