"""A model of transformers and its processor from a local folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtrs_geo.craft.project.records import Origin
from mtrs_geo.models.rivals.folders import model_type

__all__ = ["LocalModel", "load_folder", "model_type"]


@dataclass(frozen=True)
class LocalModel:
    """A model that can be asked."""

    model: Any
    """In eval mode, on its device."""
    processor: Any
    device: str
    origin: Origin


def load_folder(folder: Path, class_name: str, device: str = "auto") -> LocalModel:
    """Load a model and its processor; only safetensors are read.

    Args:
        folder: as ``save_pretrained`` or a download of a hub writes it.
        class_name: of the model in transformers.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``.

    Raises:
        ModelError: if the folder cannot be loaded, or the weights do not fit the configuration.
    """
    import torch
    import transformers

    from mtrs_geo.models.rivals.pretrained import Placement, load_pretrained, load_processor

    name = _device(device)
    dtype = torch.bfloat16 if name.startswith("cuda") else torch.float32
    placement = Placement(torch.device(name), dtype)
    model = load_pretrained(folder, class_name, {model_type(folder)}, placement)
    processor = load_processor(folder, "AutoProcessor")
    origin = Origin("model", folder.name, f"transformers {transformers.__version__}")
    return LocalModel(model, processor, name, origin)


def _device(name: str) -> str:
    import torch

    if name != "auto":
        return name
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
