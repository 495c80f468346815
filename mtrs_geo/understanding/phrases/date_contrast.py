"""Read a contrast between the two dates: "in the old photo, but not in the new one".

The text is cut into pieces with one date each.  A piece says that the thing is there or that it is
absent at that date; what is there at one date and absent at the other appeared or disappeared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from mtrs_geo.understanding.phrases.date_words import (
    IMAGE,
    LEFT_AND_RIGHT,
    LEFT_DATE,
    NEW,
    OLD,
    RIGHT_DATE,
    SIDE,
    STOP,
    TOKEN,
)

__all__ = ["DateContrast", "date_contrast", "hide_dates", "restore_dates"]

_EITHER_WAY = re.compile(
    r"(?:\b(?:that|which) )?\b(?:is |are |was |were )?(?:(?:found|visible|there|seen"
    r"|present|shown|can be seen) )?"
    r"in one (?:image|picture|photo|scene|date|of (?:the )?(?:two|both) \w+) (?:and|but)"
    r" (?:not|(?:cannot|can not) be seen) in the other(?: one)?\b"
    r"|(?:\b(?:that|which|who) )?\b(?:(?:is|are|was|were|do|did|does) (?:not|no longer)"
    r"|(?:is|are|was|were|do|did|does)n't|not|no longer)"
    r" (?:stay |remain |look |quite )?(?:the same|identical|equal|as before|as (?:it|they)"
    r" (?:were|was|used to be))"
    r"(?: (?:as before|(?:in|at|on) (?:both|the two) \w+))?"
    r"|(?<=\bdifferent )in both \w+"
)
_COMPARE = re.compile(r"\bcompar\w+\b|\bdiffer\w*\b")
_IN_BOTH = re.compile(
    r"\b(?:in|at|on|of) (?:both|the two) (?:images?|pictures?|photos?|dates?|scenes?)\b"
)
_OLD_AND_NEW = re.compile(
    rf"\b(?:between )?(?:the )?(?:{OLD}|then)(?: {IMAGE})? (?:(?:and|vs\.?|versus|to)"
    rf" )?(?:the )?(?:{NEW}|now)(?: {IMAGE}|{STOP})"
)
_PREPOSITION = re.compile(r"\b(?:before|after|since|during|until)\b")
_NO_LONGER_BUT = re.compile(
    r"^(.*)\bno longer ([^,;.]+?),? but (?:now |rather |instead )?([^,;.]+)$"
)
_NOT_ALWAYS = re.compile(r"\b(?:have|has|had) not always\b|\bha(?:ve|s|d)n't always\b")
_STATE = r"present|absent|not there|there|gone|visible|invisible|missing|yes|no|none|nothing"
_OF_ONE_YEAR = (
    ("early", re.compile(r"\b(?:(?:was|were) still|last (?:seen|visible|found))\b")),
    ("late", re.compile(r"\bfirst (?:seen|visible|found)\b")),
)
"""The date that a year is, where no other one is named: "houses last seen in 2016"."""
_FIXED_FORMS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"\b(?:not|(?:did|does|do)n't) surviv\w+(?: (?:un)?to| until)?", "no longer"),
        (r"\bfrom (?:nothing|none|not existing) to (?:existing\b)?", "previously none, now "),
        (r"\bfrom ([^,;:.]+?) to (?:nothing|none|not existing)\b", r"previously \1, now none"),
        (
            rf"\b(?P<first>{_STATE})[,;]? (?:and )?then (?P<second>{_STATE})\b",
            r"\g<first> before, \g<second> after",
        ),
        (r"\bimage (?:2|two) minus image (?:1|one)\b", "not in image 1 but in image 2, "),
        (r"\bimage (?:1|one) minus image (?:2|two)\b", "not in image 2 but in image 1, "),
    )
)
_BEFORE_AFTER = re.compile(r"^before ([^,;:.]+?),? after (?!the |a |an )")
_LONGEST = 400
"""Length in characters up to which a text is read."""

Side = Literal["early", "late"]


@dataclass(frozen=True)
class DateContrast:
    """What a text says about the two dates."""

    direction: Literal["appeared", "disappeared", "any", "changed"]
    pieces: tuple[str, ...]
    """Its pieces, if it changed what was there before and after, without the words that"
        " name the dates and say what was there."""
    is_full: bool = True
    """Whether both dates are spoken of."""

    @property
    def text(self) -> str:
        """The words that are left: things, places and requests."""
        return " ".join(", ".join(filter(None, (piece.strip() for piece in self.pieces))).split())


