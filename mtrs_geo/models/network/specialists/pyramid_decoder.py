"""Common parts of the specialists: four levels and a sentence to a mask."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.network.blocks import conv_block
from mtrs_geo.models.network.intent import Intent
from mtrs_geo.models.network.language import TextStates
from mtrs_geo.models.network.masked_attention import Decoded, mask_summary
from mtrs_geo.models.network.pixel_decoder import PixelFeatures

__all__ = ["PyramidDecoder", "SentenceQuery", "TopDown"]


class SentenceQuery(nn.Module):
    """The mean of a sentence's word states as its query; there is nothing to train."""

    def forward(self, text: TextStates, scene: Tensor) -> Tensor:
        """Return the query (N, C) of N sentences; the scene is not used."""
        return text.pooled


class PyramidDecoder(nn.Module, ABC):
    """Base of the specialists: one mask per sentence, and a presence head on the mask alone."""

    def __init__(self) -> None:
        super().__init__()
        self.presence = nn.Linear(2, 1)

    def forward(
        self, pixels: PixelFeatures, query: Tensor, text: TextStates, prior: Tensor, intent: Intent
    ) -> Decoded:
        """Decode N sentences.

        Args:
            pixels: memory and mask features of each sentence's pair, batch N.
            query: (N, C), the mean of each sentence's word states.
            text: the N sentences.
            prior: not used.
            intent: returned unchanged.
        """
        mask = self.mask((pixels.mask_features, *reversed(pixels.memory)), query, text)
        return Decoded((mask,), self.presence(mask_summary(mask))[:, 0], intent)

    @abstractmethod
    def mask(self, levels: Sequence[Tensor], query: Tensor, text: TextStates) -> Tensor:
        """Return logits (N, H / 4, W / 4).

        Args:
            levels: (N, C, h, w) at strides 4, 8, 16 and 32.
            query: (N, C).
            text: the N sentences.
        """


class TopDown(nn.Module):
    """Maps at strides 4 to 32 to one at stride 4: upsampled, concatenated and convolved.

    Args:
        inputs: channels of every map.
        width: channels between the layers.
        last_convolution: returns the second convolution of a level for its channels.
    """

    def __init__(
        self, inputs: int, width: int, last_convolution: Callable[[int], nn.Module]
    ) -> None:
        super().__init__()
        self.start = conv_block("batch", inputs, width, 1)
        self.blocks = nn.ModuleList(
            nn.Sequential(conv_block("batch", inputs + width, width, 3), last_convolution(width))
            for _ in range(3)
        )
        self.logits = nn.Conv2d(width, 1, 1)

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        """Return logits (N, H / 4, W / 4) from maps (N, C, h, w), finest first."""
        top = self.start(levels[-1])
        for level, block in zip(reversed(levels[:-1]), self.blocks, strict=True):
            top = F.interpolate(top, size=level.shape[-2:], mode="bilinear", align_corners=False)
            top = block(torch.cat([top, level], dim=1))
        logits: Tensor = self.logits(top)[:, 0]
        return logits
