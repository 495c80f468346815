"""Say which words of a comparison or of a choice have no effect, and which part of it is asked.

"Were more houses built than demolished?" is answered with the houses that were built, "more or
fewer trees" with any change.  No rule weighs one change against another, so it is a doubt.
"""

from __future__ import annotations

import re

from mtrs_geo.query.grammar import split_sentence
from mtrs_geo.query.wishes.words import thing_words, way_of, ways_of
from mtrs_geo.understanding.phrases.request_words import (
    ORDER,
    POLITE,
    Asked,
    head_of,
    is_wish,
    prompt_of,
    thing_told,
)

__all__ = ["without_alternatives", "without_kept", "without_otherwise"]

_MORE = r"(?:more|bigger|larger|greater|wider|broader|longer|deeper|denser|taller|higher)"
_LESS = r"(?:fewer|less|smaller|narrower|shorter|shallower|sparser|lower)"
_EITHER = re.compile(
    rf"\b(?:{_MORE}(?: (?P<one>[a-z-]+))? or (?:rather )?{_LESS}"
    rf"|{_LESS}(?: (?P<other>[a-z-]+))? or (?:rather )?{_MORE})\b(?! than \d)"
)
_OTHERWISE = re.compile(
    r"(?:[,;.]|,? (?:and|or)) ?(?P<word>otherwise|or else|else|if not)\b,? "
    r"(?!(?:where|the same|known|called)\b)(?=[a-z])"
)
_END = r"(?=$|[,;:.?!]| (?:and|or|but|since|in|on|at|near|along|within|between|that|which|by)\b)"
_THAN = re.compile(
    rf"\b(?P<more>{_MORE}|{_LESS})\b(?P<middle>[^,;:.?!]*?) than "
    r"(?!(?:an?|half|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|several"
    r"|[a-z]+(?:teen|ty)|(?:an? )?(?:few|couple|dozens?|hundreds?|thousands?))\b)"
    r"(?P<after>[^,;:.?!]+)"
)
_CLOSER = re.compile(
    r"\b(?:closer|nearer|farther|further) (?:to|from) [^,;:.?!]{2,40}? than (?:to|from)"
    rf" (?:the |an? )?[a-z-]+(?: [a-z-]+)?{_END}"
)
_THAN_THING = re.compile(
    rf"(?:,? (?:that|which) (?:is|are|was|were))? ?\b(?:{_MORE}|{_LESS}) than (?:the|their|its|our"
    rf"|my|any|all|most|other|those|these|old)(?: [a-z-]+){{1,3}}?{_END}"
)
_DATE = re.compile(
    r"\b(?:before|after|images?|pictures?|photos?|scenes?|last|previous|earlier|later|ago|now"
    r"|today|years?|dates?|past|first|second|same|whole|half|average)\b|\d"
)
_KEPT = (
    r"(?:standing|surviving|undamaged|intact|unharmed|unscathed|remaining|preserved|spared"
    r"|unchanged|untouched)"
)
_GONE_OR_NEW = (
    r"(?:destroyed|demolished|collapsed|removed|razed|vanished|felled|cleared|lost|ruined"
    r"|flattened|levelled|dismantled|wrecked|new|added)"
)
_BOTH_STATES = re.compile(
    rf"^(?P<lead>{POLITE}(?:{ORDER} )?)(?:the |all )?(?:both )?(?:the )?"
    rf"(?:(?P<way>{_GONE_OR_NEW})(?:,? and(?: the)?|,? or|,? as well as) {_KEPT}"
    rf"|{_KEPT}(?:,? and(?: the)?|,? or|,? as well as) (?P<second>{_GONE_OR_NEW}))"
    r" (?P<thing>[a-z-]+(?: [a-z-]+)?)(?P<rest>(?: (?:in|near|along|since|within|between) .+)?)"
    r"[ .?!]*$"
)
_NEAR_KEPT = re.compile(
    r"\b(?:near|beside|around|along|by|(?:next|close|adjacent) to|within \d+ ?\w+ of) "
    r"(?:the |any )?"
    rf"(?:(?P<adjective>{_KEPT} )[a-z-]+|[a-z-]+(?P<clause> (?:that|which) (?:still (?:stand|exist)"
    r"(?:s|ing)?|remain(?:s|ed)?|survived?|stayed|(?:is|are|was|were) (?:still (?:standing|there)"
    rf"|{_KEPT})))){_END}"
)
_STAYED = (
    r"(?:(?:only|just) )?(?!(?:which|that|what|where|those|show|all)\b)"
    r"(?:(?P<the>the|an?|some|its|our|my|their|one|this|that) )?"
    r"(?:(?!that\b|which\b|who\b|not\b|no\b|never\b|if\b)[a-z'-]+ ){0,3}?"
    r"(?:still (?:stands?|exists?|remains?|stood)|remain(?:s|ed)?|surviv(?:es?|ed)|stayed"
    r"|(?:is|are|was|were) (?:all )?(?:(?:still )?(?:there|standing|present|intact|left)|spared"
    r"|undamaged|unharmed|untouched|unscathed))"
)
_STAYED_LAST = re.compile(
    r"^(?P<rest>.{4,160}?)(?:[,;.:]| -|,? (?:and|but|while|whereas|though|although))"
    rf"(?: and| but| while| whereas| though| although)? (?P<told>{_STAYED})[ .?!]*$"
)
_STAYED_FIRST = re.compile(
    rf"^(?P<told>{_STAYED})(?:[,;.:]| -|,? (?:and|but|while|whereas))(?: and| but| while)?"
    r" (?P<rest>.{4,160})$"
)


