"""Normalise a sentence, and split it into the parts that a `ChangeQuery` consists of."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from mtrs_geo.query.exceptions import EXCEPT, take_exceptions
from mtrs_geo.query.positions import write_sides
from mtrs_geo.query.questions import Asked, take_predicate, take_question
from mtrs_geo.query.relations import join_distance_ranks, separate_not_on
from mtrs_geo.query.rules import Rule, is_rank
from mtrs_geo.query.scene_phrases import MAX_ROUNDS, separate_leading, split_rules, trim
from mtrs_geo.query.short_forms import write_compass, write_dates
from mtrs_geo.query.sizes import write_distances
from mtrs_geo.query.times import NamedTime, take_times

__all__ = [
    "ANY_CHANGE",
    "EXCEPT",
    "MAX_ROUNDS",
    "Parts",
    "join_fragments",
    "normalize",
    "split_sentence",
]

_IMAGE_WORDS = r"(?:images?|dates?|pictures?|scenes?|photos?|rasters?|times?)"
ANY_CHANGE = re.compile(
    r"(?:(?:please )?(?:show|find|detect|map|mark|highlight|segment|outline|list)(?: me)?\b ?)?"
    r"(?:(?:is|are|was|were) there )?"
    r"(?:any|all|every|what|which|where|everything|anything)?(?: ?the)?(?: ?\b(?:remaining|other))?"
    r"(?: that| has| have| is| was| are)*(?: ?\b(?:chang(?:e|es|ed)|different|differences?)\b)?"
    rf"(?: (?:between|in|on) (?:the |these |both )*(?:two )?{_IMAGE_WORDS})?(?: here)?"
)
"""A text that asks for any change."""
_STOP = re.compile(
    r"(?<=[^\W\d]|[²)])(?<!\bexcl)(?<!\bincl)(?<!\bapprox)(?<!\bmax)(?<!\bmin)(?<!\bca)(?<!\bno)"
    r"(?<!\bst)(?<!\bvs)(?<!\besp)(?<!\betc)(?<!\bnr)(?P<stop>[.!]) +(?=[a-z])"
)
_MOST_STOPS = 8
_MOST_CHARACTERS = 1_000
"""A longer text is no sentence: short forms stay in it."""
_BESIDE_RULE = re.compile(r"^(?:(?:just|only|please) )+|,? (?:please|thanks|thank you)[ .!]*$")


@dataclass(frozen=True)
class Parts:
    """The parts of a sentence."""

    prompt: str
    rules: tuple[Rule, ...]
    asked: Asked
    times: tuple[NamedTime, ...]


def normalize(text: str) -> str:
    """Return the text in lower case with single spaces, as the patterns expect it.

    Short forms of places and dates are words: see `mtrs_geo.query.short_forms`.  "The corner
    south east" is "the south east corner".
    """
    # NFC, because NFKC would turn "m²" into "m2".  The tokenizer of the bundled model also
    # converts to lower case.
    plain = unicodedata.normalize("NFC", text).replace("’", "'").lower()
    words = " ".join(unicodedata.normalize("NFC", plain).split())
    if len(words) > _MOST_CHARACTERS:
        return words
    return write_dates(write_sides(write_compass(words)))


@lru_cache(maxsize=1024)
def split_sentence(text: str) -> Parts:
    """Split a normalised sentence once.

    Words on both sides of a removed part may form another: see `ChangeQuery.parse`.
    """
    text, asked = take_question(separate_leading(join_fragments(text)))
    text, times = take_times(separate_leading(text))
    text = join_distance_ranks(write_distances(text))
    main, exceptions = take_exceptions(separate_not_on(text))
    prompt, rules = split_rules(main)
    # Without the rules, the times may have become needless.
    prompt = trim(take_times(prompt)[0])
    # Rules are applied in the order of the query.  Superlatives come last, as "the largest except
    # …" ranks the polygons that remain, unless a question asks whether "the largest is in …".
    filters = [rule for rule in rules if not is_rank(rule)]
    superlatives = [rule for rule in rules if is_rank(rule)]
    ordered, asked = take_predicate(main, prompt, (*filters, *exceptions, *superlatives), asked)
    prompt = "" if ANY_CHANGE.fullmatch(prompt) else prompt
    return Parts(prompt, ordered, asked, times)


def join_fragments(text: str) -> str:
    """Return a text with a comma instead of the full stop beside a sentence that is a rule alone.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    stops = list(_STOP.finditer(text))
    if not stops or len(stops) > _MOST_STOPS:
        return text
    starts = [0, *(stop.end() for stop in stops)]
    ends = [*(stop.start() for stop in stops), len(text)]
    pieces = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    bare = [_BESIDE_RULE.sub("", piece) for piece in pieces]
    are_rules = [_is_rule(piece) for piece in bare]
    joined = bare[0] if are_rules[0] else pieces[0]
    for number, stop in enumerate(stops, 1):
        if are_rules[number] or (number == 1 and are_rules[0]):
            joined += f", {bare[number] if are_rules[number] else pieces[number]}"
        else:
            joined += f"{stop['stop']} {pieces[number]}"
    return joined


def _is_rule(text: str) -> bool:
    prompt, rules = split_rules(text.strip(" .!?"))
    return bool(rules) and not prompt
