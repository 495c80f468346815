"""Configuration to submodule: the class that each kind of each section stands for."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Tokenizer

from mtrs_geo.models.config import (
    CausalLanguageConfig,
    DeformableDecoderConfig,
    IntentConfig,
    LanguageConfig,
    LearnedQueriesConfig,
    MaskDecoderConfig,
    ModelConfig,
    PixelDecoderConfig,
    SwinVisionConfig,
    VisionConfig,
)
from mtrs_geo.models.network.causal import CausalLanguage
from mtrs_geo.models.network.deformable import DeformableDecoder
from mtrs_geo.models.network.intent import IntentHead, PooledIntentHead
from mtrs_geo.models.network.language import LanguageEncoder
from mtrs_geo.models.network.latent import LatentProjector
from mtrs_geo.models.network.learned_queries import LearnedQueryDecoder
from mtrs_geo.models.network.mask_decoder import MaskDecoder
from mtrs_geo.models.network.pixel_decoder import FeaturePyramid
from mtrs_geo.models.network.projector import DescriptionProjector
from mtrs_geo.models.network.swin import SwinEncoder
from mtrs_geo.models.network.vision import VisionEncoder

__all__ = [
    "build_intent_head",
    "build_language",
    "build_mask_decoder",
    "build_pixel_decoder",
    "build_projector",
    "build_vision",
]


def build_vision(config: VisionConfig | SwinVisionConfig) -> VisionEncoder | SwinEncoder:
    """Return the encoder of one date."""
    if isinstance(config, SwinVisionConfig):
        return SwinEncoder(config)
    return VisionEncoder(config)


def build_pixel_decoder(
    config: PixelDecoderConfig | DeformableDecoderConfig, inputs: Sequence[int]
) -> FeaturePyramid | DeformableDecoder:
    """Return the decoder of a fused pyramid with ``inputs`` channels per level."""
    if isinstance(config, DeformableDecoderConfig):
        return DeformableDecoder(config, inputs)
    return FeaturePyramid(config, inputs)


def build_language(
    config: LanguageConfig | CausalLanguageConfig,
    tokenizer: Tokenizer,
    channels: int,
    vision_channels: int,
) -> LanguageEncoder | CausalLanguage:
    """Return the text encoder.

    Args:
        config: of either kind.
        tokenizer: of the language model.
        channels: width of the word states; a causal model keeps its own width.
        vision_channels: channels of the coarsest level, for the image tokens of a causal model.
    """
    if isinstance(config, CausalLanguageConfig):
        return CausalLanguage(config, tokenizer, vision_channels)
    return LanguageEncoder(config, tokenizer, channels)


def build_intent_head(
    config: IntentConfig | None, language: LanguageEncoder | CausalLanguage
) -> IntentHead | PooledIntentHead:
    """Return the intent head."""
    if config is None:
        return PooledIntentHead(language.channels)
    return IntentHead(config, language.backbone_channels)


def build_projector(
    config: ModelConfig, text_channels: int, vision_channels: int, channels: int
) -> DescriptionProjector | LatentProjector:
    """Return the projector of words and scene to the [SEG] query."""
    width, heads = config.mask_decoder.projector_width, config.mask_decoder.heads
    if config.projector == "latent":
        return LatentProjector(text_channels, vision_channels, channels, width, heads)
    return DescriptionProjector(channels, vision_channels, width, heads)


def build_mask_decoder(
    config: MaskDecoderConfig | LearnedQueriesConfig, channels: int
) -> MaskDecoder | LearnedQueryDecoder:
    """Return the decoder of the [SEG] query to a mask."""
    if isinstance(config, LearnedQueriesConfig):
        return LearnedQueryDecoder(config, channels)
    return MaskDecoder(config, channels)
