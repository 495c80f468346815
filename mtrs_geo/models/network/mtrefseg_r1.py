"""MTRefSeg-R1: composition of the submodules.

``encode`` processes a pair of images without text.  ``decode`` returns the masks of any number of
sentences for encoded pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.network.build import (
    build_intent_head,
    build_language,
    build_mask_decoder,
    build_pixel_decoder,
    build_projector,
    build_vision,
)
from mtrs_geo.models.network.dense.land_cover import GroundHead, LandCoverHead
from mtrs_geo.models.network.dense.upsampling import ConvexUpsampling, upsample
from mtrs_geo.models.network.fusion import Fusion
from mtrs_geo.models.network.intent import Intent, IntentToken, NoIntentToken, prior_logits
from mtrs_geo.models.network.language import TextStates
from mtrs_geo.models.network.masked_attention import Decoded
from mtrs_geo.models.network.pixel_decoder import PixelFeatures
from mtrs_geo.models.network.vision import VisionEncoder

if TYPE_CHECKING:
    from mtrs_geo.models.network.swin import SwinEncoder

__all__ = ["DENSE_CLASSES", "Encoded", "MTRefSegR1", "SentenceEmbeddings"]

DENSE_CLASSES = ("none", "appear", "disappear")
"""Classes of the dense change head, in order."""

_LEVELS = 4
"""Levels that are fused: strides 4, 8, 16 and 32."""


class Encoded(NamedTuple):
    """B encoded pairs of images, independent of any text."""

    pixels: PixelFeatures
    """Mask features and memory."""
    scene: Tensor
    """(B, V, H / 32, W / 32), the coarsest fused level."""
    change: Tensor
    """Logits (B, 3, H / 4, W / 4) over `DENSE_CLASSES`."""
    land_cover: Tensor
    """Logits (B, 2, 6, H / 4, W / 4) over `mtrs_geo.class_codes.MAP_CLASSES`, earlier date
    first."""
    context: Tensor | None = None
    """Image tokens (B, 2, T, C) of both dates, for a causal language model."""
    ground: Tensor | None = None
    """Logits (B, H / 4, W / 4) of a change of the ground, of a model with a ground head."""
    upsampling: Tensor | None = None
    """Weights (B, 9, 4, H / 4, W / 4) of `ConvexUpsampling`, of a model that has it."""

    def take(self, index: Tensor) -> Encoded:
        """Return the pairs ``index`` (N,), one per sentence."""
        memory = tuple(level[index] for level in self.pixels.memory)
        features = self.pixels.mask_features[index]
        pixels = PixelFeatures((memory[0], memory[1], memory[2]), features)
        context = None if self.context is None else self.context[index]
        ground = None if self.ground is None else self.ground[index]
        upsampling = None if self.upsampling is None else self.upsampling[index]
        dense = self.change[index], self.land_cover[index]
        return Encoded(pixels, self.scene[index], *dense, context, ground, upsampling)


class SentenceEmbeddings(NamedTuple):
    """N embedded sentences, independent of any image."""

    text: TextStates
    intent: Intent

    def take(self, index: Tensor) -> SentenceEmbeddings:
        """Return the sentences ``index`` (M,)."""
        text = TextStates(*(tensor[index] for tensor in self.text))
        return SentenceEmbeddings(text, Intent(*(tensor[index] for tensor in self.intent)))


class MTRefSegR1(nn.Module):
    """Two dates and a sentence to the mask of the change that the sentence describes."""

    def __init__(self, config: ModelConfig, tokenizer: Tokenizer) -> None:
        super().__init__()
        self.config = config
        channels = config.pixel_decoder.channels
        self.vision = build_vision(config.vision, config.upsampling_width is not None)
        self.fusion = Fusion(config.fusion, self.vision.channels)
        self.pixel_decoder = build_pixel_decoder(config.pixel_decoder, self.fusion.channels)
        self.change_head = nn.Conv2d(channels, len(DENSE_CLASSES), 1)
        self.land_cover_head = LandCoverHead(config.fusion.norm, channels, config.land_cover_rank)
        self.ground_head = GroundHead(channels) if config.ground_head else None
        self.upsampling = _upsampling(config, self.vision)
        self.language = build_language(
            config.language, tokenizer, channels, self.vision.channels[-1]
        )
        self.intent_head = build_intent_head(config.intent, self.language)
        self.intent_token = (
            IntentToken(self.language.channels) if config.intent else NoIntentToken()
        )
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
        return self.encode_pyramids(*self.pyramids(before, after))

    def pyramids(self, before: Tensor, after: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Return the feature pyramid (B, C_i, H / s_i, W / s_i) of each date, see `encode`.

        With convex upsampling the first map has stride 2.
        """
        both = self.vision(torch.cat([before, after]))
        half = before.shape[0]  # len() would fix the batch size of an exported graph
        return [f[:half] for f in both], [f[half:] for f in both]

    def pyramid(self, images: Tensor) -> list[Tensor]:
        """Return the feature pyramid (B, C_i, H / s_i, W / s_i) of B images of one date."""
        maps: list[Tensor] = self.vision(images)
        return maps

    def encode_pyramids(self, before: Sequence[Tensor], after: Sequence[Tensor]) -> Encoded:
        """Encode B pairs from the `pyramid` of each date."""
        fused = self.fusion(before[-_LEVELS:], after[-_LEVELS:])
        pixels = self.pixel_decoder(fused)
        context = self.language.encode_images(before[-1], after[-1])
        features = pixels.mask_features
        states = self.land_cover_head.states(features)
        change, land_cover = self.change_head(features), self.land_cover_head(states)
        ground = None if self.ground_head is None else self.ground_head(features, states)
        weights = None
        if self.upsampling is not None:
            weights = self.upsampling(before[0], after[0], features)
        return Encoded(pixels, fused[-1], change, land_cover, context, ground, weights)

    def upsample(self, logits: Tensor, encoded: Encoded) -> Tensor:
        """Return logits (B, N, H / 2, W / 2) from (B, N, H / 4, W / 4).

        A model without convex upsampling returns them unchanged.
        """
        return logits if encoded.upsampling is None else upsample(logits, encoded.upsampling)

    def add_ground_head(self) -> None:
        """Add an untrained ground head; with it the model answers nearly as without it."""
        if self.ground_head is None:
            self.config = replace(self.config, ground_head=True)
            self.ground_head = GroundHead(self.config.pixel_decoder.channels)

    def add_upsampling(self, width: int) -> None:
        """Add untrained convex upsampling; it begins as bilinear interpolation."""
        if self.upsampling is None:
            self.config = replace(self.config, upsampling_width=width)
            weights = self.vision.state_dict()
            self.vision = build_vision(self.config.vision, has_stride_2=True)
            self.vision.load_state_dict(weights)
            self.upsampling = _upsampling(self.config, self.vision)

    def embed(self, texts: Sequence[str]) -> SentenceEmbeddings:
        """Embed sentences and predict their intent; valid for any number of pairs."""
        text: TextStates = self.language(texts)
        return SentenceEmbeddings(text, self.intent_head(text))

    def decode(self, encoded: Encoded, sentences: SentenceEmbeddings) -> Decoded:
        """Return the masks of sentence i for pair i; the last one is upsampled.

        Args:
            encoded: N pairs (see `Encoded.take` for several sentences per pair).
            sentences: N, from `embed`.
        """
        intent = sentences.intent
        text = self.language.ground(sentences.text, encoded.context)
        text = self.intent_token(text, intent)
        query = self.projector(text, encoded.scene)
        prior = prior_logits(encoded.change, encoded.land_cover, intent, encoded.ground)
        decoded: Decoded = self.mask_decoder(encoded.pixels, query, text, prior, intent)
        *earlier, last = decoded.masks
        return decoded._replace(masks=(*earlier, self.upsample(last[:, None], encoded)[:, 0]))


def _upsampling(
    config: ModelConfig, vision: VisionEncoder | SwinEncoder
) -> ConvexUpsampling | None:
    if config.upsampling_width is None or not isinstance(vision, VisionEncoder):
        return None
    fine, channels = vision.fine_channels or 0, config.pixel_decoder.channels
    return ConvexUpsampling(config.fusion.norm, fine, channels, config.upsampling_width)
