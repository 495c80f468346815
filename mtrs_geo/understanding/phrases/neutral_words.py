"""Words that say how one looks and who asks: they have no effect on what is asked for."""

from __future__ import annotations

import re

from mtrs_geo.understanding.lexicon import Lexicon, Segment
from mtrs_geo.understanding.roles import is_inside_noun_phrase

__all__ = [
    "asks_for_any_change",
    "without_neutral_words",
    "without_new_before_loss",
    "without_seasons",
]

_PERSON = (
    r"(?:authority|assessor|reviewer|reviewers|policyholder|claimant|insured|insurer"
    r"|readers?|adjuster"
    r"|inspector|surveyors?|clients?|customers?|office|agency|editor|viewer|observer)"
)
_ASKER = rf"(?:{_PERSON}|boss|mayor|chief|manager|director|teacher|owner|council)"
_SUBSTITUTES = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (
            r"\bthe (?:mask|red polygons|polygons|white areas of the mask) (?:marks?"
            r"|encloses?|shows?)\b",
            "show",
        ),
        (r"\b(?:all )?pixels (?:that are |which are )?classified as\b", "areas of"),
        (r"\b(?:all )?pixels (?:whose membership in|of) the class\b", "areas of"),
        (r"\bpixels?\b|\bpx\b", "areas"),
        (r"\b(?:of|in) the class(?:es)?\b|\bmembership\b", "of"),
        (r"\bbinary\b", ""),
        (r"\bchange masks?\b", "change map"),
        (r"\bmasks?\b(?=$| of\b)", "map"),
        (
            r"\b(?:with|in) (?:regard|respect|relation) to\b|\bas regards\b|\bin terms of\b"
            r"|\bto do with\b|\brelated to\b",
            "of",
        ),
        (r"\b(?:irrespective|regardless) of (?:their |its |the )?\w+\b", ""),
        (r"\bas far as (.{1,40}?) (?:is|are) concerned\b", r"\1"),
        (r"\b(?:flights?|acquisitions?|epochs?|captures?|inspections?)\b", "images"),
        (
            r"\bconsidering only\b|\b(?:please )?consider\b|\brestricted to\b|\bconfined"
            r" to\b|\bto be found\b",
            "only",
        ),
        (
            rf"\b(?:the |our |a ){_PERSON} (?:requests?|asks?(?: for)?|demands?|wants?|needs?)\b",
            "show",
        ),
        (rf"\b(?:the |our |my |a ){_ASKER} asks? (?=how (?:many|much)\b)", "show "),
        (rf"\b(?:the |our |a ){_PERSON}\b", "people"),
        (r"\b(?:2nd)\b", "second"),
        (r"\b1st\b", "first"),
        (r"\bwerent\b", "weren't"),
        (r"\bb4\b", "before"),
        (r"\bwhats\b", "what is"),
        (r"\b(?:land use ?(?:/|and|or) ?land cover|land use|land cover|lulc) (?=changes?\b)", ""),
        (
            r"\blooks? different\b|\bunderwent (?:a )?change\b|\b(?:have |has )?undergone"
            r" (?:a )?change\b",
            "changed",
        ),
        (r"\bsubject to change\b", "that changed"),
        (r"\bthe complete set of\b", "all"),
        (r"\bsees\b", "see"),
        (r"\btile\b", "image"),
        (r"\b(?:post|pre) (?=image)", ""),
        (r"\b(?:between )?t[0-2](?: (?:and|vs\.?|to) t[0-2])?\b", ""),
        (r"\b(?:went|gone|going) out of existence\b", "disappeared"),
        (r"\b(?:come|came|sprung) into (?:being|existence)\b", "appeared"),
        (r"\bceased to (?:be|exist)\b", "disappeared"),
        (r"\bi only care about\b", "only"),
        (r"\b(?:old|previous|last|first) aerial\b", "old photo"),
    )
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_SEASON = r"(?:spring|summer|autumn|fall|winter)"
_YEARS = r"(?:(?:of )?(?:19|20)\d\d|(?:of )?(?:last|this|next) year)\b"
_SEASONS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (rf"\b(?:early|late|mid)[ -](?={_MONTH}\b)", ""),
        (
            rf"\b(?:(?:early|late|mid)[ -])?{_SEASON} (?={_YEARS})(?:of )?",
            "",
        ),
        (
            r"\b(?P<when>(?:in|during|since|after|before|until|by|last|this|every|each|from|between"
            r"|over|throughout) (?:the )?(?:last |early |late )?)(?:spring|fall)"
            r"(?=$|[,;.?!]| (?:and|to|or|until|till|of|in|near|along|by|on|at)\b)",
            r"\g<when>summer",
        ),
    )
)
"""A spring or fall that is a season, and no water and no loss."""
_REQUEST = (
    r"(?:(?:please|kindly|i(?:'d| would) like to know|i want to know|tell me|show me|show|mark|find"
    r"|highlight|report|select|map|extract|retrieve|delineate|we need|i need|i want)\b ?)*"
)
_DATES = (
    r"(?:(?:between|since|in|on|from|of|at|over) (?:the |both |these )*(?:two |first |last "
    r"|second |later |earlier |old |new )*"
    r"(?:images?|photos?|pictures?|dates?|flights?|acquisitions?|surveys?|scenes?|baseline"
    r"|observation interval|period(?: under review)?)"
    r"|between \d{4} and \d{4}|since \d{4}|here|now|today|itself)"
)
_CHANGED = (
    r"(?:changed|different|not the same(?: as before)?|not as before|not as (?:it|they) (?:was"
    r"|were|used to be)|not equal)"
)
_THING = (
    r"(?:what|what's|whats|whatever|which|where|everything|anything|all|things?|every place"
    r"|every spot|places|areas|pixels|every pixel|which pixels|the two (?:images|photos"
    r"|pictures))"
)
_ANY_CHANGE = re.compile(
    rf"{_REQUEST}(?:"
    rf"{_THING}(?: (?:that|which|has|have|had|is|are|was|were|do|does|looks?|the two"
    rf" (?:images|photos|pictures)))* (?:{_CHANGED}|not match)(?: class)?(?: {_DATES})*"
    r"|(?:all |the |any |every |each |full |complete |binary |set of )*(?:land use ?(?:/"
    r"|and) ?land cover |lulc |land use |land cover )?(?:changes?|modifications?"
    r"|alterations?|differences?|changed (?:pixels|areas|zones|places|spots))"
    r"(?: (?:masks?|maps?|detection|of all classes|irrespective of \w+|regardless of"
    rf" (?:their |its )?\w+))*(?: {_DATES})*(?: between t[01] and t[12])?"
    r"|(?:all )?additions and (?:all )?removals|any class to any other class"
    r"|before (?:and|vs\.?|versus) after(?: comparison)?|compar(?:e|ison) (?:before (?:and"
    r" )?after|\d{4} (?:with|and|to) \d{4}|(?:of )?(?:the |both )*(?:two )?(?:images|photos"
    r"|pictures|dates))"
    r"|t[01] (?:vs\.?|versus|and) t[12]|(?:no matter what, )?as long as it changed"
    r")"
)

