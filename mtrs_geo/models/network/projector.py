"""Description projector: the pooled sentence attends to the scene and becomes the [SEG] query.

Source: arXiv 2606.00987.  The release keeps only the first latent (the pooled state) after one
attention layer, so only that row is computed.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mtrs_geo.models.network.language import TextStates

__all__ = ["DescriptionProjector"]


class DescriptionProjector(nn.Module):
    """Text states (C) and fused coarse features (V) to one query (C) per sentence."""

    def __init__(self, channels: int, vision_channels: int, width: int, heads: int) -> None:
        super().__init__()
        self.text = nn.Linear(channels, width)
        self.latent = nn.Linear(channels, width)
        self.vision = nn.Linear(vision_channels, width)
        self.attend = nn.MultiheadAttention(width, heads, batch_first=True)
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, 4 * width, bias=False),
            nn.GELU(),
            nn.Linear(4 * width, width, bias=False),
        )
        self.norm = nn.LayerNorm(width)
        self.query = nn.Linear(2 * width, channels)

    def forward(self, text: TextStates, scene: Tensor) -> Tensor:
        """Return the [SEG] query (N, C).

        Args:
            text: N sentences.
            scene: (N, V, h, w), the fused coarsest level of each sentence's pair.
        """
        latent = self.latent(text.pooled)[:, None]  # (N, 1, width)
        pixels = self.vision(scene.flatten(2).transpose(1, 2))  # (N, h*w, width)
        keys = torch.cat([pixels, latent], dim=1)
        latent = latent + self.attend(latent, keys, keys, need_weights=False)[0]
        latent = self.norm(latent + self.feed_forward(latent))[:, 0]
        out: Tensor = self.query(torch.cat([self.text(text.pooled), latent], dim=-1))
        return out
