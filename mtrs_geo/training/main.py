"""Functions behind `mtrs-geo train`; heavy imports happen when a function is called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mtrs_geo.errors import MissingExtraError
from mtrs_geo.heavy_imports import heavy_imports

if TYPE_CHECKING:
    from mtrs_geo.training.ablations import AblationResult
    from mtrs_geo.training.bundle.pack import PackedBundle
    from mtrs_geo.training.finetune.finetune import FinetuneResult

__all__ = ["ablations", "export", "finetune", "low_rank", "pack", "train"]


def train(stage: str, arguments: Sequence[str], description: str = "") -> dict[str, float]:
    """Run one stage.

    Args:
        stage: ``stage1``, ``intent``, ``stage2`` or ``stage2-pairs``.
        arguments: Lightning CLI arguments, for example ``["fit", "--config", "x.yaml"]``.
        description: first lines of the help.

    Returns:
        The last logged metrics by name.

    Raises:
        MissingExtraError: if the training extra is not installed.
    """
    with _extra():
        from mtrs_geo.training.command import run_stage
    return run_stage(stage, arguments, description)


def finetune(*args: Any, **kwargs: Any) -> FinetuneResult:  # noqa: ANN401 - passed on
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


def low_rank(*args: Any, **kwargs: Any) -> dict[str, float]:  # noqa: ANN401 - passed on
    """Write a low-rank model: `mtrs_geo.training.compress.factorize.factorize_model`.

    Raises:
        MissingExtraError: if the training extra is not installed.
    """
    with _extra():
        from mtrs_geo.training.compress.factorize import factorize_model
    return factorize_model(*args, **kwargs)


def pack(*args: Any, **kwargs: Any) -> PackedBundle:  # noqa: ANN401 - passed on
    """Write a training bundle: `mtrs_geo.training.bundle.pack.pack_bundle`.

    Raises:
        MissingExtraError: if the training extra is not installed.
    """
    with _extra():
        from mtrs_geo.training.bundle.pack import pack_bundle
    return pack_bundle(*args, **kwargs)


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
        with heavy_imports():
            yield
    except ImportError as error:
        msg = f"training needs packages that are not installed ({error})."
        advice = "Install them: pip install 'mtrs-geo[train]'"
        raise MissingExtraError(msg, advice=advice) from error
