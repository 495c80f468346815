"""Masked attention, the base of the mask decoders: queries attend only inside their masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from mtrs_geo.models.config import LearnedQueriesConfig, MaskDecoderConfig
from mtrs_geo.models.network.intent import Intent
from mtrs_geo.models.network.mask_attention_layers import MaskedAttentionLayers, sine_positions

__all__ = ["Decoded", "MaskedAttention", "mask_summary"]


class Decoded(NamedTuple):
    """Masks of N sentences."""

    masks: tuple[Tensor, ...]
    """Logits (N, H / 4, W / 4) after every decoder layer, final mask last."""
    presence: Tensor
    """Logits (N,): whether the image has any change that matches the sentence."""
    intent: Intent
    """Predicted intent of the sentences."""


class MaskedAttention(nn.Module):
    """Masked-attention decoder of Mask2Former (arXiv 2112.01527) and a presence head.

    The layers use the memory levels in turn, coarsest first.
    """

    def __init__(self, config: MaskDecoderConfig | LearnedQueriesConfig, channels: int) -> None:
        super().__init__()
        self.level_embedding = nn.Embedding(3, channels)
        self.decoder = MaskedAttentionLayers(config, channels)
        self.presence = nn.Sequential(
            nn.Linear(channels + 2, channels), nn.GELU(), nn.Linear(channels, 1)
        )

    def position_embeddings(self, memory: Sequence[Tensor]) -> list[Tensor]:
        """Return the position embeddings (1, C, h, w) of each level (N, C, h, w)."""
        return [sine_positions(level) for level in memory]

    def attend(
        self,
        memory: Sequence[Tensor],
        positions: Sequence[Tensor],
        queries: Tensor,
        query_positions: Tensor,
        features: Tensor | tuple[Tensor, Tensor],
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Run the decoder layers: queries attend to the memory.

        Args:
            memory: three levels (N, C, h, w), coarsest first.
            positions: from `position_embeddings`, one per level.
            queries: (Q, N, C).
            query_positions: position embeddings (Q, C).
            features: (N, C, H / 4, W / 4), or another input of the decoder's mask predictor.

        Returns:
            States (Q, N, C) and logits (N, Q, H / 4, W / 4) after every layer.
        """
        levels, count = self.level_embedding.weight, queries.shape[1]
        states = [
            m.flatten(2).permute(2, 0, 1) + levels[i] for i, m in enumerate(memory)
        ]  # (h*w, N, C)
        # The layers expect position embeddings per batch element.
        flat = [p.flatten(2).permute(2, 0, 1).expand(-1, count, -1) for p in positions]
        query_positions = query_positions[:, None].expand(-1, count, -1)
        sizes = [m.shape[-2:] for m in memory]
        out: tuple[tuple[Tensor, ...], tuple[Tensor, ...]] = self.decoder(
            queries, query_positions, states, flat, features, sizes
        )
        return out

    def presence_logit(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Return the presence logit (N,) from last states (N, C) and logits (N, h, w)."""
        # Uses the mask too: a head on pooled features alone collapsed in experiments.
        out: Tensor = self.presence(torch.cat([hidden, mask_summary(mask)], dim=1))[:, 0]
        return out


def mask_summary(mask: Tensor) -> Tensor:
    """Return (N, 2) of logits (N, h, w), detached: the mean of the strongest, and the log area."""
    flat = mask.detach().flatten(1)
    strongest = flat.topk(min(16, flat.shape[1]), dim=1).values.mean(1, keepdim=True)
    area = flat.sigmoid().mean(1, keepdim=True).clamp_min(1e-6).log()
    return torch.cat([strongest, area], dim=1)
