"""Intervals over pairs, exact tests by enumeration, Holm's method and tiers by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from mtrs_geo.benchmark.sample_counts import SCORES, count_sample
from mtrs_geo.benchmark.scoring import SampleResult, score_split
from mtrs_geo.benchmark.split_samples import Sample
from mtrs_geo.benchmark.statistics import bootstrap, holm, permutation_p, ratios, tiers

RESAMPLES = 2000


def results(ious: list[float], sentences: int = 1) -> list[SampleResult]:
    """A sample per pair and sentence with about these IoUs; failed where NaN."""
    truth = np.ones((10, 100), bool)
    found = []
    for pair, iou in enumerate(ious):
        prediction = np.arange(1000).reshape(10, 100) < (0 if np.isnan(iou) else round(1000 * iou))
        counts = None if np.isnan(iou) else count_sample(prediction, truth)
        for index in range(sentences):
            sample = Sample(f"p{pair}", index, index, "new houses")
            found.append(SampleResult(f"p{pair}", sample, counts, "" if counts else "broken"))
    return found


def miou(ious: list[float], sentences: int = 1) -> tuple[float, float, float]:
    scores = score_split("s", {"m": results(ious, sentences)}, resamples=RESAMPLES, seed=0)
    score = scores.models[0].scores["miou"]
    return score.value, score.low, score.high


def test_the_interval_is_that_of_the_mean_over_pairs() -> None:
    ious = np.random.default_rng(0).random(200).round(3)
    value, low, high = miou(list(ious))
    assert value == pytest.approx(ious.mean())
    error = ious.std() / np.sqrt(200)
    assert low == pytest.approx(ious.mean() - 1.96 * error, abs=0.006)
    assert high == pytest.approx(ious.mean() + 1.96 * error, abs=0.006)


def test_more_sentences_of_the_same_pairs_do_not_narrow_it() -> None:
    ious = [0.1, 0.5, 0.9, 0.3, 0.7]
    assert miou(ious, sentences=8) == pytest.approx(miou(ious))


def test_resamples_are_the_same_for_every_model() -> None:
    sums = np.random.default_rng(1).random((30, 4, 2))
    both = bootstrap(np.concatenate([sums, 2 * sums], axis=1), 50, seed=3)
    assert both[:, :4] == pytest.approx(bootstrap(sums, 50, seed=3))
    assert both[:, 4:] == pytest.approx(2 * both[:, :4])
    assert np.isnan(ratios(np.zeros((3, 2)), np.full(3, np.nan))).all()


def test_p_values_are_those_of_all_permutations() -> None:
    differences = np.array([0.3, -0.1, 0.4, 0.2, 0.05, 0.6, -0.2, 0.1])
    signs = np.array(list(product((-1, 1), repeat=8)))
    exact = (np.abs(signs @ differences) >= abs(differences.sum()) - 1e-9).mean()
    columns = np.stack([differences, -differences, 0 * differences], axis=1)
    p = permutation_p(columns, RESAMPLES, seed=0)
    assert p[0] == p[1] == pytest.approx(exact, abs=0.01)
    assert p[2] == 1


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_tiers_by_hand() -> None:
    values = {"c": 0.5, "a": 0.9, "b": 0.85, "d": 0.45, "none": float("nan")}
    apart = {("a", "c"), ("a", "d")}
    found = tiers(values, lambda one, other: 0.01 if (one, other) in apart else 0.3)
    assert found == [["a", "b"], ["c", "d"]]


def test_models_that_differ_get_tiers_of_their_own() -> None:
    rng = np.random.default_rng(2)
    base = rng.uniform(0.3, 0.6, 60)
    models = {
        "low": results(list(base.round(3))),
        "high": results(list((base + 0.2).round(3))),
        "same": results(list((base + rng.normal(0, 0.05, 60)).clip(0, 1).round(3))),
        "oracle": results([1.0] * 60),
    }
    scores = score_split("s", models, resamples=RESAMPLES, seed=0, bounds=["oracle"])
    assert [set(tier) for tier in scores.tiers["miou"]] == [{"high"}, {"low", "same"}]
    found = {(c.score, c.better, c.worse): c for c in scores.comparisons}
    clear = found["miou", "high", "low"]
    assert clear.difference.value == pytest.approx(0.2, abs=1e-3)
    assert clear.difference.low == pytest.approx(0.2, abs=2e-3)
    assert clear.p_adjusted < 0.01
    assert not any("oracle" in (c.better, c.worse) for c in scores.comparisons)
    assert not any(c.score == "no_target_accuracy" for c in scores.comparisons)


def test_a_model_that_fails_where_it_is_hard_is_in_no_better_tier() -> None:
    nan = float("nan")
    models = {"solid": results([1.0] * 20 + [0.3] * 20), "picky": results([0.8] * 20 + [nan] * 20)}
    scores = score_split("s", models, resamples=RESAMPLES, seed=0)
    solid, picky = (model.scores["miou"].value for model in scores.models)
    assert picky > solid, "each on the samples that it answered"
    comparison = next(c for c in scores.comparisons if c.score == "miou")
    assert (comparison.better, comparison.pairs) == ("solid", 20)
    assert comparison.p_adjusted < 0.01
    assert scores.tiers["miou"] == [["picky", "solid"]]


def test_failed_samples_are_in_no_score_and_no_comparison() -> None:
    nan = float("nan")
    models = {"a": results([0.5, nan, 0.9, 0.1]), "b": results([0.25, 0.8, 0.7, nan])}
    scores = score_split("s", models, resamples=RESAMPLES, seed=0)
    a, b = scores.models
    assert (a.samples, a.failed, a.pairs) == (3, 1, 3)
    assert a.scores["miou"].value == pytest.approx(0.5)
    assert b.scores["miou"].value == pytest.approx((0.25 + 0.8 + 0.7) / 3)
    comparison = next(c for c in scores.comparisons if c.score == "miou")
    assert comparison.difference.value == pytest.approx((0.25 + 0.2) / 2)
    assert comparison.pairs == 2
    everything_failed = score_split("s", {"a": results([nan])}, resamples=100, seed=0)
    values = everything_failed.models[0].scores
    assert all(np.isnan(values[name].value) for name in SCORES)
