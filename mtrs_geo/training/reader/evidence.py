"""Fit what the verdicts of the rules weigh beside the reader.

``python -m mtrs_geo.training.reader.evidence SENTENCES`` prints the values of
`mtrs_geo.understanding.weighing`.  The sentences must be new to both.  The score of
a meaning is the logarithm of the reader's probability times a trust, plus the weight of the rules'
verdict for it; trusts and weights are fitted by logistic regression.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.vocabulary import read_vocabulary
from mtrs_geo.training.reader.sentences import Labelled, read_sentences
from mtrs_geo.understanding import Opinion, understand
from mtrs_geo.understanding.lexicon import english
from mtrs_geo.understanding.weighing import (
    EVIDENCE,
    NONE,
    MeaningKey,
    evidence_kind,
    meaning_key,
    reader_text,
)

__all__ = ["Reading", "fit", "readings"]

_LEAST = 1e-4
_DECAY = 1e-3
_FIELDS = (
    "meaning",
    "none",
    *(f"{side} {kind}" for kind in EVIDENCE for side in ("rules", "none")),
)


@dataclass(frozen=True)
class Reading:
    """How rules and reader read a sentence."""

    kind: str
    """Of the rules' verdict, see `evidence_kind`."""
    of_rules: MeaningKey | None
    """Meaning that the rules read, whether they answer or refuse it; None if they read none."""
    probabilities: dict[MeaningKey, float]
    """Of each meaning, by the reader; those below 0.0001 are left out, but for `NONE`."""
    label: MeaningKey


def readings(rows: Iterable[Labelled]) -> Iterator[Reading]:
    """Yield how the sentences of one question are read, without those that name a reference."""
    vocabulary = read_vocabulary(WEIGHTS / "tiny")
    assert vocabulary.reader is not None
    for row in rows:
        (found, *others) = understand(row.text, replace(vocabulary, reader=None))
        if others or found.query.references or found.translated:
            continue
        of_rules = meaning_key(found) if found.is_answered or found.before or found.after else None
        opinions = vocabulary.reader(reader_text(found, english()))
        label = (row.meaning.direction, row.meaning.before, row.meaning.after)
        yield Reading(evidence_kind(found), of_rules, _probabilities(opinions), label)


def _probabilities(opinions: Iterable[Opinion]) -> dict[MeaningKey, float]:
    return {NONE: _LEAST} | {(o.direction, o.before, o.after): o.confidence for o in opinions}


def fit(rows: Iterable[Reading]) -> dict[str, float]:
    """Return the trusts in the reader and the weights of the verdicts, by name.

    Args:
        rows: of sentences; those whose label neither rules nor reader name are left out.
    """
    features, labels = [], []
    for row in rows:
        meanings = list(row.probabilities)
        if row.of_rules is not None and row.of_rules not in row.probabilities:
            meanings.append(row.of_rules)
        if row.label in meanings:
            features.append(torch.tensor([_features(row, meaning) for meaning in meanings]))
            labels.append(meanings.index(row.label))
    inputs = torch.nn.utils.rnn.pad_sequence(features, batch_first=True)  # (N, M, F)
    sizes = torch.tensor([len(found) for found in features])
    absent = torch.arange(inputs.shape[1])[None] >= sizes[:, None]
    target = torch.tensor(labels)
    weights = torch.zeros(len(_FIELDS), requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        scores = (inputs @ weights).masked_fill(absent, -torch.inf)
        found = F.cross_entropy(scores, target) + _DECAY / 2 * weights.square().sum()
        found.backward()  # type: ignore[no-untyped-call]
        return found

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return dict(zip(_FIELDS, weights.tolist(), strict=True))


def _features(row: Reading, meaning: MeaningKey) -> list[float]:
    is_none = meaning == NONE
    found = dict.fromkeys(_FIELDS, 0.0)
    found["none" if is_none else "meaning"] = math.log(row.probabilities.get(meaning, _LEAST))
    if is_none:
        found[f"none {row.kind}"] = 1.0
    elif meaning == row.of_rules:
        found[f"rules {row.kind}"] = 1.0
    return list(found.values())


def main() -> None:
    """Print the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sentences", type=Path, help="JSON lines, as tests/understanding has them")
    parser.add_argument("--split", default="weighing")
    arguments = parser.parse_args()
    found = fit(readings(read_sentences(arguments.sentences, arguments.split)))
    print(json.dumps({name: round(value, 2) for name, value in found.items()}, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
