"""Separate what a sentence only tells beside its question: a purpose, what depends on it, a size.

"New roads, for updating the cadastre" and "new roads, our crossing depends on it" ask for new
roads.  "Larger than a garage" is a size that nothing measures; the garage is no second thing.
"""

from __future__ import annotations

import re

from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.grammar import normalize
from mtrs_geo.query.positions import PREPOSITION
from mtrs_geo.query.questions import take_question
from mtrs_geo.query.wishes.words import ways_of
from mtrs_geo.understanding.lexicon import english
from mtrs_geo.understanding.phrases.request_words import (
    STARTS_REQUEST,
    Asked,
    has_condition,
    is_wish,
    kind_of,
)

__all__ = ["separate_aside"]

_MOST_CHARACTERS = 600
_END = r"[ .?!]*$"
_OWN = r"(?:the|our|my|your|his|her|their|its|an?|this|that|these|those)"
_MARK = r"(?:[,;:.]| -| –| —)"
_OFFICE = (
    r"(?:updat|revis|verif|check|correct|complet|compil|prepar|writ|inform|settl|prov|assess"
    r"|calculat|estimat|bill|invoic|charg|document|report|review|validat|amend|maintain)"
)
"""What is done with the answer: no change of ground."""
_OFFICE_VERB = re.compile(rf"\b{_OFFICE}[a-z]*\b")
_FOR_DOING = re.compile(
    rf",? (?:just |only |needed |wanted |it is |this is |it's )?(?P<told>(?:for|with a view to)"
    rf" (?:the )?[a-z]+ing (?:of )?{_OWN} [^,;:.?!]{{2,80}}"
    rf"|(?:in order|so as) to [a-z]+ {_OWN} [^,;:.?!]{{2,80}}"
    rf"|to {_OFFICE}[a-z]* {_OWN} [^,;:.?!]{{2,80}}){_END}"
)
_FOR_NOUN = re.compile(
    rf",? (?:just |only |needed |wanted |it is |this is |it's )?(?P<told>(?:for|as part of) {_OWN}"
    r" (?:[a-z'-]+ ){0,3}?(?:thesis|dissertation|essay|report|paper|article|homework|exercise|quiz"
    r"|puzzle|game|class|course|claim|client|customer|boss|meeting|presentation|inventory"
    r"|register|study|audit|application|permit|hearing|lecture|seminar|blog|newsletter|brochure"
    r"|appraisal|valuation|assessment|statement|statistics|cadastre|remediation|tender|invoice"
    r"|budget|committee|insurers?|insurance|archives?|records?)"
    rf"(?: (?:of|on|about|by|next|this|last) [^,;:.?!]{{1,40}})?){_END}"
)
_SO_THAT = re.compile(
    r",? (?P<told>so (?:that )?(?!far\b|much\b|many\b|few\b|large\b|big\b)(?:[a-z']+ ){1,5}?"
    rf"(?:can|could|may|might|will|would) [^,;:.?!]{{2,80}}){_END}"
)
_DEPENDS = re.compile(
    rf"{_MARK} ?(?P<told>(?:(?:and|as|because|but|since) )?(?:{_OWN}|much|a lot|everything|we|i)\b"
    r"[^,;:.?!]{0,60}? (?:depend(?:s|ed|ing)?|rel(?:y|ies)|hinges?|rests?|turns?|counts?"
    r"|(?:is|are|will be|gets?) (?:based|calculated|computed|charged|paid|decided|settled))"
    r" (?:up)?(?:on|by|from|for|with) (?:it|that|this|them|these|those|the (?:answer|results?"
    rf"|figures?|numbers?|areas?|outcome))){_END}"
)
_PEOPLE = (
    r"(?:residents|neighbou?rs|people|tenants|farmers|owners|everyone|everybody|journalists"
    r"|(?:the|our|my) [a-z]+(?: [a-z]+)?)"
)
_TOLD_BESIDE = re.compile(
    rf"{_MARK} ?(?P<told>{_PEOPLE} keeps? (?:on )?[a-z]+ing[^,;:.?!]{{0,30}}"
    rf"|(?:i|we|{_PEOPLE}) (?:urgently |really |also |still )*(?:needs?|wants?|must have|ha(?:s|ve)"
    r" to have|promised) (?:it|this|that|them|an answer|the answer|the list|the map|the figures?)"
    r"(?: (?:by|for|before|until|today|tomorrow|soon|urgently|at)\b[^,;:.?!]{0,40})?"
    r"|(?:it|this|that|they) (?:ought to|should|must) (?:show(?: up)?|have (?:shown(?: up)?"
    r"|appeared)|be (?:visible|seen|there|clear|obvious|easy to see))(?: (?:by now|now|already))?"
    rf"|there (?:must|should|ought to) be (?:a few|some|many|several|at least one)){_END}"
)
_SINCE_SEEN = re.compile(
    r",? (?P<told>since (?:(?:i|we|they|he|she|anyone) (?:have |has )?last [a-z]+(?: [^,;:.?!\d]"
    rf"{{1,60}}?)?|(?:my|our) (?:last|previous|first) (?:visit|look|check|trip|tour))){_END}"
)
_OF_LIFE = re.compile(
    r" (?P<told>(?:of|from|in) (?:my|our|his|her|their) (?:early |late )?(?:childhood|youth|boyhood"
    r"|girlhood|school days|student days))\b"
    r"|,? (?:(?:over|in|after|through) all (?:the|these|those) (?:many |long |past )?years"
    r"|all (?:the|these|those) years|over (?:the|these|those) (?:many )?years)\b(?! \d)"
)
_AS_GREW = re.compile(
    r",? (?P<told>(?:as|while|when) (?:the|our|my) (?:[a-z]+ )?(?:town|city|village|suburb"
    r"|settlement|hamlet|population|economy|industry|business|company|port|airport|mine)"
    r" (?:has |had )?(?:expanded|grew|grown|spread|developed|boomed|modernised|modernized|changed)"
    rf"(?: (?:further|outwards?|rapidly|quickly|over the years))*){_END}"
)
"""When it was, and not what came."""
_ON_PIPES = re.compile(
    r" (?P<told>(?:on top of|on|over|above|across) (?:the|an?|our|my) (?:[a-z]+ )?(?:water|gas"
    r"|sewer|sewage|oil|drain|power|heating)[ -](?:mains?|pipes?|lines?|pipelines?|cables?))\b"
)
_PURPOSES = (_FOR_DOING, _FOR_NOUN, _SO_THAT)
_TOLD = (_DEPENDS, _TOLD_BESIDE, _SINCE_SEEN, _OF_LIFE, _AS_GREW, _ON_PIPES)
_MORE = (
    r"(?:(?:much|far|slightly|a (?:bit|little|lot)|even|no|not|roughly|about) )?"
    r"(?:larger|bigger|greater|wider|broader|longer|taller|higher|smaller|narrower|shorter)"
)
_NO_SIZE = (
    r"(?:[\d½¼¾]|(?:one|two|three|four|five|six|ten|half|few|couple|hundred|thousand|million|dozen"
    r"|quarter|third|fifth|tenth|hectares?|acres?|met(?:re|er)s?|m|km|kilomet(?:re|er)s?|miles?"
    r"|foot|feet|yards?|square|sq|ha|years?|months?|weeks?|decades?|century|days?|while|long time"
    r"|certain|given|bit|lot|little|fraction|threshold|minimum|set|hect|before|earlier|ever"
    r"|previously|usual|possible|now|then|it|they|them|last|first|second|other|others)\b)"
)
"""After "larger than a": what is a size, a date or another state of the same thing."""
_THING = (
    r"[a-z][a-z-]*(?: (?:courts?|pitch(?:es)?|fields?|pools?|spaces?|lots?|sheds?|blocks?|tables?"
    r"|halls?|houses?|rooms?|grounds?|stops?|stamps?|parks?|box(?:es)?|beds?|yards?))?"
)
_SIZE_END = (
    r"(?=$|[,;:.?!)]| (?:that|which|who|left|in|near|along|on|at|by|since|after|before|between"
    r"|within|and|or|but|is|are|was|were|has|have|had|appeared|disappeared|built|put|made|dug|laid"
    r"|removed|demolished|felled|cleared|lost|gone|newly|around|behind|beside|next|to"
    r"|larger|bigger|smaller|longer|over|under|not)\b)"
)
_COUNTED = r"(?:two|three|four|five|six|ten|half|twice|several)"
_SIZE = re.compile(
    r"(?P<set>,? (?:(?:anything|everything|all|any|only|ones|those|something|but|and|each|patches"
    r"|pieces|areas?) )?(?:(?:that|which) (?:is|are|was|were) )?)"
    rf"(?P<told>{_MORE} than (?:an?|the (?:size|area|footprint) of an?|your average"
    rf"|(?:the (?:size of )?)?{_COUNTED}(?= [a-z]+ ?[a-z]*s\b)) (?!{_NO_SIZE}){_THING}"
    r"|(?:about |roughly |at least |almost |nearly |only )?(?:the|half the|twice the) (?:size|area)"
    rf" of (?:an?|{_COUNTED}) (?!{_NO_SIZE}){_THING}"
    r"|(?:about |roughly |at least |almost |nearly |not )?as (?:big|large|wide|long|small|broad) as"
    rf" (?:an? |the |{_COUNTED} )?(?!{_NO_SIZE}){_THING}){_SIZE_END}"
)
_ANYTHING = re.compile(
    r"\b(?:anything|everything|something|those|ones|all|areas?|patches|pieces)\b"
)
_SIZED = re.compile(
    r"(?P<told>\b(?!(?:good|medium|average|full|small|large|middle|similar|fair|decent|over|under"
    r"|life|mid|big|half|different)-)(?:[a-z]+-){1,3}sized?) (?=[a-z])"
)
_ASKS_SIZE = re.compile(
    r"(?:what|how|which)\b[^,;]* (?:is|are|was|were|it|they)$|\b(?:is|are|was|were) (?:it|they)$"
)
_SOLD = (
    r"(?:got|bought|built|given|treated|made|found|granted) (?:itself|himself|herself|themselves"
    r"|ourselves)"
)
_GAINED = re.compile(
    rf"^(?P<asks>(?:has|have|had|did) )?(?P<owner>(?:the|our|my|his|her|their|an?) "
    rf"(?:[a-z'-]+ ){{1,4}}?)(?:(?:has|have|had|just|also) )*{_SOLD} (?:(?:any|some|a|an) )?"
    r"(?:more |new |extra |additional |another |other |few |few more )(?P<rest>[a-z].*)$"
)
_MORE_OF_IT = re.compile(
    r"^(?P<first>.{4,160}?) ?[,;:.?!] ?(?:and |but )?(?P<ask>(?:are|is|were|was) "
    r"(?:there (?:also )?(?:any|some|one)(?: of (?:them|these|those))?"
    r"|(?:any|some|one) of (?:them|these|those)))"
    rf" (?P<size>(?!other\b|else\b|new\b)[a-z].{{2,60}}?){_END}"
)
"""Asks for a size or place of what the first part names: "new ponds, are there any over 1 ha?"."""

