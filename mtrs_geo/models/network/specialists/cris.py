"""CRIS-like decoder: a transformer over pixels and words, then text-to-pixel contrast.

Source: CRIS, arXiv 2111.15174.  CRIS starts from CLIP's two encoders; here the encoders are those
of tiny.  Its contrast is the cross entropy of the product of a sentence's state and each pixel's;
the product here is the mask logit, so that it is the mask loss of stage 2, with dice beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.config import SpecialistConfig
from mtrs_geo.models.network.blocks import conv_block
from mtrs_geo.models.network.language import TextStates
from mtrs_geo.models.network.mask_attention_layers import sine_positions
from mtrs_geo.models.network.specialists.pyramid_decoder import PyramidDecoder

__all__ = ["CrisDecoder"]

_KERNEL_PX = 3


class CrisDecoder(PyramidDecoder):
    """Neck, vision-language decoder at stride 16, and projector to stride 4."""

    def __init__(self, config: SpecialistConfig, channels: int) -> None:
        super().__init__()
        width = config.width
        self.neck = _Neck(channels)
        self.decoder = nn.TransformerDecoder(
            nn.TransformerDecoderLayer(
                channels, config.heads, config.feed_forward, dropout=0.1, batch_first=True,
                norm_first=True,
            ),
            config.layers,
            nn.LayerNorm(channels),
        )  # fmt: skip
        self.to_8 = conv_block("batch", channels, channels, 3)
        self.to_4 = conv_block("batch", channels, width, 3)
        self.pixels = nn.Conv2d(width, width, 1)
        self.sentence = nn.Linear(channels, width * _KERNEL_PX**2 + 1)

    def mask(self, levels: Sequence[Tensor], query: Tensor, text: TextStates) -> Tensor:
        """Return logits, see `PyramidDecoder.mask`."""
        maps = self.neck(levels, query)
        states = (maps + sine_positions(maps)).flatten(2).transpose(1, 2)  # (N, h*w, C)
        states = self.decoder(states, text.words, memory_key_padding_mask=text.padding)
        maps = states.transpose(1, 2).reshape(maps.shape)
        fine = self.to_4(_resize(self.to_8(_resize(maps, levels[1])), levels[0]))
        return self._contrast(self.pixels(fine), self.sentence(query))

    def _contrast(self, pixels: Tensor, sentence: Tensor) -> Tensor:
        """Return logits (N, h, w) of pixels (N, W, h, w) with a kernel (N, W * 9 + 1) each."""
        count, width = pixels.shape[:2]
        kernels = sentence[:, :-1].reshape(count, width, _KERNEL_PX, _KERNEL_PX)
        flat = pixels.reshape(1, count * width, *pixels.shape[2:])
        return F.conv2d(flat, kernels, sentence[:, -1], padding=_KERNEL_PX // 2, groups=count)[0]


class _Neck(nn.Module):
    """All levels at stride 16, the coarsest multiplied with the sentence, with coordinates."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.coarsest = conv_block("batch", channels, channels, 1)
        self.sentence = nn.Sequential(nn.Linear(channels, channels), nn.GELU())
        self.joint = conv_block("batch", 4 * channels, channels, 1)
        self.coordinates = conv_block("batch", channels + 2, channels, 3)

    def forward(self, levels: Sequence[Tensor], query: Tensor) -> Tensor:
        fine, eighth, sixteenth, coarsest = levels
        gated = self.coarsest(coarsest) * self.sentence(query)[..., None, None]
        pooled = F.avg_pool2d(fine, 4), F.avg_pool2d(eighth, 2), sixteenth
        joint = self.joint(torch.cat([*pooled, _resize(gated, sixteenth)], dim=1))
        rows, cols = (
            torch.linspace(-1, 1, side, device=joint.device, dtype=joint.dtype)
            for side in joint.shape[-2:]
        )
        grid = torch.stack(torch.meshgrid(rows, cols, indexing="ij"))  # (2, h, w)
        both = torch.cat([joint, grid.expand(len(joint), -1, -1, -1)], dim=1)
        out: Tensor = self.coordinates(both)
        return out


def _resize(source: Tensor, target: Tensor) -> Tensor:
    return F.interpolate(source, size=target.shape[-2:], mode="bilinear", align_corners=False)
