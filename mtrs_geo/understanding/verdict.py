"""Decide whether a model can answer a question, and say why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

from mtrs_geo.query import ChangeQuery
from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.grammar import normalize
from mtrs_geo.query.numbers import ambiguous_sizes
from mtrs_geo.understanding.lexicon import Lexicon, split_words
from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.roles import is_change
from mtrs_geo.understanding.spelling import similar_noun
from mtrs_geo.understanding.types import Status
from mtrs_geo.understanding.unknown_subject import unknown_subject
from mtrs_geo.understanding.vocabulary import Vocabulary
from mtrs_geo.understanding.wording import NOUNS, canonical_wording

__all__ = ["Judge", "Verdict"]

_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nobody|without|cannot|\w+n't)\b|\banything but\b"
)
_REVERSAL = re.compile(
    r"\b(?:ignor\w+(?! \w+ (?:below|under|above|over|smaller|larger|less|more|bigger)\b)"
    r"|disregard\w*|omit\w*|exclude[ds]?|excepted|leave out|less those|(?:every|any)thing but"
    r"|all but|unable"
    r"|a?waiting|slated|due to be|incapable|fail(?:s|ed|ing)?|yet to|no one|nobody"
    r"|nothing (?:happen|change)\w*"
    r"|prevent\w*|avert\w*|avoid\w*|exempt\w*|(?:saved?|safe|protected|rescued|shielded|preserved"
    r"|spared|stopped|kept|barred|banned|immune) (?:from|to)|saved|rescued|cancel+ed|called off"
    r"|postponed|abandoned plans?|about to|threatened|(?:would|could|should|might|must) (?:have"
    r" )?be\w*"
    r"|going to be|to be (?:built|demolished|removed|felled|cleared|replaced|cut|torn|paved"
    r"|planted)"
    r"|will (?:be|soon|get)|(?:almost|nearly|practically) (?:\w+ed|gone|lost|torn|cut|built)\b"
    r"|lack(?:s|ed|ing) (?:constr|demol|remov|destr|chang)\w*|rather than|non[- ]?(?:new|built"
    r"|existing|existent|\w+ed)|un-\w+"
    r"|not (?:shared|common|in common|seen in both)"
    r"|refus(?:es|ed|ing)|hardly|barely|scarcely|neither|nor)\b"
)
"""Words that turn the meaning of the rest round."""
_UNUSED_NUMBER = re.compile(
    r"(?:\b(?:(?:larg|small|bigg|great|long|short|wid)er|more|less|over|under|above|below) than )?"
    r"(?<![\w.,-])(?!(?:1[89]|20)\d\d\b)\d+(?:[.,]\d+)*(?: ?%| ?per ?cent\b)?(?![\w²-])"
)
_NO_SEARCH = re.compile(
    r"^(?:(?:please|so|and|hey|but) )*"
    r"(?:who |when |why |how (?:do|can|should|could|would) (?:i|we|you) |how to |what if "
    r"|(?:can|could|should|may|shall) (?:i|we) (?!(?:see|get|have|find|know|view|look|ask"
    r"|please)\b)"
    r"|where (?:is|are) the (?:nearest|closest)\b"
    r"|(?:plant|water|park|house|store|shop|bridge|field|land) (?:an?|the|my|your|our|some) )"
)
"""Questions for a reason, a person or the way, and orders."""
_LONG_WORD = 5
_ANYTHING = frozenset({
    "what", "where", "which", "everything", "anything", "something", "all", "any", "whatever",
    "things", "area", "areas", "places", "spots", "parts", "sites", "regions", "zones", "surfaces",
    "land", "locations", "objects", "stuff", "thing", "items", "features", "elements",
    "differences", "ones", "object", "item", "feature", "place", "spot", "part", "who", "how",
    "polygons",
})  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """Whether a question is answered."""

    status: Status = "understood"
    doubt: str = ""
    """What is uncertain, or why there is no answer."""
    advice: str = ""
    """What to do instead."""
    code: str = ""
    """Word for programs: docs/worker.md lists them."""
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What the doubt names; ready for JSON."""


UNDERSTOOD = Verdict()
_NO_QUESTION = Verdict(
    "not a change question",
    "this is not a question about a change.",
    "Ask for a change, for example 'new buildings' or 'roads that were removed'.",
    "no_question",
)
_NEGATED = Verdict(
    "outside the vocabulary",
    "the sentence has a negation that is not understood.",
    "Ask for the change itself, or write 'except …' for what to leave out.",
    "negation",
)
_STANDING = Verdict(
    "outside the vocabulary",
    "this asks for what did not change, and no single kind of ground is named.",
    "Name one, for example 'unchanged buildings', or ask for what appeared or disappeared.",
    "unchanged_without_class",
)


