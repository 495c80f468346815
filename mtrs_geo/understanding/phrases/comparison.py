"""Write a comparison that describes the earlier date as one that describes the later date.

"There were more trees in the first image" becomes "there were fewer trees than before": the rest of
the reading takes a comparison as one of the later date with the earlier one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mtrs_geo.query.numbers import NUMBER, UNIT, any_of, parse_number
from mtrs_geo.query.ranks import MEASURES
from mtrs_geo.query.times import named_times
from mtrs_geo.understanding.lexicon import english
from mtrs_geo.understanding.phrases.date_contrast import hide_dates, restore_dates
from mtrs_geo.understanding.phrases.date_words import IMAGE, NEW, OLD, SIDE, TOKEN
from mtrs_geo.understanding.roles import is_change

__all__ = ["compare_with_earlier", "lacks_second_date", "write_comparatives"]

_OPPOSITES = {
    "more": "less", "bigger": "smaller", "larger": "smaller", "greater": "smaller",
    "wider": "narrower", "broader": "narrower", "longer": "shorter", "deeper": "shallower",
    "denser": "smaller", "thicker": "smaller", "fewer": "more", "less": "more",
    "smaller": "larger", "narrower": "wider", "shorter": "longer", "shallower": "deeper",
    "sparser": "larger", "thinner": "larger",
}  # fmt: skip
_DEGREES = {
    "small": "smaller", "little": "smaller", "tiny": "smaller", "narrow": "narrower",
    "short": "shorter", "shallow": "shallower", "thin": "thinner", "sparse": "sparser",
    "low": "lower", "big": "bigger", "large": "larger", "wide": "wider", "broad": "broader",
    "long": "longer", "deep": "deeper", "dense": "denser", "thick": "thicker", "high": "higher",
}  # fmt: skip
_MORE = re.compile(
    rf"\b(?P<more>more|less) (?P<word>{'|'.join(_DEGREES)})\b"
    # "More small houses" are more of them, "more small lake" is a smaller one.
    r"(?=\s*(?:$|[,;.:?!])"
    r"| (?:than|now|today|nowadays|before|after|since|in|on|at|near|and|or|as)\b"
    r"| (?!(?:is|are|was|were|has|have|had|do|does|did)\b)[a-z-]*(?:[^s\W]|ss|us)(?:$|[ ,;.:?!]))"
)
"""A comparative of two words, as learners write it."""
_COMPARED = re.compile(
    rf"\b(?P<word>{'|'.join(_DEGREES.values())})\b"
    r"(?P<noun> (?!(?:now|today|nowadays|since|in|on|at|near|and|or|as)\b)[a-z-]+)?"
)
"""A comparative with its noun, if one follows."""
_NAMES_DATE = re.compile(
    r"\b(?:than|before|after|was|were|had|used|earlier|later|first|second|last|old|new|ago|since"
    r"|images?|photos?|pictures?|(?:19|20)\d\d)\b"
)
_PERIOD = r"(?:years?|decades?|months?)\b"
_NUMBER = (
    r"(?:\d+\b|an?\b|half\b|one\b|two\b|three\b|four\b|five\b|ten\b|hundred)"
    rf"(?! (?:few |couple of )?{_PERIOD})"
)
_COUNT = re.compile(
    r"\b(?:(?:a )?(?:few|couple of)|several|some|many|an?|\d+|one|two|three|four|five|six|seven"
    r"|eight|nine|ten|twenty|thirty|fifty) $"
)
"""What stands in front of "years ago"."""
_COMPARATIVE = re.compile(
    rf"(?<!no )(?<!any )(?<!or )(?<!once )\b(?P<word>{'|'.join(_OPPOSITES)})\b"
    rf"(?! (?:or|recent)\b| than {_NUMBER})"
)
"""A word that compares, without sizes such as "larger than 500 m²" and "2 ha or larger"."""
_VERSUS = re.compile(
    r"\b(in (?:19|20)\d\d),? (?:vs\.?|versus|against|compared (?:to|with))(?: in)?"
    r" ((?:19|20)\d\d)\b"
)
_DATE_FIRST = re.compile(
    r"(?<=[a-z] )(?P<date>before|earlier|previously) (?P<be>was|were)"
    rf" (?P<words>(?:much |far |a lot )?(?:{'|'.join(_OPPOSITES)}))\b(?! than)"
)
"""The order of learners: "the lake before was bigger"."""
_THAN = re.compile(rf" than\b(?! {_NUMBER})")
_THAN_LAST = re.compile(
    r"\bthan (?:(?:at|in|on|during) )?(?:(?:the|our|my) )?last (?:time|year|month|season|visit"
    r"|check|inspection|survey|spring|summer|autumn|winter|fall)\b(?! of\b)"
)
"""The earlier date, though "the last image" is the later one."""
_AS = re.compile(
    rf"(?<!\bor )\b(?P<words>(?:{'|'.join(_OPPOSITES)})"
    r"(?: (?!(?:or|as|than|well)\b)[a-z'-]+){0,4}?)(?<! such),? (?:as|like|then) "
    r"(?=(?:it|they|there|we|you|i) (?:was|were|had|used)\b|before\b(?! (?:the|an?|this|that|\d))"
    r"|earlier\b|previously\b|last\b|now\b|today\b"
    rf"|(?:(?:an?|[a-z]+|\d+) )?(?:few )?{_PERIOD}|(?:in|on|at) (?:the )?(?:{OLD}|{NEW})\b"
    rf"|(?:in )?(?:19|20)\d\d\b(?! ?{UNIT})|{_NUMBER})"
)
"""A comparison with "as" for "than", as learners write it: "fewer trees as before"."""
_OLD_IMAGE = re.compile(rf"\b(?:{OLD} {IMAGE}|first)$")
_LINKS = re.compile(r"(?: (?:the|in|on|at|it|they|there|we|did|do|does|has|have|had|been|be))*")
_SUPERLATIVES = {
    "big": "biggest", "large": "largest", "great": "greatest", "small": "smallest",
    "tiny": "tiniest", "long": "longest", "short": "shortest", "wide": "widest",
    "broad": "broadest", "narrow": "narrowest",
}  # fmt: skip
_OF_A_CHANGE = (
    r"(?:new(?:ly)?|recent(?:ly)?|built|added|planted|demolished|destroyed|removed|lost|felled"
    r"|cleared|razed|vanished|changed|former)"
)
_MORE_LARGE = re.compile(
    rf"\b(?P<the>the )?(?P<n>(?:{NUMBER}|top {NUMBER}) )?(?P<more>more|most) "
    rf"(?P<size>{'|'.join(_SUPERLATIVES)})"
    rf"(?= (?P<of>of (?:the |all )?)?(?P<change>{_OF_A_CHANGE} )?(?P<noun>[a-z-]+)"
    r"|(?P<end>[ .?!]*$))"
    r"(?! (?:than|as|then)\b)"
)
"""A superlative of two words, as learners write it: "the more large of the new buildings"."""
_AMONG = re.compile(
    rf"\b(?P<rank>(?:{any_of(MEASURES)})(?: {NUMBER})?)(?: ones?)? (?:from )?"
    r"(?:among|amongst|out of)\b(?: all(?: of)?)?(?= )"
)
"""A rank, and no place: "the largest among the new houses"."""
_NUMBER_APART = re.compile(
    rf"^(?P<lead>(?:please )?(?:(?:show|find|list|map|mark|give)(?: me)? )?(?:only )?(?:the )?)"
    rf"(?P<n>{NUMBER}) (?!{UNIT}\b)(?P<x>[a-z][a-z -]{{2,80}}?)[,;:] (?:only |just )?(?:the )?"
    rf"(?P<m>{any_of(MEASURES)})(?: ones)?(?=[ .?!]*$)"
)
"""A number and, apart from it, a rank: "five new buildings, the biggest"."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_PAST_OR_PRESENT = (
    (re.compile(r", than (?:it|they|there) (?:is|are)\b"), "late"),
    (re.compile(r", than (?:it|they|there) (?:was|were|had been)\b"), "early"),
)
_THAN_THE = tuple(
    (re.compile(rf", than (?:(?:in|on|at|from) )?the {word}(?: {IMAGE}|\b)"), side)
    for word, side in ((OLD, "early"), (NEW, "late"))
)
_TIMES_AS = re.compile(
    r"\b(?P<factor>twice|thrice|double|triple|half|not(?: quite| nearly)?|\w+ times"
    r"|(?:a|one|two)[ -](?:third|quarter|fifth|tenth)s?)"
    r" (?:as|so) (?P<word>many|much|big|large|wide|broad|long|deep|dense|thick)\b"
    r"(?P<rest>[^,;.?!]*)"
)
_LESS = re.compile(r"half|not|third|quarter|fifth|tenth")
_USED_TO = re.compile(r"(?:\bthere )?\bused to(?: be| have)?\b")
_NEGATION = re.compile(r"\b(?:no|not|never|none|neither|nor|nobody|nothing|\w+n't)\b")
_SIDE = re.compile(rf"([\ue000\ue002]){SIDE}")
_CLAUSE_END = re.compile(
    r"[,;.?!]|$| (?=(?:in|on|at|near|within|along|inside|by|next to|close to|around|beside|with)\b)"
)
"""Where "than before" is put: in front of a place."""
_PAST = re.compile(r"\b(?:was|were|had)\b")
_SHOWS = re.compile(r" (?:has|had|shows|showed|contains|contained)\b")


