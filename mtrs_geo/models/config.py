"""What a model is built from: every number of every preset in frozen records."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

__all__ = [
    "FusionConfig",
    "LanguageConfig",
    "MaskDecoderConfig",
    "ModelConfig",
    "PixelDecoderConfig",
    "VisionConfig",
]

FusionKind: TypeAlias = Literal["change_aware", "concat_conv", "abs_diff", "avg"]
NormKind: TypeAlias = Literal["batch", "group"]


@dataclass(frozen=True)
class VisionConfig:
    """Encoder of one date."""

    name: str = "tf_efficientnet_lite0"
    """A timm model that gives features at strides 4, 8, 16 and 32."""
    mean: tuple[float, float, float] = (127.5, 127.5, 127.5)
    std: tuple[float, float, float] = (127.5, 127.5, 127.5)


@dataclass(frozen=True)
class FusionConfig:
    """Two dates to one pyramid."""

    kind: FusionKind = "change_aware"
    widths: tuple[int, int, int, int] | None = (48, 64, 96, 160)
    """Channels of the fused levels; None keeps the encoder's (the paper)."""
    norm: NormKind = "batch"
    gate_window: int | None = 5
    """Side of the neighbourhood, in cells, that the channel gate looks at; None is the
    whole image (the paper), which makes an answer depend on where a tile was cut."""


@dataclass(frozen=True)
class PixelDecoderConfig:
    """Fused pyramid to mask features and memory."""

    kind: Literal["fpn"] = "fpn"
    channels: int = 96


@dataclass(frozen=True)
class LanguageConfig:
    """Frozen word states, and the layers that are trained on top of them."""

    weights: str = "minilm"
    """Stem of the bundled files ``<weights>.safetensors`` and ``<weights>.json``."""
    vocab: int = 30522
    hidden: int = 384
    layers: int = 6
    heads: int = 12
    feed_forward: int = 1536
    trained_layers: int = 2
    trained_width: int = 192
    max_tokens: int = 64


@dataclass(frozen=True)
class MaskDecoderConfig:
    """[SEG] query to mask."""

    layers: int = 3
    heads: int = 8
    feed_forward: int = 384
    projector_width: int = 128


@dataclass(frozen=True)
class ModelConfig:
    """One preset.

    ``native_gsd_m`` is the pixel size that the weights were trained at, and
    ``gsd_range_m`` the sizes that they still work at.
    """

    preset: str = "tiny"
    vision: VisionConfig = field(default_factory=VisionConfig)
    fusion: FusionConfig = field(default_factory=FusionConfig)
    pixel_decoder: PixelDecoderConfig = field(default_factory=PixelDecoderConfig)
    language: LanguageConfig = field(default_factory=LanguageConfig)
    mask_decoder: MaskDecoderConfig = field(default_factory=MaskDecoderConfig)
    native_gsd_m: float = 0.5
    gsd_range_m: tuple[float, float] = (0.2, 1.5)
    tile_px: int = 256

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ModelConfig:
        """Build a config from what `to_dict` gave.

        Raises:
            TypeError: if a name is unknown.
        """
        rooms: dict[str, Any] = {
            "vision": VisionConfig,
            "fusion": FusionConfig,
            "pixel_decoder": PixelDecoderConfig,
            "language": LanguageConfig,
            "mask_decoder": MaskDecoderConfig,
        }
        built = {
            name: rooms[name](**_tuples(value)) if name in rooms else value
            for name, value in values.items()
        }
        return cls(**_tuples(built))


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
