"""Read a sentence as questions, and decide which of them a model can answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial

from mtrs_geo.query import ChangeQuery, split_wishes
from mtrs_geo.query.grammar import ANY_CHANGE, EXCEPT, normalize
from mtrs_geo.query.questions import positive_question, take_question
from mtrs_geo.query.scene_phrases import separate_leading, split_leading
from mtrs_geo.understanding.lexicon import Lexicon, english
from mtrs_geo.understanding.phrases import (
    DateContrast,
    asks_for_any_change,
    date_contrast,
    guess_verb,
    hide_dates,
    named_place,
    restore_dates,
    without_neutral_words,
    without_new_before_loss,
    without_seasons,
    without_speech,
    write_exceptions,
)
from mtrs_geo.understanding.phrases.background import Asked, separate_request
from mtrs_geo.understanding.phrases.changes import is_of_both_dates, is_one_list
from mtrs_geo.understanding.phrases.idioms import tells_one_place
from mtrs_geo.understanding.phrases.rewriting import rewrite
from mtrs_geo.understanding.phrases.states import without_states, write_states
from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.roles import is_change
from mtrs_geo.understanding.spelling import correct_spelling
from mtrs_geo.understanding.taught import taught_question
from mtrs_geo.understanding.translation import Translation, translate
from mtrs_geo.understanding.types import LIKELY
from mtrs_geo.understanding.understanding import Understanding
from mtrs_geo.understanding.unknown_words import separate_aside
from mtrs_geo.understanding.verdict import (
    Judge,
    Verdict,
    condition_without_effect,
    negated_question,
    read_as,
    unanswered_fact,
    unused_words,
)
from mtrs_geo.understanding.verdict.unread import LONGEST_SENTENCE, too_long, untranslated
from mtrs_geo.understanding.vocabulary import Vocabulary
from mtrs_geo.understanding.weighing import weighed
from mtrs_geo.understanding.wording import NOUNS, canonical_wording

__all__ = ["confirm", "understand"]

_INDIRECT_QUESTION = re.compile(
    r"\b(?:which(?! (?:is|are|was|were|has|have|had|can)\b)|whether|what|where|how many)\b"
)
_MOST_OPINIONS = 4
"""Number of questions of a sentence up to which the trained reader is asked, for its time."""


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
    is_taught = normalize(text) in vocabulary.sentences
    if asks_for_any_change(query.prompt):
        query = replace(query, prompt="")
        found = Understanding(text, query, direction="any", anyway=anyway)
        return (found.with_unanswered(),)
    if vocabulary.open or is_taught or _asks_for_any_change(query):
        found = Understanding(text, query, direction=query.direction, anyway=anyway)
        found = found if query.prompt else replace(found, direction="any")
        return (found.with_unanswered(),)
    if len(text) > LONGEST_SENTENCE:
        return (too_long(text, query, anyway=anyway),)
    lexicon = english().extended(vocabulary.nouns)
    judge = Judge(vocabulary, lexicon, {name.lower() for name in layers}, gsd_m)
    if (taught := taught_question(text, judge)) is not None:
        return (replace(taught, anyway=anyway).with_unanswered(),)
    translation = translate(text)
    if translation is None:
        found_parts = _questions(text, text, judge)
    elif translation.english:
        found_parts = [
            _translated(part, translation) for part in _questions(text, translation.english, judge)
        ]
    else:
        found_parts = [untranslated(text, query, translation)]
    return tuple(
        replace(part, anyway=anyway, weak=_weak_classes(part, vocabulary)).with_unanswered()
        for part in found_parts
    )


def confirm(
    found: Understanding, before: Mapping[str, float], after: Mapping[str, float]
) -> Understanding:
    """Return a question with a prompt that the model reads as the words say.

    A model that reads the prompt otherwise is asked the plainest wording of the meaning instead.

    Args:
        found: a question.
        before: probability of each class at the earlier date, as the model reads the prompt.
        after: the same at the later date.
    """
    classes = {*found.before, *found.after}
    if found.query.raw or not classes or not classes <= NOUNS.keys():
        return found
    read = tuple(
        tuple(sorted(name for name in NOUNS if date.get(name, 0.0) > LIKELY))
        for date in (before, after)
    )
    if read == (found.before, found.after):
        return found
    return found.with_prompt(canonical_wording(found.direction, found.before, found.after))


def _weak_classes(found: Understanding, vocabulary: Vocabulary) -> tuple[tuple[str, float], ...]:
    named = dict.fromkeys((*found.before, *found.after))
    return tuple((name, vocabulary.weak[name]) for name in named if name in vocabulary.weak)


def _asks_for_any_change(query: ChangeQuery) -> bool:
    """Return whether a text is empty or consists of a phrase such as "what changed"."""
    text = normalize(query.text)
    phrase = (take_question(text)[0] if query.question == "area" else text).strip(" .?!")
    return query.is_any_change and (not text or bool(phrase and ANY_CHANGE.fullmatch(phrase)))


def _questions(text: str, english_text: str, judge: Judge) -> list[Understanding]:
    """Return the questions of an English sentence; ``text`` is what the user wrote."""
    place = named_place(english_text)
    if place is not None and place[1].lower() not in judge.layers:
        rest = english_text.replace(place[0], "", 1)
        named = Asked(rest, background=place[0], lost=place[0])
        return [_beside_background(question, named) for question in _questions(text, rest, judge)]
    aside = separate_aside(english_text)
    if aside is not None:
        return [_beside_background(part, aside) for part in _questions(text, aside.text, judge)]
    asked = separate_request(english_text)
    if asked != Asked(english_text) and not _is_one_contrast(english_text, judge.lexicon):
        found = _questions_of(text, asked.text, judge)
        return [_beside_background(question, asked) for question in found]
    return _questions_of(text, english_text, judge)


def _questions_of(text: str, english_text: str, judge: Judge) -> list[Understanding]:
    """Return the questions of an English sentence without background."""
    parts = split_wishes(english_text, partial(_tells_change, lexicon=judge.lexicon))
    is_one = len(parts) == 1 or _is_one_contrast(english_text, judge.lexicon)
    if is_one or is_of_both_dates(english_text) or _is_one_wish(english_text, parts, judge.lexicon):
        return [_question(english_text, judge).with_text(text)]
    if len(parts) > _MOST_OPINIONS:
        judge = judge.without_reader()
    unanswered = take_question(normalize(english_text))[1].unanswered
    return [_with_unanswered(_question(part, judge), unanswered) for part in parts]


def _is_one_wish(text: str, parts: tuple[str, ...], lexicon: Lexicon) -> bool:
    """Return whether parts of a text that tell of changes ask for one of them."""
    read = [_sentence(hide_dates(rewrite(normalize(part))), lexicon) for part in parts]
    if not all(sentence.names_class for sentence in read):
        return True  # "Some trees were cut down, and which ones are gone?"
    if len(parts) == 2 and tells_one_place(text.lower()):
        # "Trees cut down and houses built in their place": what became what.
        whole = _sentence(hide_dates(rewrite(normalize(text))), lexicon)
        if (whole.before, whole.after) == (read[0].before, read[1].after):
            return True
    meanings = {(sentence.direction, sentence.before, sentence.after) for sentence in read}
    if len(meanings) == 1 and not all(sentence.things for sentence in read):
        return True  # "Demolition campaign, structures removed"
    return len({s.direction for s in read}) == 1 and is_one_list(normalize(text), parts)


def _beside_background(found: Understanding, asked: Asked) -> Understanding:
    """Return a question with what its text only tells, which has no effect."""
    if asked.background:
        found = replace(found, unused=(*found.unused, asked.background))
    if not asked.lost or found.status != "understood":
        return found
    return _with_verdict(found, condition_without_effect(asked.lost))


def _with_verdict(found: Understanding, verdict: Verdict) -> Understanding:
    return replace(
        found, status=verdict.status, doubt=verdict.doubt, advice=verdict.advice,
        code=verdict.code, values=verdict.values,
    )  # fmt: skip


def _tells_change(text: str, lexicon: Lexicon) -> bool:
    """Return whether a part of a sentence names what a thing became: "flooded fields"."""
    written = rewrite(split_leading(text)[1])
    plain = without_new_before_loss(written, lexicon)
    sentence = _sentence(hide_dates(plain), lexicon)
    before, after, words = sentence.before, sentence.after, sentence.segments
    if sentence.is_guess or sentence.is_negated or not sentence.things:
        return False
    if sentence.direction in ("appeared", "disappeared"):
        is_adjective = words[0].is_one_of("change:disappeared") and words[0].text != "formerly"
        return plain != written or (len(words) == 2 and is_adjective)
    # Not "roads on fields": "new houses and roads on fields" may be one wish.
    is_forward = sentence.direction == "changed" and sentence.things[0].land_cover in before
    return is_forward and bool(after) and before.isdisjoint(after)


def _with_unanswered(found: Understanding, words: str) -> Understanding:
    """Return one of several wishes with the words of the whole question that have no answer."""
    if found.code == "count":
        return found  # its own number is named instead
    words = found.query.unanswered or words
    return replace(found, query=replace(found.query, unanswered=words))


def _translated(found: Understanding, translation: Translation) -> Understanding:
    """Return a question with the language that it was asked in, and what was not translated."""
    spelt = (*translation.corrected, *found.corrected)
    found = replace(
        found, translated=translation.english, language=translation.language, corrected=spelt
    )
    if translation.corrected and found.status == "understood":
        # No list tells whether a foreign word exists.
        wording = canonical_wording(found.direction, found.before, found.after)
        return _with_verdict(found, read_as(translation.corrected[0][0], wording))
    if not translation.unknown:
        return found
    unused = (*translation.unknown, *found.unused)
    if not found.is_answered or found.doubt:
        return replace(found, unused=unused)
    doubt = f"{', '.join(map(repr, translation.unknown))} was not translated and has no effect."
    values = {"words": list(translation.unknown)}
    verdict = Verdict("uncertain", doubt, code="partly_translated", values=values)
    return _with_verdict(replace(found, unused=unused), verdict)


def _question(text: str, judge: Judge) -> Understanding:
    """Return the meaning and the verdict of one question."""
    if (taught := taught_question(text, judge)) is not None:
        return taught
    plain, corrected = correct_spelling(
        without_speech(normalize(text)), judge.lexicon, judge.vocabulary.existing
    )
    positive, negation = positive_question(plain)
    plain = without_new_before_loss(rewrite(positive), judge.lexicon)
    plain = separate_leading(plain)  # "near the river roads were built" names no river roads
    hidden = hide_dates(write_exceptions(plain))
    query = ChangeQuery.parse(hidden)
    if negation and query.question == "yes_no":
        query = replace(query, unanswered=query.unanswered or negation)
    if not query.unanswered:
        query = replace(query, unanswered=unanswered_fact(plain))
    without_rules = query.prompt
    times = tuple(replace(time, phrase=restore_dates(time.phrase)) for time in query.times)
    query = replace(query, prompt=restore_dates(without_rules), text=text, times=times)
    guessed, verb = guess_verb(EXCEPT.split(hidden)[0], judge.lexicon)
    sentence = _sentence(guessed, judge.lexicon)
    verdict = judge.verdict(sentence, query)
    if verdict.code == "negation" and query.rules:
        # Places and ranks may stand between the words about the two dates.
        plainer = _sentence(without_rules, judge.lexicon)
        if plainer.contrast is not None:
            sentence, verdict = plainer, judge.verdict(plainer, query)
    if negation and query.question == "yes_no" and verdict.status != "not a change question":
        verdict = negated_question(positive)
    if verb and verdict == Verdict():
        wording = canonical_wording(sentence.direction, sentence.before, sentence.after)
        verdict = read_as(verb, wording)
    found = Understanding(
        text,
        query,
        verdict.status,
        direction=sentence.direction,
        before=tuple(sorted(sentence.before)),
        after=tuple(sorted(sentence.after)),
        corrected=corrected,
        unused=unused_words(sentence, query),
        general=_general(sentence),
        doubt=verdict.doubt,
        advice=verdict.advice,
        code=verdict.code,
        values=verdict.values,
    )
    is_plain = found.direction == "unchanged" or not (sentence.moves or sentence.is_guess)
    if found.is_answered and sentence.things and is_plain:
        # "buildings" alone is asked as any change of buildings.
        found = found.with_prompt(canonical_wording(found.direction, found.before, found.after))
    return weighed(found, sentence, judge).without_rules(judge.rules_without_effect(query))


def _is_one_contrast(text: str, lexicon: Lexicon) -> bool:
    """Return whether a text tells of both dates: "there on the old photo, not on the new one"."""
    contrast = date_contrast(hide_dates(normalize(text)))
    if contrast is None or not contrast.is_full or contrast.direction == "any":
        return False
    return _sentence(hide_dates(normalize(text)), lexicon).contrast is not None


def _sentence(text: str, lexicon: Lexicon) -> Sentence:
    """Return the reading of a text whose dates are hidden."""
    text = without_seasons(text)
    states = _sentence_of_states(text, lexicon)
    if states is not None:
        return states
    plain = Sentence(without_neutral_words(_without_frame(restore_dates(text), lexicon)), lexicon)
    contrast = date_contrast(text)
    if contrast is None:
        return plain
    words = without_neutral_words(contrast.text)
    classes = _classes_of_pieces(contrast, lexicon)
    if contrast.direction == "changed":
        is_read = plain.direction == "changed" and not plain.is_guess
        if all(classes) and classes[0].isdisjoint(classes[1]) and not is_read:
            return Sentence(words, lexicon, contrast, (classes[0], classes[1]))
        return plain
    is_of_one_thing = len(set(classes) - {frozenset()}) == 1 or contrast.direction == "any"
    sentence = Sentence(words, lexicon, contrast)
    return sentence if is_of_one_thing and sentence.takes_contrast else plain


def _sentence_of_states(text: str, lexicon: Lexicon) -> Sentence | None:
    """Return the reading of "green now, paved before", or None if a text is of another form."""
    written = write_states(text)
    contrast = date_contrast(written) if written != text else None
    if contrast is None or not contrast.is_full:
        return None
    classes = _classes_of_pieces(contrast, lexicon)
    named = [found for found in classes if found]
    if any(len(found) > 1 for found in named) or len(named) < 2:
        return None
    plain = Sentence(without_neutral_words(restore_dates(without_states(text))), lexicon)
    others = frozenset(n for s in plain.things if (n := s.land_cover)).difference(*named)
    words = without_neutral_words(contrast.text)
    strange = [word for word in (*plain.unknown, *plain.outside) if word not in words]
    words = ", ".join([words, *strange])
    if contrast.direction == "changed" and classes[0] != classes[1] and not others:
        return Sentence(words, lexicon, contrast, (classes[0], classes[1]))
    if contrast.direction not in ("appeared", "disappeared") or len({*named}) > 1:
        return None
    if not others:
        return Sentence(words, lexicon, contrast)
    # "Fields flooded in 2020 but dry in 2012" are fields where there was no water.
    is_gain = contrast.direction == "appeared"
    dates = (others, named[0]) if is_gain else (named[0], others)
    return Sentence(words, lexicon, replace(contrast, direction="changed"), dates)


def _classes_of_pieces(contrast: DateContrast, lexicon: Lexicon) -> list[frozenset[str]]:
    """Return the classes of the things in each piece of a contrast."""
    return [
        frozenset(n for s in Sentence(piece, lexicon).things if (n := s.land_cover))
        for piece in contrast.pieces
    ]


def _without_frame(text: str, lexicon: Lexicon) -> str:
    """Drop what stands before a question and names no thing.

    "For fire risk: new homes" and "the council wishes to establish which homes are new".
    """
    topic, colon, rest = text.partition(":")
    if colon and not any(s.land_cover or is_change(s) for s in lexicon.segments(topic)):
        return rest
    question = _INDIRECT_QUESTION.search(text)
    frame = lexicon.segments(text[: question.start()]) if question else []
    if not frame or not frame[-1].is_one_of("word:requests"):
        return text
    is_about = any(s.land_cover or s.is_one_of("outside:things") for s in frame)
    return text if question is None or is_about else text[question.start() :]


def _general(sentence: Sentence) -> tuple[tuple[str, str], ...]:
    """Return the nouns that are found as any ground of their class, with the class."""
    return tuple(
        (s.text, s.land_cover)
        for s in sentence.things
        if s.land_cover in NOUNS and not s.is_one_of("kind:general")
    )
