"""Drop what is said not to be asked for: "not the new houses, the demolished ones".

"Ignore cars and show the new buildings" asks for buildings; what is of their own kind, such as
sheds, is an exception.
"""

from __future__ import annotations

import re

from mtrs_geo.query.grammar import split_sentence
from mtrs_geo.query.wishes.words import GAINS, LOSSES, thing_words, way_of
from mtrs_geo.understanding.phrases.request_words import (
    ONES,
    ORDER,
    POLITE,
    PRONOUN,
    REQUEST,
    WANT,
    WE,
    Asked,
    has_condition,
    is_wish,
    kind_of,
    prompt_of,
    thing_told,
)

__all__ = ["without_courtesy", "without_denied"]

_NOT_ALONE = r"(?:only|just|merely|solely|simply|exclusively)\b"
"""Behind "not" of "not only new houses, also felled trees", which asks for both."""
_NOT_ONLY_START = re.compile(
    rf"^(?P<start>{POLITE}(?:{ORDER} |{WANT} )?)(?P<only>not {_NOT_ALONE})"
)
_NOT_ONLY = re.compile(
    rf"{_NOT_ONLY_START.pattern} (?P<one>[^,;.]{{3,80}}?)"
    r"(?:,? but(?: also| as well)?|, also) (?P<two>[^,;.]{3,160}?)(?: too| as well| also)?[ .?!]*$"
)
_NOT_ONLY_VERB = re.compile(
    rf"(?P<only>(?P<verb>\b(?:did|do|does|have|has|had|is|are|was|were))(?: not|n't) {_NOT_ALONE}) "
    r"(?!(?:in|at|on|near|along|within|by|next|close|beside|inside)\b)(?P<rest>[^.;:]+)"
)
"""A change that is not the only one: "they did not only cut trees, they also built houses"."""
_ADDS = re.compile(r"\b(?:but|also|too|as well|even)\b")
_DENIED = (
    re.compile(
        rf"^(?:{POLITE}(?:{ORDER} |{WANT} )?)?not (?!{_NOT_ALONE})(?P<no>[^,;.]{{3,80}}?)"
        rf"(?:[,;.] ?(?:but )?|,? but )(?:rather |just |only )?(?P<yes>[^,;.].*)$"
    ),
    re.compile(
        r"^(?P<yes>[^,;]{3,120}?)(?:, (?:and |but )?| (?:and|but|-) )not "
        r"(?!(?:yet|because|due|by|for|to|as|if|only|so|just|until|when|after|before|since"
        rf"|{_NOT_ALONE})\b)"
        r"(?P<no>[^,;.]{3,80}?)[ .?!]*$"
    ),
    re.compile(
        rf"^{POLITE}(?:instead of|rather than) (?P<no>[^,;.]{{3,80}}?),? (?P<yes>{ORDER}.*)$"
    ),
    re.compile(
        rf"^{POLITE}(?:instead of|rather than) (?P<no>[^,;.]{{3,80}}?), (?P<yes>[^,;.?!]+)[ .?!]*$"
    ),
    re.compile(
        rf"^(?P<yes>{POLITE}(?:{ORDER}|{WANT}) [^,;]{{3,120}}?),? rather than"
        r" (?P<no>[^,;.]{3,80}?)[ .?!]*$"
    ),
    re.compile(
        rf"^{WE}(?:do not|don't) (?:want|need) (?P<no>[^,;.]{{3,80}}?)[,;.] ?(?:but )?"
        rf"(?:{WANT} )?(?:only |just )?(?P<yes>[^,;.].*)$"
    ),
    re.compile(
        r"^no (?!longer\b|more\b)(?P<no>[^,;.]{3,80}?)(?:[,;] ?| but |, but )(?:only|just)"
        r" (?P<yes>[^,;.].*)$"
    ),
)
"""What is wanted, and what is not: "not the new houses, the demolished ones"."""
_ONLY = (
    rf"(?:(?:but |and )?(?:(?:(?:i|we) )?(?:only |just )*{WANT}(?: about| of)? |(?:just|only) |"
    rf"{ORDER} )+)"
)
_NOT_OF_INTEREST = re.compile(
    rf"^{POLITE}(?:(?:i am|i'm|we are|we're) not interested in|{WE}(?:do not|don't) (?:want|need"
    rf"|care about)|(?:do not|don't) {ORDER}|no|not|forget(?: about)?) (?:the |any |to see )*"
    rf"(?P<no>[a-z][a-z -]{{2,40}}?)(?: please)?[,;.] ?(?P<only>{_ONLY})?(?:the )?"
    r"(?P<yes>[^,;.].*)$"
)
"""Ground that is not asked for, and what is: "no roads please, only demolished houses"."""
_ASKED_FOR = re.compile(rf"^{WE}(?:have |had )?(?:asked for|wanted|meant|was after|were after) ")
_LEFT = (
    r"(?:ignor(?:e|ing)|skip|exclude|disregard|omit|leave (?:out|aside)|never mind(?: about)?"
    r"|forget(?: about)?|don't (?:worry about|mind|bother with)|do not (?:worry about|mind))"
)
_COURTESY = re.compile(
    rf"^{POLITE}{_LEFT} (?P<no>[^;:.]{{3,60}}?)(?:[;:.] ?|,? (?:and|but) (?={POLITE}{ORDER})"
    rf"|, (?={REQUEST}|(?:just|only) ))(?P<yes>.*)$"
)
"""What is left out before the request: "ignore cars and show the new buildings"."""
_COURTESY_AFTER = re.compile(
    rf"^(?P<yes>.{{3,160}}?)[,;.] ?{POLITE}(?:never mind(?: about)?|forget(?: about)?"
    r"|don't (?:worry|bother) (?:about|with)) (?P<no>[^,;:.]{3,60})[ .?!]*$"
)

