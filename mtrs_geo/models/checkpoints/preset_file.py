"""A model configuration by the name of a preset, or from a JSON file."""

from __future__ import annotations

import json
from pathlib import Path

from mtrs_geo.errors import ModelError
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.presets import PRESETS

__all__ = ["read_preset"]


def read_preset(preset: str) -> ModelConfig:
    """Return a configuration.

    Args:
        preset: name of a preset, or a JSON file in the format of `ModelConfig.to_dict`.

    Raises:
        ModelError: if it is neither.
    """
    if preset in PRESETS:
        return PRESETS[preset]
    try:
        return ModelConfig.from_dict(json.loads(Path(preset).read_text("utf-8-sig")))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        msg = f"{preset} is neither a preset nor a readable JSON model configuration ({error!r})."
        advice = f"Give one of {', '.join(PRESETS)}, or a JSON file like `model` in config.json."
        raise ModelError(msg, advice=advice) from error
