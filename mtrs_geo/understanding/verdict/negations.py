"""Negations, and other words that turn the meaning of a sentence round."""

from __future__ import annotations

import re
from itertools import pairwise

from mtrs_geo.query.direction import direction_of
from mtrs_geo.understanding.negation import is_negation
from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.roles import is_change

__all__ = [
    "denies_difference",
    "is_contrast_of_changes",
    "is_turned_round",
    "negates_request",
    "negates_verb",
    "says_none_stands",
    "turns_round",
]

_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nobody|nowhere(?! else\b)|without|cannot"
    r"|\w+n't)\b|\banything but\b"
)
_REVERSAL = re.compile(
    r"\b(?:ignor\w+(?! (?:\w+ ){1,3}(?:below|under|above|over|smaller|larger|less|more|bigger)\b)"
    r"|disregard\w*|omit\w*|exclude[ds]?|excepted|leave out|less those|(?:every|any)thing but"
    r"|all but|unable"
    r"|a?waiting|slated|due to be|incapable|fail(?:s|ed|ing)? (?:to|\w+ing)|yet to|no one|nobody"
    r"|nothing (?:happen|change)\w*"
    r"|prevent\w*|avert\w*|avoid\w*|exempt\w*|(?:saved?|safe|protected|rescued|shielded|preserved"
    r"|spared|stopped|kept|barred|banned|immune) (?:from|to)|saved|rescued|cancel+ed|called off"
    r"|postponed|abandoned plans?|about to|threatened|(?:would|could|might) (?:have )?be\w*"
    r"|(?:should|must) (?:have )?be\w*(?! (?:at|by|in|on|near|close|found|shown|marked|somewhere"
    r"|outlined|listed|mapped|drawn)\b)"
    r"|going to be|to be (?:built|demolished|removed|felled|cleared|replaced|cut|torn|paved"
    r"|planted)"
    r"|will (?:be|soon|get)|(?:almost|nearly|practically) (?:\w+ed|gone|lost|torn|cut|built)\b"
    r"|lack(?:s|ed|ing) (?:any|all|signs?|evidence|(?:constr|demol|remov|destr|chang)\w*)"
    r"|devoid of|free (?:of|from)"
    r"|rather than|non[- ]?(?:new|built"
    r"|existing|existent|\w+ed)|un-\w+"
    r"|not (?:shared|common|in common|seen in both)"
    r"|refus(?:es?|ed|ing)|never-\w+|(?:nothing|none|little) (?:\w+ ){1,3}but"
    r"|hardly|barely|scarcely|neither|nor)\b"
)
"""Words that turn the meaning of the rest round."""
_NO_DIFFERENCE = re.compile(
    r"\bno (?:(?:small|bigg|larg|few|wid|narrow|short|green|tall|dens)er|less|more|longer)\b"
    r"(?: [a-z-]+){0,2} than\b"
)
_NONE_STANDS = re.compile(
    r"\b(?:no|none|neither|nor|nothing|nobody|hardly|barely|scarcely|few|little|not (?:one|an?)"
    r"|without|all but|almost|nearly)\b"
    r"(?:(?! (?:was|were|is|are|has|have|had|got) (?:not )?"
    r"(?:touched|changed|altered|demol\w+|remov\w+))[^,;.:?!]){0,50}"
    r"\b(?:un\w{4,}|same|stay\w*|remain\w*|spared?|intact|preserved|kept|stand\w*|stood|surviv\w*|still|left|escap\w+)\b"
    r"|\b(?:not (?:one|an?)|none|hardly any) [^,;.:?!]{1,40}? (?:nobody|no one|no-one|never|not)\b"
)
"""A negation of what stayed: "no houses remained unchanged", "not an oak nobody touched"."""
_NOT_SHOWN = re.compile(
    r"^(?:(?:please|kindly|but|and|so|i|we|you|can|could|should|the) )*"
    r"(?:(?:do not|don't|does not|doesn't|never|not) (?:want |need |wish |like |try )?(?:to )?"
    r"|must not |should not )"
    r"(?:show|display|mark|list|map|highlight|draw|include|find|detect|return|report|give|see"
    r"|outline|print|plot|tell|want|need|look)\b"
    r"|^(?:(?:please|kindly) )?(?:show|display|mark|list|map|highlight|draw|find|detect|give me"
    r"|show me|i want|i need|we need) (?:no|none of the) (?!longer\b|more\b)"
)
"""A request that is negated: "do not show the demolished houses"."""
_RENEWED = re.compile(r"[,;.:] ?\w|\b(?:but|only|instead|except)\b")
_CONTRAST = re.compile(r"\b(?:not|never|\w+n't)\b [^,;.?!]{1,60}?,? but (?P<rest>[^.;?!]+)")
"""What is denied and, after "but", what happened instead."""
_STAYED = re.compile(
    r"\b(?:still|stand\w*|stood|remain\w*|stay\w*|surviv\w*|kept|left|exist\w*|unchanged|intact"
    r"|same|there)\b"
)
_HAPPENED = re.compile(r"\b(?!need\b|bed\b|shed\b)[a-z]+(?:ed|lt|nt|nk|wn|gone|came|ew)\b|\bcut\b")
_RELATIVES = frozenset({"that", "which", "who", "whose"})


