"""[SEG] query to mask: pixels look at the words, then the query looks at the pixels."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from transformers.models.mask2former.modeling_mask2former import Mask2FormerMaskPredictor

from mtrs_geo.class_codes import INTENT_CLASSES
from mtrs_geo.models.config import MaskDecoderConfig
from mtrs_geo.models.network.intent import Reading
from mtrs_geo.models.network.language import TextStates
from mtrs_geo.models.network.masked_attention import Decoded, MaskedAttention
from mtrs_geo.models.network.pixel_decoder import Pixels

__all__ = ["Decoded", "MaskDecoder"]


_BUILDING = INTENT_CLASSES.index("building")
_FREE = 40.0
"""More than any two logits differ by."""


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


class _TwoScaleMaskPredictor(Mask2FormerMaskPredictor):
    """Mask2Former's predictor on the sum of features at strides 4 and 8.

    A query is multiplied with each before they are added: resizing one map a query costs less than
    all channels of the features, and the answer is the same.
    """

    def forward(
        self,
        outputs: Tensor,
        pixel_embeddings: tuple[Tensor, Tensor],
        attention_mask_target_size: torch.Size | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return masks (N, Q, h, w) and where queries may not look, (N * heads, Q, cells)."""
        queries = self.mask_embedder(outputs.transpose(0, 1))
        fine, coarse = (torch.einsum("nqc,nchw->nqhw", queries, part) for part in pixel_embeddings)
        masks = fine + _resize(coarse, fine)
        seen = F.interpolate(
            masks, size=attention_mask_target_size, mode="bilinear", align_corners=False
        )
        hidden = seen.detach().flatten(2) < 0  # (N, Q, cells)
        return masks, hidden[:, None].expand(-1, self.num_heads, -1, -1).flatten(0, 1)


class MaskDecoder(MaskedAttention):
    """One query a sentence; its masks are added to the first answer."""

    def __init__(self, config: MaskDecoderConfig, channels: int) -> None:
        super().__init__(config, channels)
        self.decoder.mask_predictor = _TwoScaleMaskPredictor(channels, config.heads, channels)
        self.reach = config.reach
        self.words_16 = _PixelWordAttention(channels, config.heads)
        self.words_8 = _PixelWordAttention(channels, config.heads)
        self.refine = nn.Conv2d(channels, channels, 1)
        self.query_position = nn.Embedding(1, channels)

    def forward(
        self, pixels: Pixels, query: Tensor, text: TextStates, first: Tensor, reading: Reading
    ) -> Decoded:
        """Decode N sentences.

        Args:
            pixels: memory and mask features of each sentence's pair, batch N.
            query: (N, C).
            text: the N sentences.
            first: logits (N, H / 4, W / 4) of the first answer.
            reading: what the sentences were taken to ask for; passed on.
        """
        coarse, middle, fine = pixels.memory
        places = self.places(pixels.memory)
        middle = self.words_16(middle, places[1], text)
        fine = self.words_8(fine + _resize(middle, fine), places[2], text)
        features = pixels.mask_features, self.refine(fine)
        states, logits = self.attend(
            (coarse, middle, fine), places, query[None], self.query_position.weight, features
        )
        most = self._most(first, reading)
        masks = tuple(_at_most(mask[:, 0] + first, most) for mask in logits)
        return Decoded(masks, self.present(states[-1][0], masks[-1]), reading)

    def _most(self, first: Tensor, reading: Reading) -> Tensor | None:
        """Return the best of the first answer around every cell, which bounds what is answered.

        Alone the decoder finds a few pixels of nearly everything that it is asked.  What is said
        of buildings stays free: it learnt those from real pairs, where it knows more of them than
        the class map does.
        """
        if self.reach is None:
            return None
        around = F.max_pool2d(first[:, None], self.reach, 1, self.reach // 2)[:, 0]
        named = torch.maximum(reading.before[:, _BUILDING], reading.after[:, _BUILDING])
        return around + _FREE * named.float().sigmoid()[:, None, None]


def _at_most(mask: Tensor, most: Tensor | None) -> Tensor:
    return mask if most is None else torch.minimum(mask, most)


def _resize(source: Tensor, target: Tensor) -> Tensor:
    return F.interpolate(source, size=target.shape[-2:], mode="bilinear", align_corners=False)
