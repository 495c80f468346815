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
from mtrs_geo.models.network.build import (
    build_language,
    build_mask_decoder,
    build_pixel_decoder,
    build_projector,
    build_reader,
    build_vision,
)
from mtrs_geo.models.network.fusion import Fusion
from mtrs_geo.models.network.intent import Reading, ReadingWord, Untold, first_answer
from mtrs_geo.models.network.land_cover import LandHead
from mtrs_geo.models.network.language import TextStates
from mtrs_geo.models.network.masked_attention import Decoded
from mtrs_geo.models.network.pixel_decoder import Pixels

__all__ = ["DENSE_CLASSES", "Encoded", "MTRefSegR1", "Sentences"]

DENSE_CLASSES = ("none", "appear", "disappear")
"""Classes of the dense change head, in order."""


class Encoded(NamedTuple):
    """B pairs, seen; no text yet."""

    pixels: Pixels
    """Mask features and memory."""
    scene: Tensor
    """(B, V, H / 32, W / 32), the coarsest fused level."""
    change: Tensor
    """Logits (B, 3, H / 4, W / 4) over `DENSE_CLASSES`."""
    land: Tensor
    """Logits (B, 2, 6, H / 4, W / 4) over `mtrs_geo.class_codes.MAP_CLASSES`, by date."""
    context: Tensor | None = None
    """(B, 2, T, C) image tokens of both dates, where the language model sees them."""

    def take(self, index: Tensor) -> Encoded:
        """Return the pairs ``index`` (N,), one a sentence."""
        memory = tuple(level[index] for level in self.pixels.memory)
        pixels = Pixels((memory[0], memory[1], memory[2]), self.pixels.mask_features[index])
        context = None if self.context is None else self.context[index]
        return Encoded(pixels, self.scene[index], self.change[index], self.land[index], context)


class Sentences(NamedTuple):
    """N sentences, read; no picture yet."""

    text: TextStates
    reading: Reading

    def take(self, index: Tensor) -> Sentences:
        """Return the sentences ``index`` (M,)."""
        text = TextStates(*(part[index] for part in self.text))
        return Sentences(text, Reading(*(part[index] for part in self.reading)))


class MTRefSegR1(nn.Module):
    """Two dates and a sentence to the mask of the change that it describes."""

    def __init__(self, config: ModelConfig, tokenizer: Tokenizer) -> None:
        super().__init__()
        self.config = config
        channels = config.pixel_decoder.channels
        self.vision = build_vision(config.vision)
        self.fusion = Fusion(config.fusion, self.vision.channels)
        self.pixel_decoder = build_pixel_decoder(config.pixel_decoder, self.fusion.channels)
        self.change_head = nn.Conv2d(channels, len(DENSE_CLASSES), 1)
        self.land_head = LandHead(config.fusion.norm, channels, config.land_rank)
        self.language = build_language(
            config.language, tokenizer, channels, self.vision.channels[-1]
        )
        self.reader = build_reader(config.reader, self.language)
        self.told = ReadingWord(self.language.channels) if config.reader else Untold()
        self.projector = build_projector(
            config, self.language.channels, self.fusion.channels[-1], channels
        )
        self.mask_decoder = build_mask_decoder(config.mask_decoder, channels)

    def encode(self, before: Tensor, after: Tensor) -> Encoded:
        """Encode B pairs.

        Args:
            before: (B, 3, H, W), 0 to 255; H and W multiples of 32.
            after: the same place later, same shape.
        """
        return self.combine(*self.dates(before, after))

    def dates(self, before: Tensor, after: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Return either date's pyramid (B, C_i, H / s_i, W / s_i), see `encode`."""
        both = self.vision(torch.cat([before, after]))
        half = before.shape[0]  # len() would fix the batch of an exported graph
        return [f[:half] for f in both], [f[half:] for f in both]

    def combine(self, before: Sequence[Tensor], after: Sequence[Tensor]) -> Encoded:
        """Encode B pairs whose pyramids `dates` gave."""
        fused = self.fusion(before, after)
        pixels = self.pixel_decoder(fused)
        context = self.language.look(before[-1], after[-1])
        features = pixels.mask_features
        return Encoded(
            pixels, fused[-1], self.change_head(features), self.land_head(features), context
        )

    def embed(self, texts: Sequence[str]) -> Sentences:
        """Embed and read sentences; once a run is enough."""
        text: TextStates = self.language(texts)
        return Sentences(text, self.reader(text))

    def decode(self, encoded: Encoded, sentences: Sentences) -> Decoded:
        """Answer sentence i about pair i.

        Args:
            encoded: N pairs (see `Encoded.take` for several sentences a pair).
            sentences: N, as `embed` gave them.
        """
        reading = sentences.reading
        text = self.language.ground(sentences.text, encoded.context)
        text = self.told(text, reading)
        query = self.projector(text, encoded.scene)
        first = first_answer(encoded.change, encoded.land, reading)
        decoded: Decoded = self.mask_decoder(encoded.pixels, query, text, first, reading)
        return decoded
