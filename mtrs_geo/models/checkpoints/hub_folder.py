"""A folder in Hugging Face's layout, on disk: its tensors and its tokenizer."""

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
    """Read all tensors of a folder: safetensors or bin files, whole or in shards.

    Pickles are read with ``weights_only``, so nothing in them is ever run.

    Raises:
        ModelError: if there are no weights, a shard is missing or damaged, or a file holds
            something else than tensors.
    """
    tensors: dict[str, Tensor] = {}
    for path in _shards(folder):
        tensors.update(_read(path))
    return tensors


def read_tokenizer(source: str | Path) -> Tokenizer:
    """Read ``tokenizer.json`` of a folder, or what transformers makes of its other files.

    Args:
        source: a folder; a hub's name where there is no such folder.

    Raises:
        ModelError: if there is none.
    """
    own = Path(source) / "tokenizer.json"
    try:
        if own.is_file():
            return Tokenizer.from_file(str(own))
        tokenizer: Tokenizer = AutoTokenizer.from_pretrained(source).backend_tokenizer
    except Exception as error:  # tokenizers raises bare Exceptions
        msg = (
            f"{source} holds no tokenizer that can be used ({error}). Copy tokenizer.json, or "
            "vocab.json and merges.txt, of its language model there."
        )
        raise ModelError(msg) from error
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
    msg = f"{folder} holds no weights: neither {names}, nor an index of their shards."
    raise ModelError(msg)


def _indexed(index: Path) -> list[Path]:
    try:
        names = sorted(set(json.loads(index.read_text())["weight_map"].values()))
    except (json.JSONDecodeError, KeyError, AttributeError) as error:
        msg = f"{index} is no index of shards ({error!r}). Copy it again."
        raise ModelError(msg) from error
    missing = [name for name in names if not (index.parent / name).is_file()]
    if missing:
        msg = f"{index.parent} lacks shards that its index names: {', '.join(missing)}."
        raise ModelError(msg)
    return [index.parent / name for name in names]


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            found: dict[str, Tensor] = load_file(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, SafetensorError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0]
        msg = f"{path} cannot be read as tensors and nothing else ({reason}). Copy it again."
        raise ModelError(msg) from error
    if not isinstance(found, dict) or not all(isinstance(t, Tensor) for t in found.values()):
        msg = f"{path} holds something else than named tensors. Give the model's own weights."
        raise ModelError(msg)
    return found
