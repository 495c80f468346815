"""Dates and periods in a sentence: "since 2016", "in the last three years", "after the storm"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.numbers import NUMBER, UNIT, parse_number
from mtrs_geo.query.short_forms.dates import write_dates

__all__ = ["NamedTime", "TimeKind", "named_times", "take_times", "tells_change"]

TimeKind: TypeAlias = Literal["period", "relative", "event"]

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTH = rf"(?:{'|'.join(_MONTHS)}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?"
_CENTURY = r"(?:1[89]|20)"
_YEAR = rf"{_CENTURY}\d\d"
_SEASON = r"(?:spring|summer|autumn|fall|winter)"
_DATE = (
    r"(?:(?:the )?(?:year|end of|start of|beginning of|middle of|early|mid|late)[ -])*"
    rf"(?:(?:\d{{1,2}}(?:st|nd|rd|th)? (?:of )?)?{_MONTH} (?:\d{{1,2}}(?:st|nd|rd"
    rf"|th)?,? )?(?:of )?|{_SEASON} (?:of )?)?"
    rf"{_YEAR}(?:-[01]\d(?:-[0-3]\d)?)?(?![\w²^]|[.,-]\d)(?! ?{UNIT})"
)
_IMAGE = r"(?! (?:images?|imagery|pictures?|photos?|orthophotos?|scenes?|survey|one)\b)"
_EVENT = (
    rf"(?:{_YEAR} )?(?:(?:last|recent|great|big|major|latest|first|second|civil|world"
    r"|tropical|forest) )?"
    r"(?:(?:hail|snow|ice|wind|rain|sand)?storms?|hurricanes?|cyclones?|typhoons?"
    r"|tornado(?:e?s)?|earthquakes?"
    r"|quakes?|tsunamis?|flood(?:s|ing)?|(?:wild|bush|forest )?fires?|blaze|war|conflict"
    r"|fighting|reform"
    r"|independence|pandemic|covid(?:-19)?|lockdown|crisis|droughts?|landslides?|eruption"
    r"|explosion|blast"
    r"|attacks?|bombing|shelling|invasion|monsoon|disaster|catastrophe|census|elections?|revolution"
    r"|olympics|world cup|accident|heatwave|harvest|monsoon season|rainy season|dry season)"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DAY_AND_MONTH = rf"(?:(?:{_DAY} (?:of )?)?{_MONTH}(?: {_DAY})?|(?:the )?{_SEASON})"
_VERSUS = r"(?:versus|vs\.?|against|(?:as )?compared (?:to|with)|in comparison (?:to|with))"
_PICTURES = (
    r"(?:images?|pictures?|photos?|orthophotos?|scenes?|surveys?|flights?|dates?|rasters?|epochs?"
    r"|acquisitions?|ones?)\b"
)
_LATER_NTH = r"(?:third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|[3-9](?:rd|th)|penultimate)"
_NTH = rf"(?:first|second|1st|2nd|last|latest|{_LATER_NTH})"
# Of two rasters, "the first and the second image" are both.
_IMAGES = (
    rf"(?:(?:between|from) (?:the )?(?:(?:first|1st)(?: {_PICTURES})? (?:and|to) (?:the )?"
    rf"{_LATER_NTH}|(?!first|1st){_NTH}(?: {_PICTURES})? (?:and|to) (?:the )?{_NTH}) {_PICTURES}"
    rf"|(?:between|in|over|from) the (?:(?:last|latest|first) (?:two|three|2|3)"
    rf"|(?:two|three|2|3) (?:last|latest|first)) {_PICTURES}"
    rf"|(?:in|on|since|after|by|until|before|from) the {_LATER_NTH} {_PICTURES})"
)
_VAGUE = (
    rf"(?:(?:since|in|during|until|till|after|before|by|from|between) )?(?:the )?"
    rf"(?:(?:end|start|beginning|middle)(?: of)? |(?:early|late|mid)[ -])?"
    rf"(?:(?:{_DAY} )?{_MONTH} (?:of )?|{_SEASON} (?:of )?)(?:last|this) year\b"
    r"|(?:since|in|during|until|after|before|by|from) (?:the )?(?:end|start|beginning|middle|early"
    r"|late|mid)(?: of)?[ -](?:last|this) year\b"
    rf"|(?:since|in|during|until|till|after|before|by) (?:(?:early|late|mid)[ -])?"
    rf"(?:last |this )?(?:{'|'.join(_MONTHS)})"
    rf"(?=$|[,;.?!]| (?!\d|of\b|(?:and|or|to|until) {_MONTH} \d))"
    rf"|(?:between|from) (?:{'|'.join(_MONTHS)}) (?:and|to|until|till) (?:{'|'.join(_MONTHS)})"
    r"(?=$|[,;.?!]| (?!\d|of\b))"
    r"|(?:(?:since|in|over|during|through|throughout) )?(?:the )?(?:last|this) (?:week|month"
    rf"|quarter|decade|{_SEASON})(?=$|[,;.?!)]| (?!\d|of\b))"
    rf"|(?:over|during|throughout) (?:the )?(?:last )?{_SEASON}(?=$|[,;.?!)])"
    rf"|(?:since|in|during|after|before|by) (?:the )?(?:{'|'.join(_MONTHS)}) {_EVENT}"
    r"(?! (?:of|in)\b)"
)
"""A month, a season or a decade of no named year."""
_SPAN = (
    rf"(?:(?P<number>{NUMBER}) |(?P<few>few|couple of|several) )?"
    r"(?P<unit>days?|weeks?|months?|years?|decades?|centur(?:y|ies))"
)
_TIMES = re.compile(
    rf"\b(?:(?P<images>{_IMAGES})|(?P<vague>{_VAGUE})"
    rf"|(?:between|from) (?P<r>{_DAY_AND_MONTH}) ?(?:and|to|until|till|through|[-–]) ?"
    rf"(?P<s>{_DATE})"
    r"|(?:compar(?:e|es|ed|ing) |comparison (?:of |between ))?(?:in |between )?"
    rf"(?:{_SEASON} )?(?P<p>{_YEAR}) ?(?:/|-> ?|→|{_VERSUS})"
    rf" ?(?:in )?(?:{_SEASON} )?(?P<q>{_YEAR})(?![\w-]|[.,]\d)"
    rf"|compar(?:e|es|ed|ing|ison of) (?P<v>{_YEAR}) (?:and|with|to) (?P<w>{_YEAR})(?![\w-]|[.,]\d)"
    rf"|(?:in|during) (?P<l>{_DAY_AND_MONTH}) ?(?:and|or|to|until|[-–]) ?(?P<m>{_DATE})"
    rf"|(?P<between>between|from) (?:the )?(?P<a>{_DATE})(?: {_PICTURES})? ?(?:and|to|until|till"
    rf"|through|[-–]) ?(?:the )?(?P<b>{_DATE})(?(between)(?: {_PICTURES})?)"
    rf"|(?:(?:in|during|over|for|from) (?:the )?(?:period |years )?)?(?:{_SEASON} )?(?P<c>{_YEAR})"
    rf" ?(?:[-–]|to) ?(?:{_SEASON} )?(?P<d>{_YEAR})(?![\w-]|[.,]\d)(?! ?{UNIT})"
    r"|(?P<since>since|from|in or after|no earlier than|starting (?:in|from)|as of"
    rf"|beginning in) (?P<e>{_DATE})(?: on(?:wards?)?\b)?{_IMAGE}"
    rf"|(?P<after>after|(?<!no )later than|post[ -]) ?(?P<f>{_DATE}){_IMAGE}"
    rf"|(?P<before>before|prior to|(?<!no )earlier than|pre[ -]) ?(?P<g>{_DATE}){_IMAGE}"
    rf"|(?P<until>until|till|up to|by|no later than|in or before) (?P<h>{_DATE}){_IMAGE}"
    rf"|(?:in|during) (?P<j>{_DATE}) (?:and|or) (?P<k>{_DATE})"
    rf"|(?P<in>in|during|within|throughout|on(?= \d)) (?P<i>{_DATE})(?P<later> or later)?{_IMAGE}"
    r"|(?P<decade>in|during|since|from) the (?:(?:early|mid"
    rf"|late)[ -])?(?P<tens>{_CENTURY}\d0)'?s\b"
    r"|(?P<last>in|over|during|within|for|throughout)(?: only)? the (?:last|past"
    rf"|previous) {_SPAN}\b"
    rf"|(?P<ago>(?:since )?{_SPAN.replace('P<', 'P<ago_')} ago)\b"
    r"|(?P<year>(?:(?:since|during) )?(?:last|this) year)\b"
    r"|(?P<event>since|after|before|during|until|following|in the (?:aftermath|wake) of|prior to) "
    rf"(?:(?:the|this|last) )?(?:{_EVENT}(?: (?:of|in) {_YEAR})?|(?:last )?{_SEASON}(?: of {_YEAR}"
    rf"| {_YEAR})?)\b(?! \w+(?:ed|ing)? by\b)"
    rf"|(?P<season>in) (?:the )?(?:last )?{_SEASON}\b(?: of {_YEAR}| {_YEAR})?(?=$|[ ,;.?!]))"
)
_MONTHS_OF = {"d": 1 / 30, "w": 7 / 30, "m": 1, "y": 12, "c": 1200}
# With these words, a date says when a thing was there rather than when it changed.
_COMPARES_DATES = re.compile(
    r"\b(?:not?|never|none|\w+n't|without|absent|missing|than|there|stood|stand(?:ing|s)?"
    r"|exist\w*|visible"
    r"|present|seen|shown|still|already|yet|was|were|only)\b"
)
_LONGEST_CONTRAST = 60
"""Most characters between two dates of one contrast."""
_IN_IMAGE = re.compile(rf"\b(?:in|on|from|at) (?:the )?({_YEAR}) {_PICTURES}")
_BARE_YEAR = re.compile(rf"(?<![\w.,/-]){_YEAR}(?![\w²^/-]|[.,]\d)(?! ?{UNIT})")
_POINT = re.compile(rf"(?:in|during|by) |{_IN_IMAGE.pattern}")
_THAN = re.compile(r"\bthan (?:(?:it|they|there|we) (?:was |were |had |did |have )?)?(?:back )?$")
"""Before the earlier of two dates: "less water than in 2015"."""
_ABSENT = re.compile(
    r"\b(?:not|never|none|no longer|no more|\w+n't|without|absent|missing|gone|than)\b"
)
"""Words that say that something was not there, or less of it, at one of two dates."""
_TELLS_CHANGE = re.compile(
    r"\b(?:chang\w*|differ\w*|alter\w*|convert\w*|replac\w*|turn\w*|bec[ao]me|rebuil\w*"
    r"|transform\w*"
    r"|happen\w*|gain\w*|grew|grown|formed|flooded|expan\w+|shrunk|shrank|dried)\b"
)


@dataclass(frozen=True)
class NamedTime:
    """A date or period that a sentence names."""

    phrase: str
    """Its words, for example "since 2016"."""
    kind: TimeKind
    """``relative`` counts back from the last date; ``event`` has no known date."""
    first: str | None = None
    """First month, for example "2016-01"; None if the period has no start."""
    last: str | None = None
    """Last month; None if the period has no end."""
    months: int | None = None
    """Length of a ``relative`` period."""


def named_times(text: str) -> tuple[NamedTime, ...]:
    """Return the dates and periods of a sentence, in its order.

    Args:
        text: any text.
    """
    plain = write_dates(" ".join(text.lower().split()))
    return _listed(plain, list(_find(plain)))


def take_times(text: str) -> tuple[str, tuple[NamedTime, ...]]:
    """Return the text without its times, and these.

    The words stay in the text if it would lose its meaning without them: "houses since 2016",
    "roads that existed in 2020 but not in 2016".

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    found = list(_find(text))
    times = _listed(text, found)
    pieces, position = [], 0
    for start, end, _ in found:
        pieces.append(text[position:start])
        position = end
    rest = " ".join("".join([*pieces, text[position:]]).split())
    points = sum(
        bool(re.match(r"(?:in|during|before|until|till|by|after) ", t.phrase)) for _, _, t in found
    )
    is_comparison = points > 0 and (
        points > 1 or _COMPARES_DATES.search(_before_first(found, text))
    )
    if not found or is_comparison or not tells_change(rest):
        return text, times
    return rest, times


