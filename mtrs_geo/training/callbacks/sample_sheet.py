"""A picture of what a run has learnt: a dozen validation samples and their answers."""

from __future__ import annotations

import os
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from mtrs_geo.evaluation.sheet import legend, overlay, show
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["SampleSheet", "ShownSample", "draw_samples"]

_PANEL_PX = 256
_PANEL_INCHES, _TEXT_INCHES, _DPI = 1.75, 0.5, 100
_LINE_CHARACTERS, _LINES = 84, 2
_PANELS = ("before", "after", "truth", "answer")


@dataclass(frozen=True)
class ShownSample:
    """One question and its answer, small enough to be kept."""

    task: str
    text: str
    before: UInt8Array
    """(H, W, 3)."""
    after: UInt8Array
    """(H, W, 3)."""
    truth: BoolArray
    """(H, W)."""
    answer: BoolArray
    """(H, W)."""


class SampleSheet(Callback):
    """Draws ``samples.png`` in the run's folder after every validation.

    The answers are those of validation itself, so of averaged weights where they are
    averaged.  Every task gets its share of the places, and the same samples are shown each
    time.

    Args:
        count: samples on the sheet.
    """

    def __init__(self, count: int = 12) -> None:
        self.count = count
        self.kept: dict[str, list[ShownSample]] = {}
        self.seen: dict[str, int] = {}

    def on_validation_epoch_start(self, trainer: Trainer, module: LightningModule) -> None:
        """Begin anew."""
        self.kept, self.seen = {}, {}
        self.rng = np.random.default_rng(0)

    def on_validation_batch_end(
        self,
        trainer: Trainer,
        module: LightningModule,
        outputs: Any,  # noqa: ANN401 - what `validation_step` returned
        batch: dict[str, Any],
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Keep some of a batch: of each task, every sample with the same chance."""
        if not trainer.is_global_zero:
            return
        for i, task in enumerate(outputs["tasks"]):
            number = self.seen[task] = self.seen.get(task, 0) + 1
            kept = self.kept.setdefault(task, [])
            if len(kept) < self.count:
                kept.append(_sample(outputs, batch, i))
            elif (place := int(self.rng.integers(number))) < self.count:
                kept[place] = _sample(outputs, batch, i)

    def on_validation_end(self, trainer: Trainer, module: LightningModule) -> None:
        """Draw."""
        if trainer.sanity_checking or not self.kept:
            return
        by_task = [self.kept[task] for task in sorted(self.kept)]
        turns = (sample for turn in zip_longest(*by_task) for sample in turn if sample is not None)
        path = Path(trainer.default_root_dir) / "samples.png"
        draw_samples(path, list(islice(turns, self.count)), f"step {trainer.global_step}")


def _sample(outputs: Any, batch: dict[str, Any], i: int) -> ShownSample:  # noqa: ANN401
    pair = int(outputs["index"][i])
    step = max(1, batch["after"].shape[-1] // _PANEL_PX)
    images = [
        batch[date][pair, :, ::step, ::step].to("cpu", torch.uint8).permute(1, 2, 0).numpy().copy()
        for date in ("before", "after")
    ]
    masks = [outputs[name][i, ::step, ::step].cpu().numpy().copy() for name in ("truth", "answer")]
    return ShownSample(outputs["tasks"][i], outputs["texts"][i], *images, *masks)


def draw_samples(path: Path, samples: Sequence[ShownSample], title: str) -> None:
    """Draw samples in two columns: both dates, the truth, and the answer against it.

    Args:
        path: .png file; replaced.
        samples: at least one.
        title: of the sheet.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = -(-len(samples) // 2)
    width = 2 * len(_PANELS) * _PANEL_INCHES + 0.4
    body_inches = rows * (_PANEL_INCHES + _TEXT_INCHES)
    figure = Figure((width, body_inches + 0.9), dpi=_DPI)
    FigureCanvasAgg(figure)
    parts: Any = figure.subfigures(3, 1, height_ratios=(0.4, body_inches, 0.5))
    head, body, foot = parts
    head.text(0.5, 0.35, title, ha="center", fontsize=12)
    for column, half in enumerate(body.subfigures(1, 2, wspace=0.01)):
        _draw_column(half, samples[column::2], rows)
    legend(foot)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with warnings.catch_warnings():
        # A sentence may be in any script; a font without it draws boxes, which is enough.
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        figure.savefig(part, format="png")
    os.replace(part, path)


def _draw_column(half: Any, samples: Sequence[ShownSample], rows: int) -> None:  # noqa: ANN401
    share = _TEXT_INCHES / (_PANEL_INCHES + _TEXT_INCHES)
    axes = half.subplots(
        rows, len(_PANELS), squeeze=False,
        gridspec_kw={"left": 0.01, "right": 0.99, "bottom": 0.0, "top": 1 - share / rows,
                     "wspace": 0.03, "hspace": share / (1 - share)},
    )  # fmt: skip
    for panel in axes.flat:
        panel.set_axis_off()
    for row, sample in zip(axes, samples, strict=False):
        _draw_sample(row, sample)


def _draw_sample(row: Sequence[Any], sample: ShownSample) -> None:
    pictures = (
        sample.before,
        sample.after,
        overlay(sample.after, sample.truth, sample.truth),
        overlay(sample.after, sample.answer, sample.truth),
    )
    for panel, picture, name in zip(row, pictures, _PANELS, strict=True):
        show(panel, picture, name)
    text = textwrap.wrap(sample.text, _LINE_CHARACTERS)
    said = "\n".join(text[:_LINES]) + (" …" if len(text) > _LINES else "")
    row[0].set_title(
        f"{_verdict(sample)}   ({sample.task.replace('_', ' ')})\n{said}",
        loc="left", fontsize=8.5, parse_math=False, pad=3,
    )  # fmt: skip


def _verdict(sample: ShownSample) -> str:
    if not sample.truth.any():
        return "nothing to find: " + ("found something" if sample.answer.any() else "right")
    both, either = sample.truth & sample.answer, sample.truth | sample.answer
    return f"IoU {both.sum() / either.sum():.2f}"
