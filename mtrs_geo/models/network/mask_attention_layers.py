"""Layers of masked attention (arXiv 2112.01527), with the tensors and results of transformers'."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.config import LearnedQueriesConfig, MaskDecoderConfig

__all__ = ["MaskPredictor", "MaskedAttentionLayers", "sine_positions"]

_TEMPERATURE = 10_000


class MaskedAttentionLayers(nn.Module):
    """Decoder layers that use the memory levels in turn, each inside the masks before it."""

    def __init__(self, config: MaskDecoderConfig | LearnedQueriesConfig, channels: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_Layer(config, channels) for _ in range(config.layers))
        self.layernorm = nn.LayerNorm(channels)
        self.mask_predictor = MaskPredictor(channels, config.heads)

    def forward(
        self,
        queries: Tensor,
        query_positions: Tensor,
        memory: Sequence[Tensor],
        positions: Sequence[Tensor],
        features: Tensor | tuple[Tensor, Tensor],
        sizes: Sequence[torch.Size],
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Return states (Q, N, C) and logits (N, Q, H / 4, W / 4) before and after every layer.

        Args:
            queries: (Q, N, C).
            query_positions: (Q, N, C).
            memory: levels (h*w, N, C).
            positions: of the cells of each level, (h*w, N, C).
            features: input of the mask predictor.
            sizes: rows and columns of each level.
        """
        normed = self.layernorm(queries)
        mask, hidden = self.mask_predictor(normed, features, sizes[0])
        states, masks = [normed], [mask]
        for number, layer in enumerate(self.layers):
            level = number % len(memory)
            # A query whose mask is empty attends to all cells.
            hidden = hidden * (hidden.sum(-1) != hidden.shape[-1])[..., None]
            queries = layer(queries, query_positions, memory[level], positions[level], hidden)
            normed = self.layernorm(queries)
            mask, hidden = self.mask_predictor(normed, features, sizes[(number + 1) % len(memory)])
            states.append(normed)
            masks.append(mask)
        return tuple(states), tuple(masks)


class MaskPredictor(nn.Module):
    """Queries to masks, and to the cells to which they must not attend."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.num_heads = heads
        self.mask_embedder = nn.Sequential(
            nn.Sequential(nn.Linear(channels, channels), nn.ReLU()),
            nn.Sequential(nn.Linear(channels, channels), nn.ReLU()),
            nn.Sequential(nn.Linear(channels, channels), nn.Identity()),
        )

    def forward(self, states: Tensor, features: Any, size: torch.Size) -> tuple[Tensor, Tensor]:  # noqa: ANN401
        """Return masks (N, Q, h, w) and the attention mask (N * heads, Q, cells), true = hidden.

        Args:
            states: (Q, N, C).
            features: (N, C, h, w).
            size: rows and columns of the level that the next layer attends to.
        """
        queries = self.mask_embedder(states.transpose(0, 1))
        return self.with_hidden_cells(torch.einsum("bqc, bchw -> bqhw", queries, features), size)

    def with_hidden_cells(self, masks: Tensor, size: torch.Size) -> tuple[Tensor, Tensor]:
        """Return masks, and the cells of a level of another size that they hide."""
        resized = F.interpolate(masks, size=size, mode="bilinear", align_corners=False)
        hidden = self.is_hidden(resized.detach().flatten(2))  # (N, Q, cells)
        return masks, hidden[:, None].expand(-1, self.num_heads, -1, -1).flatten(0, 1)

    @staticmethod
    def is_hidden(logits: Tensor) -> Tensor:
        """Return which cells are outside of the masks."""
        return logits.sigmoid() < 0.5


class _Layer(nn.Module):
    """Attention of the queries to the memory, then to each other, then a feed-forward network."""

    def __init__(self, config: MaskDecoderConfig | LearnedQueriesConfig, channels: int) -> None:
        super().__init__()
        self.self_attn = _SelfAttention(channels, config.heads)
        self.self_attn_layer_norm = nn.LayerNorm(channels)
        self.cross_attn = nn.MultiheadAttention(channels, config.heads)
        self.cross_attn_layer_norm = nn.LayerNorm(channels)
        self.fc1 = nn.Linear(channels, config.feed_forward)
        self.fc2 = nn.Linear(config.feed_forward, channels)
        self.final_layer_norm = nn.LayerNorm(channels)

    def forward(
        self, queries: Tensor, query_positions: Tensor, memory: Tensor, positions: Tensor,
        hidden: Tensor,
    ) -> Tensor:  # fmt: skip
        attended = self.cross_attn(
            queries + query_positions, memory + positions, memory, attn_mask=hidden
        )[0]
        queries = self.cross_attn_layer_norm(queries + attended)
        queries = self.self_attn_layer_norm(queries + self.self_attn(queries, query_positions))
        wide = self.fc2(F.relu(self.fc1(queries)))
        out: Tensor = self.final_layer_norm(queries + wide)
        return out


class _SelfAttention(nn.Module):
    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.k_proj, self.v_proj, self.q_proj, self.out_proj = (
            nn.Linear(channels, channels) for _ in range(4)
        )

    def forward(self, states: Tensor, positions: Tensor) -> Tensor:
        values = states.transpose(0, 1)  # (N, Q, C)
        placed = values + positions.transpose(0, 1)
        count, queries, channels = values.shape
        width = channels // self.heads

        def split(tensor: Tensor) -> Tensor:
            parts = tensor.view(count, queries, self.heads, width).transpose(1, 2)
            return parts.reshape(count * self.heads, queries, width)

        query = split(self.q_proj(placed) * width**-0.5)
        key, value = split(self.k_proj(placed)), split(self.v_proj(values))
        attended = torch.bmm(torch.bmm(query, key.transpose(1, 2)).softmax(-1), value)
        joined = attended.view(count, self.heads, queries, width).transpose(1, 2)
        out: Tensor = self.out_proj(joined.reshape(count, queries, channels))
        return out.transpose(0, 1)


def sine_positions(level: Tensor) -> Tensor:
    """Return position embeddings (1, C, h, w) for the cells of a level (N, C, h, w)."""
    channels, rows, cols = level.shape[1:]
    row, col = (
        torch.arange(1, side + 1, dtype=level.dtype, device=level.device)
        / (side + 1e-6)
        * (2 * math.pi)
        for side in (rows, cols)
    )
    half = channels // 2
    steps = torch.arange(half, device=level.device).to(level.dtype)
    periods = _TEMPERATURE ** (2 * torch.div(steps, 2, rounding_mode="floor") / half)
    waves = [_waves(side[:, None] / periods) for side in (row, col)]  # (side, C / 2)
    grid = torch.cat(
        [waves[0][:, None].expand(-1, cols, -1), waves[1][None].expand(rows, -1, -1)], dim=-1
    )
    return grid.permute(2, 0, 1)[None]


def _waves(angles: Tensor) -> Tensor:
    return torch.stack((angles[:, 0::2].sin(), angles[:, 1::2].cos()), dim=2).flatten(1)
