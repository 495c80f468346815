"""A training checkpoint becomes a model folder that `load_model` takes."""

from __future__ import annotations

from pathlib import Path

import torch

from mtrs_geo.errors import ModelError
from mtrs_geo.models.checkpoint import new_model, save_folder
from mtrs_geo.models.presets import PRESETS

__all__ = ["export_checkpoint"]


def export_checkpoint(
    checkpoint: Path, folder: Path, *, name: str, version: str, description: str
) -> None:
    """Write the (averaged) weights of a checkpoint as a model folder.

    Raises:
        ModelError: if the file is no checkpoint of `mtrs-geo train`.
    """
    try:
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        preset = state["hyper_parameters"]["preset"]
        weights = {n.removeprefix("model."): t for n, t in state["state_dict"].items()}
    except (OSError, RuntimeError, KeyError) as error:
        msg = f"{checkpoint} is no checkpoint of `mtrs-geo train` ({error!r})."
        raise ModelError(msg) from error
    model = new_model(PRESETS[preset])
    model.load_state_dict(weights)
    facts = {
        "name": name,
        "version": version,
        "description": description,
        "steps": int(state["global_step"]),
    }
    save_folder(model, folder, facts)
