"""Read where a road leads and what lies below something as places: "the road to the village".

"Road to garden" says what became what, and so does "fields under water".  "The road to the
village", "trees felled from the road to the river" and "new houses below the road" do not: their
words are replaced by "near" and "and", so that no later step takes them for a change of one kind
into another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtrs_geo.understanding.lexicon import Segment
from mtrs_geo.understanding.roles import PAUSES, is_change, is_inside_noun_phrase

__all__ = ["with_routes"]

_NEAR = Segment("near", frozenset({"word:relations"}))
_AND = Segment("and", frozenset({"word:function"}))
_TO = frozenset({"to", "up to", "down to", "as far as"})
_ON_THE_WAY = frozenset({
    "down", "up", "back", "over", "out", "across", "right", "straight", "all the way", "on",
    "all", "the", "way",
})  # fmt: skip
"""Words between a road, or one end of it, and "to"."""
_LINEAR = re.compile(
    r"(?:\b|[a-z])(?:roads?|streets?|lanes?|tracks?|paths?|trails?|ways?|drives?|bridges?|avenues?"
    r"|alleys?|routes?|accesses|access|canals?|ditch(?:es)?|channels?|streams?|rivers?|creeks?"
    r"|brooks?)$"
)
"""Ground that leads somewhere; a car park does not."""
_DEFINITE = frozenset({
    "a", "an", "the", "this", "that", "these", "those", "my", "our", "your", "his", "her", "their",
    "its",
})  # fmt: skip
_WEAK_VERBS = frozenset({"made", "went", "gone", "developed", "returned", "go", "going", "made to"})
"""Verbs of a change that a road may have: "the path went from the lake to the wood"."""
_LOSING = frozenset({"lost", "lose", "loses", "losing", "former", "formerly", "erstwhile"})
"""Losses that name what came behind "to": "we lost roads to gardens"."""
_UNDER = frozenset({"under", "below", "beneath", "underneath"})
_BESIDE = frozenset({"above", "past", "up to"})
_ALL_THE_WAY = ["all", "the", "way"]
_NOW = frozenset({"now", "today", "nowadays", "currently", "presently"})
_VANISHED = re.compile(
    r"(?:vanish|disappear|los[te]|gone|go|went|s[aiu]nk|bur[iy]|drown|submerg|former|swallow|lie|lay)"
)
"""Losses that leave something under what came: "fields that vanished under the houses"."""
_ALL = frozenset({"everything", "anything", "all", "area", "areas"})
_GROUND = frozenset({"land", "ground", "soil", "surface", "terrain", "earth"})
_NAMES_OF_CHANGE = re.compile(r"(?:conver|chang|trans)")


def with_routes(segments: Sequence[Segment]) -> tuple[list[Segment], tuple[str, ...]]:
    """Return the segments with "near" for such a place, and the words of each place.

    The words of a place in another place ("near the road to the village") are not returned.

    Args:
        segments: words of a sentence.
    """
    found = list(segments)
    named: list[str] = []
    i = 0
    while i < len(segments):
        end = _end_of_stretch(segments, i) or _end_of_way(segments, i) or _end_below(segments, i)
        if end is None:
            i += 1
            continue
        if not _is_in_place(found, i):
            named.append(" ".join(s.text for s in segments[i : end + 1]))
        found[i] = _NEAR
        for j in range(i + 1, end):
            if found[j].text in _TO:
                found[j] = _AND
        i = end + 1
    return found, tuple(named)


def _end_of_stretch(segments: Sequence[Segment], i: int) -> int | None:
    """Return where "from the village to the lake" ends, if it says where something lies."""
    if segments[i].text != "from":
        return None
    first = _noun_after(segments, i)
    to = None if first is None else _to_after(segments, first)
    last = None if to is None else _noun_after(segments, to)
    if first is None or to is None or last is None:
        return None
    start = _clause_start(segments, i)
    thing = next((j for j in range(i - 1, start - 1, -1) if _is_thing(segments[j])), None)
    is_definite = _is_definite(segments, i) and _is_definite(segments, to)
    if thing is None:
        is_apart = i == 0 and last + 1 < len(segments) and segments[last + 1].text == ","
        is_all = is_definite and i > 0 and segments[i - 1].text in _ALL
        is_place = (is_apart or is_all) and not _is_turned(segments, frozenset())
        return last if is_place and _tells_loss_or_gain(segments[last + 1 :]) else None
    is_linear = _LINEAR.search(segments[thing].text) is not None
    weak = _WEAK_VERBS if is_linear and is_definite else frozenset()
    if _is_turned(segments[start:i], weak) or segments[thing].text in _GROUND:
        return None
    if is_definite:
        return last
    ends = {segments[first].land_cover, segments[last].land_cover}
    is_told = _tells_loss_or_gain([*segments[start:i], *segments[last + 1 :]])
    return last if is_told and segments[thing].land_cover not in ends else None


def _end_of_way(segments: Sequence[Segment], i: int) -> int | None:
    """Return where "to the village" ends, if it says where a road leads."""
    if segments[i].text not in _TO:
        return None
    at = i - 1
    while at >= 0 and segments[at].text in _ON_THE_WAY:
        at -= 1
    last = _noun_after(segments, i)
    start = _clause_start(segments, i)
    if at < start or last is None or segments[at].land_cover not in ("road", "water"):
        return None
    before = segments[start:at]
    is_definite = _is_definite(segments, i)
    weak = _WEAK_VERBS if is_definite else frozenset()
    # "Turn the road to the village into a park" names what it became elsewhere.
    is_made = _is_turned(before, weak) and not any(s.text == "into" for s in segments[last + 1 :])
    follows = segments[last + 1].text if last + 1 < len(segments) else ""
    if (
        _LINEAR.search(segments[at].text) is None
        or is_made
        or any(s.text == "from" for s in before)
        or _NAMES_OF_CHANGE.match(follows)
        or any(s.text in _LOSING for s in before)
    ):
        return None
    is_told = _tells_loss_or_gain([*before, *segments[last + 1 :]])
    return last if is_definite or is_told else None


def _end_below(segments: Sequence[Segment], i: int) -> int | None:
    """Return where "below the road" ends, if it says where something lies."""
    text = segments[i].text
    is_far = text == "to" and [s.text for s in segments[max(0, i - 3) : i]] == _ALL_THE_WAY
    last = _noun_after(segments, i) if text in _UNDER | _BESIDE or is_far else None
    if last is None:
        return None
    is_definite = _is_definite(segments, i)
    if text not in _UNDER:
        return last if is_definite else None
    start = _clause_start(segments, i)
    rest = segments[last + 1 :]
    around = {word for s in [*segments[start:i], *rest[:1]] for word in s.text.split()}
    is_covered = any(_VANISHED.match(s.text) for s in segments[start:i])
    is_new_cover = any(s.is_one_of("change:appeared") for s in segments[i + 1 : last])
    is_water = segments[last].land_cover == "water" and not is_definite
    if is_covered or is_new_cover or is_water or around & _NOW:
        return None
    ways = {way for way in ("appeared", "disappeared") if _names(segments[start:i], way)}
    if "appeared" in ways:
        return last
    is_told = bool(rest) and rest[0].text not in ("that", "which") and _tells_loss_or_gain(rest)
    return last if is_definite and (ways or is_told) else None


def _noun_after(segments: Sequence[Segment], i: int) -> int | None:
    """Return the index of the class noun whose phrase begins behind ``i``."""
    for j in range(i + 1, len(segments)):
        if segments[j].land_cover:
            while j + 1 < len(segments) and segments[j + 1].land_cover:
                j += 1
            return j
        if segments[j].text[0].isdigit() or not is_inside_noun_phrase(segments[j]):
            return None
    return None


def _to_after(segments: Sequence[Segment], noun: int) -> int | None:
    """Return the index of "to" right behind a noun."""
    j = noun + 1
    while j < len(segments) and segments[j].text in _ON_THE_WAY:
        j += 1
    return j if j < len(segments) and segments[j].text in _TO else None


def _clause_start(segments: Sequence[Segment], i: int) -> int:
    return next((j + 1 for j in range(i - 1, -1, -1) if segments[j].text in PAUSES), 0)


def _is_definite(segments: Sequence[Segment], i: int) -> bool:
    return i + 1 < len(segments) and segments[i + 1].text in _DEFINITE


def _is_thing(segment: Segment) -> bool:
    is_event = any(tag.startswith("event:") for tag in segment.tags)
    return (segment.land_cover is not None and not is_change(segment)) or is_event


def _is_turned(segments: Sequence[Segment], weak: frozenset[str]) -> bool:
    """Return whether a word says that one kind became another."""
    return any(
        s.is_one_of("transition:verb", "transition:forward") and s.text not in weak
        for s in segments
    )


def _tells_loss_or_gain(segments: Sequence[Segment]) -> bool:
    return _names(segments, "appeared") or _names(segments, "disappeared")


def _names(segments: Sequence[Segment], way: str) -> bool:
    return any(s.is_one_of(f"change:{way}") for s in segments)


def _is_in_place(segments: Sequence[Segment], i: int) -> bool:
    """Return whether the noun before ``i`` is a place itself: "near the road | to the village"."""
    j = i - 1
    while j >= 0 and segments[j].text in _ON_THE_WAY and not segments[j].land_cover:
        j -= 1
    if j < 0 or not segments[j].land_cover:
        return False
    while j > 0 and (segments[j].land_cover or is_inside_noun_phrase(segments[j])):
        j -= 1
    return segments[j].is_one_of("word:relations")
