"""Find places that stayed in a prompt, as no rule has them: "at the treatment plant"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtrs_geo.understanding.lexicon import Segment
from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.roles import PAUSES
from mtrs_geo.understanding.verdict.conditions import lost_place

__all__ = ["unread_place"]

_DETERMINER = r"(?:the|an?|any|my|our|your|their|its|this|that)"
_PART = (
    r"(?:top|foot|bottom|back|front|rear|side|end|edge|head|mouth|corner|entrance|start|rim|tip"
    r"|base|crest|gates?)"
)
_RELATION = (
    r"(?:(?:on|at|in|by|to|round|around|near|over|along) (?:the )?(?:[a-z]+ )?"
    rf"{_PART}s? of|on top of|atop|below|beneath|underneath|under|above|past"
    r"|(?:down|up)wind (?:of|from)|upstream (?:of|from)|downstream (?:of|from)"
    r"|(?:up|down)hill (?:of|from)|inland (?:of|from)|seaward of|landward of|leeward of"
    r"|in the (?:shadow|lee|path|way|shade|grounds|direction) of|on the (?:way|road) to"
    r"|(?:a|one) (?:short|long) (?:walk|drive) from"
    r"|out of (?:sight|view|reach|earshot) of|within (?:reach|walking distance|hearing) of"
    r"|on either side of|on both sides of|in line with|level with|facing)"
)
_PLACE = re.compile(
    rf"\b{_RELATION} {_DETERMINER} (?!(?:image|photo|picture|scene|map|ground|water|way|last|first"
    r"|past|end|time|year|list|report|page|sheet|bulldozer|axe|hammer|plough|plow|knife|saw|sun|law"
    r"|weight|rule|eye|influence|pressure|name|guise|banner|supervision|direction)s?\b)"
    r"(?:(?:new|old|former|existing|big|small|[a-z]+ed|[a-z]+ern) )*[^\W\d]+"
    r"(?: (?:main|line|station|plant|park|works|yard|road|house|field|farm))?"
    # "Set up by the lakeside" is no agent.
    r"|\bby the (?:[a-z]+ )?(?:lake|river|road|water|sea|stream|canal|harbou?r|beach|way)[- ]?"
    r"(?:side|front)\b"
)
_CAUSES = re.compile(
    r"(?:flood|fire|blaze|storm|tide|surge|slide|quake|avalanche|lava|tsunami|drought|eruption)"
)
"""In a noun: what caused a change, and no place."""
_OF_A_WHOLE = {
    "to": frozenset({"added", "attached", "addition", "additions"}),
    "from": frozenset({"missing"}),
}
"""Words before a relation that names what a thing is a part of: "a lane added to the road"."""
_GROUND = frozenset({"ground", "land", "earth", "soil", "water", "surface"})
"""Nouns of the ground itself: "no longer visible on the ground"."""
_ONE_WAY = frozenset({"appeared", "disappeared", "unchanged"})


def unread_place(sentence: Sentence, prompt: str) -> str:
    """Return the words of a place in a prompt, which has no effect, else "".

    A sentence that says what became what names both grounds, and no place.

    Args:
        sentence: words with their roles.
        prompt: of the query, with what no rule took.
    """
    found = _among_other_ground(sentence, prompt)
    if found or sentence.construction is not None or sentence.is_guess:
        return found
    is_of_both = bool(sentence.before and sentence.after)
    is_standing = sentence.direction == "unchanged"
    if sentence.direction not in _ONE_WAY or is_of_both != is_standing:
        return ""
    place = _PLACE.search(prompt)
    return place[0] if place else _place_of_role(sentence, prompt)


def _among_other_ground(sentence: Sentence, prompt: str) -> str:
    """Return a place of a kind of ground that did not change: "by the church" of lost trees."""
    if sentence.direction == "unchanged" or sentence.unknown:
        return ""
    changed = sentence.before | sentence.after
    grounds = [s for s in sentence.segments if s.land_cover and s.land_cover not in changed]
    return lost_place([s.text for s in grounds if _is_place(s)], prompt)


def _is_place(noun: Segment) -> bool:
    """Return whether things may lie there: no flood, which changes them, and no "ground"."""
    is_event = any(tag.startswith("event:") for tag in noun.tags)
    return not is_event and not noun.is_one_of("word:scene")


def _place_of_role(sentence: Sentence, prompt: str) -> str:
    """Return a relation and its noun, if they stand in the prompt."""
    segments, roles = sentence.segments, sentence.roles
    if "thing" not in roles:
        return ""  # "windthrow in the spruce" is lost spruce
    for i, role in enumerate(roles):
        start = i - 1
        while start >= 0 and not segments[start].is_one_of("word:relations"):
            if segments[start].text in PAUSES:
                start = -1
            start -= 1
        if start > 0 and _is_of_a_whole(segments[start - 1 : start + 1]):
            start = start if any(s.text == "of" for s in segments[start:i]) else -1
        noun = segments[i].text
        if role != "place" or start < 0 or noun in _GROUND or _CAUSES.search(noun):
            continue
        relation, *owner = segments[start:i]
        # "Trees lost on farmland" are of that ground, a road crossing a stream is a bridge, and
        # trees lost to a road became one.
        is_result = relation.text == "to" and sentence.direction == "disappeared"
        is_of_ground = not owner and segments[i].land_cover
        if relation.text == "crossing" or is_result or is_of_ground:
            continue
        words = " ".join(s.text for s in segments[start : i + 1])
        if re.search(rf"(?<!\w){re.escape(words)}(?!\w)", prompt):
            return words
    return ""


def _is_of_a_whole(words: Sequence[Segment]) -> bool:
    """Return whether two words say what a thing is a part of: "been added" and "to"."""
    verb, relation = (segment.text for segment in words)
    return verb.rsplit(" ", 1)[-1] in _OF_A_WHOLE.get(relation, ())
