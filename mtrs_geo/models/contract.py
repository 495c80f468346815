"""Contract of every segmenter, and the brightness baseline that implements it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np

from mtrs_geo.errors import RequestError
from mtrs_geo.models.calibration import Calibration
from mtrs_geo.types import FloatArray, UInt8Array
from mtrs_geo.understanding import Vocabulary

__all__ = [
    "BrightnessSegmenter",
    "ChangeSegmenter",
    "DateEncoder",
    "DateFeatures",
    "IntentReader",
    "IntentReading",
    "LandCoverQuery",
    "ModelInfo",
    "Query",
    "TileSegmenter",
    "date_encoder",
]


@dataclass(frozen=True)
class LandCoverQuery:
    """Query for a thing that is present at the later date, changed or not."""

    thing: str
    """Noun, for example ``road``."""
    unchanged: bool = False
    """Whether the thing must be there at both dates, without a change."""

    def __str__(self) -> str:
        return f"{'unchanged ' if self.unchanged else ''}land cover: {self.thing}"


Query: TypeAlias = str | LandCoverQuery
"""A sentence about a change, an empty sentence for any change, or a land-cover query."""


@dataclass(frozen=True)
class ModelInfo:
    """Facts about a model that a run needs."""

    name: str
    version: str
    native_gsd_m: float
    """Pixel size of the training images."""
    gsd_range_m: tuple[float, float]
    """Smallest and largest supported pixel size."""
    tile_px: int
    """Side of the square tiles with the best accuracy."""
    device: str = "cpu"
    """Device that the model runs on."""
    calibration: Calibration | None = None
    """Maps from the mean probability of a polygon to the chance that it is right."""
    weights_sha256: str = ""
    """Checksum of the weights; empty if the model has none."""
    pass_bytes: int = 0
    """Memory of a forward pass with one query, beside the weights, per pixel of a tile; 0 if it is
    unknown."""
    pass_bytes_per_query: int = 0
    """The same of each further query."""
    knows: Vocabulary = field(default_factory=lambda: Vocabulary(open=True))
    """What sentences the model can answer; by default any."""
    warnings: tuple[str, ...] = ()
    """What its users must know of how it was loaded; a run repeats it."""


@dataclass(frozen=True)
class IntentReading:
    """What a model reads a sentence as."""

    before: Mapping[str, float]
    """Probability in [0, 1] of each of `class_codes.INTENT_CLASSES` at the earlier date."""
    after: Mapping[str, float]
    """The same at the later date."""


@runtime_checkable
class IntentReader(Protocol):
    """A segmenter that says what it reads a sentence as."""

    def read_intents(self, sentences: Sequence[str]) -> list[IntentReading]:
        """Return what the model reads each of N sentences as; nothing if it cannot tell."""


@runtime_checkable
class ChangeSegmenter(Protocol):
    """Maps pairs of images and queries to probabilities."""

    @property
    def info(self) -> ModelInfo:
        """Facts about the model that a run needs."""

    def predict(
        self, before: UInt8Array, after: UInt8Array, queries: Sequence[Query]
    ) -> FloatArray:
        """Return the probabilities of N queries for one pair.

        Args:
            before: (H, W, 3) uint8 RGB, any size.
            after: (H, W, 3) uint8 RGB, the same place later.
            queries: N queries, as a list.

        Returns:
            (N, H, W) in [0, 1].

        Raises:
            RequestError: if the images have another type or shape, or the queries are no list.
        """

    def predict_tiles(self, images: UInt8Array, queries: Sequence[Query]) -> FloatArray:
        """Return the probabilities of N queries for B pairs of one size.

        Args:
            images: (B, 2, 3, H, W), earlier date first.
            queries: N queries.

        Returns:
            (B, N, H, W) in [0, 1].
        """


DateFeatures: TypeAlias = Any
"""What a `DateEncoder` keeps of B images of one date; its type is the encoder's own."""


@runtime_checkable
class DateEncoder(Protocol):
    """Encodes each date of a stack once, and compares any two dates by their features.

    ``combine(encode_date(before), encode_date(after), queries)`` and
    `ChangeSegmenter.predict_tiles` of the same images differ by less than 1e-4.
    """

    def encode_date(self, images: UInt8Array) -> DateFeatures:
        """Return the features of B images of one date.

        Args:
            images: (B, 3, H, W) RGB.
        """

    def combine(
        self, before: DateFeatures, after: DateFeatures, queries: Sequence[Query]
    ) -> FloatArray:
        """Return the probabilities of N queries for B pairs of dates.

        Args:
            before: features of B images of the earlier date.
            after: features of the same places at the later date.
            queries: N queries.

        Returns:
            (B, N, H, W) in [0, 1].
        """