_NO_THING_AFTER = re.compile(
    r"^(?P<yes>.{3,160}?)(?:(?P<but>,? (?:but|and) (?:no|not)|,? \((?:but )?(?:no|not))"
    r"|, (?:no|not)) (?!(?:[a-z-]+ ){1,2}(?:near(?:by)?|around|close by)[ .?!]*$)"
    r"(?P<no>[a-z-]+(?: [a-z-]+)?)\)?"
    r"(?P<rest>(?: (?:in|near|along|since|within) [^,;.]+)?)[ .?!]*$"
)
"""What the end of a request leaves out: "new buildings, no roads"."""


def without_denied(text: str) -> Asked | None:
    """Return the wanted one of two changes that are contrasted: "losses, not gains".

    Of "not only new houses but also felled trees" both are wanted.
    """
    both = _NOT_ONLY.match(text)
    if both:
        one, two = both["one"], both["two"]
        two = two if is_wish(two) else ONES.sub(thing_told(one), two, count=1)
        if is_wish(one) and is_wish(two):
            return Asked(f"{both['start']}{one} and {two}")
    only = _NOT_ONLY_START.match(text)
    if only:
        rest = text[only.end() :].strip()
        is_place = bool(re.match(r"(?:in|at|on|near|along|within|by)\b", rest))
        is_place = is_place or bool(split_sentence(rest).rules and not split_sentence(rest).prompt)
        return Asked(text if is_place else f"{only['start']}{rest}", lost=only["only"])
    verb = _NOT_ONLY_VERB.search(text)
    if verb:
        plain = " ".join(f"{text[: verb.start()]}{verb['verb']} {verb['rest']}".split())
        return Asked(plain, lost="" if _ADDS.search(verb["rest"]) else verb["only"])
    other = _NOT_OF_INTEREST.match(text)
    if other and _is_other_ground(other["yes"], other["no"], is_told=other["only"] is not None):
        return Asked(other["yes"].strip(" .?!"))
    text = _ASKED_FOR.sub("", text)
    for form in _DENIED:
        match = form.match(text)
        if match is None:
            continue
        yes, no = match["yes"].strip(" .?!"), match["no"].strip()
        wanted, denied = _named(yes, no), _named(no, yes)
        if not wanted or not denied or has_condition(denied) or " and " in denied:
            continue
        if _differ(wanted, denied):
            return Asked(wanted)
    return None


