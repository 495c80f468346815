"""The reading of the rules and that of a trained reader, weighed against each other."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from mtrs_geo.query.grammar import normalize
from mtrs_geo.query.questions import positive_question, take_question
from mtrs_geo.query.rules import Except
from mtrs_geo.query.scene_phrases import separate_leading
from mtrs_geo.understanding.lexicon import Lexicon, Segment, plurals
from mtrs_geo.understanding.phrases import without_new_before_loss
from mtrs_geo.understanding.phrases.changes import write_changes
from mtrs_geo.understanding.phrases.clauses import (
    join_changes,
    without_flood_as_cause,
    write_that_alone,
)
from mtrs_geo.understanding.phrases.comparison import write_comparatives
from mtrs_geo.understanding.phrases.idioms import write_idioms
from mtrs_geo.understanding.phrases.speech import without_speaker, write_helped
from mtrs_geo.understanding.phrases.standing import write_earlier
from mtrs_geo.understanding.phrases.states import write_ended_states
from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.roles import is_change
from mtrs_geo.understanding.types import Opinion
from mtrs_geo.understanding.understanding import Understanding
from mtrs_geo.understanding.verdict import (
    NEGATED,
    Judge,
    Verdict,
    asks_for_fact,
    asks_no_search,
    no_known_ground,
    taken_as,
    turns_round,
)
from mtrs_geo.understanding.wording import NOUNS, canonical_wording

__all__ = [
    "EVIDENCE", "NONE", "MeaningKey", "evidence_kind", "meaning_key", "reader_text", "weighed",
]  # fmt: skip

_TRUST, _TRUST_IN_NONE = 0.6, 0.9
"""Exponents of the reader's probabilities of a meaning, and of no question on known ground: it is
too sure of itself."""
_CAUTION = 0.2
"""What no question on known ground weighs more than was fitted: a wrong answer costs more than a
refusal."""
EVIDENCE: Mapping[str, tuple[float, float]] = {
    "understood": (1.6, 0.0),
    "doubt": (-0.2, 0.3),
    "unknown_word": (1.3, 0.1),
    "unused_condition": (1.3, -0.1),
    "order": (1.0, -0.1),
    "unknown_thing": (1.5, 1.3),
    "no_question": (-0.6, 2.5),
    "refused": (-0.3, 1.5),
}
"""What a verdict of the rules weighs, by `evidence_kind`: the logarithms of the factors of the
probability of their reading, and of that of no question on known ground.

