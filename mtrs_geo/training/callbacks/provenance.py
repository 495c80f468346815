"""Provenance of a checkpoint: hashes of its configuration and of its data."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import yaml
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.cli import SaveConfigCallback

import mtrs_geo
from mtrs_geo.training.model_loading import PROVENANCE_KEY

__all__ = ["Provenance"]

_RESUME_OPTIONS = ("ckpt_path", "weights_only", "overwrite")
"""Options of resuming and replacing, which are not part of the configuration's hash."""


class Provenance(SaveConfigCallback):
    """Writes the resolved configuration to the log folder, and hashes into every checkpoint."""

    data_sha256: str | None = None

    def on_save_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Add the hashes."""
        if self.data_sha256 is None:
            self.data_sha256 = trainer.datamodule.fingerprint()
        checkpoint[PROVENANCE_KEY] = {
            "mtrs_geo": mtrs_geo.__version__,
            "config_sha256": self._config_hash(),
            "data_sha256": self.data_sha256,
        }

    def _config_hash(self) -> str:
        resolved = yaml.safe_load(self.parser.dump(self.config, skip_none=False))
        hashed = {name: value for name, value in resolved.items() if name not in _RESUME_OPTIONS}
        return hashlib.sha256(json.dumps(hashed, sort_keys=True).encode()).hexdigest()
