"""Fine-tune a model on the user's own labelled pairs within a time limit."""

from __future__ import annotations

import logging
import math
import os
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Trainer, seed_everything
from lightning.pytorch.utilities.exceptions import MisconfigurationException
from torch.utils.data import DataLoader

from mtrs_geo.data.sampling.crops import collate
from mtrs_geo.data.sampling.own_pairs import STRIDE_PX, ReferringCrops
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.errors import RequestError
from mtrs_geo.metrics import ReferringMetrics, ReferringScores
from mtrs_geo.models import model_files, model_folder
from mtrs_geo.models.catalog import MODEL_FILES
from mtrs_geo.models.checkpoints.checkpoint import load_folder, save_folder
from mtrs_geo.models.runtime.segmenter import Segmenter
from mtrs_geo.outputs import staged_folder
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.training.callbacks.model_facts import known_with
from mtrs_geo.training.finetune.budget import Budget, BudgetProgress, FinalWeightAveraging
from mtrs_geo.training.finetune.own_data import (
    LabelledLayer,
    PairSource,
    inputs_of,
    read_pairs,
)
from mtrs_geo.training.model_loading import merge_adapters
from mtrs_geo.training.tasks.stage1 import warmup_cosine
from mtrs_geo.training.tasks.stage2_pairs import Stage2PairsTask

__all__ = ["FinetuneResult", "finetune"]

_MOST_LOSS = 0.05
"""A larger loss of mIoU on the held-out pairs is reported."""
_MIN_USEFUL_STEPS = 50
"""Fewer steps hardly change a model, as the learning rate rises and decays within them."""


