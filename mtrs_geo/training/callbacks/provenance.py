"""Where a checkpoint comes from: hashes of its configuration and of its data."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import yaml
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.cli import SaveConfigCallback

import mtrs_geo

__all__ = ["PROVENANCE_KEY", "Provenance"]

PROVENANCE_KEY = "mtrs_geo_provenance"
"""Where a training checkpoint keeps it."""

_NOT_THE_RUN = ("ckpt_path", "weights_only")
"""Options that say where a run goes on, not what it does."""


class Provenance(SaveConfigCallback):
    """Writes the resolved configuration beside the logs, and its hash into every checkpoint."""

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
        kept = {name: value for name, value in resolved.items() if name not in _NOT_THE_RUN}
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
