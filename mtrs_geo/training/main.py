"""`mtrs-geo train`: Lightning's command line over both stages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mtrs_geo.errors import MissingExtraError

__all__ = ["CONFIGS", "train"]

CONFIGS = Path(__file__).parent / "configs"
"""The bundled configurations, ``tiny_stage1.yaml`` and so on."""


def train(stage: str, arguments: Sequence[str]) -> None:
    """Run one stage.

    Args:
        stage: ``stage1`` or ``stage2``.
        arguments: Lightning CLI arguments, for example ``["fit", "--config", "x.yaml"]``.

    Raises:
        MissingExtraError: if the training extra is not installed.
    """
    try:
        from lightning.pytorch.cli import LightningCLI

        from mtrs_geo.data.datamodule import ChangeDataModule
        from mtrs_geo.training.stage1 import Stage1Task
        from mtrs_geo.training.stage2 import Stage2Task
    except ImportError as error:
        msg = f"training needs an extra: pip install 'mtrs-geo[train]' ({error})"
        raise MissingExtraError(msg) from error
    task = {"stage1": Stage1Task, "stage2": Stage2Task}[stage]
    LightningCLI(
        task,
        ChangeDataModule,
        args=list(arguments),
        save_config_kwargs={"overwrite": True},
        parser_kwargs={"fit": {"default_env": False}},
    )