def _listed(text: str, found: list[tuple[int, int, NamedTime]]) -> tuple[NamedTime, ...]:
    """Return the times of a text; "in 2016 but not in 2012" is one period between two dates."""
    times = tuple(dict.fromkeys(time for _, _, time in found))
    if len(found) == 1 and times[0].first and _THAN.search(text[: found[0][0]]):
        return (replace(times[0], last=None),)
    points = sorted([*found, *_dated_images(text)], key=lambda point: point[:2])
    months = sorted(month for _, _, t in points for month in (t.first, t.last) if month)
    are_dates = all(t.kind == "period" and _POINT.match(t.phrase) for _, _, t in points)
    if len(points) != 2 or not are_dates:
        return times or _bare_years(text)
    before, between = text[: points[0][0]], text[points[0][1] : points[1][0]]
    is_contrast = _ABSENT.search(between) or (" but " in between and _ABSENT.search(before))
    parts = filter(str.strip, (before, between, text[points[1][1] :]))
    is_state = " or " not in between and not any(map(tells_change, parts))
    if len(between) > _LONGEST_CONTRAST or not (is_contrast or is_state) or not months:
        return times
    phrase = text[points[0][0] : points[1][1]]
    return (NamedTime(phrase, "period", months[0], months[-1]),)


def _bare_years(text: str) -> tuple[NamedTime, ...]:
    """Return the period between two years without prepositions: "field 2010, car park 2020"."""
    years = list(_BARE_YEAR.finditer(text))
    ends = sorted({match[0] for match in years})
    if len(years) != 2 or len(ends) != 2 or years[1].start() - years[0].end() > _LONGEST_CONTRAST:
        return ()
    phrase = text[years[0].start() : years[1].end()]
    return (NamedTime(phrase, "period", f"{ends[0]}-01", f"{ends[1]}-12"),)


