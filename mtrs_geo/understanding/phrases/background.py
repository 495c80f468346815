"""Separate the request of a text from its background, and from what it says is not asked for.

"We know about the demolitions. Show only the new buildings." and "not the new buildings, the
demolished ones" ask for one thing each.  What the request leaves out is taken from the background:
"the forest was lost, show where it came back".
"""

from __future__ import annotations

import re

from mtrs_geo.query.grammar import normalize, split_sentence
from mtrs_geo.query.wishes.words import GAINS, LOSSES, way_of, ways_of
from mtrs_geo.understanding.phrases.alternatives import (
    without_alternatives,
    without_kept,
    without_otherwise,
)
from mtrs_geo.understanding.phrases.denied import without_courtesy, without_denied
from mtrs_geo.understanding.phrases.left_out import write_orders
from mtrs_geo.understanding.phrases.request_words import (
    ONES,
    ORDER,
    OTHER_TOPIC,
    POLITE,
    PRONOUN,
    STARTS_REQUEST,
    WANT,
    WE,
    WISH,
    Asked,
    has_condition,
    head_of,
    is_wish,
    kind_of,
    thing_told,
)
from mtrs_geo.understanding.phrases.standing import without_negation_beside

__all__ = ["Asked", "separate_background", "separate_request"]

