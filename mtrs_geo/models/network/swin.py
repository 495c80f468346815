"""Swin transformer as image encoder, shared by both dates."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import SwinBackbone, SwinConfig

from mtrs_geo.models.config import SwinVisionConfig

__all__ = ["SwinEncoder"]

_STAGES = ("stage1", "stage2", "stage3", "stage4")


class SwinEncoder(nn.Module):
    """Swin (arXiv 2103.14030) with a layer norm on each of its four maps.

    Both dates are encoded as one batch.
    """

    def __init__(self, config: SwinVisionConfig) -> None:
        super().__init__()
        self.backbone = SwinBackbone(_swin_config(config))
        # Norm of the pooled output, which is not used and would get no gradient.
        self.backbone.swin.layernorm = nn.Identity()
        self.channels: tuple[int, ...] = tuple(config.width * 2**i for i in range(4))
        self.register_buffer("mean", torch.tensor(config.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(config.std).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Encode images.

        Args:
            images: (B, 3, H, W), 0 to 255, any dtype; H and W multiples of 32.

        Returns:
            Four maps (B, C_i, H / s_i, W / s_i), s = 4, 8, 16, 32.
        """
        mean, std = self.get_buffer("mean"), self.get_buffer("std")
        return self.features((images.to(mean.dtype) - mean) / std)

    def features(self, normal: Tensor) -> list[Tensor]:
        """Encode normalised images (B, 3, H, W)."""
        return list(self.backbone(normal).feature_maps)


def _swin_config(config: SwinVisionConfig) -> SwinConfig:
    return SwinConfig(
        embed_dim=config.width,
        depths=config.depths,
        num_heads=config.heads,
        window_size=config.window,
        drop_path_rate=config.drop_path,
        out_features=list(_STAGES),
    )
