"""Sentences of rules: templates and words of the training vocabulary, read back to be sure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from mtrs_geo.craft.backends.reading import asked_classes, asked_type, understood
from mtrs_geo.craft.backends.rules.evidence import Evidence
from mtrs_geo.craft.backends.rules.themes import Theme
from mtrs_geo.craft.project.records import ChangeType
from mtrs_geo.data.sentences.instances import Instance
from mtrs_geo.data.sentences.land_cover_words import TRAIN_CLASSES
from mtrs_geo.data.sentences.phrasebook import read_phrases
from mtrs_geo.data.sentences.select import union
from mtrs_geo.data.sentences.sentence_writer import Answer, PairSentenceWriter, SentenceWriter
from mtrs_geo.data.sentences.templates import NounPhrase, fill, fill_noun, with_article
from mtrs_geo.data.sentences.wording import Noun
from mtrs_geo.types import ChangeKind, LandCoverClass

__all__ = [
    "absent_sentence",
    "absent_things",
    "own_templates",
    "plain_sentence",
    "seeded",
    "theme_sentence",
    "writer_of",
]

_DRAWS = 40
_MOST_WORDS = 8
_PLAIN = re.compile(r"[A-Za-z -]+")
_UNLIKE_NAMES = re.compile(
    r"^(?:show|find|mark|outline|highlight|segment|where|which|what|have|has|did|do|is|are|any|a|an"
    r"|there|give|map|list|detect|some|places?|once|formerly|before|after|first|only|just|in|on|at"
    r"|from|i|we|my|our|please)\b"
    r"|\b(?:images?|pictures?|photos?|imagery|dates?|scenes?|shots?|t1|t2|epoch|one|none|vs|not"
    r"|then|earlier|later|first|second|former|left|right|old|i|we|you|it)\b",
    re.IGNORECASE,
)
"""Words that a sentence about a thing in two images does not need."""
_DIRECTIONS = {"appear": ("appeared",), "disappear": ("disappeared",), "state": ("changed", "any")}


def seeded(*parts: object) -> np.random.Generator:
    """Return a source of random draws that is the same in every run."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def writer_of(evidence: Evidence, rng: np.random.Generator) -> PairSentenceWriter:
    """Return a writer in the training vocabulary."""
    return PairSentenceWriter(evidence.classes, TRAIN_CLASSES, rng)


def own_templates(templates: Sequence[str], kind: str, start: str = "{x} ") -> list[str]:
    """Return this project's own templates, without those that were collected from people.

    Collected ones are requests as people type them; a sentence about a mask is a noun phrase.

    Args:
        templates: of the training vocabulary; collected ones come last.
        kind: the kind of the collected ones, see `read_phrases`; empty if there are none.
        start: what they begin with.
    """
    collected = len(read_phrases(kind)) if kind else 0
    own = templates[: len(templates) - collected]
    return [t for t in own if t.startswith(start) and " that lie " not in t]


@lru_cache(maxsize=32)
def _templates_of(kind: ChangeKind, name: LandCoverClass) -> tuple[str, ...]:
    """Return the own templates of a class that appears, disappears or changes."""
    words = TRAIN_CLASSES
    if kind == "state":
        return tuple(own_templates(words.state, kind, ""))
    by_class = words.appear if kind == "appear" else words.disappear
    generic, specific = by_class["any"], by_class.get(name, ()) if name != "any" else ()
    collected = read_phrases(f"{kind}_{name}") if name in by_class and name != "any" else ()
    if name == "building":
        return tuple(own_templates(specific[: len(specific) - len(collected)], kind, ""))
    others = {*generic, *collected}
    return (*own_templates(generic, kind, ""), *(t for t in specific if t not in others))


def theme_sentence(
    theme: Theme, instances: Sequence[Instance], evidence: Evidence, rng: np.random.Generator,
    *, is_counted: bool = False,
) -> str:  # fmt: skip
    """Write about instances of a theme without saying where they are.

    Args:
        theme: type and class.
        instances: those that the sentence is about; a noun fits all of them.
        evidence: of the pair.
        rng: source of every random draw.
        is_counted: no mass noun such as grass.
    """
    writer = writer_of(evidence, rng)
    mask = union(instances, evidence.classes.changed.shape)
    answer = Answer(theme.question, mask, tuple(instances))
    for text in _drafts(theme, answer, writer, is_counted=is_counted):
        if _is_noun_phrase(text) and _reads_as(text, theme):
            return text
    return plain_sentence(theme, is_one=len(instances) == 1)


