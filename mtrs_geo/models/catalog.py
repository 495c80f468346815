"""Bundled models and their metadata; does not import torch."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from mtrs_geo.errors import ModelError
from mtrs_geo.models.calibration import CALIBRATION_FILE

__all__ = [
    "MODEL_FILES",
    "WEIGHTS",
    "bundled_metadata",
    "bundled_models",
    "sha256",
    "verify_weights",
]

WEIGHTS = Path(__file__).parent / "weights"
MODEL_FILES = (
    "config.json", "model.safetensors", "tokenizer.json", CALIBRATION_FILE, "encoder_int8.*",
)  # fmt: skip
"""Patterns of the files of a model folder that mtrs-geo writes."""


def bundled_models() -> tuple[str, ...]:
    """Return the names of the bundled models."""
    return tuple(sorted(p.parent.name for p in WEIGHTS.glob("*/config.json")))


def bundled_metadata() -> list[dict[str, Any]]:
    """Return the ``config.json`` of each bundled model: name, version, description, sizes."""
    return [json.loads((WEIGHTS / n / "config.json").read_text()) for n in bundled_models()]


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify_weights() -> None:
    """Compare the weights of every bundled model with the checksum in its ``config.json``.

    Raises:
        ModelError: if a file is missing or has another checksum.
    """
    for metadata in bundled_metadata():
        path = WEIGHTS / metadata["name"] / "model.safetensors"
        if not path.is_file() or sha256(path) != metadata["sha256"]:
            msg = f"{path} is missing or damaged."
            raise ModelError(msg, advice="Install mtrs-geo again.")
