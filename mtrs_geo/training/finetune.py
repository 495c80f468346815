"""Fine-tuning: one's own labelled pairs, and ten minutes, to a model of one's own."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import torch
from lightning.pytorch import Callback, LightningModule, Trainer, seed_everything
from lightning.pytorch.callbacks import EMAWeightAveraging
from torch import Tensor
from torch.utils.data import DataLoader

from mtrs_geo.data.crops import collate
from mtrs_geo.data.own_pairs import ReferringCrops
from mtrs_geo.data.reader import ReferringPair, open_split
from mtrs_geo.data.staging import staged_folder
from mtrs_geo.errors import Cancelled, RequestError
from mtrs_geo.metrics import ReferringMetrics, ReferringScores
from mtrs_geo.models import model_folder
from mtrs_geo.models.checkpoint import load_folder, save_folder
from mtrs_geo.models.segmenter import Segmenter
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.training.stage2 import Stage2Task
from mtrs_geo.training.start import without_adapters

__all__ = ["Finetuned", "finetune"]

_HOLD_BACK = 5
"""Every fifth pair is held back and only scored."""


@dataclass(frozen=True)
class Finetuned:
    """What came out of fine-tuning."""

    model: Path
    """A folder for ``--model``."""
    trained: int
    """Pairs learnt from."""
    held_back: int
    """Pairs that were only scored."""
    before: ReferringScores | None
    """Scores of the model that it started from, on the pairs held back; None without any."""
    after: ReferringScores | None
    """Scores of the new model on the same pairs."""

    def as_json(self) -> dict[str, Any]:
        """Return what a program may want to read."""
        return asdict(self) | {"model": str(self.model)}

    def summary(self) -> Iterator[str]:
        """Yield lines for the user."""
        yield f"learnt from {self.trained} pairs -> {self.model}"
        if self.before is None or self.after is None:
            yield f"fewer than {_HOLD_BACK} pairs: none was held back, so nothing was measured"
            return
        yield (
            f"on {self.held_back} pairs held back: mIoU of non-empty "
            f"{self.before.miou_nonempty:.3f} -> {self.after.miou_nonempty:.3f}, no-target "
            f"accuracy {self.before.no_target_accuracy:.3f} -> {self.after.no_target_accuracy:.3f}"
        )


def finetune(
    pairs: Path | str | Sequence[Path | str],
    output: Path | str,
    *,
    model: str | Path = "tiny",
    steps: int = 300,
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

    Everything but the frozen text encoder is trained; every fifth pair is held back and
    scored before and after.

    Args:
        pairs: folders in MTRefSeg-21K's layout (A, B, masks, referring_expression).
        output: folder of the new model; written beside its place and renamed.
        model: what to start from: a bundled name or a model folder.
        steps: optimisation steps; 300 take about ten minutes on two cores.
        batch_size: crops a step.
        lr: peak learning rate; the vision encoder gets a third of it.
        crop_px: side of a crop.
        seed: of every choice.
        lora_rank: train the language model of base by LoRA of this rank; 0 trains all of it.
        device: ``auto``, ``cpu``, ``cuda`` …: Lightning's accelerators.
        overwrite: replace what ``output`` holds.
        progress: receives one step an optimisation step.

    Raises:
        RasterError: if a folder does not hold together.
        RequestError: if no pair has a sentence, or ``steps`` is not positive.
        OutputError: if ``output`` is taken or cannot be written.
        Cancelled: if ``progress`` asked to stop; nothing is left behind.
    """
    if steps < 1:
        msg = f"steps is {steps}; at least one is needed."
        raise RequestError(msg)
    learnt, held = _split(pairs)
    start, output = model_folder(model), Path(output)
    progress = progress or Silent()
    with staged_folder(output, overwrite=overwrite) as part:
        seed_everything(seed, verbose=False)
        network, facts = load_folder(start)
        before = _scores(held, Segmenter(network, facts, torch.device("cpu")))
        task = _Finetuning(weights=str(start), lr=lr, warmup_share=0.1, lora_rank=lora_rank)
        crops = ReferringCrops(learnt, steps * batch_size, crop_px, seed)
        progress.start(steps, "steps")
        _fit(task, crops, steps, batch_size, device, progress)
        tuned = without_adapters(task.model).eval()
        facts = {
            "name": output.name,
            "version": "1",
            "description": f"{facts['name']} {facts['version']}, fine-tuned on {len(learnt)} pairs",
            "steps": steps,
        }
        save_folder(tuned, part, facts)
        after = _scores(held, Segmenter(tuned, facts, torch.device("cpu")))
    return Finetuned(output, len(learnt), len(held), before, after)


class _Finetuning(Stage2Task):
    """Stage 2 on masks alone: nobody labelled what else changed."""

    def train(self, mode: bool = True) -> Self:
        """Set the mode; a few pairs are too few for running statistics."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.eval()
        return self

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Return the loss of one batch."""
        text = self.model.embed(batch["texts"])
        decoded = self.model.decode(self._encode(batch).take(batch["index"]), text)
        masks = self.mask_losses(decoded, batch)
        return masks + 0.3 * self.presence_loss(decoded, batch) + self.said_loss(batch["said"])


class _Report(Callback):
    """Passes Lightning's steps on to a `Progress`."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def on_train_batch_end(self, trainer: Trainer, module: LightningModule, *_: Any) -> None:  # noqa: ANN401
        """Count a step."""
        self.progress.advance()
        if self.progress.cancelled:
            msg = "fine-tuning was stopped; nothing was written"
            raise Cancelled(msg)


def _fit(
    task: Stage2Task,
    crops: ReferringCrops,
    steps: int,
    batch_size: int,
    device: str,
    progress: Progress,
) -> None:
    with _quiet():
        trainer = Trainer(
            accelerator=device,
            devices=1,
            max_steps=steps,
            gradient_clip_val=1.0,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[
                EMAWeightAveraging(decay=0.98, update_starting_at_step=steps // 2),
                _Report(progress),
            ],
        )
        trainer.fit(task, DataLoader(crops, batch_size, collate_fn=collate))


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


def _split(
    folders: Path | str | Sequence[Path | str],
) -> tuple[list[ReferringPair], list[ReferringPair]]:
    roots = [folders] if isinstance(folders, Path | str) else folders
    pairs = [pair for root in roots for pair in open_split(root) if pair.expressions]
    if not pairs:
        msg = f"{', '.join(map(str, roots))} holds no sentence. See docs/finetuning.md."
        raise RequestError(msg)
    if len(pairs) < _HOLD_BACK:
        return pairs, []
    held = pairs[_HOLD_BACK - 1 :: _HOLD_BACK]
    return [pair for i, pair in enumerate(pairs) if i % _HOLD_BACK != _HOLD_BACK - 1], held


def _scores(pairs: Sequence[ReferringPair], model: Segmenter) -> ReferringScores | None:
    metrics = ReferringMetrics()
    for pair in pairs:
        answers = model.predict(pair.before, pair.after, pair.expressions) > 0.5
        for answer, truth in zip(answers, pair.masks, strict=True):
            metrics.update(answer, truth)
    return metrics.compute() if pairs else None
