"""Counts of samples → scores with intervals, groups, comparisons of models, tiers."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mtrs_geo.benchmark.sample_counts import SCORES, SIZES, SampleCounts
from mtrs_geo.benchmark.split_samples import Sample
from mtrs_geo.benchmark.statistics import (
    Sums,
    bootstrap,
    holm,
    interval,
    permutation_p,
    ratios,
    tiers,
)

__all__ = [
    "AXES",
    "TESTED",
    "Comparison",
    "Group",
    "ModelScores",
    "SampleResult",
    "Score",
    "SplitScores",
    "score_split",
]

TESTED = ("miou", "miou_nonempty", "no_target_accuracy")
"""Scores that models are compared by: their denominators depend on the data alone."""
AXES = ("change type", "object class", "size", "position")
"""What groups of samples are made by; the first two from the words of the sentence."""
_EMPTY = np.array([1.0 if name == "oiou" else np.nan for name in SCORES])


@dataclass(frozen=True)
class SampleResult:
    """What a model made of a sample."""

    pair: str
    """Name of the pair of images."""
    sample: Sample
    counts: SampleCounts | None
    reason: str = ""
    """Why the sample failed; empty if it was answered."""
    answer_key: str = ""

    @cached_property
    def sums(self) -> Sums:
        """Sums (scores, 2) of the sample, see `SampleCounts.sums`; zero if it failed."""
        if self.counts is None:
            return np.zeros((len(SCORES), 2))
        found = self.counts.sums()
        return np.array([found[name] for name in SCORES], np.float64)

    @cached_property
    def groups(self) -> dict[str, str]:
        """Group of the sample on each of `AXES`; of a failed one only those of its words."""
        groups = {
            "change type": self.sample.change_type,
            "object class": self.sample.object_class,
        }
        if self.counts is not None:
            groups |= {"size": self.counts.size, "position": self.counts.position}
        return groups


@dataclass(frozen=True)
class Score:
    """A score with its interval of 95 %; NaN if no sample counts for it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Group:
    """Scores of the samples of a group."""

    axis: str
    name: str
    samples: int
    scores: dict[str, Score]


@dataclass(frozen=True)
class ModelScores:
    """Scores of a model on a split."""

    model: str
    samples: int
    """Answered samples."""
    failed: int
    pairs: int
    """Pairs with an answered sample."""
    scores: dict[str, Score]
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Comparison:
    """Two models on the samples that both answered."""

    score: str
    better: str
    """The model of the higher score; of equal ones the first of the configuration."""
    worse: str
    difference: Score
    p: float
    """Of a paired permutation test over pairs."""
    p_adjusted: float
    """By Holm's method, for the number of comparisons of a score on the split."""
    pairs: int


@dataclass(frozen=True)
class SplitScores:
    """Scores of all models on a split."""

    split: str
    models: tuple[ModelScores, ...]
    comparisons: tuple[Comparison, ...] = ()
    tiers: dict[str, list[list[str]]] = field(default_factory=dict)
    """Models in tiers, best first, by each of `TESTED`."""


def score_split(
    split: str,
    results: Mapping[str, Sequence[SampleResult]],
    *,
    resamples: int,
    seed: int,
    bounds: Collection[str] = (),
) -> SplitScores:
    """Return the scores of all models on a split.

    Args:
        split: name of the split.
        results: by model, of the same samples in the same order.
        resamples: number of bootstrap resamples.
        seed: seed.
        bounds: names of bounds, which are scored and neither compared nor ranked.
    """
    pairs = list(dict.fromkeys(r.pair for found in results.values() for r in found))
    models = tuple(_model(n, found, pairs, resamples, seed) for n, found in results.items())
    compared = {name: found for name, found in results.items() if name not in bounds}
    comparisons = _compare(compared, pairs, resamples, seed)
    # Only that way round: on the samples that both answered, the model with the higher score of its
    # own may be the worse one.
    by_models = {(c.score, c.better, c.worse): c.p_adjusted for c in comparisons}
    ranked = {
        name: tiers(
            {model.model: model.scores[name].value for model in models if model.model in compared},
            lambda a, b, name=name: by_models.get((name, a, b), 1.0),  # type: ignore[misc]
        )
        for name in TESTED
    }
    return SplitScores(split, models, comparisons, ranked)


