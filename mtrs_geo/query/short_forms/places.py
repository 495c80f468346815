"""Write places as the grammar knows them: "N side", "new roads north", "[NW]"."""

from __future__ import annotations

import re

from mtrs_geo.query.classes import class_of
from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.numbers import NUMBER, UNIT
from mtrs_geo.query.positions import END, PLACES, SECTION

__all__ = ["write_compass"]

_LETTERS = {"n": "north", "s": "south", "e": "east", "w": "west"}
_NO_WORD = r"(?<![\w.'°-])(?<!\d )"
_TWO_LETTERS = re.compile(rf"{_NO_WORD}(?P<a>[ns])\. ?(?P<b>[ew])(?:\.(?=\W|$)|\b(?!['.]))")
_PART = (
    r"(?:part|portion|side|half|quarter|quadrant|corner|edge|margin|border|end|third|section"
    r"|sector|region|fringe|strip|area|banks?|shores?|coasts?|slopes?|wing|flank)s?\b"
)
_LETTER = r"(?:[ns][ew]?|[ew])"
_JOINED = rf"{_LETTER}(?: ?(?:,? (?:and|or)|,|&|/|\+) ?{_LETTER}){{0,5}}(?![\w/]|\. ?[a-z]\b)"
_FROM_TO = re.compile(
    rf"\bfrom (?:the )?(?P<a>{_LETTER}) to (?:the )?(?P<b>{_LETTER})(?![\w.]|\. ?[a-z]\b)"
)
"""A course: "the new road from N to S" is in no part of the scene."""
# "In the N", "N side", ", N", "(N)", "N: …", "20 m N of the lake".
_ONE_LETTER = re.compile(
    rf"(?P<lead>^|(?<=[,;:(\[|] )|(?<=[(\[])|(?<= [-–—] )"
    r"|\b(?:(?:in|at|on|from|to|towards?) (?:the )?(?:far )?|the |except |not |only ))"
    rf"{_NO_WORD}(?P<letters>{_JOINED})\.?"
    rf"(?P<end>(?: (?={_PART})| (?=of (?:the|an?)\b))|(?=:)|(?<!^.){END})"
)
_BEHIND = re.compile(
    rf"(?<=[a-z\d²)]) {_NO_WORD}(?P<letters>{_JOINED})\.?"
    rf"(?P<end>(?= {_PART})|(?= of (?:the|an?)\b)|{END})"
)
"""Letters behind a noun: "new houses N"."""
_PLACE = "|".join(f"(?:{words})" for words in PLACES.values())
_COMPASS = (
    r"(?:(?:north|south)[- ]?(?:east|west)|north|south|east|west)(?:ern)?"
    r"|(?:top|upper|bottom|lower|(?:north|south)(?:ern)?)[- ](?:left|right|cent(?:re|er)|middle)"
    r"|(?:cent(?:re|er)|middle)[- ](?:left|right|north|south|east|west|top|bottom)"
    r"|(?:left|right|central)(?= )|ne|nw|se|sw|top|bottom|upper|lower|left|right|centre|center"
    r"|middle"
)
_BRACKETS = re.compile(
    rf" ?(?:[\[{{|]| /) ?(?P<place>(?:{_PLACE})\b{SECTION}) ?(?:[\]}}|]|(?=$|[,;.?!]))"
)
_TRAILING = re.compile(
    rf" (?P<place>(?:far )?(?:{_COMPASS})\b(?P<part>{SECTION}))(?! facing\b)"
    rf"(?=(?:,? (?:and|or) (?:the )?(?:{_COMPASS})\b{SECTION}){{0,3}}"
    rf"(?:{END}|(?= (?:19|20)\d\d\b)))"
)
_STARTING = re.compile(
    rf"^(?P<place>(?:the )?(?:far )?(?:{_COMPASS})\b{SECTION})(?<! the) (?P<next>[a-z]+)\b"
)
_FORM = re.compile(rf"\bform (?=the (?:{_COMPASS})\b{SECTION}(?:$|[,;.?!]))")
"""A misspelt "from"."""
_MOVES = re.compile(
    r"\b(?:head|run|runn|go|lead|fac|mov|shift|extend|spread|expand|advanc|flow|stretch|look|turn"
    r"|point|migrat|travel|continu|bend|curv|slop|veer|reach|retreat|creep|push|grow|lie|lies)"
    r"(?:s|es|ed|ing)?$|\b(?:went|ran|led|grew|grown|crept|lay|lying|of|is|are|was|were|further"
    r"|farther|due|towards?|down|up|out|back|this|its|their|news)$"
)
"""Words before a direction that goes somewhere, or that is no place in the scene."""
_NAME = re.compile(
    r"\b(?:on|in|at|along|near|by|off|from) (?:the )?(?:[a-z']+ ){1,3}$|\b(?:building|house|hall"
    r"|school|garage|hangar|road|street|track|path|lane|factory|church|hospital|pool|gate|block) $"
)
"""Before a single letter or behind "on Park Avenue": a name such as "Park Avenue North"."""
_STREET = re.compile(
    r"\b(?:on|in|at|along|off|near) (?:the )?(?:[a-z']+ ){1,2}(?:road|street|avenue|lane|drive"
    r"|way|close|court|square|boulevard|highway|motorway)$"
)
_RESULT = re.compile(
    r"(?:chang\w*|happened|different|developments?|clearances?|gaps|gains?|growth|losses|increases?"
    r"|declines?|removals?)$"
)
_NO_THING = re.compile(
    r"(?:the|an?|in|on|at|of|to|from|and|or|near|along|by|its|their|our|my|that|which|this|whole"
    r"|entire|far|very|most|more|only|just|but|not|except|with|inside|within|towards?|outside|over"
    r"|across|between|for|ignore|skip|exclude|no|other|left|right|up|down|above|below|under|top"
    r"|bottom|upper|lower|north\w*|south\w*|east\w*|west\w*)$"
)
"""Words before a part of the scene that are no thing in it."""
_OF_A_HILL = re.compile(r"^(?:top|bottom|upper|lower|centre|center|middle)$")
_YEAR_NEXT = re.compile(r" (?:19|20)\d\d\b")
_JOINT = re.compile(r",? (?:and|or) ")
_SIZE = re.compile(rf"{NUMBER} ?{UNIT}$|\b(?:19|20)\d\d$")
_LONGEST_SIZE = 30
_REMAIN = re.compile(r"\b(?:any|some|still|only|few|much|many|no|not|none|is|are|was|were)\b")


