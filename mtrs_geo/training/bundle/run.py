"""Train from a packed folder for a number of minutes: ``python train.py --minutes 10``."""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mtrs_geo.control_groups import usable_cpus
from mtrs_geo.errors import MTRSGeoError

if TYPE_CHECKING:
    from lightning.pytorch import LightningDataModule, LightningModule

__all__ = ["BundleRun", "main", "train_bundle"]


@dataclass(frozen=True)
class BundleRun:
    """Settings of one run."""

    minutes: float
    """Time of training, without reading and validation."""
    output: Path
    """Its subfolder ``model`` is the result.  If it exists, the run continues from it."""
    heads_only: bool = False
    """Train the heads alone and keep everything before them."""
    batch_size: int = 0
    """Crops per step; 0 is 64 on a GPU and 8 elsewhere."""
    workers: int | None = None
    """Processes that make crops; None is one per core but one, 0 none."""
    lr: float = 0.0
    """Peak learning rate; 0 is 1e-3 for the heads and 5e-4 for everything."""
    crop_px: int = 0
    """Side of a crop in pixels; 0 is that of the configuration."""
    validation_batches: int = 40
    """Batches of held-out tiles at the end."""
    seed: int = 0
    pool_mb: float = 0.0
    """Megabytes of the pool of crops in the accelerator's memory; 0 is no pool, and infinity
    follows the free memory (`PooledLoader`)."""