def hide_dates(text: str) -> str:
    """Return a text in which "the left picture" is no place and "but not in …" no exception.

    `restore_dates` gives the text back.
    """
    if len(text) > _LONGEST:
        return text
    if LEFT_AND_RIGHT.search(text):
        text = LEFT_DATE.sub(lambda m: m[0].replace("left", "\ue000", 1), text)
        text = RIGHT_DATE.sub(lambda m: m[0].replace("right", "\ue002", 1), text)
    pieces = text.split("but not ")
    for i in range(1, len(pieces)):
        clause = re.split(r"[,;:]|\b(?:but|and)\b", pieces[i])[0]
        kinds = {m.lastgroup for m in TOKEN.finditer(clause)}
        is_date = kinds & {"early", "late", "then", "t", "year", "t_number", "number"}
        pieces[i] = ("but\ue001not " if is_date else "but not ") + pieces[i]
    return "".join(pieces)


def restore_dates(text: str) -> str:
    """Return the text that `hide_dates` changed."""
    return text.replace("\ue000", "left").replace("\ue001", " ").replace("\ue002", "right")


def date_contrast(text: str) -> DateContrast | None:
    """Return what a text says about the two dates; None if it has no contrast, or no clear one.

    Args:
        text: in lower case, as `hide_dates` returns it.
    """
    if len(text) > _LONGEST:
        return None
    plain = text.replace("\ue001", " ")
    found = _in_fixed_words(plain)
    if found is not None:
        return found
    plain = _NOT_ALWAYS.sub("not previously", plain)
    for pattern, words in _FIXED_FORMS:
        plain = pattern.sub(words, plain)
    plain = _BEFORE_AFTER.sub(r"before \1, after ", plain)
    pieces = [Piece(tokens) for tokens in _cut(_tokens(_sides_as_images(plain)))]
    if not any(piece.side or piece.is_over for piece in pieces):
        return None
    if any(piece.is_contrasting for piece in pieces):
        return _absent_at_one_date(pieces)
    found = _one_after_the_other(pieces)
    if found and found.is_full and _COMPARE.search(plain):
        return DateContrast("any", found.pieces)
    return found


def _in_fixed_words(text: str) -> DateContrast | None:
    """Return the contrast of "not the same in both images" and of similar expressions."""
    if _EITHER_WAY.search(text):
        return DateContrast("any", (restore_dates(_EITHER_WAY.sub(" ", text)),))
    if _COMPARE.search(text):
        for pattern in (_IN_BOTH, _OLD_AND_NEW):
            if pattern.search(text):
                return DateContrast("any", (restore_dates(pattern.sub(" ", text)),))
    other = _NO_LONGER_BUT.search(text)
    if other:
        return DateContrast("changed", (restore_dates(other[2]), restore_dates(other[3])), False)
    return None


def _absent_at_one_date(pieces: list[Piece]) -> DateContrast | None:
    """Return the contrast of pieces of which one says that a thing is absent or only there."""
    said = [piece.said for piece in pieces]
    ways = {way for way in said if way}
    early = {way for way in ways if way.startswith("early")}
    late = ways - early
    if None in said or not _agree(early) or not _agree(late):
        return None
    gained = {"early absent", "late only"} & ways
    lost = {"late absent", "early only"} & ways
    is_full = bool(early and late)
    has_loss = any("loss" in piece.kinds for piece in pieces)
    if bool(gained) == bool(lost) or (has_loss and not is_full):
        return None
    rest = tuple(restore_dates(piece.rest) for piece in pieces)
    return DateContrast("appeared" if gained else "disappeared", rest, is_full)


