"""Write what is not there any more, or still as it was, as a plain loss or as what stayed.

"Places without a beach that used to have one" are "beach that disappeared", "blocks in ruins" are
destroyed, and "not wet now though they were in 2016" is "water that disappeared since 2016".
"""

from __future__ import annotations

import re

from mtrs_geo.query.classes import class_of

__all__ = ["write_gone"]

_WORD = r"[a-z-]{1,40}"
_THING = rf"(?P<thing>(?:{_WORD} )?{_WORD})"
_PLACES = re.compile(r"(?:place|spot|site|area|plot|parcel|lot)s?")
_WHERE = rf"(?:(?:(?:the|any|all) )?\b(?P<where>{_WORD}) )?"
_HAD = (
    r"(?:(?:that|which|who|but|and|though|although|where there)(?: (?:they|it))? |, ?)+"
    r"(?:(?:once|formerly|previously|originally) )?"
    r"(?:used to have|had|did have|have had|has had|used to be)(?: once)? "
)
_SOME = r"(?:one|some|them|it|any|plenty|many)"
_NONE = r"(?:none|no such thing|nothing of the kind)"
_EARLIER = r"(?: (?:before(?:hand)?|once|earlier|previously|in the past|then|there))*"
_END = r"(?=$|[,;.?!]| (?:in|at|on|near|by|along|since|between|before|after|within)\b)"
_STATES = {
    "water": r"wet|flooded|inundated|submerged|under ?water|waterlogged",
    "vegetation": r"green|wooded|forested|treed|grassy|grassed|vegetated|planted|overgrown",
    "buildings": r"built(?: |-)(?:up|over|on)|developed|urbani[sz]ed",
    "paved ground": r"paved|asphalted|concreted|tarmacked|sealed",
}
"""What is there, and the words for it: a part of those of `phrases.states`."""
_STATE = "|".join(f"(?P<s{i}>{words})" for i, words in enumerate(_STATES.values()))
_GROUND = (
    r"(?:(?:land|ground|terrain|areas?|surfaces?|plots?|parcels?|sites?|places?|spots?|zones?)"
    r"(?: that| which)?(?: is| are)? )?"
)
_NOW = r"(?:now|today|nowadays|currently|any ?more|(?:in|by) (?P<late>(?:19|20)\d\d))"
_THOUGH = (
    r",? (?:al)?(?:though|but|while|whereas|yet|even though|even if)"
    r"(?: (?:it|they|this|these|that|which))?"
)
_WAS = r" (?:was|were|had been|used to be)(?: so| it)?"
_WHEN = r"(?: (?:in|back in) (?P<early>(?:19|20)\d\d)| before| once| earlier| then| previously)?"
_WAS_SO = re.compile(rf"\b{_GROUND}not (?:{_STATE}) {_NOW}{_THOUGH}{_WAS}{_WHEN}(?=$|[,;.?!])")
_WAS_NOT = re.compile(
    rf"\b{_GROUND}(?:{_STATE}) {_NOW}{_THOUGH} (?:was|were|had) ?(?:not|n't)(?: been)?(?: so)?"
    rf"{_WHEN}(?=$|[,;.?!])"
)
_UNTIL_NOW = r"(?:up )?(?:until|till|to|up to) (?:now|today|the present(?: day)?)\b"
_AS_IT_WAS = (
    r"empty|vacant|undeveloped|unbuilt|bare|green|open|there|here|standing|in place|wooded"
    r"|unpaved|dry|free"
)
_HAD_ONE = re.compile(
    rf"{_WHERE}(?:(?:that|which) (?:have|has) |with )?(?:without|no|lacking)(?: (?:an?|any))?"
    rf" {_THING} {_HAD}{_SOME}{_EARLIER}{_END}"
    rf"|\b(?P<place>{_WORD}) (?:that|which) used to have (?:an? )?"
    rf"(?P<lost>(?!{_SOME}\b|{_NONE}\b|no\b){_WORD})(?=[ .?!]*$)"
)
"""Places without a beach that used to have one."""
_HAD_NONE = re.compile(
    rf"{_WHERE}(?:(?:that|which) (?:have|has) |with )(?:an? |some )?(?!no ){_THING}"
    rf" {_HAD}{_NONE}"
    rf"{_EARLIER}{_END}"
)
"""Plots with a house that used to have none."""
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # Barracks raised to the ground: a usual slip for "razed".
        (r"\braised (?=(?:right |completely |entirely )?(?:down )?to (?:the )?(?:ground|earth)\b"
         r"(?! (?:level|floor|height)))",
         "razed "),
        (r"\brazed to ground\b", "razed to the ground"),
        (
            r"\b(?:(?:left|lies?|lying|lay|laid|fell|fallen|is|are|was|were|now|standing|stand) )"
            r"{0,4}"
            r"(?<!\bthe )in(?:to)? ruins\b",
            "were destroyed",
        ),
        # Neighbourhoods reduced to rubble are rubble now.
        (r"^(?P<lead>(?:(?:show|find|map|mark|please|me|all|everything|anything|what was) )*)"
         r"reduced to (?=(?:rubble|debris)\b)", r"\g<lead>buildings turned into "),
        (
            r"\b(?:reduced|bombed|blasted|shelled|pounded|crushed|blown)(?: up)? (?:in)?to"
            r" (?:an? )?(?:(?:heap|pile|field|mountain)s? of )?(?=(?:rubble|debris)\b)",
            "turned into ",
        ),
        # Empty plots that are empty until now.
        (
            rf"\b(?P<be>is|are|have been|has been)(?: left)? (?P<state>{_AS_IT_WAS})"
            rf" {_UNTIL_NOW}",
            r"\g<be> still \g<state>",
        ),
        (r"\breduced to (?:an? )?(?:puddle|trickle|half|third|quarter|fraction|remnant)s?\b",
         "reduced"),
        (rf"\bstanding {_UNTIL_NOW}", "still standing"),
        (rf"\b(?P<verb>stands?|exists?|remains?) {_UNTIL_NOW}", r"still \g<verb>"),
    )
)  # fmt: skip


def write_gone(text: str) -> str:
    """Return a text in which what is gone is lost, and what is so until now is still so.

    Args:
        text: in lower case.
    """
    for pattern, replacement in _FORMS:
        text = pattern.sub(replacement, text)
    text = _HAD_ONE.sub(_lost, _HAD_NONE.sub(_gained, text))
    return _WAS_NOT.sub(_came, _WAS_SO.sub(_went, text))


def _lost(match: re.Match[str]) -> str:
    """Return "beach that disappeared", and where that was, unless it was at any place."""
    where = match["where"] or match["place"] or ""
    return f"{match['thing'] or match['lost']} that disappeared{_inside(where)}"


def _gained(match: re.Match[str]) -> str:
    return f"new {match['thing']}{_inside(match['where'] or '')}"


def _inside(where: str) -> str:
    if not where or _PLACES.fullmatch(where):
        return ""
    return f" {'along' if class_of(where) == 'road' else 'in'} the {where}"


def _went(match: re.Match[str]) -> str:
    return f"{_state(match)} that disappeared{_period(match)}"


def _came(match: re.Match[str]) -> str:
    return f"new {_state(match)}{_period(match)}"


def _state(match: re.Match[str]) -> str:
    return next(name for i, name in enumerate(_STATES) if match[f"s{i}"])


def _period(match: re.Match[str]) -> str:
    """Return the period between the dates of two states as words: " between 2012 and 2018"."""
    early, late = match["early"], match["late"]
    if early and late and early < late:
        return f" between {early} and {late}"
    return f" since {early}" if early and not late else ""
