"""Drop clauses with a negation, and guesses, that leave the change beside them as it is.

A reason ("because nobody looked after them"), a concession ("although the owners had been refused
consent"), what nobody asked or knew, and what did not come back after a loss say when or why
something changed, and not whether.  So does a guess ("could be poachers").  They have no effect
and are named.
"""

from __future__ import annotations

import re

from mtrs_geo.query.wishes.words import thing_words, way_of, ways_of
from mtrs_geo.understanding.lexicon import Segment, english
from mtrs_geo.understanding.phrases.request_words import (
    Asked,
    head_of,
    is_wish,
    kind_of,
    prompt_of,
)
from mtrs_geo.understanding.roles import is_change

__all__ = ["without_negation_beside"]

_NEGATIVE = (
    r"(?:no|not|never|none|nothing|nobody|no[ -]one|nowhere|neither|nor|without|cannot|\w+n't"
    r"|hardly|barely|scarcely|refus\w+|denied|unable|fail(?:s|ed|ing)? to|rejected|forbidden)\b"
)
_NEGATION = re.compile(rf"\b{_NEGATIVE}")
_OTHERWISE = re.compile(
    r"\b(?:unless|except\w*|instead|rather than|if|whether|should|might|could|would|will"
    r"|slated|scheduled|due|planned|about to|almost|nearly|few|little|less|fewer|only)\b"
)
"""Words of a main clause whose meaning may depend on the clause that follows."""
_SUBJECT = (
    r"(?:nobody|no[ -]one|none|they|it|he|she|we|i|there|this|that|people|somebody|someone"
    r"|(?:the|our|my|their|its|his|her|a|an) [a-z-]+)"
)
_NO_EXCEPTION = r"(?!not\b|no (?!one\b|[a-z]+ (?:was|were|has|have|had|is|are)\b))"
"""Behind "though": a clause, and no "though not in the north"."""
_REASON = re.compile(
    r"^(?P<yes>[^;:.!?]{4,160}?),? (?P<no>(?:(?:because|(?:even |al)?though|even if|despite the"
    r" fact that|in spite of the fact that|seeing that|given that) "
    rf"|(?:since|as|while|whilst|when) (?={_SUBJECT} )){_NO_EXCEPTION}[^,;:.!?]{{4,120}})"
    r"(?P<rest>.*)$"
)
_REASON_FIRST = re.compile(
    r"^(?P<no>(?:because|(?:even |al)?though|despite the fact that|in spite of the fact that|seeing"
    rf" that|given that|(?:since|as|while|whilst)(?= {_SUBJECT} )) [^,;:.!?]{{4,120}}),"
    r" (?P<yes>[^;:.!?]{4,160})(?P<rest>.*)$"
)
_WITHOUT = re.compile(
    r"^(?P<yes>[^;:.!?]{4,160}?),? (?P<no>without (?:(?:so much as|even|ever|first|once|any|having)"
    r" )*(?:(?:wait|pay|seek|obtain|apply|bother|check|discuss|agree|listen|car|worry|think"
    r"|know|notify|consult|appl[iy]|ask|tell|warn|inform|say|announc)(?:ing|ed)\b"
    r"|(?:(?:the|our|my|his|her|their|anyone's|anybody's|proper|prior|previous|valid|formal"
    r"|official|written|explicit|legal|necessary|required) )+(?:permissions?|permits?|consent"
    r"|approval|licen[cs]es?|authori[sz]ation|agreement|knowledge|papers)\b)[^,;:.!?]*?)"
    r"(?P<rest>(?=$|[,;:.!?]| (?:in|near|along|since|within) (?:the|\d)).*)$"
)
_UNUSED = (
    r"(?:used?|uses|wanted|needed|needs|wants|liked?|likes|lived? in|lives in|looked after"
    r"|looks after|maintained|maintains|cared? (?:for|about)|cares (?:for|about)|owned|owns"
    r"|claimed|claims|asked (?:for|about)|noticed|kn[eo]ws?(?: (?:about|of))?|known(?: about)?"
    r"|(?:has |have )?(?:told|warned|asked) (?:us|me|them|anyone|anybody)(?: about)?"
    r"|reported|declared|registered|mentioned|expected|remembers?|remembered|visited|visits"
    r"|tended|tends|bothered about|paid for|heard (?:of|about)|worked|works|rented|watered)"
)
_NOBODY = re.compile(
    r"^(?P<yes>[^;:.!?]{2,160}?),? (?P<no>(?:(?:that|which|who|where|and(?: that| which)?) )?"
    r"(?:nobody|no[ -]one|(?:we|i|they|the owners?|the council) (?:never|had never|have never))"
    rf" (?:(?:has|have|had|was|were|is|are|ever|even|really|else|here) )*{_UNUSED}"
    r"(?: (?:any ?more|any longer|in years|for years|until now|before|yet|them|it))*)"
    r"(?: and(?= (?:that|which) ))?(?P<rest>(?=$|[,;:.!?]| (?:that|which|was|were|has|have|got)\b"
    r"| (?:in|near|along|since|within|by) (?:the|\d)).*)$"
)
_BACK = (
    r"(?:(?:put|built|planted|sown|laid|paved|set|brought|grown|came|come|grew|filled)"
    r" (?:back|again|anew|up again|in again|down again)(?: (?:up|in|down))?"
    r"|re-?(?:plac|plant|built|build|laid|instat|stor|erect|seed|grow|grew|construct|fill|turf|open"
    r"|surfac|new)\w*|made good)"
)
_NOT_BACK = re.compile(
    r"^(?P<yes>[^;:.!?]{4,160}?),? (?P<no>(?:and|but|yet|then|although|though) "
    r"(?:(?:that|which|they|it|was|were|has|have|had|is|are|been|then) )*"
    r"(?:never|not|nobody|no[ -]one|nothing)"
    rf" (?:(?:has|have|had|was|were|been|ever|yet|since|was ever|were ever) )*{_BACK}"
    r"(?: (?:them|it|since|yet|again|afterwards|later|there|in (?:its|their) (?:place|stead)))*)"
    r"(?P<rest>(?=$|[,;:.!?]| (?:in|near|along|since|within|by) (?:the|\d)).*)$"
)
"""What says that a loss is not made up for."""
_TAKEN = re.compile(
    r"\b(?:taken|took|ripped|grubbed|dug|pulled|torn|tore|cut|chopped|lifted|stripped|broken|broke"
    r"|scraped|hacked|rooted) (?:up|out|down|off|away)\b"
)
_DUE = (
    r"(?:(?:that|which) (?:is|are|was|were|had been|have been|has been) )?(?:(?:once|already|long"
    r"|originally) )?(?:slated|scheduled|marked|earmarked|due|condemned|designated|meant|supposed"
    r"|planned|listed|tagged|flagged|intended|approved|set|sentenced)"
    r" (?:for (?:the )?(?:demolition|removal|clearance|clearing|felling|destruction|dismantling"
    r"|chop|bulldozers?|redevelopment|replacement|cutting)"
    r"|to (?:be|get) (?:demolished|removed|felled|cleared|cut(?: down)?|pulled down|torn down"
    r"|knocked down|razed|dismantled|replaced|taken down|chopped down|bulldozed|destroyed))"
)
_STILL = (
    r"(?:still (?:up|there|stand\w*|here|around|exist\w*|in place|intact|upright)"
    r"|(?:left|remained|stayed|kept) (?:standing|untouched|intact|in place|up)|survived|untouched)"
)
_PLANNED = re.compile(
    rf"^(?P<yes>[^,;:.!?]{{2,100}}?),? (?P<no>{_DUE}),?(?: (?:and|but|yet))?"
    rf" (?P<rest>(?:(?:that|which|they|who|are|is|were|was|have|has|been) )*(?:{_STILL}"
    r"|(?:now )?(?:gone|missing|demolished|pulled down|felled|removed|torn down|cut down|razed"
    r"|cleared|flattened)(?=$|[,;:.!?]| (?:now|since|in|near|by|along)\b)).*)$"
)
"""What was planned for things that still stand, or are gone."""
_STANDS = re.compile(
    r"\b(?:still (?:up|there|stand\w*|here|exist\w*)|unchanged|untouched|intact|left standing"
    r"|survived|stayed (?:standing|in place))\b"
)
_NOW_BARE = re.compile(
    r"^(?:(?:the |all )?(?:former|old|one-time) )?(?P<before>[a-z-]+(?: [a-z-]+)?),"
    r" (?:(?:that|which|they|it) (?:is|are) )?(?:not|no longer) (?:standing|there|here|left)"
    r"(?: (?:now|any ?more|any longer|today))*,? (?:and |but |now )*(?:just|only|merely|all)"
    r" (?:(?:a|an|some|the) )?(?P<after>[a-z-]+(?: [a-z-]+)?)(?: (?:now|there|instead|left))*$"
)
"""What is gone and what is there: "former barns, not standing now, just grass"."""
_NO_MORE = re.compile(
    r"^(?P<ask>(?:(?:please|show|find|map|mark|list|me|all|the|any|which|where|are|there) )*)"
    r"(?P<place>[a-z-]+s) (?:(?:(?:that|which) )?(?:with|have|has|having)(?: got)? (?:no|not any"
    r"|not a single)|without(?: any| an?(?: single)?)?|"
    r"(?:that |which )?(?:do|does)(?: not|n't) have(?: any)?)"
    r" (?P<thing>[a-z-]+(?: [a-z-]+)?) (?:any ?more|any longer)(?P<rest>(?=$|[,;:.!?]"
    r"| (?:in|near|along|since|within|by) (?:the|\d)).*)$"
)
"""Places that lost something: "hamlets with no houses any more"."""
_MAY_BE = r"(?:could|might|may)(?: (?:well|also|even|just))? be"
_THESE = r"(?:(?:it|this|that|these|those|they|which|perhaps|maybe|and) )*"
_GUESS_FIRST = re.compile(
    rf"^(?P<no>{_THESE}{_MAY_BE}) (?:(?P<what>[^,;:.?!]{{3,60}}), )?(?P<yes>.+)$"
)
_GUESS_LAST = re.compile(rf"^(?P<yes>.{{4,160}}?), (?P<no>{_THESE}{_MAY_BE} [^,;:.?!]+)[ .?!]*$")
"""What something may be: "new huts, could be poachers"."""
_EXPECTED = re.compile(
    r"^(?P<yes>[^;:.!?]{4,160}?)[,;] (?P<no>(?:there|it|they|this|that) (?:should|must|ought to)"
    r" be (?P<what>[^,;:.?!]{3,80}))[ .?!]*$"
)
"""How many are expected, or which: "felled oaks, there should be three"."""
_COUNTED = re.compile(
    r"^(?:(?:about|around|roughly|at least|up to|some|only|just) )*(?:\d+|one|two|three|four|five"
    r"|six|seven|eight|nine|ten|a few|several|some|many)(?: (?:or|to) [a-z\d]+)?(?: of (?:them"
    r"|these|those))?"
    r"(?P<place>(?: (?:in|near|around|along|by|within|on|at|close to|next to|beside) .+)?)$"
)
"""A number, and where they are: "two or three near the river"."""
_NO_AND_YES = re.compile(
    r"^(?P<no>[a-z]+(?: [a-z]+)? no), (?P<kind>[a-z]+(?: [a-z]+)?) yes[:;,] (?P<yes>.{4,160})$"
)
"""Ground that is not asked for, and what is: "sheds no, gardens yes: which gardens are gone?"."""
_LATER = re.compile(
    r"\b(?:soon|next|will|would|future|one day|eventually|if|planned|proposed|going to|to be)\b"
)
_ANYWHERE = frozenset({"areas", "places", "spots", "sites", "lands", "parts", "zones", "plots"})