@dataclass(frozen=True)
class _Date:
    """Words that name one of the two dates."""

    start: int
    end: int
    side: str
    is_event: bool = False
    """Whether its words stay in the text: "before the storm", "ten years ago"."""
    year: str = ""


def write_comparatives(text: str) -> str:
    """Return a text with "smaller than before" for "more small" and for "smaller as before".

    Args:
        text: in lower case.
    """
    text = _write_superlatives(text)
    written = _MORE.sub(_comparative, _AS.sub(r"\g<words> than ", text))
    compared = _COMPARED.search(written) if written != text else None
    if compared is None or _NAMES_DATE.search(written):
        return written
    # The noun stands in front: "lake smaller than before".
    words = f"{compared['noun'] or ''} {compared['word']} than before".strip()
    return written[: compared.start()] + words + written[compared.end() :]


def compare_with_earlier(text: str) -> str:
    """Return a sentence whose comparison describes the later date.

    It stays as it is if it compares no dates, compares twice, or names another change: "more houses
    were built before 2016".

    Args:
        text: in lower case.
    """
    text = _THAN_LAST.sub("than before", text)
    compared = _VERSUS.sub(r"\1 than in \2", _in_comparatives(text))
    compared = _DATE_FIRST.sub(r"\g<be> \g<words> \g<date>", compared)
    # Words of a date end at a comma: "before than after".
    plain = _SIDE.sub(r"\1", hide_dates(_THAN.sub(", than", compared)))
    first = _COMPARATIVE.search(plain)
    if first is None or _COMPARATIVE.search(plain, first.end()) or _NEGATION.search(plain):
        return text
    than = plain.find(", than", first.end())
    dates = _dates(plain)
    described = [date for date in dates if than < 0 or date.start < than]
    if than >= 0:
        reference = _reference(plain, than, dates)
        if reference is None:
            return text
        other = "late" if reference.side == "early" else "early"
        sides = {date.side for date in described} or {other}
        cuts = [*described, reference]
    else:
        sides, cuts = {date.side for date in described}, described
    if len(sides) != 1 or _names_change(plain, cuts):
        return text
    if sides != {"late"}:
        return restore_dates(_flipped(plain, first.end(), cuts))
    if than < 0 or not _OLD_IMAGE.search(plain, than, cuts[-1].end):
        return compared
    # "Forest in the first image" alone would be forest that is gone.
    return restore_dates(f"{plain[:than]} than before{plain[cuts[-1].end :]}")


