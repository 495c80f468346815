"""Loads a model by name or folder, on the device that suits it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from mtrs_geo.errors import ModelError
from mtrs_geo.models.catalog import WEIGHTS, bundled_models
from mtrs_geo.models.contract import BrightnessSegmenter, ChangeSegmenter

if TYPE_CHECKING:
    import torch

    from mtrs_geo.models.runtime.segmenter import Precision

__all__ = ["load_model", "model_folder"]

_OPENVINO = "openvino"


def load_model(
    name_or_dir: str | Path = "tiny", device: str = "auto", precision: Precision = "float32"
) -> ChangeSegmenter:
    """Load a model.

    Args:
        name_or_dir: a bundled model (``tiny``), ``brightness`` (the floor of the
            benchmarks), or a folder with ``config.json`` and ``model.safetensors``.
        device: as torch names it, or ``openvino``: the CPU by way of OpenVINO, faster for tiny
            (extra ``openvino``).  ``auto`` takes CUDA or MPS where there is one, else OpenVINO
            for a bundled model where it is installed, else the CPU.
        precision: ``bfloat16`` is faster where the processor knows it; not in OpenVINO.

    Raises:
        ModelError: if the model or device is unknown, or its files are damaged.
        MissingExtraError: if OpenVINO is asked for and not installed.
    """
    if str(name_or_dir) == "brightness":
        return BrightnessSegmenter()
    # torch and transformers take seconds to import; asking for a name must not.
    from mtrs_geo.models.checkpoints.checkpoint import load_folder
    from mtrs_geo.models.runtime.folding import fold_batch_norms
    from mtrs_geo.models.runtime.segmenter import Segmenter

    is_asked = device == _OPENVINO
    if is_asked and precision != "float32":
        msg = f"OpenVINO runs float32 here, not {precision}. Use --device cpu for it."
        raise ModelError(msg)
    place = _device(device)
    model, facts = load_folder(model_folder(name_or_dir))
    model = fold_batch_norms(model)
    # A folder of one's own may be used once: converting it would cost more than it saves.
    is_best = device == "auto" and place.type == "cpu" and precision == "float32"
    is_best &= str(name_or_dir) in bundled_models()
    if not is_asked and not (is_best and importlib.util.find_spec(_OPENVINO)):
        return Segmenter(model, facts, place, precision)
    from mtrs_geo.models.runtime.openvino import OpenVinoSegmenter

    return OpenVinoSegmenter(model, facts)


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
        device = torch.device("cpu" if name == _OPENVINO else name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        msg = f"device {name!r} cannot be used here ({error}). Try --device auto or cpu."
        raise ModelError(msg) from error
    return device
