"""Models: a segmenter maps pairs of images and queries to probabilities; no georeference.

``load_model`` returns a segmenter by name or folder.  ``network`` holds the PyTorch modules,
``checkpoints`` their weights on disk, ``runtime`` the inference.  Imported by detect, evaluation
and training.
"""

from __future__ import annotations

from mtrs_geo.models.contract import (
    BrightnessSegmenter,
    ChangeSegmenter,
    DateEncoder,
    DateFeatures,
    IntentReader,
    IntentReading,
    LandCoverQuery,
    ModelInfo,
    Query,
    date_encoder,
)
from mtrs_geo.models.runtime.load import (
    given_model,
    load_model,
    load_vocabulary,
    model_files,
    model_folder,
    model_version,
    shadowed_folder,
)
from mtrs_geo.models.runtime.mirrored import MirroredSegmenter

__all__ = [
    "BrightnessSegmenter",
    "ChangeSegmenter",
    "DateEncoder",
    "DateFeatures",
    "IntentReader",
    "IntentReading",
    "LandCoverQuery",
    "MirroredSegmenter",
    "ModelInfo",
    "Query",
    "date_encoder",
    "given_model",
    "load_model",
    "load_vocabulary",
    "model_files",
    "model_folder",
    "model_version",
    "shadowed_folder",
]