def _model(
    name: str, results: Sequence[SampleResult], pairs: Sequence[str], resamples: int, seed: int
) -> ModelScores:
    answered = [result for result in results if result.counts is not None]
    keys = [(axis, group) for axis in AXES for group in _group_names(answered, axis)]
    members = [[r for r in answered if r.groups[axis] == group] for axis, group in keys]
    whole, *of_groups = _scores([answered, *members], pairs, resamples, seed)
    groups = zip(keys, members, of_groups, strict=True)
    return ModelScores(
        name,
        len(answered),
        len(results) - len(answered),
        len({result.pair for result in answered}),
        whole,
        tuple(Group(axis, group, len(found), scores) for (axis, group), found, scores in groups),
    )


def _group_names(results: Iterable[SampleResult], axis: str) -> list[str]:
    names = {result.groups[axis] for result in results}
    return sorted(names, key=lambda text: (SIZES.index(text) if text in SIZES else 0, text))


def _scores(
    sets: Sequence[Sequence[SampleResult]], pairs: Sequence[str], resamples: int, seed: int
) -> list[dict[str, Score]]:
    """Return the scores of sets of samples, all on the same resamples of pairs."""
    sums = np.concatenate([_pair_sums(results, pairs) for results in sets], axis=1)
    unknown = np.full(len(SCORES), np.nan)
    empty = np.concatenate([_EMPTY if results else unknown for results in sets])
    values = ratios(sums.sum(0), empty)
    resampled = ratios(bootstrap(sums, resamples, seed), empty)
    found = [Score(float(v), *interval(resampled[:, i])) for i, v in enumerate(values)]
    count = len(SCORES)
    return [
        dict(zip(SCORES, found[start : start + count], strict=True))
        for start in range(0, len(found), count)
    ]


def _pair_sums(results: Iterable[SampleResult], pairs: Sequence[str]) -> Sums:
    """Return the sums of each pair (pairs, scores, 2); zero for one without an answer."""
    sums = np.zeros((len(pairs), len(SCORES), 2))
    rows = {pair: row for row, pair in enumerate(pairs)}
    for result in results:
        sums[rows[result.pair]] += result.sums
    return sums


def _compare(
    results: Mapping[str, Sequence[SampleResult]], pairs: Sequence[str], resamples: int, seed: int
) -> tuple[Comparison, ...]:
    couples = list(itertools.combinations(results, 2))
    if not couples or not pairs:
        return ()
    tested = [SCORES.index(name) for name in TESTED]
    sums = np.stack([_common_sums(results[a], results[b], pairs)[:, :, tested] for a, b in couples])
    # (couples, 2, pairs, tested, 2) → one bootstrap of all columns, so that all are paired
    columns = sums.transpose(2, 0, 1, 3, 4).reshape(len(pairs), -1, 2)
    drawn = ratios(bootstrap(columns, resamples, seed), np.array(np.nan))
    drawn = drawn.reshape(resamples, len(couples), 2, len(tested))
    values = ratios(sums.sum(2), np.array(np.nan))  # (couples, 2, tested)
    found = []
    for at, score in enumerate(TESTED):
        differences = sums[:, 0, :, at, 0] - sums[:, 1, :, at, 0]
        p_values = permutation_p(differences.T, resamples, seed).tolist()
        adjusted = holm(p_values)
        for i, couple in enumerate(couples):
            counted = int(np.count_nonzero(sums[i, 0, :, at, 1]))
            if counted:
                limits = interval(drawn[:, i, 0, at] - drawn[:, i, 1, at])
                difference = Score(float(values[i, 0, at] - values[i, 1, at]), *limits)
                both = p_values[i], adjusted[i]
                found.append(_comparison(score, couple, difference, both, counted))
    return tuple(found)


def _common_sums(
    one: Sequence[SampleResult], other: Sequence[SampleResult], pairs: Sequence[str]
) -> Sums:
    """Return the sums (2, pairs, scores, 2) of two models over the samples that both answered."""
    both = [
        (a, b)
        for a, b in zip(one, other, strict=True)
        if a.counts is not None and b.counts is not None
    ]
    sides = [[a for a, _ in both], [b for _, b in both]]
    return np.stack([_pair_sums(side, pairs) for side in sides])


def _comparison(
    score: str,
    couple: tuple[str, str],
    difference: Score,
    p_values: tuple[float, float],
    pairs: int,
) -> Comparison:
    if difference.value < 0:
        couple = couple[1], couple[0]
        difference = Score(-difference.value, -difference.high, -difference.low)
    return Comparison(score, *couple, difference, *p_values, pairs)
