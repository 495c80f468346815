"""The models that ship with trained weights; no torch needed to ask."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from mtrs_geo.errors import ModelError

__all__ = ["WEIGHTS", "bundled_facts", "bundled_models", "sha256", "verify_weights"]

WEIGHTS = Path(__file__).parent / "weights"


def bundled_models() -> tuple[str, ...]:
    """Return their names."""
    return tuple(sorted(p.parent.name for p in WEIGHTS.glob("*/config.json")))


def bundled_facts() -> list[dict[str, Any]]:
    """Return what each model's ``config.json`` says: name, version, description, figures."""
    return [json.loads((WEIGHTS / n / "config.json").read_text()) for n in bundled_models()]


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify_weights() -> None:
    """Compare every bundled model's weights with the checksum in its ``config.json``.

    Raises:
        ModelError: if a file is missing or is not the one that was published.
    """
    for fact in bundled_facts():
        path = WEIGHTS / fact["name"] / "model.safetensors"
        if not path.is_file() or sha256(path) != fact["sha256"]:
            msg = f"{path} is missing or damaged. Install mtrs-geo again."
            raise ModelError(msg)
