"""Pixel-word attention and language gate, after LAVT (arXiv 2112.02244)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from mtrs_geo.models.network.language import TextStates

__all__ = ["LanguageGate", "PixelWordAttention"]


class PixelWordAttention(nn.Module):
    """Each pixel gathers the words that describe it, and is multiplied with them.

    LAVT normalises by the mean and variance of the image; this uses BatchNorm, so that results do
    not depend on the tile borders.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.query = _projection(channels)
        self.key = nn.Linear(channels, channels)
        self.value = nn.Linear(channels, channels)
        self.out = _projection(channels)
        self.pixels = nn.Sequential(nn.Conv2d(channels, channels, 1), nn.ReLU())
        self.joint = nn.Sequential(nn.Conv2d(channels, channels, 1), nn.ReLU())

    def forward(self, level: Tensor, text: TextStates) -> Tensor:
        """Return (N, C, h, w) from features (N, C, h, w) and N sentences."""
        query = self.query(level).flatten(2)  # (N, C, h*w)
        keys, values = self.key(text.words), self.value(text.words)
        # (N, L, C) x (N, C, h*w) -> (N, L, h*w)
        scores = keys @ query / math.sqrt(level.shape[1])
        weights = scores.masked_fill(text.padding[..., None], -torch.inf).softmax(1)
        gathered = (values.transpose(1, 2) @ weights).reshape(level.shape)
        out: Tensor = self.joint(self.pixels(level) * self.out(gathered))
        return out


class LanguageGate(nn.Module):
    """Weights in (-1, 1) with which a level takes up its language features."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, 1, bias=False),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 1, bias=False),
            nn.Tanh(),
        )

    def forward(self, level: Tensor, language: Tensor) -> Tensor:
        """Return features (N, C, h, w) of a level with its gated language features."""
        out: Tensor = level + self.layers(language) * language
        return out


def _projection(channels: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels))
