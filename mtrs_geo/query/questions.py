"""Questions: "how many houses were built?", "how many hectares …?", "is there a pond?"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.numbers import AREA_UNITS, LENGTH_UNITS, NUMBER, any_of
from mtrs_geo.query.ranks import take_ranks
from mtrs_geo.query.rules import Except, Rule, SimpleRule, Superlative, is_rank

__all__ = [
    "Asked",
    "QuestionKind",
    "positive_question",
    "question_prefix",
    "take_predicate",
    "take_question",
]

QuestionKind: TypeAlias = Literal["count", "area", "yes_no"]

_KNOW = (
    r"(?:know|find out|learn|see|count|measure|calculate|compute|determine|estimate|establish|check"
    r"|work out|figure out|report|tell(?: (?:me|us))?|say|show(?: me)?|let (?:me|us) know|give me)"
)
_WHO = r"(?:i|we|he|she|they|(?:the|my|our|a) [a-z]+(?: [a-z]+)?)"
_FRAME = (
    rf"(?:(?:(?:can|could|would|will) you |do you )?(?:please |kindly )?{_KNOW}"
    rf"|{_WHO}(?:(?:'d|'ll| would| will| must)? ?(?:like|want|wants|need|needs|wish|wishes|love"
    rf"|have|has)? to {_KNOW}| asks?| wonders?| wants?| needs?))[ ,:]+"
    r"(?=(?:by )?how (?:many|much)\b|(?:whether|if) )"
)
"""Who wants to know it: "the council wants to know how many houses were built"."""
_ASK = (
    r"^[ ,;:.]*(?:(?:please|kindly|and|so|tell me|let me know|i(?:'d| would) like to know)[ ,]+)*"
    rf"(?:{_FRAME})?"
)
_WHAT_IS = r"(?:(?:what(?: is|'s| was)?|give me|show me|calculate|compute|measure) )"
_DETERMINERS = r"[: ]*(?:(?:all|the|any|of|every) )*(?=[^ ])"
_COUNT = re.compile(
    rf"{_ASK}(?:how many\b:?|(?:(?:what(?: is|'s)|give me"
    r"|show me) )?(?:the )?(?:total )?(?:number|count)s? of"
    r"|(?:can|could) you count|count(?: up)?(?: the number of| how many)?"
    rf"(?=:| (?!of\b)\w)){_DETERMINERS}"
)
_YES_NO = re.compile(
    rf"{_ASK}(?:yes or no: ?|(?:(?:can|could) you )?(?:confirm|check|say|find out|see"
    r"|tell me|tell)(?: that| if| whether) "
    r"|is it true that |(?:can|could) you see |i wonder (?:if|whether) "
    r"|(?:if|whether) (?=there (?:is|are|was|were)\b)"
    rf"|{_FRAME}(?:if|whether) "
    r"|(?:is|are|was|were|has|have|had|did|does|do|isn't|aren't|wasn't|weren't|hasn't"
    r"|haven't|didn't) "
    r"(?!(?:a look|show|find|list|mark|map|detect|give"
    r"|not(?! (?:a single|one|any) ))\b)(?=\w+ \w))"
    r"(?:(?:there|really|indeed|actually|any|been|an?|the|some|is|are|was|were"
    r"|anywhere that|you see|you find)(?: |$))*"
)
_SINGULAR = {
    "hectare", "acre", "square metre", "square meter", "square kilometre", "square kilometer",
    "square foot", "square yard", "square mile", "metre", "meter", "kilometre", "kilometer",
    "foot", "mile",
}  # fmt: skip
_SHOWN = ("m²", "ares", "ha", "km²", "acres", "ft²", "yd²", "mi²")
_AREA_UNIT_OF = {AREA_UNITS[unit]: unit for unit in _SHOWN}


def _units(units: dict[str, float]) -> str:
    """Return a pattern of units that are counted: "hectares", "acre of", but not "foot bridge"."""
    return (
        rf"(?:(?:{any_of(units.keys() - _SINGULAR)})(?![\w²^])"
        rf"|(?:{any_of(units.keys() & _SINGULAR)})(?= of\b|:))"
    )


_COMPARATIVES = (
    "more", "less", "larger", "bigger", "greater", "smaller", "longer", "shorter", "wider",
    "broader", "narrower", "taller", "higher", "lower", "deeper", "shallower", "nearer", "closer",
    "farther", "further", "older", "newer", "younger", "earlier", "later", "sooner", "greener",
    "denser", "thicker", "thinner", "wetter", "drier", "faster", "slower", "better", "easier",
    "harder", "cheaper",
)  # fmt: skip
_HOW_MANY = r"(?:how many|(?:what(?: is|'s) )?(?:the )?(?:total )?number of) "
_EXTENT = r"(?:surface area|surface|footprint|area|acreage|extent|size)"
_GROWS = (
    r"(?:grow|grew|grown|shrink|shrank|shrunk|expand|reced|advanc|retreat|increas|decreas|spread"
    r"|los[et]\b|gain)"
)
_COVER = (
    r"(?:area|land|forest|woodland|farmland|water|ground|surface|grass|vegetation|pavement|soil|sand"
    r"|green)"
)
_AREA = re.compile(
    rf"{_ASK}(?:(?:by )?{_HOW_MANY}(?P<unit>{_units(AREA_UNITS)})"
    rf"|(?:(?:what|which) )?(?P<of>{any_of(AREA_UNITS.keys() - _SINGULAR)}|acreage)(?= of\b)"
    rf"|what(?= {_EXTENT} (?:was|were|has been|have been|got)\b)"
    rf"|{_WHAT_IS}?(?:the )?(?:total|overall|combined) {_EXTENT}(?= of\b)"
    rf"|what(?: is|'s| was) the {_EXTENT}(?= of\b)"
    rf"|(?:by )?how much(?= (?:did|do|does|has|have|had) [^,;?]{{1,60}}?\b{_GROWS})"
    rf"|how much(?= (?:more|less) (?:[a-z-]+ )?{_COVER}\b)"
    rf"|(?:how much|what|{_WHAT_IS}?(?:the )?(?:total|overall|combined)) (?:surface )?area"
    r"(?= (?:of|covered by|occupied by|taken (?:up )?by)\b)"
    r"|what(?: is|'s| was) the (?:surface )?area(?= (?:of|covered by|occupied by)\b)"
    r"|how (?:large|big) (?:is|was) (?:the )?(?:(?:total )?area(?= (?:of|covered by)\b))?"
    rf"|how much(?! (?:{any_of(_COMPARATIVES)}|do|does|did|has|have|had|is|are|was|were|can"
    r"|would|will|should|to|time|money|of (?:it|this|that))\b))"
    rf"(?: covered by| occupied by| taken (?:up )?by)?{_DETERMINERS}"
)
_UNMEASURED = re.compile(
    rf"{_ASK}(?:(?:by )?how much (?P<side>wider|broader|longer|narrower|shorter)"
    r"(?= (?:has|have|had)\b)"
    rf"|{_HOW_MANY}(?P<unit>{_units(LENGTH_UNITS)}"
    r"|cubic (?:met(?:re|er)s|feet|yards)|lit(?:re|er)s|tonn?e?s|per ?cent\b|%)"
    rf"|{_WHAT_IS}?(?:the )?(?:(?:total|overall|combined) )?(?P<share>percentage|per ?cent|%|share"
    r"|proportion|fraction|length|(?:average|mean|median) (?:surface )?(?:area|size|length|width))"
    rf"(?= of\b)){_DETERMINERS}"
)
_UNITS = any_of((*AREA_UNITS, *LENGTH_UNITS))
_IN_UNIT = re.compile(
    rf" (?:(?:measured|given|expressed) )?in (?P<unit>{_UNITS})(?![\w²^])"
    r"(?=[ ?.!]*(?:$|[,;])| (?:is|are|was|were|has|have|had|did)\b)"
)
_AREA_IN_UNIT = re.compile(rf"{_ASK}(?:the )?(?:surface )?area(?= of\b){_DETERMINERS}")
"""Asks for a number only beside a unit: "the area of new houses" are their polygons."""
_PER = re.compile(r" per (?!cent\b)(?:square |sq )?[^\W\d][\w²]*")
_MEASURED_LATER = re.compile(
    rf"(?:[\w-]+ ){{1,2}}(?P<unit>{any_of((*AREA_UNITS, *LENGTH_UNITS))}) of\b"
)
"""After "how many": "new hectares of"."""
_TAIL = re.compile(
    r"(?: (?:are|were|is|was) there| have there been| anywhere| in any way| in total"
    r"| overall)(?=[ ?.!]*(?:$|,))"
)
_ALL = re.compile(
    r"\b(?<!\bat )(?<!\babove )(?<!\bafter )(?:all(?! (?:around|over|along|the (?:way|time)))"
    r"|every|everything|each(?! other)|both|(?:the |a )?majority of|half of"
    r"|most(?! (?:north|south|east|west|extensive)))\b"
)
_NUMBER_WORD = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty"
    r"|fifty|(?:a )?hundred|(?:a )?dozen|(?:a )?couple of|many|several|few|\d{1,3}(?:,\d{3}|\d)?"
    r"(?![.,]?\d))"
)
_BOUND = (
    r"(?:exactly|only|just|precisely|at least|at most|(?:not |no )?(?:more|less|fewer) than|over"
    r"|under|above|below|up to|about|around|roughly)"
)
_MEASURED = rf" ?(?:{any_of((*AREA_UNITS, *LENGTH_UNITS))}|%|per ?cent)(?![\w²^])"
_AMOUNT = re.compile(
    rf"(?P<words>(?:{_BOUND} )*{NUMBER} ?(?P<unit>{any_of(AREA_UNITS)})) of(?: the| all)* "
)
_NUMBER = re.compile(
    rf"(?:(?:{_BOUND} )+(?:a |an )?(?:one|{_NUMBER_WORD})|{_NUMBER_WORD})(?= )"
    rf"(?!{_MEASURED}| (?:\w+ )?\w+est\b| most\b| \w+most\b)"
)

_NO_MORE = rf"(?!(?:longer|one|{any_of(_COMPARATIVES)})\b)"
_NOT_ANY = re.compile(
    rf"(?P<no>no ){_NO_MORE}"
    r"|(?P<none>none of|(?:never|not|\w+n't)(?: been)? (?:a single|one|any|an?)(?: of)?)"
    r" (?:(?:the|these|those) )?|(?P<word>nothing|nobody|no one) "
)
_POSITIVE = {"nothing": "anything ", "nobody": "people ", "no one": "people "}
_NEGATIVE_VERB = re.compile(rf"({_ASK}(?:is|are|was|were|has|have|did))n't ")
_OTHER_DATE = re.compile(
    r"\b(?:but|now|before(?! (?:\d|the ))|then|today|any ?more|any longer|no longer|yet|where"
    r"|images?|photos?|pictures?|scenes?)\b"
)
"""A contrast of the dates, which is read as a whole: "are there no houses now?"."""
_STANDS = re.compile(
    r"\b(?:left|remain\w*|surviv\w*|stand(?:s|ing)?|stood|still|exist\w*|unchanged|the same)\b"
)
# "Did any houses appear, and where?" asks for a map; "was grass, now a road" does not ask.
_WHERE = re.compile(
    r"\bwhere(?: \w+)?[ ?.!]*$|^(?:was|were) [^,]+, (?:now|became|today)\b"
    r"|\bshow (?:me|them|it)\b(?! how (?:many|much)\b)"
)
_GAIN = (
    r"(?:appear|built|build|gain|gr[eo]w|increas|expand|bigger|larger|wider|longer|rise|went up)"
)
_LOSS = (
    r"(?:disappear|demoli|los[et]|shr[aiu]nk|decreas|reced|smaller|narrower|shorter|fall|dry"
    r"|came down)"
)
_OR = r"\w*(?: \w+){0,3}? or (?:\w+ ){0,3}?"
_CHOICE = re.compile(
    rf"^(?:we|they|you|it|my|our|its|the) .*?(?P<ways>\b{_GAIN}{_OR}{_LOSS}\w*"
    rf"|\b{_LOSS}{_OR}{_GAIN}\w*)"
    r"|^(?:.*? )?(?P<more>(?:more|fewer|less|larger|bigger|smaller)\b(?! than\b|\w).* or "
    rf"(?:(?:more|fewer|less|larger|bigger|smaller|not)\b|{_GAIN}|{_LOSS}))"
    r"|^.*?\b(?P<then>or (?:did|was|were|has|have|is|are) (?:it|they|there) \w+)"
    r"|^(?:it|this|that) (?P<kinds>(?:an? )?[a-z]+ or (?:an? )?[a-z]+)\b"
)
"""What a yes does not answer: "did the forest grow or shrink?"."""
_RESTS = re.compile(r"\w")
_GAP = "\n"
"""No normalised text has a line break."""
_COPULA = re.compile(r" (?:is|are|was|were|lies?)$")
_VERB = re.compile(
    r"\b(?P<relative>(?:that|which|who|where)(?: [\w-]+)? )?"
    r"(?:is|are|was|were|lies?|(?:has|have|had) been)\b"
)
"""A verb with what is asked of the subject, unless it is in a relative clause."""


@dataclass(frozen=True)
class Asked:
    """What a sentence asks for beside the polygons."""

    kind: QuestionKind | None = None
    unit: str = ""
    """Of the area, a key of `mtrs_geo.query.numbers.AREA_UNITS`; empty for other kinds."""
    unanswered: str = ""
    """Words of the question that no answer takes into account: "all", "kilometres"."""
    is_definite: bool = False
    """Whether "is the" or "are the" begins the question."""


def question_prefix(kind: QuestionKind | None, unit: str = "") -> str:
    """Return what `ChangeQuery.explain` writes before the prompt."""
    if kind == "area":
        return f"how many {unit}: "
    return {"count": "how many: ", "yes_no": "yes or no: ", None: ""}[kind]


def positive_question(text: str) -> tuple[str, str]:
    """Return a question for yes or no without its negation, and the words of the negation.

    "Were no houses demolished?" is asked as "were houses demolished?".  "Weren't houses
    demolished?" means the same as without "n't", so that no word is named.  A question for what
    stayed keeps its words: "are there no houses left?" asks for a change.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    if _WHERE.search(text) or _OTHER_DATE.search(text) or _STANDS.search(text):
        return text, ""
    text = _NEGATIVE_VERB.sub(r"\1 ", text)
    asks = _YES_NO.match(text)
    found = _NOT_ANY.match(text, asks.end()) if asks else None
    if found is None:
        return text, ""
    words = (found["no"] or found["none"] or found["word"]).strip()
    positive = _POSITIVE.get(found["word"] or "", "")
    return f"{text[: found.start()]}{positive}{text[found.end() :]}", words


