"""Models: tensors only, no georeference."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mtrs_geo.errors import ModelError
from mtrs_geo.models.catalog import WEIGHTS, bundled_models
from mtrs_geo.models.contract import (
    BrightnessSegmenter,
    ChangeSegmenter,
    ModelInfo,
    standing,
)

if TYPE_CHECKING:
    import torch

    from mtrs_geo.models.segmenter import Precision

__all__ = [
    "BrightnessSegmenter",
    "ChangeSegmenter",
    "ModelInfo",
    "load_model",
    "model_folder",
    "standing",
]


def load_model(
    name_or_dir: str | Path = "tiny", device: str = "auto", precision: Precision = "float32"
) -> ChangeSegmenter:
    """Load a model.

    Args:
        name_or_dir: a bundled model (``tiny``), ``brightness`` (the floor of the
            benchmarks), or a folder with ``config.json`` and ``model.safetensors``.
        device: ``auto`` takes CUDA or MPS where there is one; else as torch names it.
        precision: ``bfloat16`` is faster where the processor knows it.

    Raises:
        ModelError: if the model or device is unknown, or its files are damaged.
    """
    if str(name_or_dir) == "brightness":
        return BrightnessSegmenter()
    # torch and transformers take seconds to import; asking for a name must not.
    from mtrs_geo.models.checkpoint import load_folder
    from mtrs_geo.models.folding import fold_batch_norms
    from mtrs_geo.models.segmenter import Segmenter

    model, facts = load_folder(model_folder(name_or_dir))
    return Segmenter(fold_batch_norms(model), facts, _device(device), precision)


def model_folder(name_or_dir: str | Path) -> Path:
    """Return the folder of a bundled model, or the folder itself.

    Raises:
        ModelError: if there is neither.
    """
    folder = WEIGHTS / name_or_dir if str(name_or_dir) in bundled_models() else Path(name_or_dir)
    if not folder.is_dir():
        known = ", ".join(bundled_models()) or "none"
        msg = (
            f"there is no model {str(name_or_dir)!r}. Bundled: {known}. "
            "Or give the folder that `mtrs-geo train` wrote."
        )
        raise ModelError(msg)
    return folder


def _device(name: str) -> torch.device:
    import torch

    if name == "auto":
        found = "cuda" if torch.cuda.is_available() else "cpu"
        return torch.device("mps" if torch.backends.mps.is_available() else found)
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        msg = f"device {name!r} cannot be used here ({error}). Try --device auto or cpu."
        raise ModelError(msg) from error
    return device
