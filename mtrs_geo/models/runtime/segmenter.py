"""MTRefSeg-R1 as a `ChangeSegmenter`: numpy in, numpy out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.class_codes import INTENT_CLASSES
from mtrs_geo.models.contract import (
    IntentReading,
    LandCoverQuery,
    ModelInfo,
    Query,
    TileSegmenter,
)
from mtrs_geo.models.network.intent import (
    Intent,
    any_change_logits,
    land_cover_logits,
    unchanged_logits,
)
from mtrs_geo.models.network.mtrefseg_r1 import Encoded, MTRefSegR1, SentenceEmbeddings
from mtrs_geo.models.runtime.forked import note_run
from mtrs_geo.models.runtime.hysteresis import grow
from mtrs_geo.models.vocabulary import vocabulary_of
from mtrs_geo.types import FloatArray, UInt8Array

__all__ = ["EncodedDate", "Precision", "Segmenter"]

Precision: TypeAlias = Literal["float32", "bfloat16"]

_STRIDE = 32
_PASS_BYTES = {"tiny": 700, "small": 1500}
"""See `ModelInfo.pass_bytes`: growth of the memory on a CPU, by preset (docs/speed.md)."""
_PASS_BYTES_OF_OTHERS = 2000
"""The same of base, the largest preset."""
_PASS_BYTES_PER_QUERY = 120
_UNTRAINED_LOGIT = -10.0
"""Logit of a land-cover query if the land-cover head is not trained."""


class EncodedDate(NamedTuple):
    """B encoded images of one date."""

    pyramid: list[Tensor]
    """Four maps (B, C_i, h_i, w_i)."""
    size: tuple[int, ...]
    """(rows, cols) of the images."""


class Segmenter(TileSegmenter):
    """A loaded model in PyTorch; several threads may share it.

    Args:
        model: in eval mode.
        metadata: name, version, ``untrained`` modules and ``calibration``, from the model's folder.
        device: device to run on.
        precision: ``bfloat16`` runs the model under autocast.
    """

    def __init__(
        self,
        model: MTRefSegR1,
        metadata: dict[str, Any],
        device: torch.device,
        precision: Precision = "float32",
    ) -> None:
        config = model.config
        self.info = ModelInfo(
            name=metadata["name"],
            version=metadata["version"],
            native_gsd_m=config.native_gsd_m,
            gsd_range_m=config.gsd_range_m,
            tile_px=config.tile_px,
            device=str(device),
            calibration=metadata.get("calibration"),
            weights_sha256=metadata.get("sha256", ""),
            pass_bytes=_PASS_BYTES.get(config.preset, _PASS_BYTES_OF_OTHERS),
            pass_bytes_per_query=_PASS_BYTES_PER_QUERY,
            knows=vocabulary_of(config, metadata, model.language.tokenizer.get_vocab()),
        )
        self.metadata = metadata
        self.any_change_text = config.any_change_text
        self.device = device
        self.precision = precision
        self.model = model.to(device).to(memory_format=torch.channels_last)
        self._embedded: tuple[tuple[str, ...], SentenceEmbeddings] | None = None

    @torch.inference_mode()
    def read_intents(self, sentences: Sequence[str]) -> list[IntentReading]:
        """Return what the intent head reads N sentences as, see `IntentReader`."""
        if not sentences:
            return []
        note_run()
        intent = self.model.embed(list(sentences)).intent
        dates = (intent.before.float().sigmoid().tolist(), intent.after.float().sigmoid().tolist())
        return [
            IntentReading(*(dict(zip(INTENT_CLASSES, values, strict=True)) for values in pair))
            for pair in zip(*dates, strict=True)
        ]

    @torch.inference_mode()
    def predict_tiles(self, images: UInt8Array, queries: Sequence[Query]) -> FloatArray:
        """Return the probabilities for B pairs, see `ChangeSegmenter`."""
        padded = _pad(self._tensor(images))
        with self._autocast():
            encoded = self._encode(padded[:, 0], padded[:, 1])
        return self._probability(encoded, images.shape[-2:], queries)

    @torch.inference_mode()
    def encode_date(self, images: UInt8Array) -> EncodedDate:
        """Return the features of B images of one date, see `DateEncoder`."""
        padded = _pad(self._tensor(images)[:, None])[:, 0]
        with self._autocast():
            return EncodedDate(self._pyramid(padded), images.shape[-2:])

    @torch.inference_mode()
    def combine(
        self, before: EncodedDate, after: EncodedDate, queries: Sequence[Query]
    ) -> FloatArray:
        """Return the probabilities for B pairs of dates, see `DateEncoder`."""
        with self._autocast():
            encoded = self._encode_pyramids(before.pyramid, after.pyramid)
        return self._probability(encoded, before.size, queries)

    def _tensor(self, images: UInt8Array) -> Tensor:
        note_run()
        return torch.from_numpy(np.ascontiguousarray(images)).to(self.device)

    def _autocast(self) -> torch.autocast:
        enabled = self.precision == "bfloat16"
        return torch.autocast(self.device.type, torch.bfloat16, enabled=enabled)

    def _probability(
        self, encoded: Encoded, size: tuple[int, ...], queries: Sequence[Query]
    ) -> FloatArray:
        """Return probabilities (B, N, rows, cols) of encoded pairs of images of a size."""
        queries = tuple(query or self.any_change_text or "" for query in queries)
        with self._autocast():
            logits = self._logits(encoded, queries)  # (B, N, h, w)
        padded = [side + -side % _STRIDE for side in size]
        logits = self._grown(logits.float(), queries, padded[0])
        full = F.interpolate(logits, size=padded, mode="bilinear", align_corners=False)
        rows, cols = size
        probability: FloatArray = full[..., :rows, :cols].sigmoid_().cpu().numpy()
        return probability

    def _grown(self, logits: Tensor, queries: tuple[Query, ...], rows: int) -> Tensor:
        """Apply hysteresis to answers about changes, of images with so many rows."""
        config = self.model.config
        if not (config.hysteresis_gain or config.hysteresis_seed):
            return logits
        radius = round(config.hysteresis_px * logits.shape[-2] / rows)
        grown = grow(logits, config.hysteresis_gain, radius, config.hysteresis_seed)
        # What stands unchanged was not measured with it.
        is_change = torch.tensor([isinstance(query, str) for query in queries])
        return torch.where(is_change[:, None, None].to(logits.device), grown, logits)

    def _logits(self, encoded: Encoded, queries: tuple[Query, ...]) -> Tensor:
        sentences = tuple(query for query in queries if query and isinstance(query, str))
        things = tuple(query for query in queries if isinstance(query, LandCoverQuery))
        changes = iter(self._decode(encoded, sentences).unbind(1) if sentences else ())
        land_cover = iter(self._land_cover(encoded, things).unbind(1) if things else ())
        logits = []
        for query in queries:
            if not query:
                change = any_change_logits(encoded.change)
                logits.append(self.model.upsample(change[:, None], encoded)[:, 0])
            else:
                logits.append(next(land_cover if isinstance(query, LandCoverQuery) else changes))
        return torch.stack(logits, dim=1)

    def _land_cover(self, encoded: Encoded, queries: tuple[LandCoverQuery, ...]) -> Tensor:
        """Return logits (B, N, h, w): pixels where each thing is present."""
        pairs, _, _, rows, cols = encoded.land_cover.shape
        if "land_cover_head" in self.metadata.get("untrained", ()):
            none = encoded.land_cover.new_full((pairs, len(queries), rows, cols), _UNTRAINED_LOGIT)
            return self.model.upsample(none, encoded)
        # The intent head is trained on sentences; "new roads" has the class road after.
        predicted = self.model.embed([f"new {query.thing}" for query in queries]).intent
        intent = Intent(*(tensor.repeat(pairs, 1) for tensor in predicted))
        land_cover = encoded.land_cover.float().repeat_interleave(len(queries), 0)
        present = land_cover_logits(land_cover, intent)
        if any(query.unchanged for query in queries):
            change = encoded.change.float().repeat_interleave(len(queries), 0)
            ground = encoded.ground
            if ground is not None:
                ground = ground.float().repeat_interleave(len(queries), 0)
            standing = unchanged_logits(change, land_cover, intent, ground)
            is_unchanged = torch.tensor([query.unchanged for query in queries]).repeat(pairs)
            present = torch.where(is_unchanged[:, None, None].to(present.device), standing, present)
        return self.model.upsample(present.reshape(pairs, len(queries), rows, cols), encoded)

    def _decode(self, encoded: Encoded, sentences: tuple[str, ...]) -> Tensor:
        """Return logits (B, N, h, w): pixels whose change matches each sentence."""
        pairs, count = len(encoded.scene), len(sentences)
        index = torch.arange(pairs, device=self.device).repeat_interleave(count)
        repeated = torch.arange(count, device=self.device).repeat(pairs)
        embeddings = self._embed(sentences).take(repeated)
        mask = self.model.decode(encoded.take(index), embeddings).masks[-1]
        return mask.float().reshape(pairs, count, *mask.shape[1:])

    def _encode(self, before: Tensor, after: Tensor) -> Encoded:
        """Encode B pairs (B, 3, H, W), see `MTRefSegR1.encode`."""
        return self.model.encode(before, after)

    def _pyramid(self, images: Tensor) -> list[Tensor]:
        """Encode B images of one date, see `MTRefSegR1.pyramid`."""
        return self.model.pyramid(images)

    def _encode_pyramids(self, before: list[Tensor], after: list[Tensor]) -> Encoded:
        """Encode B pairs, see `MTRefSegR1.encode_pyramids`."""
        return self.model.encode_pyramids(before, after)

    def _embed(self, sentences: tuple[str, ...]) -> SentenceEmbeddings:
        # One read and one write: another thread may replace the attribute in between.
        embedded = self._embedded
        if embedded is None or embedded[0] != sentences:
            embedded = self._embedded = sentences, self.model.embed(sentences)
        return embedded[1]


def _pad(images: Tensor) -> Tensor:
    """Repeat the last row and column until both sides are multiples of the stride."""
    rows, cols = (-side % _STRIDE for side in images.shape[-2:])
    if not rows and not cols:
        return images
    flat = images.flatten(0, 1).float()
    padded = F.pad(flat, (0, cols, 0, rows), mode="replicate")
    return padded.reshape(*images.shape[:2], *padded.shape[1:])
