"""CLIPSeg: a coarse map of where an image fits a phrase."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from torch import Tensor

from mtrs_geo.models.rivals.bitemporal import Finding
from mtrs_geo.models.rivals.pretrained import Placement, load_pretrained, load_processor

__all__ = ["ClipSeg"]

_CACHED_PHRASES = 256


class ClipSeg:
    """CLIPSeg; see `DateModel`.

    Args:
        folders: one with a checkpoint of type ``clipseg``.
        placement: device and data type.
    """

    tile_px = 352

    def __init__(self, folders: tuple[Path, ...], placement: Placement) -> None:
        (folder,) = folders
        name = "CLIPSegForImageSegmentation"
        self.model = load_pretrained(folder, name, ("clipseg",), placement)
        self.processor = load_processor(folder, "CLIPSegProcessor")
        self.placement = placement
        self._embedded = lru_cache(_CACHED_PHRASES)(self._embed)

    def encode(self, images: Tensor) -> list[Tensor]:
        """Return the layers of B images that the decoder reads, see `DateModel`."""
        pixels = self.processor.image_processor(
            list(images), return_tensors="pt", device=self.placement.device
        )["pixel_values"]
        encoded = self.model.clip.vision_model(
            pixels.to(self.placement.dtype),
            output_hidden_states=True,
            interpolate_pos_encoding=True,
        )
        return [encoded.hidden_states[i + 1] for i in self.model.extract_layers]

    def find(self, encoded: list[Tensor], phrase: str) -> list[Finding]:
        """Return the map of a phrase in each of B images, see `DateModel`."""
        embedding = self._embedded(phrase).expand(len(encoded[0]), -1)
        logits = self.model.decoder(encoded, embedding).logits
        maps = logits.float().sigmoid().reshape(len(embedding), *logits.shape[-2:])
        return [Finding(presence) for presence in maps]

    def _embed(self, phrase: str) -> Tensor:
        """Return the embedding (1, D) of a phrase."""
        tokens = self.processor.tokenizer([phrase], return_tensors="pt", truncation=True)
        embedding: Tensor = self.model.get_conditional_embeddings(
            batch_size=1,
            input_ids=tokens["input_ids"].to(self.placement.device),
            attention_mask=tokens["attention_mask"].to(self.placement.device),
        )
        return embedding
