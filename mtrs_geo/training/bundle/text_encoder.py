"""The frozen text encoder in a quarter of its size: tokens in use, matrices of 8-bit integers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor

__all__ = ["pack_text_encoder", "token_ids", "unpack_text_encoder"]

_EMBEDDINGS = "embeddings.word_embeddings.weight"
_ROWS, _SCALE = "packed.rows", ".scale"


def token_ids(tokenizer: Tokenizer, texts: Iterable[str]) -> list[int]:
    """Return the ids of all tokens of some texts and of the special tokens, sorted."""
    special = tokenizer.encode("").ids
    letters = [i for token, i in tokenizer.get_vocab().items() if len(token.strip("#")) == 1]
    found = {i for text in texts for i in tokenizer.encode(text).ids}
    return sorted({*special, *letters, *found})


def pack_text_encoder(source: Path, target: Path, rows: list[int]) -> None:
    """Write a packed text encoder.

    Args:
        source: safetensors file of the frozen text encoder.
        target: file to write.
        rows: ids of the tokens to keep; all others become zero.
    """
    tensors = load_file(source)
    packed = {_ROWS: torch.tensor(rows)}
    for name, tensor in tensors.items():
        values = tensor[rows] if name == _EMBEDDINGS else tensor
        if values.ndim != 2:
            packed[name] = values
            continue
        scale = values.float().abs().amax(1, keepdim=True).clamp_min(1e-8) / 127
        packed[name] = (values.float() / scale).round().to(torch.int8)
        packed[name + _SCALE] = scale.half()
    save_file(packed, target)


def unpack_text_encoder(source: Path, target: Path, vocabulary: int) -> None:
    """Write the text encoder of a packed file, with ``vocabulary`` rows of word embeddings."""
    packed = load_file(source)
    tensors = {name: _unpacked(name, packed) for name in packed if not name.endswith(_SCALE)}
    rows = tensors.pop(_ROWS)
    words = tensors[_EMBEDDINGS]
    tensors[_EMBEDDINGS] = words.new_zeros(vocabulary, words.shape[1])
    tensors[_EMBEDDINGS][rows] = words
    save_file(tensors, target)


def _unpacked(name: str, packed: Mapping[str, Tensor]) -> Tensor:
    scale = packed.get(name + _SCALE)
    return packed[name] if scale is None else packed[name].half() * scale
