"""How well sentences are read: `python benchmarks/understanding.py [--split tune] [--with-model]`.

The sentences were written by people and models that saw neither the grammar nor the words of the
lexicon.  Half of them (``tune``) served to extend both; the other half (``report``) is reported.

* in scope: right if direction and classes are those of the label
* outside, nonsense: right if no answer is given
* negation: right if read as labelled, or if no answer is given
* other languages, typing errors: right if read as labelled; refused ones are listed apart

With ``--with-model``: how many answered sentences are understood or uncertain, and how many of
these are read right, by the rules alone and with the intent head of the bundled model.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mtrs_geo.detect.questions import with_readings
from mtrs_geo.models import load_model
from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.vocabulary import read_vocabulary
from mtrs_geo.understanding import Understanding, understand

SENTENCES = Path(__file__).parents[1] / "tests" / "understanding" / "sentences.jsonl"


def sentences(split: str) -> Iterator[dict[str, Any]]:
    """Yield the labelled sentences of a split."""
    for line in SENTENCES.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["split"] == split:
            yield row


def group_of(row: dict[str, Any]) -> str:
    """Return the group of a sentence; typing errors and other languages are two groups."""
    if row["group"] != "language or typo":
        return str(row["group"])
    return "typing error" if row["language"] == "en" else "other language"


def is_read_right(row: dict[str, Any], found: Understanding) -> bool:
    """Return whether direction and classes are those of the label.

    "Changed" and "any" mean the same where a sentence names one class for both dates.
    """
    before, after = set(row["before"]), set(row["after"])
    same = before == after and before and {row["direction"], found.direction} <= {"changed", "any"}
    return (
        (row["direction"] == found.direction or bool(same))
        and before == set(found.before)
        and after == set(found.after)
    )


def outcomes(split: str) -> dict[str, Counter[str]]:
    """Return the number of sentences per group that were read right, read wrong or refused."""
    vocabulary = read_vocabulary(WEIGHTS / "tiny")
    counts: dict[str, Counter[str]] = {}
    for row in sentences(split):
        found = understand(row["text"], vocabulary)
        if not any(question.is_answered for question in found):
            outcome = "refused"
        elif len(found) == 1 and is_read_right(row, found[0]):
            outcome = "right"
        else:
            outcome = "wrong"
        counts.setdefault(group_of(row), Counter())[outcome] += 1
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
        read = with_readings(found, segmenter)
        is_doubted = any(q.status == "uncertain" for q in read)
        is_reworded = any(new.query != old.query for new, old in zip(read, found, strict=True))
        by_rules = any(question.status == "uncertain" for question in found)
        for name, doubted in zip(
            counts, (by_rules, is_doubted, is_doubted or is_reworded), strict=True
        ):
            counts[name]["uncertain" if doubted else "understood", is_right] += 1
    return counts


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("tune", "report"), default="report")
    parser.add_argument("--with-model", action="store_true")
    arguments = parser.parse_args()
    if arguments.with_model:
        for name, found in doubts(arguments.split).items():
            for status in ("understood", "uncertain"):
                right, wrong = found[status, True], found[status, False]
                share = right / max(1, right + wrong)
                print(f"{name}: {status} {right + wrong}, right {share:.3f}")  # noqa: T201
        return
    for group, counts in outcomes(arguments.split).items():
        shares = ", ".join(
            f"{name} {counts[name]} ({counts[name] / counts.total():.3f})"
            for name in ("right", "wrong", "refused")
        )
        print(f"{group}: {counts.total()} sentences, {shares}")  # noqa: T201


if __name__ == "__main__":
    main()
