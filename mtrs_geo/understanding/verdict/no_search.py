"""Find sentences that ask for no change that images show: what will come, advice, orders, how."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtrs_geo.understanding.lexicon import Segment
from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.roles import PAUSES, is_change
from mtrs_geo.understanding.verdict.causes import asks_for_cause, measures_one_date

__all__ = ["asks_for_state", "asks_no_search"]

_POLITE = r"(?:(?:please|kindly|so|and|hey|but|now|well) )*"
_DETERMINER = r"(?:an?|the|my|your|our|some|all|these|those|this|that|new|more)"
_ORDER = (
    r"(?:build|construct|erect|put up|demolish|destroy|tear down|pull down|knock down|raze"
    r"|plant|fell|cut(?: down)?|chop down|dig|pave|drain|burn(?: down)?|clear|remove|flood"
    r"|fill in)"
)
_START = re.compile(
    rf"^{_POLITE}"
    r"(?:who |when (?:is|are|was|were|will|did|do|does|has|have|had|can|should) "
    r"|why |how (?:do|can|should|could|would) (?:i|we|you) |how to |what if "
    r"|(?:can|could|should|may|shall) (?:i|we) (?!(?:see|get|have|find|know|view|look|ask"
    r"|please)\b)"
    r"|where (?:is|are) the (?:nearest|closest)\b"
    r"|(?:plant|water|park|house|store|shop|bridge|field|land) (?:an?|the|my|your|our|some) "
    r"|what (?:is|was|are|were) (?:the )?(?:purpose|reason|cause|name|price|value|use|colou?r) "
    r"|(?:what|which) (?:materials?|colou?rs?|prices?|names?|owners?|heights?|ages?) "
    r"|what (?:caused|causes) "
    r"|(?:what|which) way (?:do|did|does|has|have) (?:the )?(?:fires?|flames?|storms?|floods?) )"
)
"""Questions for a reason, a person or the way, and orders."""
_FINDS = (
    r"(?:found|detected|mapped|measured|computed|calculated|identified|determined|counted"
    r"|recogni[sz]ed|defined|marked|decided|derived)"
)
_TOOL = r"(?:you|it|this|they|one|mtrs-geo|(?:this|the|your) [a-z-]+)"
_ABOUT_WORDS = re.compile(
    r"\bwhat (?:do|does|did) [^,;:]{1,60} mean\b|\bwhat (?:is|are|was) (?:meant|understood) by\b"
    r"|\b(?:meaning|definition)s? of\b|^define\b"
    r"|(?:\b(?:do|know|understand|tell|explain|sure) |^)what an? [^,;:]{1,40}"
    r" (?:is|are|means?)[ ?.!]*$"
    rf"|^{_POLITE}(?:what (?:is|are|exactly is)|(?:explain|describe)(?: to (?:me|us))? what) an? "
    r"[^,;:]{1,40}[?.!]*$"
    r"|\bwhat (?:can|could|may|should) (?:i|we|one) (?:ask|say|write|type|enter|search|do|use)\b"
    r"|\bwhat (?:sort|kind|type)s? of (?:questions?|things|changes|words) (?:can|do|may)\b"
    rf"|\bhow [^,;:]{{1,60}} (?:is|are|was|were|gets?) {_FINDS}\b"
    rf"|^{_POLITE}how (?:do|does|can|could|will|would) {_TOOL} "
    r"(?:[a-z]+ )??(?:find|detect|map|measure|compute|know|tell|see|identify|work|recogni[sz]e)\b"
    rf"|^{_POLITE}how (?:accurate|reliable|precise|exact|good|certain|sure|correct|trustworthy) "
)
"""Questions on words or on the tool: "what does 'demolished' mean?"."""
_ANYWHERE = re.compile(
    r"\bwhat (?:would|could|might|may|will|happens?)\b.*\bif\b"
    r"|\b(?:at|in) (?:risk|danger) of\b|\bprone to\b|-prone\b|\bvulnerable to\b"
    r"|\b(?:likely|liable) to (?:be|get|become|disappear|collapse|flood)\b"
    r"|\bup for (?:demolition|removal|clearance|sale)\b"
    r"|\bthere (?:will|shall) be\b|\bwill there be\b"
    rf"|^{_POLITE}what (?:do|does|did|are|is|was|were) .* "
    r"(?:made of|look like|looked like|called|used for|cost|worth)"
    r"(?: (?:in|before|on|now|today|since|after) .*)?[ ?.!]*$"
)
_ORDERED = re.compile(
    rf"^{_POLITE}(?:(?:let us|let's|help me|help us)(?: to)? )?{_ORDER} (?:me |us )?{_DETERMINER} "
)
_WISHED = re.compile(
    r"^(?:i|we)(?:'d| would)? (?:want|need|like) an? (?:new )?[a-z]+[ .!]*$|^i need an? (?:new )?"
    r"[a-z]+[ .!]*$"
)
"""A thing that somebody would like to have: "I need a new house"."""
_HOW = re.compile(
    rf"^{_POLITE}how (?:did|do|does|was|were|is|are|has|have|had|the|an?|these|those|this|all|new) "
    r"|\b(?:tell me|tell us|explain|describe|know|understand|learn|find out) how "
    r"(?:the|an?|they|people|it|these|those|this|my|our|all|new)\b"
)
_DEVELOPS = re.compile(
    r"\b(?:chang|alter|grow|grew|shr[aiu]nk|expand|develop|evolv|differ|spread|vari|vary|mov|shift"
    r"|increas|decreas|reced|advanc|retreat|recover|compar|behav|becom|becam|far(?:ed|ing)\b)"
)
"""Verbs of which "how" asks for the extent, which is the change itself."""
_ONE_WAY = ("change:appeared", "change:disappeared", "transition:to_water")
_MODALS = frozenset({
    "will", "shall", "would", "may", "might", "can", "could", "should", "must", "ought to",
})  # fmt: skip
_CERTAIN = frozenset({"will", "shall", "would", "should", "must"})
_DATE_WORDS = frozenset({
    "in", "since", "from", "of", "until", "by", "after", "before", "during", "last", "next",
    "early", "late", "mid", "this", "between", "and", "to",
})  # fmt: skip
"""Words before the month of May."""
_BEFORE_INFINITIVE = frozenset({
    "where", "place", "places", "spot", "spots", "possible", "allowed", "permitted", "plan",
    "plans", "planning", "planned", "want", "wants", "wanted", "wish", "wishes", "intend",
    "intends", "intended", "hope", "hopes", "propose", "proposes", "like", "have", "has", "going",
    "expected", "supposed", "meant", "ready", "decide", "decides", "decided", "able", "suitable",
    "permission", "permit", "time", "ought",
})  # fmt: skip
_PLANNED = frozenset({
    "planned", "proposed", "envisaged", "scheduled", "earmarked", "slated", "upcoming", "future",
    "prospective", "foreseen", "intended", "approved", "forthcoming",
})  # fmt: skip
_ENDINGS_OF_PAST = ("ed", "ing", "ost", "one", "orn", "own", "ewn", "ew", "uilt", "ut", "ept")
_NO_VERBS = frozenset({
    "new", "newly", "brand", "brand-new", "recent", "recently", "fresh", "freshly", "additional",
    "extra", "former", "formerly", "exposed", "missing", "more", "less", "fewer", "no", "not",
    "any", "latest", "newest", "most", "dead", "sudden", "different", "to", "same", "still",
    "existing", "previously", "hitherto", "now", "just", "only", "absent", "under", "up",
    "in", "on",
})  # fmt: skip
"""First words of phrases of change that are no verbs."""
_WHERE = re.compile(
    rf"^{_POLITE}(?:where|which [a-z]+) (?:will|would|shall|should|could|might|may|can) "
)
_LOOK = re.compile(
    r"\b(?:you|see|seen|saw|find|found|shown?|look|get|visible|detect(?:ed)?|marked|have|spot(?:ted)?"
    r"|recogni[sz]ed?|identif(?:y|ied)|observed?|mapped|notice)\b"
)
_STATE = re.compile(
    r"(?<!far )(?<!long )\bas (?:it|they) (?:was|were|is|are|stood|looked) "
    r"(?:(?:back )?(?:in \d+|then)|before|now|today|originally)\b"
    r"|\bhow many (?:[a-z]+ ){1,3}?(?:were|are|was|is) there "
    r"(?:(?:back )?in \d|today|now|at present|currently|at the moment|then|originally|before\b)"
)
"""Asks for what stood at one date."""
_CLASSIFIED = re.compile(rf"^{_POLITE}(?:classify|segment|recogni[sz]e|label) ")
_OF_ONE_DATE = re.compile(
    r"\b(?:extract(?:ion|ing|ed)?|segmentation|digiti[sz]e|vectori[sz]e|delineat(?:e|ion)|masks?"
    r"|footprints?)\b|\bmaps?(?: of\b|$)|\ball (?:of )?(?:the|these|those)\b|\b(?:every|each)\b"
    r"|^(?:show|map|mark|find|list|outline|draw|highlight|detect|display|locate|give)(?: me| us)?"
    r" the\b"
    rf"|\bhow many\b|^{_POLITE}(?:count|(?:the )?number of)\b"
    r"|\bwhat (?:is|are|was) the (?:surface |total )?(?:area|size|extent|length)\b"
    r"|\bhow (?:big|large|long|wide|deep|tall|high|old) (?:is|are|was|were)\b"
)
"""Words that ask for the ground itself, where no word says that it changed."""
_PERIOD = re.compile(
    r"\b(?:since|after)\b|\b(?:between|from) .*\d|\b(?:19|20)\d\d (?:(?:to|vs) )?(?:19|20)\d\d\b"
)
"""Names two dates, so that a change between them is asked for: "the trees from 2010 to 2020"."""
_SAME = re.compile(
    r"\b(?:same|still|just|exactly|left|remain\w*|stay\w*|st[ao][no]d\w*|are|is|were|was|as) "
)
_PRESENT = frozenset({
    "existing", "present-day", "current", "today's", "long-established", "established",
})  # fmt: skip
_LIES = frozenset({"run", "runs", "lie", "lies", "stand", "stands", "located", "situated"})
_BESIDE_GROUND = (
    "word:function", "word:requests", "word:questions", "word:modifiers", "word:scene",
    "word:relations",
)  # fmt: skip
_ASKING = ("word:function", "word:requests", "word:questions", "word:modifiers")


def asks_no_search(sentence: Sentence) -> bool:
    """Return whether a sentence asks for no change that images can show.

    Such are questions for a reason, a person or the way, orders, advice, and what will, may or
    should come: "where will the road be built?", "where to plant trees".
    """
    segments = sentence.segments
    words = " ".join(s.text for s in segments)
    if _START.match(words) or _ANYWHERE.search(words) or asks_for_state(sentence):
        return True
    if _ABOUT_WORDS.search(words) or _asks_meaning(segments) or asks_for_cause(words):
        return True
    if _ORDERED.match(words) and not _looks_later(segments, 1):
        return True
    if _WISHED.match(words) and len(sentence.things) == 1:
        return not sentence.things[0].text.endswith("s")
    if _WHERE.match(words) and not _LOOK.search(words):
        return True
    if _HOW.search(words) and not _DEVELOPS.search(words):
        return any(_is_verb(s) and s.is_one_of(*_ONE_WAY) for s in segments)
    at = next((i for i in range(len(segments)) if _is_intention(segments, i)), None)
    if at is None or sentence.is_negated or _looks_later(segments, at + 1):
        return False
    # "Trees felled where a road should be built" are felled trees.
    return not any(_is_verb(s) for s in segments[:at])


def asks_for_state(sentence: Sentence) -> bool:
    """Return whether a sentence asks for what stood at one date: "the lake as it was in 2005"."""
    words = " ".join(s.text for s in sentence.segments)
    if measures_one_date(sentence):
        return True
    found = _STATE.search(words)
    if sentence.contrast is not None or sentence.is_negated:
        return False
    if found is not None and found[0].startswith("as "):
        return not _SAME.search(words[: found.start()] + " ")
    is_named = found is not None or _CLASSIFIED.match(words) is not None
    is_named = is_named or (
        _names_ground_alone(sentence)
        and _OF_ONE_DATE.search(words) is not None
        and _PERIOD.search(words) is None
    )
    return not sentence.moves and (is_named or _is_of_today(sentence))


def _names_ground_alone(sentence: Sentence) -> bool:
    """Return whether things of one class are named, and nothing that may have become of them."""
    classes = {s.land_cover for s in sentence.things}
    rest = (s for s in sentence.segments if not s.land_cover and s.text[0].isalpha())
    is_one = len(classes) == 1 and sentence.before == sentence.after
    return is_one and all(
        s.is_one_of(*_BESIDE_GROUND) or _OF_ONE_DATE.fullmatch(s.text) for s in rest
    )


def _asks_meaning(segments: Sequence[Segment]) -> bool:
    """Return whether a sentence asks what a word for a change is: "what is deforestation?"."""
    words = [s.text for s in segments if s.text not in "?.!"]
    is_asked = words[:1] == ["what is"] or words[:2] in (["what", "is"], ["what", "are"])
    named = [s for s in segments if any(tag.startswith("event:") for tag in s.tags)]
    return is_asked and len(named) == 1 and words[-1] == named[0].text and len(words) <= 3


def _is_of_today(sentence: Sentence) -> bool:
    """Return whether "existing houses" or the like is the first thing."""
    first = next((i for i, role in enumerate(sentence.roles) if role == "thing"), 0)
    before = sentence.segments[:first]
    is_asked = all(s.is_one_of(*_ASKING) or s.text in _PRESENT for s in before)
    return is_asked and any(s.text in _PRESENT for s in before)


def _looks_later(segments: Sequence[Segment], start: int) -> bool:
    """Return whether a request follows: "remove the clouds and show new roads"."""
    later = segments[start:]
    return any(
        s.is_one_of("word:requests") and not s.land_cover and s.text not in _LIES for s in later
    )


def _is_intention(segments: Sequence[Segment], i: int) -> bool:
    return _is_modal(segments, i) or _is_infinitive(segments, i) or _is_plan(segments, i)


def _is_verb(segment: Segment) -> bool:
    """Return whether a phrase is a verb of change: "built" and "disappear", but not "new"."""
    first = segment.text.split(" ")[0]
    if first in _NO_VERBS or first.endswith(("tion", "tions")) or segment.is_one_of("change:noun"):
        return False
    is_transition = any(tag.startswith("transition:") for tag in segment.tags)
    return (is_transition and not segment.is_one_of("word:function")) or is_change(segment)


def _is_base(segment: Segment) -> bool:
    """Return whether a phrase may be an infinitive: "disappear", but not "built"."""
    first = segment.text.split(" ")[0]
    return _is_verb(segment) and not first.endswith(_ENDINGS_OF_PAST) and not segment.land_cover


def _is_modal(segments: Sequence[Segment], i: int) -> bool:
    """Return whether a modal verb and a verb of change stand at ``i``: "should trees be felled"."""
    text = segments[i].text
    if text not in _MODALS or (text == "may" and i and segments[i - 1].text in _DATE_WORDS):
        return False
    if any(s.text in ("so", "so that", "if") for s in segments[max(0, i - 6) : i]):
        return False
    for j in range(i + 1, min(len(segments), i + 9)):
        segment, before = segments[j], segments[j - 1].text
        if segment.text in PAUSES or segment.text in ("you", "that", "which", "who", "have"):
            return False
        if segment.text in ("be", "get", "become"):
            return _is_passive(segments, i, j)
        if segment.text == "plant" and before in ("i", "we", "they", "people", text):
            return True
        if _is_base(segment):
            return True
        if segment.is_one_of("word:requests") and not segment.land_cover:
            # "A new road will run along the river", but "we will need a map".
            return text == "will" and i > 0 and segments[i - 1].land_cover is not None
    return False


def _is_passive(segments: Sequence[Segment], i: int, be: int) -> bool:
    """Return whether "be" at ``be`` and the modal at ``i`` say what will happen to a thing."""
    following = next((s for s in segments[be + 1 :] if s.text != "soon"), None)
    if following is None or following.text in PAUSES:
        has_thing = any(s.land_cover for s in segments[i + 1 : be])
        return has_thing and segments[i].text in _CERTAIN
    return _is_verb(following)


def _is_infinitive(segments: Sequence[Segment], i: int) -> bool:
    """Return whether an intention and an infinitive stand at ``i``: "where to build"."""
    first, _, second = segments[i].text.rpartition(" ")
    if first == "possible" and second == "to":
        return i + 1 < len(segments) and _is_base(segments[i + 1])
    if second not in _BEFORE_INFINITIVE:
        return False
    following = segments[i + 1 : i + 4]
    if not following:
        return False
    if following[0].text.startswith("to ") and following[0].is_one_of("transition:forward"):
        return True
    if following[0].text != "to" or len(following) < 2:
        return False
    is_passive = following[1].text in ("be", "get") and len(following) > 2
    return _is_verb(following[2]) if is_passive else _is_base(following[1])


def _is_plan(segments: Sequence[Segment], i: int) -> bool:
    """Return whether a plan of a thing is named at ``i``, and no verb says that it was done."""
    is_named = segments[i].text in _PLANNED or [s.text for s in segments[i : i + 2]] == [
        "marked",
        "for",
    ]
    near = segments[max(0, i - 2) : i + 4]
    is_of_thing = any(s.land_cover or is_change(s) for s in near)
    return (
        is_named
        and is_of_thing
        and not any(_is_verb(s) and not s.text.endswith("s") for s in segments)
    )
