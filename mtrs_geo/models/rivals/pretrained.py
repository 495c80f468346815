"""Strict loading of a model or processor of transformers from a folder."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import torch
import transformers

from mtrs_geo.errors import ModelError
from mtrs_geo.models.checkpoints.strict import join_names
from mtrs_geo.models.rivals.folders import model_type

__all__ = ["Placement", "Pretrained", "load_pretrained", "load_processor"]

Pretrained: TypeAlias = Any
"""A model, a processor or a class of them; transformers gives them no common useful type."""


@dataclass(frozen=True)
class Placement:
    """Where and how a model runs."""

    device: torch.device
    dtype: torch.dtype
    """Data type of weights and activations."""


def load_pretrained(
    folder: Path, class_name: str, types: Collection[str], placement: Placement
) -> Pretrained:
    """Return a model in eval mode, with exactly the tensors of its folder.

    Tensors that the class itself declares as parts of another model are left out: those of SAM 3's
    and SAM 2's video trackers.

    Args:
        folder: with ``config.json`` and safetensors.
        class_name: of the model in transformers.
        types: values of ``model_type`` in ``config.json`` that the class can load.
        placement: device and data type.

    Raises:
        ModelError: if transformers has no such class, or the folder is of another kind of model,
            is damaged, or has missing, unknown or differently shaped tensors.
    """
    found = model_type(folder)
    if found not in types:
        msg = f"{folder} has a model of type {found!r}, not {' or '.join(sorted(types))}."
        raise ModelError(msg, advice="Give a folder of that kind; docs/models.md names some.")
    loader = _class(class_name)
    try:
        with _quiet():
            model, report = loader.from_pretrained(
                folder, dtype=placement.dtype, use_safetensors=True, local_files_only=True,
                trust_remote_code=False, output_loading_info=True,
                ignore_mismatched_sizes=True,  # they are refused below, by name
            )  # fmt: skip
    except Exception as error:  # transformers raises whatever a config makes it meet
        msg = f"{folder} cannot be loaded as {class_name} ({_reason(error)})."
        raise ModelError(msg, advice="Download it again; weights must be safetensors.") from error
    _refuse_differences(folder, report)
    return model.to(placement.device).eval()


def load_processor(folder: Path, class_name: str) -> Pretrained:
    """Return the processor of a folder: its tokenizer and its image processor.

    Raises:
        ModelError: if a file is missing or damaged.
    """
    try:
        with _quiet():
            return _class(class_name).from_pretrained(
                folder, local_files_only=True, trust_remote_code=False
            )
    except ModelError:
        raise
    except Exception as error:  # see load_pretrained
        msg = f"{folder} has no usable {class_name} ({_reason(error)})."
        advice = "Copy the tokenizer's files and preprocessor_config.json of the model there."
        raise ModelError(msg, advice=advice) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the bars and reports of transformers off the terminal: errors say what is wrong."""
    logging = transformers.utils.logging
    verbosity, has_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if has_bars:
            logging.enable_progress_bar()


def _class(name: str) -> Pretrained:
    try:
        return getattr(transformers, name)
    except (AttributeError, ImportError) as error:
        msg = f"transformers {transformers.__version__} has no {name}."
        advice = "Install a newer one: pip install -U transformers torchvision."
        raise ModelError(msg, advice=advice) from error


def _refuse_differences(folder: Path, report: Mapping[str, Collection[str]]) -> None:
    """Refuse a model whose tensors are not exactly those of its folder."""
    kinds = {
        "missing": "missing_keys",
        "unknown": "unexpected_keys",
        "other shape": "mismatched_keys",
    }
    names = {kind: sorted(map(_name, report.get(key) or ())) for kind, key in kinds.items()}
    problems = "; ".join(f"{kind}: {join_names(found)}" for kind, found in names.items() if found)
    if problems:
        msg = f"the weights in {folder} do not fit its config.json: {problems}."
        raise ModelError(msg, advice="Download the folder again.")


def _name(entry: str | tuple[object, ...]) -> str:
    """Return the name of a tensor in a report; where shapes differ it is the first of a tuple."""
    return entry if isinstance(entry, str) else str(entry[0])


def _reason(error: Exception) -> str:
    return (str(error).strip() or repr(error)).splitlines()[0]
