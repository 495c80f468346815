"""Presets as named data."""

from __future__ import annotations

from mtrs_geo.models.config import ModelConfig

__all__ = ["PRESETS"]

PRESETS: dict[str, ModelConfig] = {"tiny": ModelConfig()}
"""Name to configuration; ``tiny`` ships with trained weights."""