def _dated_images(text: str) -> Iterator[tuple[int, int, NamedTime]]:
    """Yield "in the 2018 image", which is a date beside another one only."""
    for match in _IN_IMAGE.finditer(text):
        yield (
            match.start(),
            match.end(),
            NamedTime(match[0], "period", f"{match[1]}-01", f"{match[1]}-12"),
        )


def _before_first(found: list[tuple[int, int, NamedTime]], text: str) -> str:
    return " ".join(text[: found[0][0]].split(" ")[-4:])


def tells_change(text: str) -> bool:
    """Return whether a text says that something changes, in one direction or another."""
    is_empty = not re.search(r"\w", text)
    return is_empty or direction_of(text) != "changed" or bool(_TELLS_CHANGE.search(text))


def _find(text: str) -> Iterator[tuple[int, int, NamedTime]]:
    for match in _TIMES.finditer(text):
        yield match.start(), match.end(), _named_time(match)


def _named_time(match: re.Match[str]) -> NamedTime:
    phrase, groups = match[0], match.groupdict()
    if groups["last"]:
        months = _length(groups["number"], groups["few"], groups["unit"])
        return NamedTime(phrase, "relative", months=months)
    if groups["ago"]:
        months = _length(groups["ago_number"], groups["ago_few"], groups["ago_unit"])
        return NamedTime(phrase, "relative", months=months)
    if groups["year"]:
        return NamedTime(phrase, "relative", months=12)
    if not re.search(_YEAR, phrase):
        return NamedTime(phrase, "event")
    return NamedTime(phrase, "period", *_ends(phrase, groups))