def denies_difference(text: str) -> bool:
    """Return whether two dates are said to be alike: "no smaller than"."""
    return _NO_DIFFERENCE.search(text) is not None


def says_none_stands(sentence: Sentence) -> bool:
    """Return whether what stayed is negated: "no houses remained unchanged"."""
    return _NONE_STANDS.search(" ".join(s.text for s in sentence.segments)) is not None


def turns_round(sentence: Sentence) -> bool:
    """Return whether any word of a sentence may turn its meaning round."""
    words = " ".join(s.text for s in sentence.segments)
    return bool(
        sentence.is_negated
        or _NEGATION.search(words)
        or _REVERSAL.search(words)
        or _NONE_STANDS.search(words)
    )


def is_turned_round(sentence: Sentence) -> bool:
    """Return whether a negation is left that no rule and no direction explains."""
    is_open = sentence.segments[-1].text in ("something", "anything", "nothing")
    if is_open and len(sentence.segments) > 1:
        return True  # "turned into something other than buildings"
    words = " ".join(s.text for s in sentence.segments)
    if _negates_what_came(sentence):
        return True
    if any(a.text == "instead of" and is_change(b) for a, b in pairwise(sentence.segments)):
        return True
    if sentence.negates_result or _REVERSAL.search(words):
        return True
    rest = " ".join(
        s.text
        for s in sentence.segments
        if not is_change(s) and not (s.is_one_of("word:function") and " " in s.text)
    )
    is_dated = direction_of(sentence.text_without_changes) != "changed"
    return _NEGATION.search(rest) is not None and not is_dated


def negates_request(sentence: Sentence) -> bool:
    """Return whether a sentence says what not to show, and nothing that is wanted instead."""
    words = " ".join(s.text for s in sentence.segments)
    found = _NOT_SHOWN.match(words)
    return found is not None and _RENEWED.search(words, found.end()) is None


def is_contrast_of_changes(sentence: Sentence) -> bool:
    """Return whether another change follows "not" and "but": "not demolished but rebuilt".

    Such things did change, so that they are not those that stayed.
    """
    found = _CONTRAST.search(" ".join(s.text for s in sentence.segments))
    if found is None or _STAYED.search(found["rest"]):
        return False
    return _HAPPENED.search(found["rest"]) is not None or any(
        is_change(s) and not s.is_one_of("change:unchanged")
        for s in sentence.segments
        if s.text in found["rest"]
    )


def negates_verb(sentence: Sentence) -> bool:
    """Return whether "not" stands in the main clause: "were the houses not demolished?".

    "Are there houses that were not demolished?" asks for standing houses.
    """
    for segment in sentence.segments:
        if segment.text in _RELATIVES:
            return False
        if is_negation(segment) or segment.text.startswith("not "):
            return True
    return False


def _negates_what_came(sentence: Sentence) -> bool:
    """Return whether "nothing" and a change stand behind no loss: "fields; nothing was built"."""
    for i, segment in enumerate(sentence.segments):
        if segment.is_one_of("change:disappeared"):
            return False
        if segment.text == "nothing":
            following = sentence.segments[i + 1 : i + 5]
            return any(is_change(s) and not s.is_one_of("change:unchanged") for s in following)
    return False
