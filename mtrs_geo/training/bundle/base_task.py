"""The part of torchgeo's BaseTask that the training tasks use, for machines without torchgeo."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from lightning.pytorch import LightningModule

__all__ = ["BaseTask"]


class BaseTask(LightningModule, ABC):
    """A task that stores its arguments, then builds its model, losses and metrics."""

    ignore: Sequence[str] | str | None = "weights"

    def __init__(self) -> None:
        super().__init__()
        self.save_hyperparameters(ignore=self.ignore)
        self.configure_models()
        self.configure_losses()
        self.configure_metrics()

    @abstractmethod
    def configure_models(self) -> None:
        """Build the model."""

    def configure_losses(self) -> None:
        """Build the losses; none by default."""

    def configure_metrics(self) -> None:
        """Build the metrics; none by default."""
