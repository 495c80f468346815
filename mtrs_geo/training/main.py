"""`mtrs-geo train`: Lightning's command line over both stages, and fine-tuning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtrs_geo.errors import MissingExtraError

if TYPE_CHECKING:
    from mtrs_geo.training.finetune import Finetuned

__all__ = ["CONFIGS", "finetune", "train"]

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
    with _extra():
        from lightning.pytorch.cli import LightningCLI

        from mtrs_geo.data.datamodule import ChangeDataModule
        from mtrs_geo.training.stage1 import Stage1Task
        from mtrs_geo.training.stage2 import Stage2Task
    task = {"stage1": Stage1Task, "stage2": Stage2Task}[stage]
    LightningCLI(
        task,
        ChangeDataModule,
        args=list(arguments),
        save_config_kwargs={"overwrite": True},
        parser_kwargs={"fit": {"default_env": False}},
    )


def finetune(*args: Any, **kwargs: Any) -> Finetuned:  # noqa: ANN401 - passed on
    """Fine-tune a model: `mtrs_geo.training.finetune.finetune`.

    Raises:
        MissingExtraError: if the training extra is not installed.
    """
    with _extra():
        from mtrs_geo.training.finetune import finetune as run
    return run(*args, **kwargs)


@contextmanager
def _extra() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        msg = f"training needs an extra: pip install 'mtrs-geo[train]' ({error})"
        raise MissingExtraError(msg) from error
