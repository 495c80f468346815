"""Find sentences that ask what caused a change, whom to turn to, how deep it is, or one measure.

Images of two dates show what changed; none of these.
"""

from __future__ import annotations

import re

from mtrs_geo.query.direction import direction_of
from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.roles import is_change

__all__ = ["asks_for_cause", "measures_one_date"]

_LEAD = (
    r"(?:(?:please|kindly|so|and|hey|but|now|well|also|(?:tell|let|inform) (?:me|us)(?: know)?"
    r"|(?:can|could|would|will) you|do you (?:happen to )?know|does any(?:one|body) know"
    r"|(?:i|we)(?: would|'d)? (?:need|want|like|wish|have) to (?:know|find out|ask)"
    r"|any idea|explain(?: to (?:me|us))?|say|,) )*"
)
_TURN_TO = (
    r"(?:complain|contact|ask|call|phone|ring|e-?mail|write to|talk|speak|turn|appeal|apply|object"
    r"|protest|sue|blame|thank|pay|bill|invoice|claim|report|notify|inform|register|prosecute"
    r"|approach|consult|challenge)"
)
_SPOILED = (
    r"(?:kill(?:s|ed|ing)?|destroy(?:s|ed|ing)?|ruin(?:s|ed)?|fell(?:ed|s)|damag(?:es|ed|ing)"
    r"|flatten(?:s|ed)|wreck(?:s|ed)|uproot(?:s|ed)|flood(?:s|ed)|drain(?:s|ed)|clear(?:s|ed)"
    r"|remov(?:es|ed)|demolish(?:es|ed)|erod(?:es|ed|ing)|dries|dried(?: up| out)?|ate"
    r"|burn(?:s|ed|t)(?: down)?|(?:brought|took|knocked|blew|tore|pulled|cut) (?:down|out|up)"
    r"|(?:knocked|blew|pulled) over"
    r"|wiped out|(?:washed|swept) away|made (?!way\b|room\b|space\b|of\b|up\b)|caus(?:es|ed|ing)"
    r"|trigger(?:s|ed)|start(?:s|ed)|led to|drove|drives|set off)"
)
_OWN = (
    r"(?:the|my|our|your|his|her|their|its|all|these|those|this|that|so many|so much|most of"
    r"|half|some of|many|an?)"
)
_CAUSE = re.compile(
    rf"^{_LEAD}(?:why|for what reasons?|(?:what|which) (?:the )?(?:cause|reason|explanation)s?)\b"
    # "What killed the trees?"; "what burnt down?" asks what is gone.
    rf"|^{_LEAD}(?:what|what else|what on earth)(?: (?:has|have|had|is|was|could have|might have))?"
    rf"(?: been)? {_SPOILED} ?{_OWN} "
    rf"|^{_LEAD}(?:what|which) [a-z]+ (?:has |have |had )?(?:killed|felled|destroyed|flattened"
    rf"|wrecked|demolished|caused|brought down|knocked down|tore down|took down|blew down) {_OWN} "
)
"""Questions for a cause: "what killed the trees, was it the beetle or the drought?"."""
_WHOM = re.compile(
    rf"^{_LEAD}(?:to |about |from )?(?:who|whom|where|which (?:office|department|authority|person"
    r"|number)|what number) (?:do|does|should|shall|can|could|must|may|might|would|to|(?:i|we|one"
    r"|people) (?:should|shall|can|could|must|may|might|would|have to|need to|ought to|(?:am|are)"
    rf" to))(?: (?:i|we|one|people|you))?(?: (?:have|need|go))?(?: to)?(?: best)? {_TURN_TO}\b"
    # "Who's built on the flood plain?" asks where.
    rf"|^{_LEAD}who "
)
"""Questions for a person or an office: "whom do I ask about the new road?"."""
_DEEP = re.compile(
    r"\bhow far (?:down|below)"
    r"(?= (?:has|have|had|did|do|does|is|are|was|were|it|they|in)\b|[ ?.!]*$)"
    r"|\bhow (?:deep|deeply|high up)\b"
    r"|\bhow (?:much|many (?:met(?:re|er)s|m|feet|cm|centimet(?:re|er)s))"
    r" (?:deeper|shallower|higher|taller|lower)\b(?! into\b)"
    r"(?!.* (?:areas?|acreage|extents?|numbers?|counts?|shares?|cover)\b)"
)
"""What no image from above measures."""
_MEASURE = (
    r"(?:perimeters?|circumferences?|lengths?|widths?|breadths?|areas?|acreage|sizes?|extents?"
    r"|surface areas?|footprints?|depths?|heights?|volumes?|diameters?|elevations?|altitudes?)"
)
_ONE_DATE = (
    r"(?:at|in|on|from|as of|for) (?:the |our |my )?(?:very )?(?:first|second|earlier|later|early"
    r"|late|old|older|oldest|new|newer|newest|initial|last|latest|present|current|baseline|1st|2nd"
    r"|previous|recent)(?: [a-z]+)? ?(?:date|image|imagery|photo|photograph|picture|scene|survey"
    r"|visit|map|flight|acquisition|year|one|shot|orthophoto|raster)"
)
_AT_ONE_DATE = re.compile(
    rf"^{_LEAD}(?:(?:what|which) (?:is|was|are|were) |what's |give (?:me|us) |show(?: me| us)? "
    r"|(?:measure|calculate|compute|determine|state|estimate|get|find|need|want|report) )?"
    rf"(?P<of>(?:the )?(?:total |overall |exact |approximate |average |mean )?{_MEASURE} of"
    r" [^,;:.?!]{2,80}?|how (?:long|wide|big|large|broad|deep|tall|high) (?:was|is|were|are)"
    rf" [^,;:.?!]{{2,80}}?) {_ONE_DATE}[ ?.!]*$"
)
"""A measure of what stands at one of two dates: "length of the road in the first image"."""


def asks_for_cause(text: str) -> bool:
    """Return whether a sentence asks for a cause, for whom to turn to, or for a depth.

    Args:
        text: words of a sentence in lower case.
    """
    return any(form.search(text) for form in (_CAUSE, _WHOM, _DEEP))


def measures_one_date(sentence: Sentence) -> bool:
    """Return whether a measure of ground at one date is asked for, and no change."""
    found = _AT_ONE_DATE.match(" ".join(s.text for s in sentence.segments))
    if found is None or direction_of(found["of"]) != "changed":
        return False
    words = f" {found['of']} "
    return not any(is_change(s) for s in sentence.segments if f" {s.text} " in words)
