"""A model of one date as a `ChangeSegmenter`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.contract import ModelInfo, Query, TileSegmenter
from mtrs_geo.models.rivals.bitemporal import Finding, compare
from mtrs_geo.models.rivals.phrases import comparison_of
from mtrs_geo.types import FloatArray, UInt8Array

__all__ = ["DateModel", "EncodedImages", "Features", "RivalSegmenter"]

Features: TypeAlias = Any
"""What a `DateModel` keeps of B images of one date; its type is the model's own."""


class DateModel(Protocol):
    """Finds what phrases name in images of one date."""

    def encode(self, images: Tensor) -> Features:
        """Return what all phrases share of B images.

        Args:
            images: (B, 3, S, S) uint8 RGB on the CPU.
        """

    def find(self, encoded: Features, phrase: str) -> list[Finding]:
        """Return the finding of a phrase in each of B images; all have one (h, w).

        Args:
            encoded: as `encode` returns it.
            phrase: a noun phrase.
        """


@dataclass
class EncodedImages:
    """B images of one date, encoded, and what was found in them."""

    features: Features
    size: tuple[int, int]
    """(rows, cols) of the images."""
    findings: dict[str, list[Finding]] = field(default_factory=dict)
    """Findings in each image by phrase."""


class RivalSegmenter(TileSegmenter):
    """Finds what a query names at both dates and compares; several threads may share it.

    Images of any size are padded to a square with copies of the last row and column, because the
    models resize to a square or keep no aspect.  A date is encoded once for all queries, and a
    phrase that several queries name is looked for once.

    Args:
        model: of one date.
        info: facts about it.
    """

    def __init__(self, model: DateModel, info: ModelInfo) -> None:
        self.model, self.info = model, info

    def predict_tiles(self, images: UInt8Array, queries: Sequence[Query]) -> FloatArray:
        """Return the probabilities for B pairs, see `ChangeSegmenter`."""
        before, after = (self.encode_date(images[:, date]) for date in (0, 1))
        return self.combine(before, after, queries)

    @torch.inference_mode()
    def encode_date(self, images: UInt8Array) -> EncodedImages:
        """Return the features of B images of one date, see `DateEncoder`."""
        rows, cols = images.shape[-2:]
        side = max(rows, cols)
        padding = ((0, 0), (0, 0), (0, side - rows), (0, side - cols))
        square = torch.from_numpy(np.pad(images, padding, mode="edge"))
        return EncodedImages(self.model.encode(square), (rows, cols))

    @torch.inference_mode()
    def combine(
        self, before: EncodedImages, after: EncodedImages, queries: Sequence[Query]
    ) -> FloatArray:
        """Return the probabilities of N queries for B pairs of dates, see `DateEncoder`."""
        answers = []
        for query in queries:
            comparison = comparison_of(query)
            earlier = self._findings(before, comparison.before)
            later = self._findings(after, comparison.after)
            maps = [compare(*dates, comparison) for dates in zip(earlier, later, strict=True)]
            answers.append(_resized(torch.stack(maps), before.size))
        return np.stack(answers, axis=1)

    def _findings(self, date: EncodedImages, phrases: Sequence[str]) -> list[dict[str, Finding]]:
        """Return what is found of each phrase in each of B images."""
        for phrase in phrases:
            if phrase not in date.findings:
                date.findings[phrase] = self.model.find(date.features, phrase)
        per_image = zip(*(date.findings[phrase] for phrase in phrases), strict=True)
        return [dict(zip(phrases, found, strict=True)) for found in per_image]


def _resized(maps: Tensor, size: tuple[int, int]) -> FloatArray:
    """Return maps (B, h, w) of square images at the resolution of the images, without padding."""
    rows, cols = size
    side = max(size)
    full = F.interpolate(maps[:, None].float(), (side, side), mode="bilinear", align_corners=False)
    cut: FloatArray = full[:, 0, :rows, :cols].clamp(0, 1).cpu().numpy()
    return cut
