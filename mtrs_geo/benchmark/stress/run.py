"""`run_stress`: a model's scores at every level of every axis."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from mtrs_geo.benchmark.config import ModelEntry, SplitEntry
from mtrs_geo.benchmark.serve import reason_of
from mtrs_geo.benchmark.sources import THRESHOLD, load_segmenter, source_files
from mtrs_geo.benchmark.split_samples import list_pairs, read_samples
from mtrs_geo.benchmark.stress.axis import Axis
from mtrs_geo.benchmark.stress.colour_axes import COLOUR_AXES
from mtrs_geo.benchmark.stress.image_axes import IMAGE_AXES
from mtrs_geo.benchmark.stress.wording_axes import WORDING_AXES
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.errors import Cancelled, RequestError
from mtrs_geo.metrics import ReferringMetrics
from mtrs_geo.models.contract import ChangeSegmenter
from mtrs_geo.outputs import staged_folder
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.types import BoolArray

__all__ = ["AXES", "Curve", "StressResult", "run_stress"]

_CONTENTS = ("stress.json", "stress.md", "curves.png", "index.html", "pictures/*.webp")

AXES: Sequence[Axis] = (*IMAGE_AXES, *COLOUR_AXES, *WORDING_AXES)


@dataclass
class Curve:
    """The scores of a model along an axis."""

    axis: Axis
    values: dict[float, float] = field(default_factory=dict)
    """Score by level, relative to the undisturbed one; NaN if nothing was scored."""
    reworded: float | None = None
    """Share of the sentences that the axis changed; None for images."""

    @property
    def kept(self) -> float:
        """The mean over the disturbed levels: the area under the curve, relative to clean."""
        values = [value for value in self.values.values() if math.isfinite(value)]
        return float(np.mean(values)) if values else math.nan


@dataclass
class StressResult:
    """What a model keeps of its score."""

    model: str
    pairs: int
    clean_miou: float
    curves: list[Curve]
    failed: dict[str, str]
    """Why levels failed, by ``AXIS LEVEL PAIR``; a failed pair is in no score of its level."""


def run_stress(
    entry: ModelEntry,
    data: Path | str,
    output: Path | str | None = None,
    *,
    axes: Sequence[str] = (),
    limit: int | None = None,
    seed: int = 0,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> StressResult:
    """Score a model on disturbed pairs.

    Args:
        entry: the model; no bound and no folder of predictions.
        data: folder of the split.
        output: new folder for stress.json, stress.md, curves.png and a page, index.html; None
            writes nothing.
        axes: names of axes; empty is all.
        limit: number of pairs, the first ones; None is all.
        seed: of what is drawn at random: noise, errors and order of words.
        overwrite: replace an existing folder.
        progress: advances once per pair and level.

    Raises:
        RequestError: if an axis is unknown, or the model is a bound or a folder of predictions.
        RasterError: if the split cannot be read.
        ModelError: if the model cannot be loaded.
        OutputError: if the folder exists, holds the model or other files than these, or cannot be
            written.
        Cancelled: if ``progress`` is cancelled; nothing is written.
    """
    chosen = _axes(axes)
    if not entry.is_measured:
        msg = f"{entry.model} is no model that can be stressed."
        raise RequestError(msg, advice="Give the name or folder of a model.")
    pairs = list_pairs(SplitEntry("split", Path(data)))[:limit]
    progress = progress or Silent()
    progress.start(len(pairs) * (1 + sum(len(axis.levels) for axis in chosen)), "levels")
    stress = _Stress(load_segmenter(entry), chosen, seed, progress)
    if output is None:
        for pair in pairs:
            stress.add(read_samples(pair))
        return stress.result(entry.name, len(pairs))
    from mtrs_geo.benchmark.stress.curves import write_stress
    from mtrs_geo.benchmark.stress.examples import write_examples

    with staged_folder(
        Path(output), overwrite=overwrite, inputs=[data, *source_files(entry)], contents=_CONTENTS
    ) as folder:
        for pair in pairs:
            stress.add(read_samples(pair))
        result = stress.result(entry.name, len(pairs))
        shown = read_samples(pairs[0])
        examples = write_examples(
            folder, shown, chosen, lambda axis, level: disturbed(axis, level, shown, seed)
        )
        write_stress(folder, result, examples)
    return result


def disturbed(axis: Axis, level: float, pair: ReferringPair, seed: int) -> ReferringPair:
    """Return a pair at a level of an axis, the same for every model and every choice of axes."""
    numbers = seed, AXES.index(axis), list(axis.levels).index(level)
    return axis.disturb(pair, level, np.random.default_rng(numbers))


def _axes(names: Sequence[str]) -> list[Axis]:
    known = {axis.name: axis for axis in AXES}
    if unknown := [name for name in names if name not in known]:
        msg = f"unknown axes: {', '.join(unknown)}."
        raise RequestError(msg, advice=f"Known: {', '.join(known)}.")
    return [known[name] for name in dict.fromkeys(names)] if names else list(AXES)


class _Stress:
    """Sums of scores, updated pair by pair."""

    def __init__(
        self, segmenter: ChangeSegmenter, axes: Sequence[Axis], seed: int, progress: Progress
    ) -> None:
        self._segmenter = segmenter
        self._axes = axes
        self._seed = seed
        self._progress = progress
        self._clean = ReferringMetrics()
        self._metrics = {(axis.name, n): ReferringMetrics() for axis in axes for n in axis.levels}
        self._shares: dict[tuple[str, float], list[float]] = {key: [] for key in self._metrics}
        self._reworded: dict[str, list[bool]] = {axis.name: [] for axis in axes}
        self._failed: dict[str, str] = {}

    def add(self, pair: ReferringPair) -> None:
        """Score a pair at every level; a pair without a clean answer is left out."""
        clean = self._answer("clean", pair, lambda: pair)
        if clean is not None:
            for answer, truth in zip(clean[0], pair.masks, strict=True):
                self._clean.update(answer, truth)
        for axis in self._axes:
            for level in axis.levels:
                if clean is None:
                    self._progress.advance()
                    continue
                make = partial(disturbed, axis, level, pair, self._seed)
                found = self._answer(f"{axis.name} {level:g}", pair, make)
                if found is not None:
                    self._count(axis, level, *found, clean[0])
                    self._compare_sentences(axis, pair, found[1])

    def result(self, model: str, pairs: int) -> StressResult:
        """Return the curves."""
        clean = self._clean.compute().miou
        curves = [
            Curve(
                axis,
                {level: self._value(axis, level, clean) for level in axis.levels},
                self._share_reworded(axis),
            )
            for axis in self._axes
        ]
        return StressResult(model, pairs, clean, curves, self._failed)

    def _answer(
        self, level: str, pair: ReferringPair, make: Callable[[], ReferringPair]
    ) -> tuple[BoolArray, ReferringPair] | None:
        """Return the answers to a disturbed pair, and this pair; None if that failed."""
        if self._progress.cancelled:
            msg = "the stress test was cancelled; nothing was written."
            raise Cancelled(msg)
        try:
            made = make()
            found = self._segmenter.predict(made.before, made.after, list(made.expressions))
        except Exception as error:  # noqa: BLE001 - recorded as the reason of the failure
            self._failed[f"{level} {pair.name}"] = reason_of(error)
            return None
        finally:
            self._progress.advance()
        return found > THRESHOLD, made

    def _count(
        self, axis: Axis, level: float, answers: BoolArray, made: ReferringPair, clean: BoolArray
    ) -> None:
        truths = made.masks
        rows, cols = truths.shape[1:]
        for answer, truth, expected in zip(answers, truths, clean, strict=True):
            if axis.measure == "consistency":
                self._metrics[axis.name, level].update(answer, expected[-rows:, -cols:])
            elif axis.measure == "mIoU":
                self._metrics[axis.name, level].update(answer, truth)
            elif truth.any():
                self._shares[axis.name, level].append(1 - float(answer[truth].mean()))

    def _compare_sentences(self, axis: Axis, pair: ReferringPair, made: ReferringPair) -> None:
        for old, new in zip(pair.expressions, made.expressions, strict=True):
            self._reworded[axis.name].append(old != new)

    def _share_reworded(self, axis: Axis) -> float | None:
        found = self._reworded[axis.name]
        return float(np.mean(found)) if axis.is_wording and found else None

    def _value(self, axis: Axis, level: float, clean: float) -> float:
        score = self._metrics[axis.name, level].compute().miou
        if axis.measure == "consistency":
            return score
        if axis.measure == "mIoU":
            return score / clean if clean else math.nan
        shares = self._shares[axis.name, level]
        return float(np.mean(shares)) if shares else math.nan
