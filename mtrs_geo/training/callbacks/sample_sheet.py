"""Sheet of validation samples with their true and predicted masks."""

from __future__ import annotations

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
from mtrs_geo.outputs import staged_file
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["SampleSheet", "SheetSample", "draw_samples"]

_PANEL_PX = 256
_PANEL_INCHES, _TEXT_INCHES, _DPI = 1.75, 0.5, 100
_LINE_CHARACTERS, _LINES = 84, 2
_PANELS = ("before", "after", "truth", "prediction")


@dataclass(frozen=True)
class SheetSample:
    """One expression with its true and predicted mask, reduced in size."""

    task: str
    text: str
    before: UInt8Array
    """(H, W, 3)."""
    after: UInt8Array
    """(H, W, 3)."""
    truth: BoolArray
    """(H, W)."""
    prediction: BoolArray
    """(H, W)."""


class SampleSheet(Callback):
    """Draws ``samples.png`` in the run's folder after every validation.

    The predictions are those of validation, so they use averaged weights if the run averages.
    Every task has an equal number of samples, and the same samples are drawn each time.

    Args:
        count: number of samples on the sheet.
    """

    def __init__(self, count: int = 12) -> None:
        self.count = count
        self.samples: dict[str, list[SheetSample]] = {}
        self.totals: dict[str, int] = {}

    def on_validation_epoch_start(self, trainer: Trainer, module: LightningModule) -> None:
        """Clear the samples."""
        self.samples, self.totals = {}, {}
        self.rng = np.random.default_rng(0)

    def on_validation_batch_end(
        self,
        trainer: Trainer,
        module: LightningModule,
        outputs: Any,  # noqa: ANN401 - a `ValidationOutput`
        batch: dict[str, Any],
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Select samples per task by reservoir sampling."""
        if not trainer.is_global_zero:
            return
        for i, task in enumerate(outputs["tasks"]):
            total = self.totals[task] = self.totals.get(task, 0) + 1
            selected = self.samples.setdefault(task, [])
            if len(selected) < self.count:
                selected.append(_sample(outputs, batch, i))
            elif (index := int(self.rng.integers(total))) < self.count:
                selected[index] = _sample(outputs, batch, i)

    def on_validation_end(self, trainer: Trainer, module: LightningModule) -> None:
        """Draw the sheet."""
        if trainer.sanity_checking or not self.samples:
            return
        by_task = [self.samples[task] for task in sorted(self.samples)]
        mixed = (sample for row in zip_longest(*by_task) for sample in row if sample is not None)
        path = Path(trainer.default_root_dir) / "samples.png"
        draw_samples(path, list(islice(mixed, self.count)), f"step {trainer.global_step}")


def _sample(outputs: Any, batch: dict[str, Any], i: int) -> SheetSample:  # noqa: ANN401
    pair = int(outputs["index"][i])
    step = max(1, batch["after"].shape[-1] // _PANEL_PX)
    rows, cols = outputs["truth"].shape[-2:]  # images may be padded
    before, after = (
        _pixels(batch[date][pair, :, :rows:step, :cols:step]) for date in ("before", "after")
    )
    masks = [
        outputs[name][i, ::step, ::step].cpu().numpy().copy() for name in ("truth", "prediction")
    ]
    return SheetSample(outputs["tasks"][i], outputs["texts"][i], before, after, *masks)


def _pixels(image: torch.Tensor) -> UInt8Array:
    """Return an image (3, H, W) as a copy (H, W, 3)."""
    pixels: UInt8Array = image.to("cpu", torch.uint8).permute(1, 2, 0).numpy().copy()
    return pixels


def draw_samples(path: Path, samples: Sequence[SheetSample], title: str) -> None:
    """Draw samples in two columns: both dates, the true mask, and the prediction with errors.

    Args:
        path: .png file; replaced.
        samples: at least one.
        title: title of the sheet.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = -(-len(samples) // 2)
    width = 2 * len(_PANELS) * _PANEL_INCHES + 0.4
    body_inches = rows * (_PANEL_INCHES + _TEXT_INCHES)
    figure = Figure((width, body_inches + 0.9), dpi=_DPI)
    FigureCanvasAgg(figure)
    rows_of_sheet: Any = figure.subfigures(3, 1, height_ratios=(0.4, body_inches, 0.5))
    head, body, foot = rows_of_sheet
    head.text(0.5, 0.35, title, ha="center", fontsize=12)
    for column, half in enumerate(body.subfigures(1, 2, wspace=0.01)):
        _draw_column(half, samples[column::2], rows)
    legend(foot)
    path.parent.mkdir(parents=True, exist_ok=True)
    with staged_file(path, overwrite=True) as partial, warnings.catch_warnings():
        # Sentences may be in any script; characters that the font lacks are drawn as boxes.
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        figure.savefig(partial, format="png")


def _draw_column(half: Any, samples: Sequence[SheetSample], rows: int) -> None:  # noqa: ANN401
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


def _draw_sample(row: Sequence[Any], sample: SheetSample) -> None:
    pictures = (
        sample.before,
        sample.after,
        overlay(sample.after, sample.truth, sample.truth),
        overlay(sample.after, sample.prediction, sample.truth),
    )
    for panel, picture, name in zip(row, pictures, _PANELS, strict=True):
        show(panel, picture, name)
    text = textwrap.wrap(sample.text, _LINE_CHARACTERS)
    caption = "\n".join(text[:_LINES]) + (" …" if len(text) > _LINES else "")
    row[0].set_title(
        f"{_verdict(sample)}   ({sample.task.replace('_', ' ')})\n{caption}",
        loc="left", fontsize=8.5, parse_math=False, pad=3,
    )  # fmt: skip


def _verdict(sample: SheetSample) -> str:
    if not sample.truth.any():
        return "no target: " + ("wrong" if sample.prediction.any() else "correct")
    overlap, union = sample.truth & sample.prediction, sample.truth | sample.prediction
    return f"IoU {overlap.sum() / union.sum():.2f}"