class _ImagePairs:
    """A `DateEncoder` for segmenters that have none: the features are the images."""

    def __init__(self, segmenter: ChangeSegmenter) -> None:
        self._segmenter = segmenter

    def encode_date(self, images: UInt8Array) -> DateFeatures:
        """Return the images."""
        return images

    def combine(
        self, before: DateFeatures, after: DateFeatures, queries: Sequence[Query]
    ) -> FloatArray:
        """Return the probabilities for B pairs, see `ChangeSegmenter.predict_tiles`."""
        return self._segmenter.predict_tiles(np.stack([before, after], axis=1), queries)


def date_encoder(segmenter: ChangeSegmenter) -> DateEncoder:
    """Return a segmenter as a `DateEncoder`; one that is none predicts pairs of images."""
    return segmenter if isinstance(segmenter, DateEncoder) else _ImagePairs(segmenter)


class TileSegmenter(ABC):
    """Base of segmenters that answer one pair as one tile; it checks what a caller gives."""

    info: ModelInfo
    """Facts about the model that a run needs."""

    def __repr__(self) -> str:
        name = f"{self.info.name} {self.info.version}"
        return f"<{type(self).__name__}: {name} on {self.info.device}>"

    def predict(
        self, before: UInt8Array, after: UInt8Array, queries: Sequence[Query]
    ) -> FloatArray:
        """Return the probabilities for one pair, see `ChangeSegmenter`."""
        images = _pair_of_images(before, after).transpose(0, 3, 1, 2)
        if not (queries := _list_of_queries(queries)):
            return np.zeros((0, *images.shape[-2:]), np.float32)
        probability: FloatArray = self.predict_tiles(images[None], queries)[0]
        return probability

    @abstractmethod
    def predict_tiles(self, images: UInt8Array, queries: Sequence[Query]) -> FloatArray:
        """Return the probabilities for B pairs, see `ChangeSegmenter`."""


def _pair_of_images(before: object, after: object) -> UInt8Array:
    """Return two images that a caller gave as one array (2, H, W, 3).

    Raises:
        RequestError: if they are not RGB of one size in bytes, which a model takes for granted.
    """
    images = {"before": np.asarray(before), "after": np.asarray(after)}
    for name, image in images.items():
        if image.dtype != np.uint8:
            msg = f"the values of {name} are {image.dtype}, not uint8."
            advice = "Give values from 0 to 255, for example (255 * image).round().astype('uint8')."
            raise RequestError(msg, advice=advice)
        if image.ndim != 3 or image.shape[-1] != 3 or 0 in image.shape:
            msg = f"{name} has the shape {image.shape}, not (rows, cols, 3)."
            advice = "Give red, green and blue last, for example image[:3].transpose(1, 2, 0)."
            raise RequestError(msg, advice=advice)
    if images["before"].shape != images["after"].shape:
        shapes = " and ".join(str(image.shape[:2]) for image in images.values())
        msg = f"before and after differ in their rows and columns: {shapes}."
        raise RequestError(msg, advice="Give the same pixels of both dates.")
    return np.stack(list(images.values()))


def _list_of_queries(queries: object) -> list[Query]:
    """Return the queries that a caller gave.

    Raises:
        RequestError: if it is a single one, or no list of queries.
    """
    if isinstance(queries, Iterable) and not isinstance(queries, Query | bytes):
        listed = list(queries)
        if all(isinstance(query, Query) for query in listed):
            return listed
    msg = f"the queries {str(queries)[:80]!r} are not a list of sentences."
    raise RequestError(msg, advice="Give a list, also of one: ['new buildings'].")


class BrightnessSegmenter(TileSegmenter):
    """Baseline: the absolute difference in brightness, for any query.

    It ignores the text of a query.  Benchmarks and tests use it in place of a trained model; a
    trained model must be more accurate.
    """

    info = ModelInfo("brightness", "1", 0.5, (0.0, float("inf")), 256)

    def predict_tiles(self, images: UInt8Array, queries: Sequence[Query]) -> FloatArray:
        """Return the probabilities for B pairs, see `ChangeSegmenter`."""
        green = images[:, :, 1]  # one band is enough for brightness
        darker, lighter = green.min(1), green.max(1)
        difference = (lighter - darker).astype(np.float32) * np.float32(1 / 255)
        shape = (len(images), len(queries), *difference.shape[1:])
        probability: FloatArray = np.broadcast_to(difference[:, None], shape)
        return probability
