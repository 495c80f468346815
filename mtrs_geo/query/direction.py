"""Which way a change goes that a description speaks of: the words of docs/queries.md."""

from __future__ import annotations

import re

from mtrs_geo.types import ChangeDirection

__all__ = ["direction_of"]

_IMAGE = r"(?:images?|imagery|pictures?|photos?|scenes?|dates?|ones?)\b"
# Times become one sign each: "in the newer image" names no new thing, "previously" no "pre".
_EARLY, _LATE = "\x01", "\x02"
_TIMES = (
    (
        _EARLY,
        rf"\b(?:(?:first|early|earlier|earliest|old|older|previous|original|former) {_IMAGE}"
        rf"|{_IMAGE} one\b|previously|formerly|earlier|back then|(?:there|present|here) before"
        r"|before(?=$|[ ,;.?!]*(?:but|and|or)\b|[,;.?!]))",
    ),
    (
        _LATE,
        rf"\b(?:(?:second|later?|latest|new|newer|newest|recent|current) {_IMAGE}"
        rf"|{_IMAGE} two\b|afterwards|later|nowadays|today|now|after(?=$|[,;.?!]))",
    ),
)
_NEAR = rf"[^{_EARLY}{_LATE},;]{{0,40}}"
_NOT = r"\b(?:not|missing|absent|none|never)\b"
_ONLY = r"\b(?:only|just|exclusively)\b"
_COMPARED: tuple[tuple[ChangeDirection, re.Pattern[str]], ...] = (
    ("appeared", re.compile(f"{_NOT}{_NEAR}{_EARLY}|{_ONLY}{_NEAR}{_LATE}")),
    ("disappeared", re.compile(f"{_NOT}{_NEAR}{_LATE}|{_ONLY}{_NEAR}{_EARLY}")),
)
_GONE = re.compile(
    r"\b(?:disappear\w*|demoli\w+|destroy\w*|destruct\w*|remov\w+|raz(?:ed|ing)|vanish\w*"
    r"|gone(?! up)|lost|loss|missing|felled|cleared|flattened|levelled|wrecked|ruined|bulldozed"
    r"|collapsed|eliminated|erased|dismantl\w+|former|dried up|cut(?: down)?|wiped out"
    r"|swept away|(?:torn|tear\w*|taken|pulled|knocked|c[ao]me|burn(?:t|ed))[ -]down|no longer"
    r"|any ?more|ceased to exist)\b"
)
_NEW = re.compile(
    r"\b(?:appear\w*|new(?:ly)?|recent(?:ly)?|built|construct\w*|erect\w*|added|additional|extra"
    r"|emerg\w+|raised|rose|risen|arose|(?:gone|went|c[ao]me|put|set|spr[aou]ng|build)[ -]up"
    r"|sprung into being|came into existence|develop(?:ed|ment)|completed|finished|founded"
    r"|extension|extended|growth|planted|paved|laid)\b"
)
_SAID: tuple[tuple[ChangeDirection, re.Pattern[str]], ...] = (
    ("appeared", _NEW),
    ("disappeared", _GONE),
)
_NEGATED = re.compile(r"\b(?:not|never|\w+n't)(?: (?:yet|be|been|being))* \w+")
_BOTH = re.compile(r"\b(?:turned? into|became|become|replac\w+|convert\w*|rebuilt|from .+ to)\b")


def direction_of(description: str) -> ChangeDirection:
    """Return which way a change goes: what speaks of neither or both ways is ``changed``.

    Args:
        description: of the change, without rules for the whole scene.
    """
    text = description.lower()
    for sign, words in _TIMES:
        text = re.sub(words, sign, text)
    ways = [way for way, pattern in _COMPARED if pattern.search(text)]
    if not ways:
        text = _NEGATED.sub("", text)
        ways = [way for way, pattern in _SAID if pattern.search(text)]
    return ways[0] if len(ways) == 1 and not _BOTH.search(text) else "changed"
