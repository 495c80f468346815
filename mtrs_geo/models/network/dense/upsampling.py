"""Convex upsampling: logits at stride 4 to stride 2, along the outlines that the images show."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.config import NormKind
from mtrs_geo.models.network.blocks import conv_block

__all__ = ["ConvexUpsampling", "upsample"]

_FACTOR = 2
_NEIGHBOURS = 9
_SMALLEST = 1e-3
"""Weight of neighbours that bilinear interpolation does not use, so that their logarithm exists."""


class ConvexUpsampling(nn.Module):
    """Weights with which every fine pixel is a mean of the nine coarse cells around it.

    The weights come from the images alone, so one computation serves the masks of all sentences.
    Before training they are those of bilinear interpolation.  Source: RAFT, arXiv 2003.12039.

    Args:
        norm: kind of normalisation.
        fine_channels: channels of one date's features at stride 2.
        channels: channels of the mask features at stride 4.
        width: channels between the layers.
    """

    def __init__(self, norm: NormKind, fine_channels: int, channels: int, width: int) -> None:
        super().__init__()
        self.fine = nn.Conv2d(2 * fine_channels, width, 3, stride=2, padding=1)
        self.coarse = nn.Conv2d(channels, width, 1)
        last = nn.Conv2d(width, _NEIGHBOURS * _FACTOR**2, 1)
        nn.init.zeros_(last.weight)
        last.bias.data.copy_(_bilinear_logits())  # type: ignore[union-attr]
        self.layers = nn.Sequential(nn.ReLU(), *conv_block(norm, width, width, 3), last)

    def forward(self, before: Tensor, after: Tensor, mask_features: Tensor) -> Tensor:
        """Return weights (B, 9, 4, h, w), which are positive and sum to 1 over the nine cells.

        Args:
            before: (B, F, 2h, 2w), features of the earlier date at stride 2.
            after: the same of the later date.
            mask_features: (B, C, h, w).
        """
        difference = (after - before).abs()
        fine = self.fine(torch.cat([difference, after + before], dim=1))
        logits: Tensor = self.layers(fine + self.coarse(mask_features))
        rows, cols = logits.shape[-2:]
        # -1, because len() would fix the batch size of an exported graph.
        return logits.reshape(-1, _NEIGHBOURS, _FACTOR**2, rows, cols).softmax(1)


def upsample(logits: Tensor, weights: Tensor) -> Tensor:
    """Return logits (B, N, 2h, 2w) from logits (B, N, h, w) and weights of `ConvexUpsampling`."""
    rows, cols = logits.shape[-2:]
    padded = F.pad(logits, (1, 1, 1, 1), mode="replicate")
    shifted = (padded[:, :, None, i : i + rows, j : j + cols] for i in range(3) for j in range(3))
    # (B, N, 1, h, w) x (B, 1, 4, h, w) -> (B, N, 4, h, w)
    parts = [cell * weights[:, None, k] for k, cell in enumerate(shifted)]
    fine = torch.stack(parts).sum(0).flatten(1, 2)
    return F.pixel_shuffle(fine, _FACTOR)


def _bilinear_logits() -> Tensor:
    """Return the logarithms (36,) of the weights of bilinear interpolation."""
    near = torch.tensor([[0.25, 0.75, 0.0], [0.0, 0.75, 0.25]])  # one row per half of a cell
    weights = torch.einsum("ai,bj->ijab", near, near).reshape(_NEIGHBOURS, _FACTOR**2)
    return weights.clamp_min(_SMALLEST).log().flatten()
