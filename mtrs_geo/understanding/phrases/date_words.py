"""Words that name one of the two dates, and words that say what was there: as patterns."""

from __future__ import annotations

import re

__all__ = [
    "IMAGE",
    "LEFT_AND_RIGHT",
    "LEFT_DATE",
    "NEW",
    "OLD",
    "RIGHT_DATE",
    "SIDE",
    "STOP",
    "TOKEN",
]

IMAGE = (
    r"(?:(?:satellite|aerial|base ?map|drone|air|inventory|survey|event|overview)"
    r" ){0,2}(?:images?|imagery"
    r"|pictures?|pics?|photos?|fotos?|photographs?|scenes?|dates?|surveys?|flights?|flyovers?"
    r"|acquisitions?|epochs?|coverages?|orthophotos?|orthos?|captures?|shots?|visits?|inspections?"
    r"|maps?|base ?map|frames?|recordings?|mosaics?|aerials?|time|point in time|state|one)\b"
)
OLD = (
    r"(?:first|1st|old|older|oldest|earlier|early|earliest|former|previous|prior|past"
    r"|pre(?:-?event)?"
    r"|before|reference|baseline|archived?|historic(?:al)?|antique|original|initial|bygone)"
)
NEW = (
    r"(?:second|2nd|new|newer|newest|later|latest|last|latter|recent|current|present|actual"
    r"|post(?:-?event)?|after|today's|updated?|follow-up)"
)
_LEAD = r"(?:(?:in|on|at|from|by|during|to|as of) )?(?:(?:the|our|your|my|an?|any) )?(?:very )?"
STOP = (
    r"(?=$|[ ,;.:?!]*(?:$|[,;.:?!]|\b(?:but|and|while|whereas|though|although|not|is|are|has"
    r"|have|does|was|were|that|found|there|here)\b))"
)
_EVENT = r"[ -]?(?:event|disaster|flood|fire|war|storm|quake|earthquake|crisis)"
"""Behind "pre" and "post", which stand for an image: "absent in post-event"."""
_CLAUSE = r"(?:^|(?<=[,;:] )|(?<=\band )|(?<=\bbut ))"
_NO_OBJECT = r"(?! (?:the|a|an|this|that|it|they|we|i|you|being|spring|summer|autumn|winter|\d))"
SIDE = (
    r"(?: ?[- ]hand)?(?: side)? (?:images?|pictures?|photos?|scenes?|frames?|ones?)\b(?!"
    r" (?:half|part|edge|corner|side|end|border))"
)
LEFT_AND_RIGHT = re.compile(
    rf"\b(?:(left){SIDE}.*\b(?:in|on) the right\b|(right){SIDE}.*\b(?:in|on) the left\b"
    rf"|(?:in|on) the left\b.*\b(?:right){SIDE}|(?:in|on) the right\b.*\b(?:left){SIDE}"
    rf"|left{SIDE}|right{SIDE})"
)
LEFT_DATE = re.compile(rf"\bleft{SIDE}|(?<=\b(?:in|on) the )left{STOP}")
RIGHT_DATE = re.compile(rf"\bright{SIDE}|(?<=\b(?:in|on) the )right{STOP}")
TOKEN = re.compile(
    "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in {
            # A period is no date: "since the first image", "from the first date to the second".
            "period": r"\b(?:since|after|before|until|till|subsequent to|prior to|following"
            rf"|between) (?:the |our |my |your )?(?:{OLD}|{NEW}) {IMAGE}"
            r"(?: was (?:taken|shot|made))?|\b(?:until|till|up to|up until) now\b",
            "compared": rf"\b(?:compared|in comparison|relative) (?:to|with)"
            rf" (?:(?:the |our )?{OLD} {IMAGE}|before\b|earlier\b|image (?:one|1)\b)",
            "early": rf"\b{_LEAD}{OLD} {IMAGE}|\b{_LEAD}(?:image|photo|picture|date|time|scene)"
            r" (?:one|1|a)\b"
            r"|\bthe (?:first|old|older|earlier|former)(?= (?:has|hasn't|had|does|doesn't"
            r"|shows?|none)\b)|\bin a(?=[,.]|$)"
            r"|\bwhen the (?:first|old|older|earlier) \w+ was (?:taken|shot|made)"
            rf"|\b(?:in|on|at|from) the (?:first|old|older|oldest|earlier|former|before){STOP}"
            rf"|\b(?:in|on|at|from) (?:the )?pre(?:{_EVENT})?{STOP}"
            r"|\b(?:previously|formerly|originally|initially|back then|in (?:the )?past|in"
            r" former times|in the old days|earlier|to begin with"
            r"|at the time|long ago|(?:years?|decades?) ago)\b|\b(?:at|in) (?:first|the"
            r" (?:beginning|start|outset)(?: of the \w+)?)\b"
            rf"|\b(?:used to|use to)\b|\bonce\b|{_CLAUSE}first(?= (?:none|no|nothing|with"
            r"|without|there)\b)"
            r"|\bbefore(?= (?:in|on|at|within|located|situated|there|now|and|but|today|:"
            rf"|not|no|none)|[,;:.?!]|$)|{_CLAUSE}before\b{_NO_OBJECT}|(?:\b(?:in|on)"
            r" )?(?:\bthe )?\ue000",
            "late": rf"\b{_LEAD}{NEW} {IMAGE}|\b{_LEAD}(?:image|photo|picture|date|time|scene)"
            r" (?:two|2|b)\b"
            r"|\bthe (?:second|new|newer|later|latter)(?= (?:has|hasn't|had|does|doesn't"
            r"|shows?|none)\b)|\bin b(?=[,.]|$| but| and)"
            r"|\b(?:in|on|at|from|by) the (?:second|new|newer|later|latter|latest|recent"
            rf"|after|update|end(?: of the \w+)?|present){STOP}"
            rf"|\b(?:in|on|at|from) (?:the )?post(?:{_EVENT})?{STOP}"
            r"|\b(?:now|today|nowadays|currently|presently|at present|in present|afterwards"
            r"|later(?: on)?|subsequently|meanwhile|at renewal"
            r"|these days|by now)\b"
            r"|\bafter(?= (?:in|on|at|within|located|situated|there|and|but|:|not|no|none)"
            rf"|[,;:.?!]|$)|{_CLAUSE}after\b{_NO_OBJECT}|(?:\b(?:in|on) )?(?:\bthe )?\ue002",
            "then": r"\bthen\b",
            "t": r"\b(?:(?:in|at|on) )?t(?P<t_number>[0-2])\b",
            "year": r"\b(?:(?:in|on|at|by|from) )?(?:the )?(?:year )?(?P<number>(?:19|20)\d\d)\b"
            rf"(?: {IMAGE})?",
            "gone": r"\b(?:no (?:longer|more)(?! than)|gone(?! up)|(?:none|nothing)(?: \w+)?(?: is|"
            r" are)? (?:left|remain(?:s|ing)?))\b",
            "any_more": r"\b(?:any ?more|any longer)\b",
            "absent": r"\b(?:not(?: yet)?|no(?: (?:trace|sign)s?(?: of)?)?|never|none|nothing"
            r"|nowhere|nobody|no one|without(?: any)?|cannot|can't|[a-z]+n't"
            r"|missing|miss(?:es)?|lack(?:s|ed|ing)?(?: in)?|absent|absence|invisible"
            r"|unseen|non-?existent|in vain|fail(?:s|ed)? to"
            r"|free of|empty|yet to (?:come|appear|be \w+)|omitted|undetected|unrecorded)\b",
            "only": r"\b(?:only|exclusively|solely|just|for the (?:first|last) time"
            r"|(?:first|last)(?= (?:seen|visible|found)\b))\b",
            "loss": r"\b(?:demoli\w+|remov\w+|destroy\w*|raz(?:ed|ing)|vanish\w*|disappear\w*|lost"
            r"|loss|felled|cut|torn|pulled down"
            r"|cleared|dismantled|dried up|dug up|withdrawn|taken away|tak(?:en|ing) down"
            r"|chang\w+|replac\w+|convert\w*|becom\w+|became|turned|drained|filled)\b",
            "gain": r"\b(?:new|newly|recently|added|built|construct\w*|erected|emerg\w*|planted"
            r"|laid|paved(?! (?:areas?|ground|lots?|yards?|surfaces?|roads?|land"
            r"|spaces?)\b))\b",
            "present": r"\b(?:is|are|was|were|be|been|being|exist(?:s|ed|ing|ence)?|presen(?:t|ce)"
            r"|there|visible|see|seen|sees|saw|show(?:s|n|ed|ing)?"
            r"|found|find|finds|contain(?:s|ed|ing)?|includ(?:es?|ed|ing)|record(?:ed)?"
            r"|register(?:ed)?|appear(?:s|ed|ing)?|stand(?:s|ing)?|stood"
            r"|depict(?:s|ed)?|detect(?:ed)?|observ(?:ed|able)|one|you(?:'ll|'d|'ve)?"
            r"|we(?:'d|'ve)?|i(?:'d|'ve)?|someone|somebody|can|could|would|may|to be|have"
            r"|has|had|does|do|did"
            r"|look(?:ed|s|ing)?|make out|still|already|yet|clearly|even|yes|any|at all"
            r"|counterpart|grow(?:n|ing)?|grew|having|occurring|l(?:ie|ies|ay|ying)|to|with"
            r"|that|which|here|it|they|them)\b",
            "joint": r"[,;.?!]|\b(?:but|and|while|whereas|though|although|however|where)\b"
            r"|\b(?:that|which)(?= (?:were|was|had been|earlier|formerly|once|previously"
            r"|used to|in (?:the )?(?:\d{4}|past|old|first|earlier))\b)"
            r"|\b(?:at|in|on|occupying) (?:the )?(?:location|place|site|spot)s?(?: of)?(?="
            r" (?:earlier|former|previous|old|with)\b)",
            "colon": r":",
            "word": r"[^\W_]+(?:['-][^\W_]+)*",
        }.items()
    )
)
