"""The paper's description projector: the pooled sentence attends to the scene.

Source: arXiv 2606.00987; the attention is that of Flamingo's Perceiver resampler
(arXiv 2204.14198).  The release passes the pooled state and every word as latents and keeps only
the row of the pooled state.  That row does not depend on the others, so only it is computed.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.network.language import TextStates

__all__ = ["LatentProjector"]


class _LatentAttention(nn.Module):
    """Attention of latents to the scene and to themselves."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_scene = nn.LayerNorm(width)
        self.norm_latent = nn.LayerNorm(width)
        self.query = nn.Linear(width, width, bias=False)
        self.key_value = nn.Linear(width, 2 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def forward(self, latent: Tensor, scene: Tensor) -> Tensor:
        latent = self.norm_latent(latent)
        states = torch.cat([self.norm_scene(scene), latent], dim=1)
        key, value = self.key_value(states).chunk(2, dim=-1)
        attended = F.scaled_dot_product_attention(
            self._split(self.query(latent)), self._split(key), self._split(value)
        )  # (N, heads, 1, width / heads)
        out: Tensor = self.out(attended.transpose(1, 2).flatten(2))
        return out

    def _split(self, states: Tensor) -> Tensor:
        return states.view(*states.shape[:2], self.heads, -1).transpose(1, 2)


class LatentProjector(nn.Module):
    """Text states (T) and fused coarse features (V) to one query (C) per sentence."""

    def __init__(
        self, text_channels: int, vision_channels: int, channels: int, width: int, heads: int
    ) -> None:
        super().__init__()
        self.text = nn.Linear(text_channels, width)
        self.latent = nn.Linear(text_channels, width)
        self.vision = nn.Linear(vision_channels, width)
        self.attend = _LatentAttention(width, heads)
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, width, bias=False),
            nn.GELU(),
            nn.Linear(width, width, bias=False),
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
        latent = latent + self.attend(latent, pixels)
        latent = self.norm(latent + self.feed_forward(latent))[:, 0]
        out: Tensor = self.query(torch.cat([self.text(text.pooled), latent], dim=-1))
        return out
