"""``mtrs-geo train factor``: a model folder, a data root, and ranks become a narrower model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor

from mtrs_geo.data.sampling.datamodule import ChangeDataModule
from mtrs_geo.errors import ModelError, RequestError
from mtrs_geo.models import model_folder
from mtrs_geo.models.checkpoints.checkpoint import load_folder, save_folder
from mtrs_geo.models.config import ModelConfig, PixelDecoderConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.outputs import staged_folder
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.training.compress.feature_distance import unlikeness
from mtrs_geo.training.compress.low_rank import factored

__all__ = ["factor_model"]

_BATCH, _CROP_PX, _COMPOSED = 8, 192, 0.4


def factor_model(
    model: str | Path,
    output: Path,
    data: Path,
    *,
    fusion_ranks: tuple[int, int] = (32, 48),
    decoder_ranks: tuple[int, int] = (32, 48),
    land_rank: int = 16,
    crops: int = 480,
    seed: int = 0,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> dict[str, float]:
    """Write a narrower model, fitted to crops of training; return how far it is from the other.

    That is `unlikeness` on a tenth as many further crops.

    Args:
        model: bundled name or folder.
        output: folder of the narrower model, written beside its place and renamed.
        data: data root, see docs/training.md.
        fusion_ranks: see `FusionConfig.ranks`.
        decoder_ranks: see `PixelDecoderConfig.ranks`.
        land_rank: see `ModelConfig.land_rank`.
        crops: pairs to fit to.
        seed: of the crops.
        overwrite: replace what the folder holds.
        progress: counts layers.

    Raises:
        RequestError: if a rank or the number of crops is not positive.
        ModelError: if the model's layers know no rank, or a rank exceeds a layer's channels.
        OutputError: if the folder is taken or cannot be written.
    """
    if min(*fusion_ranks, *decoder_ranks, land_rank, crops) < 1:
        msg = "ranks and crops must be at least 1, for example --land-rank 16 --crops 480"
        raise RequestError(msg)
    progress = progress or Silent()
    wide, facts = load_folder(model_folder(model))
    config = _narrower(wide.config, fusion_ranks, decoder_ranks, land_rank)
    with staged_folder(output, overwrite=overwrite) as part:
        progress.log("reading the data")
        module = ChangeDataModule(
            str(data), _BATCH, sentences=1, said=0, crop_px=_CROP_PX, seed=seed, composed=_COMPOSED
        )
        module.setup("fit")
        count = -(-crops // _BATCH)
        batches = islice(module.train_dataloader(), count + -(-count // 10))
        pairs = [(batch["before"], batch["after"]) for batch in batches]
        torch.manual_seed(seed)
        narrow = factored(wide, config, pairs[:count], progress)
        about = {name: fact for name, fact in facts.items() if name != "sha256"}
        save_folder(narrow, part, {**about, "name": output.name})
    return _apart(narrow, wide, pairs[count:])


@torch.inference_mode()
def _apart(
    narrow: MTRefSegR1, wide: MTRefSegR1, pairs: Sequence[tuple[Tensor, Tensor]]
) -> dict[str, float]:
    terms = [unlikeness(narrow.encode(*pair), wide.encode(*pair)) for pair in pairs]
    return {name: sum(float(term[name]) for term in terms) / len(terms) for name in terms[0]}


def _narrower(
    config: ModelConfig, fusion: tuple[int, int], decoder: tuple[int, int], land: int
) -> ModelConfig:
    if not isinstance(config.pixel_decoder, PixelDecoderConfig):
        msg = f"preset {config.preset!r} has no layers to make narrower, tiny has."
        raise ModelError(msg)
    return replace(
        config,
        fusion=replace(config.fusion, ranks=fusion),
        pixel_decoder=replace(config.pixel_decoder, ranks=decoder),
        land_rank=land,
    )
