"""``mtrs-geo train low-rank``: write a low-rank version of a trained model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor

from mtrs_geo.data.sampling.datamodule import ChangeDataModule
from mtrs_geo.errors import ModelError, RequestError
from mtrs_geo.models import model_files, model_folder
from mtrs_geo.models.catalog import MODEL_FILES
from mtrs_geo.models.checkpoints.checkpoint import load_folder, save_folder
from mtrs_geo.models.config import ModelConfig, PixelDecoderConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.outputs import staged_folder
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.training.compress.feature_distance import feature_distance
from mtrs_geo.training.compress.low_rank import low_rank_model

__all__ = ["factorize_model"]

_BATCH, _CROP_PX, _COMPOSED = 8, 192, 0.4


def factorize_model(
    model: str | Path,
    output: Path,
    data: Path,
    *,
    fusion_ranks: tuple[int, int] = (32, 48),
    decoder_ranks: tuple[int, int] = (32, 48),
    land_cover_rank: int = 16,
    crops: int = 480,
    seed: int = 0,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> dict[str, float]:
    """Write a low-rank model fitted to training crops; return its distance from the original.

    The distance is the mean `feature_distance` of further crops, a tenth as many.

    Args:
        model: bundled name or model folder of the original model.
        output: folder of the low-rank model; written to a temporary folder and renamed.
        data: data root, see docs/training.md.
        fusion_ranks: see `FusionConfig.ranks`.
        decoder_ranks: see `PixelDecoderConfig.ranks`.
        land_cover_rank: see `ModelConfig.land_cover_rank`.
        crops: number of image pairs to fit to.
        seed: seed of the crops.
        overwrite: replace an existing folder.
        progress: advances once per layer.

    Raises:
        RequestError: if a rank or the number of crops is less than 1.
        ModelError: if the preset has no low-rank layers, or a rank exceeds a layer's channels.
        OutputError: if the folder exists, is that of ``model``, holds other files than a model
            has, or cannot be written.
    """
    if min(*fusion_ranks, *decoder_ranks, land_cover_rank, crops) < 1:
        msg = (
            f"ranks and crops must be at least 1: fusion_ranks {fusion_ranks}, decoder_ranks "
            f"{decoder_ranks}, land_cover_rank {land_cover_rank}, crops {crops}."
        )
        advice = "Pass for example --land-cover-rank 16 --crops 480."
        raise RequestError(msg, advice=advice)
    progress = progress or Silent()
    original, facts = load_folder(model_folder(model))
    config = _low_rank_config(original.config, fusion_ranks, decoder_ranks, land_cover_rank)
    inputs = [data, *model_files(model)]
    with staged_folder(output, overwrite=overwrite, inputs=inputs, contents=MODEL_FILES) as partial:
        progress.log("reading the data")
        module = ChangeDataModule(
            str(data), _BATCH, sentences=1, text_only=0, crop_px=_CROP_PX, seed=seed,
            composed=_COMPOSED,
        )  # fmt: skip
        module.setup("fit")
        count = -(-crops // _BATCH)
        batches = islice(module.train_dataloader(), count + -(-count // 10))
        pairs = [(batch["before"], batch["after"]) for batch in batches]
        torch.manual_seed(seed)
        low_rank = low_rank_model(original, config, pairs[:count], progress)
        facts = {name: fact for name, fact in facts.items() if name != "sha256"}
        save_folder(low_rank, partial, {**facts, "name": output.name})
    return _mean_distance(low_rank, original, pairs[count:])


@torch.inference_mode()
def _mean_distance(
    model: MTRefSegR1, original: MTRefSegR1, pairs: Sequence[tuple[Tensor, Tensor]]
) -> dict[str, float]:
    terms = [feature_distance(model.encode(*pair), original.encode(*pair)) for pair in pairs]
    return {name: sum(float(term[name]) for term in terms) / len(terms) for name in terms[0]}


def _low_rank_config(
    config: ModelConfig, fusion: tuple[int, int], decoder: tuple[int, int], land_cover: int
) -> ModelConfig:
    if not isinstance(config.pixel_decoder, PixelDecoderConfig):
        msg = f"preset {config.preset!r} has no layers with a low-rank form."
        raise ModelError(msg, advice="Give a model of preset tiny.")
    return replace(
        config,
        fusion=replace(config.fusion, ranks=fusion),
        pixel_decoder=replace(config.pixel_decoder, ranks=decoder),
        land_cover_rank=land_cover,
    )