def without_courtesy(text: str) -> Asked | None:
    """Return the request beside "never mind the roads"; of its own kind they are an exception."""
    match = _COURTESY.match(text) or _COURTESY_AFTER.match(text)
    if match is None:
        return _without_other_thing(text)
    yes, no = match["yes"].strip(" .?!"), match["no"].strip(" ,")
    kind = kind_of(prompt_of(no))
    is_thing = bool(thing_words(prompt_of(no), is_strict=True)) and not has_condition(no)
    if not is_thing or not is_wish(yes) or kind == "several":
        return None
    if not kind:
        return Asked(yes, background=no)
    own = kind_of(prompt_of(yes))
    if own in (kind, "several") and way_of(no) in ("changed", way_of(prompt_of(yes))):
        return Asked(f"{yes}, except {no.removeprefix('the ')}")
    return Asked(yes) if own else None


def _without_other_thing(text: str) -> Asked | None:
    """Return a request without ground that it denies: "new buildings, no roads, no trees"."""
    match = _NO_THING_AFTER.match(text)
    if match is None:
        return None
    inner = _without_other_thing(match["yes"])
    yes, no = inner.text if inner else match["yes"].strip(), match["no"]
    kind, own = kind_of(no), kind_of(prompt_of(yes))
    is_thing = thing_words(no, is_strict=True) == no.replace("-", " ") and way_of(no) == "changed"
    if not is_thing or not kind or kind == "several" or not is_wish(yes):
        return None
    if own and own not in (kind, "several"):
        return Asked(f"{yes}{match['rest']}")
    # "Forest cleared, no trees" may say the same twice.
    is_part = own == kind and match["but"] and no not in yes
    return Asked(f"{yes}{match['rest']}, except {no}") if is_part else None


def _named(part: str, other: str) -> str:
    """Return one of two contrasted changes, with the thing of the other if it names none."""
    if thing_words(prompt_of(part), is_strict=True):
        return part if is_wish(part) else ""
    thing = thing_told(other)
    if not thing or way_of(part) == "changed":
        return ""
    if ONES.search(part) or re.search(r"\b(?:they|it)\b", part):
        return PRONOUN.sub(thing, ONES.sub(thing, part, count=1), count=1)
    word = re.sub(r"^(?:the|its|their|any) ", "", part)
    if re.fullmatch(r"(?:only |just |the )[a-z]+", part):
        adjective = word.split(" ")[-1]
        if not re.fullmatch(rf"{GAINS}|{LOSSES}", adjective):
            return f"{adjective} {thing}"  # "only new, not demolished buildings"
    return f"{word} of {thing}" if re.fullmatch(rf"{GAINS}|{LOSSES}", word) else ""


def _is_other_ground(wanted: str, denied: str, *, is_told: bool) -> bool:
    """Return whether ground of one class is denied, and something of another class is wanted.

    Args:
        wanted: a wish; if ``is_told``, ground alone is enough.
        denied: words that may name ground.
        is_told: whether "only", "show" or the like stands before the wanted.
    """
    own = kind_of(prompt_of(wanted))
    kinds = [kind_of(thing) for thing in re.split(r" and | or ", denied)]
    is_thing = all(kinds) and way_of(denied) == "changed" and not has_condition(denied)
    is_apart = bool(own) and own not in (*kinds, "several")
    return is_thing and is_apart and (is_told or is_wish(wanted))


def _differ(wanted: str, denied: str) -> bool:
    """Return whether no polygon can be an answer to both of two changes."""
    one, other = kind_of(prompt_of(wanted)), kind_of(prompt_of(denied))
    are_kinds = bool(one and other) and one != other
    return are_kinds or way_of(prompt_of(wanted)) != way_of(prompt_of(denied))
