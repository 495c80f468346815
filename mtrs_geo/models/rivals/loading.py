"""Build the segmenter of a rival model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from mtrs_geo.models.contract import ModelInfo
from mtrs_geo.models.rivals.clipseg import ClipSeg
from mtrs_geo.models.rivals.florence2 import Florence2
from mtrs_geo.models.rivals.folders import weights_digest, weights_folder
from mtrs_geo.models.rivals.grounding_dino import GroundingDino
from mtrs_geo.models.rivals.names import RivalName
from mtrs_geo.models.rivals.pretrained import Placement
from mtrs_geo.models.rivals.qwen_vl import QwenVl
from mtrs_geo.models.rivals.sam3 import Sam3
from mtrs_geo.models.rivals.segmenter import RivalSegmenter

__all__ = ["load_rival"]

_MODELS: Mapping[str, Callable[[tuple[Path, ...], Placement], Any]] = {
    "sam3": Sam3,
    "grounding-dino+sam2": GroundingDino,
    "clipseg": ClipSeg,
    "florence2": Florence2,
    "qwen-vl+sam2": QwenVl,
}


def load_rival(name: RivalName, device: torch.device, precision: str) -> RivalSegmenter:
    """Return the segmenter of a rival model.

    Its vocabulary is open: no sentence is refused for the thing that it names.

    Args:
        name: of the model, with its folders.
        device: to run on.
        precision: ``float32``, or ``bfloat16`` for weights and activations of that type.

    Raises:
        ModelError: if a folder is missing, is of another kind of model, or does not fit it.
    """
    folders = tuple(weights_folder(source) for source in name.sources)
    dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
    model = _MODELS[name.rival.name](folders, Placement(device, dtype))
    digests = [weights_digest(folder) for folder in folders]
    info = ModelInfo(
        name=name.rival.name,
        version=digests[0][:12],
        native_gsd_m=0.5,
        gsd_range_m=(0.0, float("inf")),
        tile_px=model.tile_px,
        device=str(device),
        weights_sha256="-".join(digests),
    )
    return RivalSegmenter(model, info)