_NEW = frozenset({"new", "newly", "brand-new", "fresh", "freshly", "recent", "recently"})
_OTHERWISE_NEW = frozenset({
    "clearing", "clearings", "dried", "drained", "filled", "stripped", "less", "fewer", "no longer",
})  # fmt: skip
"""Losses that leave ground which is new: "freshly drained land"."""
_OLD_GROWTH = re.compile(
    r"\b(old|second|new|young)[- ]growth (?=(?:forests?|woods?|woodlands?|trees?|stands?|timber"
    r"|jungle|rainforests?|vegetation|pines?|oaks?|firs?|beech(?:es)?|redwoods?|spruces?)\b)"
)
_AGES = {"old": "old ", "second": "", "new": "new ", "young": "new "}
_AUXILIARIES = frozenset({
    "that", "which", "was", "were", "is", "are", "has", "have", "had", "been", "being", "got",
    "then", "later", "since", "already", "all", "soon", "now", "also", "again", "in", "the",
})  # fmt: skip
"""Words between a thing and the verb that says what became of it."""
_MAKING = frozenset({
    "cleared", "drained", "cut", "stripped", "levelled", "leveled", "bulldozed", "flattened",
    "filled", "dug", "missing", "absent", "lacking",
})  # fmt: skip
"""Losses by which something new is made ("new fields cleared"), or that are of the earlier date."""
_BY_WHICH = frozenset({"to", "into", "for", "through", "across", "from"})
_RENEWED = re.compile(
    r"re-?(?:planted|grown|grew|forested|seeded|generated|stored|built|erected|constructed)"
)


