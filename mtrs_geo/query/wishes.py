"""Split a sentence that asks for several changes: "new roads and demolished houses"."""

from __future__ import annotations

import re

from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.grammar import ANY_CHANGE, normalize, split_sentence
from mtrs_geo.query.questions import Asked, question_prefix, take_question
from mtrs_geo.query.times import tells_change

__all__ = ["split_wishes"]

_MOST_CHARACTERS, _MOST_JOINTS = 1_000, 20
_JOINT = re.compile(r" ?; ?|[.?!] +(?=\w)|,? and (?:also |then )?|,? as well as |,? plus |, ")
_BOTH = re.compile(r"^((?:please )?(?:(?:show|find|map|list|mark|detect)(?: me)? )?)both (?:the )?")
# Words that do not name a thing.
_NO_THING = re.compile(
    r"\b(?:the|an?|all|any|every|some|both|that|which|who|where|when|what|how|many|there|it"
    r"|they|them|ones?|those|these|is|are|was|were|be|been|being|has|have|had|did|do|does|get"
    r"|got|not|no|never|only|also|then|now|before|after|since|in|on|at|of|by|to|from|for|with"
    r"|up|down|out|off|away|and|or|but|please|show|find|map|list|mark|detect|me|new|newly"
    r"|recent|recently|built|constructed|erected|added|additional|appeared|appear|emerged"
    r"|developed|completed|finished|founded|extended|planted|paved|laid|raised|gone|demolished"
    r"|removed|destroyed|razed|vanished|disappeared|disappear|lost|missing|felled|cleared"
    r"|flattened|wrecked|ruined|collapsed|dismantled|former|cut|torn|pulled|knocked|taken"
    r"|longer|image|images|date|rebuilt)\b"
)


def split_wishes(text: str) -> tuple[str, ...]:
    """Return one sentence per change that a text asks for; the text itself if it is one.

    Each part must name a thing and the direction of its change, so "new houses and roads" and
    "houses added or removed" are one wish.  A rule after a comma ("…, in the north"), or with
    "both …", belongs to every part; another stays with the part that it stands by.

    Words of a question that no answer takes into account, such as "all", are in no part; they are
    in `ChangeQuery.unanswered` of the whole text.

    Args:
        text: any text.
    """
    plain = normalize(text).strip(" .;,?!")
    if len(plain) > _MOST_CHARACTERS or len(_JOINT.findall(plain)) > _MOST_JOINTS:
        return (text,)
    plain, asked = take_question(plain)
    # "Are the new houses in the north?" is not about any of them.
    prefix = "are the " if asked.is_definite else question_prefix(asked.kind, asked.unit)
    is_both = _BOTH.match(plain) is not None
    pieces = _pieces(_BOTH.sub(r"\1", plain))
    wishes: list[str] = []
    shared: list[str] = []
    for joint, piece in pieces:
        if _is_only_rules(piece) and ("," in joint or not wishes):
            shared.append(piece)
        elif _is_wish(piece, is_apart=any(";" in j for j, _ in pieces)):
            wishes.append(piece)
        else:
            return (text,)
    if len(wishes) < 2:
        return (text,)
    if is_both:
        rules = [rule.explain() for rule in split_sentence(wishes[-1]).rules]
        shared += [rule for rule in rules if rule not in shared]
        wishes[-1] = split_sentence(wishes[-1]).prompt
    # "How many new houses and how many hectares of new roads" are two questions.
    prefixes = [prefix if take_question(wish)[1] == Asked() else "" for wish in wishes]
    return tuple(
        start + ", ".join([wish.removeprefix("the ") if start else wish, *shared])
        for start, wish in zip(prefixes, wishes, strict=True)
    )


def _pieces(text: str) -> list[tuple[str, str]]:
    """Return (joint, piece) where both sides of every joint are a wish, or only rules."""
    pieces: list[tuple[str, str]] = []
    start, joint = 0, ""
    for match in _JOINT.finditer(text):
        before, after = text[start : match.start()], text[match.end() :]
        following = re.split(_JOINT, after, maxsplit=1)[0]
        is_boundary = (_is_wish(before, is_apart=";" in match[0]) or _is_only_rules(before)) and (
            _is_wish(following, is_apart=";" in match[0]) or _is_only_rules(following)
        )
        if is_boundary:
            pieces.append((joint, before.strip()))
            start, joint = match.end(), match[0]
    return [*pieces, (joint, text[start:].strip())]


def _is_wish(text: str, *, is_apart: bool) -> bool:
    """Return whether a text names a thing and which way it changed.

    Args:
        text: part of a sentence.
        is_apart: whether a semicolon separates it, so that any change of the thing is enough.
    """
    parts = split_sentence(text)
    if not parts.prompt:
        return ANY_CHANGE.fullmatch(text.strip()) is not None and "chang" in text
    is_thing = re.search(r"[^\W\d_]{3,}", _NO_THING.sub(" ", parts.prompt)) is not None
    is_change = is_apart and tells_change(parts.prompt)
    return is_thing and (is_change or direction_of(parts.prompt) != "changed")


def _is_only_rules(text: str) -> bool:
    parts = split_sentence(text)
    return not parts.prompt and bool(parts.rules or parts.times)
