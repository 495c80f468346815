"""`mtrs-geo train` as functions; nothing heavy is imported before one is called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mtrs_geo.errors import MissingExtraError

if TYPE_CHECKING:
    from mtrs_geo.training.ablations import AblationResult
    from mtrs_geo.training.finetune.finetune import Finetuned

__all__ = ["ablations", "export", "factor", "finetune", "train"]


def train(stage: str, arguments: Sequence[str]) -> dict[str, float]:
    """Run one stage.

    Args:
        stage: ``stage1``, ``reader`` or ``stage2``.
        arguments: Lightning CLI arguments, for example ``["fit", "--config", "x.yaml"]``.

    Returns:
        The last figures that were logged, by name.

    Raises:
        MissingExtraError: if the training extra is not installed.
    """
    with _extra():
        from mtrs_geo.training.command import run_stage
    return run_stage(stage, arguments)


def finetune(*args: Any, **kwargs: Any) -> Finetuned:  # noqa: ANN401 - passed on
    """Fine-tune a model: `mtrs_geo.training.finetune.finetune.finetune`.

    Raises:
        MissingExtraError: if the training extra is not installed.
    """
    with _extra():
        from mtrs_geo.training.finetune.finetune import finetune as run
    return run(*args, **kwargs)


def export(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - passed on
    """Export a checkpoint: `mtrs_geo.training.export.export_checkpoint`.

    Raises:
        MissingExtraError: if the training extra is not installed.
    """
    with _extra():
        from mtrs_geo.training.export import export_checkpoint
    export_checkpoint(*args, **kwargs)


def factor(*args: Any, **kwargs: Any) -> dict[str, float]:  # noqa: ANN401 - passed on
    """Make a model narrower: `mtrs_geo.training.compress.factorize.factor_model`.

    Raises:
        MissingExtraError: if the training extra is not installed.
    """
    with _extra():
        from mtrs_geo.training.compress.factorize import factor_model
    return factor_model(*args, **kwargs)


def ablations(*args: Any, **kwargs: Any) -> list[AblationResult]:  # noqa: ANN401 - passed on
    """Run the ablations: `mtrs_geo.training.ablations.run_ablations`.

    Raises:
        MissingExtraError: if the training extra is not installed.
    """
    with _extra():
        from mtrs_geo.training.ablations import run_ablations
    return run_ablations(*args, **kwargs)


@contextmanager
def _extra() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        msg = f"training needs an extra: pip install 'mtrs-geo[train]' ({error})"
        raise MissingExtraError(msg) from error