def _ends(phrase: str, groups: Mapping[str, str | None]) -> tuple[str | None, str | None]:
    """Return the first and last month of a period."""
    if groups["tens"]:
        start, is_open = int(groups["tens"]), groups["decade"] in ("since", "from")
        return f"{start}-01", None if is_open else f"{start + 9}-12"
    ends = (("a", "b"), ("c", "d"), ("j", "k"), ("p", "q"), ("v", "w"))
    begin, end = next(((groups[a], groups[b]) for a, b in ends if groups[a]), (None, groups["s"]))
    end = end or groups["m"]
    if (groups["r"] or groups["l"]) and end:
        begin = f"{groups['r'] or groups['l']} {re.findall(_YEAR, end)[-1]}"
    if begin and end:
        months = [*_months_of(begin), *_months_of(end)]
        return min(months), max(months)
    first, last = _months_of(phrase)
    event = groups["event"] or ""
    if (
        groups["since"]
        or groups["later"]
        or event.startswith(("since", "after", "following", "in"))
    ):
        return first, None
    if groups["after"]:
        # Of a season, only the year is known, as it differs between north and south.
        return (first if re.search(_SEASON, phrase) else _shifted(last, 1)), None
    if groups["before"]:
        return None, (last if re.search(_SEASON, phrase) else _shifted(first, -1))
    return (
        None if groups["until"] or event.startswith(("before", "prior", "until")) else first
    ), last


def _length(number: str | None, few: str | None, unit: str) -> int:
    count = parse_number(number) if number else 3.0 if few else 1.0
    months = 120 if unit.startswith("decade") else _MONTHS_OF[unit[0]]
    return max(1, round(min(count * months, 12e4)))


def _months_of(date: str) -> tuple[str, str]:
    """Return the first and last month of "2016", "march 2019" or "2016-06-15"."""
    iso = re.search(rf"({_YEAR})-([01]\d)", date)
    if iso and 1 <= int(iso[2]) <= 12:
        return iso[0], iso[0]
    years = re.findall(_YEAR, date)
    year = years[-1]
    words = re.search(rf"\b{_MONTH}", date)
    if words is None:
        return f"{year}-01", f"{year}-12"
    number = next(i for i, name in enumerate(_MONTHS, 1) if name.startswith(words[0][:3]))
    return f"{year}-{number:02d}", f"{year}-{number:02d}"


def _shifted(month: str, months: int) -> str:
    count = int(month[:4]) * 12 + int(month[5:]) - 1 + months
    return f"{count // 12:04d}-{count % 12 + 1:02d}"
