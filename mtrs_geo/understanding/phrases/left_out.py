"""Write what a sentence leaves out as an exception: "skip the south", "we need no roads"."""

from __future__ import annotations

import re

from mtrs_geo.query.exceptions import write_except
from mtrs_geo.query.sizes import POLYGONS

__all__ = ["write_exceptions", "write_orders"]

_PART = (
    r"(?:part|parts|portion|side|half|quarter|quadrant|corner|edge|margin|border|end|third"
    r"|section|sector"
    r"|region|zone|area|centre|center|middle)"
)
_WAY = (
    # "The northernmost" alone is a rank.
    rf"(?:(?:north|south|east|west)(?:ern|ernmost(?= {_PART}))?|north[- ]?(?:east|west)(?:ern)?"
    r"|south[- ]?(?:east|west)(?:ern)?"
    r"|ne|nw|se|sw|top|bottom|upper|lower|left(?:[- ]hand)?|right(?:[- ]hand)?|centre"
    r"|center|central|middle|mid|midst|heart)"
)
_SCENE = r"(?:image|scene|map|picture|area|tile|view|photo|frame|study area)"
_PLACE = (
    r"(?:(?:in|at|from|on) )?(?:the |its )?(?:(?:far|very"
    rf"|exact) )?(?P<place>{_WAY}(?:[- ]{_WAY}){{0,2}})(?: {_PART}){{0,2}}"
    rf"(?: of (?:the )?(?:whole |entire )?{_SCENE})?(?! ?(?:images?|pictures?|photos?"
    r"|scenes?|ones?|of|-)\b)(?![\w-])"
)
_LEAVE = (
    r"(?:skip(?:ping)?|omit(?:ting)?|ignor(?:e|ing)|leav(?:e|ing) out|exclud(?:e|ing)"
    r"|disregard(?:ing)?"
    r"|outside(?: of)?|other than|beyond|except|save|(?:we|i) don't need"
    r"|(?:do not|don't|without|not)"
    r" (?:to )?(?:includ(?:e|ing)|count(?:ing)?|look(?:ing)? at)"
    r"|without to count|never mind(?: about)?|i (?:do not|don't) care about|i(?: have|'ve)?"
    r" already checked|(?:but )?(?:not|nothing|never)(?= (?:in|at|from) )"
    r"|(?:but )?elsewhere than|found elsewhere than|without|no(?= (?:left|right)))"
)
_WHOLE = (
    r"(?:for |in |over |from |found )?(?:all|everywhere|anywhere|everything|the (?:entire"
    rf"|whole)|(?:in )?the rest)(?: of)?(?: the)?(?: {_SCENE})?"
)
_NO_INTEREST = (
    r"(?:(?:can|should|may|must|is to) (?:please )?(?:be )?(?:left out|excluded|ignored"
    r"|skipped|omitted|disregarded)|(?:is |being )?(?:of no interest|excluded|excepted|left"
    r" out|not interesting|not needed)"
    r"|(?:doesn't|does not) (?:interest (?:me|us)|matter|count)|not counted|please not|not"
    r" please|not)"
)
_ANYTHING = r"(?:(?:anything|everything|what is|whatever is|those|all) )?"
_POLITE = r"(?:please |kindly |but |and |though |just )*"
_ONLY_PLACE = re.compile(
    rf"^{_POLITE}(?:ignore|skip|disregard|leave out) (?:all|everything|anything) (?:but"
    rf"|except|outside(?: of)?) {_PLACE}[,:;]? ?(?:and )?"
)
_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^{_POLITE}{_LEAVE} {_ANYTHING}{_PLACE}(?:[,:;.]|,? and\b|,? but\b)(?= ?\w)",
        rf"^{_PLACE} {_NO_INTEREST}[,:;.] ?",
        rf"[,;.]? ?{_POLITE}{_WHOLE},? (?:with )?(?:but|except|other than|excluding|outside"
        rf"|without|save)(?: for| in| from)? {_PLACE}(?: not)?[ .?!]*$",
        rf"(?:[,;.]? ?{_POLITE}{_WHOLE})?[,;.]? ?(?:\(|- )?{_POLITE}(?:with )?{_PLACE}"
        rf" {_NO_INTEREST}[) .?!]*$",
        rf"(?:[,;.]? ?{_POLITE}{_WHOLE})?(?:[,;.] ?| )(?:\(|- )?{_POLITE}(?:but )?{_LEAVE}"
        rf" {_ANYTHING}{_PLACE}(?: please)?[) .?!]*$",
    )
)
_THING = r"(?P<thing>(?!(?:the )?(?:other|rest|all|changes?)\b)[a-z][a-z' -]{1,40}?)"
_ALL = (
    r"(?:all |any |every |each |the |show |of |everything |we need |i want )*changes?(?: of"
    r" everything)?"
)
_REST = (
    r"(?:show |highlight |mark |map |i want |please |kindly |only |just |but |and |in |me |all "
    r"|the |rest of |other |remaining )*(?:other |remaining |rest of (?:the )?|all |else"
    r" )(?:the )?(?:changes?|has changed)"
)
_CLASS_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^{_ALL},? (?:(?:that|which|what) )?(?:(?:is|are|do|does) )?(?:but |just |though "
        r"|please )*(?:not|no|without)(?: (?:involv(?:e|ing)|concern(?:ing)?|relat(?:e|ed"
        rf"|ing) to|relate to|affect(?:ing)?|in|of|to))* {_THING}[ .?!]*$",
        rf"^{_POLITE}(?:ignor(?:e|ing)|leav(?:e|ing) out|disregard(?:ing)?|skip|no|not|(?:i"
        rf" am|i'm|we are) not interested in) {_THING},? {_REST}(?: please)?[ .?!]*$",
        rf"^{_THING} (?:excluded|excepted|left out|not interesting|(?:is|are) of no"
        r" interest)[,;:] (?:all |the )*(?:other )?changes?[ .?!]*$",
        rf"^{_ALL},? {_POLITE}(?:leav(?:e|ing) out|ignor(?:e|ing)|skip) {_THING}[ .?!]*$",
        r"^(?:what|which|where)(?: else)? (?:has |have |did |anything )*chang(?:e|ed),?"
        r" (?:(?:if|when) (?:we|you|i) (?:do not|don't) look at|not|without counting"
        rf"|disregarding|ignoring|apart from) {_THING}[ .?!]*$",
        r"^(?:what|which|where)(?: else)? (?:has |have |did |anything )*chang(?:e|ed),"
        rf" {_THING} (?:excepted|excluded|left out)[ .?!]*$",
        rf"^(?:disregarding|ignoring|without counting) {_THING}, what (?:else )?(?:has"
        r" )?changed[ .?!]*$",
        rf"^{_POLITE}ignore (?:the )?changes? (?:of|in|to) {_THING}[ .?!]*$",
        r"^(?:everything|anything|all) (?:that |which )?(?:has )?changed,? (?:that|which)"
        rf" (?:is|are) not {_THING}[ .?!]*$",
        rf"^which changes do not (?:relate to|concern|affect|involve) {_THING}[ .?!]*$",
    )
)
_LEADING = re.compile(
    r"^(?:(?:except(?:ing)?|apart|aside|other|besides?|excluding|leaving (?:aside|out)|save|barring"
    r"|unlike)\b(?: (?:for|from|than))?) (?P<thing>[^,;:.]{2,60})(?:[,;:]| -)? (?P<rest>[^,].*)$"
)
_NOT_PLACE = re.compile(
    r"[,;]? ?(?:\(|- )?(?:but |just |only |though )*(?:not|never) (?P<place>(?:in |at )?"
    rf"(?:the |its )(?:far |very )?{_WAY}(?:[- ]{_WAY}){{0,2}} {_PART}(?: {_PART})?)[) .?!]*$"
)
_OMIT = (
    r"(?:exclud(?:e|ing)|excl\.?|omit(?:ting)?|skip(?:ping)?|ignor(?:e|ing)|leav(?:e|ing) out"
    r"|disregard(?:ing)?|drop(?:ping)?|discard(?:ing)?|w/o|sans|bar(?:ring)?|minus"
    r"|not count(?:ing)?)"
)
_LAST_OMITTED = (
    re.compile(rf"[,;(]+ ?{_POLITE}{_OMIT} {_THING}(?: please)?[) .?!]*$"),
    re.compile(
        r"[,;(]+ ?(?:with |the |all )*(?P<thing>[a-z][a-z' -]{2,30}?) (?:are |is |to be |being )?"
        r"(?:excluded|excepted|left out|omitted|disregarded|not included"
        r"|not counted|aside)[) .?!]*$"
    ),
)
"""What the end of a sentence leaves out: "new sheds, ignore greenhouses"."""
_THOSE = (
    r"(?:(?:all |any )?(?:of )?(?:the |those )?(?:ones?|those)|all|any|anything|everything|whatever"
    r"|what)(?: (?:that |which )?(?:is|are|lies?))?"
)
_PUT_OUT = (
    r"(?P<order>(?:filter|mask|screen|weed|sort)(?:ing)? (?:out|away)|reject(?:ing)?|hid(?:e|ing)"
    r"|cancel(?:l?ing)?|delet(?:e|ing)|discard(?:ing)?|suppress(?:ing)?)"
)
_TAKE_OUT = (
    r"(?:remov(?:e|ing)|eliminat(?:e|ing)|(?:tak|strik)(?:e|ing) (?:out|away|off)|eras(?:e|ing)"
    r"|(?:cut|throw|cross|kick)(?:ting|ing)? (?:out|away|off)|get(?:ting)? rid of)"
)
"""Orders that may be a change as well: "remove trees"."""
_NOT_BEFORE_THING = (
    rf"(?! (?:(?:the|these|those|new|old) )*(?!{POLYGONS}\b|(?:less|across|towards)\b)[a-z-]+s\b)"
)
_ORDER = re.compile(
    rf"(?P<start>^|[,;.:(] ?|(?:,? (?:and|but|then)| [-–—]) ){_POLITE}"
    rf"(?:{_PUT_OUT}(?= (?!(?:by|in|at|on)\b)[a-z])"
    rf"|{_TAKE_OUT}(?= (?:{_THOSE}\b{_NOT_BEFORE_THING}"
    rf"|{_PLACE.replace('?P<place>', '?:')}[) .?!]*$)))"
)
_SIZE_NEXT = re.compile(r" (?:below|under|above|over|[a-z]+er than|(?:less|more) than) ?\d")
_OMITTED_PLACE = re.compile(
    rf"[,;]? ?{_POLITE}(?:{_OMIT}|not|without) (?:the |any )?(?:ones?|those|anything|what is"
    rf"|whatever is|(?<!not )(?<!without ){_THOSE}) (?P<place>(?:near|nearby|close|in|on|along"
    r"|alongside|within|beside|next|by|at|inside|around|touching|bordering|under|behind)\b"
    r"(?:(?! but )[^,;.?!])+?)[ .?!]*$"
)
_NOT_THERE = re.compile(
    r" (?:that|which) (?:is|are|was|were|do|does) not (?:lie |stand |situated |located )?"
    r"(?P<place>(?:in|on|along|inside|within|by|alongside|beside) (?:the|an?) "
    r"(?![a-z ]*\b(?:images?|photos?|photographs?|pictures?|scenes?|maps?|orthophotos?|surveys?)\b)"
    r"[a-z ]+?)[ .?!]*$"
)
"""What does not stand somewhere: "new ponds that are not in the forest"."""
_NO_KIND = re.compile(
    rf"^(?:the )?{_WAY}\b|\d|\b(?:near|nearby|close|within|along|next|beside|around|inside|between"
    r"|larger|smaller|bigger|and not|but)\b"
)
"""No kind of ground: a place, or what lies near something."""
_LOOSE_END = re.compile(r"[ ,;:.]*\b(?:only|(?:that|which) (?:is|are)|located|but|and)$")


