"""How well sentences are read: `python benchmarks/understanding.py [--split tune] [--rules-alone]`.

The sentences were written by language models that saw neither the grammar nor the words of the
lexicon.  Those of ``tune`` and ``development`` served to extend both and to train the sentence
reader; whoever did so did not read those of ``report``.

* in scope: right if direction and classes are those of the label
* outside, nonsense: right if no answer is given
* negation: right if read as labelled, or if no answer is given
* other languages, typing errors: right if read as labelled; refused ones are listed apart

With ``--with-model``: how many answered sentences are understood or uncertain, and how many of
these are read right, by the rules alone and with the intent head of the bundled model.

A sentence may refer to a thing that is none of the five kinds of ground ("near the school").  By
design, such a sentence is answered only if the user gives a layer of that thing.  Its label says
so: ``of_kind`` of the condition is null, or is missing in older labels.  These sentences are read
with layers named as their queries refer to them, and the number of them is printed.  Sentences of
the groups outside and nonsense never get layers.

The sentences of ``writers`` are of eight further writers.  Their labels name no conditions, so
every sentence in scope that is refused is read again with layers.

A sentence of several questions is right if exactly one of them is answered and it is read right.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mtrs_geo.detect.questions import with_readings
from mtrs_geo.models import load_model
from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.vocabulary import read_vocabulary
from mtrs_geo.query import ChangeQuery
from mtrs_geo.query.rules import AnyOf, Except, Inside, Near, Position, Rule, SizeBound, Superlative
from mtrs_geo.training.reader.sentences import CLASSES, DIRECTIONS, GROUPS, meaning_of
from mtrs_geo.understanding import Understanding, Vocabulary, understand

SENTENCES = Path(__file__).parents[1] / "tests" / "understanding" / "sentences.jsonl"
WRITERS = SENTENCES.with_name("writers.txt")
"""More labelled sentences, by eight writers (split ``writers``)."""
RELATIONS = frozenset({
    "near", "touching", "inside", "away", "between", "along", "other relation"
})  # fmt: skip
WITHOUT_LAYERS = frozenset({"outside", "nonsense"})


@dataclass(frozen=True)
class Reading:
    """How one sentence was read."""

    group: str
    outcome: str
    """``right``, ``wrong`` or ``refused``."""
    is_opposite: bool
    """Whether it is answered with a loss for a gain, change for what stayed, or the reverse."""
    status: str
    """``understood`` or ``uncertain`` if it is answered, else ``refused``."""
    with_layers: bool
    """Whether layers were given for things that it refers to."""
    has_rules: bool | None
    """Whether there is a rule of the right kind for every condition of the label; None if the label
    does not say which conditions there are."""


def sentences(split: str) -> Iterator[dict[str, Any]]:
    """Yield the labelled sentences of a split."""
    if split == "writers":
        yield from _sentences_of_writers()
        return
    for line in SENTENCES.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["split"] == split:
            yield row


def _sentences_of_writers() -> Iterator[dict[str, Any]]:
    """Yield the sentences of `WRITERS`; their labels do not say what they refer to."""
    for line in WRITERS.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        group, direction, *classes, text = line.split("|", 4)
        before, after = ([CLASSES[c] for c in letters if c != "-"] for letters in classes)
        yield {
            "text": text, "group": GROUPS[group], "direction": DIRECTIONS[direction],
            "before": before, "after": after, "conditions": None,
        }  # fmt: skip


def group_of(row: dict[str, Any]) -> str:
    """Return the group of a sentence; typing errors and other languages are two groups."""
    if row["group"] != "language or typo":
        return str(row["group"])
    return "typing error" if row["language"] == "en" else "other language"


def is_read_right(row: dict[str, Any], found: Understanding) -> bool:
    """Return whether direction and classes are those of the label, in the fewest kinds."""
    labelled = meaning_of(row["direction"], row["before"], row["after"])
    return labelled == meaning_of(found.direction, found.before, found.after)


def is_opposite(row: dict[str, Any], found: Understanding) -> bool:
    """Return whether a gain is read as a loss, what stayed as a change, or the reverse."""
    named = {meaning_of(row["direction"], row["before"], row["after"]).direction}
    named.add(meaning_of(found.direction, found.before, found.after).direction)
    return named == {"appeared", "disappeared"} or (len(named) == 2 and "unchanged" in named)


def needs_layers(row: dict[str, Any]) -> bool:
    """Return whether the label names a thing that is none of the five kinds of ground, or may."""
    is_asked = row["group"] not in WITHOUT_LAYERS
    if row["conditions"] is None:
        return is_asked
    relations = [c for c in row["conditions"] if c["kind"] in RELATIONS]
    return is_asked and any(c.get("of_kind") is None for c in relations)


def read(row: dict[str, Any], vocabulary: Vocabulary) -> Reading:
    """Return how a sentence was read."""
    found = understand(row["text"], vocabulary)
    references = [name for question in found for name in question.query.references]
    with_layers = False
    if references and needs_layers(row) and not any(q.is_answered for q in found):
        found = understand(row["text"], vocabulary, layers=references)
        with_layers = any(q.is_answered for q in found)
    answered = [question for question in found if question.is_answered]
    outcome = status = "refused"
    if answered:
        is_right = len(answered) == 1 and is_read_right(row, answered[0])
        outcome, status = "right" if is_right else "wrong", answered[0].status
    conditions = row["conditions"]
    has_rules = (
        None
        if conditions is None
        else all(any(has_rule(c, question.query) for question in found) for c in conditions)
    )
    is_reversed = row["group"] not in WITHOUT_LAYERS and any(is_opposite(row, q) for q in answered)
    return Reading(group_of(row), outcome, is_reversed, status, with_layers, has_rules)


def has_rule(condition: dict[str, Any], query: ChangeQuery) -> bool:
    """Return whether a query has a rule of the kind of a condition."""
    kinds: dict[str, type[Rule]] = {
        "position": Position, "size": SizeBound, "rank": Superlative, "except": Except,
    }  # fmt: skip
    kind = condition["kind"]
    if kind == "time":
        return bool(query.times)
    if kind in ("count question", "yes/no question"):
        return query.question is not None
    rules = [inner for rule in query.rules for inner in _parts(rule)]
    if kind in RELATIONS:
        return any(isinstance(rule, Near | Inside) for rule in rules)
    return kind in kinds and any(isinstance(rule, kinds[kind]) for rule in rules)


def _parts(rule: Rule) -> tuple[Rule, ...]:
    inner = rule.rules if isinstance(rule, AnyOf | Except) else ()
    return (rule, *inner)


def readings(split: str, *, rules_alone: bool = False) -> list[Reading]:
    """Return how the sentences of a split were read."""
    vocabulary = read_vocabulary(WEIGHTS / "tiny")
    if rules_alone:
        vocabulary = replace(vocabulary, reader=None)
    return [read(row, vocabulary) for row in sentences(split)]


def outcomes(split: str) -> dict[str, Counter[str]]:
    """Return the number of sentences per group that were read right, read wrong or refused."""
    return counts_of(readings(split))


def counts_of(found: list[Reading]) -> dict[str, Counter[str]]:
    """Return the number of readings per group and outcome."""
    counts: dict[str, Counter[str]] = {}
    for reading in found:
        counts.setdefault(reading.group, Counter())[reading.outcome] += 1
    return counts


def doubts(split: str) -> dict[str, Counter[tuple[str, bool]]]:
    """Return per way of doubting the number of answered sentences by status, and read right or not.

    The ways are the rules alone, a head that reads the plainest wording otherwise (as in a run),
    and a head that reads the sentence's own words otherwise.
    """
    segmenter = load_model("tiny", "cpu")
    counts = {name: Counter[tuple[str, bool]]() for name in ("rules", "plainest", "own words")}
    for row in sentences(split):
        found = understand(row["text"], segmenter.info.knows)
        if not all(question.is_answered for question in found):
            continue
        is_right = len(found) == 1 and is_read_right(row, found[0])
        read_again = with_readings(found, segmenter)
        is_doubted = any(q.status == "uncertain" for q in read_again)
        pairs = zip(read_again, found, strict=True)
        is_reworded = any(new.query != old.query for new, old in pairs)
        by_rules = any(question.status == "uncertain" for question in found)
        for name, doubted in zip(
            counts, (by_rules, is_doubted, is_doubted or is_reworded), strict=True
        ):
            counts[name]["uncertain" if doubted else "understood", is_right] += 1
    return counts


def lines_with_model(split: str) -> Iterator[str]:
    """Yield the lines of the report with the intent head."""
    for name, found in doubts(split).items():
        for status in ("understood", "uncertain"):
            right, wrong = found[status, True], found[status, False]
            share = right / max(1, right + wrong)
            yield f"{name}: {status} {right + wrong}, right {share:.3f}"


def lines(found: list[Reading]) -> Iterator[str]:
    """Yield the lines of the report."""
    for group, counts in counts_of(found).items():
        layers = sum(r.with_layers for r in found if r.group == group)
        shares = ", ".join(
            f"{name} {counts[name]} ({counts[name] / counts.total():.3f})"
            for name in ("right", "wrong", "refused")
        )
        opposite = sum(r.is_opposite for r in found if r.group == group)
        yield (
            f"{group}: {counts.total()} sentences, {shares}, with layers {layers}, "
            f"answered with the opposite {opposite}"
        )
    in_scope = [r for r in found if r.group == "in scope"]
    has_rules = [r.has_rules for r in in_scope if r.has_rules is not None]
    if has_rules:
        share = sum(has_rules) / len(has_rules)
        yield f"in scope, a rule of the right kind for every condition: {share:.3f}"
    asked = [r for r in found if r.group in ("in scope", "typing error", "other language")]
    yield "status of in scope, typing errors and other languages:"
    for status in ("understood", "uncertain", "refused"):
        rows = [r for r in asked if r.status == status]
        right = sum(r.outcome == "right" for r in rows)
        accuracy = f"{right} right ({right / max(1, len(rows)):.3f})"
        coverage = f"{len(rows)} sentences ({len(rows) / max(1, len(asked)):.3f})"
        yield f"  {status}: {coverage}" + (f", {accuracy}" if status != "refused" else "")


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    splits = (
        "tune", "development", "report", "report 2", "report 3", "report 4", "report 5", "report 6",
        "report 7", "report 8", "report 9", "report 10", "report 11", "report 12",
        "weighing", "writers",
    )  # fmt: skip
    parser.add_argument("--split", choices=splits, default="report")
    parser.add_argument("--with-model", action="store_true")
    parser.add_argument("--rules-alone", action="store_true", help="without the sentence reader")
    arguments = parser.parse_args()
    found = (
        lines_with_model(arguments.split)
        if arguments.with_model
        else lines(readings(arguments.split, rules_alone=arguments.rules_alone))
    )
    for line in found:
        print(line)  # noqa: T201


if __name__ == "__main__":
    main()