def _agree(ways: set[str]) -> bool:
    """Return whether what is said about one date does not contradict itself."""
    return len(ways) < 2 or not any(way.endswith("absent") for way in ways)


def _one_after_the_other(pieces: list[Piece]) -> DateContrast | None:
    """Return what was there at the one date and at the other: "2010 grass, 2020 a road"."""
    if any(kind in ("loss", "gain") for piece in pieces for kind in piece.kinds):
        return None
    pieces = _cut_at_verb(pieces)
    early = [restore_dates(piece.rest) for piece in pieces if piece.side == "early"]
    late = [restore_dates(piece.rest) for piece in pieces if piece.side == "late"]
    other = [restore_dates(piece.rest) for piece in pieces if not piece.side]
    is_full = bool(early and late)
    if len(early) > 1 or len(late) > 1 or (not is_full and _PREPOSITION.search(" ".join(other))):
        return None
    first, second = early or other, late or other
    return DateContrast("changed", (" ".join(first), " ".join(second)), is_full)


def _cut_at_verb(pieces: list[Piece]) -> list[Piece]:
    """Cut a piece that says what another thing was or is: "roofs that were soil before"."""
    found: list[Piece] = []
    for piece in pieces:
        verbs = {"early": ("was", "were", "been"), "late": ("is", "are")}.get(piece.side, ())
        cut = next((i for i, token in enumerate(piece.tokens) if token.text in verbs), 0)
        first, second = piece.tokens[:cut], piece.tokens[cut:]
        has_words = all(any(t.kind == "word" for t in part) for part in (first, second))
        if len({p.side for p in pieces} - {""}) == 1 and has_words:
            is_named = any(t.kind == piece.side for t in first)
            dated = (second, [Token(piece.side, "")] if is_named else [])
            first = [t for t in first if t.kind != piece.side]
            found += [Piece(first), Piece([*dated[1], *dated[0]])]
        else:
            found.append(piece)
    return found


def _sides_as_images(text: str) -> str:
    """Drop the noun after a left or right date, so that only its mark is left."""
    return re.sub(rf"(?:(?:in|on|at|the) ){{0,2}}([\ue000\ue002]){SIDE}", r"\1", text)


@dataclass(frozen=True)
class Token:
    """A word or phrase with its kind."""

    kind: str
    text: str


class Piece:
    """A piece of a text with at most one date.

    Args:
        tokens: its words.
    """

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.kinds = [token.kind for token in tokens]

    @property
    def rest(self) -> str:
        """The words that are no part of the contrast."""
        return " ".join(
            t.text
            for t in self.tokens
            if t.kind in ("word", "colon")
            or (t.kind in ("loss", "gain", "joint", "present", "only") and not self.side)
        )

    @property
    def side(self) -> str:
        """The date that the piece speaks of: ``early``, ``late`` or an empty text."""
        return next((kind for kind in self.kinds if kind in ("early", "late")), "")

    @property
    def is_over(self) -> bool:
        """Whether the piece says that a thing is not there any more, without a date."""
        if "absent" not in self.kinds or "any_more" not in self.kinds:
            return False
        between = self.kinds[self.kinds.index("absent") + 1 : self.kinds.index("any_more")]
        return all(kind == "present" for kind in between)

    @property
    def is_contrasting(self) -> bool:
        """Whether a word says that something is absent or there at one date only."""
        is_lost = self.side == "late" and "loss" in self.kinds
        return (
            not {"gone", "absent", "any_more"}.isdisjoint(self.kinds) or is_lost or self._is_only()
        )

    @property
    def said(self) -> str | None:
        """``early`` or ``late``, and how it is: nothing more, ``absent`` or ``only``.

        An empty text for a piece that says nothing; None for one that is not clear.
        """
        gone = self.kinds.count("gone")
        negations = gone + self.kinds.count("absent")
        is_over = gone or (negations and "any_more" in self.kinds)
        side = self.side or ("late" if is_over else "")
        if negations > 1 or (negations and not side) or (is_over and side == "early"):
            return None
        if not side:
            return ""
        loss, gain = "loss" in self.kinds, "gain" in self.kinds
        if loss:
            is_lost = side == "late" and not negations and "gain" not in self.kinds
            return "late absent" if is_lost else None
        if gain and (side, bool(negations)) in (("late", True), ("early", False)):
            return None
        if self._is_only():
            return None if negations else f"{side} only"
        return f"{side} absent" if negations else side

    def _is_only(self) -> bool:
        """Return whether "only" belongs to the date: "only in the new one", "t1 only"."""
        if "only" not in self.kinds or not self.side:
            return False
        date = self.kinds.index(self.side)
        if "only" in self.kinds[date + 1 : date + 2]:
            return True
        only = self.kinds.index("only")
        between = self.kinds[only + 1 : date]
        return only < date and all(kind == "present" for kind in between)


