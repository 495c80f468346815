"""Adaptive rotated convolution (arXiv 2303.07820): kernels turn with the objects of an image."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

__all__ = ["RotatedConvolution"]

_MOST_ANGLE = math.radians(40)
_KERNEL_PX = 3


class RotatedConvolution(nn.Module):
    """A 3×3 convolution whose kernels are turned and weighted for each image.

    Angles and weights follow from the mean over the image, as in the source.  A result therefore
    depends a little on the tile.

    Args:
        channels: channels in and out.
        kernels: kernels that are turned on their own and summed.
    """

    def __init__(self, channels: int, kernels: int = 4) -> None:
        super().__init__()
        # Four dimensions, because only such tensors have the memory format channels last.
        shape = kernels * channels, channels, _KERNEL_PX, _KERNEL_PX
        self.weight = nn.Parameter(torch.empty(shape))
        # Four kernels at the initial share of a half have the variance of one.
        nn.init.normal_(self.weight, std=math.sqrt(8 / (kernels * channels * _KERNEL_PX**2)))
        self.routing = nn.Sequential(
            nn.Conv2d(channels, channels, _KERNEL_PX, padding=1, groups=channels), nn.ReLU()
        )
        self.angles = nn.Linear(channels, kernels, bias=False)
        self.shares = nn.Linear(channels, kernels)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, maps: Tensor) -> Tensor:
        """Return (N, C, h, w) from maps (N, C, h, w)."""
        pooled = self.routing(maps).mean((2, 3))
        angles = F.softsign(self.angles(pooled)) * _MOST_ANGLE  # (N, K)
        shares = self.shares(pooled).sigmoid()
        # (N, K) x (N, K, O, I, 3, 3) -> (N, O, I, 3, 3)
        kernels = torch.einsum("nk,nkoihw->noihw", shares, self._turned(angles))
        count, channels = maps.shape[:2]
        flat = maps.reshape(1, count * channels, *maps.shape[2:])
        out = F.conv2d(flat, kernels.flatten(0, 1), padding=1, groups=count)
        turned: Tensor = F.gelu(self.norm(out.reshape(maps.shape)))
        return turned

    def _turned(self, angles: Tensor) -> Tensor:
        """Return the kernels (N, K, O, I, 3, 3) turned by angles (N, K) in radians."""
        count, kernels = angles.shape
        channels = self.weight.shape[1]
        cos, sin, zero = angles.cos(), angles.sin(), torch.zeros_like(angles)
        rows = torch.stack([cos, -sin, zero], dim=-1), torch.stack([sin, cos, zero], dim=-1)
        matrices = torch.stack(rows, dim=-2).flatten(0, 1)  # (N * K, 2, 3)
        flat = self.weight.reshape(kernels, -1, _KERNEL_PX, _KERNEL_PX)  # (K, O * I, 3, 3)
        # Corners are cell centres of the kernel; what turns out of it is 0.
        size = [count * kernels, 1, _KERNEL_PX, _KERNEL_PX]
        grid = F.affine_grid(matrices, size, align_corners=True)
        turned = F.grid_sample(flat.repeat(count, 1, 1, 1).to(grid), grid, align_corners=True)
        return turned.reshape(count, kernels, channels, channels, _KERNEL_PX, _KERNEL_PX)
