"""The paper's mask decoder: the [SEG] query alone, or learned queries without a sentence."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from mtrs_geo.models.config import LearnedQueriesConfig
from mtrs_geo.models.network.intent import Reading
from mtrs_geo.models.network.language import TextStates
from mtrs_geo.models.network.masked_attention import Decoded, MaskedAttention
from mtrs_geo.models.network.pixel_decoder import Pixels

__all__ = ["LearnedQueryDecoder", "Proposed"]


class Proposed(NamedTuple):
    """What the Q learned queries see in B pairs, after one decoder layer."""

    masks: Tensor
    """Logits (B, Q, H / 4, W / 4)."""
    changed: Tensor
    """Logits (B, Q): whether a query stands for a change at all."""


class LearnedQueryDecoder(MaskedAttention):
    """Masked attention as in the release.

    Stage 2 asks with the [SEG] query; stage 1 with learned queries, whose masks `propose`
    gives.
    """

    def __init__(self, config: LearnedQueriesConfig, channels: int) -> None:
        super().__init__(config, channels)
        self.queries = nn.Embedding(config.queries, channels)
        self.queries_position = nn.Embedding(config.queries, channels)
        self.changed = nn.Linear(channels, 1)

    def forward(
        self, pixels: Pixels, query: Tensor, text: TextStates, first: Tensor, reading: Reading
    ) -> Decoded:
        """Decode N sentences.

        Args:
            pixels: memory and mask features of each sentence's pair, batch N.
            query: (N, C).
            text: not looked at: the query holds what was understood.
            first: not looked at, as in the release.
            reading: passed on.
        """
        # The one query has no position: there is no other to tell it from.
        states, logits = self._ask(pixels, query[None], torch.zeros_like(query[:1]))
        masks = tuple(mask[:, 0] for mask in logits)
        return Decoded(masks, self.present(states[-1][0], masks[-1]), reading)

    def propose(self, pixels: Pixels) -> tuple[Proposed, ...]:
        """Return what the learned queries see after every layer."""
        queries = self.queries.weight[:, None].expand(-1, len(pixels.mask_features), -1)
        states, logits = self._ask(pixels, queries, self.queries_position.weight)
        return tuple(
            Proposed(masks, self.changed(state)[..., 0].T)  # (Q, B, C) -> (B, Q)
            for state, masks in zip(states, logits, strict=True)
        )

    def _ask(
        self, pixels: Pixels, queries: Tensor, places: Tensor
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        memory = pixels.memory
        return self.attend(memory, self.places(memory), queries, places, pixels.mask_features)
