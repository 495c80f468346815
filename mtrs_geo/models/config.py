"""What a model is built from: every number of every preset in frozen records."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias, get_args

__all__ = [
    "CausalLanguageConfig",
    "DeformableDecoderConfig",
    "FusionConfig",
    "LanguageConfig",
    "LearnedQueriesConfig",
    "MaskDecoderConfig",
    "ModelConfig",
    "PixelDecoderConfig",
    "ProjectorKind",
    "ReaderConfig",
    "SwinVisionConfig",
    "VisionConfig",
]

FusionKind: TypeAlias = Literal["change_aware", "concat_conv", "abs_diff", "avg"]
NormKind: TypeAlias = Literal["batch", "group"]
ProjectorKind: TypeAlias = Literal["pooled", "latent"]


@dataclass(frozen=True)
class VisionConfig:
    """Encoder of one date: a convolutional network of timm."""

    kind: Literal["timm"] = "timm"
    name: str = "tf_efficientnet_lite0"
    """A timm model that gives features at strides 4, 8, 16 and 32."""
    mean: tuple[float, float, float] = (127.5, 127.5, 127.5)
    std: tuple[float, float, float] = (127.5, 127.5, 127.5)
    speck: float | None = None
    """Levels by which a pixel may stand out from all four neighbours; what is more is taken for a
    hot or dead pixel and cut. None cuts nothing (files of 0.3 and before)."""


@dataclass(frozen=True)
class SwinVisionConfig:
    """Encoder of one date: a Swin transformer (arXiv 2103.14030); Swin-B by default."""

    kind: Literal["swin"] = "swin"
    width: int = 128
    """Channels at stride 4; each stage doubles them."""
    depths: tuple[int, int, int, int] = (2, 2, 18, 2)
    heads: tuple[int, int, int, int] = (4, 8, 16, 32)
    window: int = 12
    drop_path: float = 0.3
    mean: tuple[float, float, float] = (123.675, 116.28, 103.53)
    std: tuple[float, float, float] = (58.395, 57.12, 57.375)


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
    shared: bool = True
    """Both dates go through one 1×1 convolution; the release gives each its own."""
    gate_bias: bool = True
    """Whether the gate's first layer has a bias; the release's has none."""
    ranks: tuple[int, int] | None = None
    """Channels between a 3×3 and a 1×1 convolution that stand for one 3×3, at strides 4 and 8,
    where most of the time goes; None keeps the one (files of 0.8 and before)."""


@dataclass(frozen=True)
class PixelDecoderConfig:
    """Fused pyramid to mask features and memory: a feature pyramid network."""

    kind: Literal["fpn"] = "fpn"
    channels: int = 96
    ranks: tuple[int, int] | None = None
    """As in `FusionConfig`."""


@dataclass(frozen=True)
class DeformableDecoderConfig:
    """The same by multi-scale deformable attention (arXiv 2010.04159)."""

    kind: Literal["deformable"] = "deformable"
    channels: int = 256
    layers: int = 6
    heads: int = 8
    feed_forward: int = 1024


@dataclass(frozen=True)
class LanguageConfig:
    """Frozen word states, and the layers that are trained on top of them; sees text only."""

    kind: Literal["frozen"] = "frozen"
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
    layers_below: tuple[int, ...] = (3, 1)
    """Layers of the frozen part that a reader of its own sees beside the last: the last one's
    states are made to mean what a sentence is about, lower ones still know how it is said."""


@dataclass(frozen=True)
class CausalLanguageConfig:
    """A causal language model that sees both dates' image tokens; Phi-1.5 by default."""

    kind: Literal["causal"] = "causal"
    vocab: int = 51200
    hidden: int = 2048
    layers: int = 24
    heads: int = 32
    feed_forward: int = 8192
    rotary_share: float = 0.5
    """Share of each head that rotary positions turn."""
    image_cells: int = 32
    """Side of the coarsest map that is made into tokens, a quarter of it a side; the
    projector's norms are as large as this, so other maps are resized to it."""
    prompt: tuple[str, str, str] = ("Earlier image: ", "\nLater image: ", "\nSegment: ")
    """What is said before the earlier date, before the later one, before the expression."""
    seg_token: int = 50295
    """Id that ends every expression, the first that Phi-1.5's tokenizer leaves free."""
    max_tokens: int = 128


@dataclass(frozen=True)
class ReaderConfig:
    """Layers that read what a sentence asks for, over the frozen word states."""

    layers: int = 2
    width: int = 192
    heads: int = 6


@dataclass(frozen=True)
class MaskDecoderConfig:
    """[SEG] query to mask, with pixels that look at the words."""

    kind: Literal["worded"] = "worded"
    layers: int = 3
    heads: int = 8
    feed_forward: int = 384
    projector_width: int = 128
    reach: int | None = None
    """Side of the neighbourhood, in cells, in which the first answer must find something for
    the decoder to answer, unless buildings are asked for; None lets it answer anywhere (files of
    0.3 and before)."""


@dataclass(frozen=True)
class LearnedQueriesConfig:
    """[SEG] query to mask, and learned queries to masks for stage 1: the paper's decoder."""

    kind: Literal["learned"] = "learned"
    layers: int = 9
    heads: int = 8
    feed_forward: int = 2048
    queries: int = 100
    projector_width: int = 512


@dataclass(frozen=True)
class ModelConfig:
    """One preset: a record a room, whose ``kind`` says which part stands in it.

    ``native_gsd_m`` is the pixel size that the weights were trained at, and
    ``gsd_range_m`` the sizes that they still work at.
    """

    preset: str = "tiny"
    vision: VisionConfig | SwinVisionConfig = field(default_factory=VisionConfig)
    fusion: FusionConfig = field(default_factory=FusionConfig)
    pixel_decoder: PixelDecoderConfig | DeformableDecoderConfig = field(
        default_factory=PixelDecoderConfig
    )
    language: LanguageConfig | CausalLanguageConfig = field(default_factory=LanguageConfig)
    reader: ReaderConfig | None = field(default_factory=ReaderConfig)
    """None reads from the pooled words that the mask decoder sees (files of 0.3 and before)."""
    land_rank: int | None = None
    """As `FusionConfig.ranks`, of the land head, at stride 4."""
    projector: ProjectorKind = "pooled"
    mask_decoder: MaskDecoderConfig | LearnedQueriesConfig = field(
        default_factory=MaskDecoderConfig
    )
    any_change_text: str | None = None
    """Sentence that an empty one stands for; None asks the dense change head instead."""
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
            KeyError: if a kind is unknown.
        """
        built = {
            name: _record(name, value) if name in _RECORDS and value is not None else value
            for name, value in {"reader": None, **values}.items()
        }
        return cls(**_tuples(built))


_RECORDS: dict[str, dict[str, Any]] = {
    "vision": {"timm": VisionConfig, "swin": SwinVisionConfig},
    "fusion": dict.fromkeys(get_args(FusionKind), FusionConfig),
    "pixel_decoder": {"fpn": PixelDecoderConfig, "deformable": DeformableDecoderConfig},
    "language": {"frozen": LanguageConfig, "causal": CausalLanguageConfig},
    "reader": {"words": ReaderConfig},
    "mask_decoder": {"worded": MaskDecoderConfig, "learned": LearnedQueriesConfig},
}
"""Room to its kinds; a room without a ``kind`` (files of 0.2 and before) is the first."""


def _record(room: str, values: dict[str, Any]) -> object:
    kinds = _RECORDS[room]
    return kinds[values.get("kind", next(iter(kinds)))](**_tuples(values))


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
