"""Write clauses about what is left, gone or no longer so as plain changes of one kind into another.

"What is left of the pond is mud" becomes "the pond turned into mud", and "it isn't forest any more
but a road" becomes "forest turned into a road".
"""

from __future__ import annotations

import re

from mtrs_geo.query.classes import class_of
from mtrs_geo.query.direction import direction_of
from mtrs_geo.understanding.phrases.changes import write_changes
from mtrs_geo.understanding.phrases.idioms import write_idioms
from mtrs_geo.understanding.phrases.states import write_ended_states

__all__ = ["join_changes", "rewrite_clauses", "without_flood_as_cause", "write_that_alone"]

_NOUNS = r"[a-z][a-z'-]*(?: [a-z'-]+){0,3}?"
_ARTICLE = r"(?:(?:an?|the|some|any|all|my|our|their|its|those|these|this|that) )?"
_END = r"(?=$|[,;.?!]| (?:in|at|near|since|along|around|next|within|by|on|where)\b)"
_ONLY = r"(?:just|only|merely|nothing but|mostly|all|now|today|but|a|an|the|some|patch of|bit of)"
_LEFT = r"(?:remains?|remained|is left|are left|was left|were left|left|survives?)"
_NO_MORE = r"(?:any ?more|any longer|now|nowadays|today|these days)"
_VERB = (
    r"(?:is|are|was|were|has|have|had|been|be|it|they|there|that|which|not|no|still|never|new|old"
    r"|gone|lost|where|who|what|built|removed|changed|unchanged|longer|yet)"
)
_THING = rf"(?!{_VERB}\b)[a-z][a-z'-]*(?: (?!{_VERB}\b)[a-z'-]+){{0,2}}?"
_TURNED = (
    r"(?:that |which |has |have |had |was |were |is )*(?:to|turn(?:s|ed|ing)?(?: to| into)?|went"
    r"|gone|going|became|become|into|->)"
)
_SANDS = r"(?:beach(?:es)?|(?:sand )?dunes?|sand ?(?:bank|bar|spit)s?|spits?)"
_SHORES = (
    r"(?:(?:(?:river|stream|lake|canal|sea)[ -]?)?(?:banks?|shores?|shorelines?|sides?)"
    r"|coast(?:line)?s?|cliffs?)"
)
_NO_PLACE = "".join(
    rf"(?<!\b{word} )(?<!\b{word} the )(?<!\b{word} an )"
    for word in ("near", "on", "at", "along", "beside", "behind", "above", "to", "from", "of")
)
_ERODED = (
    r"(?:(?:that|which|has|have|had|is|are|was|were|been|being|got) )*erod(?:ed|es|ing)(?: away)?"
)
_BY_WATER = r"(?:(?:the |a )?(?:river|stream|creek|sea|ocean|lake|waves?|tides?|surf|current)s?)"
_CLAUSES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # A beach or a bank that erodes is lost to the water; eroded soil is bare ground.
        (rf"^{_BY_WATER} (?:has |have |had )?eroded (?:away )?{_ARTICLE}{_SHORES}{_END}",
         "land that turned into water"),
        (rf"^{_BY_WATER} (?:has |have |had )?eroded (?:away )?{_ARTICLE}(?P<thing>{_THING}){_END}",
         r"\g<thing> that turned into water"),
        (rf"{_NO_PLACE}(?:\berosion of {_ARTICLE}(?P<thing>{_SANDS})\b"
         rf"|\b(?P<that>{_SANDS}) (?:{_ERODED}|erosion)\b|\beroded (?P<which>{_SANDS})\b)",
         r"\g<thing>\g<that>\g<which> that washed away"),
        (rf"{_NO_PLACE}(?:\berosion of {_ARTICLE}{_SHORES}\b|\b{_SHORES} (?:{_ERODED}|erosion)\b"
         rf"|\beroded {_SHORES}\b|\bcoastal erosion\b)",
         "land that turned into water"),
        (rf"\b{_ERODED} by {_BY_WATER}\b", "that turned into water"),
        (r"\bencroach(?:ments?|ing) (?:up)?(?:on|in|into|onto|to|along|at) "
         rf"(?=(?:the )?{_SHORES}\b)", "anything new on "),
        # What is left of the pond is a patch of mud.
        (
            r"\b(?:what|all|everything)(?: that)?(?:'s| is| was| remains| remained)(?: still)?"
            rf"(?: left)?(?: over)? of {_ARTICLE}(?P<before>{_THING}) (?:is|are|was|were)"
            rf" (?:{_ONLY} )*(?P<after>{_NOUNS}){_END}",
            r"\g<before> turned into \g<after>",
        ),
        # Only bare ground remains of the barracks.
        (
            rf"\b(?:only|just|merely|nothing but|mere) (?:{_ONLY} )*(?P<after>{_THING}) {_LEFT}"
            rf" (?:of|from|where|at) {_ARTICLE}(?P<before>{_NOUNS})(?: (?:was|were|stood|grew"
            rf"|had been|used to be|used to stand|once stood))?{_END}",
            r"\g<before> turned into \g<after>",
        ),
        # Of the barracks only bare ground remains.
        (
            rf"^of {_ARTICLE}(?P<before>{_THING}),? (?:there )?(?:is |are )?(?:only|just|merely)"
            rf" (?:{_ONLY} )*(?P<after>{_THING}) {_LEFT}{_END}",
            r"\g<before> turned into \g<after>",
        ),
        # It isn't forest any more but a road.
        (
            r"\b(?:it |that |this |there )?(?:is|are)(?:n't| not|nt)"
            rf" {_ARTICLE}(?P<before>{_THING}) {_NO_MORE},? (?:but|rather|instead|it's|it is|its"
            rf"|they're|they are|there is|there are)(?: (?:{_ONLY}))* (?P<after>{_NOUNS}){_END}",
            r"\g<before> turned into \g<after>",
        ),
        # No more sand, all houses.
        (
            rf"\b(?:no more|no longer(?: an?)?) (?P<before>{_THING}),? (?:and |but )?"
            rf"(?:just|only|all|now|instead|but|everywhere)(?: (?:{_ONLY}))* (?P<after>{_THING})"
            r"(?: (?:now|instead|today|everywhere|there))*(?=$|[.?!])",
            r"\g<before> turned into \g<after>",
        ),
        # The paddock is a yard now and no paddock any more.
        (
            rf"\bno (?P<before>{_THING}) any ?more,? (?:but|just|only)(?: (?:{_ONLY}))*"
            rf" (?P<after>{_THING})(?: there| now)*(?=$|[.?!])",
            r"\g<before> turned into \g<after>",
        ),
        # There was grass, they put asphalt.
        (
            rf"\b(?:there|it|here|this) (?:was|were|used to be|had been)(?: once)? {_ARTICLE}"
            rf"(?P<before>{_THING})(?: there| here| before| once)*(?:,|;| and| but| then)+"
            r" (?:now |then )?(?:they|somebody|someone|people|we|he|she)"
            r" (?:have |has |had )?(?:put|built|build|made|make|laid|erected|constructed|planted"
            rf"|dug|placed|poured)(?: (?:up|down|in|a|an|the|some|new|there))* (?P<after>{_NOUNS})"
            r"(?: there| on it| over it| instead)*(?=$|[,;.?!])",
            r"\g<before> turned into \g<after>",
        ),
        # There are no trees left here; the lake hasn't any water left.
        (
            r"\b(?:there (?:is|are|was|were) |(?:has|have) )?(?:no|not an?|not any|hasn't any"
            r"|haven't any|isn't any|aren't any|hardly any|barely any|scarcely any|not much"
            rf"|not many) (?P<thing>{_THING}) (?:is |are )?(?:left|to be seen|to be found)\b"
            r"(?! (?:un\w+|intact|alone|as|in place|the same))(?: (?:here|there|now|today))*",
            r"\g<thing> that disappeared",
        ),
        (
            rf"^{_ARTICLE}(?P<thing>{_THING}) (?:is|are)(?:n't| not) (?:there|here|visible"
            r"|to be seen)(?: (?:now|today))?(?=$|[.?!])",
            r"\g<thing> that disappeared",
        ),
        # Trees felled and never replanted.
        (
            r"\b((?:cut|felled|lost|gone|removed|demolished|destroyed|torn down|razed|burnt|burned"
            r"|cleared|died|fallen|cut down|pulled down|knocked down|burnt down)),? (?:and|but)"
            r" (?:(?:was|were|has|have|had) )?(?:not|never) (?:been )?(?:yet )?(?:replaced"
            r"|replanted|rebuilt|restored|reinstated|renewed|restocked|put back)"
            r"(?: (?:since|again|yet))*(?=$|[,;.?!])",
            r"\1",
        ),
        (
            r"\b(?:that|which) (?:was|were|has been|have been) (?:not|never) (?:replaced|replanted"
            r"|rebuilt|restored|reinstated) (?:after|since|following) (?:the |being |their |its )?"
            r"(?:felling|demolition|removal|destruction|fire|storm|flood|felled|demolished|removed)\b",
            "that were removed",
        ),
        (
            r"\b(?:that|which) (?:has |have )?never (?:came back|come back|returned|recovered"
            r"|regrew|regrown|grew back|grown back|refilled)\b(?: (?:since|again))?",
            "that disappeared",
        ),
        # A tower that wasn't there last time.
        (
            r"\b((?:was|were)(?:n't| not)) (?:yet )?(?:there|here|present|visible|built)"
            r" (?:(?:the )?last (?:time|year|month|week|summer|winter|spring|autumn|survey|visit)"
            r"|back then|then|years ago|at the time)\b",
            r"\1 there before",
        ),
        # Houses before the quake, mud after.
        (
            rf"^{_ARTICLE}(?P<before>{_THING}) (?:before|prior to|until) {_ARTICLE}[a-z]+,"
            rf" (?:and |but )?(?:only |just )?(?P<after>{_THING})"
            r" (?:after|afterwards|after it|after that|since|now|thereafter)(?=$|[.?!])",
            r"\g<before> turned into \g<after>",
        ),
        # From green to grey.
        *(
            (rf"\b{first} {_TURNED} {second}\b", meaning)
            for first, second, meaning in (
                (r"green(?:s|ery|ness)?", "gr[ea]y", "vegetation turned into paved ground"),
                (r"green(?:s|ery|ness)?", "brown", "vegetation turned into bare ground"),
                ("gr[ea]y", "green", "paved ground turned into vegetation"),
                ("brown", "green", "bare ground turned into vegetation"),
            )
        ),
        # The earth is now naked.
        (
            r"\b(?P<thing>ground|earth|soil|land|surface|hillside|slope|field)s? (?:that |which )?"
            r"(?:is|are|lies|lie|has become|have become|became|went|got) (?:now |all |completely )*"
            r"(?:bare|naked|barren|bald|nude)(?: now)?(?=$|[,;.?!])",
            "new bare ground",
        ),
        (r"\b(?:non-?|un|de)vegetated\b|\bnon vegetated\b|\b(?:plant|vegetation)-(?:free|less)\b",
         "bare"),
        (r"\bex-(?=[a-z])", "former "),
        (r"\bempty (?=(?:plots?|lots?|land|ground|sites?|parcels?)\b)", "vacant "),
        # No new shed below 80 m2: sizes and dates.
        (
            r",? (?:but |and )?(?:none|nothing|no ones?|not (?:those|the ones|any|anything)"
            r"|not) (?:that (?:is|are) )?(?:below|under|smaller than|less than|shorter than"
            r"|narrower than) (?=\d|an? |half|one |two )",
            " at least ",
        ),
        (
            r",? (?:but |and )?(?:none|nothing|no ones?|not (?:those|the ones|any|anything))"
            r" (?:that (?:is|are) )?(?:above|over|larger than|bigger than|more than|longer than"
            r"|exceeding|wider than) (?=\d|an? |half|one |two )",
            " at most ",
        ),
        (
            r"\b(after|before|since|during|following) (?=(?:floods?|flooding|storms?|fires?"
            r"|wildfires?|bushfires?|hurricanes?|tornado|cyclones?|typhoons?|earthquakes?|quakes?"
            r"|tsunami|landslides?|mudslides?|drought|eruption|explosion|blaze)\b)",
            r"\1 the ",
        ),
        (r"\b(?:is|are|was|were) not more (?=(?:there|here|present|existing|visible)\b)",
         "is no longer "),
        (r"\bnot more (?=(?:there|here|present|existing|visible)\b)", "no longer "),
        (r"\b(?:avenues?|alleys?) of (?=(?!trees)[a-z])", "row of "),
        # A road with trees lost its trees: what was lost is the second thing.
        (
            rf"\b(?:which|what) (?:side|part|end|bank|edge)s? of {_ARTICLE}[a-z]+"
            r" (?:has |have |had )?lost (?:its|their|all|all its|all their) ",
            "lost ",
        ),
        (
            rf"^{_ARTICLE}[a-z]+(?: [a-z]+)? (?:has |have |had )?(?:los(?:t|es|e|ing)|shed"
            r"|sheds|shedding) (?:all )?(?:its|their)(?: last)? ",
            "lost ",
        ),
        # Land that was under water.
        (
            r"\b(?:land|ground|terrain|areas?|places?|plots?|parcels?) (?:that|which) (?:was|were"
            r"|had been|used to be)(?: once| formerly| previously| still| before)?"
            r" (?:under ?water)(?: before)?(?=$|[.?!])",
            "water that disappeared",
        ),
        # Sandbars that surfaced: "was surfaced" is paved.
        (r"\b(that|which|have|has|had) (?:surfaced|resurfaced)\b(?! with)", r"\1 emerged"),
        (
            r"\b(?:reforestation|afforestation|replanting|revegetation|regrowth|regreening)"
            r" (?:of|on|in) (?:the |some |all )?(?:old |former |recent )*"
            r"(?:clear-?cuts?|clear cuts?|cut-?over areas?|felled areas?|clearings?)\b",
            "reforestation",
        ),
        # X made larger.
        (
            r"\bmade (?:much |even |a bit |a lot )?(larger|bigger|wider|broader|longer|taller"
            r"|higher|smaller|narrower|shorter)\b",
            r"changed",
        ),
        (r"\b([a-z]{2,}ing)-(up|down|out|over|in|away|off|back|under)\b", r"\1 \2"),
        (r"\b(break|pull|wash|lay|cut|tear|knock|clear|burn|build|wip|clean|grow)-?"
         r"(up|down|out|back)s? of (?=[a-z])", r"removal of "),
    )
)  # fmt: skip


