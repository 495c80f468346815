"""The paper's release into a model folder of the base preset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from mtrs_geo.errors import ModelError
from mtrs_geo.models.checkpoints.checkpoint import new_model, save_folder
from mtrs_geo.models.checkpoints.hub_folder import read_tensors, read_tokenizer
from mtrs_geo.models.checkpoints.release_names import OWN_HEADS, renamed_tensors
from mtrs_geo.models.checkpoints.strict import listed, misfits
from mtrs_geo.models.config import CausalLanguageConfig, ModelConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.models.presets import PRESETS

__all__ = ["convert_release", "fill_from_release"]

_ANY_CHANGE = "everything that changed between the two images"
_SEG = "[SEG]"


def convert_release(folder: Path, out: Path, config: ModelConfig = PRESETS["base"]) -> None:
    """Write the release's weights as a model folder.

    What base has beyond the release (the dense change head, the reading of a sentence, the
    presence head) stays untrained, so the folder answers "any change" by a sentence.

    Args:
        folder: the release in Hugging Face's layout.
        out: created; its files are replaced at the end.
        config: what the release's tensors fit.

    Raises:
        ModelError: if files are missing or damaged, or a tensor is unknown, missing or of
            another shape; all are listed.
    """
    if not folder.is_dir():
        msg = f"{folder} is no folder. Give the folder that the release was downloaded to."
        raise ModelError(msg)
    tokenizer = read_tokenizer(folder)
    state = read_tensors(folder)
    config = replace(_with_seg(config, tokenizer), any_change_text=_ANY_CHANGE)
    # The untrained heads are the same whenever the same release is converted.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = new_model(config, tokenizer)
    fill_from_release(model, state)
    facts = {
        "name": config.preset,
        "version": "release",
        "description": "MTRefSeg-R1 as released with arXiv 2606.00987.",
        "untrained": [head.removesuffix(".") for head in OWN_HEADS],
    }
    save_folder(model, out, facts, half=False)


def fill_from_release(model: MTRefSegR1, state: Mapping[str, Tensor]) -> None:
    """Load the release's tensors into a model of base's kind; its own heads stay.

    Raises:
        ModelError: if a tensor is unknown, missing or of another shape; all are listed.
    """
    renamed, unknown = renamed_tensors(state)
    own = {n: t for n, t in model.state_dict().items() if not n.startswith(OWN_HEADS)}
    problems = misfits(own, renamed)
    if unknown or problems:
        strange = f"no such tensor in the release: {listed(unknown)}. " if unknown else ""
        misfit = f"By base's names: {problems}." if problems else ""
        msg = f"these weights are not the release's: {strange}{misfit}"
        raise ModelError(msg.strip())
    model.load_state_dict(renamed, strict=False)


def _with_seg(config: ModelConfig, tokenizer: Tokenizer) -> ModelConfig:
    token = tokenizer.token_to_id(_SEG)
    if token is None or not isinstance(config.language, CausalLanguageConfig):
        return config
    return replace(config, language=replace(config.language, seg_token=token))
