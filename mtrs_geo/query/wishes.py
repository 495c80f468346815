"""Split a sentence that asks for several changes: "new roads and demolished houses"."""

from __future__ import annotations

import re

from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.grammar import ANY_CHANGE, normalize, split_sentence
from mtrs_geo.query.questions import Asked, question_prefix, take_question
from mtrs_geo.query.scene_phrases import split_leading
from mtrs_geo.query.times import tells_change

__all__ = ["split_wishes"]

_MOST_CHARACTERS, _MOST_JOINTS = 1_000, 20
_JOINT = re.compile(
    r" ?; ?|[.?!] +(?=\w)|,? and/or |,? and (?:also |then )?|,? (?:as well as|plus|while|whereas) "
    r"|(?<!\band) ?[/&+] ?|, "
)
_BOTH = re.compile(r"^((?:please )?(?:(?:show|find|map|list|mark|detect)(?: me)? )?)both (?:the )?")
_OF_BOTH = re.compile(
    r"^(?:both|each|all)(?: of (?:them|these|those|which))?(?: (?:are|is|being|lie|lying))?"
    r" (?!and\b)"
)
"""Words at the start of a rule that belongs to every wish: "both larger than 100 m²"."""
_AGAIN = re.compile(
    r"(?:,? (?:while|whereas|and|but)|[,;]) (?:"
    r"(?P<which>which)(?: ones?)?(?= (?:was|were|have|has|are|is)\b)"
    r"|(?P<asks>(?:where|how many|how much)\b"
    r"(?: (?:have|has|had|did|do|does|were|was|are|is|of)\b)*)?"
    r"(?P<word> ?\b(?:they|it|them)\b)?)"
)
"""Joints after which a pronoun, or nothing, stands for the thing of the first change."""
_ASKS = re.compile(r"(?:(?:show|tell) (?:me )?)?(?:where|how)\b")
_BETWEEN = re.compile(r"\bbetween [^,;:]{1,20}$")
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
    "both …", belongs to every part; one at the start ("in the north: …") belongs to all parts up
    to the next one at a start; another stays with the part that it stands by.

    Words of a question that no answer takes into account, such as "all", are in no part; they are
    in `ChangeQuery.unanswered` of the whole text.

    Args:
        text: any text.
    """
    plain = normalize(text).strip(" .;,?!")
    if len(plain) > _MOST_CHARACTERS or len(_JOINT.findall(plain)) > _MOST_JOINTS:
        return (text,)
    leading, plain = split_leading(plain)
    plain, asked = take_question(plain)
    # "Are the new houses in the north?" is not about any of them.
    prefix = "are the " if asked.is_definite else question_prefix(asked.kind, asked.unit)
    plain = _with_thing_repeated(plain)
    is_both = _BOTH.match(plain) is not None
    pieces = _pieces(_BOTH.sub(r"\1", plain))
    wishes: list[str] = []
    starts: list[str] = []
    shared: list[str] = []
    for joint, piece in pieces:
        if _is_only_rules(piece) and ("," in joint or not wishes):
            shared.append(_OF_BOTH.sub("", piece))
        elif _is_wish(piece, is_apart=any(";" in j for j, _ in pieces)):
            start, rest = split_leading(piece)
            # "In the north new houses, in the south felled trees".
            leading = start or leading
            wishes.append(rest)
            starts.append("" if _has_own(rest, leading) else leading)
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
        asks
        + ", ".join([wish.removeprefix("the ") if asks else wish, *filter(None, [start]), *shared])
        for asks, wish, start in zip(prefixes, wishes, starts, strict=True)
    )


def _has_own(wish: str, condition: str) -> bool:
    """Return whether a wish has a rule or a time of the kind of a condition: another place."""
    own, shared = split_sentence(wish), split_sentence(condition)
    kinds = {type(rule) for rule in own.rules} & {type(rule) for rule in shared.rules}
    return bool(kinds or (own.times and shared.times))


def _pieces(text: str) -> list[tuple[str, str]]:
    """Return (joint, piece) where both sides of every joint are a wish, or only rules."""
    pieces: list[tuple[str, str]] = []
    start, joint = 0, ""
    for match in _JOINT.finditer(text):
        before, after = text[start : match.start()], text[match.end() :]
        if after[:1].isdigit() and _BETWEEN.search(before):
            continue  # "between 50 and 100 m"
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


def _with_thing_repeated(text: str) -> str:
    """Return a text in which the second of two opposite changes names its thing as well.

    "Houses appeared in the north while they disappeared in the south" and "which trees were felled,
    which were planted" are two wishes.  "Houses that were built and then removed" are one: the
    second change must have a place of its own, or a question word.
    """
    for match in _AGAIN.finditer(text):
        before, after = split_sentence(text[: match.start()]), text[match.end() :]
        second = split_sentence(re.split(_JOINT, after, maxsplit=1)[0])
        thing = _thing(before.prompt)
        ways = {direction_of(before.prompt), direction_of(second.prompt)}
        if not thing or _thing_words(second.prompt) or ways != {"appeared", "disappeared"}:
            continue
        is_which = match["which"] and before.prompt.startswith("which ")
        is_asked = is_which or (match["asks"] and match["word"] and _ASKS.match(text))
        if is_asked or (before.rules and second.rules and not match["which"]):
            asks = match["which"] or match["asks"] or ""
            words = f"{text[: match.start()]}, and {asks} {thing} {after}"
            return " ".join(words.replace(" , ", ", ").split())
    return text


def _thing(prompt: str) -> str:
    """Return the words of a wish that name its thing, if they stand together."""
    words = _thing_words(prompt)
    return words if f" {words} " in f" {prompt} " else ""


def _thing_words(prompt: str) -> str:
    return " ".join(re.findall(r"[^\W\d_]{3,}", _NO_THING.sub(" ", prompt)))


def _is_only_rules(text: str) -> bool:
    parts = split_sentence(_OF_BOTH.sub("", text))
    return not parts.prompt and bool(parts.rules or parts.times)