def take_question(text: str) -> tuple[str, Asked]:
    """Return the text without its question words, and what it asks for.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    text, negation = positive_question(text)
    text, asked = _take_words(text)
    if asked.kind == "yes_no" and negation:
        asked = replace(asked, unanswered=asked.unanswered or negation)
    return text, asked


def _take_words(text: str) -> tuple[str, Asked]:
    """Return the text without its question words, and what it asks for, but for a negation."""
    asked: Asked | None = None
    while True:
        found = _match(text)
        if found is None or not _RESTS.search(text, found[0]) or _WHERE.search(text):
            return _take_unit(text, asked) if asked else (text, Asked())
        end, this = found
        if asked is None or (this.unanswered and not asked.unanswered):
            asked = this
        text = _TAIL.sub("", text[end:])


def take_predicate(
    text: str, prompt: str, rules: tuple[Rule, ...], asked: Asked
) -> tuple[tuple[Rule, ...], Asked]:
    """Return the rules in the order of a question, and the question.

    In "is the largest new house in the north?" the rank comes first, since "the largest new house
    in the north" is another one.  A question for yes or no is not answered where a rank or "the"
    makes it one about more than whether there are any, nor one for a number or an area where
    something else is asked of ranked things: "how many of the 3 largest are not in the north?".

    Args:
        text: of the question, without question words, times and exceptions.
        prompt: of the text.
        rules: of the sentence, superlatives last.
        asked: what the question words ask for.
    """
    if not rules or asked.kind is None:
        return rules, asked
    is_amount = asked.kind != "yes_no"
    ranks = [rule for rule in rules if is_rank(rule)]
    if not (ranks or asked.is_definite):
        return rules, asked
    rank: list[SimpleRule] = []
    rest = take_ranks(text, rank, _GAP).removeprefix("the ")
    is_predicate = _stands_before_rules(rest.replace(_GAP, " "), prompt)
    first, last = rules[0], rules[-1]
    is_plain = len(rules) == 2 and isinstance(last, Superlative) and not isinstance(first, Except)
    if is_plain and is_predicate and rest.startswith(_GAP) and len(rank) == 1:
        is_one = isinstance(last, Superlative) and last.count == 1
        if _COPULA.search(prompt) if is_amount else is_one:
            return (last, first), asked
    if is_amount and all(verb["relative"] for verb in _VERB.finditer(text)):
        return rules, asked
    if ranks:
        words = asked.unanswered or ranks[0].explain()
        return rules, replace(asked, kind=None, unit="", unanswered=words)
    if is_predicate:
        return rules, replace(asked, kind=None, unanswered="the")
    return rules, asked


def _take_unit(text: str, asked: Asked) -> tuple[str, Asked]:
    """Return the rest of a question without a unit at its end, and the question in this unit."""
    per = _PER.search(text) if asked.kind in ("count", "area") else None
    if per:
        text = text[: per.start()] + text[per.end() :]
        asked = replace(asked, unanswered=asked.unanswered or per[0].strip())
    found = _IN_UNIT.search(text) if asked.kind in ("count", "area") else None
    if found is None or not _RESTS.search(text[: found.start()]):
        return text, asked
    text, unit = text[: found.start()] + text[found.end() :], found["unit"]
    if unit in AREA_UNITS:
        return text, replace(asked, kind="area", unit=_AREA_UNIT_OF[AREA_UNITS[unit]])
    return text, replace(asked, kind=None, unit="", unanswered=asked.unanswered or unit)


def _match(text: str) -> tuple[int, Asked] | None:
    """Return where the question words of a text end, and what they ask for."""
    unmeasured = _UNMEASURED.match(text)
    if unmeasured:
        words = unmeasured["side"] or unmeasured["unit"] or unmeasured["share"]
        return unmeasured.end(), Asked(unanswered=words)
    area = _AREA.match(text)
    if area:
        written = (area["unit"] or area["of"] or "").replace("acreage", "acres")
        unit = _AREA_UNIT_OF[AREA_UNITS[written]] if written else "m²"
        return area.end(), Asked("area", unit)
    area = _AREA_IN_UNIT.match(text) if _IN_UNIT.search(text) else None
    if area:
        return area.end(), Asked("area", "m²")
    count = _COUNT.match(text)
    if count:
        measured = _MEASURED_LATER.match(text, count.end())
        if measured:
            return count.end(), Asked(unanswered=measured["unit"])
        return count.end(), Asked("count")
    match = _YES_NO.match(text)
    return None if match is None else _yes_no(match)


def _yes_no(match: re.Match[str]) -> tuple[int, Asked]:
    """Return the end of a question for yes or no; one that needs more than any is another."""
    text, end = match.string, match.end()
    amount = _AMOUNT.match(text, end)
    if amount:
        unit = _AREA_UNIT_OF[AREA_UNITS[amount["unit"]]]
        return amount.end(), Asked("area", unit, unanswered=amount["words"])
    number = _NUMBER.match(text, end)
    if number:
        return number.end(), Asked("count", unanswered=number[0])
    words = match[0].split()
    is_definite = words[0] in ("is", "are", "was", "were") and "the" in words
    asked = Asked("yes_no", is_definite=is_definite and "there" not in words)
    choice = _CHOICE.match(text[end:] if "the" not in words else f"the {text[end:]}")
    if choice:
        return end, replace(asked, kind=None, unanswered=next(filter(None, choice.groups())))
    every = _ALL.search(text, end)
    if every is None:
        return end, asked
    end = every.end() if every.start() == end else end
    return end, replace(asked, kind=None, unanswered=every[0])


def _stands_before_rules(text: str, prompt: str) -> bool:
    """Return whether all words of the prompt stand before the rules, and no verb is the last."""
    words = " ".join(re.sub(r"[,;]", " ", text).split())
    plain = " ".join(re.sub(r"[,;]", " ", prompt).split())
    is_first = bool(plain) and f"{words} ".startswith(f"{plain} ")
    # "Were the houses near the road demolished?" has its verb at the end.
    last_words = (plain.split(" ")[-1], words.split(" ")[-1].strip(".?!"))
    return is_first and all(direction_of(word) == "changed" for word in last_words)
