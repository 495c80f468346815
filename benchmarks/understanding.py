"""How well sentences are read: `python benchmarks/understanding.py [--split tune]`.

The sentences were written by people and models that saw neither the grammar nor the words of the
lexicon.  Half of them (``tune``) served to extend both; the other half (``report``) is reported.

* in scope: right if direction and classes are those of the label
* outside, nonsense: right if no answer is given
* negation: right if read as labelled, or if no answer is given
* other languages, typing errors: right if read as labelled; refused ones are listed apart
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("tune", "report"), default="report")
    for group, counts in outcomes(parser.parse_args().split).items():
        shares = ", ".join(
            f"{name} {counts[name]} ({counts[name] / counts.total():.3f})"
            for name in ("right", "wrong", "refused")
        )
        print(f"{group}: {counts.total()} sentences, {shares}")  # noqa: T201


if __name__ == "__main__":
    main()
