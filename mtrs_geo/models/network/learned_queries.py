"""The paper's mask decoder: one [SEG] query per sentence, or learned queries without text."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from mtrs_geo.models.config import LearnedQueriesConfig
from mtrs_geo.models.network.intent import Intent
from mtrs_geo.models.network.language import TextStates
from mtrs_geo.models.network.masked_attention import Decoded, MaskedAttention
from mtrs_geo.models.network.pixel_decoder import PixelFeatures

__all__ = ["LearnedQueryDecoder", "MaskProposals"]


class MaskProposals(NamedTuple):
    """Masks of the Q learned queries for B pairs, after one decoder layer."""

    masks: Tensor
    """Logits (B, Q, H / 4, W / 4)."""
    changed: Tensor
    """Logits (B, Q): whether the mask of a query is a change."""


class LearnedQueryDecoder(MaskedAttention):
    """Masked attention as in the release.

    Stage 2 uses the [SEG] query, stage 1 the learned queries (see `propose`).
    """

    def __init__(self, config: LearnedQueriesConfig, channels: int) -> None:
        super().__init__(config, channels)
        self.queries = nn.Embedding(config.queries, channels)
        self.queries_position = nn.Embedding(config.queries, channels)
        self.changed = nn.Linear(channels, 1)

    def forward(
        self, pixels: PixelFeatures, query: Tensor, text: TextStates, prior: Tensor, intent: Intent
    ) -> Decoded:
        """Decode N sentences.

        Args:
            pixels: memory and mask features of each sentence's pair, batch N.
            query: (N, C).
            text: not used; the query summarises the sentence.
            prior: not used, as in the release.
            intent: returned unchanged.
        """
        # A single query needs no position embedding.
        states, logits = self._attend(pixels, query[None], torch.zeros_like(query[:1]))
        masks = tuple(mask[:, 0] for mask in logits)
        return Decoded(masks, self.presence_logit(states[-1][0], masks[-1]), intent)

    def propose(self, pixels: PixelFeatures) -> tuple[MaskProposals, ...]:
        """Return the masks of the learned queries after every layer."""
        queries = self.queries.weight[:, None].expand(-1, len(pixels.mask_features), -1)
        states, logits = self._attend(pixels, queries, self.queries_position.weight)
        return tuple(
            MaskProposals(masks, self.changed(state)[..., 0].T)  # (Q, B, C) -> (B, Q)
            for state, masks in zip(states, logits, strict=True)
        )

    def _attend(
        self, pixels: PixelFeatures, queries: Tensor, positions: Tensor
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        memory = pixels.memory
        embeddings = self.position_embeddings(memory)
        return self.attend(memory, embeddings, queries, positions, pixels.mask_features)
