"""Tensors and tokenizer of a folder in Hugging Face's layout."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from transformers import AutoTokenizer

from mtrs_geo.errors import ModelError

__all__ = ["read_tensors", "read_tokenizer"]

_STEMS = (("model", "safetensors"), ("pytorch_model", "bin"))


def read_tensors(folder: Path) -> dict[str, Tensor]:
    """Return all tensors of a folder: safetensors or bin files, one file or shards.

    Pickles are read with ``weights_only``, so code in them does not run.

    Raises:
        ModelError: if there are no weights, a shard is missing or damaged, or a file contains
            anything other than tensors.
    """
    tensors: dict[str, Tensor] = {}
    for path in _shards(folder):
        tensors.update(_read(path))
    return tensors


def read_tokenizer(source: str | Path) -> Tokenizer:
    """Return the tokenizer in ``tokenizer.json``, or the one that transformers builds.

    Args:
        source: a folder, or a name on the Hugging Face hub.

    Raises:
        ModelError: if there is no tokenizer.
    """
    path = Path(source) / "tokenizer.json"
    try:
        if path.is_file():
            return Tokenizer.from_file(str(path))
        # Files in a folder must neither name others on a server nor bring code.
        tokenizer: Tokenizer = AutoTokenizer.from_pretrained(
            source, local_files_only=Path(source).is_dir(), trust_remote_code=False
        ).backend_tokenizer
    except Exception as error:  # tokenizers raises bare Exceptions
        msg = f"{source} has no usable tokenizer ({error})."
        advice = "Copy tokenizer.json, or vocab.json and merges.txt, of the language model there."
        raise ModelError(msg, advice=advice) from error
    return tokenizer


def _shards(folder: Path) -> list[Path]:
    for stem, suffix in _STEMS:
        index = folder / f"{stem}.{suffix}.index.json"
        whole = folder / f"{stem}.{suffix}"
        if index.is_file():
            return _indexed(index)
        if whole.is_file():
            return [whole]
    names = " or ".join(f"{stem}.{suffix}" for stem, suffix in _STEMS)
    msg = f"{folder} has no weights: neither {names}, nor an index of shards."
    raise ModelError(msg, advice="Give the folder that the model was downloaded to.")


def _indexed(index: Path) -> list[Path]:
    try:
        names = sorted(set(json.loads(index.read_text())["weight_map"].values()))
        missing = [name for name in names if not (index.parent / name).is_file()]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        msg = f"{index} is not an index of shards ({error!r})."
        raise ModelError(msg, advice="Copy it again.") from error
    if missing:
        msg = f"{index.parent} has an index, but these shards are missing: {', '.join(missing)}."
        raise ModelError(msg, advice="Copy them into the folder.")
    return [index.parent / name for name in names]


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            tensors: dict[str, Tensor] = load_file(path)
        else:
            tensors = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, SafetensorError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0]
        msg = f"{path} cannot be read as a file of tensors only ({reason})."
        raise ModelError(msg, advice="Copy it again.") from error
    if not isinstance(tensors, dict) or not all(isinstance(t, Tensor) for t in tensors.values()):
        msg = f"{path} does not contain named tensors only."
        raise ModelError(msg, advice="Give the weights of the model, not a training checkpoint.")
    return tensors
