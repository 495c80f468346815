"""A training checkpoint becomes a model folder that `load_model` takes."""

from __future__ import annotations

from pathlib import Path

from mtrs_geo.models.checkpoints.checkpoint import save_folder
from mtrs_geo.outputs import staged_folder
from mtrs_geo.training.callbacks.provenance import PROVENANCE_KEY
from mtrs_geo.training.start import model_of_checkpoint

__all__ = ["export_checkpoint"]


def export_checkpoint(
    checkpoint: Path,
    folder: Path,
    *,
    name: str,
    version: str,
    description: str,
    overwrite: bool = False,
) -> None:
    """Write the (averaged) weights of a checkpoint as a model folder.

    What LoRA learnt is added to the weights.  The hashes of the run's configuration and data
    go along, as ``training`` in ``config.json``.

    Args:
        checkpoint: of `mtrs-geo train`.
        folder: written beside its place and renamed.
        name: of the model.
        version: of the model.
        description: a sentence for those who will use it.
        overwrite: replace what the folder holds.

    Raises:
        ModelError: if the file is no checkpoint of `mtrs-geo train`.
        OutputError: if the folder is taken or cannot be written.
    """
    model, state = model_of_checkpoint(checkpoint)
    facts = {
        "name": name,
        "version": version,
        "description": description,
        "steps": int(state["global_step"]),
    }
    if PROVENANCE_KEY in state:
        facts["training"] = state[PROVENANCE_KEY]
    with staged_folder(folder, overwrite=overwrite) as part:
        save_folder(model, part, facts)
