"""Write what nobody touched, what was there all along, and what came to where none was.

"Oaks nobody has felled" becomes "oaks that were not touched", "there all along" becomes "still
there", and "a pool where there was none" becomes "a pool that appeared".
"""

from __future__ import annotations

import re

from mtrs_geo.query.direction import direction_of
from mtrs_geo.understanding.lexicon import english

__all__ = ["write_earlier", "write_untouched"]

_END = r"(?=$|[,;:.!?]| (?:in|near|along|since|within|by|on|inside|between|at|so far|either)\b)"
_OLD = r"(?:first|old|older|oldest|early|earlier|earliest|previous|former|original|initial)"
_IMAGE = r"(?:images?|pictures?|photos?|scenes?|dates?|maps?|surveys?|visits?|shots?|one)"
_THEN = (
    r"(?:before|earlier|previously|formerly|originally|then|back then|at first|initially|once"
    rf"|in the past|at t ?[01]|(?:in|on|at) (?:the )?{_OLD} {_IMAGE})"
)
_NOW = (
    r"(?:now|today|there now|at present|these days|at t ?[12]|(?:in|on|at) (?:the )?(?:second|new"
    rf"|newer|later|latest|last|current)(?: {_IMAGE})?)"
)
_NOBODY_TOUCHED = re.compile(
    r"(?:,? (?:that|which|and))? (?:nobody|no[ -]one|none of (?:us|them|you)|not a soul)"
    r" (?:(?:has|have|had|ever|even|so far|yet) )*(?:touched|changed|altered|felled|cut(?: down)?"
    r"|chopped(?: down)?|demolished|destroyed|removed|cleared|harmed|damaged|flattened"
    r"|(?:pulled|knocked|tore|torn|took|taken|broke|broken) down|dismantled|razed|bulldozed"
    r"|uprooted|drained|filled in)(?: (?:yet|so far|any of them|them|it))*" + _END
)
_ALL_ALONG = re.compile(
    r"\b(?:(?P<are>has|have|had|was|were|is|are) )(?:(?:just|simply|both) )*"
    r"(?:always been (?:there|here|standing|in place)(?: (?:all along|all the time))?"
    r"|(?:been )?(?:there|here|standing(?: (?:there|here))?|in place)"
    r" (?:all along|all the (?:time|while|years)|(?:the|this) (?:whole|entire) time|throughout"
    r"|right from the start|from the (?:very )?(?:start|beginning|outset)|since forever))" + _END
)
_AS_THEY_DID = re.compile(
    r"(?<!not )(?<!n't )(?<!never )(?<!longer )(?<!hardly )(?<!nothing )(?<!barely )"
    r"\blook(?:s|ed|ing)? (?:(?:just|exactly|precisely|pretty much|very much|still|all) )*"
    r"(?:(?:as|like|the way|the same as) (?:they|it) (?:(?:always|once) )*(?:did|looked|used to"
    rf"|were|was|have|has)(?: {_THEN})*|(?:like|the same as) before)" + _END
)
_NOT_AS_THEY_DID = re.compile(
    r"\b(?:(?:do|does|did)(?: not|n't) look|no longer looks?)"
    r" (?:(?:exactly|quite|just|anything) )*(?:as|like|the way"
    rf"|the same as) (?:they|it) (?:did|looked|used to|were|was)(?: {_THEN})*" + _END
)
_WHERE_NONE = re.compile(
    r"(?: (?:in|at|on)(?: (?:a|the|some))? (?:places?|spots?|sites?|areas?))? (?:where|in which)"
    r" (?:there|we|they|you|it)(?: (?:previously|formerly|once|before))? (?:(?:was|were|used to be"
    r"|had been|have been|has been|had) (?:(?:previously|formerly|once|before) )?"
    rf"(?:none|nothing|not any)|(?:was|were|had)n't any)(?: at all)?(?: {_THEN})*"
    r"(?: (?:before|prior to|until) (?:the )?[a-z]+)?(?=$|[,;:.!?])"
)
_WHERE_NO_MORE = re.compile(
    r"^(?P<ask>(?:(?:please|show|find|map|mark|list|me|us|all|the|any) )*)(?:(?:places?|areas?"
    r"|spots?|sites?) )?where there(?:'s| is| are) no (?P<thing>[a-z-]+(?: [a-z-]+)?)"
    r" (?:any ?more|any longer)" + _END
)
_OTHER_DATE = re.compile(
    r"\b(?:but|except|until|now|later|afterwards?|second|new(?:er)? (?:image|picture|photo|scene)"
    r"|any ?more|any longer|no|not|never|nobody|gone|\w+n't)\b"
)
"""Words beside it that may tell of the other date, or turn it round."""
_A_FEW = re.compile(
    r"(?<!only )(?<!just )(?<!but )(?<!very )\b(?P<the>the|a|an|my|our|your|his|her|their|these"
    r"|those|this|that) (?P<few>few|little) (?P<thing>(?:[a-z-]+ )?[a-z-]+)"
)
_STANDS = re.compile(
    r"\b(?:still|stands?|standing|stood|remain\w*|surviv\w*|left|stay\w*|kept|unchanged|intact"
    r"|untouched|spared)\b"
)
_UNTIL_RECENTLY = re.compile(
    r"\b(?:up )?(?:until|till) (?:(?:very|quite|only|just|fairly) )?(?:recently|lately|not long ago"
    r"|(?:a few|some|a couple of) (?:years|months|weeks) ago)\b"
)
"""The earlier date: nothing is new that was there until recently."""
_WAS_BEFORE = re.compile(
    r"^(?:before |previously |formerly )?(?:there (?:was|were)|(?P<asks>(?:was|were) there)) "
    r"(?P<thing>(?!no\b|not\b|none\b|nothing\b|never\b|hardly\b|few\b|little\b)(?:[a-z-]+ ){1,4}"
    r"?(?:here|there|on this [a-z]+)?) ?(?:before|previously|formerly|in the past|back then)"
    r"(?=[ .!?]*$)"
)
"""What was there at the earlier date: "there was a pond here before"."""
_WAS_THERE = re.compile(
    r"(?:(?:\b(?:that|which)|(?P<asks>^(?:which|what)(?: [a-z-]+){1,3})) "
    r"(?:(?:was|were|had been|used to be)(?: still)?(?: standing| present)? (?:there|here)"
    r"|(?:had )?(?:stood|existed)(?: (?:there|here))?)"
    r"|(?<!\bwas )(?<!\bwere )(?<!\bis )(?<!\bare )(?<=[a-z] )(?:there|here)"
    r"(?= (?:previously|until)\b))"
    r" (?:previously|(?P<before>before|formerly|in the past|back then)"
    r"|(?:up )?(?:until|till) (?:last (?:year|month|week|summer|winter|spring|autumn|fall)"
    r"|(?P<year>(?:19|20)\d\d)))"
    r"(?=[ .!?]*$| (?:in|on|near|along|by|beside|at|within) )"
)
"""What was there at the earlier date, behind its name: "barns that stood here until 2015"."""
_DENIES = re.compile(r"\b(?:no|not|none|never|\w+n't)\b")
_NOTHING_MADE = re.compile(
    rf"\bnothing (?:was|has been|had been|were|is) (?P<verb>built|paved|planted|constructed|erected"
    rf"|asphalted|surfaced|sown)(?: (?:here|there))?(?: {_THEN})*,?(?: (?:but|and|yet))?"
    rf"(?: {_NOW})?,? (?:there )?(?:something|some) (?:is|was|has been|has)(?: {_NOW})*"
    r"(?=[ .?!]*$)"
)


