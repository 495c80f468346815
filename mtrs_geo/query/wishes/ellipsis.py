"""Write out what the second of two wishes leaves out: its thing, or its words of change.

"Felled trees and new ones" is "felled trees and new trees", and "lost: trees. gained: houses" is
"lost trees; new houses".
"""

from __future__ import annotations

import re

from mtrs_geo.query.classes import class_of
from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.grammar import split_sentence
from mtrs_geo.query.wishes.words import GAINS, JOINT, LOSSES, thing_of, thing_words, way_of

__all__ = ["with_things_named", "write_lists"]

_AGAIN = re.compile(
    r"(?:,? (?:while|whereas|and|but)|[,;]) (?:"
    r"(?P<which>which)(?: ones?)?(?= (?:was|were|have|has|are|is)\b)"
    r"|(?P<asks>(?:where|how many|how much)\b"
    r"(?: (?:have|has|had|did|do|does|were|was|are|is|of)\b)*)?"
    r"(?P<word> ?\b(?:they|it|them)\b)?)"
)
"""Joints after which a pronoun, or nothing, stands for the thing of the first change."""
_ASKS = re.compile(r"(?:(?:show|tell) (?:me )?)?(?:where|how)\b")
_ONES = re.compile(r"\bones?\b(?! (?:side|half|part|of the (?:images?|dates?|photos?)))")
_NO_KIND = frozenset({"everything", "anything", "something", "things", "changes", "change"})
_KEPT = (
    r"(?:built|constructed|erected|planted|added|demolished|removed|destroyed|felled|vanished"
    r"|cleared)"
)
_LABELS = {
    "new": rf"(?:new|{GAINS}|gained|appeared|came)",
    "lost": rf"(?:{LOSSES}|lost|gone|disappeared|went)",
}
_LABEL = rf"(?:{_LABELS['new']}|{_LABELS['lost']}|{_KEPT})"
_LABELLED = re.compile(rf"(?:^|(?<=[ ,;.]))(?P<label>{_LABEL}) ?[:=] ?(?=[a-z])")
_LABEL_AFTER = re.compile(rf"(?P<thing>[a-z][a-z '-]*?) ?[:=] ?(?P<label>{_LABEL})")
_ITEM = re.compile(r"(?:^|(?<=[ ,;.]))\(?(?P<mark>\d|[a-e])[).:] ?(?=[a-z])")
_BULLET = re.compile(r"(?:^|(?<=[ ,;.]))(?:[-*•–] |\(?(?P<mark>i{1,3}|iv|v)[).:] ?)(?=[a-z]{2})")
"""Marks of a list without an order: "- new houses - felled trees"."""
_BOTH_WAYS = re.compile(
    r"(?P<lead>(?:[a-z ]*\bfrom )?)(?P<one>[a-z-]+(?: [a-z-]+)?) (?P<to>to|into|became|turned into)"
    r" (?P<other>[a-z-]+(?: [a-z-]+)?),? (?:or|and)(?: from)?"
    r" (?:(?P=other) (?P=to) (?P=one)|vice versa|the other way (?:a?round)|the reverse)[ .?!]*"
)
"""A change and the opposite one: "forest to houses or vice versa"."""
_ORDINAL = re.compile(r"(?:^|[,;.] (?:and )?)(?P<mark>first|second|third)ly[,:]? (?=[a-z])")
_CAME, _WENT = re.compile(r"\bcame(?=$|[.;,]| and\b)"), re.compile(r"\bwent(?=$|[.;,]| and\b)")
_MARKS = ("12345", "abcde", "fst")


