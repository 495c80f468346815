"""Write a sentence in the words that the grammar knows, before its rules are taken out."""

from __future__ import annotations

import re

from mtrs_geo.query.classes import class_of
from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.relations import join_distance_ranks
from mtrs_geo.query.sizes import write_bounds, write_distances
from mtrs_geo.understanding.lexicon import english
from mtrs_geo.understanding.phrases.clauses import rewrite_clauses
from mtrs_geo.understanding.phrases.comparison import compare_with_earlier, write_comparatives
from mtrs_geo.understanding.phrases.standing import write_untouched
from mtrs_geo.understanding.roles import is_change

__all__ = ["rewrite"]

_NUMBER = r"(?:\d[\d.,]*|\w+) ?(?:m|km|metres?|meters?|kilomet(?:re|er)s?|feet|ft|miles?|yards?)"
_MADE = r"(?:built|constructed|erected|put up)\b"
_GONE = r"(?:demolished|destroyed|razed|torn down|pulled down|knocked down|removed|vanished|lost)\b"
_OR_AND = r"(?:and/or|or|and)"
_EITHER = "added or removed"
_ROLE = r"(?:an?|the|from|with|in|at|on|working|doing|writing|preparing|studying|planning|part of)"
_INTRODUCTION = re.compile(
    rf"^(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)"
    rf"|greetings)\b[^,.;!:]{{0,30}}[,.;!:]+ )?"
    rf"(?:(?:i am|i'm|we are|we're|as|being) {_ROLE} [^,.;:!?]{{1,60}}?(?:[,.;:]+| and| so) (?=\w)"
    r"|(?:i am|i'm|we are|we're) (?:an? )?[^,.;:!?]{1,40}? and (?=(?:i |we )?(?:need|want|would"
    r"|look|am|are)\b))?"
)
_GREETING = re.compile(
    r"^(?:(?:good )?(?:morning|afternoon|evening|day)|hi|hello|hey|howdy|greetings|namaste|dear)"
    r"(?: (?:there|all|team|everyone|folks|guys|sir|madam|friends?|again))*[,.!:;-]+ (?=\w)"
    r"|^(?:(?:just )?(?:a )?quick (?:one|question|query|request)|question|request|ok(?:ay)?|so|well"
    r"|right"
    r"|(?:i'm |i am )?(?:so |very )?sorry(?: to (?:bother|trouble|disturb) you)?(?: again)?"
    r"|excuse me|thanks in advance|if (?:possible|you can|you could|at all possible))"
    r"(?:[,.!:;-]+(?: but)?|,? but) (?=\w)"
)
_NOTHING_AFTER = re.compile(
    r",? (?:and|but) (?:nobody|no one|nothing) (?:has |have |had |was |were )?(?:been )?"
    r"(?:put|built|done|placed|erected|came|come|rebuilt)\b[^,;.?!]{0,30}"
    r"\b(?:there|since|instead|in (?:its|their) (?:place|stead))\b"
)
"""What stands behind a loss and says that nothing came after it."""
_KEYWORD = re.compile(
    r"\b(?:build|house|home|road|street|tree|forest|wood|water|river|lake|pond|soil|ground|change"
    r"|new|demoli|remov|park|field|grass|vegetation)"
)
_CANVAS = re.compile(
    r"^((?:please |can you |could you |kindly )*)(?:draw|make|put|give me|create|produce|prepare"
    r"|generate|return|deliver|i (?:want|need)|i would like|i'd like|provide)(?: me| us)? "
    r"(?:an? |the |some )?(?:polygons?|box(?:es)?|outlines?|lines?|circles?|maps?|list|overview"
    r"|layer|vector layer|shapes?|frames?)"
    r" (?:around|of|for|over|with|showing|on) (?=\w)"
)
_YEAR = r"(?:[a-z]+ )?(?:\d{1,2} )?(?:19|20)\d\d\b"
_NOT_IN = re.compile(
    r"(?:\b(?:that|which) )?(?:\b(?:is|are|was|were|lies?) )?\bnot (?:in|inside|within) "
    r"(?=(?:the|an?|any) (?P<thing>[a-z-]+)(?: and | or |[,;.?! ]*$|[,;]))"
)
_AREAS = ("vegetation", "water", "bare")
_LEFT = re.compile(
    r"\b(?P<thing>[a-z-]+)(?: that| which)?(?: (?:is|are|was|were))?(?: still)? left"
    r"(?=[ .?!]*$|[,;]| (?:in|near|within|along|by|at|around|inside|between|close)\b)"
)
_NO_REST = re.compile(r"\b(?:not?|none|never|nothing|without|few|little|hardly|only|one|\w+n't)\b")
_NOT_NEAR = re.compile(
    r"(?P<not>\bnot (?:near|close to|next to|beside|along|within [^,;]{1,20} of) [a-z' -]{1,40}?)"
    r" (?P<clause>(?:that|which) (?:was|were|has been|have been) [a-z]+(?: (?:up|down|away|out))?)"
    r"(?=[ .?!]*$|[,;])"
)
_PERMANENT = re.compile(r"\bpermanent(?:ly)? (?=[a-z])")
"""A word for what stands, unless something says that it came or went."""
_PARTICLE = r"(?:down|up|out|away|off|over|in)"
_SEPARATED = re.compile(
    r"\b(?P<verb>t(?:ear|ears|ore|earing)|pull(?:s|ed|ing)?|knock(?:s|ed|ing)?|t(?:ake|akes|ook"
    r"|aking)"
    r"|br(?:ing|ings|ought|inging)|cut(?:s|ting)?|chop(?:s|ped|ping)?|burn(?:s|ed|t|ing)?"
    r"|rip(?:s|ped|ping)?"
    r"|fill(?:s|ed|ing)?|clear(?:s|ed|ing)?|wip(?:e|es|ed|ing)|sweep(?:s|ing)?|swept|wash(?:es"
    r"|ed|ing)?"
    r"|dig(?:s|ging)?|dug|pav(?:e|es|ed|ing)|put(?:s|ting)?|throw(?:s|ing)?|threw|set(?:s|ting)?"
    r"|la(?:y|id|ys|ying)|plough(?:s|ed|ing)?|plow(?:s|ed|ing)?)"
    rf" (?P<thing>(?!(?:it|them|{_PARTICLE})\b)(?:[a-z'-]+ ){{1,4}}?)(?P<particle>{_PARTICLE})"
    r"(?=$|[,.;:?!]| (?:in|at|on|near|by|along|between|since|after|before|for|to|and|beside"
    r"|next|inside|within)\b)"
)
_NO_OBJECT = re.compile(
    r"\b(?:is|are|was|were|has|have|had|been|that|which|who|near|in|at|on|by|along|between|from"
    r"|to|of the|with|and|or|not|for|down|up|out|away|off|over)\b"
)
_WITHOUT = (
    r"(?:(?:have|has|had|with)(?: got)? no|(?:without|lacking)(?: an?| any)?"
    r"|(?:do|does|did)(?:n't| not) have(?: an?| any)"
    r"|(?<=, )(?:and |but )?(?:(?:where )?there (?:is|are|was|were) )?no)"
)
_WITH = r"(?:have|has|had|having|with)(?: got)? (?:an?|the|some|at least one|at least an?)"
_HAS_NEARBY = re.compile(
    rf"\b(?:(?:that|which) )?(?:(?P<without>{_WITHOUT})|(?<!not )(?<!n't )(?<!never ){_WITH})"
    r" (?P<thing>(?!the )[a-z-]+(?: [a-z-]+)?)(?: (?:that|which) (?:is|are))?(?:"
    rf"(?: \w+)? (?:within|closer than|nearer than|less than) (?P<distance>{_NUMBER})\b(?! of\b)"
    r"(?: away)?"
    r"|(?P<nearby> (?:near(?:by)?|around|close by|next door|(?:next to|beside|near|close to"
    r"|around) (?:it|them)"
    r"|in the (?:vicinity|neighbou?rhood)))(?=$|[,;.?!]| (?:that|which|in|since|after|before)\b))"
)
"""What has another thing nearby, or none: "with a road within 50 m", "that have a river nearby"."""
_WAS_IN = re.compile(
    r"(?<=[a-z,] )(?P<was>\b(?:was|were|had been|used to be|where there stood)"
    r" (?:(?:only|just|still|once|formerly|merely|all|mostly|an?|the|some) )*"
    r"(?P<thing>(?!not\b)[a-z-]+(?: (?!back\b)[a-z-]+)?)) (?:back )?(?:in|as of|as at)"
    r" (?P<year>(?:19|20)\d\d)\b"
)
_ANY_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
"""The date of an earlier state: "houses that were fields in 2015" came since."""
_HAZARD = (
    r"(?:wild|bush|forest )?fires?|flames|(?:the )?blaze|storms?|hurricanes?|tornado(?:es|s)?"
    r"|cyclones?"
    r"|typhoons?|gales?|hail(?:storms?)?|arson|snow(?: loads?)?|ice|frost|lightning|falling trees?"
    r"|heavy rains?|vandals?|rot|termites|subsidence|landslides?|mudslides?|avalanches?|lava"
    r"|eruptions?|earthquakes?|quakes?|tsunamis?"
    r"|(?:storm )?surges?|drought|beetles?|pests?|disease|bombs?|shelling|war"
)
_IDIOMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r" ?(?:=>|-->|⇒|➔|➜|⟶|~>|->|→) ?", " -> "),
        (r"(?<=[a-z]) ?[&+] ?(?=[a-z]{3})", " and "),
        (r"\bbefore ?/ ?after\b", "before and after"),
        (r"(?<![/\w])(?!and/)([a-z]{3,}) ?/ ?(?=[a-z]{3,}(?![/\w]))", r"\1 and/or "),
        (r"\b(\w+er|more|less) then (?=\d|an? )", r"\1 than "),
        (r"(?<=[a-z]) > (?=[a-z])", " -> "),
        (r"\b([a-z]+)-to-([a-z]+)", r"\1 to \2"),
        (r"\bg ?\+ ?\d+\b", "multi-storey"),
        (r"^were (?=(?:did|do|does|have|has|is|are|was|were|can|could)\b)", "where "),
        (
            r"\b(been|being|is|are|was|were|got) "
            r"(sand|soil|earth|rubble|mud|dirt|gravel|debris|water)-?filled\b",
            r"\1 filled with \2",
        ),
        (
            rf"\b(?:consumed|devoured|engulfed|claimed|swallowed(?: up)?|taken|gutted"
            r"|eaten(?: up| away)?)"
            rf" by ((?:(?:the|a|an) )?(?:{_HAZARD}))\b",
            r"destroyed by \1",
        ),
        (
            r"\bby (?:(?:the|a|an|some) )?(?:[a-z']+ ){0,2}"
            r"(?:department|authority|authorities|agency|board|association|company|crews?|service"
            r"|commission|developers?|committee|corporation|ministry|council|contractors?|firm|trust)\b",
            "",
        ),
        (
            rf"\b(?:fell|fall|fallen|falling) (?:victim|prey) to (?:the )?(?:\w+ )?"
            rf"(?:{_HAZARD}|floods?|flooding|erosion)\b",
            "destroyed",
        ),
        (
            rf"\b(?:(?:the|a|an) )?(?:{_HAZARD}|floods?|floodwaters?|erosion)"
            r" (?:has |have |had )?(?:took(?: out| away| down)?|taken(?: out| away| down)?|claimed"
            r"|destroyed|carried (?:off|away)|(?:swept|washed) away|flattened|wiped out"
            r"|brought down|blew down|knocked (?:down|over)|tore down|wrecked|crushed|levelled) "
            r"(?=(?:the|some|all|many|most|several|those|these|our|my|\d+|two|three) )",
            "people removed ",
        ),
        (
            r"\b(villages?|towns?|hamlets?|suburbs?|neighbou?rhoods?|settlements?|cit(?:y|ies)"
            r"|districts?|schools?|hospitals?) (?:(?:that|which) )?(?:have |has |had )?"
            r"(?:got|gotten|gained|received|acquired|been given) "
            r"(?=(?:an? |some |more )*(?:new\b|more\b|a ))",
            "places with ",
        ),
        (
            r"\bso(?: that)? ((?:(?:an?|the|some|more) )?[a-z' -]{3,40}?) (?:could|can|might|would)"
            r" be (?:built|put up|laid|made|erected|constructed|dug|planted)\b",
            r"to make way for \1",
        ),
        (
            r"\bfor (?:having no|lack of|want of|lacking|not having)"
            r" (?:(?:any|a|the) )?(?:\w+ )?(?:permissions?|permits?|consent|approval"
            r"|licen[cs]es?|authori[sz]ation|papers)\b",
            "",
        ),
        (r"\bleave (?:out )?((?:the |any |all )?[a-z-]+(?: [a-z-]+)?) out\b", r"leave out \1"),
        (
            r"\bwithout (?:(?:any|a|the) )?(?:\w+ )?(?:permissions?|permits?|consent|approval"
            r"|licen[cs]es?|authori[sz]ation)\b",
            "",
        ),
        (
            r"\b(?:that (?:is|are|do|does) |which (?:is|are) )?"
            r"not (?:too |very |so |that )?far (?:away )?from\b",
            "near",
        ),
        (r"\bnot a long way from\b", "near"),
        (r"\bnothing but\b", "only"),
        (r"\bnot (?:only|just) ([^,;]{1,60}?),? but (?:also )?", r"\1 and "),
        (
            r"\b(?:no matter|regardless of|never mind) "
            r"(?:what|which|how|where|when|who|if|whether)\b[^,;.?!]{0,40}",
            "",
        ),
        (r"\bwhether or not\b", "whether"),
        (r"\b(?:i )?(?:don't|do not) (?:care|mind|know)\b[^,;.?!]{0,40}[,;.]? ?", ""),
        (
            r"^(?:please )?(?:show|find|list|give|mark|map|detect|highlight|display)(?: me)? "
            r"(?=(?:every|any)thing but |all but )",
            "",
        ),
        (
            r"\bfail(?:s|ed|ing)? to (?:survive|remain|stay|stand|last|endure|persist)\b",
            "disappeared",
        ),
        (
            r"\bsince (?:i|we|they|he|she|my [a-z]+|our [a-z]+) [a-z ]{3,40}? (?:back )?in "
            r"(?=(?:19|20)\d\d\b)",
            "since ",
        ),
        (
            r"(?:^|(?<=\bthe )|(?<=\ba )|(?<=\bnew )|(?<=\bold )|(?<=\bour )|(?<=\bthis ))"
            r"plant(?= (?:(?:was|were|is|are|has|have|had|been|that|which|also) )*(?:clos(?:ed|ing)"
            r"|shut|opened|reopened|built|constructed|commissioned|decommissioned|demolished|razed"
            r"|torn|pulled|knocked|bulldozed|expanded|extended|mothballed)\b)",
            "factory",
        ),
        (
            r"\b((?:water|lake|pond|river|canal|sea|stream|reservoir|lagoon|pool)s?"
            r" (?:(?:has|have|had|that|which) )*(?:turned|turning|went|gone|became|become|is|are))"
            r" ((?:all |bright |quite |very )?)green\b",
            r"\1 \2green-coloured",
        ),
        (r"\bthere must be\b", "there is"),
        (r"\bthere must have been\b", "there was"),
        (r"\bbuilt up north\b", "built in the north"),
        (rf"\b(?:no|not) later than (?={_YEAR})", "until "),
        (rf"\b(?:no|not) earlier than (?={_YEAR})", "since "),
        (
            r"(?:\b(?:that|which) )?\b(?:do|does|did)(?:n't| not) exceed(?: an area of)? "
            r"|\bnot exceeding(?: an area of)? ",
            "at most ",
        ),
        (r"\b(?:no less|not less|no fewer|not fewer) than\b", "at least"),
        (r"\b(?:no more|not more) than (?=\d)", "at most "),
        (
            r"\b(?:no|not) (?:closer|nearer) than (\d[\d.,]* ?\w+) (?:to|from)\b",
            r"farther than \1 from",
        ),
        (
            r"\b(?:is|are|was|were|do|does|did|can|could|has|have)(?:n't| not) ([a-z ]{0,30}?)"
            r"\b(?:any ?more|any longer|no longer)\b",
            r"no longer \1",
        ),
        (
            rf"\b(lost|destroyed|flattened|collapsed|damaged|felled|ruined|gone|crushed|killed"
            rf"|brought down|taken down|knocked down|blown down|cut down|burnt down|burned down)"
            rf" (?:to|by|under|from|in|because of|due to|through|after)"
            rf" (?:(?:the|a|an|heavy|strong|recent|weight of) )*(?:{_HAZARD})(?=$|[,;.?!])",
            r"\1",
        ),
        (
            r"\bwithout (?:anyone|anybody|us|me|notice|notification|warning|telling|asking"
            r"|consultation|informing|our knowledge)\b[^,;.?!]*",
            "",
        ),
        (
            r"(?:,? (?:that|which|and|but) (?:is|are|was|were|has been|have been))?,? (?:not|never)"
            r" (?:yet )?(?:declared|registered|reported|notified|authori[sz]ed|approved|insured"
            r"|permitted|listed|recorded|disclosed|on (?:the|my|our) (?:map|policy|plan|file))"
            r"\b[^,;.?!]*",
            "",
        ),
        (
            r"\b(?:since|after|following) the (?:demolitions?|clearances?|felling|works?"
            r"|redevelopment|clear-?up|clean-?up)(?=$|[,;.?!])",
            "",
        ),
        (
            r"^(?:here |there )?before (?:it|there|this place|we|they) (?:had|was|were|has)"
            r" (?P<thing>[a-z]+(?: [a-z]+)?)(?: here| there)*(?=$|[.?!])",
            r"\g<thing> that disappeared",
        ),
        (r"\brings? of (?=(?!road)(?:[a-z-]+ )?[a-z-]+s\b)", "group of "),
        (r"\bbrand new\b", "brand-new"),
        (r"\b(?:have|has|had) been building\b", "built"),
        (
            r"\b(people|they|we|someone|somebody|developers?|owners?|farmers) "
            r"(?:are |were )?building\b",
            r"\1 built",
        ),
        (r"\bto this day\b", "still"),
        (r"\bone of these days\b", ""),
        (r"\bno\. ?(?=\d)", "number "),
        (r"\bnowhere near\b", "not near"),
        (rf"\bnew(?:ly built)? {_OR_AND} {_GONE}|\b{_GONE} {_OR_AND} new(?:ly built)?\b", _EITHER),
        (rf"\b{_MADE} (?:and/or|or) {_GONE}|\b{_GONE} (?:and/or|or) {_MADE}", _EITHER),
        (
            r"\b(?P<most>largest|biggest|smallest|longest|widest|northernmost|southernmost"
            r"|easternmost|westernmost) and (?:the )?second[- ](?P=most)\b",
            r"2 \g<most>",
        ),
        (r"\bwithout (?:(?:a|any) )?(?:trace|replacement|successor)s?\b", "gone"),
        (
            r"(?:(?:where|of which|because|and) )?(?:there (?:is|are|was|were) )?\bnone (?:of (?:it"
            r"|them) )?(?:(?:is|are|was|were) )?left\b(?: behind)?",
            "gone",
        ),
        (r"\b(?:and )?left none behind\b", "gone"),
        (
            r"\b(?:not an?|not one|not a single|none of (?:the|these|those)|no trace of (?:the|an?)"
            r"|nothing of (?:the|these|those)|no) (?P<thing>(?!new\b)[a-z-]+(?: [a-z-]+)?)"
            r" (?:still )?(?:remains?|remained|survives?|survived|stands?|stood|(?:is|are) left)\b"
            r"(?! (?:un\w+|the same|intact))",
            r"\g<thing> that disappeared",
        ),
        (
            r"\b(?:(?:areas?|land|places|sites|pixels|ground|surfaces) )?"
            r"(?:(?:that|which) )?(?:were |was |have |has |been )*(?:changed|converted|switched"
            r"|turned|changes?|conversions?) (?:in)?to (?:or|and) from (?P<thing>[a-z][a-z -]+)",
            r"changed \g<thing>",
        ),
        (
            r"\bfrom (?:anything|something|everything|whatever) else (?:in)?to "
            r"(?P<thing>[a-z][a-z -]+)",
            r"new \g<thing>",
        ),
    )
)  # fmt: skip


