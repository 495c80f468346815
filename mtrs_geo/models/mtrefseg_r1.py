"""MTRefSeg-R1: composition only.

``encode`` is free of text and sees each date once; ``decode`` answers any number
of sentences about what was encoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.fusion import Fusion
from mtrs_geo.models.language import LanguageEncoder, TextStates
from mtrs_geo.models.mask_decoder import Decoded, MaskDecoder
from mtrs_geo.models.pixel_decoder import FeaturePyramid, Pixels
from mtrs_geo.models.projector import DescriptionProjector
from mtrs_geo.models.reading import SentenceReader, first_answer
from mtrs_geo.models.vision import VisionEncoder

__all__ = ["DENSE_CLASSES", "Encoded", "MTRefSegR1"]

DENSE_CLASSES = ("none", "appear", "disappear")
"""Classes of the dense change head, in order."""


class Encoded(NamedTuple):
    """B pairs, encoded; nothing in it depends on a sentence."""

    pixels: Pixels
    scene: Tensor
    """(B, V, H / 32, W / 32), the fused coarsest level."""
    change: Tensor
    """Logits (B, 3, H / 4, W / 4) over `DENSE_CLASSES`: the stage-1 answer."""

    def take(self, index: Tensor) -> Encoded:
        """Return the pairs at ``index`` (N,), with repeats."""
        memory = tuple(level[index] for level in self.pixels.memory)
        pixels = Pixels((memory[0], memory[1], memory[2]), self.pixels.mask_features[index])
        return Encoded(pixels, self.scene[index], self.change[index])


class MTRefSegR1(nn.Module):
    """Two dates and a sentence to the mask of the change that it describes."""

    def __init__(self, config: ModelConfig, tokenizer: Tokenizer) -> None:
        super().__init__()
        self.config = config
        channels, decoder = config.pixel_decoder.channels, config.mask_decoder
        self.vision = VisionEncoder(config.vision)
        self.fusion = Fusion(config.fusion, self.vision.channels)
        self.pixel_decoder = FeaturePyramid(config.pixel_decoder, self.fusion.channels)
        self.change_head = nn.Conv2d(channels, len(DENSE_CLASSES), 1)
        self.language = LanguageEncoder(config.language, tokenizer, channels)
        self.reader = SentenceReader(channels)
        self.projector = DescriptionProjector(
            channels, self.fusion.channels[-1], decoder.projector_width, decoder.heads
        )
        self.mask_decoder = MaskDecoder(decoder, channels)

    def encode(self, before: Tensor, after: Tensor) -> Encoded:
        """Encode B pairs.

        Args:
            before: (B, 3, H, W), 0 to 255; H and W multiples of 32.
            after: the same place later, same shape.
        """
        both = self.vision(torch.cat([before, after]))
        half = len(before)
        fused = self.fusion([f[:half] for f in both], [f[half:] for f in both])
        pixels = self.pixel_decoder(fused)
        return Encoded(pixels, fused[-1], self.change_head(pixels.mask_features))

    def embed(self, texts: Sequence[str]) -> TextStates:
        """Encode sentences; once a run is enough."""
        states: TextStates = self.language(texts)
        return states

    def decode(self, encoded: Encoded, text: TextStates) -> Decoded:
        """Answer sentence i about pair i.

        Args:
            encoded: N pairs (see `Encoded.take` for several sentences a pair).
            text: N sentences.
        """
        query = self.projector(text, encoded.scene)
        reading = self.reader(text.pooled)
        first = first_answer(encoded.change, reading)
        decoded: Decoded = self.mask_decoder(encoded.pixels, query, text, first, reading)
        return decoded
