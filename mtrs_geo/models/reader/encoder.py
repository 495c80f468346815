"""BERT in NumPy, for one sentence at a time; the tensors are those of the PyTorch module."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

from mtrs_geo.models.reader.differences import is_part, restored
from mtrs_geo.types import FloatArray

__all__ = ["NumpyBert"]

_EPS = 1e-12
_WORDS = "embeddings.word_embeddings.weight"
_POSITIONS = "embeddings.position_embeddings.weight"
_KINDS = "embeddings.token_type_embeddings.weight"
_Tensors = dict[str, FloatArray]


class NumpyBert:
    """Token ids to the states of the last layer.

    Args:
        weights: safetensors file of the encoder.
        trained: differences of trained weights (`differences`), which are added; other tensors take
            the place of those of the encoder.
        heads: number of attention heads.
    """

    def __init__(
        self, weights: Path, trained: Mapping[str, NDArray[np.generic]], heads: int
    ) -> None:
        self._weights, self._heads = weights, heads
        with safe_open(weights, "np") as file:
            # The embeddings are half of the file; a sentence needs some rows of them.
            self._tensors: _Tensors = {
                name: file.get_tensor(name).astype(np.float32)
                for name in file.keys()  # noqa: SIM118 - no mapping
                if name != _WORDS
            }
        for name, tensor in trained.items():
            if not is_part(name):
                self._tensors[name] = tensor.astype(np.float32)
        for layer, difference in restored(trained):
            self._tensors[f"{layer}.weight"] += difference
        layers = {name.split(".")[2] for name in self._tensors if name.startswith("encoder.layer.")}
        self._layers = len(layers)

    def __call__(self, ids: list[int]) -> FloatArray:
        """Return the states (L, C) of the tokens ``ids`` of one sentence."""
        with safe_open(self._weights, "np") as file:
            words = file.get_slice(_WORDS)
            rows = {i: words[i : i + 1] for i in set(ids)}
        embedded = np.concatenate([rows[i] for i in ids]).astype(np.float32)  # (L, C)
        states = embedded + self._tensors[_POSITIONS][: len(ids)] + self._tensors[_KINDS][0]
        states = self._norm(states, "embeddings")
        for i in range(self._layers):
            states = self._layer(states, f"encoder.layer.{i}")
        return states

    def _layer(self, states: FloatArray, at: str) -> FloatArray:
        query, key, value = (
            self._split(self._linear(states, f"{at}.attention.self.{name}"))
            for name in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[2])  # (heads, L, L)
        scores = np.exp(scores - scores.max(2, keepdims=True))
        attended = (scores / scores.sum(2, keepdims=True)) @ value  # (heads, L, C / heads)
        joined = attended.transpose(1, 0, 2).reshape(states.shape)
        joined = self._linear(joined, f"{at}.attention.output.dense")
        states = self._norm(joined + states, f"{at}.attention.output")
        wide = _gelu(self._linear(states, f"{at}.intermediate.dense"))
        return self._norm(self._linear(wide, f"{at}.output.dense") + states, f"{at}.output")

    def _split(self, states: FloatArray) -> FloatArray:
        return states.reshape(len(states), self._heads, -1).transpose(1, 0, 2)

    def _linear(self, states: FloatArray, name: str) -> FloatArray:
        return states @ self._tensors[f"{name}.weight"].T + self._tensors[f"{name}.bias"]

    def _norm(self, states: FloatArray, name: str) -> FloatArray:
        centred = states - states.mean(1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(1, keepdims=True) + _EPS)
        weight, bias = (self._tensors[f"{name}.LayerNorm.{part}"] for part in ("weight", "bias"))
        normed: FloatArray = scaled * weight + bias
        return normed


def _gelu(x: FloatArray) -> FloatArray:
    """Return x times the normal distribution function, with erf by Abramowitz and Stegun 7.1.26.

    NumPy has no erf; the error of this one is below 2e-7.
    """
    z = np.abs(x) / np.sqrt(np.float32(2))
    t = 1 / (1 + 0.3275911 * z)
    series = t * (
        0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))
    )
    erf = np.sign(x) * (1 - series * np.exp(-z * z))
    out: FloatArray = x * 0.5 * (1 + erf)
    return out
