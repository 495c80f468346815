"""Intervals, paired tests and rank tiers; the unit of resampling is a pair of images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Sums", "bootstrap", "holm", "interval", "permutation_p", "ratios", "tiers"]

Sums = npt.NDArray[np.float64]
"""(pairs, scores, 2): numerator and denominator of each score, summed over a pair's samples."""

_CHUNK = 256
_PERMUTATIONS_PER_RESAMPLE = 5
SIGNIFICANCE = 0.05


def ratios(sums: Sums, empty: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return numerators over denominators.

    Args:
        sums: (…, scores, 2).
        empty: (scores,), the value where the denominator is zero.

    Returns:
        (…, scores).
    """
    numerator, denominator = sums[..., 0], sums[..., 1]
    values = np.divide(
        numerator, denominator, out=np.full(numerator.shape, np.nan), where=denominator > 0
    )
    return np.where(denominator > 0, values, empty)


def bootstrap(sums: Sums, resamples: int, seed: int) -> Sums:
    """Return the sums of resampled pairs.

    The same seed and number of pairs give the same resamples, so that models can be compared on
    them.

    Args:
        sums: (pairs, scores, 2).
        resamples: number of resamples, each of as many pairs, drawn with replacement.
        seed: seed.

    Returns:
        (resamples, scores, 2).
    """
    pairs = len(sums)
    rng = np.random.default_rng(seed)
    flat = sums.reshape(pairs, -1)
    chunks = []
    for start in range(0, resamples, _CHUNK):
        drawn = rng.multinomial(pairs, np.full(pairs, 1 / pairs), min(_CHUNK, resamples - start))
        chunks.append(drawn @ flat)
    return np.concatenate(chunks).reshape(resamples, *sums.shape[1:])


def interval(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return the central 95 % of resampled values (resamples,); NaN if there are none."""
    values = values[np.isfinite(values)]
    if not values.size:
        return float("nan"), float("nan")
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def permutation_p(
    differences: npt.NDArray[np.float64], resamples: int, seed: int
) -> npt.NDArray[np.float64]:
    """Return the p values of paired permutation tests, two-sided.

    Under the null hypothesis the two models of a comparison may be exchanged on any pair, which
    changes the sign of its difference.

    Args:
        differences: (pairs, comparisons), difference of the numerators of a score on each pair;
            the denominators of both models are the same.
        resamples: a fifth of the number of random permutations.
        seed: seed.

    Returns:
        (comparisons,).
    """
    rng = np.random.default_rng(seed)
    observed = np.abs(differences.sum(0))
    # Sums of floating-point numbers in another order may differ in the last digits.
    limit = observed - 1e-9 * np.maximum(np.abs(differences).sum(0), 1e-12)
    count = _PERMUTATIONS_PER_RESAMPLE * resamples
    as_extreme = np.zeros(differences.shape[1])
    for start in range(0, count, _CHUNK):
        size = (min(_CHUNK, count - start), len(differences))
        signs = 2.0 * rng.integers(0, 2, size) - 1
        as_extreme += (np.abs(signs @ differences) >= limit).sum(0)
    p: npt.NDArray[np.float64] = (as_extreme + 1) / (count + 1)
    return p


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p values adjusted for their number by Holm's method.

    Source: S. Holm, A simple sequentially rejective multiple test procedure, 1979.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = highest
    return adjusted


def tiers(values: Mapping[str, float], p_value: Callable[[str, str], Any]) -> list[list[str]]:
    """Return names in tiers, best first.

    A name shares the tier of the best name above it unless they differ significantly.

    Args:
        values: score of each name; names with NaN are left out.
        p_value: returns the adjusted p value of two names.
    """
    found: list[list[str]] = []
    ranked = sorted(
        (name for name in values if np.isfinite(values[name])), key=lambda name: -values[name]
    )
    for name in ranked:
        if found and not p_value(found[-1][0], name) < SIGNIFICANCE:
            found[-1].append(name)
        else:
            found.append([name])
    return found