def write_orders(text: str) -> str:
    """Return a text with "leave out" for other orders that put something out of the answer.

    "New buildings, remove those near the road" tells of no road and of no loss.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """

    def leave_out(match: re.Match[str]) -> str:
        is_size = _SIZE_NEXT.match(text, match.end()) is not None
        start = ", " if match["start"].strip() else ""
        return f"{start}{'ignore anything' if is_size else 'leave out'}"

    return _ORDER.sub(leave_out, text)


def write_exceptions(text: str) -> str:
    """Return a sentence with the places and kinds that it leaves out as "except …".

    "Skip the south: new roads" becomes "new roads, except those in the south", and "changes, no
    water" becomes "all changes except water".

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    text = write_except(text)
    for form in _CLASS_FORMS:
        match = form.search(text)
        if match and not _NO_KIND.search(match["thing"]):
            return f"all changes except {match['thing']}"
    match = _LEADING.search(text)
    if match and ("," in text or ":" in text or ";" in text):
        return f"{match['rest'].rstrip(' .?!')}, except {match['thing']}"
    last = _last_omitted(text)
    if last:
        return last
    match = _NOT_PLACE.search(text)
    if match and match.start():
        place = match["place"].removeprefix("in ").removeprefix("at ")
        return f"{text[: match.start()]}, except those in {place}"
    match = _ONLY_PLACE.search(text)
    if match and match.end() < len(text):
        return f"{text[match.end() :]}, in the {_name_of(match['place'])}"
    for form in _FORMS:
        match = form.search(text)
        rest = f"{text[: match.start()]} {text[match.end() :]}".strip(" ,;:.") if match else ""
        if match and rest:
            rest = _LOOSE_END.sub("", rest)
            return f"{rest}, except those in the {_name_of(match['place'])}"
    return text


def _last_omitted(text: str) -> str:
    """Return a sentence with what its end leaves out as an exception, or an empty text."""
    match = _OMITTED_PLACE.search(text) or _NOT_THERE.search(text)
    if match and match.start():
        return f"{text[: match.start()]}, except those {match['place']}"
    for form in _LAST_OMITTED:
        match = form.search(text)
        if match and match.start() and not _NO_KIND.search(match["thing"]):
            return f"{text[: match.start()]}, except {match['thing']}"
    return ""


def _name_of(place: str) -> str:
    """Return the compass name of a place: "top right-hand" is the north-east."""
    words = (
        ("north", r"north|\bn[ew]\b|top|upper"), ("south", r"south|\bs[ew]\b|bottom|lower"),
    ), (("east", r"east|\b[ns]e\b|right"), ("west", r"west|\b[ns]w\b|left"))  # fmt: skip
    found = [
        next((name for name, pattern in axis if re.search(pattern, place)), "") for axis in words
    ]
    names = [name for name in found if name]
    is_middle = re.search(r"cent|mid|heart", place) is not None
    if is_middle and names:
        return f"{names[0]}-centre" if found[0] else f"centre-{names[0]}"
    return "-".join(names) or "centre"
