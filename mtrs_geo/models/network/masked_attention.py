"""Masked attention, the base of the mask decoders: queries attend only inside their masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from transformers import Mask2FormerConfig
from transformers.models.mask2former.modeling_mask2former import (
    Mask2FormerMaskedAttentionDecoder,
    Mask2FormerSinePositionEmbedding,
)

from mtrs_geo.models.config import LearnedQueriesConfig, MaskDecoderConfig
from mtrs_geo.models.network.intent import Intent

__all__ = ["Decoded", "MaskedAttention"]


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
        self.position = Mask2FormerSinePositionEmbedding(channels // 2, normalize=True)
        self.decoder = Mask2FormerMaskedAttentionDecoder(_decoder_config(config, channels))
        self.presence = nn.Sequential(
            nn.Linear(channels + 2, channels), nn.GELU(), nn.Linear(channels, 1)
        )

    def position_embeddings(self, memory: Sequence[Tensor]) -> list[Tensor]:
        """Return the position embeddings (1, C, h, w) of each level (N, C, h, w)."""
        return [
            self.position(torch.Size((1, *level.shape[1:])), level.device, level.dtype)
            for level in memory
        ]

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
        # The decoder expects position embeddings per batch element.
        flat = [p.flatten(2).permute(2, 0, 1).expand(-1, count, -1) for p in positions]
        out = self.decoder(
            inputs_embeds=queries,
            multi_stage_positional_embeddings=flat,
            pixel_embeddings=features,
            encoder_hidden_states=states,
            query_position_embeddings=query_positions[:, None].expand(-1, count, -1),
            feature_size_list=[m.shape[-2:] for m in memory],
            return_dict=True,
        )
        return tuple(out.intermediate_hidden_states), tuple(out.masks_queries_logits)

    def presence_logit(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Return the presence logit (N,) from last states (N, C) and logits (N, h, w)."""
        # Uses the mask too: a head on pooled features alone collapsed in experiments.
        flat = mask.detach().flatten(1)
        strongest = flat.topk(min(16, flat.shape[1]), dim=1).values.mean(1, keepdim=True)
        area = flat.sigmoid().mean(1, keepdim=True).clamp_min(1e-6).log()
        out: Tensor = self.presence(torch.cat([hidden, strongest, area], dim=1))[:, 0]
        return out


def _decoder_config(
    config: MaskDecoderConfig | LearnedQueriesConfig, channels: int
) -> Mask2FormerConfig:
    return Mask2FormerConfig(
        hidden_dim=channels,
        mask_feature_size=channels,
        # transformers counts the prediction before the first layer as one layer.
        decoder_layers=config.layers + 1,
        num_attention_heads=config.heads,
        dim_feedforward=config.feed_forward,
        dropout=0.0,
        pre_norm=False,
    )