def without_alternatives(text: str) -> Asked | None:
    """Return the part of a comparison or choice that is asked, with the words that are lost.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    return _both_ways(text) or _both_states(text) or _than(text)


_IS_RESULT = re.compile(
    r"(?:now )?(?:only|just|nothing but|mere(?:ly)?) (?!(?:the|these|those|our|my|his|their)\b)"
    r".*\b(?:left|remains?)\b"
)


def without_kept(text: str) -> Asked | None:
    """Return a change without the clause on what stayed: "houses demolished, the church stands".

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    near = _NEAR_KEPT.search(text)
    if near and is_wish(text[: near.start()]):
        kept = "adjective" if near["adjective"] else "clause"
        rest = f"{text[: near.start(kept)]}{text[near.end(kept) :]}"
        return Asked(rest, lost=near[kept].strip())
    match = _STAYED_LAST.match(text) or _STAYED_FIRST.match(text)
    if match is None:
        return None
    rest, told = match["rest"].strip(" .?!"), match["told"]
    if not is_wish(rest) or way_of(prompt_of(rest)) == "unchanged":
        return None
    if _IS_RESULT.match(told):
        return None  # "The house was torn down and only bare soil is left"
    # "Demolished houses and houses still stand" may be two wishes.
    is_other = bool(match["the"]) or _thing(told) != _thing(rest)
    return Asked(rest, background=told) if is_other else None


def _thing(text: str) -> str:
    return thing_words(head_of(text), is_strict=True)


def _both_ways(text: str) -> Asked | None:
    """Return any change for "are there more or fewer trees than before?"."""
    match = _EITHER.search(text)
    if match is None:
        return None
    plain = f"{text[: match.start()]}{match['one'] or match['other'] or ''}{text[match.end() :]}"
    plain = re.sub(r"\bthan (?:before|it was|they were|in the past)\b", "", plain)
    parts = split_sentence(plain)
    thing = thing_told(parts.prompt)
    if not thing or ways_of(parts.prompt):
        return None
    conditions = [rule.explain() for rule in parts.rules] + [time.phrase for time in parts.times]
    words = ", ".join([f"changed {thing}", *conditions])
    return Asked(words, lost=match[0])


def _both_states(text: str) -> Asked | None:
    """Return two wishes for "destroyed and undamaged buildings"."""
    match = _BOTH_STATES.match(text)
    if match is None:
        return None
    way, thing, rest = match["way"] or match["second"], match["thing"], match["rest"]
    return Asked(f"{match['lead']}{way} {thing}{rest}; unchanged {thing}{rest}")


def without_otherwise(text: str) -> Asked | None:
    """Return both branches of a condition, of which none is chosen.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    match = _OTHERWISE.search(text)
    if match is None or not is_wish(text[: match.start()]):
        return None
    return Asked(f"{text[: match.start()]}; {text[match.end() :]}", lost=match["word"])


def _than(text: str) -> Asked | None:
    """Return a change without what it is compared with: another change, place or thing."""
    for form in (_CLOSER, _THAN_THING):
        match = form.search(text)
        if match and not _DATE.search(match[0]) and not split_sentence(match[0]).rules:
            rest = f"{text[: match.start()]}{text[match.end() :]}"
            if is_wish(rest) and way_of(prompt_of(text[: match.start()])) != "changed":
                return Asked(rest, lost=match[0].strip())
    match = _THAN.search(text)
    if match is None or _DATE.search(match["middle"]) or _DATE.search(match["after"]):
        return None
    before, after = text[: match.start("after")], match["after"]
    rest = f"{before.removesuffix(' than ')}{text[match.end() :]}"
    words = f"{match['more']} … than {after.strip()}"
    ways = ways_of(after)
    if ways and ways != ways_of(before) and bool(thing_words(prompt_of(before), is_strict=True)):
        return Asked(rest, lost=words)
    place = split_sentence(after if after.startswith("in ") else f"in {after}")
    is_place = bool(place.rules) and not place.prompt
    return Asked(rest, lost=words) if is_place and not place.times else None
