"""``mtrs-geo train factor``: a model folder, a data root, and ranks become a narrower model."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import torch

from mtrs_geo.data.datamodule import ChangeDataModule
from mtrs_geo.data.staging import staged_folder
from mtrs_geo.errors import ModelError
from mtrs_geo.models import model_folder
from mtrs_geo.models.checkpoint import load_folder, save_folder
from mtrs_geo.models.config import ModelConfig, PixelDecoderConfig
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.training.factoring import factored

__all__ = ["factor_model"]

_BATCH, _CROP_PX, _COMPOSED = 8, 192, 0.4


def factor_model(
    model: str | Path,
    output: Path,
    data: Path,
    *,
    fusion_rank: int = 20,
    decoder_rank: int = 24,
    land_rank: int = 8,
    crops: int = 320,
    seed: int = 0,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write a narrower model, fitted to crops of training.

    Args:
        model: bundled name or folder.
        output: folder of the narrower model, written beside its place and renamed.
        data: data root, see docs/training.md.
        fusion_rank: see `FusionConfig.rank`.
        decoder_rank: see `PixelDecoderConfig.rank`.
        land_rank: see `ModelConfig.land_rank`.
        crops: pairs to fit to.
        seed: of the crops.
        overwrite: replace what the folder holds.
        progress: counts layers.

    Raises:
        ModelError: if the model has layers that know no rank, or has these ranks.
        OutputError: if the folder is taken or cannot be written.
    """
    progress = progress or Silent()
    wide, facts = load_folder(model_folder(model))
    config = _narrower(wide.config, fusion_rank, decoder_rank, land_rank)
    with staged_folder(output, overwrite=overwrite) as part:
        progress.log("reading the data")
        module = ChangeDataModule(
            str(data), _BATCH, sentences=1, said=0, crop_px=_CROP_PX, seed=seed, composed=_COMPOSED
        )
        module.setup("fit")
        batches = islice(module.train_dataloader(), -(-crops // _BATCH))
        pairs = [(batch["before"], batch["after"]) for batch in batches]
        torch.manual_seed(seed)
        narrow = factored(wide, config, pairs, progress)
        about = {name: fact for name, fact in facts.items() if name != "sha256"}
        save_folder(narrow, part, {**about, "name": output.name})


def _narrower(config: ModelConfig, fusion: int, decoder: int, land: int) -> ModelConfig:
    if not isinstance(config.pixel_decoder, PixelDecoderConfig):
        msg = f"preset {config.preset!r} has no layers to make narrower, tiny has."
        raise ModelError(msg)
    return replace(
        config,
        fusion=replace(config.fusion, rank=fusion),
        pixel_decoder=replace(config.pixel_decoder, rank=decoder),
        land_rank=land,
    )
