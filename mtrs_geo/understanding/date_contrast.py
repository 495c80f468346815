"""Read a contrast between the two dates: "in the old photo, but not in the new one".

The text is cut into pieces with one date each.  A piece says that the thing is there or that it is
absent at that date; what is there at one date and absent at the other appeared or disappeared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["DateContrast", "date_contrast", "hide_dates", "restore_dates"]

_IMAGE = (
    r"(?:(?:satellite|aerial|base ?map|drone|air|inventory|survey|event|overview) ){0,2}(?:images?|imagery"
    r"|pictures?|pics?|photos?|fotos?|photographs?|scenes?|dates?|surveys?|flights?|flyovers?"
    r"|acquisitions?|epochs?|coverages?|orthophotos?|orthos?|captures?|shots?|visits?|inspections?"
    r"|maps?|base ?map|frames?|recordings?|mosaics?|aerials?|time|point in time|state|one)\b"
)
_OLD = (
    r"(?:first|1st|old|older|oldest|earlier|early|earliest|former|previous|prior|past|pre(?:-?event)?"
    r"|before|reference|baseline|archived?|historic(?:al)?|antique|original|initial|bygone)"
)
_NEW = (
    r"(?:second|2nd|new|newer|newest|later|latest|last|latter|recent|current|present|actual"
    r"|post(?:-?event)?|after|today's|updated?|follow-up)"
)
_LEAD = r"(?:(?:in|on|at|from|by|during|to|as of) )?(?:(?:the|our|your|my|an?|any) )?(?:very )?"
_STOP = r"(?=$|[ ,;.:?!]*(?:$|[,;.:?!]|\b(?:but|and|while|whereas|though|although|not|is|are|has|have|does|was|were|that|found|there|here)\b))"
_CLAUSE = r"(?:^|(?<=[,;:] )|(?<=\band )|(?<=\bbut ))"
_NO_OBJECT = r"(?! (?:the|a|an|this|that|it|they|we|i|you|being|spring|summer|autumn|winter|\d))"
_SIDE = r"(?: ?[- ]hand)?(?: side)? (?:images?|pictures?|photos?|scenes?|frames?|ones?)\b(?! (?:half|part|edge|corner|side|end|border))"
_LEFT_AND_RIGHT = re.compile(
    rf"\b(?:(left){_SIDE}.*\b(?:in|on) the right\b|(right){_SIDE}.*\b(?:in|on) the left\b"
    rf"|(?:in|on) the left\b.*\b(?:right){_SIDE}|(?:in|on) the right\b.*\b(?:left){_SIDE}|left{_SIDE}|right{_SIDE})"
)
_LEFT_DATE = re.compile(rf"\bleft{_SIDE}|(?<=\b(?:in|on) the )left{_STOP}")
_RIGHT_DATE = re.compile(rf"\bright{_SIDE}|(?<=\b(?:in|on) the )right{_STOP}")
_TOKEN = re.compile(
    "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in {
            # A period is no date: "since the first image", "from the first date to the second".
            "period": rf"\b(?:since|after|before|until|till|subsequent to|prior to|following|between) (?:the |our |my |your )?(?:{_OLD}|{_NEW}) {_IMAGE}(?: was (?:taken|shot|made))?",
            "compared": rf"\b(?:compared|in comparison|relative) (?:to|with) (?:(?:the |our )?{_OLD} {_IMAGE}|before\b|earlier\b|image (?:one|1)\b)",
            "early": rf"\b{_LEAD}{_OLD} {_IMAGE}|\b{_LEAD}(?:image|photo|picture|date|time|scene) (?:one|1|a)\b"
            r"|\bthe (?:first|old|older|earlier|former)(?= (?:has|hasn't|had|does|doesn't|shows?|none)\b)|\bin a(?=[,.]|$)"
            r"|\bwhen the (?:first|old|older|earlier) \w+ was (?:taken|shot|made)"
            rf"|\b(?:in|on|at|from) the (?:first|old|older|oldest|earlier|former|before){_STOP}"
            r"|\b(?:previously|formerly|originally|initially|back then|in (?:the )?past|in former times|in the old days|earlier|to begin with"
            r"|at the time|long ago|(?:years?|decades?) ago)\b|\b(?:at|in) (?:first|the (?:beginning|start|outset)(?: of the \w+)?)\b"
            rf"|\b(?:used to|use to)\b|\bonce\b|{_CLAUSE}first(?= (?:none|no|nothing|with|without|there)\b)"
            rf"|\bbefore(?= (?:in|on|at|within|located|situated|there|now|and|but|today|:|not|no|none)|[,;:.?!]|$)|{_CLAUSE}before\b{_NO_OBJECT}|(?:\b(?:in|on) )?(?:\bthe )?\ue000",
            "late": rf"\b{_LEAD}{_NEW} {_IMAGE}|\b{_LEAD}(?:image|photo|picture|date|time|scene) (?:two|2|b)\b"
            rf"|\bthe (?:second|new|newer|later|latter)(?= (?:has|hasn't|had|does|doesn't|shows?|none)\b)|\bin b(?=[,.]|$| but| and)"
            rf"|\b(?:in|on|at|from|by) the (?:second|new|newer|later|latter|latest|recent|after|update|end(?: of the \w+)?|present){_STOP}"
            r"|\b(?:now|today|nowadays|currently|presently|at present|in present|afterwards|later(?: on)?|subsequently|meanwhile|at renewal"
            r"|these days|by now)\b"
            rf"|\bafter(?= (?:in|on|at|within|located|situated|there|and|but|:|not|no|none)|[,;:.?!]|$)|{_CLAUSE}after\b{_NO_OBJECT}|(?:\b(?:in|on) )?(?:\bthe )?\ue002",
            "then": r"\bthen\b",
            "t": r"\b(?:(?:in|at|on) )?t(?P<t_number>[0-2])\b",
            "year": r"\b(?:(?:in|on|at|by|from) )?(?:the )?(?:year )?(?P<number>(?:19|20)\d\d)\b"
            rf"(?: {_IMAGE})?",
            "gone": r"\b(?:no (?:longer|more)(?! than)|gone(?! up)|(?:none|nothing)(?: \w+)?(?: is| are)? (?:left|remain(?:s|ing)?))\b",
            "any_more": r"\b(?:any ?more|any longer)\b",
            "absent": r"\b(?:not(?: yet)?|no(?: (?:trace|sign)s?(?: of)?)?|never|none|nothing|nowhere|nobody|no one|without(?: any)?|cannot|can't|[a-z]+n't"
            r"|missing|miss(?:es)?|lack(?:s|ed|ing)?(?: in)?|absent|absence|invisible|unseen|non-?existent|in vain|fail(?:s|ed)? to"
            r"|free of|empty|yet to (?:come|appear|be \w+)|omitted|undetected|unrecorded)\b",
            "only": r"\b(?:only|exclusively|solely|just|for the (?:first|last) time|last(?= (?:seen|visible|found)\b))\b",
            "loss": r"\b(?:demoli\w+|remov\w+|destroy\w*|raz(?:ed|ing)|vanish\w*|disappear\w*|lost|loss|felled|cut|torn|pulled down"
            r"|cleared|dismantled|dried up|dug up|withdrawn|taken away|tak(?:en|ing) down|chang\w+|replac\w+|convert\w*|becom\w+|became|turned|drained|filled)\b",
            "gain": r"\b(?:new|newly|recently|added|built|construct\w*|erected|emerg\w*|planted|laid|paved(?! (?:areas?|ground|lots?|yards?|surfaces?|roads?|land|spaces?)\b))\b",
            "present": r"\b(?:is|are|was|were|be|been|being|exist(?:s|ed|ing|ence)?|presen(?:t|ce)|there|visible|see|seen|sees|saw|show(?:s|n|ed|ing)?"
            r"|found|find|finds|contain(?:s|ed|ing)?|includ(?:es?|ed|ing)|record(?:ed)?|register(?:ed)?|appear(?:s|ed|ing)?|stand(?:s|ing)?|stood"
            r"|depict(?:s|ed)?|detect(?:ed)?|observ(?:ed|able)|one|you(?:'ll|'d|'ve)?|we(?:'d|'ve)?|i(?:'d|'ve)?|someone|somebody|can|could|would|may|to be|have|has|had|does|do|did"
            r"|look(?:ed|s|ing)?|make out|still|already|yet|clearly|even|yes|any|at all|counterpart|grow(?:n|ing)?|grew|having|occurring|l(?:ie|ies|ay|ying)|to|with|that|which|here|it|they|them)\b",
            "joint": r"[,;.?!]|\b(?:but|and|while|whereas|though|although|however|where)\b"
            r"|\b(?:that|which)(?= (?:were|was|had been|earlier|formerly|once|previously|used to|in (?:the )?(?:\d{4}|past|old|first|earlier))\b)"
            r"|\b(?:at|in|on|occupying) (?:the )?(?:location|place|site|spot)s?(?: of)?(?= (?:earlier|former|previous|old|with)\b)",
            "colon": r":",
            "word": r"[^\W_]+(?:['-][^\W_]+)*",
        }.items()
    )
)
_EITHER_WAY = re.compile(
    r"(?:\b(?:that|which) )?\b(?:is |are |was |were )?(?:(?:found|visible|there|seen|present|shown|can be seen) )?"
    r"in one (?:image|picture|photo|scene|date|of (?:the )?(?:two|both) \w+) (?:and|but) (?:not|(?:cannot|can not) be seen) in the other(?: one)?\b"
    r"|(?:\b(?:that|which|who) )?\b(?:(?:is|are|was|were|do|did|does) (?:not|no longer)|(?:is|are|was|were|do|did|does)n't|not|no longer)"
    r" (?:stay |remain |look |quite )?(?:the same|identical|equal|as before|as (?:it|they) (?:were|was|used to be))"
    r"(?: (?:as before|(?:in|at|on) (?:both|the two) \w+))?"
    r"|(?<=\bdifferent )in both \w+"
)
_COMPARE = re.compile(r"\bcompar\w+\b|\bdiffer\w*\b")
_IN_BOTH = re.compile(r"\b(?:in|at|on|of) (?:both|the two) (?:images?|pictures?|photos?|dates?|scenes?)\b")
_OLD_AND_NEW = re.compile(
    rf"\b(?:between )?(?:the )?(?:{_OLD}|then)(?: {_IMAGE})? (?:(?:and|vs\.?|versus|to) )?(?:the )?(?:{_NEW}|now)(?: {_IMAGE}|{_STOP})"
)
_PREPOSITION = re.compile(r"\b(?:before|after|since|during|until)\b")
_NO_LONGER_BUT = re.compile(r"^(.*)\bno longer ([^,;.]+?),? but (?:now |rather |instead )?([^,;.]+)$")
_NOT_ALWAYS = re.compile(r"\b(?:have|has|had) not always\b|\bha(?:ve|s|d)n't always\b")
_FIXED_FORMS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"\bfrom (?:nothing|none|not existing) to (?:existing\b)?", "previously none, now "),
        (r"\bfrom ([^,;:.]+?) to (?:nothing|none|not existing)\b", r"previously \1, now none"),
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
    """Its pieces, if it changed what was there before and after, without the words that name the dates and say what was there."""
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
    if _LEFT_AND_RIGHT.search(text):
        text = _LEFT_DATE.sub(lambda m: m[0].replace("left", "\ue000", 1), text)
        text = _RIGHT_DATE.sub(lambda m: m[0].replace("right", "\ue002", 1), text)
    pieces = text.split("but not ")
    for i in range(1, len(pieces)):
        clause = re.split(r"[,;:]|\b(?:but|and)\b", pieces[i])[0]
        kinds = {m.lastgroup for m in _TOKEN.finditer(clause)}
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
    if _EITHER_WAY.search(plain):
        return DateContrast("any", (restore_dates(_EITHER_WAY.sub(" ", plain)),))
    if _COMPARE.search(plain) and _IN_BOTH.search(plain):
        return DateContrast("any", (restore_dates(_IN_BOTH.sub(" ", plain)),))
    if _COMPARE.search(plain) and _OLD_AND_NEW.search(plain):
        return DateContrast("any", (restore_dates(_OLD_AND_NEW.sub(" ", plain)),))
    other = _NO_LONGER_BUT.search(plain)
    if other:
        return DateContrast("changed", (restore_dates(other[2]), restore_dates(other[3])), False)
    for pattern, words in _FIXED_FORMS:
        plain = pattern.sub(words, plain)
    plain = _BEFORE_AFTER.sub(r"before \1, after ", _NOT_ALWAYS.sub("not previously", plain))
    pieces = [Piece(tokens) for tokens in _cut(_tokens(_sides_as_images(plain)))]
    said = [piece.said for piece in pieces]
    if not any(piece.side or piece.is_over for piece in pieces):
        return None
    if not any(piece.is_contrasting for piece in pieces):
        found = _one_after_the_other(pieces)
        if found and found.is_full and _COMPARE.search(plain):
            return DateContrast("any", found.pieces)
        return found
    if any(way is None for way in said):
        return None
    ways = {way for way in said if way}
    early = {way for way in ways if way.startswith("early")}
    late = {way for way in ways if way.startswith("late")}
    if len(early) > 1 and early != {"early", "early only"}:
        return None
    if len(late) > 1 and late != {"late", "late only"}:
        return None
    gained = {"early absent", "late only"} & ways
    lost = {"late absent", "early only"} & ways
    if bool(gained) == bool(lost) or (early and late and "only" in " ".join(ways) and len(ways) < 2):
        return None
    is_full = bool(early and late)
    if not is_full and any("loss" in piece.kinds for piece in pieces):
        return None
    rest = tuple(restore_dates(piece.rest) for piece in pieces)
    return DateContrast("appeared" if gained else "disappeared", rest, is_full)


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
    return re.sub(rf"(?:(?:in|on|at|the) ){{0,2}}([\ue000\ue002]){_SIDE}", r"\1", text)


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
        return " ".join(t.text for t in self.tokens if t.kind in ("word", "colon") or
                        (t.kind in ("loss", "gain", "joint", "present", "only") and not self.side))

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
        return not {"gone", "absent", "any_more"}.isdisjoint(self.kinds) or is_lost or self._is_only()

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
    found = [(m.lastgroup or "", m) for m in _TOKEN.finditer(text)]
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
                kind = "early" if re.search(r"\b(?:was|were) still\b", text) else "word"
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
        elif not (token.kind == "colon"):
            pieces[-1].append(token)
            after = tokens[i + 1].kind if i + 1 < len(tokens) else ""
            is_answer = token.text in ("yes", "no") and before in ("early", "late")
            is_answer = is_answer and after != "word"
            if is_answer:
                pieces.append([])
    parts = [part for piece in pieces for part in _cut_between_dates(piece) if part]
    for i in range(len(parts) - 1, 0, -1):
        # "Which, as of the earlier date, were missing" has its date apart.
        kinds = {token.kind for token in parts[i]}
        if [t.kind for t in parts[i - 1]] in (["early"], ["late"]) and not kinds & {"early", "late"}:
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
