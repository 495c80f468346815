"""`evaluate`: predict every expression of a split and score the predictions."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrs_geo.data.split.grouping import group_files, read_group
from mtrs_geo.data.split.reader import PairFiles, ReferringPair, open_split
from mtrs_geo.errors import Cancelled, ModelError, RasterError
from mtrs_geo.evaluation.cases import Case, CaseRanking
from mtrs_geo.evaluation.sheet import write_sheet
from mtrs_geo.evaluation.table import SampleScore, scores_as_json, write_scores, write_table
from mtrs_geo.metrics import BinaryCounts, ReferringMetrics, ReferringScores
from mtrs_geo.models import MirroredSegmenter, given_model, model_files
from mtrs_geo.models.contract import ChangeSegmenter, ModelInfo
from mtrs_geo.outputs import staged_folder
from mtrs_geo.progress import Silent
from mtrs_geo.types import BoolArray

if TYPE_CHECKING:
    from mtrs_geo.models.runtime.segmenter import Precision
    from mtrs_geo.progress import Progress

__all__ = ["Evaluation", "SampleScore", "evaluate"]

_THRESHOLD = 0.5
_TABLE, _SCORES, _SHEET = _FILES = "samples.csv", "scores.json", "cases.png"


@dataclass(frozen=True)
class Evaluation:
    """Result of an evaluation."""

    scores: ReferringScores
    samples: tuple[SampleScore, ...] = field(repr=False)
    """One per expression, in the order of the split."""
    model: ModelInfo
    encodes: int
    """Number of encoded pairs; all expressions of a pair share one encoding."""
    seconds: float
    table: Path | None = None
    """Path of samples.csv."""
    sheet: Path | None = None
    """Path of cases.png."""

    def as_json(self) -> dict[str, Any]:
        """Return the result as JSON values, scores first."""
        return scores_as_json(self.scores) | {
            "model": self.model.name,
            "model_version": self.model.version,
            "encodes": self.encodes,
            "seconds": round(self.seconds, 3),
            "table": None if self.table is None else str(self.table),
            "sheet": None if self.sheet is None else str(self.sheet),
        }

    def summary(self) -> Iterator[str]:
        """Yield a summary in lines of text."""
        scores = self.scores
        yield (
            f"{scores.samples} expressions of {self.encodes} pairs, "
            f"{scores.no_target_samples} without target, in {self.seconds:.1f} s"
        )
        precisions = (scores.pr50, scores.pr60, scores.pr70, scores.pr80, scores.pr90)
        yield f"mIoU {scores.miou:.4f}  oIoU {scores.oiou:.4f}"
        yield "Pr@0.5 … 0.9  " + "  ".join(f"{share:.4f}" for share in precisions)
        parts = {
            "mIoU of non-empty": scores.miou_nonempty,
            "no-target accuracy": scores.no_target_accuracy,
        }
        # NaN: the split has no such sentence.
        yield "  ".join(f"{name} {v:.4f}" for name, v in parts.items() if not math.isnan(v))
        if self.table is not None:
            yield f"all expressions: {self.table}, worst and best: {self.sheet}"


def evaluate(
    data: Path | str,
    *,
    model: str | Path | ChangeSegmenter = "tiny",
    output: Path | str | None = None,
    device: str = "auto",
    precision: Precision = "float32",
    mirrored: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Evaluation:
    """Score a model on a split in MTRefSeg-21K's layout, as in the paper.

    Expressions are passed to the model unchanged, on whole images.  The predicted mask is where
    the probability exceeds 0.5.  Metrics: `mtrs_geo.metrics`.

    Args:
        data: folder with A, B, masks and referring_expression.
        model: as in `load_model`, or a loaded model.
        output: new folder for samples.csv, scores.json and cases.png.
        device: as in `load_model`; not for a loaded model.
        precision: as in `load_model`; not for a loaded model.
        mirrored: average the predictions over mirror images, see `MirroredSegmenter`.
        overwrite: replace an existing folder.
        progress: advances once per expression.

    Raises:
        RasterError: if the split is incomplete or inconsistent, or has no sentence.
        ModelError: if the model cannot be loaded, or its answer is not a number.
        OutputError: if the folder exists, holds the model or other files than these, or cannot be
            written.
        Cancelled: if ``progress`` is cancelled; nothing is written.
    """
    started = time.perf_counter()
    split = open_split(data)
    if not split.expression_count:
        msg = f"no pair of {data} has a sentence."
        raise RasterError(msg, advice="docs/evaluate.md describes the JSON files.")
    with ExitStack() as stack:
        target = None if output is None else Path(os.path.expanduser(output))
        partial = None
        if target is not None:
            inputs = [data, *(model_files(model) if isinstance(model, str | Path) else ())]
            partial = stack.enter_context(
                staged_folder(target, overwrite=overwrite, inputs=inputs, contents=_FILES)
            )
        segmenter = given_model(model, device, precision)
        if mirrored:
            segmenter = MirroredSegmenter(segmenter)
        progress = progress or Silent()
        progress.start(split.expression_count, "expressions")
        scorer = _Scorer(CaseRanking())
        for pair in _pairs(split.files):
            if progress.cancelled:
                msg = "the evaluation was cancelled; nothing was written."
                raise Cancelled(msg)
            scorer.add(pair, segmenter)
            progress.advance(len(pair.expressions))
        scores, seconds = scorer.metrics.compute(), time.perf_counter() - started
        if partial is not None:
            write_table(partial / _TABLE, scorer.samples)
            write_scores(partial / _SCORES, scores, segmenter.info)
            write_sheet(partial / _SHEET, scorer.ranking, segmenter.info.name)
    return Evaluation(
        scores,
        tuple(scorer.samples),
        segmenter.info,
        scorer.encodes,
        seconds,
        table=None if target is None else target / _TABLE,
        sheet=None if target is None else target / _SHEET,
    )


class _Scorer:
    """Metrics, sample scores and cases, updated pair by pair."""

    def __init__(self, ranking: CaseRanking) -> None:
        self.metrics = ReferringMetrics()
        self.samples: list[SampleScore] = []
        self.ranking = ranking
        self.encodes = 0

    def add(self, pair: ReferringPair, model: ChangeSegmenter) -> None:
        if not pair.expressions:
            return
        probabilities = model.predict(pair.before, pair.after, pair.expressions)
        if not np.isfinite(probabilities).all():
            msg = f"{model.info.name} returned NaN or infinity for pair {pair.name}."
            raise ModelError(msg, advice="Its weights are damaged: train or copy it again.")
        predictions = probabilities > _THRESHOLD
        self.encodes += 1
        for i, text in enumerate(pair.expressions):
            self._add_expression(pair, i, text, predictions[i])

    def _add_expression(
        self, pair: ReferringPair, index: int, text: str, prediction: BoolArray
    ) -> None:
        truth = pair.masks[index]
        iou = self.metrics.update(prediction, truth)
        counts = BinaryCounts()
        counts.update(prediction, truth)
        sample = SampleScore(
            pair=pair.name,
            index=index,
            expression=text,
            iou=iou,
            hit_px=counts.true_positive,
            false_px=counts.false_positive,
            missed_px=counts.false_negative,
        )
        self.samples.append(sample)
        self.ranking.add(Case(sample, pair.before, pair.after, prediction, truth))


def _pairs(files: Sequence[PairFiles]) -> Iterator[ReferringPair]:
    """Yield pairs while reading the next one; JSON files of the same images are merged."""
    queue = group_files(files)
    with ThreadPoolExecutor(1) as reader:
        pending = reader.submit(read_group, queue[0])
        for next_group in [*queue[1:], None]:
            pair = pending.result()
            if next_group is not None:
                pending = reader.submit(read_group, next_group)
            yield pair
