"""Write dates as the grammar knows them: "2012-18", "btw 2012 & 2018", "compared to 2010"."""

from __future__ import annotations

import re

from mtrs_geo.query.classes import class_of
from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.numbers import NUMBER, UNIT

__all__ = ["write_dates"]

_MONTHS = {
    "jan": "january", "feb": "february", "mar": "march", "apr": "april", "jun": "june",
    "jul": "july", "aug": "august", "sep": "september", "oct": "october", "nov": "november",
    "dec": "december",
}  # fmt: skip
_CENTURY = r"(?:1[89]|20)"
_YEAR = rf"{_CENTURY}\d\d"
_PICTURES = (
    r"(?:images?|imagery|pictures?|photos?|orthophotos?|orthos?|scenes?|surveys?|flights?|maps?"
    r"|mosaics?)"
)
_ABSENT = re.compile(r"\b(?:not|never|none|no longer|no more|\w+n't|without|absent|missing|than)\b")
"""Words that say that something was not there, or less of it, at one of two dates."""
_PLAIN_YEAR = rf"{_YEAR}(?![\w²^]|[.,/-]\d)(?! ?{UNIT})"
_SHORT_MONTH = re.compile(
    rf"\b(?P<name>jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.? "
    rf"(?=(?:\d{{1,2}}(?:st|nd|rd|th)?,? )?(?:(?:and|to|until) [\w ]{{0,16}})?{_YEAR}\b)"
)
_DAY_FIRST = re.compile(
    r"(?<![\w/.-])(?:(?P<day>1[3-9]|2\d|3[01])/)?(?P<month>0?[1-9]|1[0-2])/"
    rf"(?P<year>{_YEAR})\b"
)
_SHORT_BETWEEN = re.compile(rf"(?<![\w/])(?:b/w|btwn?|betw?)\.? (?={_YEAR})")
_AND_YEAR = re.compile(rf"(?<=\d\d) ?& ?(?={_PLAIN_YEAR})")
_THROUGH = re.compile(
    rf"\b(?P<a>{_YEAR}) (?:thru|through|till?|until|up to) (?=(?:the )?{_PLAIN_YEAR})(?:the )?"
)
_SHORT_END = re.compile(
    rf"(?<![\w./-])(?P<century>{_CENTURY})(?P<a>\d\d) ?(?P<joint>[-–/]) ?(?P<b>\d\d)"
    rf"(?![\w²^/-]|[.,]\d)(?! ?{UNIT})"
)
"""A year and the last two digits of another one: "2012-18", "2019/20"."""
_SHORT_YEAR = re.compile(
    r"\b(?P<word>since|in|from|after|before|by|until|to|and) ?'(?P<year>\d\d)(?![\w'])"
)
_THIS_CENTURY = 40
"""Two digits below are a year from 2000 on."""
_PICTURE = rf"(?:{_PICTURES}|baseline|situation|state)\b"
_BASE = (
    r"(?:(?:(?:as|when) )?(?:compared|in (?:comparison|contrast)|by comparison|relative|in relation"
    r"|with (?:respect|regard)) (?:to|with)|(?:as |set )?(?<!\bup )against"
    r"|(?<!\d )(?:versus|vs\.?))"
)
_COMPARED = re.compile(
    rf"\b(?:{_BASE} (?:(?:the|a) )?(?:year )?(?P<a>{_PLAIN_YEAR})(?: {_PICTURE})?"
    rf"|(?:with |using |taking |against )?(?:the |a )?(?:baseline|reference)(?: year| date| of)*:? "
    rf"(?P<b>{_PLAIN_YEAR})|(?:(?:with|using|taking) )(?:the )?(?:year )?(?P<c>{_PLAIN_YEAR}) as"
    r" (?:(?:the|a) )?(?:baseline|reference|base)(?: year| date)?"
    rf"|(?:in )?(?P<e>{_PLAIN_YEAR}) ?(?:versus|vs\.?|against|->|to|-|–) ?(?:now|today)\b"
    rf"|(?P<d>{_PLAIN_YEAR}) (?:as )?(?:the )?(?:baseline|reference)(?: year| date)?"
    rf"|{_BASE} (?P<vague>(?:last year|(?:{NUMBER}|a|a few|several) (?:years?|decades?) ago))\b)"
)
"""A date that a change is counted from: "compared to 2010", "baseline 2010"."""
_END_OF_COMPARISON = re.compile(rf",? ?\b(?:in|by|until|till|up to) (?P<end>{_PLAIN_YEAR})")
_MORE = re.compile(
    r"\b(?:more|less|fewer|larger|bigger|smaller|wider|narrower|longer|shorter|greater|higher|lower"
    r"|denser)\b"
)
_THING_ALONE = re.compile(
    r"^(?P<asked>(?:(?:please|show|find|map|list|mark|compare|see|me|us|the|all|any) )*"
    r"(?:[a-z]+ (?:and|or) )?(?P<noun>[a-z]+))(?: now| today)?,? $"
)
"""What is compared with a date, though no word says how it changed: "houses compared to 2010"."""
_SINCE_PICTURE = re.compile(
    rf"\b(?P<word>since|after|before|until|till) (?:the |our )?(?P<year>{_PLAIN_YEAR}) {_PICTURE}"
)
_ON_PICTURE = re.compile(
    r"\b(?P<not>(?:absent|missing) )?(?:on|in|from) (?:the |our )?"
    rf"(?P<year>{_PLAIN_YEAR}) {_PICTURE}"
)
_DATED = re.compile(r"\d\d|\bago\b|\blast year\b")


