"""Conversion of the paper's release into a model folder of the base preset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from mtrs_geo.errors import ModelError
from mtrs_geo.models.catalog import MODEL_FILES
from mtrs_geo.models.checkpoints.checkpoint import new_model, save_folder
from mtrs_geo.models.checkpoints.hub_folder import read_tensors, read_tokenizer
from mtrs_geo.models.checkpoints.release_names import EXTRA_HEADS, rename_tensors
from mtrs_geo.models.checkpoints.strict import join_names, mismatches
from mtrs_geo.models.config import CausalLanguageConfig, ModelConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.models.presets import PRESETS
from mtrs_geo.outputs import staged_folder

__all__ = ["convert_release", "fill_from_release"]

_ANY_CHANGE = "everything that changed between the two images"
_SEG = "[SEG]"


def convert_release(
    release: Path,
    output: Path,
    config: ModelConfig = PRESETS["base"],
    *,
    overwrite: bool = False,
) -> None:
    """Write the release's weights as a model folder.

    The heads of base that the release does not have (dense change, land cover, intent, presence)
    stay untrained.  The folder therefore maps "any change" to a sentence.

    Args:
        release: folder of the release in Hugging Face's layout.
        output: folder to write; it appears when it is complete.
        config: configuration that fits the release's tensors.
        overwrite: replace an existing folder.

    Raises:
        ModelError: if files are missing or damaged, or a tensor is unknown, missing or of
            another shape; the message lists all of them.
        OutputError: if the folder exists, is or holds the release, holds other files than a model
            has, or cannot be written; nothing is read.
    """
    if not release.is_dir():
        msg = f"{release} is not a folder."
        raise ModelError(msg, advice="Give the folder that the release was downloaded to.")
    with staged_folder(
        output, overwrite=overwrite, inputs=[release], contents=MODEL_FILES
    ) as folder:
        _convert(release, folder, config)


def _convert(release: Path, folder: Path, config: ModelConfig) -> None:
    """Write the model into an empty folder."""
    tokenizer = read_tokenizer(release)
    state = read_tensors(release)
    config = replace(_with_seg(config, tokenizer), any_change_text=_ANY_CHANGE)
    # A fixed seed, so that two conversions of one release write the same untrained heads.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = new_model(config, tokenizer)
    fill_from_release(model, state)
    metadata = {
        "name": config.preset,
        "version": "release",
        "description": "MTRefSeg-R1 as released with arXiv 2606.00987.",
        "untrained": [head.removesuffix(".") for head in EXTRA_HEADS],
    }
    save_folder(model, folder, metadata, half=False)


def fill_from_release(model: MTRefSegR1, state: Mapping[str, Tensor]) -> None:
    """Load the release's tensors into a base model; the extra heads keep their weights.

    Raises:
        ModelError: if a tensor is unknown, missing or of another shape; the message lists all.
    """
    renamed, unknown = rename_tensors(state)
    expected = {n: t for n, t in model.state_dict().items() if not n.startswith(EXTRA_HEADS)}
    problems = mismatches(expected, renamed)
    if unknown or problems:
        names = f"not tensors of the release: {join_names(unknown)}. " if unknown else ""
        shapes = f"With the names of base: {problems}." if problems else ""
        msg = f"these weights are not the release's: {names}{shapes}"
        raise ModelError(msg.strip(), advice="Give the weights of the paper's release.")
    model.load_state_dict(renamed, strict=False)


def _with_seg(config: ModelConfig, tokenizer: Tokenizer) -> ModelConfig:
    token = tokenizer.token_to_id(_SEG)
    if token is None or not isinstance(config.language, CausalLanguageConfig):
        return config
    return replace(config, language=replace(config.language, seg_token=token))
