"""Fine-tuning: one's own labelled pairs, and ten minutes, to a model of one's own."""

from __future__ import annotations

import logging
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
from torch import Tensor
from torch.utils.data import DataLoader

from mtrs_geo.data.sampling.crops import collate
from mtrs_geo.data.sampling.own_pairs import ReferringCrops
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.errors import RequestError
from mtrs_geo.metrics import ReferringMetrics, ReferringScores
from mtrs_geo.models import model_folder
from mtrs_geo.models.checkpoints.checkpoint import load_folder, save_folder
from mtrs_geo.models.runtime.segmenter import Segmenter
from mtrs_geo.outputs import staged_folder
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.training.finetune.budget import AverageAtTheEnd, Budget, Ending
from mtrs_geo.training.finetune.own_data import LabelledLayer, PairSource, gather
from mtrs_geo.training.start import without_adapters
from mtrs_geo.training.tasks.stage1 import warmup_cosine
from mtrs_geo.training.tasks.stage2 import Stage2Task

__all__ = ["Finetuned", "finetune"]

_FEW_STEPS = 50
"""Fewer hardly move a model: warm-up and decay take their part."""


@dataclass(frozen=True)
class Finetuned:
    """What came out of fine-tuning."""

    model: Path
    """A folder for ``--model``."""
    trained: int
    """Pairs learnt from."""
    held_back: int
    """Pairs that were only scored."""
    by_place: bool
    """Whether they are whole places; else nobody knew where the pairs lie."""
    steps: int
    """Optimisation steps done: fewer than asked for where the minutes were over."""
    minutes: float
    before: ReferringScores | None
    """Scores of the model that it started from, on the pairs held back; None without any."""
    after: ReferringScores | None
    """Scores of the new model on the same pairs."""
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what a program may want to read."""
        return asdict(self) | {"model": str(self.model)}

    def summary(self) -> Iterator[str]:
        """Yield lines for the user."""
        yield (
            f"learnt from {self.trained} pairs in {self.steps} steps, {self.minutes:.1f} minutes "
            f"-> {self.model}"
        )
        if self.before is None or self.after is None:
            yield "fewer than five pairs: none was held back, so nothing was measured"
            return
        how = "by place, in blocks of neighbouring tiles" if self.by_place else "by chance"
        yield (
            f"{self.held_back} pairs held back {how}: mIoU of non-empty "
            f"{self.before.miou_nonempty:.3f} -> {self.after.miou_nonempty:.3f}, no-target "
            f"accuracy {self.before.no_target_accuracy:.3f} -> {self.after.no_target_accuracy:.3f}"
        )


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
) -> Finetuned:
    """Teach a model one's own changes.

    Everything but the frozen text encoder is trained; about a fifth of the pairs, whole places
    where it is known where they lie, is held back and scored before and after.

    Args:
        pairs: folders in MTRefSeg-21K's layout (A, B, masks, referring_expression), and layers
            of changes: `mtrs_geo.training.finetune.own_data.LabelledLayer`, or the path of one that
            names its rasters.
        output: folder of the new model; written beside its place and renamed.
        model: what to start from: a bundled name or a model folder.
        steps: optimisation steps, at most.
        minutes: for training and scoring together: where they do not suffice for all steps, the
            schedule goes by the clock and ends in time. None takes all steps.
        batch_size: crops a step.
        lr: peak learning rate; the vision encoder gets a third of it.
        crop_px: side of a crop.
        seed: of every choice.
        lora_rank: train the language model of base by LoRA of this rank; 0 trains all of it.
        device: ``auto``, ``cpu``, ``cuda`` …: Lightning's accelerators.
        overwrite: replace what ``output`` holds.
        progress: receives one step an optimisation step.

    Raises:
        RasterError: if a folder does not hold together, or a raster cannot be read.
        VectorError: if a layer has no sentences, or lies elsewhere.
        RequestError: if layers give fewer than two pairs, nothing in them is a target, or
            ``steps`` or ``minutes`` is not positive.
        OutputError: if ``output`` is taken or cannot be written.
        Cancelled: if ``progress`` asked to stop; nothing is left behind.
    """
    if steps < 1 or (minutes is not None and minutes <= 0):
        msg = f"steps is {steps} and minutes {minutes}; at least one step and some time is needed."
        raise RequestError(msg)
    start, output = model_folder(model), Path(output)
    progress = progress or Silent()
    with staged_folder(output, overwrite=overwrite) as part:
        data = gather(
            [pairs] if isinstance(pairs, str | os.PathLike | LabelledLayer) else pairs, progress
        )
        began = time.monotonic()
        seed_everything(seed, verbose=False)
        network, facts = load_folder(start)
        before = _scores(data.held, Segmenter(network, facts, torch.device("cpu")))
        budget = Budget(steps, _seconds_left(minutes, time.monotonic() - began))
        task = _Finetuning(weights=str(start), lr=lr, warmup_share=0.1, lora_rank=lora_rank)
        task.budget = budget
        crops = ReferringCrops(data.learnt, steps * batch_size, crop_px, seed)
        progress.start(steps, "steps")
        done = _fit(task, crops, batch_size, device, progress)
        tuned = without_adapters(task.model).eval()
        facts = {
            "name": output.name,
            "version": "1",
            "description": (
                f"{facts['name']} {facts['version']}, fine-tuned on {len(data.learnt)} pairs"
            ),
            "steps": done,
            # One's own pairs do not teach these parts either.
            "untrained": facts.get("untrained", []),
        }
        save_folder(tuned, part, facts)
        after = _scores(data.held, Segmenter(tuned, facts, torch.device("cpu")))
    spent = (time.monotonic() - began) / 60
    return Finetuned(
        output, len(data.learnt), len(data.held), data.by_place, done, round(spent, 2), before,
        after, (*data.warnings, *_short(done, steps, minutes)),
    )  # fmt: skip


def _short(done: int, steps: int, minutes: float | None) -> Iterator[str]:
    """Tell that the clock ended the run, and when too early."""
    if done < steps:
        few = " That is little: allow more --minutes." if done < _FEW_STEPS else ""
        yield f"{minutes:g} minutes sufficed for {done} of {steps} steps.{few}"


def _seconds_left(minutes: float | None, scoring_s: float) -> float | None:
    """Return what scoring before and after leaves for training, half of the time at least."""
    return None if minutes is None else max(30 * minutes, 60 * minutes - 2 * scoring_s)


class _Finetuning(Stage2Task):
    """Stage 2 on masks alone: nobody labelled what else changed."""

    keeps_statistics = True  # a few pairs are too few for them
    budget: Budget

    def configure_optimizers(self) -> Any:  # noqa: ANN401 - Lightning's own union
        """Let the rate follow the budget."""
        made = super().configure_optimizers()
        budget, warmup = self.budget, max(1, int(self.hparams["warmup_share"] * self.budget.steps))
        made["lr_scheduler"]["scheduler"] = torch.optim.lr_scheduler.LambdaLR(
            made["optimizer"],
            lambda step: warmup_cosine(budget.position(step), warmup, budget.steps),
        )
        return made

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Return the loss of one batch."""
        text = self.model.embed(batch["texts"])
        decoded = self.model.decode(self._encode(batch).take(batch["index"]), text)
        masks = self.mask_losses(decoded, batch)
        return masks + 0.3 * self.presence_loss(decoded, batch) + self.said_loss(batch["said"])


def _fit(
    task: _Finetuning, crops: ReferringCrops, batch_size: int, device: str, progress: Progress
) -> int:
    """Train, and return how many steps were done."""
    with _quiet():
        trainer = Trainer(
            accelerator=device,
            devices=1,
            max_steps=task.budget.steps,
            gradient_clip_val=1.0,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[AverageAtTheEnd(task.budget), Ending(task.budget, progress)],
        )
        trainer.fit(task, DataLoader(crops, batch_size, collate_fn=collate))
    return int(trainer.global_step)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Lightning's tips for its own users away from ours."""
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
        answers = model.predict(pair.before, pair.after, pair.expressions) > 0.5
        for answer, truth in zip(answers, pair.masks, strict=True):
            metrics.update(answer, truth)
    return metrics.compute() if pairs else None
