"""Write what a storm, a flood or a pest took or left, and where water was led, as plain changes.

"Where did bark beetle take out the spruce" becomes "where people removed the spruce", "silt the
flood left behind" is silt that appeared, and a creek that is put into a culvert is culverted.
"""

from __future__ import annotations

import re

from mtrs_geo.understanding.lexicon import english

__all__ = ["write_events"]

_DISASTER = (
    r"(?:(?:(?:the|an?|this|that|last|recent|big|great|heavy) )*(?:(?:wild|bush|forest|storm|land"
    r"|mud|rock|flash|spring|river|bark|spruce|pine)[ -]?)?(?:fires?|flames|blaze|storms?|surges?"
    r"|hurricanes?|tornado(?:es|s)?|cyclones?|typhoons?|gales?|hail|floods?|floodwaters?|tsunamis?"
    r"|slides?|avalanches?|lava|eruptions?|earthquakes?|quakes?|drought|beetles?|borers?|blight"
    r"|pests?|ash dieback|dieback|winds?|waves|tide))"
)
_TAKE = (
    r"(?:take(?: out| away| down)?|claim|get|eat(?: away| up)?|kill(?: off)?|finish off|wipe out"
    r"|carry (?:off|away)|sweep away|wash away|swallow(?: up)?|bring down|blow down|knock down)"
)
_DEPOSIT = (
    r"(?:debris|rubble|silt|mud|sand|gravel|rocks?|boulders?|sediments?|shingle|scree|dirt|soil"
    r"|stones?|ash|lava|craters?|scars?|puddles?|pools?|ponds?|deposits?)"
)
_DEPOSITS = (
    rf"(?:(?:heaps?|piles?|mounds?|layers?|banks?|patches|beds?|fans?|bars?) of )?{_DEPOSIT}"
    rf"(?:(?:,| and|, and| or) (?:the )?{_DEPOSIT})?"
)
_CULVERTED = re.compile(
    r"\b(?:put|laid|led|moved|diverted|buried|forced|run|routed|channell?ed|placed|sent"
    r"|enclosed|confined) (?:in|into|through|inside) (?:an? |the )?(?:underground |concrete"
    r" |buried |new |long )*(?:culverts?|pipes?|conduits?|tunnels?)\b"
)
"""A stream that was put into a culvert; a road through a tunnel is none."""
_MOST_BEFORE = 120
"""Characters in front of these words among which the water stands."""
_DRY = r"(?:meadows?|fields?|pastures?|grasslands?|farmland|cropland|forests?|woods?|woodlands?)"
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # Where did bark beetle take out the spruce; how many barns did the fire take.
        (
            rf"\bwhere (?:exactly )?did {_DISASTER} {_TAKE}"
            r" (?=(?:the|our|my|any|some|all|many|most|more|these|those|its) )",
            "where people removed ",
        ),
        (
            rf"\b(?P<asks>how (?:many|much) (?:hectares? of |acres? of )?|which |what )"
            r"(?P<thing>(?!way\b|route\b|path\b|turn\b)[a-z-]+(?: [a-z-]+)?)"
            rf" did {_DISASTER} {_TAKE}(?=$|[,;.?!])",
            r"\g<asks>\g<thing> were destroyed",
        ),
        # Debris and silt the flood left behind; heaps of rubble left by the tornado.
        (
            rf"\b(?P<what>{_DEPOSITS})(?: that| which)? {_DISASTER} (?:has |have |had )?(?:left"
            r"|dumped|deposited|dropped|laid down|brought|(?:piled|threw|washed|swept) up)"
            r"(?: behind| there)?"
            r"(?=$|[,;.?!]| (?:in|on|at|near|along|by|across|around)\b)",
            r"\g<what> that appeared",
        ),
        (
            rf"\b(?P<what>{_DEPOSITS})(?: that (?:was|were)| which (?:was|were))?"
            rf" left(?: behind| lying)? by {_DISASTER}(?=$|[,;.?!]| (?:in|on|at|near|along)\b)",
            r"\g<what> that appeared",
        ),
        # A creek that has left its bed: it came and went.
        (
            r"\b(?:moved|shifted|strayed|jumped|wandered|migrated|broken|broke) (?:out of|from|off)"
            r" (?:its|their|the) (?:old |former |original |usual |previous )?"
            r"(?:bed|river ?bed|stream ?bed|course|channel)\b",
            "changed",
        ),
        # A meadow that was wetted again became water; a bog was water before.
        (rf"\bre-?wetting of (?=(?:[a-z]+ ){{0,2}}{_DRY}\b)", "flooding of "),
        (rf"\b(?P<dry>{_DRY}(?: (?:that|which|was|were|is|are|has|have|been|newly))*)"
         r" re-?wetted\b", r"\g<dry> flooded"),
        (rf"\bre-?wetted (?={_DRY}\b)", "flooded "),
        # Lanes that look just as they did back then.
        (
            r"\b(?:that |which )?looks? (?:just |exactly |much |precisely |quite |still )*"
            r"(?:as|like) (?:it|they) (?:did|used to|was|were|always did)(?: look| be)?"
            r"(?: (?:back then|before|then|in the past|years ago|earlier|at first))?(?=$|[,;.?!])",
            "that are unchanged",
        ),
        # Ground where they made a court.
        (
            r"\b(?:ground|land|areas?|places?|spots?|sites?|plots?) (?:where|on which)"
            r" (?P<who>they|people|somebody|someone|we) (?:(?:have|has|had|just|newly) )*"
            r"(?:made|built|put|put in|put up|set up|dug|created|installed|erected|constructed)"
            r" (?=(?:an?|some|new|more|another) )",
            r"\g<who> built ",
        ),
        # Everything that got a roof.
        (
            r"\b(?:everything|anything|all|whatever|(?:all )?(?:areas?|ground|land|surfaces?|courts"
            r"|courtyards?|spaces?))(?: (?:that|which))?(?: (?:was|were|is|are|has been|have been"
            r"|got))?(?: (?:newly|freshly|recently|now))* roofed(?: over| in)?\b",
            "new roofs",
        ),
        # A yard is prepared before it is used.
        (
            r"\b(?P<yard>(?:yards?|pads?|platforms?|standings?|hardstandings?|building plots?"
            r"|sites?))(?: (?:that|which))?(?: (?:was|were|has been|have been))?"
            r"(?: (?:newly|recently|freshly))? prepared\b",
            r"\g<yard> that appeared",
        ),
    )
)  # fmt: skip


def write_events(text: str) -> str:
    """Return a text in which what an event took is lost, and what it left has appeared.

    Args:
        text: in lower case.
    """
    for pattern, replacement in _FORMS:
        text = pattern.sub(replacement, text)
    return _CULVERTED.sub(_culverted, text)


def _culverted(match: re.Match[str]) -> str:
    """Return "culverted" if the last ground in front of a match is water."""
    before = match.string[max(0, match.start() - _MOST_BEFORE) : match.start()]
    grounds = [s.land_cover for s in english().segments(before) if s.land_cover]
    return "culverted" if grounds[-1:] == ["water"] else match[0]