_MOST_CHARACTERS, _MOST_CUTS = 600, 8
_CUT = re.compile(
    r"[.;:!?] ?(?=[a-z'])| - | – "
    rf"|,? (?:and|but|so)(?: now| then)? (?={POLITE}(?:{ORDER}|{WANT}))"
    rf"|,(?: and| but| so)?(?: now| then)? (?={POLITE}(?:{ORDER}|{WE}{WISH}|{OTHER_TOPIC}))"
)
"""Where a request may begin behind the background."""
_KNOWN = re.compile(
    r"^(?:i|we|they|you)(?:'ve| have| do)?(?: all| already| do)* (?:know|knew|have already|already"
    r"|checked|counted|saw|seen|covered|looked at|mapped|have seen|have mapped|got already)\b"
    r"|^(?:(?:my|our|the|a) )?(?:last|previous|earlier|former|other) (?:[a-z]+ )?(?:report|map"
    r"|study|analysis|request|question|job|list|run|answer|result|layer)s?"
    r" (?:was|were|is|are|covered|covers|showed|shows|listed|looked|dealt|had|has|concerned)\b"
    r"|^(?:in|for|with) (?:my|our|the) (?:last|previous|earlier|former) [a-z]+,? (?:i|we|they)\b"
    r"|^(?:i|we) (?:do not|don't|did not|didn't) (?:need|want|care|mind|ask)\b"
    r"|\b(?:is|are) (?:already )?(?:known|mapped|documented|recorded|old news)$"
)
"""What the user says to know already, or not to need."""
_DETERMINED = re.compile(
    r"^(?:(?:in|since|after|during|between|last|this|early|late|yesterday)\b.{1,40}?,? )?"
    r"(?:the|a|an|our|my|their|his|her|this|that|these|those|some|many|most|several|lots of"
    r"|a lot of|all|there|it|they|somebody|someone|people|one|two|three)\b"
)
_FINITE = re.compile(
    r"(?<!that )(?<!which )(?<!who )\b(?:was|were|has|have|had|is|are|shrank|grew|recovered|lost"
    r"|vanished|disappeared|appeared|burned|burnt|fell|came|went|dried|rose|receded|expanded"
    r"|collapsed|died|got|gained|retreated|became|turned|asks?|says?|keeps?|claims?|told|wants?)\b"
    r"|\b(?:they|somebody|someone|people|he|she) (?:(?:have|had|just|already|recently) )*"
    r"(?:demolished|destroyed|razed|removed|felled|cut|cleared|tore|pulled|knocked|flattened|bulldozed|built"
    r"|constructed|planted|paved|dug|put)\b"
)
_PAST = re.compile(r"(?<!that )(?<!which )\b(?:was|were|(?:has|have|had) been)\b")
_NOT_TOLD = re.compile(r"(?:and |but |so )?(?:if|unless|in case|whether|wherever|where|should)\b")
"""Starts what a request depends on."""
_SUBORDINATE = re.compile(
    r"^(?P<word>after|once|when|since|because|as|now that|although|though|even though|given that"
    r"|seeing that|considering that)\b (?P<clause>[^,;:.?!]{8,160}), ?(?P<rest>.+)$"
)
_REASONS = frozenset({
    "because", "as", "now that", "although", "though", "even though", "given that", "seeing that",
    "considering that",
})  # fmt: skip
_NOMINAL = re.compile(
    rf"^(?P<request>{POLITE}(?:{ORDER}|{WANT}) )(?:only )?(?:the |its |their |that )?"
    rf"(?P<noun>{GAINS}|{LOSSES})(?P<rest>[ .?!]*|,? (?:only|please|there)\b.*)$"
)
_REFERS = re.compile(
    r"(?<!is )(?<!are )(?<!was )(?<!were )\bthere\b(?! (?:is|are|was|were)\b)"
    r"|\b(?:its|their|it|them|nearby|around)\b"
)
"""Words of a request that refer to the background."""
_UNREAD = re.compile(
    r"\b(?:it|they|them|ones?) (?:(?:has|have|had|was|were|got|been) )*[a-z]+(?:ed|ew|own|ose)\b"
)
"""What became of the thing of a story, by a verb that may be no known change."""
_ALSO = re.compile(r"\b(?:too|also|as well|likewise)\b")
"""Words of a second wish: "show new houses. The trees were felled too, show them"."""
_STOP = re.compile(r"[.;!?:] ?| - | – ")
_LEAVE = re.compile(
    rf"^(?P<rest>.{{4,160}}?)[,;.] ?{POLITE}(?P<order>leave (?:all |any )?(?:of )?(?:the ones|those"
    r"|ones|all|everything) (?!out\b|as\b)(?:(?! out\b)[^,;.?!])+)[ .?!]*$"
)
"""An order that may mean to keep or to leave out."""
_NOT_TROUBLE = re.compile(
    r",? ?\b(?:if|unless|provided|as long as) (?:(?:it|this|that)(?:'s| is|s)? (?:not )?"
    r"(?:too|a|any) (?:much |big |great )?(?:trouble|bother|problem|hassle|work|difficult|hard)"
    r"|(?:you|nobody|no ?one) (?:do not|don't|does not|would not|wouldn't|won't)? ?minds?"
    r"|(?:it|this|that) (?:does not|doesn't|would not|wouldn't) (?:bother|trouble|disturb) you"
    r"|(?:it|this|that) (?:does not|doesn't|won't|will not) take (?:you )?(?:too )?long)\b,? ?"
)
"""Modesty anywhere in a sentence: "if it is not too much trouble"."""
_APOLOGY = re.compile(
    r"^(?P<told>(?:(?:sorry|please|hello|hi|well|so|ok),? )?(?:"
    r"no (?:rush|hurry|worries|problem|offen[cs]e|pressure|stress|idea|clue|need to hurry)"
    r"|not sure|nothing urgent|not urgent"
    r"|(?:i|we)(?:'m| am| are)? (?:(?:do not|don't|can not|cannot|can't|could not|couldn't|am not"
    r"|are not|aren't|not|never|have no|have never|had no|know nothing))\b"
    r"|never mind|title:|subject:|re:)(?:[^.,;:!?]*))(?:[.;:!?] ?|, ?(?:but |so )?| but | so | - )"
    r"(?P<rest>[a-z].*)$"
)
"""What one apologizes for, or a title: "sorry, I have no GIS experience."."""
_NO_GROUND = re.compile(r"\b(?:no rush|works?)\b")
"""Words of modesty that are ground elsewhere."""
_I_MEAN = re.compile(r"^(?:i|we) (?:mean|meant)[,:]? ")
_NOT_FOUND = re.compile(
    r"^(?:i|we) (?:can't|cannot|can not|could not|couldn't|do not|don't) (?:find|see|locate|spot)"
    r" (?P<thing>[^,;.:]{3,80}?)[,;.:](?: so| but)? ?(?:please |can you |could you ){0,3}"
    r"(?:show|find|mark|map|outline|highlight)(?: me| us)? (?:them|it|these|those)"
    r"(?: to me)?(?: please)?[ .?!]*$"
)
_NO_STORY = (
    r"(?:only|just|really|also|now|still|would|am|are|want|need|like|wish|look(?! after)|search"
    r"|seek|ask|see|saw|seen|found|find|know|knew|think|believe|guess|hope|must|should|can|could|may"
    r"|might|will|request|require|expect|wonder|mean|meant|notic|lost|lose|built|remov|demolish|do|don|did"
    r"|was|were|had|count|map|compar|detect|show|mark|got|get|miss|heard|hear|said|say)"
)
"""First words of a clause that belongs to the request, or tells of a change."""
_WHO_ASKS = re.compile(
    rf"^(?P<told>(?:(?:(?:i|we) (?!{_NO_STORY})[a-z]+|(?:i'm|i am|we're|we are)"
    r" (?!look|search|seek|want|try|interest)[a-z]+ing)\b[^.;:!?]*?|there (?:is|are)\b[^.;:!?]*"
    r"|(?:my|our) [a-z -]{2,40}? (?:is|are|lies?|stands?|sits?|borders?|covers?)\b[^.;:!?]*?"
    r"|as an? [^.;:!?]*?(?=,? (?:i|we)\b)))"
    r"(?:[.;!:?] ?| [-–—] |, ?(?:and |so |but )?| (?:and|but|so) "
    r"| (?=(?:i|we) (?:want|need|would|must)\b))"
    rf"(?P<rest>{POLITE}(?:{ORDER}|{WANT}|(?:i |we )?(?:must|have to) (?:know|see|find)|where|which"
    r"|what|any|how (?:many|much)|(?:are|is|were|was|has|have|did) (?:there|any|some|the))\b.*)$"
)
"""What tells where one lives, what one owns or what is there, in front of a request."""
_IS_PLACE = re.compile(r"(?:i|we) (?:live|work|own|stay|come)\b|there ")
_STUDIES = re.compile(
    r"^(?:i|we)(?:'m| am|'re| are)? (?:(?:monitor|stud(?:y|ies|ying)|research|analy[sz]|inspect"
    r"|assess|survey|track|investigat)[a-z]*|work(?:ing)? on) "
)
"""What one studies names no place, unless a condition follows: "I monitor forests"."""
_OF_IMAGES = re.compile(
    r"\b(?:images?|imagery|pictures?|photos?|rasters?|orthophotos?|scenes?|dates?|maps?|data"
    r"|layers?|(?:19|20)\d\d)\b"
)
_OF_OWN = re.compile(
    rf"^(?:i|we) (?!{_NO_STORY})(?:[a-z]+ )(?:after )?(?P<thing>[^,;.:!?]{{3,80}}?),?"
    r" (?:and|but|so)? ?(?:(?:i|we) )?(?:want|need|would like|must|have)"
    r"(?: to (?:know|see|find(?: out)?))?,? (?P<clause>which)(?: (?:ones|of (?:them|these|those)))?"
    r" (?P<verb>(?:have|has|were|was|are|is)\b.*)$"
)
"""What one owns, and a question about it: "we insure houses … and need to know which are gone"."""