def main(folder: Path) -> None:
    """Parse the command line, train, and print the figures as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=_positive, required=True, help="minutes of training")
    parser.add_argument("--output", type=Path, required=True, help="folder; continues its model")
    parser.add_argument("--heads-only", action="store_true", help="keep encoder and decoder")
    parser.add_argument("--batch-size", type=_count, default=0)
    parser.add_argument("--workers", type=_count)
    parser.add_argument("--lr", type=_positive, default=0.0)
    parser.add_argument("--crop-px", type=_count, default=0)
    parser.add_argument("--validation-batches", type=_count, default=40)
    parser.add_argument("--seed", type=_count, default=0)
    parser.add_argument("--pool-mb", type=_megabytes, default=0.0, help="number, or auto")
    run = BundleRun(**vars(parser.parse_args()))
    try:
        figures = train_bundle(folder, run)
    except MTRSGeoError as error:
        sys.exit(str(error))
    sys.stdout.write(json.dumps(figures) + "\n")


def train_bundle(folder: Path, run: BundleRun) -> dict[str, float]:
    """Train from a packed folder and return steps, crops per second and validation figures.

    Args:
        folder: from `mtrs_geo.training.bundle.pack.pack_bundle`.
        run: settings.

    Raises:
        OutputError: if ``model`` in the output holds other files than a model has.
        ModelError: if the starting model is damaged, or the loss is no longer a number.
        RasterError: if a picture is missing or damaged.
        RequestError: if the pool does not fit into the free memory, or a crop not into the pool.
    """
    _replace_torchgeo()
    _restore_text_encoder(folder)
    from lightning.pytorch import Trainer, seed_everything

    from mtrs_geo.models.catalog import MODEL_FILES
    from mtrs_geo.models.checkpoints.checkpoint import load_folder, save_folder
    from mtrs_geo.outputs import refuse_foreign, staged_folder
    from mtrs_geo.training.bundle.timed import TimedRun, timed_task
    from mtrs_geo.training.finetune.budget import FinalWeightAveraging

    seed_everything(run.seed, workers=True)
    result = run.output / "model"
    refuse_foreign(result, MODEL_FILES)  # before the training, whose result would be lost
    start = result if result.is_dir() else folder / "start"
    recipe = json.loads((folder / "recipe.json").read_text())
    task, budget = timed_task(recipe["model"], start, run.minutes, run.heads_only, run.lr)
    data = _data(folder, recipe["data"], run)
    timed = TimedRun(budget)
    trainer = Trainer(
        accelerator="auto",
        devices=1,
        precision="bf16-mixed" if _has_gpu() else "32-true",
        max_steps=budget.steps,
        gradient_clip_val=1.0,
        limit_val_batches=0,
        num_sanity_val_steps=0,
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        enable_progress_bar=False,
        default_root_dir=run.output,
        callbacks=[FinalWeightAveraging(budget), timed],
    )
    trainer.fit(task, data)
    facts = {**load_folder(start)[1], "name": run.output.resolve().name, "steps": timed.steps}
    with staged_folder(result, overwrite=True, contents=MODEL_FILES) as partial:
        save_folder(task.model.cpu(), partial, {n: v for n, v in facts.items() if n != "sha256"})
    figures = timed.figures(data.batch_size)
    if run.pool_mb:
        figures |= data.loader.figures()
    return {**figures, **_validate(task, data, run)}


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        msg = f"{text} is not a number above 0"
        raise argparse.ArgumentTypeError(msg)
    return number


def _count(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**31:
        msg = f"{text} is not a number from 0 to {2**31 - 1}"
        raise argparse.ArgumentTypeError(msg)
    return number


def _megabytes(text: str) -> float:
    number = math.inf if text == "auto" else float(text)
    if not number >= 0:
        msg = f"{text} is not a number of megabytes"
        raise argparse.ArgumentTypeError(msg)
    return number


def _validate(task: LightningModule, data: LightningDataModule, run: BundleRun) -> dict[str, float]:
    from lightning.pytorch import Trainer

    trainer = Trainer(
        devices=1, limit_val_batches=run.validation_batches, logger=False,
        enable_checkpointing=False, enable_progress_bar=False, default_root_dir=run.output,
    )  # fmt: skip
    found = trainer.validate(task, data, verbose=False)
    # Without held-out scenes nothing is validated.
    return {name: round(float(v), 4) for scores in found for name, v in scores.items()}


def _data(folder: Path, recipe: dict[str, Any], run: BundleRun) -> Any:  # noqa: ANN401
    from mtrs_geo.data.sampling.datamodule import ChangeDataModule
    from mtrs_geo.data.sampling.source_weights import SourceWeights

    weights = SourceWeights(**recipe.get("source_weights", {}))
    size = run.batch_size or (64 if _has_gpu() else 8)
    workers = usable_cpus() - 1 if run.workers is None else run.workers
    changed: dict[str, Any] = {
        "source_weights": weights,
        "batch_size": size,
        "num_workers": workers,
        "seed": recipe.get("seed", 0) + run.seed,
    }
    if run.crop_px:
        changed["crop_px"] = run.crop_px
    options = {**recipe, **changed}
    if run.pool_mb:
        from mtrs_geo.training.bundle.pooled_data import PooledDataModule

        return PooledDataModule(str(folder / "data"), run.pool_mb, **options)
    return ChangeDataModule(str(folder / "data"), **options)


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def _restore_text_encoder(folder: Path) -> None:
    from mtrs_geo.models.catalog import WEIGHTS
    from mtrs_geo.models.config import LanguageConfig
    from mtrs_geo.training.bundle.text_encoder import unpack_text_encoder

    target = WEIGHTS / "minilm.safetensors"
    if not target.is_file():
        unpack_text_encoder(folder / "text_encoder", target, LanguageConfig().vocab)


def _replace_torchgeo() -> None:
    """Provide the one class of torchgeo that training needs, where torchgeo is not installed."""
    try:
        import torchgeo.trainers  # noqa: F401
    except ImportError:
        from mtrs_geo.training.bundle.base_task import BaseTask

        trainers = ModuleType("torchgeo.trainers")
        trainers.BaseTask = BaseTask  # type: ignore[attr-defined]
        sys.modules["torchgeo"] = ModuleType("torchgeo")
        sys.modules["torchgeo.trainers"] = trainers
