"""Which samples a report shows: worst, best and random cases, and those with a page."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mtrs_geo.benchmark.scoring import SampleResult
from mtrs_geo.benchmark.split_samples import Sample, SplitPair

if TYPE_CHECKING:
    from mtrs_geo.benchmark.run import BenchmarkResult

__all__ = ["KINDS", "Case", "Page", "choose_cases", "choose_pages"]

KINDS = ("worst", "best", "random", "failed")


@dataclass(frozen=True)
class Case:
    """An answer of a model that the report shows."""

    split: str
    model: str
    kinds: tuple[str, ...]
    """Some of `KINDS`."""
    result: SampleResult


@dataclass(frozen=True)
class Page:
    """A sample with a page of its own."""

    split: str
    pair: SplitPair
    sample: Sample
    name: str
    """Name of its files, without suffix."""
    pair_name: str
    """Name of the pictures of its pair, without suffix."""


def choose_cases(result: BenchmarkResult) -> list[Case]:
    """Return the cases of every split and model.

    Worst: lowest IoU, then most wrong pixels.  Best: highest IoU, then most right pixels, of
    samples with a target.  Random: the same samples for all models of a split.
    """
    count = result.config.cases
    cases = []
    for split, by_model in result.results.items():
        rng = random.Random(f"{result.config.seed} {split}")
        total = max(map(len, by_model.values()), default=0)
        drawn = sorted(rng.sample(range(total), min(count, total)))
        for model, found in by_model.items():
            kinds: dict[int, list[str]] = {}
            for kind, indices in _chosen(found, drawn, count):
                for index in indices:
                    kinds.setdefault(index, []).append(kind)
            cases += [Case(split, model, tuple(k), found[i]) for i, k in kinds.items()]
    return cases


def choose_pages(result: BenchmarkResult, cases: Sequence[Case]) -> dict[tuple[str, str], Page]:
    """Return the pages by split and id of the sample, in the order of the splits.

    Samples of cases come first; as many others follow as `BenchmarkConfig.pages` allows, the same
    number of each split.
    """
    wanted = dict.fromkeys((case.split, case.result.sample.id) for case in cases)
    every = {
        split: [(split, s.id) for pair in pairs for s in pair.samples]
        for split, pairs in result.pairs.items()
    }
    share = -(-result.config.pages // max(len(every), 1))
    for split, names in every.items():
        others = [name for name in names if name not in wanted]
        left = max(0, share - sum(name[0] == split for name in wanted))
        rng = random.Random(f"{result.config.seed} pages {split}")
        wanted |= dict.fromkeys(rng.sample(others, min(left, len(others))))
    return {(page.split, page.sample.id): page for page in _pages(result, wanted)}


def _pages(result: BenchmarkResult, wanted: dict[tuple[str, str], None]) -> Iterator[Page]:
    for split_number, (split, pairs) in enumerate(result.pairs.items()):
        for pair_number, pair in enumerate(pairs):
            pair_name = f"{split_number}_{pair_number}"
            for sample in pair.samples:
                if (split, sample.id) in wanted:
                    name = f"{pair_name}_{sample.position}"
                    yield Page(split, pair, sample, name, pair_name)


def _chosen(
    found: Sequence[SampleResult], drawn: Sequence[int], count: int
) -> Iterator[tuple[str, Sequence[int]]]:
    scored = [(i, r.counts) for i, r in enumerate(found) if r.counts is not None]
    wrong = [(c.iou, c.intersection - c.union, i) for i, c in scored if c.union > c.intersection]
    right = [(-c.iou, -c.intersection, i) for i, c in scored if c.intersection]
    yield "worst", [i for *_, i in sorted(wrong)[:count]]
    yield "best", [i for *_, i in sorted(right)[:count]]
    yield "random", drawn
    yield "failed", [i for i, r in enumerate(found) if r.counts is None][:count]