def separate_request(text: str) -> Asked:
    """Return the request of a text without background, and both branches of an "otherwise".

    Args:
        text: any text in English.
    """
    plain = normalize(text).strip()
    ordered = write_orders(plain) if len(plain) <= _MOST_CHARACTERS else plain
    if ordered != plain:
        return separate_request(ordered)
    left = _LEAVE.match(plain) if len(plain) <= _MOST_CHARACTERS else None
    if left and is_wish(left["rest"]):
        return Asked(left["rest"], lost=left["order"])
    choice = without_otherwise(plain) if len(plain) <= _MOST_CHARACTERS else None
    return choice or separate_background(text)


def separate_background(text: str) -> Asked:
    """Return the request of a text without background and without what it says is not asked for.

    A text without background is returned as it is.

    Args:
        text: any text in English.
    """
    plain = normalize(text).strip()
    if len(plain) > _MOST_CHARACTERS:
        return Asked(text)
    polite = _without_apology(plain)
    if polite is not None:
        asked = separate_background(polite.text)
        told = "; ".join(filter(None, (polite.background, asked.background)))
        return Asked(asked.text, background=told, lost=asked.lost or polite.lost)
    return (
        without_negation_beside(plain)
        or without_denied(plain)
        or without_courtesy(plain)
        or without_alternatives(plain)
        or without_kept(plain)
        or _without_clause(plain)
        or _without_story(plain)
        or Asked(text)
    )


def _without_apology(text: str) -> Asked | None:
    """Return a request without modest words around it: "no rush, but which houses are gone?"."""
    plain = _I_MEAN.sub("", _NOT_TROUBLE.sub(" ", text)).strip(" ,")
    sought = _NOT_FOUND.match(plain)
    if sought and is_wish(sought["thing"]):
        return Asked(f"show {sought['thing']}")
    match = _APOLOGY.match(plain)
    if match and _is_apology(match["told"], match["rest"]):
        return Asked(match["rest"])
    own = _OF_OWN.match(plain)
    if own and kind_of(head_of(own["thing"])) and is_wish(f"{own['thing']} {own['verb']}"):
        return Asked(f"{own['thing']} {own['clause']} {own['verb']}")
    match = _WHO_ASKS.match(plain)
    is_apart = match and not ways_of(match["told"]) and not _REFERS.search(match["rest"])
    if match and is_apart and is_wish(match["rest"]):
        told = match["told"]
        rest = _STUDIES.sub("", told)
        is_placed = has_condition(rest) or _IS_PLACE.match(rest) or (rest == told and kind_of(told))
        if not _OF_IMAGES.search(told):
            return Asked(match["rest"], background=told, lost=told if is_placed else "")
    return Asked(plain) if plain != text and is_wish(plain) else None