def write_lists(text: str) -> str:
    """Return a text whose listed wishes are joined by semicolons.

    "1) new houses 2) felled trees" and "lost: trees, gained: houses" are lists.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    ways = _BOTH_WAYS.fullmatch(text)
    if ways:
        lead, one, to, other = (ways[name] for name in ("lead", "one", "to", "other"))
        return f"{lead}{one} {to} {other}; {lead}{other} {to} {one}"
    for marked in (_ITEM, _ORDINAL):
        items = list(marked.finditer(text))
        marks = "".join(item["mark"][0] for item in items)
        if len(items) > 1 and not items[0].start() and marks.startswith(_first(marks)):
            return "; ".join(_between(text, items))
    bullets = list(_BULLET.finditer(text))
    if len(bullets) > 1 and not bullets[0].start():
        return "; ".join(_between(text, bullets))
    labels = list(_LABELLED.finditer(text))
    if len(labels) > 1 and not labels[0].start():
        things = [thing.removeprefix("the ") for thing in _between(text, labels)]
        return "; ".join(
            f"{_adjective(label['label'])} {thing}"
            for label, thing in zip(labels, things, strict=True)
        )
    if _CAME.search(text) and _WENT.search(text):  # "houses came, trees went"
        return _CAME.sub("appeared", _WENT.sub("disappeared", text))
    after = [_LABEL_AFTER.fullmatch(piece) for piece in re.split(r"[,;.] ?", text)]
    if len(after) > 1 and all(after):
        return "; ".join(f"{_adjective(m['label'])} {m['thing']}" for m in after if m)
    return text


def with_things_named(text: str) -> str:
    """Return a text in which each of several changes names its thing.

    "Felled trees and new ones", "houses appeared in the north while they disappeared in the south"
    and "which trees were felled, which were planted" are two wishes each.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    return _with_thing_repeated(_with_ones_named(text))


def _first(marks: str) -> str:
    return next((line[: len(marks)] for line in _MARKS if line[0] == marks[0]), "?")


def _between(text: str, marks: list[re.Match[str]]) -> list[str]:
    """Return what stands behind each mark, up to the next one."""
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    pieces = (text[mark.end() : end] for mark, end in zip(marks, ends, strict=True))
    return [re.sub(r"(?: and)?[ ,;./]*(?: and)?$", "", piece) for piece in pieces]


def _adjective(label: str) -> str:
    return next((word for word, same in _LABELS.items() if re.fullmatch(same, label)), label)


def _with_ones_named(text: str) -> str:
    """Return a text with the thing of the change before in the place of "ones"."""
    pieces: list[str] = []
    thing, way, has_rules, position = "", "changed", False, 0
    for joint in [*JOINT.finditer(text), None]:
        piece = text[position : joint.start()] if joint else text[position:]
        parts = split_sentence(piece)
        own = thing_words(parts.prompt, is_strict=True)
        if own:
            thing, way, has_rules = _kind(parts.prompt), way_of(parts.prompt), bool(parts.rules)
        elif thing and "changed" not in (way, way_of(parts.prompt)):
            is_other = way_of(parts.prompt) != way or (has_rules and parts.rules)
            piece = _ONES.sub(thing, piece, count=1) if is_other else piece
        pieces += [piece, joint[0] if joint else ""]
        position = joint.end() if joint else position
    return "".join(pieces)


def _kind(prompt: str) -> str:
    """Return the thing of a wish: "trees" of "where did the town lose its trees"."""
    words = thing_words(prompt, is_strict=True)
    if f" {words} " not in f" {prompt} ":
        words = words.rsplit(" ", 1)[-1]
        words = words if class_of(words) not in ("any", "other") else ""
    return "" if words in _NO_KIND else words


def _with_thing_repeated(text: str) -> str:
    """Return a text in which the second of two opposite changes names its thing as well.

    "Houses that were built and then removed" are one wish: the second change must have a place of
    its own, or a question word.
    """
    for match in _AGAIN.finditer(text):
        before, after = split_sentence(text[: match.start()]), text[match.end() :]
        second = split_sentence(re.split(JOINT, after, maxsplit=1)[0])
        is_counted = (match["asks"] or "").strip().startswith("how ")
        thing = _kind(before.prompt) if is_counted else thing_of(before.prompt)
        way = way_of if is_counted else direction_of
        ways = {way(before.prompt), way(second.prompt)}
        is_named = thing_words(second.prompt, is_strict=bool(is_counted))
        if not thing or is_named or ways != {"appeared", "disappeared"}:
            continue
        is_which = match["which"] and before.prompt.startswith("which ")
        is_asked = is_which or (match["asks"] and match["word"] and _ASKS.match(text))
        is_asked = is_asked or is_counted
        if is_asked or (before.rules and second.rules and not match["which"]):
            asks = match["which"] or match["asks"] or ""
            if direction_of(second.prompt) == "changed" and is_counted:
                # "And how much gained": a wish of its own tells its way plainly.
                after = after.replace(second.prompt, way_of(second.prompt), 1)
            words = f"{text[: match.start()]}, and {asks} {thing} {after}"
            return " ".join(words.replace(" , ", ", ").split())
    return text