def write_dates(text: str) -> str:
    """Return a text in which dates are written as the grammar knows them.

    "2012-18", "2012 thru 2018" and "btw 2012 & 2018" are "2012-2018" and "between 2012 and 2018";
    "compared to 2010" and "baseline 2010" are "since 2010", and with "by 2021" they are "between
    2010 and 2021".

    Args:
        text: in lower case, with single spaces.
    """
    if _DATED.search(text) is None:
        return text
    text = _SHORT_MONTH.sub(lambda m: f"{_MONTHS[m['name'][:3]]} ", text)
    text = _DAY_FIRST.sub(_iso, text)
    text = _SHORT_YEAR.sub(_whole_year, text)
    text = _AND_YEAR.sub(" and ", _SHORT_BETWEEN.sub("between ", text))
    text = _SINCE_PICTURE.sub(r"\g<word> \g<year>", text)
    text = _THROUGH.sub(r"\g<a>-", _SHORT_END.sub(_whole_range, text))
    return _with_picture(_compared(text))


def _iso(match: re.Match[str]) -> str:
    day = f"-{int(match['day']):02d}" if match["day"] else ""
    return f"{match['year']}-{int(match['month']):02d}{day}"


def _whole_year(match: re.Match[str]) -> str:
    return f"{match['word']} {20 if int(match['year']) < _THIS_CENTURY else 19}{match['year']}"


def _whole_range(match: re.Match[str]) -> str:
    """Return "2012-2018" for "2012-18"; "2012-06" is a month."""
    begin, end = int(match["a"]), int(match["b"])
    is_season = match["joint"] == "/" and end == begin + 1
    is_month = match["joint"] != "–" and 1 <= end <= 12 and not is_season
    if end <= begin or is_month:
        return match[0]
    return f"{match['century']}{match['a']}-{match['century']}{match['b']}"


def _compared(text: str) -> str:
    """Write "compared to 2010" as "since 2010", or with the end of the period."""
    match = _COMPARED.search(text)
    if match is None:
        return text
    begin = match["a"] or match["b"] or match["c"] or match["d"] or match["e"]
    rest = f"{text[: match.start()]}{text[match.end() :]}"
    years = re.findall(rf"\b{_YEAR}\b", rest)
    if match["vague"] and _MORE.search(rest):
        return text  # "less forest compared to 10 years ago" names the date of the comparison
    if match["vague"] or not years:
        return _counted_from(begin or match["vague"], text[: match.start()], text[match.end() :])
    end = _END_OF_COMPARISON.search(rest)
    if len(years) > 1 or end is None or end["end"] <= begin or end.end() == match.start() - 1:
        return text
    if _ABSENT.search(rest):
        return text  # "not there in 2018" tells of a date
    rest = f"{rest[: end.start()]} between {begin} and {end['end']}{rest[end.end() :]}"
    return " ".join(rest.strip(" ,;:").split())


def _counted_from(date: str, before: str, after: str) -> str:
    """Return "houses that changed since 2010" for "houses vs 2010", else "… since 2010"."""
    rest = before if before else f"{after.strip(' ,:;.?!')} "
    alone = _THING_ALONE.match(rest) if not (before and after.strip(" .?!")) else None
    if alone is None or class_of(alone["noun"]) in ("any", "other"):
        return f"{before}since {date}{after}"
    if direction_of(rest) != "changed" or _MORE.search(rest):
        return f"{before}since {date}{after}"
    return f"{alone['asked']} that changed since {date}"


def _with_picture(text: str) -> str:
    """Add "since 2010" to a loss of what a picture of 2010 shows, or a gain of what it does not."""
    found = list(_ON_PICTURE.finditer(text))
    if len(found) != 1 or len(re.findall(rf"\b{_YEAR}\b", text)) != 1 or "since " in text:
        return text
    way = direction_of(f"{text[: found[0].start()]} {text[found[0].end() :]}")
    if not found[0]["not"] and way != "disappeared":
        return text
    return f"{text.rstrip(' .?!')}, since {found[0]['year']}"
