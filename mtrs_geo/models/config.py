"""Configuration of a model: every number of every preset, in frozen dataclasses."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from types import UnionType
from typing import (
    Any,
    Literal,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

__all__ = [
    "CausalLanguageConfig",
    "DeformableDecoderConfig",
    "FusionConfig",
    "IntentConfig",
    "LanguageConfig",
    "LearnedQueriesConfig",
    "MaskDecoderConfig",
    "ModelConfig",
    "PixelDecoderConfig",
    "ProjectorKind",
    "SpecialistConfig",
    "SwinVisionConfig",
    "VisionConfig",
]

_MOST = 1_000_000
"""Largest number in a configuration."""

FusionKind: TypeAlias = Literal["change_aware", "concat_conv", "abs_diff", "avg"]
NormKind: TypeAlias = Literal["batch", "group"]
ProjectorKind: TypeAlias = Literal["pooled", "latent", "sentence"]
SpecialistKind: TypeAlias = Literal["lavt", "cris", "rmsin"]


@dataclass(frozen=True)
class VisionConfig:
    """Encoder of one date: a convolutional network of timm."""

    kind: Literal["timm"] = "timm"
    name: str = "tf_efficientnet_lite0"
    """A timm model that returns features at strides 4, 8, 16 and 32."""
    mean: tuple[float, float, float] = (127.5, 127.5, 127.5)
    std: tuple[float, float, float] = (127.5, 127.5, 127.5)
    despeckle: float = 32.0
    """Largest difference, in grey levels of 0 to 255, between a pixel and the range of its four
    neighbours; a larger one is treated as a hot or dead pixel and clipped."""


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
    """Fusion of the two dates' pyramids into one."""

    kind: FusionKind = "change_aware"
    widths: tuple[int, int, int, int] | None = (48, 64, 96, 160)
    """Channels of the fused levels; None keeps the encoder's channels, as in the paper."""
    norm: NormKind = "batch"
    gate_window: int | None = 5
    """Side of the neighbourhood, in cells, that the channel gate averages over.  None averages
    over the whole image, as in the paper; results then depend on the tile borders."""
    shared: bool = True
    """Use one 1×1 convolution for both dates; the release has one per date."""
    gate_bias: bool = True
    """Whether the first layer of the gate has a bias; in the release it has none."""
    ranks: tuple[int, int] | None = None
    """Ranks of the 3×3 convolutions at strides 4 and 8, the slowest ones: each is replaced by a
    3×3 convolution to ``rank`` channels and a 1×1 convolution.  None keeps full convolutions."""


@dataclass(frozen=True)
class PixelDecoderConfig:
    """Fused pyramid to mask features and memory: a feature pyramid network."""

    kind: Literal["fpn"] = "fpn"
    channels: int = 96
    ranks: tuple[int, int] | None = None
    """See `FusionConfig.ranks`."""


@dataclass(frozen=True)
class DeformableDecoderConfig:
    """Fused pyramid to mask features and memory: deformable attention (arXiv 2010.04159)."""

    kind: Literal["deformable"] = "deformable"
    channels: int = 256
    layers: int = 6
    heads: int = 8
    feed_forward: int = 1024


@dataclass(frozen=True)
class LanguageConfig:
    """A frozen text encoder with trained layers on top; input is text only."""

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
    extra_hidden_layers: tuple[int, ...] = (3, 1)
    """Hidden layers of the frozen encoder that the intent head uses in addition to the last one:
    the last layer encodes the topic of a sentence, lower layers keep its wording."""


@dataclass(frozen=True)
class CausalLanguageConfig:
    """A causal language model that attends to both dates' image tokens; Phi-1.5 by default."""

    kind: Literal["causal"] = "causal"
    vocab: int = 51200
    hidden: int = 2048
    layers: int = 24
    heads: int = 32
    feed_forward: int = 8192
    rotary_fraction: float = 0.5
    """Fraction of each attention head with rotary position embeddings."""
    image_cells: int = 32
    """Side of the coarsest feature map, in cells; it becomes (side / 4)² tokens.  Maps of another
    size are resized to it, because the projector's layer norms have this size."""
    prompt: tuple[str, str, str] = ("Earlier image: ", "\nLater image: ", "\nSegment: ")
    """Text before the earlier date, before the later date, and before the expression."""
    seg_token: int = 50295
    """Id of the token at the end of every expression; the first id that is free in Phi-1.5."""
    max_tokens: int = 128


