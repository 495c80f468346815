"""`evaluate`: every expression of a split is asked, and the answers are scored."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrs_geo.data.split.reader import PairFiles, ReferringPair, open_split, read_pair
from mtrs_geo.errors import Cancelled
from mtrs_geo.evaluation.cases import Case, CaseBook
from mtrs_geo.evaluation.sheet import write_sheet
from mtrs_geo.evaluation.table import SampleScore, scores_as_json, write_scores, write_table
from mtrs_geo.metrics import BinaryCounts, ReferringMetrics, ReferringScores
from mtrs_geo.models import MirroredSegmenter, load_model
from mtrs_geo.models.contract import ChangeSegmenter, ModelInfo
from mtrs_geo.outputs import staged_folder
from mtrs_geo.progress import Silent
from mtrs_geo.types import BoolArray

if TYPE_CHECKING:
    from mtrs_geo.models.runtime.segmenter import Precision
    from mtrs_geo.progress import Progress

__all__ = ["Evaluation", "SampleScore", "evaluate"]

_THRESHOLD = 0.5


@dataclass(frozen=True)
class Evaluation:
    """What came out of an evaluation."""

    scores: ReferringScores
    samples: tuple[SampleScore, ...]
    """One for each expression, in the order of the split."""
    model: ModelInfo
    encodes: int
    """How many pairs the model saw; expressions of one pair share it."""
    seconds: float
    table: Path | None = None
    """samples.csv."""
    sheet: Path | None = None
    """cases.png."""

    def as_json(self) -> dict[str, Any]:
        """Return what a program may want to read, scores by name first."""
        return scores_as_json(self.scores) | {
            "model": self.model.name,
            "model_version": self.model.version,
            "encodes": self.encodes,
            "seconds": round(self.seconds, 3),
            "table": None if self.table is None else str(self.table),
            "sheet": None if self.sheet is None else str(self.sheet),
        }

    def summary(self) -> Iterator[str]:
        """Yield lines for the user."""
        scores = self.scores
        yield (
            f"{scores.samples} expressions about {self.encodes} pairs, "
            f"{scores.no_target_samples} without target, in {self.seconds:.1f} s"
        )
        precisions = (scores.pr50, scores.pr60, scores.pr70, scores.pr80, scores.pr90)
        yield f"mIoU {scores.miou:.4f}  oIoU {scores.oiou:.4f}"
        yield "Pr@0.5 … 0.9  " + "  ".join(f"{share:.4f}" for share in precisions)
        yield (
            f"mIoU of non-empty {scores.miou_nonempty:.4f}  "
            f"no-target accuracy {scores.no_target_accuracy:.4f}"
        )
        if self.table is not None:
            yield f"every expression: {self.table}, worst and best: {self.sheet}"


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
    """Score a model on a split in MTRefSeg-21K's layout, as the paper does.

    Expressions go to the model as they are, on whole images; a pixel belongs to the
    answer where its probability exceeds 0.5.  Metrics: `mtrs_geo.metrics`.

    Args:
        data: folder with A, B, masks and referring_expression.
        model: as in `load_model`, or a segmenter that is loaded already.
        output: folder that receives samples.csv, scores.json and cases.png.
        device: as in `load_model`.
        precision: as in `load_model`.
        mirrored: average answers with those about mirror images, see `MirroredSegmenter`.
        overwrite: replace what ``output`` holds.
        progress: receives one step an expression.

    Raises:
        RasterError: if the split does not hold together.
        ModelError: if the model cannot be loaded.
        OutputError: if the folder is taken or cannot be written.
        Cancelled: if ``progress`` asked to stop; nothing is left behind.
    """
    began = time.perf_counter()
    split = open_split(data)
    with ExitStack() as stack:
        target = None if output is None else Path(output)
        part = None
        if target is not None:
            part = stack.enter_context(staged_folder(target, overwrite=overwrite))
        segmenter = _load(model, device, precision)
        if mirrored:
            segmenter = MirroredSegmenter(segmenter)
        progress = progress or Silent()
        progress.start(split.expressions, "expressions")
        marks = _Marks(CaseBook())
        for pair in _pairs(split.files):
            if progress.cancelled:
                msg = "the evaluation was stopped; nothing was written"
                raise Cancelled(msg)
            marks.add(pair, segmenter)
            progress.advance(len(pair.expressions))
        scores, seconds = marks.metrics.compute(), time.perf_counter() - began
        if part is not None:
            write_table(part / "samples.csv", marks.samples)
            write_scores(part / "scores.json", scores, segmenter.info)
            write_sheet(part / "cases.png", marks.book, segmenter.info.name)
    return Evaluation(
        scores,
        tuple(marks.samples),
        segmenter.info,
        marks.encodes,
        seconds,
        table=None if target is None else target / "samples.csv",
        sheet=None if target is None else target / "cases.png",
    )


class _Marks:
    """Sums and lists that grow pair by pair."""

    def __init__(self, book: CaseBook) -> None:
        self.metrics = ReferringMetrics()
        self.samples: list[SampleScore] = []
        self.book = book
        self.encodes = 0

    def add(self, pair: ReferringPair, model: ChangeSegmenter) -> None:
        if not pair.expressions:
            return
        answers = model.predict(pair.before, pair.after, pair.expressions) > _THRESHOLD
        self.encodes += 1
        for i, text in enumerate(pair.expressions):
            self._add_one(pair, i, text, answers[i])

    def _add_one(self, pair: ReferringPair, index: int, text: str, answer: BoolArray) -> None:
        truth = pair.masks[index]
        iou = self.metrics.update(answer, truth)
        counts = BinaryCounts()
        counts.update(answer, truth)
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
        self.book.offer(Case(sample, pair.before, pair.after, answer, truth))


def _load(
    model: str | Path | ChangeSegmenter, device: str, precision: Precision
) -> ChangeSegmenter:
    return load_model(model, device, precision) if isinstance(model, str | Path) else model


def _pairs(files: Sequence[PairFiles]) -> Iterator[ReferringPair]:
    """Read pairs one ahead; JSON files about the same two images become one pair."""
    groups: dict[tuple[Path, Path], list[PairFiles]] = {}
    for one in files:
        groups.setdefault((one.before, one.after), []).append(one)
    queue = list(groups.values())
    with ThreadPoolExecutor(1) as reader:
        ahead = reader.submit(_read_group, queue[0])
        for following in [*queue[1:], None]:
            pair = ahead.result()
            if following is not None:
                ahead = reader.submit(_read_group, following)
            yield pair


def _read_group(group: Sequence[PairFiles]) -> ReferringPair:
    pairs = [read_pair(files) for files in group]
    first = pairs[0]
    if len(pairs) == 1:
        return first
    texts = tuple(text for pair in pairs for text in pair.expressions)
    masks = np.concatenate([pair.masks for pair in pairs])
    return ReferringPair(first.name, first.before, first.after, texts, masks)