Fitted to the sentences of the split ``weighing`` (`mtrs_geo.training.reader.evidence`)."""
_LEAST_OTHER = 0.52
"""Probability from which a meaning replaces that of the rules."""
_LEAST_REFUSED = 0.87
"""The same for a question that the rules refuse, where they read the same, or no kind of ground,
and the reader is not certain; for any change only where the rules read no question."""
_LEAST_SURE = 0.8
"""Probability below which a reading is called uncertain."""
_LEAST_CERTAIN = 0.97
"""Probability from which the reader overrules a refusal that most often is right."""
_UNSEEN = 1e-4
"""Probability of a reading that the reader leaves out."""
_LONGEST_PLAIN = 4
"""Parts of a sentence that the rules alone read: one thing and one change."""
_LONGEST_OF_BOTH = 5
"""Words of a sentence whose two kinds the reader does not change."""
_LONGEST_CONSTRUCTION = 7
"""Words of a sentence of which a listed construction is the most part."""
_DIRECTIONS = frozenset({"north", "south", "east", "west"})
_SETTLED = frozenset({
    "negation", "unknown_reference", "coarse_pixels", "unchanged_without_class",
})  # fmt: skip
"""Refusals that stay, whatever the reader says."""
_BOTH_READ = frozenset({"two_readings", "same_class"})
"""Doubts that name both meanings, so the reader adds nothing."""

_BECAME = re.compile(
    r"\b(?:(?:turn|convert|transform|develop|morph)\w* (?:\w+ ){0,2}(?:in)?to|made into"
    r"|changed (?:in)?to|became|become (?!\w+er\b)|replaced"
    r"|what(?:'s| is| are| has| have| was| did) .* (?:now|today|these days|come of|become)\b)"
)
"""Says that one kind became another, though one of them may be left open."""

MeaningKey: TypeAlias = tuple[str, tuple[str, ...], tuple[str, ...]]
NONE: MeaningKey = ("none", (), ())
_ANY: MeaningKey = ("any", (), ())


def weighed(found: Understanding, sentence: Sentence, judge: Judge) -> Understanding:
    """Return a question with the meaning that is likeliest by the rules and the reader together.

    Args:
        found: the question as the rules read it.
        sentence: its words.
        judge: of the model.
    """
    reader = judge.vocabulary.reader
    if reader is None or _is_settled(found, sentence) or _names_taught_thing(sentence, judge):
        return found
    opinions = reader(reader_text(found, judge.lexicon))
    if _is_turned(found, sentence, opinions[0]):
        return _turned(found, sentence, opinions[0], judge)
    if found.code == "same_class" and not found.is_answered:
        # "Tidal marsh" is no other kind of water, but "oaks replaced by beeches" stays refused.
        direction, before, after = _key(opinions[0])
        is_other = direction != "any" and {*found.before} <= {*before, *after}
        if is_other and _is_certain(opinions[0], judge):
            return _taken_as(found, _key(opinions[0]), sentence, judge)
        return found
    likeliness = _likeliness(opinions, found, judge)
    meaning, probability, of_rules = _most_probable(found, likeliness)
    agrees = meaning == meaning_key(found)
    if meaning == NONE:
        verdict = no_known_ground(judge.vocabulary.classes)
        return _with(found, verdict) if found.is_answered else found
    is_refused = not found.is_answered and (agrees or not (found.before or found.after))
    is_certain = meaning == _key(opinions[0]) and _is_certain(opinions[0], judge)
    may_be_any = meaning == _ANY and found.code != "no_question"
    is_let_through = is_certain or may_be_any or not is_refused
    least = _LEAST_OTHER if is_let_through else _LEAST_REFUSED
    if (agrees and found.is_answered) or probability < least:
        if found.status != "understood" or of_rules >= _LEAST_SURE:
            return found
        return _with(found, taken_as(canonical_wording(*meaning_key(found))))
    if _denies_result(found, meaning, sentence) or _tells_both(found):
        return _with(found, taken_as(canonical_wording(*meaning_key(found))))
    return _taken_as(found, meaning, sentence, judge)


def _denies_result(found: Understanding, meaning: MeaningKey, sentence: Sentence) -> bool:
    """Return whether a meaning has at the earlier date what a verb made: "reforested".

    The verb is the last one and the rules agree with it, so that the meaning is turned round.
    """
    verbs = [s for s in sentence.segments if not s.land_cover and _names_result(s)]
    made = {tag.removeprefix("transition:to_") for tag in (verbs[-1].tags if verbs else ())}
    turned = {*meaning[1]} - {*meaning[2]}
    return found.status == "understood" and bool(made & {*found.after} & turned)


def _tells_both(found: Understanding) -> bool:
    """Return whether a short sentence names what became what: "fields eroded by the river"."""
    is_short = len(found.text.split()) <= _LONGEST_OF_BOTH
    is_of_both = bool(found.before and found.after) and found.before != found.after
    return is_short and is_of_both and found.status == "understood"


def _names_result(segment: Segment) -> bool:
    """Return whether a word names a change, or the ground that a change made."""
    return is_change(segment) or any(tag.startswith("transition:to_") for tag in segment.tags)


def _is_settled(found: Understanding, sentence: Sentence) -> bool:
    """Return whether the rules alone decide."""
    is_settled = found.code in _SETTLED and not _may_stand(found, sentence)
    is_refused = is_settled or asks_no_search(sentence) or asks_for_fact(normalize(found.text))
    is_refused |= _is_plain_other(found, sentence)
    has_exception = any(isinstance(rule, Except) for rule in found.query.rules)
    is_exception = has_exception and not turns_round(sentence) and not _lacks_class(found)
    is_listed = found.code in _BOTH_READ or _is_construction(found, sentence)
    is_read = found.is_answered and (is_listed or is_exception or _is_told(found, sentence))
    return is_refused or is_read or _is_plain(found, sentence)


def _is_plain_other(found: Understanding, sentence: Sentence) -> bool:
    """Return whether a short sentence names a thing that is listed as no ground, and no other."""
    is_other = bool(sentence.outside) and not sentence.things and found.direction != "any"
    return is_other and not found.is_answered and len(sentence.segments) <= _LONGEST_PLAIN


def _is_construction(found: Understanding, sentence: Sentence) -> bool:
    """Return whether a listed construction is the sentence; a longer one may say more."""
    is_whole = len(found.text.split()) <= _LONGEST_CONSTRUCTION
    return sentence.construction is not None and is_whole


def _is_told(found: Understanding, sentence: Sentence) -> bool:
    """Return whether words name dates, ground or a shore that the reader takes by their order."""
    contrast = sentence.contrast
    is_dated = contrast is not None and contrast.is_full and contrast.direction != "any"
    is_named = any(s.is_one_of("kind:state") for s in sentence.segments)
    is_on_shore = any(s.is_one_of("kind:shore") for s in sentence.segments)
    is_of_both = bool(found.before and found.after)
    return is_dated or (is_named and is_of_both) or (is_on_shore and not is_of_both)


def _is_turned(found: Understanding, sentence: Sentence, opinion: Opinion) -> bool:
    """Return whether a sentence has a negation, or may ask for what did not change."""
    is_standing = "unchanged" in (found.direction, opinion.direction)
    return is_standing or turns_round(sentence)


def _may_stand(found: Understanding, sentence: Sentence) -> bool:
    """Return whether the rules read standing ground of a kind, and no word turns that round."""
    is_of_a_kind = found.direction == "unchanged" and bool(sentence.things)
    return is_of_a_kind and not turns_round(sentence)


def _turned(
    found: Understanding, sentence: Sentence, opinion: Opinion, judge: Judge
) -> Understanding:
    """Return a question whose words may turn its meaning round, as rules and reader may not see."""
    meaning = _key(opinion)
    agree = meaning == meaning_key(found)
    is_sure = opinion.confidence >= _LEAST_SURE and _is_answerable(opinion, judge)
    if is_sure and _names_open_class(found, meaning):
        return _taken_as(found, meaning, sentence, judge)
    if is_sure and _may_stand(found, sentence) and not (agree and found.is_answered):
        # "First", "same" and "keeps" speak of standing ground in some sentences only.
        is_named = judge.vocabulary.standing and {*meaning[1]} <= {*found.before}
        if (meaning[0] != "unchanged" or is_named) and _is_certain(opinion, judge):
            return _taken_as(found, meaning, sentence, judge)
    if agree or not found.is_answered:
        return found
    # "Buildings left in the north" has no negation.
    is_negated = turns_round(sentence)
    return _with(found, NEGATED if is_negated else no_known_ground(judge.vocabulary.classes))


def _is_plain(found: Understanding, sentence: Sentence) -> bool:
    """Return whether known words name one thing and what became of it, or the thing alone."""
    changes, parts = set(sentence.changes), sentence.segments
    is_short = len(parts) == 1 or (len(changes) == 1 and len(parts) <= _LONGEST_PLAIN)
    is_named = len(sentence.things) == 1 or (len(parts) == 1 and bool(sentence.events))
    is_named |= not (found.before or found.after or found.query.references)  # "what's new"
    # "The city grew west" is plain but for the direction, which is doubted.
    is_read = found.status == "understood" or found.values.get("condition") in _DIRECTIONS
    is_one = is_read and is_named
    return is_short and is_one and not turns_round(sentence)


def reader_text(found: Understanding, lexicon: Lexicon) -> str:
    """Return the text with the spelling and the words that the rules read."""
    text = found.text
    for wrong, right in found.corrected:
        word = re.compile(rf"(?<!\w){re.escape(wrong)}(?!\w)", re.IGNORECASE)
        text = word.sub(right.replace("\\", r"\\"), text)
    plain = normalize(text)
    is_area = found.query.question == "area"
    asked = take_question(plain)[0] if is_area else positive_question(plain)[0]
    told = write_earlier(write_helped(without_speaker(asked)))
    told = write_changes(write_that_alone(write_idioms(told)))
    told = write_ended_states(told)
    positive = write_comparatives(without_flood_as_cause(join_changes(told)))
    read = without_new_before_loss(positive, lexicon)
    read = separate_leading(read)
    is_as_written = plain == " ".join(text.lower().replace("’", "'").split())
    return text if read == plain and is_as_written else read


def _names_taught_thing(sentence: Sentence, judge: Judge) -> bool:
    """Return whether a noun is named that the model was taught, and the reader was not."""
    taught = {form for noun in judge.vocabulary.nouns for form in plurals(noun)}
    return any(segment.text in taught for segment in sentence.segments)


def _lacks_class(found: Understanding) -> bool:
    """Return whether no kind of ground is named that came or went: "cleared slopes"."""
    return found.direction != "any" and not (found.before or found.after)


def _names_open_class(found: Understanding, meaning: MeaningKey) -> bool:
    """Return whether a meaning adds the class to an answered question that names none."""
    direction, before, after = meaning_key(found)
    is_open = found.is_answered and not (before or after)
    return is_open and direction == meaning[0] in ("appeared", "disappeared")


def _likeliness(
    opinions: Sequence[Opinion], found: Understanding, judge: Judge
) -> dict[MeaningKey, float]:
    """Return the probability of each meaning that the model can answer, and of all others."""
    likeliness: dict[MeaningKey, float] = {NONE: _UNSEEN}
    rules = meaning_key(found)
    for opinion in opinions:
        meaning = _key(opinion)
        if _has_meaning(found) and (meaning == rules or _fills(found, opinion)):
            meaning = rules
        elif not _is_answerable(opinion, judge):
            meaning = NONE
        likeliness[meaning] = likeliness.get(meaning, 0.0) + opinion.confidence
    return likeliness


def _fills(found: Understanding, opinion: Opinion) -> bool:
    """Return whether a meaning names the class that a change of the rules leaves open."""
    is_open = found.direction == "changed" and bool(found.before) != bool(found.after)
    named, added = found.before or found.after, opinion.before if found.before else opinion.after
    return is_open and opinion.direction == "changed" and named == added


def _has_meaning(found: Understanding) -> bool:
    """Return whether the rules read a question that can be answered as it is."""
    return found.is_answered or bool(found.before or found.after)


def _most_probable(
    found: Understanding, likeliness: Mapping[MeaningKey, float]
) -> tuple[MeaningKey, float, float]:
    """Return the likeliest meaning, its probability, and that of the rules' meaning."""
    rules, (for_rules, for_none) = meaning_key(found), EVIDENCE[evidence_kind(found)]
    weights = {
        meaning: max(probability, _UNSEEN) ** (_TRUST_IN_NONE if meaning == NONE else _TRUST)
        for meaning, probability in likeliness.items()
    }
    if _has_meaning(found):
        weights[rules] = weights.get(rules, _UNSEEN**_TRUST) * math.exp(for_rules)
    weights[NONE] *= math.exp(for_none + _CAUTION)
    total = sum(weights.values())
    best = max(weights, key=weights.__getitem__)
    return best, weights[best] / total, weights.get(rules, 0.0) / total


