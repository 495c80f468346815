"""Configuration to part: which class stands in each room of the model."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Tokenizer

from mtrs_geo.models.config import (
    CausalLanguageConfig,
    DeformableDecoderConfig,
    LanguageConfig,
    LearnedQueriesConfig,
    MaskDecoderConfig,
    ModelConfig,
    PixelDecoderConfig,
    ReaderConfig,
    SwinVisionConfig,
    VisionConfig,
)
from mtrs_geo.models.network.causal import CausalLanguage
from mtrs_geo.models.network.deformable import DeformableDecoder
from mtrs_geo.models.network.intent import PooledReader, SentenceReader
from mtrs_geo.models.network.language import LanguageEncoder
from mtrs_geo.models.network.latent import LatentProjector
from mtrs_geo.models.network.learned_queries import LearnedQueryDecoder
from mtrs_geo.models.network.mask_decoder import MaskDecoder
from mtrs_geo.models.network.pixel_decoder import FeaturePyramid
from mtrs_geo.models.network.projector import DescriptionProjector
from mtrs_geo.models.network.swin import SwinEncoder
from mtrs_geo.models.network.vision import VisionEncoder

__all__ = [
    "build_language",
    "build_mask_decoder",
    "build_pixel_decoder",
    "build_projector",
    "build_reader",
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
    """Return what turns a fused pyramid of ``inputs`` channels into mask features."""
    if isinstance(config, DeformableDecoderConfig):
        return DeformableDecoder(config, inputs)
    return FeaturePyramid(config, inputs)


def build_language(
    config: LanguageConfig | CausalLanguageConfig,
    tokenizer: Tokenizer,
    channels: int,
    vision_channels: int,
) -> LanguageEncoder | CausalLanguage:
    """Return what reads sentences: into ``channels``, or as wide as the language model is."""
    if isinstance(config, CausalLanguageConfig):
        return CausalLanguage(config, tokenizer, vision_channels)
    return LanguageEncoder(config, tokenizer, channels)


def build_reader(
    config: ReaderConfig | None, language: LanguageEncoder | CausalLanguage
) -> SentenceReader | PooledReader:
    """Return what reads from a sentence what it asks for."""
    if config is None:
        return PooledReader(language.channels)
    return SentenceReader(config, language.source_channels)


def build_projector(
    config: ModelConfig, text_channels: int, vision_channels: int, channels: int
) -> DescriptionProjector | LatentProjector:
    """Return what turns words and scene into the [SEG] query."""
    width, heads = config.mask_decoder.projector_width, config.mask_decoder.heads
    if config.projector == "latent":
        return LatentProjector(text_channels, vision_channels, channels, width, heads)
    return DescriptionProjector(channels, vision_channels, width, heads)


def build_mask_decoder(
    config: MaskDecoderConfig | LearnedQueriesConfig, channels: int
) -> MaskDecoder | LearnedQueryDecoder:
    """Return what turns the [SEG] query into a mask."""
    if isinstance(config, LearnedQueriesConfig):
        return LearnedQueryDecoder(config, channels)
    return MaskDecoder(config, channels)
