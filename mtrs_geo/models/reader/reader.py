"""Read a sentence with the bundled text encoder: its probable meanings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file
from threadpoolctl import ThreadpoolController
from tokenizers import Tokenizer

from mtrs_geo.errors import ModelError
from mtrs_geo.models.reader.encoder import NumpyBert
from mtrs_geo.models.reader.meanings import MEANINGS, probabilities
from mtrs_geo.types import FloatArray
from mtrs_geo.understanding import Opinion

__all__ = ["MOST_TOKENS", "SentenceReader"]

_WEIGHTS = Path(__file__).parents[1] / "weights"
_FIELDS = ("direction", "before", "after")
_HEADS = 12
_LEAST = 1e-4
_LIMITED = Lock()
MOST_TOKENS = 64
"""A sentence is read up to this number of tokens."""


@dataclass(frozen=True)
class SentenceReader:
    """Sentences to their probable meanings; the weights are read at the first sentence."""

    weights: Path = _WEIGHTS

    def __call__(self, text: str) -> tuple[Opinion, ...]:
        """Return the meanings of an English sentence, the most probable first.

        Those with a probability below 0.0001 are left out.

        Raises:
            ModelError: if a file of the weights is missing or damaged.
        """
        return _opinions(self.weights, text)


class _Network:
    """The encoder, its tokenizer and the heads."""

    def __init__(self, folder: Path) -> None:
        tensors = load_file(folder / "reader.safetensors")
        self.tokenizer = Tokenizer.from_file(str(folder / "minilm.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(MOST_TOKENS)
        trained = {n: t for n, t in tensors.items() if n.startswith("encoder.")}
        self.encoder = NumpyBert(folder / "minilm.safetensors", trained, _HEADS)
        heads = tensors.keys() - trained.keys()
        self.tensors = {name: tensors[name].astype(np.float32) for name in heads}
        self._threads = ThreadpoolController()

    def logits(self, text: str) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the logits of the direction, and of the classes at both dates."""
        # With matrices this small, waiting for a second thread costs more than it saves.  The limit
        # is the whole process's, so it is set by one thread at a time.
        with _LIMITED, self._threads.limit(limits=1, user_api="blas"):
            return self._logits(self.encoder(self.tokenizer.encode(text).ids))

    def _logits(self, states: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        scores = self._linear(states, "pooling")  # (L, 3)
        weights = np.exp(scores - scores.max(0))
        # One pooling per field: each date has another noun.
        pooled = (weights / weights.sum(0)).T @ states  # (3, C)
        direction, before, after = (
            self._linear(row, name) for row, name in zip(pooled, _FIELDS, strict=True)
        )
        return direction, before, after

    def _linear(self, x: FloatArray, name: str) -> FloatArray:
        return x @ self.tensors[f"{name}.weight"].T + self.tensors[f"{name}.bias"]


@lru_cache(maxsize=1000)
def _opinions(folder: Path, text: str) -> tuple[Opinion, ...]:
    found = probabilities(*_loaded(folder).logits(text))
    order = np.argsort(-found)
    return tuple(
        Opinion(MEANINGS[i].direction, MEANINGS[i].before, MEANINGS[i].after, float(found[i]))
        for i in order[found[order] >= _LEAST]
    )


@cache
def _loaded(folder: Path) -> _Network:
    try:
        return _Network(folder)
    except (OSError, KeyError, SafetensorError) as error:
        msg = f"the weights of the sentence reader in {folder} are missing or damaged ({error!r})."
        raise ModelError(msg, advice="Install mtrs-geo again.") from error
