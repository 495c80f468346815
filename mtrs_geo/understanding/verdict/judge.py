"""Decide whether a model can answer a question, and say why not."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import asdict, replace

from mtrs_geo.query import ChangeQuery
from mtrs_geo.query.grammar import normalize
from mtrs_geo.query.numbers import ambiguous_sizes
from mtrs_geo.query.positions import is_zone
from mtrs_geo.query.rules import Inside, Rule, is_rank
from mtrs_geo.understanding.lexicon import Lexicon, Segment, split_words
from mtrs_geo.understanding.phrases import lacks_second_date
from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.spelling import similar_noun
from mtrs_geo.understanding.unknown_words import circumstance_words, unknown_subject
from mtrs_geo.understanding.verdict.conditions import (
    excluding_rules,
    negates_condition,
    owner_of_change,
    unused_condition,
)
from mtrs_geo.understanding.verdict.counts import bare_count, unmeasured_rank
from mtrs_geo.understanding.verdict.facts import asks_for_fact
from mtrs_geo.understanding.verdict.lost_parts import lost_part, unclear_exceptions
from mtrs_geo.understanding.verdict.negations import (
    denies_difference,
    is_contrast_of_changes,
    is_turned_round,
    negates_request,
    negates_verb,
    says_none_stands,
)
from mtrs_geo.understanding.verdict.no_search import asks_for_state, asks_no_search
from mtrs_geo.understanding.verdict.places import unread_place
from mtrs_geo.understanding.verdict.qualities import (
    compound_noun,
    describes_thing,
    missing_permission,
    unseen_quality,
)
from mtrs_geo.understanding.verdict.two_readings import two_readings
from mtrs_geo.understanding.verdict.unseen import unseen_change
from mtrs_geo.understanding.verdict.verdicts import (
    NEGATED,
    NO_FACT,
    NO_QUESTION,
    NO_SEARCH,
    ONE_DATE,
    STANDING,
    UNDERSTOOD,
    Verdict,
    condition_without_effect,
    count_without_rule,
    doubt_word,
    exclusion,
    general_reference,
    order_guess,
    rank_without_measure,
    same_class,
    taken_as,
    unseen,
)
from mtrs_geo.understanding.vocabulary import Vocabulary
from mtrs_geo.understanding.wording import NOUNS, canonical_wording

__all__ = ["Judge", "unused_words"]

_UNUSED_NUMBER = re.compile(
    r"(?:\b(?:(?:larg|small|bigg|great|long|short|wid)er|more|less|over|under|above|below) than )?"
    r"(?<![\w.,-])(?!(?:1[89]|20)\d\d\b)\d+(?:[.,]\d+)*(?: ?%| ?per ?cent\b)?(?![\w²-])"
)
_WHAT_CHANGED = re.compile(r"what(?: has| have|'s)? changed")
_LONG_WORD = 5
_CHANGE_ALONE = frozenset({"gone", "new", "missing", "removed", "lost", "added"})
_ANYTHING = frozenset({
    "what", "where", "which", "everything", "anything", "something", "all", "any", "whatever",
    "things", "area", "areas", "places", "spots", "parts", "sites", "regions", "zones", "surfaces",
    "land", "locations", "objects", "stuff", "thing", "items", "features", "elements",
    "differences", "ones", "object", "item", "feature", "place", "spot", "part", "who", "how",
    "polygons",
})  # fmt: skip


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

    def without_reader(self) -> Judge:
        """Return the same judge without the trained reader."""
        return Judge(replace(self.vocabulary, reader=None), self.lexicon, self.layers, self.gsd_m)

    def verdict(self, sentence: Sentence, query: ChangeQuery) -> Verdict:
        """Return the first verdict that refuses or doubts a question, or that it is understood."""
        meaning = self._meaning(sentence, query)
        if meaning.status not in ("understood", "uncertain"):
            return meaning
        rest = self.verdict_on_rules(sentence, query)
        # A reference that cannot be found is no smaller problem than an unknown word.
        return rest if meaning == UNDERSTOOD or rest.status == "outside the vocabulary" else meaning

    def verdict_on_rules(self, sentence: Sentence, query: ChangeQuery) -> Verdict:
        """Return the first verdict on what a sentence says beside its meaning."""
        checks = self._references, self._pixels, self._numbers, _conditions, _qualities
        verdicts = (check(sentence, query) for check in checks)
        return next((v for v in verdicts if v != UNDERSTOOD), UNDERSTOOD)

    def _meaning(self, sentence: Sentence, query: ChangeQuery) -> Verdict:
        """Return the verdict on the words of the sentence alone."""
        if not any(character.isalpha() for s in sentence.segments for character in s.text):
            return NO_QUESTION
        is_negated = sentence.contrast is None and negates_condition(normalize(query.text))
        if is_negated or denies_difference(query.prompt):
            return NEGATED
        if asks_for_fact(normalize(query.text)):
            return NO_FACT
        if asks_no_search(sentence):
            return ONE_DATE if asks_for_state(sentence) else NO_SEARCH
        if negates_request(sentence):
            return NEGATED
        if sentence.direction == "unchanged":
            return self._standing(sentence, query)
        if is_turned_round(sentence):
            return NEGATED
        names_class = bool(sentence.before or sentence.after)
        if not sentence.things and not sentence.events and not names_class:
            return self._without_thing(sentence, query)
        return self._with_thing(sentence, query)

    def _without_thing(self, sentence: Sentence, query: ChangeQuery) -> Verdict:
        """Return the verdict on a sentence that names no class."""
        outside = sentence.outside
        strange = [*outside, *unused_words(sentence, query)]
        if not sentence.changes and not outside and (strange or not query.rules):
            return NO_QUESTION
        if strange:
            return self._outside(strange[0])
        return UNDERSTOOD if query.rules or _asks_what(sentence, query) else NO_QUESTION

    def _with_thing(self, sentence: Sentence, query: ChangeQuery) -> Verdict:
        """Return the verdict on a sentence that names a class."""
        if not sentence.moves and describes_thing(sentence.segments):
            return NO_QUESTION
        kinds = sentence.kinds_of_one_class
        if kinds is not None and not kinds.is_seen:
            return same_class(kinds, sentence)
        # What a rule refers to is judged by `_references`.
        referred = frozenset(word for name in query.references for word in split_words(name))
        referred |= {*sentence.unused} - {*unused_words(sentence, query)}
        at = circumstance_words(sentence)
        circumstances = [sentence.segments[i].text for i in sorted(at)]
        unused = [w for w in dict.fromkeys((*sentence.unused, *circumstances)) if w not in referred]
        unknown = [w for w in sentence.unknown if w not in referred and w not in circumstances]
        outside = [w for w in sentence.outside if w not in circumstances]
        named = (unknown_subject(sentence, at), *outside)
        subject = next((n for n in named if n and not referred.issuperset(split_words(n))), "")
        if not subject and len(unknown) > 1:
            subject = unknown[0]
        if not subject and unused and (not sentence.moves or (sentence.is_guess and unused[1:])):
            subject = unused[0]
        subject = subject or compound_noun(sentence.segments, sentence.roles)
        strange = (sentence.before | sentence.after) - self.known
        if strange and not subject:
            subject = NOUNS.get(min(strange), min(strange))
        if subject and (strange or not _keeps_transition(subject, sentence)):
            return self._outside(subject)
        if unused:
            return doubt_word(unused[0], sentence)
        if lacks_second_date(query.prompt):
            return taken_as(canonical_wording(sentence.direction, sentence.before, sentence.after))
        if kinds is not None and sentence.direction == "any":
            return same_class(kinds, sentence)
        return order_guess(sentence) if sentence.is_guess else UNDERSTOOD

    def _standing(self, sentence: Sentence, query: ChangeQuery) -> Verdict:
        """Return the verdict on a question for what did not change."""
        classes = {s.land_cover for s in sentence.things}
        if sentence.before != sentence.after:
            return NEGATED
        if query.question == "yes_no" and negates_verb(sentence):
            return NEGATED
        if says_none_stands(sentence) or is_contrast_of_changes(sentence):
            return NEGATED
        if len(classes) != 1 or not self.vocabulary.standing:
            return STANDING
        unused = unused_words(sentence, query)
        if unused:
            return self._outside(unused[0])
        strange = classes - self.known
        return self._outside(sentence.things[0].text) if strange else UNDERSTOOD

    def _outside(self, thing: str) -> Verdict:
        known = ", ".join(NOUNS.get(name, name) for name in self.vocabulary.classes)
        similar = similar_noun(thing, self.lexicon, self.vocabulary.existing)
        question = f"Did you mean {similar!r}? " if similar else ""
        return Verdict(
            "outside the vocabulary",
            f"{thing!r} is not known to this model. It knows {known}.",
            f"{question}Ask for one of these, teach the model with `mtrs-geo train finetune`, or "
            "answer it anyway with --answer-anyway.",
            "unknown_thing",
            {"thing": thing, "known": list(self.vocabulary.classes)},
        )

    def zones_without_layer(self, query: ChangeQuery) -> tuple[Inside, ...]:
        """Return the rules of a query that need a layer that is not given: "in the green belt"."""
        rules = (rule for rule in query.rules if isinstance(rule, Inside) and not rule.outside)
        return tuple(r for r in rules if r.reference not in self.layers and is_zone(r.reference))

    def rules_without_effect(self, query: ChangeQuery) -> tuple[Rule, ...]:
        """Return the rules of a query that nothing can apply; a doubt names the first of them."""
        return (*self.zones_without_layer(query), *unclear_exceptions(query, self.layers))

    def _references(self, sentence: Sentence, query: ChangeQuery) -> Verdict:
        """Refuse a reference that the model cannot find and that no layer gives.

        One that is found as any ground of its class, as barns are, is a doubt, and so is a named
        place such as "the green belt", which is left out.
        """
        zones = self.zones_without_layer(query)
        unclear = [
            e for e in unclear_exceptions(query, self.layers) if self._finds(e.prompt or "", query)
        ]
        left_out = {*(rule.reference for rule in zones), *(rule.prompt for rule in unclear)}
        for name in query.references:
            if name not in {*self.layers, *left_out} and not self._finds(name, query):
                general = self._found_as(name)
                if general:
                    return general_reference(name, general)
                return Verdict(
                    "outside the vocabulary",
                    f"{name!r} is not a thing that this model finds by itself.",
                    f'Give it as a layer: --reference "{name}=layer.gpkg".',
                    "unknown_reference",
                    {"thing": name},
                )
        if zones:
            advice = f'Give it as a layer: --reference "{zones[0].reference}=layer.gpkg".'
            return replace(condition_without_effect(zones[0].explain()), advice=advice)
        if unclear:
            return condition_without_effect(unclear[0].explain())
        return UNDERSTOOD

    def _finds(self, name: str, query: ChangeQuery) -> bool:
        """Return whether the model finds a reference: "the river", but not "the school"."""
        nouns = [s for s in self.lexicon.segments(name) if s.land_cover]
        if is_zone(name) and not (nouns and nouns[-1].land_cover == "water"):
            return False  # trees do not show where "the national park" ends
        if name not in query.land_cover_references:
            return bool(nouns)
        return any(s.is_one_of("kind:general", "kind:references") for s in nouns)

    def _found_as(self, name: str) -> str:
        """Return the class whose ground stands for a reference: buildings for "the barns"."""
        nouns = [s for s in self.lexicon.segments(name) if s.land_cover]
        if not nouns or is_zone(name) or nouns[-1].is_one_of("kind:facilities"):
            return ""
        is_alike = nouns[-1].land_cover != "building" or nouns[-1].is_one_of("kind:alike")
        return (nouns[-1].land_cover or "") if is_alike else ""

    def _numbers(self, sentence: Sentence, query: ChangeQuery) -> Verdict:
        """Doubt a number that may mean two things, or that no rule uses."""
        if query.ambiguous:
            number = next(iter(ambiguous_sizes(normalize(query.text))), None)
            values = {} if number is None else asdict(number)
            code = "ambiguous_number" if values else ""
            return Verdict("uncertain", query.ambiguous[0], code=code, values=values)
        if not any(map(is_rank, query.rules)):
            rank = unmeasured_rank(sentence.segments, sentence.roles)
            if rank:
                return rank_without_measure(rank, sentence)
            number_of_things = bare_count(sentence.segments, sentence.roles)
            if number_of_things:
                return count_without_rule(number_of_things, sentence)
        unused = _UNUSED_NUMBER.search(query.prompt)
        if unused is None or any(unused[0] in time.phrase for time in query.times):
            return UNDERSTOOD
        doubt = f"{unused[0]!r} has no effect."
        advice = (
            "Write a size as 'larger than 500 m²', a distance as 'within 50 m of the river' and a "
            "date as 'since 2016-12-31'."
        )
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


def _conditions(sentence: Sentence, query: ChangeQuery) -> Verdict:
    """Doubt a condition that no rule expresses, and rules that exclude each other."""
    excluding = excluding_rules(query.rules)
    if excluding:
        return exclusion(*excluding)
    # "There in 2010 but not in 2018" is read as a whole.
    unused = unused_condition(query) if sentence.contrast is None else ""
    if unused.startswith(("across ", "in the ")):
        lost = {s.text for s in sentence.segments if s.land_cover in sentence.before}
        # "Roads laid across the wheat" says what became of the wheat.
        unused = "" if lost & {*split_words(unused)} else unused
    # "The road to the village" is any road.
    unused = unused or next((words for words in sentence.routes if words in query.prompt), "")
    unused = unused or (lost_part(query) if sentence.contrast is None else "")
    if not unused and sentence.contrast is None:
        unused = unread_place(sentence, query.prompt)
    if not unused and sentence.direction in ("appeared", "disappeared"):
        unused = owner_of_change(normalize(query.text))
    return condition_without_effect(unused) if unused else UNDERSTOOD


def _qualities(sentence: Sentence, query: ChangeQuery) -> Verdict:
    """Doubt adjectives that say which things are meant, and that no image or rule tells."""
    quality = unseen_quality(sentence.segments, sentence.roles)
    if quality:
        return doubt_word(quality, sentence)
    permission = missing_permission(normalize(query.text))
    if permission:
        return condition_without_effect(permission)
    word = unseen_change(sentence)
    return unseen(word, sentence) if word else two_readings(sentence)


def _keeps_transition(word: str, sentence: Sentence) -> bool:
    """Return whether an unknown word leaves the meaning of "A became B" as it is.

    A short word between both may be a misspelt "by", which turns the meaning round.
    """
    if sentence.direction != "changed" or not (sentence.before and sentence.after):
        return False
    at = [
        i
        for i, s in enumerate(sentence.segments)
        if s.text == word and (not s.tags or s.is_one_of("word:rare"))
    ]
    kinds = [i for i, role in enumerate(sentence.roles) if role == "thing"]
    is_long = len(word) >= _LONG_WORD
    return bool(at and kinds) and (is_long or not any(kinds[0] < i < kinds[-1] for i in at))


def _asks_what(sentence: Sentence, query: ChangeQuery) -> bool:
    """Return whether a sentence without a thing asks for any of them: "what is new?"."""
    words = [s for s in sentence.segments if s.text[0].isalpha()]
    if any(_is_anything(s) for s in words if s.text in query.prompt or not query.prompt):
        return True  # without a prompt, any change is asked for
    words = [s for s in words if s.text in query.prompt]
    return len(words) == 1 and words[0].text in _CHANGE_ALONE


def _is_anything(segment: Segment) -> bool:
    is_noun = segment.is_one_of("change:noun") or segment.text.removesuffix("'s") in _ANYTHING
    return is_noun or _WHAT_CHANGED.fullmatch(segment.text) is not None


def unused_words(sentence: Sentence, query: ChangeQuery) -> tuple[str, ...]:
    """Return the words of a sentence that have no effect, without those that only rules have.

    "Eighty" of "smaller than eighty square metres" is unknown, but a rule takes it.

    Args:
        sentence: with the words of the rules.
        query: whose prompt has the words that no rule took.
    """
    if not query.rules:
        return sentence.unused
    times = " ".join(time.phrase for time in query.times)
    left = {*split_words(query.prompt), *split_words(times)}
    return tuple(word for word in sentence.unused if word in left)
