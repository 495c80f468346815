"""What a part of a sentence names: its thing, and which way that changed."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from mtrs_geo.query.direction import direction_of

__all__ = [
    "GAINS",
    "JOINT",
    "LOSSES",
    "Way",
    "tells_way",
    "thing_of",
    "thing_words",
    "way_of",
    "ways_of",
]

JOINT = re.compile(
    r" ?; ?|[.?!] +(?=\w)|,? and/or |,? and (?:also |then )?|,? (?:as well as|plus|while|whereas) "
    r"|(?<!\band) ?[/&+] ?|, "
)
"""Where one wish may end and another begin."""

Way: TypeAlias = Literal["appeared", "disappeared", "unchanged", "changed"]

GAINS = (
    r"growth|regrowth|gains?|additions?|expansion|recovery|return|increase|arrivals?|construction"
    r"|planting|comeback"
)
LOSSES = (
    r"loss(?:es)?|shrinkage|shrinking|decline|decrease|retreat|removals?|demolitions?"
    r"|disappearances?|felling|clearings?|clearances?|destruction|drying"
)
_AT_END = r"(?= *(?:$|[,;:.?!]))"
_VERBS: tuple[tuple[Way, re.Pattern[str]], ...] = (
    (
        "appeared",
        re.compile(
            rf"\b(?:{GAINS}|gain(?:ed|ing)?|gr[eo]wn?|recovered|came back|returned|expanded"
            rf"|regr[eo]wn?|reappeared|(?:came|arrived){_AT_END})\b"
        ),
    ),
    (
        "disappeared",
        re.compile(
            rf"\b(?:{LOSSES}|los(?:e|es|ing)|shr[aiu]nk|receded|emptied|drained|died"
            rf"|dried(?: up| out)?|burn(?:ed|t)(?: down)?|went{_AT_END})\b"
        ),
    ),
)
"""Words for a gain or a loss beside those of `direction_of`."""
_STANDING = re.compile(
    r"\b(?<!not )(?<!n't )still (?:stand(?:s|ing)?|exist(?:s|ing)?|there|present)\b"
    r"|\b(?:unchanged|unaltered)\b"
)
_LOSES = re.compile(r"\blos(?:e|es|ing)\b")
_TURNED = re.compile(r"\b(?:turned? into|turned to|became|become|replac\w+|convert\w*|rebuilt)\b")
# Words that do not name a thing.
_NO_THING = re.compile(
    r"\b(?:the|an?|all|any|every|some|both|that|which|who|where|when|what|how|many|there|it"
    r"|they|them|ones?|those|these|is|are|was|were|be|been|being|has|have|had|did|do|does|get"
    r"|got|not|no|never|only|also|then|now|before|after|since|in|on|at|of|by|to|from|for|with"
    r"|up|down|out|off|away|and|or|but|please|show|find|map|list|mark|detect|me|new|newly"
    r"|recent|recently|built|constructed|erected|added|additional|appeared|appear|emerged"
    r"|developed|completed|finished|founded|extended|planted|paved|laid|raised|gone|demolished"
    r"|removed|destroyed|razed|vanished|disappeared|disappear|lost|missing|felled|cleared"
    r"|flattened|wrecked|ruined|collapsed|dismantled|former|cut|torn|pulled|knocked|taken"
    r"|longer|image|images|date|rebuilt)\b"
)
_NO_THING_BESIDE = re.compile(
    rf"\b(?:{GAINS}|{LOSSES}"
    r"|grow|grew|grown|lose|loses|losing|gained|came|went|arrived|stands?|standing|still"
    r"|unchanged|unaltered|its|their|just|other|others|old|again|back"
    r"|shr[aiu]nk|recovered|returned|expanded|receded|dried|emptied|drained|refilled|burned|burnt"
    r"|died|retreated|fell|i|we|you|want|need|give|instead)\b"
)
"""Words beside them that name no thing where "ones" stands for one."""


def way_of(text: str) -> Way:
    """Return which way a thing changed: `direction_of`, and words such as "losses" and "grew".

    ``unchanged`` is ground that still stands; ``changed`` says that no way, or both, are named.

    Args:
        text: part of a sentence, without rules for the whole scene.
    """
    ways = ways_of(text)
    if _TURNED.search(text):
        return "changed"
    if _STANDING.search(text) and not ways:
        return "unchanged"
    return ways.pop() if len(ways) == 1 else "changed"


def ways_of(text: str) -> set[Way]:
    """Return the ways of change that a text names: both of "dried up and returned"."""
    ways: set[Way] = {way for way, pattern in _VERBS if pattern.search(text)}
    direction = direction_of(text)
    return ways if direction == "changed" else ways | {direction}


def tells_way(text: str) -> bool:
    """Return whether a part of a sentence may be a wish of its own, by its words of change.

    Verbs such as "grew" may tell a story of one change: "a grove once grew and a mill was raised".
    """
    is_told = direction_of(text) != "changed"
    return is_told or bool(_LOSES.search(text)) or way_of(text) == "unchanged"


def thing_of(prompt: str) -> str:
    """Return the words of a wish that name its thing, if they stand together."""
    words = thing_words(prompt)
    return words if f" {words} " in f" {prompt} " else ""


def thing_words(prompt: str, *, is_strict: bool = False) -> str:
    """Return the words that may name a thing, wherever they stand.

    Args:
        prompt: part of a sentence, without rules for the whole scene.
        is_strict: whether verbs such as "grew" and words such as "their" are no thing either.
    """
    rest = _NO_THING.sub(" ", prompt)
    if is_strict:
        rest = _NO_THING_BESIDE.sub(" ", rest)
    return " ".join(re.findall(r"[^\W\d_]{3,}", rest))