def evidence_kind(found: Understanding) -> str:
    """Return which entry of `EVIDENCE` a question has that was read by the rules."""
    if found.status == "understood":
        return "understood"
    if found.code == "general_reference":
        return "unused_condition"
    if found.code in EVIDENCE:
        return found.code
    return "doubt" if found.is_answered else "refused"


def _key(opinion: Opinion) -> MeaningKey:
    return opinion.direction, opinion.before, opinion.after


def meaning_key(found: Understanding) -> MeaningKey:
    """Return the meaning of a question, in the fewest kinds, as the reader has them."""
    direction, before, after = found.direction, found.before, found.after
    if direction == "changed" and (before == after or not (before and after)):
        one_way = "appeared" if after else "disappeared"
        return ("any" if before == after else one_way), before, after
    return direction, before, after


def _is_certain(opinion: Opinion, judge: Judge) -> bool:
    """Return whether the reader may overrule what the rules refuse or take for standing ground."""
    return opinion.confidence >= _LEAST_CERTAIN and _is_answerable(opinion, judge)


def _is_answerable(opinion: Opinion, judge: Judge) -> bool:
    """Return whether a model can answer a meaning."""
    classes = {*opinion.before, *opinion.after}
    is_any = opinion.direction == "any" and not classes
    return is_any or (bool(classes) and classes <= judge.known & NOUNS.keys())


def _taken_as(
    found: Understanding, meaning: MeaningKey, sentence: Sentence, judge: Judge
) -> Understanding:
    """Return a question with the reader's meaning, if its places and numbers can be answered."""
    direction, before, after = meaning
    if direction in ("appeared", "disappeared") and _BECAME.search(normalize(found.text)):
        direction = "changed"
    rest = judge.verdict_on_rules(sentence, found.query)
    wording = canonical_wording(*meaning)
    verdict = taken_as(wording, also=rest)
    read = replace(
        _with(found, verdict if rest.status in ("understood", "uncertain") else rest),
        direction=direction,  # type: ignore[arg-type] # not "none"
        before=before,
        after=after,
        unused=(),
        general=(),
    )
    # Any change is asked without words.
    prompt = wording if before or after else ""
    return read.with_prompt(prompt) if read.is_answered else read


def _with(found: Understanding, verdict: Verdict) -> Understanding:
    return replace(
        found,
        status=verdict.status,
        doubt=verdict.doubt,
        advice=verdict.advice,
        code=verdict.code,
        values=verdict.values,
    )
