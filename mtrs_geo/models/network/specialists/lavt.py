"""LAVT-like decoder: language enters at every level, from fine to coarse.

Source: LAVT, arXiv 2112.02244.  In LAVT the gated features go on through the next stage of a Swin
encoder, so that every sentence runs the encoder.  Here the encoder runs once per pair: the levels
are those of the fused pyramid, and a gated level goes on to the next coarser one by pooling and a
1×1 convolution.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.config import SpecialistConfig
from mtrs_geo.models.network.blocks import conv_block
from mtrs_geo.models.network.language import TextStates
from mtrs_geo.models.network.specialists.pyramid_decoder import PyramidDecoder, TopDown
from mtrs_geo.models.network.specialists.word_attention import LanguageGate, PixelWordAttention

__all__ = ["LavtDecoder"]


class LavtDecoder(PyramidDecoder):
    """Pixel-word attention and a language gate per level, then a top-down decoder."""

    def __init__(self, config: SpecialistConfig, channels: int) -> None:
        super().__init__()
        self.attention = nn.ModuleList(PixelWordAttention(channels) for _ in range(4))
        self.gates = nn.ModuleList(LanguageGate(channels) for _ in range(3))
        self.down = nn.ModuleList(conv_block("batch", channels, channels, 1) for _ in range(3))
        self.top_down = TopDown(
            channels, config.width, lambda width: conv_block("batch", width, width, 3)
        )

    def mask(self, levels: Sequence[Tensor], query: Tensor, text: TextStates) -> Tensor:
        """Return logits, see `PyramidDecoder.mask`."""
        level = levels[0]
        language = [self.attention[0](level, text)]
        steps = zip(levels[1:], self.gates, self.down, self.attention[1:], strict=True)
        for coarser, gate, down, attention in steps:
            level = coarser + down(F.avg_pool2d(gate(level, language[-1]), 2))
            language.append(attention(level, text))
        logits: Tensor = self.top_down(language)
        return logits