def without_negation_beside(text: str) -> Asked | None:
    """Return a request without a clause whose negation leaves its change as it is, or None.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    now = _NOW_BARE.match(text)
    if now and _are_two_kinds(now["before"], now["after"]):
        return Asked(f"{now['before']} that turned into {now['after']}")
    lost = _NO_MORE.match(text)
    if lost and kind_of(lost["thing"]) and way_of(lost["place"]) == "changed":
        place = "" if lost["place"] in _ANYWHERE else lost["place"]
        thing = f"{lost['ask']}{lost['thing']} that disappeared{lost['rest']}"
        return Asked(thing, background=place, lost=place)
    guess = _without_guess(text)
    if guess is not None:
        return guess
    expected = _EXPECTED.match(text)
    if expected and _is_expected(expected):
        counted = _COUNTED.match(expected["what"])
        place = counted["place"] if counted else ""
        told = expected["no"].removesuffix(place)
        return Asked(f"{expected['yes']}{place}", background=told, lost=told)
    two = _NO_AND_YES.match(text)
    if two and is_wish(two["yes"]) and kind_of(two["kind"]) == kind_of(prompt_of(two["yes"])):
        return Asked(two["yes"], background=two["no"])
    for form in (_REASON_FIRST, _REASON, _WITHOUT, _NOBODY, _NOT_BACK, _PLANNED):
        match = form.match(text)
        if match is None or not _is_beside(form, match):
            continue
        rest = match["rest"].rstrip()
        joint = "" if not rest or rest[0] in ",;:.!?" else " "
        words = match["no"].strip(" ,")
        return Asked(f"{match['yes']}{joint}{rest}", background=words, lost=words)
    return None


def _without_guess(text: str) -> Asked | None:
    """Return a request without what it may be: "could be poachers' huts, set up far from roads"."""
    first = _GUESS_FIRST.match(text)
    if first and not _LATER.search(text):
        what, asked = first["what"] or "", first["yes"]
        if what and is_wish(asked) and not (kind_of(what) or ways_of(what)):
            return Asked(asked, background=f"{first['no']} {what}")
        asked = f"{what}, {asked}" if what else asked
        starts_with_thing = not ways_of(asked.split(" ")[0]) or asked.startswith("new ")
        return Asked(asked) if is_wish(asked) and starts_with_thing else None
    last = _GUESS_LAST.match(text)
    is_told = last and not (ways_of(last["no"]) or kind_of(last["no"]) or _LATER.search(text))
    if last and is_told and is_wish(last["yes"]):
        return Asked(last["yes"], background=last["no"])
    return None


def _is_beside(form: re.Pattern[str], match: re.Match[str]) -> bool:
    """Return whether a clause leaves what stands before and behind it as it is."""
    asked, clause, rest = match["yes"], match["no"], match["rest"]
    whole = f"{asked} {rest}"
    if _NEGATION.search(whole.replace("no longer", "")) or _OTHERWISE.search(asked):
        return False
    if form is _PLANNED:
        return bool(kind_of(asked)) and way_of(asked) == "changed"
    if form is _NOT_BACK:
        return _tells_loss(prompt_of(asked)) and bool(_thing(asked))
    if form in (_REASON, _REASON_FIRST) and not _NEGATION.search(clause):
        return False
    told = prompt_of(whole if form is _NOBODY else asked)
    return (_tells_change(told) or _STANDS.search(told) is not None) and bool(_thing(told))


def _is_expected(match: re.Match[str]) -> bool:
    """Return whether a clause says how many of the asked things are expected, and no change."""
    asked, what = prompt_of(match["yes"]), match["what"]
    is_other = _NEGATION.search(match[0]) or _OTHERWISE.search(match["yes"])
    if is_other or kind_of(head_of(what)) or ways_of(what):
        return False
    return _tells_change(asked) and bool(_thing(asked))


def _tells_change(text: str) -> bool:
    """Return whether a text says that something changed, or what it became."""
    return way_of(text) != "changed" or any(map(_is_told, english().segments(text)))


def _tells_loss(text: str) -> bool:
    """Return whether a text says that something was lost or taken away, and nothing else."""
    if way_of(text) == "disappeared" or _TAKEN.search(text):
        return True
    changes = [s for s in english().segments(text) if is_change(s)]
    return bool(changes) and all(s.is_one_of("change:disappeared") for s in changes)


def _is_told(segment: Segment) -> bool:
    """Return whether a word says that something changed, or what it became."""
    is_verb = segment.is_one_of("transition:forward") and not segment.is_one_of("word:function")
    is_result = any(tag.startswith("transition:to_") for tag in segment.tags)
    return is_verb or is_result or is_change(segment)


def _thing(text: str) -> str:
    """Return the words that may name a thing."""
    return thing_words(text, is_strict=True)


def _are_two_kinds(before: str, after: str) -> bool:
    kinds = kind_of(head_of(before)), kind_of(head_of(after))
    return all(kinds) and "several" not in kinds and kinds[0] != kinds[1]