@dataclass(frozen=True)
class FinetuneResult:
    """Result of fine-tuning."""

    model: Path
    """The model folder, for ``--model``."""
    trained: int
    """Number of training pairs."""
    held_out: int
    """Number of held-out pairs, which are only scored."""
    by_place: bool
    """Whether whole places are held out; false if no pair has a known location."""
    steps: int
    """Completed optimisation steps; fewer than requested if the time limit was reached."""
    minutes: float
    before: ReferringScores | None
    """Scores of the model that it started from, on the held-out pairs; None without any."""
    after: ReferringScores | None
    """Scores of the new model on the same pairs."""
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the result as JSON values; a score without samples is None."""
        scores = {
            name: found and {k: None if math.isnan(v) else v for k, v in asdict(found).items()}
            for name, found in (("before", self.before), ("after", self.after))
        }
        return asdict(self) | {"model": str(self.model)} | scores

    def summary(self) -> Iterator[str]:
        """Yield a summary in lines of text."""
        yield (
            f"trained on {self.trained} pairs: {self.steps} steps, {self.minutes:.1f} minutes "
            f"-> {self.model}"
        )
        if self.before is None or self.after is None:
            yield "fewer than five places: none is held out, so there are no scores"
            return
        how = "by place, in blocks of neighbouring tiles" if self.by_place else "at random"
        shown = [
            f"{label} {before:.3f} -> {after:.3f}"
            for label, before, after in (
                ("mIoU of non-empty", self.before.miou_nonempty, self.after.miou_nonempty),
                (
                    "no-target accuracy",
                    self.before.no_target_accuracy,
                    self.after.no_target_accuracy,
                ),
            )
            if not math.isnan(before)
        ]
        yield f"{self.held_out} pairs held out {how}: {', '.join(shown)}"


def finetune(
    pairs: PairSource | Sequence[PairSource],
    output: Path | str,
    *,
    model: str | Path = "tiny",
    steps: int = 300,
    minutes: float | None = 10,
    batch_size: int = 8,
    lr: float = 3e-4,
    crop_px: int = 256,
    seed: int = 0,
    lora_rank: int = 0,
    device: str = "auto",
    overwrite: bool = False,
    progress: Progress | None = None,
) -> FinetuneResult:
    """Fine-tune a model on labelled changes.

    All weights but the frozen text encoder are trained.  About a fifth of the pairs is held out
    and scored before and after; whole places if the locations of the pairs are known.

    Args:
        pairs: folders in MTRefSeg-21K's layout (A, B, masks, referring_expression), and layers
            of changes: `mtrs_geo.training.finetune.own_data.LabelledLayer`, or the path of a layer
            that names its rasters.
        output: folder of the new model; written to a temporary folder and renamed.
        model: model to start from: a bundled name or a model folder.
        steps: maximum number of optimisation steps.
        minutes: time limit for training and scoring.  If it is too short for all steps, the
            schedule advances by time and ends in time.  None is no limit.
        batch_size: crops per step.
        lr: peak learning rate; the vision encoder's rate is a third of it.
        crop_px: side of a crop in pixels.
        seed: seed of all random choices.
        lora_rank: train the language model of base with LoRA of this rank; 0 trains all of it.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``.
        overwrite: replace an existing folder.
        progress: advances once per optimisation step.

    Raises:
        RasterError: if a folder is incomplete, or a raster cannot be read.
        VectorError: if a layer has no sentences, or is outside of its rasters.
        RequestError: if layers give fewer than two pairs, all masks are empty, or a number cannot
            be used.
        ModelError: if the loss is not a number, as with too high a learning rate.
        OutputError: if ``output`` exists, holds labels, rasters, ``model`` or other files than a
            model has, or cannot be written.
        Cancelled: if ``progress`` is cancelled; nothing is written.
    """
    _check_numbers(steps, minutes, batch_size, lr, crop_px, seed)
    hardware = _hardware(device)
    start, output = model_folder(model), Path(os.path.expanduser(output))
    progress = progress or Silent()
    sources = [pairs] if isinstance(pairs, str | os.PathLike | LabelledLayer) else list(pairs)
    inputs = [*map(inputs_of, sources), *model_files(model)]
    with staged_folder(output, overwrite=overwrite, inputs=inputs, contents=MODEL_FILES) as partial:
        data = read_pairs(sources, progress)
        started = time.monotonic()
        seed_everything(seed, verbose=False)
        network, facts = load_folder(start)
        before = _scores(data.held_out, Segmenter(network, facts, torch.device("cpu")))
        budget = Budget(steps, _seconds_left(minutes, time.monotonic() - started))
        task = _FinetuneTask(
            weights=str(start),
            lr=lr,
            warmup_share=0.1,
            lora_rank=lora_rank,
            freeze_batch_norm=True,  # few pairs give poor statistics
        )
        task.budget = budget
        crops = ReferringCrops(data.training, steps * batch_size, crop_px, seed)
        progress.start(steps, "steps")
        done = _fit(task, crops, batch_size, hardware, progress)
        tuned = merge_adapters(task.model).eval()
        facts = {
            "name": output.name,
            "version": "1",
            "description": (
                f"{facts['name']} {facts['version']}, fine-tuned on {len(data.training)} pairs"
            ),
            "steps": done,
            # Fine-tuning does not train these modules either.
            "untrained": facts.get("untrained", []),
            "knows": known_with(
                facts.get("knows", {}),
                (text for pair in data.training for text in pair.expressions),
            ),
        }
        save_folder(tuned, partial, facts)
        after = _scores(data.held_out, Segmenter(tuned, facts, torch.device("cpu")))
    spent = (time.monotonic() - started) / 60
    return FinetuneResult(
        output, len(data.training), len(data.held_out), data.by_place, done, round(spent, 2),
        before, after,
        (*data.warnings, *_time_warning(done, steps, minutes), *_worse_warning(before, after)),
    )  # fmt: skip


def _check_numbers(
    steps: int, minutes: float | None, batch_size: int, lr: float, crop_px: int, seed: int
) -> None:
    if steps < 1 or not (minutes is None or minutes > 0):
        msg = f"steps is {steps} and minutes is {minutes}; both must be positive."
        raise RequestError(msg, advice="Allow at least one step and some time.")
    if batch_size < 1 or crop_px < STRIDE_PX:
        msg = f"batch_size is {batch_size} and crop_px is {crop_px}: too small."
        advice = f"Give one crop or more per step, of {STRIDE_PX} pixels or more."
        raise RequestError(msg, advice=advice)
    if not 0 < lr < 1:
        msg = f"the learning rate is {lr}, which is not between 0 and 1."
        raise RequestError(msg, advice="The default of 3e-4 suits most cases.")
    if not 0 <= seed < 2**32:
        msg = f"the seed {seed} is not between 0 and {2**32 - 1}."
        raise RequestError(msg, advice="Give another seed.")


def _hardware(device: str) -> dict[str, Any]:
    """Return Lightning's arguments for a device such as ``cpu`` or ``cuda:1``."""
    name, _, number = device.partition(":")
    try:
        devices: list[int] | int = [int(number)] if number else 1
        if name == "cpu" and devices == [0]:  # PyTorch's other name of the CPU
            devices = 1
        arguments = {"accelerator": name, "devices": devices}
        with _quiet():
            Trainer(**arguments, logger=False, enable_checkpointing=False)
    except (ImportError, TypeError, ValueError, RuntimeError,
            MisconfigurationException) as error:  # fmt: skip
        msg = f"device {device!r} cannot be used for training on this machine ({error})."
        raise RequestError(msg, advice="Try --device auto or cpu.") from error
    return arguments


