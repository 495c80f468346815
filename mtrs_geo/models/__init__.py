"""Models: tensors only, no georeference."""

from __future__ import annotations

from mtrs_geo.models.contract import (
    BrightnessSegmenter,
    ChangeSegmenter,
    ModelInfo,
    standing,
)
from mtrs_geo.models.runtime.load import load_model, model_folder
from mtrs_geo.models.runtime.mirrored import MirroredSegmenter

__all__ = [
    "BrightnessSegmenter",
    "ChangeSegmenter",
    "MirroredSegmenter",
    "ModelInfo",
    "load_model",
    "model_folder",
    "standing",
]
