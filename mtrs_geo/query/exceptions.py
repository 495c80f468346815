"""Exceptions: "except new roads", "everything but water", "apart from those in the north"."""

from __future__ import annotations

import re

from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.numbers import any_of
from mtrs_geo.query.positions import PLACES, PREPOSITION
from mtrs_geo.query.ranks import MEASURES
from mtrs_geo.query.rules import Except, is_bare_noun
from mtrs_geo.query.scene_phrases import split_rules

__all__ = ["EXCEPT", "take_exceptions"]

_PLACE = "|".join(f"(?:{words})" for words in PLACES.values())
_DATE = (
    r"(?:(?:in|on|at) )?(?:the |any )?(?:\w+ )?(?:images?|imagery|dates?|pictures?|photos?|scenes?"
    r"|orthophotos?|years?|survey)\b|(?:(?:in|on|at) )?the (?:first|second|old|new|older"
    r"|newer|earlier|later|other)(?: one\b|(?=[ ,.;?!]*$))|(?:\w+ ){0,2}(?:before|earlier|later"
    r"|previously"
    r"|afterwards|now|today)\b"
    r"|(?:in )?\d{4}\b"
)
EXCEPT = re.compile(
    r"\b(?:except(?:ing)?(?: for)?|excluding|with the exception of|other than|apart from|aside from"
    r"|save for|barring|not counting|not including"
    r"|leaving (?:out|aside)(?! (?:anything|everything|those|all|any)\b)"
    r"|(?<=changes )(?:besides|minus)|(?<=change )(?:besides|minus)"
    r"|(?<=changed )besides"
    r"|(?<=^everything )(?:besides|bar)"
    rf"|but not(?! (?:{_DATE}))"
    r"|(?<=^everything )but(?! not\b)|(?<=^anything )but(?! not\b)|(?<=^all changes )but(?! not\b)"
    r"|(?<=^any change )but(?! not\b)|(?<=^any changes )but(?! not\b)"
    r"|(?<=^every change )but(?! not\b)"
    r"|(?<=^all )but(?! not\b)|(?<= everything that changed )but(?! not\b)"
    # "Houses without the trees nearby" describes the trees around each house.
    r"|without (?=the |those )(?![^,;]{0,60} (?:nearby|around|near (?:it|them)|next to (?:it|them)"
    r"|beside (?:it|them)|around (?:it|them))(?:[,;.!? ]*$|[,;]))"
    r"|(?:(?:that|which) (?:is|are) |and )?not "
    rf"(?={PREPOSITION} (?:the )?(?:far )?(?:{_PLACE})\b"
    r"|(?:close|next|adjacent) to |near |beside |along |touching |adjoining |bordering |within \d"
    rf"|the (?:\w+ )?(?:{any_of(MEASURES)})\b))\b"
)
_OF_THOSE = re.compile(r"^(?:the )?(?:(?:those|ones|that) of )?(?:the )?(?=.)")
_OWN = re.compile(r"(?:(?:the )?(?:those|ones|these))?")


def take_exceptions(text: str) -> tuple[str, tuple[Except, ...]]:
    """Return the text without its exceptions, and these.

    An exception ends at the next comma; rules after it belong to the whole sentence.
    """
    main, *parts = EXCEPT.split(text)
    found: list[Except] = []
    for part in parts:
        first, *others = re.split(r"[,;] ?", part)
        inside = [first]
        for other in others:
            prompt, rules = split_rules(other)
            if rules and not prompt:
                main = f"{main}, {other}"
            else:
                inside.append(other)
        found += _parse_exceptions(", ".join(inside))
    return main, tuple(dict.fromkeys(found))


def _parse_exceptions(text: str) -> list[Except]:
    prompt, rules = split_rules(text)
    if _OWN.fullmatch(prompt):
        return [Except(None, rules)] if rules else []
    names = [_OF_THOSE.sub("", name) for name in re.split(r",? and |,? or |, ", prompt)]
    return [
        Except(name, rules)
        for name in (names if _are_separate(names) else [_OF_THOSE.sub("", prompt)])
    ]


def _are_separate(names: list[str]) -> bool:
    """Return whether each is a thing of its own: "houses and ponds", "new sheds and new roads"."""
    if all(is_bare_noun(name) for name in names):
        return True
    return all(direction_of(name) != "changed" and " " in name for name in names)