def plain_sentence(theme: Theme, *, is_one: bool = False) -> str:
    """Return the plainest sentence: "new buildings", "vegetation that turned into bare ground"."""
    nouns = {"building": "buildings", "road": "roads", "car": "cars", "bare": "bare ground"}
    first, second = (
        next((nouns.get(name, name) for name in names if name != "any"), "")
        for names in (theme.question.before, theme.question.after)
    )
    if theme.change_type == "state":
        return f"{first} that changed" if first == second else f"{first} that turned into {second}"
    adjective, noun = ("new", second) if theme.change_type == "appear" else ("removed", first)
    return f"the {adjective} {theme.object_class}" if is_one else f"{adjective} {noun}"


def absent_sentence(change_type: ChangeType, thing: str, rng: np.random.Generator) -> str:
    """Write about a thing that appears or disappears nowhere in a pair.

    Args:
        change_type: what the sentence claims.
        thing: a class such as building, or a noun in the singular.
        rng: source of every random draw.
    """
    writer = SentenceWriter(TRAIN_CLASSES, rng)
    name = next((n.class_name for n in TRAIN_CLASSES.nouns if n.class_name == thing), None)
    for _ in range(_DRAWS):
        noun = writer.pick(_plain_nouns(writer, frozenset({name}))) if name else None
        words = noun or Noun("nothing", thing, _plural(thing))
        template = writer.pick(_templates_of(change_type, name or "any"))
        text = fill_noun(template, NounPhrase(words, is_one=False))
        if _is_noun_phrase(text) and asked_type(text) == change_type:
            return text
    return f"{'new' if change_type == 'appear' else 'removed'} {_plural(thing)}"


@lru_cache(maxsize=1)
def absent_things() -> tuple[str, ...]:
    """Return nouns of things that are in hardly any image, and that no class has."""
    found = own_templates(TRAIN_CLASSES.absent, "absent", "")
    return tuple(thing for thing in found if not any(asked_classes(f"new {_plural(thing)}")))


def _plural(thing: str) -> str:
    if thing.endswith("y") and thing[-2:-1] not in "aeiou":
        return f"{thing[:-1]}ies"
    return thing if thing.endswith("s") or thing in ("water", "vegetation") else f"{thing}s"


def _drafts(
    theme: Theme, answer: Answer, writer: PairSentenceWriter, *, is_counted: bool
) -> Iterator[str]:
    name = theme.object_class
    is_transition = theme.change_type == "state" and name != "building"
    is_one = len(answer.instances or ()) == 1
    for _ in range(_DRAWS):
        if is_transition:
            yield _transition(theme, writer)
            continue
        # A noun with an attribute, such as warehouse, is measured: for one instance only.
        plain = writer.pick(_plain_nouns(writer, frozenset({name})))
        noun = (writer.noun(name, answer.instances) if is_one else None) or plain
        if noun.is_mass and is_counted:
            continue
        template = writer.pick(_templates_of(theme.question.kind, name))
        # A single thing is named in the singular, which needs an article.
        if not is_one or noun.is_mass or template.startswith("the {n}"):
            yield fill_noun(template, NounPhrase(noun, is_one and not noun.is_mass))


def _transition(theme: Theme, writer: PairSentenceWriter) -> str:
    first, second = (
        NounPhrase(writer.pick(_plain_nouns(writer, names)), is_one=False)
        for names in (theme.question.before, theme.question.after)
    )
    return fill(
        writer.pick(own_templates(TRAIN_CLASSES.became, "became", "{a} ")),
        first,
        b=with_article(second),
    )


def _plain_nouns(writer: SentenceWriter, names: frozenset[LandCoverClass]) -> list[Noun]:
    return [n for n in writer.wording.nouns if n.class_name in names and not n.attribute]


def _is_noun_phrase(text: str) -> bool:
    """Whether a sentence names things as people do, and is no request, question or comparison."""
    is_short = len(text.split()) <= _MOST_WORDS
    return is_short and bool(_PLAIN.fullmatch(text)) and not _UNLIKE_NAMES.search(text)


def _reads_as(text: str, theme: Theme) -> bool:
    """Whether a sentence is understood as the theme, and as nothing more."""
    found = understood(text)
    if len(found) != 1 or found[0].status != "understood" or found[0].query.rules:
        return False
    before, after = (
        tuple(sorted(names - {"any"})) for names in (theme.question.before, theme.question.after)
    )
    is_direction = found[0].direction in _DIRECTIONS[theme.change_type]
    return is_direction and (found[0].before, found[0].after) == (before, after)