_IS_THERE = re.compile(
    r"^(?!(?:on|in|at|where|over|near|there)\b)(?P<first>.{4,160}?) ?[,;:.?!] ?(?:and |but )?"
    rf"(?P<ask>(?:is|are) there (?:also |still )?(?:an?|any) (?!{PREPOSITION}\b)"
    r"(?P<thing>(?:(?!(?:now|today|currently"
    rf"|present|instead)\b)[a-z-]+ ?){{1,6}}?)){_END}"
)
"""Asks what is there behind a wish ("new houses, is there a road?"), and not what came instead."""


def separate_aside(text: str) -> Asked | None:
    """Return a sentence without one part that is no question, or None if there is none.

    Args:
        text: any text in English.
    """
    plain = normalize(text).strip()
    if len(plain) > _MOST_CHARACTERS:
        return None
    return _without_size(plain) or _without_told(plain) or _without_owner(plain) or _of_both(plain)


def _without_size(text: str) -> Asked | None:
    """Return a sentence without "larger than a garage"."""
    for form in (_SIZE, _SIZED):
        for match in form.finditer(text):
            before = text[: match.start("told")]
            rest = f"{text[: match.start()]} {text[match.end() :]}".strip(" ,")
            is_asked = _ASKS_SIZE.search(before.strip()) is not None
            words = match["told"]
            if is_asked or not _names_ground(rest) or has_condition(words):
                continue
            # "Anything bigger than a shed" keeps its noun, "ponds, anything bigger" has one.
            noun = _ANYTHING.search(match[0][: len(match[0]) - len(words)])
            if noun and not kind_of(before):
                rest = f"{before}{text[match.end() :]}".strip(" ,")
            return Asked(" ".join(rest.split()), background=words, lost=words)
    return None