def lacks_second_date(text: str) -> bool:
    """Return whether a comparison in the past names no other date: "the pond was larger".

    Args:
        text: in lower case.
    """
    is_compared = _COMPARATIVE.search(text) and _PAST.search(text) and " than" not in text
    return bool(is_compared) and not _dates(hide_dates(text)) and not _names_change(text, [])


def _write_superlatives(text: str) -> str:
    """Return a text with "the largest" for "the more large", and a number beside its rank.

    "Five new buildings, the biggest" is "five biggest new buildings", and "largest among" is
    "largest of".
    """
    text = _AMONG.sub(r"\g<rank> of", _MORE_LARGE.sub(_superlative, text))
    match = _NUMBER_APART.match(text)
    if match is None or parse_number(match["n"]) < 2 or _YEAR.fullmatch(match["n"]):
        return text
    return f"{match['lead']}{match['n']} {match['m']} {match['x']}{text[match.end() :]}"


def _superlative(match: re.Match[str]) -> str:
    """Return "the largest" for "the more large"; of "more large houses" there may be more."""
    noun = match["noun"] or ""
    is_many = noun.endswith("s") and not noun.endswith(("ss", "us"))
    is_picked = bool(match["the"] or match["n"]) and bool(match["of"] or match["n"])
    size = _SUPERLATIVES[match["size"]]
    if match["end"] is not None:
        is_told = re.search(rf"\b{_OF_A_CHANGE}\b", match.string[: match.start()])
        return f"{', the ' if is_told else match['the'] or ''}{size}" if is_told else match[0]
    if match["more"] == "most":
        is_picked = is_picked or not is_many or bool(match["change"])
    else:
        is_change = bool(match["change"])
        is_picked = is_picked or (is_change and (bool(match["the"]) or not is_many))
    return f"{match['the'] or ''}{match['n'] or ''}{size}" if is_picked else match[0]