def write_untouched(text: str) -> str:
    """Return a text with what nobody touched, or what was nowhere before, in known words.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    text = _NOTHING_MADE.sub(_made, write_earlier(text))
    text = _WHERE_NO_MORE.sub(r"\g<ask>\g<thing> that disappeared", text)
    touched = _NOBODY_TOUCHED.search(text)
    if touched and _is_alone(text[: touched.start()], text[touched.end() :]):
        text = f"{text[: touched.start()]} that were not touched{text[touched.end() :]}"
    text = _ALL_ALONG.sub(_still, text)
    text = _NOT_AS_THEY_DID.sub("changed", _AS_THEY_DID.sub("look the same", text))
    text = _A_FEW.sub(_some, text) if _STANDS.search(text) else text
    none = _WHERE_NONE.search(text)
    if none and _is_alone(text[: none.start()], text[none.end() :]):
        text = f"{text[: none.start()]} that appeared{text[none.end() :]}"
    return text.strip()


def write_earlier(text: str) -> str:
    """Return a text with "previously" for "until recently", which tells of nothing new.

    "There was a pond here before" becomes "there used to be a pond here", and "a barn that was
    there until 2015" becomes "a barn that disappeared since 2015".

    Args:
        text: in lower case.
    """
    text = _WAS_BEFORE.sub(_used_to_be, _UNTIL_RECENTLY.sub("previously", text))
    return _WAS_THERE.sub(_gone, text)


def _gone(match: re.Match[str]) -> str:
    what = match["asks"] or ""
    before = match.string[: match.start()] + what
    if direction_of(before) != "changed" or _DENIES.search(before):
        return match[0]  # "houses built near the barn that was here before", "not there before"
    if what and match["before"]:
        return match[0]  # "what buildings were here before": some may still be.
    since = f" since {match['year']}" if match["year"] else ""
    return f"{what} that disappeared{since}".strip()


def _used_to_be(match: re.Match[str]) -> str:
    if direction_of(match["thing"]) != "changed":
        return match[0]  # "there was a house built here before"
    thing = match["thing"].strip()
    return (
        f"{match['asks']} {thing} that disappeared"
        if match["asks"]
        else (f"there used to be {thing}")
    )


def _is_alone(before: str, after: str) -> bool:
    """Return whether nothing else in a text tells of a change, of a date or of what is not."""
    is_other = _OTHER_DATE.search(before) or _OTHER_DATE.search(after)
    return bool(before.strip()) and not is_other and direction_of(f"{before} {after}") == "changed"


def _some(match: re.Match[str]) -> str:
    """Return "some trees" for "a few trees", which denies nothing, and "the small wood"."""
    if not any(s.land_cover for s in english().segments(match["thing"])):
        return match[0]
    if match["few"] == "little":
        return f"{match['the']} small {match['thing']}"
    return f"{'some' if match['the'] == 'a' else match['the']} {match['thing']}"


def _still(match: re.Match[str]) -> str:
    return f"{'is' if match['are'] in ('has', 'is', 'was') else 'are'} still there"


def _made(match: re.Match[str]) -> str:
    """Return "new paved ground" or what else was made where there was nothing."""
    if match["verb"] in ("paved", "asphalted", "surfaced"):
        return "new paved ground"
    return "new plants" if match["verb"] in ("planted", "sown") else "new buildings"
