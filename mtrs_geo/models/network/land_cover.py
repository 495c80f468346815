"""Land-cover head: the class of every pixel at both dates."""

from __future__ import annotations

from torch import Tensor, nn

from mtrs_geo.class_codes import MAP_CLASSES
from mtrs_geo.models.config import NormKind
from mtrs_geo.models.network.blocks import conv_block

__all__ = ["LandCoverHead"]


class LandCoverHead(nn.Module):
    """Mask features to the class of every pixel, before and after."""

    def __init__(self, norm: NormKind, channels: int, rank: int | None = None) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *conv_block(norm, channels, channels, 3, rank),
            nn.Conv2d(channels, 2 * len(MAP_CLASSES), 1),
        )

    def forward(self, mask_features: Tensor) -> Tensor:
        """Return logits (B, 2, 6, h, w), earlier date first, from features (B, C, h, w)."""
        logits: Tensor = self.layers(mask_features)
        # -1, because len() would fix the batch size of an exported graph.
        return logits.reshape(-1, 2, len(MAP_CLASSES), *logits.shape[2:])