def _tokens(text: str) -> list[Token]:
    found = [(m.lastgroup or "", m) for m in TOKEN.finditer(text)]
    years = sorted({int(m["number"]) for _, m in found if m["number"]})
    numbers = sorted({int(m["t_number"]) for _, m in found if m["t_number"]})
    tokens: list[Token] = []
    for _, match in found:
        kind = next(k for k, v in match.groupdict().items() if v is not None)
        if kind == "year":
            kind = "early" if int(match["number"]) == years[0] else "late"
            if len(years) > 2:
                kind = "word"
            elif len(years) == 1 and not any(k == "late" for k, _ in found):
                kind = next((name for name, words in _OF_ONE_YEAR if words.search(text)), "word")
        elif kind == "t":
            first = numbers[0] if len(numbers) > 1 else 1
            kind = "early" if int(match["t_number"]) <= first else "late"
        elif kind == "then":
            kind = "late" if any(t.kind == "early" for t in tokens) else "early"
        elif kind == "compared":
            kind = "late"
        elif kind == "period":
            kind = "word"
        tokens.append(Token(kind, match[0]))
    return tokens


def _cut(tokens: list[Token]) -> list[list[Token]]:
    """Cut a text at its joints, and between two dates of one piece."""
    pieces: list[list[Token]] = [[]]
    for i, token in enumerate(tokens):
        before = tokens[i - 1].kind if i else ""
        if token.kind == "joint" or (token.kind == "colon" and before not in ("early", "late")):
            pieces.append([])
        elif token.kind != "colon":
            pieces[-1].append(token)
            after = tokens[i + 1].kind if i + 1 < len(tokens) else ""
            is_answer = token.text in ("yes", "no") and before in ("early", "late")
            is_answer = is_answer and after != "word"
            # "Barn yes before no after" has its answers in front of the dates.
            is_answer = is_answer and not any(t.text in ("yes", "no") for t in pieces[-1][:-2])
            if is_answer:
                pieces.append([])
    parts = [part for piece in pieces for part in _cut_between_dates(piece) if part]
    for i in range(len(parts) - 1, 0, -1):
        # "Which, as of the earlier date, were missing" has its date apart.
        kinds = {token.kind for token in parts[i]}
        if [t.kind for t in parts[i - 1]] in (["early"], ["late"]) and not kinds & {
            "early",
            "late",
        }:
            parts[i - 1 : i + 1] = [parts[i - 1] + parts[i]]
    return parts


def _cut_between_dates(piece: list[Token]) -> list[list[Token]]:
    dates = [i for i, t in enumerate(piece) if t.kind in ("early", "late")]
    sides = {piece[i].kind for i in dates}
    if len(sides) < 2:
        return [piece]
    first = dates[0]
    second = next(i for i in dates if piece[i].kind != piece[first].kind)
    absent = [i for i in range(first, second) if piece[i].kind in ("absent", "gone")]
    cut = absent[0] if absent else (second if first == 0 else first + 1)
    return [piece[:cut], *_cut_between_dates(piece[cut:])]