def _time_warning(done: int, steps: int, minutes: float | None) -> Iterator[str]:
    """Yield a warning if the time limit ended the run."""
    if done < steps:
        advice = " These are few: allow more --minutes." if done < _MIN_USEFUL_STEPS else ""
        yield f"{minutes:g} minutes were enough for {done} of {steps} steps.{advice}"


def _worse_warning(before: ReferringScores | None, after: ReferringScores | None) -> Iterator[str]:
    """Yield a warning if the held-out pairs are answered worse than before."""
    if before is not None and after is not None and after.miou < before.miou - _MOST_LOSS:
        yield (
            f"on the held-out pairs the new model is worse than the one that it started from: mIoU "
            f"{before.miou:.3f} -> {after.miou:.3f}. Label more places, or train with another "
            "learning rate (--lr) and more --steps."
        )


def _seconds_left(minutes: float | None, scoring_s: float) -> float | None:
    """Return the time for training: the limit less two scorings, at least half of the limit."""
    return None if minutes is None else max(30 * minutes, 60 * minutes - 2 * scoring_s)


class _FinetuneTask(Stage2PairsTask):
    """Stage 2 on pairs, with a learning rate that follows a budget of steps and time."""

    budget: Budget

    def configure_optimizers(self) -> Any:  # noqa: ANN401 - Lightning's own union
        """Return the optimiser with a schedule that follows the budget."""
        optimizers = super().configure_optimizers()
        budget, warmup = self.budget, max(1, int(self.hparams["warmup_share"] * self.budget.steps))
        optimizers["lr_scheduler"]["scheduler"] = torch.optim.lr_scheduler.LambdaLR(
            optimizers["optimizer"],
            lambda step: warmup_cosine(budget.position(step), warmup, budget.steps),
        )
        return optimizers


def _fit(
    task: _FinetuneTask,
    crops: ReferringCrops,
    batch_size: int,
    hardware: dict[str, Any],
    progress: Progress,
) -> int:
    """Train and return the number of completed steps."""
    with _quiet():
        trainer = Trainer(
            **hardware,
            max_steps=task.budget.steps,
            gradient_clip_val=1.0,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[FinalWeightAveraging(task.budget), BudgetProgress(task.budget, progress)],
        )
        trainer.fit(task, DataLoader(crops, batch_size, collate_fn=collate))
    return int(trainer.global_step)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence Lightning's log messages and warnings."""
    logger = logging.getLogger("lightning.pytorch")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="lightning")
            yield
    finally:
        logger.setLevel(level)


def _scores(pairs: Sequence[ReferringPair], model: Segmenter) -> ReferringScores | None:
    metrics = ReferringMetrics()
    for pair in pairs:
        predictions = model.predict(pair.before, pair.after, pair.expressions) > 0.5
        for prediction, truth in zip(predictions, pair.masks, strict=True):
            metrics.update(prediction, truth)
    return metrics.compute() if pairs else None
