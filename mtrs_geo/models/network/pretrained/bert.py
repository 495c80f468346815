"""BERT (arXiv 1810.04805), with the tensors and results of transformers' `BertModel`."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.config import LanguageConfig

__all__ = ["BertEncoder"]

_POSITIONS, _KINDS, _EPS = 512, 2, 1e-12


class BertEncoder(nn.Module):
    """Token ids to the hidden states of every layer; without dropout, as its weights are frozen.

    Args:
        config: number and widths of the layers.
    """

    def __init__(self, config: LanguageConfig) -> None:
        super().__init__()
        self.embeddings = _Embeddings(config)
        layers = nn.ModuleList(_Layer(config) for _ in range(config.layers))
        self.encoder = nn.ModuleDict({"layer": layers})

    def forward(self, ids: Tensor, mask: Tensor) -> list[Tensor]:
        """Return the states (N, L, C) before the first layer and after each.

        Args:
            ids: tokens (N, L), at most 512 per sentence.
            mask: (N, L) bool, false after the end of a sentence.
        """
        states = [self.embeddings(ids)]
        # (N, 1, L, L): every token attends to those of its sentence.
        seen = None if mask.all() else mask[:, None, None].expand(-1, 1, mask.shape[1], -1)
        for layer in self.encoder["layer"].children():
            states.append(layer(states[-1], seen))
        return states


class _Embeddings(nn.Module):
    """Sum of the embeddings of token, position and kind of sentence; all are of the first kind."""

    def __init__(self, config: LanguageConfig) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(config.vocab, config.hidden, padding_idx=0)
        self.position_embeddings = nn.Embedding(_POSITIONS, config.hidden)
        self.token_type_embeddings = nn.Embedding(_KINDS, config.hidden)
        self.LayerNorm = nn.LayerNorm(config.hidden, eps=_EPS)

    def forward(self, ids: Tensor) -> Tensor:
        positions = torch.arange(ids.shape[1], device=ids.device)[None]
        states = self.word_embeddings(ids) + self.token_type_embeddings(torch.zeros_like(ids))
        out: Tensor = self.LayerNorm(states + self.position_embeddings(positions))
        return out


class _SelfAttention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))

    def forward(self, states: Tensor, seen: Tensor | None) -> Tensor:
        shape = (*states.shape[:2], self.heads, -1)
        query, key, value = (
            project(states).view(shape).transpose(1, 2)  # (N, heads, L, C / heads)
            for project in (self.query, self.key, self.value)
        )
        attended = F.scaled_dot_product_attention(query, key, value, seen)
        return attended.transpose(1, 2).reshape(states.shape)


class _Output(nn.Module):
    """A linear layer, then the norm of its sum with the residual."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.dense = nn.Linear(inputs, width)
        self.LayerNorm = nn.LayerNorm(width, eps=_EPS)

    def forward(self, states: Tensor, residual: Tensor) -> Tensor:
        out: Tensor = self.LayerNorm(self.dense(states) + residual)
        return out


class _Layer(nn.Module):
    def __init__(self, config: LanguageConfig) -> None:
        super().__init__()
        width, wide = config.hidden, config.feed_forward
        self.attention = nn.ModuleDict(
            {"self": _SelfAttention(width, config.heads), "output": _Output(width, width)}
        )
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(width, wide)})
        self.output = _Output(wide, width)

    def forward(self, states: Tensor, seen: Tensor | None) -> Tensor:
        attended = self.attention["self"](states, seen)
        states = self.attention["output"](attended, states)
        out: Tensor = self.output(F.gelu(self.intermediate["dense"](states)), states)
        return out