def rewrite(text: str) -> str:
    """Return a sentence without introduction, with its idioms in the words of the grammar.

    "I am a planner and need …" and "draw polygons around …" are dropped; "tore the house down"
    becomes "tore down the house", "not far from" becomes "near".

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    text = _GREETING.sub("", text, count=3)
    introduction = _INTRODUCTION.match(text)
    if introduction and introduction.end() < len(text) and not _KEYWORD.search(introduction[0]):
        text = text[introduction.end() :]
    text = write_bounds(write_distances(_CANVAS.sub(r"\1show ", text)))
    text = compare_with_earlier(write_comparatives(rewrite_clauses(write_untouched(text))))
    for pattern, replacement in _IDIOMS:
        text = pattern.sub(replacement, text)
    plain = _PERMANENT.sub("", text)
    text = plain if direction_of(plain) in ("appeared", "disappeared") else text
    text = _LEFT.sub(_remaining, text)
    if len(_ANY_YEAR.findall(text)) == 1:
        text = _WAS_IN.sub(_since, text)
    text = join_distance_ranks(_NOT_NEAR.sub(_clause_first, _NOT_IN.sub(_outside, text)))
    nothing = _NOTHING_AFTER.search(text)
    if nothing and direction_of(text[: nothing.start()]) == "disappeared":
        text = text[: nothing.start()] + text[nothing.end() :]
    text = _HAS_NEARBY.sub(_near, text)
    return " ".join(_SEPARATED.sub(_join, text).split())


def _near(match: re.Match[str]) -> str:
    """Return "near the river" for "that have a river nearby", and "far from" for "no river"."""
    if match["distance"]:
        relation = "farther than {} from" if match["without"] else "within {} of"
        return f"{relation.format(match['distance'])} the {match['thing']}"
    return f"{'away from' if match['without'] else 'near'} the {match['thing']}"


def _since(match: re.Match[str]) -> str:
    """Write "were fields in 2015" as "were fields since 2015": the change came after that."""
    thing = english().segments(match["thing"])[-1]
    is_ground = thing.land_cover is not None and not is_change(thing)
    is_ground = is_ground and not thing.text.endswith("ed")
    return f"{match['was']} since {match['year']}" if is_ground else match[0]


def _outside(match: re.Match[str]) -> str:
    """Write "not in the forest" as "outside the forest"; a picture is no ground."""
    return "outside " if class_of(match["thing"]) in _AREAS else match[0]


def _remaining(match: re.Match[str]) -> str:
    """Write "buildings left in the north" as "buildings that remain in the north"."""
    is_plain = _NO_REST.search(match.string) is None and direction_of(match.string) == "changed"
    is_ground = class_of(match["thing"]) not in ("any", "other")
    return f"{match['thing']} that remain" if is_plain and is_ground else match[0]


def _clause_first(match: re.Match[str]) -> str:
    """Write "houses not near water that were built" as "houses that were built not near water"."""
    is_told = direction_of(match.string[: match.start()]) != "changed"
    return match[0] if is_told else f"{match['clause']} {match['not']}"


def _join(match: re.Match[str]) -> str:
    thing = match["thing"]
    if _NO_OBJECT.search(thing):
        return match[0]
    return f"{match['verb']} {match['particle']} {thing.strip()}"
