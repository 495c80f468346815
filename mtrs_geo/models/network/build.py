"""Configuration to submodule: the class that each kind of each section stands for.

Modules that import transformers are imported when a model needs them: it takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tokenizers import Tokenizer

from mtrs_geo.errors import ModelError
from mtrs_geo.models.config import (
    CausalLanguageConfig,
    DeformableDecoderConfig,
    IntentConfig,
    LanguageConfig,
    LearnedQueriesConfig,
    MaskDecoderConfig,
    ModelConfig,
    PixelDecoderConfig,
    SpecialistConfig,
    SwinVisionConfig,
    VisionConfig,
)
from mtrs_geo.models.network.intent import IntentHead, PooledIntentHead
from mtrs_geo.models.network.language import LanguageEncoder
from mtrs_geo.models.network.latent import LatentProjector
from mtrs_geo.models.network.learned_queries import LearnedQueryDecoder
from mtrs_geo.models.network.mask_decoder import MaskDecoder
from mtrs_geo.models.network.pixel_decoder import FeaturePyramid
from mtrs_geo.models.network.projector import DescriptionProjector
from mtrs_geo.models.network.specialists.cris import CrisDecoder
from mtrs_geo.models.network.specialists.lavt import LavtDecoder
from mtrs_geo.models.network.specialists.pyramid_decoder import PyramidDecoder, SentenceQuery
from mtrs_geo.models.network.specialists.rmsin import RmsinDecoder
from mtrs_geo.models.network.vision import VisionEncoder

if TYPE_CHECKING:
    from mtrs_geo.models.network.causal import CausalLanguage
    from mtrs_geo.models.network.deformable import DeformableDecoder
    from mtrs_geo.models.network.swin import SwinEncoder

__all__ = [
    "build_intent_head",
    "build_language",
    "build_mask_decoder",
    "build_pixel_decoder",
    "build_projector",
    "build_vision",
]

_SPECIALISTS: dict[str, Callable[[SpecialistConfig, int], PyramidDecoder]] = {
    "lavt": LavtDecoder,
    "cris": CrisDecoder,
    "rmsin": RmsinDecoder,
}


def build_vision(
    config: VisionConfig | SwinVisionConfig, has_stride_2: bool
) -> VisionEncoder | SwinEncoder:
    """Return the encoder of one date.

    Raises:
        ModelError: if a Swin transformer is to return features at stride 2, which it has not.
    """
    if not isinstance(config, SwinVisionConfig):
        return VisionEncoder(config, has_stride_2)
    if has_stride_2:
        msg = "upsampling_width needs an encoder with features at stride 2; Swin has none."
        raise ModelError(msg, advice="Set upsampling_width to null in the model's config.json.")
    from mtrs_geo.models.network.swin import SwinEncoder

    return SwinEncoder(config)


def build_pixel_decoder(
    config: PixelDecoderConfig | DeformableDecoderConfig, inputs: Sequence[int]
) -> FeaturePyramid | DeformableDecoder:
    """Return the decoder of a fused pyramid with ``inputs`` channels per level."""
    if isinstance(config, DeformableDecoderConfig):
        from mtrs_geo.models.network.deformable import DeformableDecoder

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
        from mtrs_geo.models.network.causal import CausalLanguage

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
) -> DescriptionProjector | LatentProjector | SentenceQuery:
    """Return the projector of words and scene to the [SEG] query.

    Raises:
        ModelError: if a specialist is to have a projector that it does not use, or another
            decoder none.
    """
    is_specialist = isinstance(config.mask_decoder, SpecialistConfig)
    if is_specialist != (config.projector == "sentence"):
        msg = f"decoder {config.mask_decoder.kind} cannot have the projector {config.projector}."
        advice = 'Specialists have projector "sentence" in config.json, other decoders have not.'
        raise ModelError(msg, advice=advice)
    if isinstance(config.mask_decoder, SpecialistConfig):
        return SentenceQuery()
    width, heads = config.mask_decoder.projector_width, config.mask_decoder.heads
    if config.projector == "latent":
        return LatentProjector(text_channels, vision_channels, channels, width, heads)
    return DescriptionProjector(channels, vision_channels, width, heads)


def build_mask_decoder(
    config: MaskDecoderConfig | LearnedQueriesConfig | SpecialistConfig, channels: int
) -> MaskDecoder | LearnedQueryDecoder | PyramidDecoder:
    """Return the decoder of the [SEG] query to a mask."""
    if isinstance(config, SpecialistConfig):
        return _SPECIALISTS[config.kind](config, channels)
    if isinstance(config, LearnedQueriesConfig):
        return LearnedQueryDecoder(config, channels)
    return MaskDecoder(config, channels)
