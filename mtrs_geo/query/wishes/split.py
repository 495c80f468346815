"""Split a sentence that asks for several changes: "new roads and demolished houses"."""

from __future__ import annotations

import re
from collections.abc import Callable

from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.grammar import ANY_CHANGE, join_fragments, normalize, split_sentence
from mtrs_geo.query.questions import Asked, question_prefix, take_question
from mtrs_geo.query.scene_phrases import split_leading
from mtrs_geo.query.times import tells_change
from mtrs_geo.query.wishes.ellipsis import with_things_named, write_lists
from mtrs_geo.query.wishes.words import JOINT, tells_way, thing_words, way_of

__all__ = ["split_wishes"]

_MOST_CHARACTERS, _MOST_JOINTS = 1_000, 20
_BOTH = re.compile(r"^((?:please )?(?:(?:show|find|map|list|mark|detect)(?: me)? )?)both (?:the )?")
_OF_BOTH = re.compile(
    r"^(?:both|each|all)(?: of (?:them|these|those|which))?(?: (?:are|is|being|lie|lying))?"
    r" (?!and\b)"
)
"""Words at the start of a rule that belongs to every wish: "both larger than 100 m²"."""
_BETWEEN = re.compile(r"\bbetween [^,;:]{1,20}$")


_TURNED = re.compile(r"\b(?:turn|convert|transform|chang|becom|became|replac|went|gone)\w*")
_NAMES_RESULT = re.compile(r"\b(?:to|into|by|with|for|as|became|becomes?|becoming|under)\b")
_SAME_AGAIN = re.compile(r"\b(?:i\.?e|e\.?g)$")
_FROM_TO = re.compile(r"^(?:from )?[^,;]{2,40}? to [^,;]{2,40}$")


def split_wishes(text: str, tells: Callable[[str], bool] = lambda _: False) -> tuple[str, ...]:
    """Return one sentence per change that a text asks for; the text itself if it is one.

    Each part must name a thing and the direction of its change, so "new houses and roads" and
    "houses added or removed" are one wish.  A rule after a comma ("…, in the north"), or with
    "both …", belongs to every part; one at the start ("in the north: …") belongs to all parts up
    to the next one at a start; another stays with the part that it stands by.

    Words of a question that no answer takes into account, such as "all", are in no part; they are
    in `ChangeQuery.unanswered` of the whole text.

    Args:
        text: any text.
        tells: says whether a part tells what its thing became ("flooded fields"), which makes a
            wish of it as well.
    """
    plain = join_fragments(normalize(text).strip(" .;,?!"))
    if len(plain) > _MOST_CHARACTERS or len(JOINT.findall(plain)) > _MOST_JOINTS:
        return (text,)
    leading, plain = split_leading(plain)
    plain, asked = take_question(plain)
    # "Are the new houses in the north?" is not about any of them.
    prefix = "are the " if asked.is_definite else question_prefix(asked.kind, asked.unit)
    plain = with_things_named(write_lists(plain))
    is_both = _BOTH.match(plain) is not None
    pieces = _pieces(_BOTH.sub(r"\1", plain), tells)
    wishes: list[str] = []
    starts: list[str] = []
    shared: list[str] = []
    for joint, piece in pieces:
        if _is_only_rules(piece) and ("," in joint or not wishes):
            shared.append(_OF_BOTH.sub("", piece))
        elif _is_wish(piece, is_apart=any(";" in j for j, _ in pieces)) or tells(piece):
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


def _pieces(text: str, tells: Callable[[str], bool]) -> list[tuple[str, str]]:
    """Return (joint, piece) where both sides of every joint are a wish, or only rules."""
    pieces: list[tuple[str, str]] = []
    start, joint = 0, ""
    for match in JOINT.finditer(text):
        before, after = text[start : match.start()], text[match.end() :]
        if after[:1].isdigit() and _BETWEEN.search(before):
            continue  # "between 50 and 100 m"
        following = re.split(JOINT, after, maxsplit=1)[0]
        is_boundary = (_is_wish(before, is_apart=";" in match[0]) or _is_only_rules(before)) and (
            _is_wish(following, is_apart=";" in match[0]) or _is_only_rules(following)
        )
        if is_boundary or _are_two(before, following, tells):
            pieces.append((joint, before.strip()))
            start, joint = match.end(), match[0]
    return [*pieces, (joint, text[start:].strip())]


def _are_two(before: str, after: str, tells: Callable[[str], bool]) -> bool:
    """Return whether two parts are two wishes, as one or both tell what their thing became."""
    is_first, is_second = _is_wish(before, is_apart=False), _is_wish(after, is_apart=False)
    if (is_first and is_second) or _SAME_AGAIN.search(before):
        return False
    if is_second:
        # "Fields turned into houses and new roads" may be what came of the fields.
        is_open = _NAMES_RESULT.search(before) is not None and way_of(after) == "appeared"
        return not is_open and tells(before)
    if is_first:
        # "New houses and roads to the forest" may be new roads.
        is_road = _FROM_TO.match(after) and not _TURNED.search(after)
        return not is_road and tells(after)
    return tells(before) and tells(after)


def _is_wish(text: str, *, is_apart: bool) -> bool:
    """Return whether a text names a thing and which way it changed.

    Args:
        text: part of a sentence.
        is_apart: whether a semicolon separates it, so that any change of the thing is enough.
    """
    parts = split_sentence(text)
    if not parts.prompt:
        return ANY_CHANGE.fullmatch(text.strip()) is not None and "chang" in text
    is_change = (is_apart and tells_change(parts.prompt)) or direction_of(parts.prompt) != "changed"
    if is_change:
        return bool(thing_words(parts.prompt))
    return tells_way(parts.prompt) and bool(thing_words(parts.prompt, is_strict=True))


def _is_only_rules(text: str) -> bool:
    parts = split_sentence(_OF_BOTH.sub("", text))
    return not parts.prompt and bool(parts.rules or parts.times)