def without_new_before_loss(text: str, lexicon: Lexicon) -> str:
    """Return a text without "new" before a loss: "newly felled trees" are felled trees.

    A change that a later one has ended goes as well: "newly planted trees removed" are removed
    trees, "felled forest replanted" is forest that was replanted.

    Args:
        text: in lower case.
        lexicon: the words that are known.
    """
    text = _OLD_GROWTH.sub(lambda m: _AGES[m[1]], text)
    text = _without_ended_change(text, lexicon)
    segments = lexicon.segments(text)
    for i in range(len(segments) - 1):
        first, _, rest = segments[i].text.partition(" ")
        parts = lexicon.segments(rest)
        if first not in _NEW or (rest and segments[i + 1].land_cover != "vegetation"):
            continue  # "newly cut" roads are new
        if _is_loss([*segments[: i + 1], *parts, *segments[i + 1 :]], i + 1):
            loss = parts[0].text if parts else segments[i + 1].text
            text = re.sub(rf"\b{re.escape(first)}[ -]+(?={re.escape(loss)}\b)", "", text)
    return text


def _without_ended_change(text: str, lexicon: Lexicon) -> str:
    """Return a text without the change before a noun that what stands behind it has ended."""
    segments = lexicon.segments(text)
    for i, segment in enumerate(segments[:-1]):
        is_gain, is_loss = (segment.is_one_of(f"change:{w}appeared") for w in ("", "dis"))
        if is_gain == is_loss or segment.is_one_of("change:noun") or segment.land_cover:
            continue
        noun = i + 1
        while noun < len(segments) and not segments[noun].land_cover:
            if segments[noun].text == "of" or not is_inside_noun_phrase(segments[noun]):
                break
            noun += 1
        if noun == len(segments) or not segments[noun].land_cover:
            continue
        while noun + 1 < len(segments) and segments[noun + 1].land_cover:
            noun += 1
        is_ended = _is_lost(segments, i, noun) if is_gain else _is_renewed(segments, noun)
        if is_ended:
            follows = re.escape(segments[i + 1].text)
            text = re.sub(rf"\b{re.escape(segment.text)}[ -]+(?={follows}\b)", "", text, count=1)
    return text


def _predicate(segments: list[Segment], noun: int) -> int | None:
    """Return the index of the word that says what became of a noun, if one follows."""
    j = noun + 1
    while j < len(segments):
        segment = segments[j]
        is_auxiliary = _AUXILIARIES.issuperset(segment.text.split())
        if not is_auxiliary and not segment.is_one_of("word:scene"):
            return j
        j += 1
    return None


def _is_lost(segments: list[Segment], i: int, noun: int) -> bool:
    """Return whether the new thing at ``i`` was lost: "newly built houses | were demolished"."""
    before = [s for s in segments[:i] if s.text != "the"][-2:]
    if [s.text for s in before[1:]] == ["of"] and before[0].is_one_of("change:disappeared"):
        return before[0].is_one_of("change:noun")
    j = _predicate(segments, noun)
    if j is None or not segments[j].is_one_of("change:disappeared"):
        return False
    is_made = segments[i].text in _NEW and segments[j].text in _MAKING
    if segments[j].is_one_of("change:appeared", "change:noun") or is_made:
        return False
    rest = segments[j + 1 :]
    while rest and not rest[0].land_cover and is_inside_noun_phrase(rest[0]):
        rest = rest[1:]
    # "New roads destroyed the forest" tells of the forest.
    return not rest or not (rest[0].land_cover or rest[0].text in _BY_WHICH)


def _is_renewed(segments: list[Segment], noun: int) -> bool:
    j = _predicate(segments, noun)
    return j is not None and _RENEWED.fullmatch(segments[j].text) is not None


def _is_loss(segments: list[Segment], i: int) -> bool:
    """Return whether the word at ``i`` is a loss by itself, or one of the ground behind it."""
    segment = segments[i]
    if segment.text in _OTHERWISE_NEW or segment.is_one_of("change:appeared"):
        return False
    if any(tag.startswith("event:") and tag.endswith("_disappeared") for tag in segment.tags):
        return not segment.land_cover
    if not segment.is_one_of("change:disappeared"):
        return False
    named = next((s.land_cover for s in segments[i + 1 :] if s.land_cover), None)
    return named is not None and named != "bare"


def without_seasons(text: str) -> str:
    """Return a text without the season of a year: "between autumn 2015 and spring 2018".

    Args:
        text: in lower case.
    """
    for pattern, words in _SEASONS:
        text = pattern.sub(words, text)
    return text


def without_neutral_words(text: str) -> str:
    """Return a text with "pixels classified as water" and the like in common words."""
    for pattern, words in _SUBSTITUTES:
        text = pattern.sub(words, text)
    return " ".join(text.split())


def asks_for_any_change(prompt: str) -> bool:
    """Return whether a prompt asks for any change, as "change mask" and "what's different now?"."""
    text = prompt.lower().strip(" .?!")
    return bool(text) and len(text) < 120 and _ANY_CHANGE.fullmatch(text) is not None
