"""Land-cover head and ground head: class of every pixel at both dates, and its changes."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mtrs_geo.class_codes import MAP_CLASSES
from mtrs_geo.models.config import NormKind
from mtrs_geo.models.network.blocks import conv_block

__all__ = ["GroundHead", "LandCoverHead"]

_START_LOGIT = -4.0
"""Logit of an untrained head: little ground changes."""


class LandCoverHead(nn.Module):
    """Mask features to the class of every pixel, before and after."""

    def __init__(self, norm: NormKind, channels: int, rank: int | None = None) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *conv_block(norm, channels, channels, 3, rank),
            nn.Conv2d(channels, 2 * len(MAP_CLASSES), 1),
        )

    def states(self, mask_features: Tensor) -> Tensor:
        """Return the states (B, C, h, w) before the last layer, from features (B, C, h, w)."""
        for layer in self.layers[:-1]:
            mask_features = layer(mask_features)
        return mask_features

    def forward(self, states: Tensor) -> Tensor:
        """Return logits (B, 2, 6, h, w), earlier date first, from `states` (B, C, h, w)."""
        logits: Tensor = self.layers[-1](states)
        # -1, because len() would fix the batch size of an exported graph.
        return logits.reshape(-1, 2, len(MAP_CLASSES), *logits.shape[2:])


class GroundHead(nn.Module):
    """Features to the logit of a change between two classes of ground.

    The labels of change data sets call everything but buildings unchanged, so the change head
    learns that roads and ponds do not change.  This head is trained where ground is labelled.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.projection = nn.Conv2d(2 * channels, 1, 1)
        nn.init.zeros_(self.projection.weight)
        self.projection.bias.data.fill_(_START_LOGIT)  # type: ignore[union-attr]

    def forward(self, mask_features: Tensor, land_cover_states: Tensor) -> Tensor:
        """Return logits (B, h, w).

        Args:
            mask_features: (B, C, h, w).
            land_cover_states: (B, C, h, w), see `LandCoverHead.states`.
        """
        features = torch.cat([mask_features, land_cover_states], dim=1)
        logits: Tensor = self.projection(features)[:, 0]
        return logits