class Judge:
    """Judges questions for one model and run.

    Args:
        vocabulary: what the model knows.
        lexicon: the words, with the nouns of the vocabulary.
        layers: names, in lower case, of layers that the user gives.
        gsd_m: pixel size of the run in metres, or None.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        lexicon: Lexicon,
        layers: Collection[str] = (),
        gsd_m: float | None = None,
    ) -> None:
        self.vocabulary, self.lexicon = vocabulary, lexicon
        self.layers, self.gsd_m = layers, gsd_m
        self.known = {*vocabulary.classes, *(c or noun for noun, c in vocabulary.nouns.items())}

    def verdict(self, sentence: Sentence, query: ChangeQuery) -> Verdict:
        """Return the first verdict that refuses or doubts a question, or that it is understood."""
        checks: tuple[Callable[[Sentence, ChangeQuery], Verdict], ...] = (
            self._meaning, self._references, self._pixels, self._numbers,
        )  # fmt: skip
        verdicts = (check(sentence, query) for check in checks)
        return next((v for v in verdicts if v != UNDERSTOOD), UNDERSTOOD)

    def _meaning(self, sentence: Sentence, query: ChangeQuery) -> Verdict:
        """Return the verdict on the words of the sentence alone."""
        if not any(character.isalpha() for s in sentence.segments for character in s.text):
            return _NO_QUESTION
        if _NO_SEARCH.match(" ".join(s.text for s in sentence.segments)):
            return _NO_QUESTION
        if sentence.direction == "unchanged":
            return self._standing(sentence)
        if _is_negated(sentence):
            return _NEGATED
        names_class = bool(sentence.before or sentence.after)
        if not sentence.things and not sentence.events and not names_class:
            return self._without_thing(sentence, query)
        return self._with_thing(sentence, query)

    def _without_thing(self, sentence: Sentence, query: ChangeQuery) -> Verdict:
        """Return the verdict on a sentence that names no class."""
        outside = sentence.outside
        strange = [*outside, *sentence.unknown]
        if not sentence.changes and not outside and (strange or not query.rules):
            return _NO_QUESTION
        if strange:
            return self._outside(strange[0])
        return UNDERSTOOD if query.rules or _asks_what(sentence) else _NO_QUESTION

    def _with_thing(self, sentence: Sentence, query: ChangeQuery) -> Verdict:
        """Return the verdict on a sentence that names a class."""
        if not sentence.moves and _describes(sentence):
            return _NO_QUESTION
        kinds = sentence.kinds_of_one_class
        if kinds is not None:
            return _same_class(*kinds, sentence)
        # What a rule refers to is judged by `_references`.
        referred = frozenset(word for name in query.references for word in split_words(name))
        unknown = [word for word in sentence.unknown if word not in referred]
        named = (unknown_subject(sentence), *sentence.outside)
        subject = next((n for n in named if n and not referred.issuperset(split_words(n))), "")
        if not subject and (len(unknown) > 1 or (unknown and not sentence.moves)):
            subject = unknown[0]
        strange = (sentence.before | sentence.after) - self.known
        if strange and not subject:
            subject = NOUNS.get(min(strange), min(strange))
        if subject and (strange or not _keeps_transition(subject, sentence)):
            return self._outside(subject)
        if not unknown:
            return UNDERSTOOD
        wording = canonical_wording(sentence.direction, sentence.before, sentence.after)
        doubt = f"the word {unknown[0]!r} is not known and has no effect."
        values = {"word": unknown[0], "wording": wording}
        return Verdict("uncertain", doubt, f"Without it: {wording!r}.", "unknown_word", values)

    def _standing(self, sentence: Sentence) -> Verdict:
        """Return the verdict on a question for what did not change."""
        classes = {s.land_cover for s in sentence.things}
        if len(classes) != 1 or sentence.unknown or not self.vocabulary.standing:
            return _STANDING
        strange = classes - self.known
        return self._outside(sentence.things[0].text) if strange else UNDERSTOOD

    def _outside(self, thing: str) -> Verdict:
        known = ", ".join(NOUNS.get(name, name) for name in self.vocabulary.classes)
        similar = similar_noun(thing, self.lexicon)
        question = f"Did you mean {similar!r}? " if similar else ""
        return Verdict(
            "outside the vocabulary",
            f"{thing!r} is not known to this model. It knows {known}.",
            f"{question}Ask for one of these, teach the model with `mtrs-geo train finetune`, or "
            "answer it anyway with --answer-anyway.",
            "unknown_thing",
            {"thing": thing, "known": list(self.vocabulary.classes)},
        )

    def _references(self, sentence: Sentence, query: ChangeQuery) -> Verdict:
        """Refuse a reference that the model cannot find and that no layer gives."""
        for name in query.references:
            if name not in self.layers and not self._finds(name, query):
                return Verdict(
                    "outside the vocabulary",
                    f"{name!r} is not a thing that this model finds by itself.",
                    f'Give it as a layer: --reference "{name}=layer.gpkg".',
                    "unknown_reference",
                    {"thing": name},
                )
        return UNDERSTOOD

    def _finds(self, name: str, query: ChangeQuery) -> bool:
        """Return whether the model finds a reference: "the river", but not "the school"."""
        nouns = [s for s in self.lexicon.segments(name) if s.land_cover]
        if name not in query.land_cover_references:
            return bool(nouns)
        return any(s.is_one_of("kind:general", "kind:references") for s in nouns)

    def _numbers(self, sentence: Sentence, query: ChangeQuery) -> Verdict:
        """Doubt a number that may mean two things, or that no rule uses."""
        if query.ambiguous:
            number = next(iter(ambiguous_sizes(normalize(query.text))), None)
            values = {} if number is None else asdict(number)
            code = "ambiguous_number" if values else ""
            return Verdict("uncertain", query.ambiguous[0], code=code, values=values)
        unused = _UNUSED_NUMBER.search(query.prompt)
        if unused is None or any(unused[0] in time.phrase for time in query.times):
            return UNDERSTOOD
        doubt = f"{unused[0]!r} has no effect."
        advice = "A size needs a unit, such as 'larger than 500 m²'."
        return Verdict("uncertain", doubt, advice, "unused_number", {"number": unused[0]})

    def _pixels(self, sentence: Sentence, query: ChangeQuery) -> Verdict:
        """Refuse small things in coarse pixels."""
        limit = self.vocabulary.coarsest_m
        small = [s.text for s in sentence.things if s.is_one_of("kind:small")]
        if self.gsd_m is None or limit is None or self.gsd_m <= limit or not small:
            return UNDERSTOOD
        return Verdict(
            "outside the vocabulary",
            f"pixels of {self.gsd_m:.3g} m are too coarse for {small[0]!r}.",
            f"Use images with pixels of at most {limit:g} m.",
            "coarse_pixels",
            {"thing": small[0], "gsd_m": self.gsd_m, "coarsest_m": limit},
        )


def _same_class(first: str, second: str, sentence: Sentence) -> Verdict:
    land_cover = next(iter(sentence.before | sentence.after))
    name = NOUNS.get(land_cover, land_cover)
    return Verdict(
        "outside the vocabulary",
        f"{first!r} and {second!r} are both found as {name}, so one that becomes the other "
        "is not seen.",
        f"Ask for 'changed {name}' instead.",
        "same_class",
        {"first": first, "second": second, "class": land_cover},
    )


def _keeps_transition(word: str, sentence: Sentence) -> bool:
    """Return whether an unknown word leaves the meaning of "A became B" as it is.

    A short word between both may be a misspelt "by", which turns the meaning round.
    """
    if sentence.direction != "changed" or not (sentence.before and sentence.after):
        return False
    at = [i for i, s in enumerate(sentence.segments) if s.text == word and not s.tags]
    kinds = [i for i, role in enumerate(sentence.roles) if role == "thing"]
    is_long = len(word) >= _LONG_WORD
    return bool(at and kinds) and (is_long or not any(kinds[0] < i < kinds[-1] for i in at))


def _describes(sentence: Sentence) -> bool:
    """Return whether a sentence only says what a thing is like: "my house is red"."""
    words = [s for s in sentence.segments if s.text not in ".!"]
    return (
        len(words) > 2
        and words[-2].text in ("is", "are", "am", "so", "very", "too")
        and words[-1].is_one_of("word:modifiers")
        and not any(s.text in ("that", "which", "what", "where", "how") for s in words)
    )


def _asks_what(sentence: Sentence) -> bool:
    """Return whether a sentence without a thing asks for any of them: "what is new?"."""
    return any(
        s.is_one_of("change:noun") or s.text in _ANYTHING or s.text == "what changed"
        for s in sentence.segments
    )


def _is_negated(sentence: Sentence) -> bool:
    """Return whether a negation is left that no rule and no direction explains."""
    if sentence.segments[-1].text in ("something", "anything", "nothing"):
        return True  # "turned into something other than buildings"
    words = " ".join(s.text for s in sentence.segments)
    if any(a.text == "instead of" and is_change(b) for a, b in pairwise(sentence.segments)):
        return True
    if sentence.negates_result or _REVERSAL.search(words):
        return True
    rest = " ".join(
        s.text
        for s in sentence.segments
        if not is_change(s) and not (s.is_one_of("word:function") and " " in s.text)
    )
    is_dated = direction_of(sentence.text_without_changes) != "changed"
    return _NEGATION.search(rest) is not None and not is_dated