def _comparative(match: re.Match[str]) -> str:
    word = _DEGREES[match["word"]]
    return word if match["more"] == "more" else _OPPOSITES.get(word, match[0])


def _in_comparatives(text: str) -> str:
    """Return "more houses than before" for "twice as many houses as before"."""
    match = _TIMES_AS.search(text)
    if match is None:
        return text
    word = match["word"]
    more = "more" if word in ("many", "much") else next(w for w in _OPPOSITES if w[:3] == word[:3])
    more = _OPPOSITES[more] if _LESS.search(match["factor"]) else more
    rest = re.sub(r"\bas\b", "than", match["rest"], count=1)
    return text[: match.start()] + more + rest + text[match.end() :]


def _dates(text: str) -> list[_Date]:
    found = list(TOKEN.finditer(text))
    years = sorted({int(m["number"]) for m in found if m["number"]})
    numbers = sorted({int(m["t_number"]) for m in found if m["t_number"]})
    dates = []
    for match in found:
        side = next(k for k, v in match.groupdict().items() if v is not None)
        if side == "year":
            is_one = len(years) == 1 and not any(m.lastgroup == "late" for m in found)
            side = "" if is_one else "early" if int(match["number"]) == years[0] else "late"
        elif side == "t":
            first = numbers[0] if len(numbers) > 1 else 1
            side = "early" if int(match["t_number"]) <= first else "late"
        used_to = _USED_TO.search(text) if match[0].endswith("to") else None
        start, end = used_to.span() if used_to else match.span()
        count = _COUNT.search(text, 0, start) if match[0].endswith(" ago") else None
        start = count.start() if count else start
        shows = _SHOWS.match(text, end) if not text[:start].strip() else None
        if side in ("early", "late"):
            year = match["number"] or ""
            end = shows.end() if shows else end
            dates.append(_Date(start, end, side, match[0].endswith(" ago"), year))
    if not dates:
        for time in named_times(text):
            if time.phrase.startswith(("before ", "prior to ")) and time.phrase in text:
                start = text.index(time.phrase)
                dates.append(_Date(start, start + len(time.phrase), "early", is_event=True))
    return dates


def _reference(text: str, than: int, dates: list[_Date]) -> _Date | None:
    """Return what stands behind "than", if it is a date alone: "than in the second image"."""
    date = next((date for date in dates if date.start > than), None)
    for pattern, side in (*_THAN_THE, *_PAST_OR_PRESENT):
        match = pattern.match(text, than)
        if match and (date is None or text[match.end() : date.start].strip()):
            return _Date(than, match.end(), side)
    if date is None:
        return None
    between = re.sub(r" (?:is|are|was|were)\b", "", text[than + len(", than") : date.start])
    is_alone = _LINKS.fullmatch(between.rstrip())
    return _Date(than, date.end, date.side, year=date.year) if is_alone else None


def _names_change(text: str, cuts: list[_Date]) -> bool:
    """Return whether more than the comparison says that something changed."""
    for cut in sorted(cuts, key=lambda c: -c.start):
        text = text[: cut.start] + " " + text[cut.end :]
    return any(map(is_change, english().segments(_COMPARATIVE.sub(" ", text))))


def _flipped(text: str, after: int, cuts: list[_Date]) -> str:
    """Return a text with the opposite comparison, and "than before" for its dates."""
    early = next((cut.year for cut in cuts if cut.year and cut.side == "early"), "")
    late = next((cut.year for cut in cuts if cut.year and cut.side == "late"), "")
    than = f"than in {early}" if early else "than before"
    than = f"in {late} {than}" if late else than
    clause = _CLAUSE_END.search(text, after)
    end = clause.start() if clause else len(text)
    behind = sorted(cut.start for cut in cuts if after <= cut.start <= end)
    place = behind[0] if behind else end
    pieces = {cut.start: (cut.end, cut.is_event) for cut in cuts}
    words, position = [], 0
    for start in sorted({*pieces, place}):
        end, is_event = pieces.get(start, (start, False))
        words.append(text[position:start])
        if is_event:
            words.append(f" than {text[start:end]} ")
        elif start == place:
            words.append(f" {than} ")
        position = max(position, end)
    plain = "".join([*words, text[position:]])
    return " ".join(_COMPARATIVE.sub(lambda m: _OPPOSITES[m["word"]], plain).split())