@dataclass(frozen=True)
class IntentConfig:
    """Intent head: transformer layers over the frozen word states."""

    kind: Literal["transformer"] = "transformer"
    layers: int = 2
    width: int = 192
    heads: int = 6


@dataclass(frozen=True)
class MaskDecoderConfig:
    """[SEG] query to mask, with cross-attention from pixels to words."""

    kind: Literal["word_attention"] = "word_attention"
    layers: int = 3
    heads: int = 8
    feed_forward: int = 384
    projector_width: int = 128
    prior_window: int = 9
    """Side of the neighbourhood, in cells, whose highest prior logit is the upper bound of the
    mask logit, unless the sentence is about buildings."""


@dataclass(frozen=True)
class LearnedQueriesConfig:
    """[SEG] query to mask, and learned queries to masks in stage 1: the paper's decoder."""

    kind: Literal["learned_queries"] = "learned_queries"
    layers: int = 9
    heads: int = 8
    feed_forward: int = 2048
    queries: int = 100
    projector_width: int = 512


@dataclass(frozen=True)
class SpecialistConfig:
    """Fused pyramid and words to a mask, after a published segmenter of one image.

    CRIS uses ``layers``; CRIS and RMSIN use ``heads`` and ``feed_forward``.
    """

    kind: SpecialistKind = "lavt"
    width: int = 64
    """Channels of the layers that lead to the mask at stride 4."""
    layers: int = 3
    heads: int = 8
    feed_forward: int = 384


@dataclass(frozen=True)
class ModelConfig:
    """Configuration of a whole model, with one section per module.

    The ``kind`` of a section selects the class of the module.  ``native_gsd_m`` is the pixel
    size of the training images, ``gsd_range_m`` the range of pixel sizes that the model supports.
    """

    preset: str = "tiny"
    vision: VisionConfig | SwinVisionConfig = field(default_factory=VisionConfig)
    fusion: FusionConfig = field(default_factory=FusionConfig)
    pixel_decoder: PixelDecoderConfig | DeformableDecoderConfig = field(
        default_factory=PixelDecoderConfig
    )
    language: LanguageConfig | CausalLanguageConfig = field(default_factory=LanguageConfig)
    intent: IntentConfig | None = field(default_factory=IntentConfig)
    """None predicts the intent from the pooled words of the mask decoder."""
    land_cover_rank: int | None = None
    """Rank of the land-cover head's 3×3 convolution, at stride 4; see `FusionConfig.ranks`."""
    ground_head: bool = False
    """Whether a head of its own predicts changes of the ground that are not changes of buildings.
    The change head then answers for buildings alone."""
    upsampling_width: int | None = None
    """Channels of the convex upsampling of logits from stride 4 to stride 2, which uses the
    encoder's features at stride 2; None interpolates bilinearly from stride 4."""
    projector: ProjectorKind = "pooled"
    mask_decoder: MaskDecoderConfig | LearnedQueriesConfig | SpecialistConfig = field(
        default_factory=MaskDecoderConfig
    )
    any_change_text: str | None = None
    """Sentence that replaces an empty one; None uses the dense change head instead."""
    hysteresis_gain: float = 0.0
    """Most that is added to a logit near sure ones, see `runtime.hysteresis`."""
    hysteresis_seed: float = 0.0
    """Logit that a sure pixel exceeds, at least 0."""
    hysteresis_px: int = 32
    """How near, in pixels of the images."""
    native_gsd_m: float = 0.5
    gsd_range_m: tuple[float, float] = (0.2, 1.5)
    tile_px: int = 256

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ModelConfig:
        """Return the config of a dictionary from `to_dict`.

        Raises:
            TypeError: if a name is unknown, or a value has another type or is out of range.
            KeyError: if a section has no ``kind``, or an unknown one.
        """
        if not isinstance(values, dict):
            msg = f"model must be an object, not {type(values).__name__}"
            raise TypeError(msg)
        fields = {
            name: _section(name, value) if name in _SECTIONS and value is not None else value
            for name, value in values.items()
        }
        return _in_range(_checked(cls(**_tuples(fields))))


_SECTIONS: dict[str, dict[str, Any]] = {
    "vision": {"timm": VisionConfig, "swin": SwinVisionConfig},
    "fusion": dict.fromkeys(get_args(FusionKind), FusionConfig),
    "pixel_decoder": {"fpn": PixelDecoderConfig, "deformable": DeformableDecoderConfig},
    "language": {"frozen": LanguageConfig, "causal": CausalLanguageConfig},
    "intent": {"transformer": IntentConfig},
    "mask_decoder": {
        "word_attention": MaskDecoderConfig,
        "learned_queries": LearnedQueriesConfig,
        **dict.fromkeys(get_args(SpecialistKind), SpecialistConfig),
    },
}
"""Dataclasses of each section, by kind."""


