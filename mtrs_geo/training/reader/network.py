"""The sentence reader in PyTorch: MiniLM with matrices of low rank in its layers, and heads.

Source of the matrices: arXiv 2106.09685.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.config import LanguageConfig, ModelConfig
from mtrs_geo.models.network.pretrained.bert import BertEncoder
from mtrs_geo.models.reader import DIRECTIONS, MOST_TOKENS, SCALE
from mtrs_geo.understanding import LAND_COVER

__all__ = ["ReaderNetwork", "bundled_tokenizer"]

_BATCH = 64
_HEADS = {"direction": len(DIRECTIONS), "before": len(LAND_COVER), "after": len(LAND_COVER)}


class _LowRank(nn.Module):
    """A frozen linear layer plus the product of two trained matrices."""

    def __init__(self, layer: nn.Linear, rank: int) -> None:
        super().__init__()
        self.layer = layer
        scale = math.sqrt(layer.in_features)
        self.down = nn.Parameter(torch.randn(rank, layer.in_features) / scale)
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.layer(x) + SCALE * F.linear(F.linear(x, self.down), self.up)
        return out


class ReaderNetwork(nn.Module):
    """Sentences to logits of the direction and of the classes at both dates.

    The lower layers stay as they are, so that their states of a sentence are computed once.

    Args:
        trained: number of upper layers with matrices of low rank.
        rank: of these matrices.
    """

    def __init__(self, trained: int, rank: int) -> None:
        super().__init__()
        config = _language_config()
        self.tokenizer = bundled_tokenizer()
        self.encoder = BertEncoder(config)
        weights = load_file(WEIGHTS / "minilm.safetensors")
        self.encoder.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
        self.encoder.requires_grad_(False)
        layers = list(self.encoder.encoder["layer"].children())
        self._lower, self._upper = layers[:-trained], layers[-trained:]
        for layer in self._upper:
            _adapt(layer, rank)
        width = config.hidden
        self.dropout = nn.Dropout(0.1)
        self.pooling = nn.Linear(width, len(_HEADS))
        nn.init.zeros_(self.pooling.weight)
        nn.init.zeros_(self.pooling.bias)
        self.heads = nn.ModuleDict({name: nn.Linear(width, n) for name, n in _HEADS.items()})

    @torch.no_grad()
    def lower_states(self, texts: Sequence[str], hidden_share: float = 0.0) -> list[Tensor]:
        """Return the states (L, C) in float16 below the trained layers, per sentence.

        Args:
            texts: sentences.
            hidden_share: share of the tokens that become unknown.
        """
        unknown = self.tokenizer.encode("[UNK]").ids[1]
        encoded = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        found: dict[int, Tensor] = {}
        # Sentences of one length need no padding.
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i]))
        for _, group in groupby(order, key=lambda i: len(encoded[i])):
            for batch in _batched(group, _BATCH):
                ids = torch.tensor([encoded[i] for i in batch])  # (N, L)
                hidden = torch.rand(ids.shape) < hidden_share
                hidden[:, [0, -1]] = False
                states = self.encoder.embeddings(ids.masked_fill(hidden, unknown))
                for layer in self._lower:
                    states = layer(states, None)
                found.update(zip(batch, states.half(), strict=True))
        return [found[i].clone() for i in range(len(texts))]

    def forward(self, states: Sequence[Tensor]) -> dict[str, Tensor]:
        """Return the logits (N, …) of each head for N sentences of `lower_states`."""
        lengths = torch.tensor([len(rows) for rows in states])
        mask = torch.arange(int(lengths.max()))[None] < lengths[:, None]
        words = nn.utils.rnn.pad_sequence(list(states), batch_first=True).float()  # (N, L, C)
        seen = None if mask.all() else mask[:, None, None].expand(-1, 1, mask.shape[1], -1)
        for layer in self._upper:
            words = layer(self.dropout(words), seen)
        weights = self.pooling(words).masked_fill(~mask[..., None], -torch.inf).softmax(1)
        pooled = self.dropout(torch.einsum("nlf,nlc->fnc", weights, words))
        return {
            name: head(rows) for (name, head), rows in zip(self.heads.items(), pooled, strict=True)
        }

    def load_trained(self, tensors: Mapping[str, Tensor]) -> None:
        """Set the tensors of ``reader.safetensors``, to go on with their training."""
        with torch.no_grad():
            for name, parameter in self._trained():
                parameter.copy_(tensors[name])

    def trained_tensors(self) -> dict[str, Tensor]:
        """Return the tensors of ``reader.safetensors``, in float16."""
        return {name: p.detach().half().contiguous() for name, p in self._trained()}

    def _trained(self) -> Iterator[tuple[str, nn.Parameter]]:
        for name, parameter in self.named_parameters():
            if parameter.requires_grad:
                yield name.removeprefix("encoder.").removeprefix("heads."), parameter


def bundled_tokenizer() -> Tokenizer:
    """Return the tokenizer of the bundled MiniLM, without padding."""
    tokenizer = Tokenizer.from_file(str(WEIGHTS / "minilm.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_TOKENS)
    return tokenizer


def _language_config() -> LanguageConfig:
    model = json.loads((WEIGHTS / "tiny" / "config.json").read_text("utf-8"))["model"]
    language = ModelConfig.from_dict(model).language
    assert isinstance(language, LanguageConfig)
    return language


def _adapt(layer: nn.Module, rank: int) -> None:
    """Add matrices of low rank to all linear layers of a layer."""
    for name, part in list(layer.named_modules()):
        if isinstance(part, nn.Linear):
            parent, _, own = name.rpartition(".")
            layer.get_submodule(parent).add_module(own, _LowRank(part, rank))


def _batched(items: Iterable[int], size: int) -> Iterator[list[int]]:
    """Yield lists of at most ``size`` items."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
