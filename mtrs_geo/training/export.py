"""Export a training checkpoint as a model folder for `load_model`."""

from __future__ import annotations

from pathlib import Path

from mtrs_geo.models.catalog import MODEL_FILES
from mtrs_geo.models.checkpoints.checkpoint import save_folder
from mtrs_geo.outputs import staged_folder
from mtrs_geo.training.model_loading import (
    FACTS_KEY,
    PROVENANCE_KEY,
    load_training_checkpoint,
)

__all__ = ["export_checkpoint"]


def export_checkpoint(
    checkpoint: Path,
    output: Path,
    *,
    name: str,
    version: str,
    description: str,
    overwrite: bool = False,
) -> None:
    """Write the (averaged) weights of a checkpoint as a model folder.

    LoRA matrices are merged into the weights.  The hashes of the run's configuration and data
    are written as ``training`` in ``config.json``, and beside them the heads that are untrained
    and what the sentences of labelled pairs taught (``knows``).

    Args:
        checkpoint: checkpoint of `mtrs-geo train`.
        output: the new model folder; written to a temporary folder and renamed at the end.
        name: name of the model.
        version: version of the model.
        description: one sentence for users of the model.
        overwrite: replace an existing folder.

    Raises:
        ModelError: if the file is not a checkpoint of `mtrs-geo train`.
        OutputError: if the folder exists, holds other files than a model has, or cannot be
            written.
    """
    model, state = load_training_checkpoint(checkpoint)
    facts = {
        "name": name,
        "version": version,
        "description": description,
        "steps": int(state["global_step"]),
        **state.get(FACTS_KEY, {}),
    }
    if PROVENANCE_KEY in state:
        facts["training"] = state[PROVENANCE_KEY]
    with staged_folder(
        output, overwrite=overwrite, inputs=[checkpoint], contents=MODEL_FILES
    ) as partial:
        save_folder(model, partial, facts)