def _without_told(text: str) -> Asked | None:
    """Return a sentence without a purpose, or what else it tells beside its question."""
    for form in (*_PURPOSES, *_TOLD):
        match = form.search(text)
        if match is None:
            continue
        told = match["told"] or match[0].strip(" ,")
        rest = " ".join(f"{text[: match.start()]} {text[match.end() :]}".split()).strip(" ,;:")
        if form is _AS_GREW and direction_of(rest) == "disappeared":
            continue  # Fields lost as the town grew became houses.
        if form in _PURPOSES:
            is_of_ground = bool(kind_of(told)) and not _OFFICE_VERB.search(told)
            if is_of_ground or ways_of(told) or has_condition(told):
                continue
        if _names_ground(rest):
            return Asked(rest, background=told, lost=told if form is _ON_PIPES else "")
    return None


def _without_owner(text: str) -> Asked | None:
    """Return new things for "has the farm got itself any more sheds?"."""
    match = _GAINED.match(text)
    if match is None or not kind_of(match["rest"]):
        return None
    owner = match["owner"].strip()
    asks = "are there new" if match["asks"] else "new"
    return Asked(f"{asks} {match['rest']}", background=owner, lost=owner)


def _of_both(text: str) -> Asked | None:
    """Return one question for a thing and a question about its size, or name the second one."""
    there = _IS_THERE.match(text)
    if (
        there
        and kind_of(there["thing"])
        and not ways_of(there["thing"])
        and is_wish(there["first"])
    ):
        return Asked(there["first"], background=there["ask"], lost=there["ask"])
    match = _MORE_OF_IT.match(text)
    if match is None or ways_of(match["size"]):
        return None
    first = match["first"]
    if not is_wish(first) or not has_condition(f"things {match['size']}"):
        return None
    if STARTS_REQUEST.match(first) or take_question(first)[1].kind:
        asked = text[match.start("ask") :].strip(" .?!")
        return Asked(first, background=asked, lost=asked)
    return Asked(f"are there {first} {match['size']}")


def _names_ground(text: str) -> bool:
    """Return whether a text names ground or its change, or "everything" of some kind."""
    tags = {tag for s in english().segments(text) for tag in s.tags}
    is_named = any(tag.startswith(("class:", "event:")) for tag in tags)
    return is_named or (_ANYTHING.search(text) is not None and " " in text)