_NOTHING_BUT = re.compile(
    r"\bnothing(?: else)?(?P<told>(?: (?:that|has|have|had|was|were|is|are|got|been))*"
    r" (?P<way>(?!(?:but|like|to|that|has|have|had|was|were|is|are|left|remain\w*|sta(?:nd|y)\w*"
    r"|stood|surviv\w*|exist\w*)\b)"
    r"[a-z]+(?: (?:up|down|away|out))?(?: else)?)"
    r"(?P<place>(?: (?!but\b|except\b)[a-z0-9-]+){0,8}?)),?"
    r" (?:but|except(?:ing)?|other than|apart from|aside from|besides|save|bar)(?: for)? "
    r"(?P<thing>(?!(?:not|also|only|now|then|later|it|they|in|at|on|near)\b)[^,;:.?!]+)"
)
"""What alone changed: "nothing disappeared but trees"."""
_MOST_CHANGES = 4
_CHANGES_TO = re.compile(
    r"(?P<lead>(?:^|\b(?:show|find|map|list|me|any|all|the|every|detect|see|want|some|for|there|only"
    r"|what) )(?:changes?|alterations?|modifications?) (?:that were |which were )?"
    r"(?:made |done )?(?P<prep>to|in|of|on) "
    r"(?!(?:[^,;:.?!]* )?(?:from|into)\b)[^;:.?!]{2,60}?(?:,? (?:and|or|as well as) |, ))"
    r"(?P=prep) (?P<thing>(?:the )?[a-z-]+(?: [a-z-]+)?)"
)
"""Things that changed, each with its preposition."""
_FLOOD = re.compile(
    r" (?:because of|due to|owing to|as a (?:result|consequence) of|on account of|thanks to) "
    r"(?:(?:the|a|an|this|that|last|recent|heavy|severe|major|great|big|(?P<year>(?:19|20)\d\d)) )*"
    r"(?:floods?|flooding|floodwaters?)\b"
    r"(?! (?:risk|plains?|zones?|defen[cs]es?|barriers?|walls?|control|protection|danger)\b)"
)
_LEFT_BEHIND = re.compile(r"\b(?:abandoned|evacuated|died|dead|washed|swept|damaged)\b")
"""Losses beside those of `mtrs_geo.query.direction`."""
_FINITE = re.compile(r"\b(?:is|are|was|were|has|have|had|did|do|does|will)\b")


