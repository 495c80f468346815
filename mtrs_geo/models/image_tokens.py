"""A date's coarsest map to tokens that a language model reads like words."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

__all__ = ["ImageTokens"]


class ImageTokens(nn.Module):
    """Two stride-2 convolutions: S × S cells become (S / 4)² tokens.

    Its norms are as large as the map that it was trained on, as in the paper's release;
    a map of another size is resized to that first.
    """

    def __init__(self, inputs: int, width: int, cells: int) -> None:
        super().__init__()
        self.cells = cells
        self.conv_half = nn.Conv2d(inputs, width, 3, stride=2, padding=1)
        self.norm_half = nn.LayerNorm([width, cells // 2, cells // 2])
        self.conv_quarter = nn.Conv2d(width, width, 3, stride=2, padding=1)
        self.norm_quarter = nn.LayerNorm([width, cells // 4, cells // 4])
        self.out = nn.Conv2d(width, width, 1)

    def forward(self, scene: Tensor) -> Tensor:
        """Turn maps (B, C, h, w) into tokens (B, (S / 4)², width), row by row."""
        cells = (self.cells, self.cells)
        if scene.shape[-2:] != cells:
            scene = F.interpolate(scene, size=cells, mode="bilinear", align_corners=False)
        half = self.norm_half(self.conv_half(scene))
        quarter = self.norm_quarter(self.conv_quarter(half))
        tokens: Tensor = self.out(quarter).flatten(2).transpose(1, 2)
        return tokens
