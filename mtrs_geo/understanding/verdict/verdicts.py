"""Verdicts: a question is understood, uncertain, or refused with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.transitions import OneClass
from mtrs_geo.understanding.types import Status
from mtrs_geo.understanding.wording import NOUNS, canonical_wording

__all__ = [
    "NEGATED",
    "NO_FACT",
    "NO_QUESTION",
    "NO_SEARCH",
    "ONE_DATE",
    "STANDING",
    "UNDERSTOOD",
    "Verdict",
    "condition_without_effect",
    "count_without_rule",
    "doubt_word",
    "exclusion",
    "general_reference",
    "negated_question",
    "no_known_ground",
    "order_guess",
    "rank_without_measure",
    "read_as",
    "same_class",
    "taken_as",
    "two_meanings",
    "unseen",
]


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
NO_QUESTION = Verdict(
    "not a change question",
    "this is not a question about a change.",
    "Ask for a change, for example 'new buildings' or 'roads that were removed'.",
    "no_question",
)
NO_SEARCH = replace(
    NO_QUESTION,
    doubt="images show what has changed, not what will or should be, nor how, why or by whom.",
)
NO_FACT = replace(
    NO_QUESTION,
    doubt="images show what has changed, not whose it is, who made it, of which kind it is, nor a "
    "date, a number or a price.",
)
ONE_DATE = replace(
    NO_QUESTION,
    doubt="this asks for what stands at one date, and two dates are compared.",
    advice="Ask for a change, for example 'new buildings', or for 'unchanged buildings'.",
)
NEGATED = Verdict(
    "outside the vocabulary",
    "the sentence has a negation that is not understood.",
    "Ask for the change itself, or write 'except …' for what to leave out.",
    "negation",
)
STANDING = Verdict(
    "outside the vocabulary",
    "this asks for what did not change, and no single kind of ground is named.",
    "Name one, for example 'unchanged buildings', or ask for what appeared or disappeared.",
    "unchanged_without_class",
)


def negated_question(positive: str) -> Verdict:
    """Return the verdict on "were no houses demolished?", whose yes would show no polygons.

    Args:
        positive: the question without its negation.
    """
    advice = f"Ask without the negation: {positive!r}; no polygons are a no."
    doubt = "a yes to a question with 'no' would have no polygons."
    return replace(NEGATED, doubt=doubt, advice=advice, values={"positive": positive})


def doubt_word(word: str, sentence: Sentence) -> Verdict:
    """Return the verdict on a sentence with a word that is not used."""
    wording = canonical_wording(sentence.direction, sentence.before, sentence.after)
    doubt = f"the word {word!r} is not known and has no effect."
    values = {"word": word, "wording": wording}
    return Verdict("uncertain", doubt, f"Without it: {wording!r}.", "unknown_word", values)


def read_as(word: str, wording: str) -> Verdict:
    """Return the verdict on a sentence with an unknown word that is taken for a known one."""
    values = {"word": word, "wording": wording}
    doubt = f"the word {word!r} is not known."
    return Verdict("uncertain", doubt, f"Read as: {wording!r}.", "unknown_word", values)


def order_guess(sentence: Sentence) -> Verdict:
    """Return the verdict on a sentence whose two kinds of ground are joined by no known word."""
    wording = canonical_wording(sentence.direction, sentence.before, sentence.after)
    doubt = "what became what is read from the order of the two kinds of ground."
    return Verdict("uncertain", doubt, f"Read as: {wording!r}.", "order", {"wording": wording})


def same_class(kinds: OneClass, sentence: Sentence) -> Verdict:
    """Return the verdict on "oaks replaced by beeches", which are found as one class.

    Kinds that look alike are refused.  Of those that do not, such as a forest and a pasture, every
    change of the class is the answer.
    """
    land_cover = next(iter(sentence.before | sentence.after))
    name = NOUNS.get(land_cover, land_cover)
    both = f"{kinds.first!r} and {kinds.second!r} are both found as {name}, so"
    values = {"first": kinds.first, "second": kinds.second, "class": land_cover}
    if kinds.is_seen:
        doubt = f"{both} every change of {name} is shown."
        advice = f"Taken as: 'changed {name}'."
        return Verdict("uncertain", doubt, advice, "same_class", {**values, "shown": True})
    return Verdict(
        "outside the vocabulary",
        f"{both} one that becomes the other is not seen.",
        f"Ask for 'changed {name}' instead.",
        "same_class",
        values,
    )


def general_reference(name: str, land_cover: str) -> Verdict:
    """Return the doubt about a reference that is found as any ground of its class."""
    noun = NOUNS.get(land_cover, land_cover)
    return Verdict(
        "uncertain",
        f"{name!r} is found as {noun} of any kind.",
        f'Give it as a layer to be exact: --reference "{name}=layer.gpkg".',
        "general_reference",
        {"thing": name, "class": land_cover},
    )


def count_without_rule(number: str, sentence: Sentence) -> Verdict:
    """Return the doubt about "two new houses": everything that is found is the answer."""
    wording = canonical_wording(sentence.direction, sentence.before, sentence.after)
    return Verdict(
        "uncertain",
        f"the number {number!r} has no effect: all that is found is shown.",
        f"Read as: {wording!r}. 'The 2 largest …' shows two, and 'how many …' counts.",
        "count",
        {"number": number, "wording": wording},
    )


def rank_without_measure(rank: str, sentence: Sentence) -> Verdict:
    """Return the doubt about "the oldest house": neither age nor height nor value is measured."""
    wording = canonical_wording(sentence.direction, sentence.before, sentence.after)
    return Verdict(
        "uncertain",
        f"{rank!r} is not measured and has no effect.",
        f"Read as: {wording!r}. Ranks are by area, length, width or place, such as 'the largest'.",
        "rank",
        {"rank": rank, "wording": wording},
    )


def unseen(word: str, sentence: Sentence) -> Verdict:
    """Return the doubt about "closed schools", which may still stand."""
    wording = canonical_wording(sentence.direction, sentence.before, sentence.after)
    return Verdict(
        "uncertain",
        f"images may not show what {word!r} says, as it tells of use or repair.",
        f"Taken as: {wording!r}.",
        "unseen_change",
        {"word": word, "wording": wording},
    )


def two_meanings(words: str, first: str, second: str, sentence: Sentence) -> Verdict:
    """Return the doubt about "the lake was finished", which may be made or used up.

    Args:
        words: with two meanings.
        first: the plainest wording of one meaning.
        second: that of the other one.
        sentence: as it is read, which is one of both.
    """
    wording = canonical_wording(sentence.direction, sentence.before, sentence.after)
    return Verdict(
        "uncertain",
        f"{words!r} may mean {first!r} or {second!r}.",
        f"Taken as: {wording!r}. Ask for one of both to be sure.",
        "two_readings",
        {"words": words, "first": first, "second": second, "wording": wording},
    )


def condition_without_effect(condition: str) -> Verdict:
    """Return the doubt about a condition that no rule expresses: "north of the road"."""
    return Verdict(
        "uncertain",
        f"the condition {condition!r} has no effect.",
        "Known are places ('in the north'), sizes, ranks, distances and dates: docs/queries.md.",
        "unused_condition",
        {"condition": condition},
    )


def exclusion(first: str, second: str) -> Verdict:
    """Return the doubt about two rules that no polygon keeps at once."""
    return Verdict(
        "uncertain",
        f"nothing is both {first} and {second}, so the answer is empty.",
        "Ask two questions, joined by a semicolon, or join the conditions by 'or'.",
        "exclusion",
        {"first": first, "second": second},
    )


def no_known_ground(known: Sequence[str]) -> Verdict:
    """Return the refusal of a sentence that asks for no change of the classes of a model."""
    names = ", ".join(NOUNS.get(name, name) for name in known)
    return Verdict(
        "outside the vocabulary",
        f"this does not read as a question on a change of {names}.",
        "Ask for one of these, for example 'new buildings', or answer it anyway with "
        "--answer-anyway.",
        "no_known_ground",
        {"known": list(known)},
    )


def taken_as(wording: str, also: Verdict = UNDERSTOOD) -> Verdict:
    """Return the verdict on a sentence whose meaning rules and trained reader weighed.

    Args:
        wording: the plainest wording of the meaning.
        also: a doubt about its places, numbers or ranks, which is told as well.
    """
    doubt = f"this wording is not read with certainty. {also.doubt}".strip()
    advice = f"Taken as: {wording!r}; ask so to be sure."
    return Verdict("uncertain", doubt, advice, "taken_as", {"wording": wording})