def _section(name: str, values: dict[str, Any]) -> object:
    if not isinstance(values, dict):
        msg = f"{name} must be an object, not {type(values).__name__}"
        raise TypeError(msg)
    kind = values["kind"]
    if not isinstance(kind, str):
        raise KeyError(name)
    return _checked(_SECTIONS[name][kind](**_tuples(values)))


_Config = TypeVar("_Config")


def _checked(config: _Config) -> _Config:
    """Return a config whose values have the types of their annotations.

    Raises:
        TypeError: if one has not, or a number is not between 0 and `_MOST`.
    """
    for name, expected in get_type_hints(type(config)).items():
        value = getattr(config, name)
        if not _fits(value, expected):
            msg = f"{name} is {str(value)[:40]!r}, which must be {_type_name(expected)}"
            raise TypeError(msg)
    return config


def _in_range(config: ModelConfig) -> ModelConfig:
    """Return a config whose numbers have a meaning.

    Raises:
        TypeError: if one has none, such as a pixel size of 0.
    """
    finest, coarsest = config.gsd_range_m
    is_right = {
        "vision.std": (config.vision.std, min(config.vision.std) > 0, "above 0"),
        "native_gsd_m": (config.native_gsd_m, config.native_gsd_m > 0, "above 0"),
        "tile_px": (config.tile_px, config.tile_px > 0, "above 0"),
        "gsd_range_m": (
            config.gsd_range_m,
            finest <= coarsest and coarsest > 0,
            "the smallest and the largest pixel size",
        ),
        **_network_rules(config),
    }
    for name, (value, fits, expected) in is_right.items():
        if not fits:
            msg = f"{name} is {value}, which must be {expected}"
            raise TypeError(msg)
    return config


def _network_rules(config: ModelConfig) -> dict[str, tuple[object, bool, str]]:
    """Return value, whether it fits, and what is expected, of numbers that torch takes unchecked.

    A network is built from them, and fails when it runs.
    """
    language, decoder, window = config.language, config.mask_decoder, config.fusion.gate_window
    rules: dict[str, tuple[object, bool, str]] = {
        "fusion.gate_window": (window, window is None or window % 2 == 1, "odd"),
        "language.max_tokens": (language.max_tokens, language.max_tokens > 0, "1 or more"),
        "language.heads": _divides(language.heads, language.hidden, "language.hidden"),
    }
    if isinstance(language, LanguageConfig):
        extra = language.extra_hidden_layers
        fits = all(layer <= language.layers for layer in extra)
        rules["language.extra_hidden_layers"] = extra, fits, f"{language.layers} or less each"
    else:
        cells = language.image_cells
        rules["language.image_cells"] = cells, cells > 0 and cells % 4 == 0, "a multiple of 4"
    if isinstance(decoder, MaskDecoderConfig):
        window = decoder.prior_window
        rules["mask_decoder.prior_window"] = window, window % 2 == 1, "odd"
    if config.projector == "latent" and not isinstance(decoder, SpecialistConfig):
        width, name = decoder.projector_width, "mask_decoder.projector_width"
        rules["mask_decoder.heads"] = _divides(decoder.heads, width, name)
    return rules


def _divides(heads: int, width: int, name: str) -> tuple[object, bool, str]:
    fits = heads > 0 and width > 0 and width % heads == 0
    return heads, fits, f"a divisor of {name} ({width})"


def _fits(value: object, expected: Any) -> bool:  # noqa: ANN401 - any annotation
    origin, inner = get_origin(expected), get_args(expected)
    if origin is Literal:
        return value in inner
    if origin in (UnionType, Union):
        return any(_fits(value, one) for one in inner)
    if origin is tuple:
        each = inner[:1] * len(value) if isinstance(value, tuple) and inner[-1] is ... else inner
        return isinstance(value, tuple) and len(value) == len(each) and all(map(_fits, value, each))
    if expected in (int, float):
        kinds = (int,) if expected is int else (int, float)
        return type(value) in kinds and 0 <= value <= _MOST  # type: ignore[operator]
    return isinstance(value, expected)


def _type_name(expected: Any) -> str:  # noqa: ANN401 - any annotation
    if expected in (int, float):
        return f"{'a whole number' if expected is int else 'a number'} from 0 to {_MOST:,}"
    return getattr(expected, "__name__", None) or str(expected).replace("typing.", "")


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