def write_compass(text: str) -> str:
    """Return a text in which places in short forms stand as words behind "in the".

    "N side", "S.W." and "(E)" are "north side", "south-west" and "(east)"; "new roads north" is
    "new roads in the north".

    Args:
        text: in lower case, with single spaces.
    """
    text = _FORM.sub("from ", text)
    text = _TWO_LETTERS.sub(lambda m: f"{_LETTERS[m['a']]}-{_LETTERS[m['b']]}", text)
    text = _FROM_TO.sub(lambda m: f"from {_words(m['a'])} to {_words(m['b'])}", text)
    text = _ONE_LETTER.sub(lambda m: f"{m['lead']}{_words(m['letters'])}{m['end']}", text)
    text = _BEHIND.sub(_behind_letter, text)
    text = _BRACKETS.sub(r", \g<place>", text)
    text = _STARTING.sub(_apart, text)
    return _TRAILING.sub(_in_the, text)


def _words(letters: str) -> str:
    """Return "north and east" for "n and e" and for "n/e"."""
    names = ["-".join(_LETTERS[c] for c in word) for word in re.findall(rf"\b{_LETTER}\b", letters)]
    joint = " or " if " or " in letters else " and "
    return joint.join(names)


def _behind_letter(match: re.Match[str]) -> str:
    before = match.string[: match.start()]
    if not _is_thing(before) or _NAME.search(f"{before} "):
        return match[0]
    return f" {_words(match['letters'])}"


def _apart(match: re.Match[str]) -> str:
    """Write "north side new houses" as "north side: new houses"."""
    has_part = re.search(rf" {_PART}$|^[ns][ew]$", match["place"]) is not None
    is_change = direction_of(match["next"]) != "changed"
    return f"{match['place']}: {match['next']}" if has_part and is_change else match[0]


def _in_the(match: re.Match[str]) -> str:
    """Write "new houses north" as "new houses in the north"."""
    before = match.string[: match.start()]
    place, part = match["place"], match["part"]
    is_list = before.endswith(",") and _JOINT.match(_rest(match)) is not None
    word = before.rsplit(" ", 1)[-1]
    is_in_part = part and word.isalpha() and not (_NO_THING.match(word) or _MOVES.search(before))
    is_placed = is_in_part or _is_thing(before.removesuffix(",") if is_list else before)
    if not is_placed or _STREET.search(before):
        return match[0]
    if not part and _OF_A_HILL.match(place) and not (word[-1:] == "s" and _is_named(word)):
        return match[0]  # "a new garden centre", "a sports centre"
    if not part and place in ("left", "right"):
        is_told = direction_of(before) in ("appeared", "disappeared")
        if not is_told or _REMAIN.search(before) or not re.match(r"[ .?!]*(?:$|,)", _rest(match)):
            return match[0]  # "trees left" are those that remain
    return f" in the {place}{',' if _YEAR_NEXT.match(_rest(match)) else ''}"


def _rest(match: re.Match[str]) -> str:
    return match.string[match.end() :]


def _is_thing(before: str) -> bool:
    """Return whether a text ends with a thing, a change, a size or a year: a place may follow."""
    if _SIZE.search(before[-_LONGEST_SIZE:]):
        return True
    word = before.rsplit(" ", 1)[-1]
    if _MOVES.search(before) or not word.isalpha():
        return False
    is_plural = word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return _is_named(word) or (is_plural and len(word) > 3)


def _is_named(word: str) -> bool:
    """Return whether a word names a kind of ground or a change."""
    is_kind = class_of(word) not in ("any", "other")
    return is_kind or direction_of(word) != "changed" or _RESULT.match(word) is not None
