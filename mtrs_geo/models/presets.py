"""Configurations of the presets tiny, small and base, and of specialists to compare with."""

from __future__ import annotations

from dataclasses import replace

from mtrs_geo.models.config import (
    CausalLanguageConfig,
    DeformableDecoderConfig,
    FusionConfig,
    LanguageConfig,
    LearnedQueriesConfig,
    MaskDecoderConfig,
    ModelConfig,
    PixelDecoderConfig,
    SpecialistConfig,
    SwinVisionConfig,
)

__all__ = ["PRESETS"]

_TINY = ModelConfig(
    fusion=FusionConfig(ranks=(32, 48)),
    pixel_decoder=PixelDecoderConfig(ranks=(32, 48)),
    land_cover_rank=16,
)

_SMALL = ModelConfig(
    preset="small",
    vision=SwinVisionConfig(
        width=96, depths=(2, 2, 6, 2), heads=(3, 6, 12, 24), window=7, drop_path=0.1
    ),
    fusion=FusionConfig(widths=None),
    pixel_decoder=DeformableDecoderConfig(),
    language=LanguageConfig(trained_width=256),
    mask_decoder=MaskDecoderConfig(layers=9, feed_forward=2048, projector_width=256),
    tile_px=512,
)

_BASE = ModelConfig(
    preset="base",
    vision=SwinVisionConfig(),
    fusion=FusionConfig(widths=None, norm="group", gate_window=None, shared=False, gate_bias=False),
    pixel_decoder=DeformableDecoderConfig(),
    language=CausalLanguageConfig(),
    intent=None,
    projector="latent",
    mask_decoder=LearnedQueriesConfig(),
    tile_px=1024,
)

_LAVT = replace(
    _TINY,
    preset="lavt-like",
    intent=None,
    projector="sentence",
    mask_decoder=SpecialistConfig(),
)

PRESETS: dict[str, ModelConfig] = {
    "tiny": _TINY,
    "small": _SMALL,
    "base": _BASE,
    "lavt-like": _LAVT,
    "cris-like": replace(_LAVT, preset="cris-like", mask_decoder=SpecialistConfig("cris")),
    "rmsin-like": replace(_LAVT, preset="rmsin-like", mask_decoder=SpecialistConfig("rmsin")),
}
"""Name to configuration.

``tiny`` is bundled with trained weights.  ``small`` has the layers of COCO's Mask2Former with
Swin-T, so its training can start from those weights, and the language layers of tiny.  ``base``
is the paper's model.  ``lavt-like``, ``cris-like`` and ``rmsin-like`` are specialists to compare
with: the encoders, the fusion of both dates and the pyramid of tiny, and a decoder after a
published segmenter of one image.
"""
