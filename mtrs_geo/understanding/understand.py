"""Read a sentence as questions, and decide which of them a model can answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TypeAlias

from mtrs_geo.query import ChangeQuery
from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.grammar import ANY_CHANGE, EXCEPT, normalize
from mtrs_geo.understanding.lexicon import Segment, english
from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.spelling import correct_spelling
from mtrs_geo.understanding.subject import unknown_subject
from mtrs_geo.understanding.types import Status
from mtrs_geo.understanding.understanding import Understanding
from mtrs_geo.understanding.vocabulary import Vocabulary
from mtrs_geo.understanding.wording import NOUNS, canonical_wording

__all__ = ["understand"]

_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nobody|without|cannot|\w+n't)\b|\banything but\b"
)
_ANYTHING = frozenset({
    "what", "where", "which", "everything", "anything", "something", "all", "any", "whatever",
    "things",
})  # fmt: skip
_TRY = "Ask for a change, for example 'new buildings' or 'roads that were removed'."


def understand(
    text: str,
    vocabulary: Vocabulary | None = None,
    *,
    layers: Collection[str] = (),
    gsd_m: float | None = None,
    anyway: bool = False,
) -> tuple[Understanding, ...]:
    """Return the questions of a sentence, each with its verdict.

    Args:
        text: any text; an empty one asks for any change.
        vocabulary: what the model knows.
        layers: names of the layers that the user gives for things a sentence refers to.
        gsd_m: pixel size of the run in metres, if it is known.
        anyway: answer every question, whatever its verdict is.

    Raises:
        QueryError: if the text is too long or is not a string.
    """
    query = ChangeQuery.parse(text)
    vocabulary = Vocabulary() if vocabulary is None else vocabulary
    if vocabulary.open or _asks_for_any_change(query):
        return (Understanding(text, query, anyway=anyway),)
    reader = _Reader(vocabulary, frozenset(name.lower() for name in layers), gsd_m)
    return (replace(reader.question(text), anyway=anyway),)


def _asks_for_any_change(query: ChangeQuery) -> bool:
    """Return whether a text is empty or consists of a phrase such as "what changed"."""
    text = normalize(query.text)
    phrase = text.strip(" .?!")
    return query.is_any_change and (not text or bool(phrase and ANY_CHANGE.fullmatch(phrase)))


class _Reader:
    """Reads single questions for one model and run."""

    def __init__(self, vocabulary: Vocabulary, layers: frozenset[str], gsd_m: float | None) -> None:
        self.vocabulary, self.layers, self.gsd_m = vocabulary, layers, gsd_m
        self.lexicon = english().extended(vocabulary.nouns)

    def question(self, text: str) -> Understanding:
        """Return the meaning and the verdict of one question."""
        plain, corrected = correct_spelling(normalize(text), self.lexicon, self.vocabulary.existing)
        query = replace(ChangeQuery.parse(plain), text=text)
        sentence = Sentence(_without_topic(EXCEPT.split(plain)[0]), self.lexicon)
        found = Understanding(
            text,
            query,
            direction=sentence.direction,
            before=tuple(sorted(sentence.before)),
            after=tuple(sorted(sentence.after)),
            corrected=corrected,
            unused=sentence.unknown,
            general=_specific_nouns(sentence),
        )
        for check in (self._status, self._references, self._pixels):
            status, doubt, advice = check(sentence, query)
            if status != "understood":
                return replace(found, status=status, doubt=doubt, advice=advice)
        return found

    def _status(self, sentence: Sentence, query: ChangeQuery) -> _Verdict:
        """Return the verdict on the words of the sentence alone."""
        if not any(map(str.isalpha, " ".join(s.text for s in sentence.segments))):
            return _no_question()
        if sentence.direction == "unchanged":
            return self._unchanged(sentence)
        if _is_negated(sentence.segments):
            return "outside the vocabulary", _NEGATED, _NEGATED_ADVICE
        if not sentence.things and not sentence.events:
            return self._without_thing(sentence, query)
        return self._with_thing(sentence)

    def _without_thing(self, sentence: Sentence, query: ChangeQuery) -> _Verdict:
        """Return the verdict on a sentence that names no class."""
        outside = [s.text for s in sentence.segments if s.is_one_of("outside:things")]
        strange = [*outside, *sentence.unknown]
        if not sentence.changes and (strange or not query.rules):
            return _no_question()
        if strange:
            return self._outside(strange[0])
        return _UNDERSTOOD if query.rules or _asks_what(sentence) else _no_question()

    def _with_thing(self, sentence: Sentence) -> _Verdict:
        """Return the verdict on a sentence that names a class."""
        unknown = sentence.unknown
        subject = unknown_subject(sentence)
        if subject:
            return self._outside(subject)
        if len(unknown) > 1 or (unknown and not sentence.moves):
            return self._outside(unknown[0])
        strange = (sentence.before | sentence.after) - set(self.vocabulary.classes)
        if strange:
            return self._outside(NOUNS.get(min(strange), min(strange)))
        if not unknown:
            return _UNDERSTOOD
        doubt = f"the word {unknown[0]!r} is not known and has no effect."
        wording = canonical_wording(sentence.direction, sentence.before, sentence.after)
        return "uncertain", doubt, f"Without it: {wording!r}."

    def _unchanged(self, sentence: Sentence) -> _Verdict:
        return "outside the vocabulary", _STANDING, _STANDING_ADVICE

    def _outside(self, thing: str) -> _Verdict:
        known = ", ".join(NOUNS[name] for name in self.vocabulary.classes if name in NOUNS)
        doubt = f"{thing!r} is not known to this model. It knows {known}."
        return "outside the vocabulary", doubt, _OUTSIDE_ADVICE

    def _references(self, sentence: Sentence, query: ChangeQuery) -> _Verdict:
        """Refuse a reference that the model cannot find and that no layer gives."""
        for name in query.references:
            segments = self.lexicon.segments(name)
            known = any(
                s.land_cover and (_is_change(s) or s.is_one_of("kind:general", "kind:references"))
                for s in segments
            )
            excepted = name not in query.land_cover_references
            known = known or (excepted and any(s.land_cover for s in segments))
            if name not in self.layers and not known:
                doubt = f"{name!r} is not a thing that this model finds by itself."
                return (
                    "outside the vocabulary",
                    doubt,
                    f'Give it as a layer: --reference "{name}=layer.gpkg".',
                )
        return _UNDERSTOOD

    def _pixels(self, sentence: Sentence, query: ChangeQuery) -> _Verdict:
        """Refuse small things in coarse pixels."""
        limit = self.vocabulary.coarsest_m
        small = [s.text for s in sentence.things if s.is_one_of("kind:small")]
        if self.gsd_m is None or limit is None or self.gsd_m <= limit or not small:
            return _UNDERSTOOD
        doubt = f"pixels of {self.gsd_m:.3g} m are too coarse for {small[0]!r}."
        return "outside the vocabulary", doubt, f"Use images with pixels of at most {limit:g} m."


_Verdict: TypeAlias = tuple[Status, str, str]

_UNDERSTOOD: _Verdict = ("understood", "", "")
_NEGATED = "the sentence has a negation that is not understood."
_NEGATED_ADVICE = "Ask for the change itself, or write 'except …' for what to leave out."
_STANDING = "this asks for what did not change. The model finds changes only."
_STANDING_ADVICE = "Ask for what appeared or disappeared, for example 'demolished buildings'."
_OUTSIDE_ADVICE = (
    "Ask for one of these, teach the model with `mtrs-geo train finetune`, or answer it anyway "
    "with --answer-anyway."
)


def _no_question() -> _Verdict:
    return "not a change question", "this is not a question about a change.", _TRY


def _without_topic(text: str) -> str:
    """Drop a heading without a class: "For fire risk: new homes"."""
    topic, colon, rest = text.partition(":")
    has_class = any(s.land_cover or _is_change(s) for s in english().segments(topic))
    return text if not colon or has_class else rest


def _is_change(segment: Segment) -> bool:
    return any(tag.startswith("change:") for tag in segment.tags)


def _is_negated(segments: Sequence[Segment]) -> bool:
    """Return whether a negation is left that no rule and no direction explains."""
    rest = " ".join(
        s.text
        for s in segments
        if not _is_change(s) and not (s.is_one_of("word:function") and " " in s.text)
    )
    return _NEGATION.search(rest) is not None and direction_of(rest) == "changed"


def _asks_what(sentence: Sentence) -> bool:
    """Return whether a sentence without a thing asks for any of them: "what is new?"."""
    return any(
        s.is_one_of("change:noun", "word:scene") or s.text in _ANYTHING for s in sentence.segments
    )


def _specific_nouns(sentence: Sentence) -> tuple[tuple[str, str], ...]:
    """Return the nouns that are found as any ground of their class, with the class."""
    return tuple(
        (s.text, s.land_cover)
        for s in sentence.things
        if s.land_cover in NOUNS and not s.is_one_of("kind:general")
    )