def _that_alone(match: re.Match[str]) -> str:
    """Return "trees that disappeared" for "nothing disappeared but trees"."""
    thing, way = match["thing"], match["way"].removesuffix(" else")
    if _FINITE.search(thing) or (direction_of(thing) != "changed" and way != "changed"):
        return match[0]
    told = match["told"].replace(" that", "").replace(" else", "")
    if way in ("new", "changed"):
        way = "" if direction_of(thing) != "changed" else way
        return f"{way} {thing}{match['place']}".strip()
    return f"{thing} that{told}"


def write_that_alone(text: str) -> str:
    """Return a text that says what changed, for one that says that nothing else did.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    return _NOTHING_BUT.sub(_that_alone, text)


def join_changes(text: str) -> str:
    """Write "changes to roads and to houses" as "changes to roads and houses".

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    for _ in range(_MOST_CHANGES):
        text = _CHANGES_TO.sub(_one_place, text)
    return text


def _one_place(match: re.Match[str]) -> str:
    """Drop the second "to"; "in" and "on" before no kind of ground are a place or a date."""
    is_ground = class_of(match["thing"]) not in ("any", "other")
    is_place = match["prep"] in ("in", "on") and not is_ground
    return match[0] if is_place else f"{match['lead']}{match['thing']}"


def without_flood_as_cause(text: str) -> str:
    """Return a text without a flood that a loss is due to, as it would be what came instead.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """

    def without(match: re.Match[str]) -> str:
        before = match.string[: match.start()]
        is_loss = direction_of(before) == "disappeared" or _LEFT_BEHIND.search(before) is not None
        year = f" in {match['year']}" if match["year"] else ""
        return year if is_loss else match[0]

    return _FLOOD.sub(without, text)


def rewrite_clauses(text: str) -> str:
    """Return a sentence whose clauses about what is left or gone are plain changes.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    text = join_changes(write_ended_states(write_that_alone(write_changes(write_idioms(text)))))
    text = without_flood_as_cause(text)
    for pattern, replacement in _CLAUSES:
        text = pattern.sub(replacement, text)
    return text
