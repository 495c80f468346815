"""[SEG] query to mask: pixel-word attention, masked-attention decoder, heads."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from transformers import Mask2FormerConfig
from transformers.models.mask2former.modeling_mask2former import (
    Mask2FormerMaskedAttentionDecoder,
    Mask2FormerSinePositionEmbedding,
)

from mtrs_geo.models.config import MaskDecoderConfig
from mtrs_geo.models.language import TextStates
from mtrs_geo.models.pixel_decoder import Pixels
from mtrs_geo.models.reading import Reading

__all__ = ["Decoded", "MaskDecoder"]


class Decoded(NamedTuple):
    """Answers to N sentences."""

    masks: tuple[Tensor, ...]
    """Logits (N, H / 4, W / 4) after every decoder layer, the answer last."""
    presence: Tensor
    """Logit (N,): whether the described change is there at all."""
    reading: Reading
    """What kind of change, and where, each sentence was taken to ask for."""


class _PixelWordAttention(nn.Module):
    """Every pixel looks at the words, so that "top left" can mean a place."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.attend = nn.MultiheadAttention(channels, heads, batch_first=True)
        self.norm = nn.LayerNorm(channels)
        self.feed_forward = nn.Sequential(
            nn.Linear(channels, 2 * channels), nn.GELU(), nn.Linear(2 * channels, channels)
        )
        self.norm_out = nn.LayerNorm(channels)

    def forward(self, memory: Tensor, position: Tensor, text: TextStates) -> Tensor:
        shape = memory.shape
        pixels = memory.flatten(2).transpose(1, 2)  # (N, h*w, C)
        # The place stays in what is passed on: a query can then ask for "top left" itself.
        pixels = pixels + position.flatten(2).transpose(1, 2)
        seen = self.attend(
            pixels, text.words, text.words, key_padding_mask=text.padding, need_weights=False
        )[0]
        pixels = self.norm(pixels + seen)
        pixels = self.norm_out(pixels + self.feed_forward(pixels))
        grid: Tensor = pixels.transpose(1, 2).reshape(shape)
        return grid


class MaskDecoder(nn.Module):
    """Masked-attention decoder of Mask2Former (arXiv 2112.01527) around one query."""

    def __init__(self, config: MaskDecoderConfig, channels: int) -> None:
        super().__init__()
        self.words_16 = _PixelWordAttention(channels, config.heads)
        self.words_8 = _PixelWordAttention(channels, config.heads)
        self.refine = nn.Conv2d(channels, channels, 1)
        self.level_embedding = nn.Embedding(3, channels)
        self.query_position = nn.Embedding(1, channels)
        self.position = Mask2FormerSinePositionEmbedding(channels // 2, normalize=True)
        self.decoder = Mask2FormerMaskedAttentionDecoder(_decoder_config(config, channels))
        self.presence = nn.Sequential(
            nn.Linear(channels + 2, channels), nn.GELU(), nn.Linear(channels, 1)
        )

    def forward(
        self, pixels: Pixels, query: Tensor, text: TextStates, first: Tensor, reading: Reading
    ) -> Decoded:
        """Decode N sentences.

        Args:
            pixels: memory and mask features of each sentence's pair, batch N.
            query: (N, C).
            text: the N sentences.
            first: logits (N, H / 4, W / 4) of the answer that the masks are added to.
            reading: what ``first`` was made from; passed on.
        """
        coarse, middle, fine = pixels.memory
        places = [self._position(level) for level in pixels.memory]
        middle = self.words_16(middle, places[1], text)
        fine = self.words_8(fine + _resize(middle, fine), places[2], text)
        features = pixels.mask_features + _resize(self.refine(fine), pixels.mask_features)
        hidden, masks = self._attend((coarse, middle, fine), places, query, features)
        masks = tuple(mask + first for mask in masks)
        presence = self._presence(hidden, masks[-1])
        return Decoded(masks, presence, reading)

    def _position(self, level: Tensor) -> Tensor:
        shape = torch.Size((1, *level.shape[1:]))
        place: Tensor = self.position(shape, level.device, level.dtype)
        return place

    def _attend(
        self, memory: tuple[Tensor, ...], places: list[Tensor], query: Tensor, features: Tensor
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        levels = self.level_embedding.weight
        states = [
            m.flatten(2).permute(2, 0, 1) + levels[i] for i, m in enumerate(memory)
        ]  # (h*w, N, C)
        # The decoder expects one position a batch element, as its masks differ.
        spots = [p.flatten(2).permute(2, 0, 1).expand(-1, len(query), -1) for p in places]
        out = self.decoder(
            inputs_embeds=query[None],  # (1, N, C)
            multi_stage_positional_embeddings=spots,
            pixel_embeddings=features,
            encoder_hidden_states=states,
            query_position_embeddings=self.query_position.weight[:, None].expand(
                -1, len(query), -1
            ),
            feature_size_list=[m.shape[-2:] for m in memory],
            return_dict=True,
        )
        masks = tuple(m[:, 0] for m in out.masks_queries_logits)
        return out.intermediate_hidden_states[-1][0], masks

    def _presence(self, hidden: Tensor, mask: Tensor) -> Tensor:
        # Read from the mask: a head on pooled features alone collapsed in trials.
        flat = mask.detach().flatten(1)
        strongest = flat.topk(min(16, flat.shape[1]), dim=1).values.mean(1, keepdim=True)
        area = flat.sigmoid().mean(1, keepdim=True).clamp_min(1e-6).log()
        out: Tensor = self.presence(torch.cat([hidden, strongest, area], dim=1))[:, 0]
        return out


def _resize(source: Tensor, target: Tensor) -> Tensor:
    return F.interpolate(source, size=target.shape[-2:], mode="bilinear", align_corners=False)


def _decoder_config(config: MaskDecoderConfig, channels: int) -> Mask2FormerConfig:
    return Mask2FormerConfig(
        hidden_dim=channels,
        mask_feature_size=channels,
        # transformers counts the prediction before the first layer as a layer.
        decoder_layers=config.layers + 1,
        num_attention_heads=config.heads,
        dim_feedforward=config.feed_forward,
        dropout=0.0,
        pre_norm=False,
    )
