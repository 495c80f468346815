"""Find the direction of the change that a text describes, by the words of docs/queries.md."""

from __future__ import annotations

import re

from mtrs_geo.types import ChangeDirection

__all__ = ["direction_of"]

_IMAGE = (
    r"(?:(?:aerial |satellite )?(?:images?|imagery|pictures?|photos?|photographs?|orthophotos?"
    r"|scenes?|dates?|ones?|surveys?|maps?|mosaics?|rasters?|shots?|flights?|acquisitions?|recordings?))\b"
)
# Each time expression becomes one character: the "newer" of "in the newer image" describes the
# image, not a new thing.
_END = r"(?=[ ,;.?!]*(?:$|[,;.?!]|\b(?:but|and|or)\b))"
_EARLY, _LATE = "\x01", "\x02"
_TIME_PATTERNS = (
    (
        _EARLY,
        rf"\b(?:(?:first|early|earlier|earliest|old|older|previous|original|former) {_IMAGE}"
        rf"|{_IMAGE} one\b|previously|formerly|earlier|back then|(?:there|present|here) before"
        rf"|(?:first|early|earlier|earliest|old|older|previous|original)(?: one)?{_END}"
        r"|(?:\w+ )?(?:years?|decades?|months?) (?:ago|back|before|earlier)\b|in the past|initially"
        rf"|at (?:the start|the beginning|first){_END}"
        r"|before(?=$|[ ,;.?!]*(?:but|and|or)\b|[,;.?!]))",
    ),
    (
        _LATE,
        rf"\b(?:(?:second|later?|latest|new|newer|newest|recent|current) {_IMAGE}"
        rf"|{_IMAGE} two\b|afterwards|later|nowadays|today|now|after(?=$|[,;.?!])"
        rf"|(?:second|later|latest|recent|newer|newest)(?: one)?{_END}|at (?:present|the end){_END}"
        r"|currently|these days|by now|to date)",
    ),
)
_NEAR = rf"[^{_EARLY}{_LATE},;]{{0,40}}"
_NOT = r"\b(?:not|missing|absent|none|never|lacking|nowhere)\b"
_YEAR = re.compile(
    r"\b(?:(?:in|on|at|from|by|of) (?:the )?(?:year )?((?:19|20)\d\d)(?! ?(?:and|to|-|–|m\b))"
    r"|(?:the )?((?:19|20)\d\d) (?:images?|imagery|pictures?|photos?|scenes?|dates?|ones?))\b"
)
_NOT_THEN = re.compile(
    r"\b(?:(?:was|were|had|did) not|absent|missing|lacking) (?:yet |been )?(?:there|present"
    r"|here|visible"
    r"|seen|shown|built|exist\w*|in existence|around|on the (?:map|image|photo|picture))? ?"
    r"(?:yet )?$"
)
_ONLY = r"\b(?:only|just|exclusively)\b"
_DATE_PATTERNS: tuple[tuple[ChangeDirection, re.Pattern[str]], ...] = (
    ("appeared", re.compile(f"{_NOT}{_NEAR}{_EARLY}|{_ONLY}{_NEAR}{_LATE}")),
    ("disappeared", re.compile(f"{_NOT}{_NEAR}{_LATE}|{_ONLY}{_NEAR}{_EARLY}")),
)
_ALONE = (
    r"(?=$|[ ]*[,;:.?!]| (?:and|or|but|since|between|after|before|during|while|whereas|as well as"
    r"|near|within|along|(?:in|on|from) (?:the|\d))\b)"
)
"""Follows "went" and "came" without a word such as "up" or "through"."""
_DISAPPEARED = re.compile(
    r"\b(?:disappear\w*|demoli\w+|destroy\w*|destruct\w*|remov\w+|raz(?:ed|ing)|vanish\w*"
    r"|gone(?! up)|lost|loss|missing|absent|felled|cleared|flattened|levelled|wrecked|ruined"
    r"|bulldozed|collapsed|eliminated|erased|dismantl\w+|former|dried up|cut(?: down)?|wiped out"
    r"|swept away|(?:torn|tear\w*|taken|pulled|knocked|c[ao]me|burn(?:t|ed))[ -]down|no longer"
    rf"|any ?more|ceased to exist|(?:(?<=that )|(?<=which )|(?<=came and ))went{_ALONE})\b"
)
_APPEARED = re.compile(
    r"\b(?:appear\w*|new(?:ly)?|recent(?:ly)?|built|construct\w*|erect\w*|added|additional|extra"
    r"|emerg\w+|raised|rose|risen|arose|(?:gone|went|c[ao]me|put|set|spr[aou]ng|build)[ -]up"
    r"|sprung into being|came into existence|develop(?:ed|ment)|completed|finished|founded"
    r"|extension|extended|growth|planted|paved|laid"
    rf"|(?:(?<=that )|(?<=which ))came{_ALONE})\b"
)
_NEW_BEFORE_LOSS = re.compile(rf"\b(?:newly|freshly|recently|just) (?={_DISAPPEARED.pattern})")
"""Says when something was lost: "recently felled trees"."""
_WORD_PATTERNS: tuple[tuple[ChangeDirection, re.Pattern[str]], ...] = (
    ("appeared", _APPEARED),
    ("disappeared", _DISAPPEARED),
)
_NEGATED = re.compile(r"\b(?:not|never|\w+n't)(?: (?:yet|be|been|being))* \w+")
_REPLACED = re.compile(
    r"\b(?:turned? into|became|become|replac\w+|convert\w*|rebuilt|from .+ to)\b"
)


def direction_of(description: str) -> ChangeDirection:
    """Return the direction of a change; ``changed`` if the text names no direction or both.

    Args:
        description: text without rules for the whole scene.
    """
    text = _mark_years(description.lower())
    for marker, pattern in _TIME_PATTERNS:
        text = re.sub(pattern, marker, text)
    directions = [name for name, pattern in _DATE_PATTERNS if pattern.search(text)]
    if not directions:
        text = _NEW_BEFORE_LOSS.sub("", _NEGATED.sub("", text))
        directions = [name for name, pattern in _WORD_PATTERNS if pattern.search(text)]
    return directions[0] if len(directions) == 1 and not _REPLACED.search(text) else "changed"


def _mark_years(text: str) -> str:
    """Mark the earlier and the later of two years, and the year of "was not there in 2008"."""
    found = [(m.start(), m.end(), int(m[1] or m[2])) for m in _YEAR.finditer(text)]
    years = sorted({year for _, _, year in found})
    if len(years) > 2 or not years:
        return text
    pieces, position = [], 0
    for start, end, year in found:
        is_early = year == years[0]
        if len(years) == 1 and not _NOT_THEN.search(text[:start]):
            return text
        pieces += [text[position:start], _EARLY if is_early else _LATE]
        position = end
    return "".join([*pieces, text[position:]])