def _is_apology(told: str, rest: str) -> bool:
    """Return whether words name no ground and no change, so that they deny nothing of a wish."""
    if not is_wish(rest):
        return False
    if told.startswith(("title:", "subject:", "re:")):
        return True
    told = _NO_GROUND.sub("", told)
    parts = split_sentence(told)
    return not (parts.rules or parts.times or kind_of(told) or ways_of(told))


def _without_clause(text: str) -> Asked | None:
    """Return the question behind "after the new road was built"."""
    match = _SUBORDINATE.match(text)
    if match is None or not _FINITE.search(match["clause"]):
        return None
    rest = match["rest"]
    if not STARTS_REQUEST.match(rest) or not is_wish(rest):
        return None
    words = f"{match['word']} {match['clause']}"
    if match["word"] in _REASONS:
        return _asked(rest, match["clause"], background=words)
    return Asked(rest, lost=words)


def _without_story(text: str) -> Asked | None:
    """Return the request behind a story, with the thing that it leaves out."""
    cuts = list(_CUT.finditer(text))
    for cut in cuts if len(cuts) <= _MOST_CUTS else ():
        story, rest = text[: cut.start()], text[cut.end() :].strip(" .?!")
        after = _told_after(story, rest)
        if after is not None:
            return after
        pieces = [piece for piece in _STOP.split(story) if piece.strip()]
        if not pieces or not all(map(_is_told, pieces)):
            continue
        request = _completed(rest, story)
        is_known = all(map(_KNOWN.search, pieces))
        is_request = STARTS_REQUEST.match(rest) is not None
        is_whole = request == rest and not all(map(_DETERMINED.match, pieces))
        if not (is_known or (is_request and not is_whole)):
            continue  # "houses were demolished; show new roads" asks for both
        is_of_ground = kind_of(head_of(request)) or not kind_of(head_of(story))
        if is_of_ground and is_wish(request) and not _told_again(request):
            return _asked(request, story, background=story)
        if is_request and is_wish(story) and _UNREAD.search(rest):
            return Asked(text, lost=rest)
    return None


def _told_after(request: str, rest: str) -> Asked | None:
    """Return the request in front of a story: "I want new houses. The old ones were demolished"."""
    if _STOP.search(rest) or not is_wish(request):
        return None
    if _KNOWN.search(rest):
        return Asked(request, background=rest)
    is_told = _DETERMINED.match(rest) and _PAST.search(rest) and ways_of(rest)
    is_past = is_told and not _ALSO.search(rest)
    if not (is_past and STARTS_REQUEST.match(request)):
        return None
    return _asked(request, rest, background=rest)


def _asked(request: str, story: str, background: str) -> Asked | None:
    """Return a request; what it may refer to in the story is a doubt.

    None if the story only says where or when: "the houses are in the north" belongs to the request.
    """
    pieces = [split_sentence(piece) for piece in _STOP.split(story)]
    if any((p.rules or p.times) and not ways_of(p.prompt) for p in pieces):
        return None
    has_own = bool(split_sentence(request).times)
    is_open = any(p.rules or (p.times and not has_own) for p in pieces)
    is_open = is_open or _REFERS.search(request) is not None
    return Asked(request, background=background, lost=background if is_open else "")


def _told_again(request: str) -> bool:
    """Return whether a request goes on with another story."""
    return any(_is_told(piece) for piece in _STOP.split(request)[1:] if piece)


def _is_told(piece: str) -> bool:
    if _KNOWN.search(piece):
        return True
    if _NOT_TOLD.match(piece):
        return False
    return STARTS_REQUEST.match(piece) is None and _FINITE.search(piece) is not None


def _completed(request: str, story: str) -> str:
    """Return a request with the thing of the story where it leaves that out."""
    thing = thing_told(story)
    if not thing:
        return request
    nominal = _NOMINAL.match(request)
    if nominal:
        time = _time_of(nominal["noun"], story)
        # "Recovery" is rarer than "appeared", which the trained reader knows.
        return (
            f"{nominal['request']}the {thing} that {way_of(nominal['noun'])}{nominal['rest']}{time}"
        )
    if kind_of(head_of(request)):
        return request
    changed = ONES.sub(thing, request, count=1)
    return changed if changed != request else PRONOUN.sub(f"the {thing}", request, count=1)


def _time_of(noun: str, story: str) -> str:
    """Return the time of the part of a story that tells the named change."""
    way = way_of(noun)
    parts = [split_sentence(piece) for piece in re.split(r"[.;,!?] ?| and (?!\d)", story)]
    times = [time.phrase for p in parts if way_of(p.prompt) == way for time in p.times]
    return f", {times[0]}" if len(times) == 1 else ""
