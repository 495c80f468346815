"""[SEG] query to mask: pixels attend to the words, then the query attends to the pixels."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.class_codes import INTENT_CLASSES
from mtrs_geo.models.config import MaskDecoderConfig
from mtrs_geo.models.network.intent import Intent
from mtrs_geo.models.network.language import TextStates
from mtrs_geo.models.network.mask_attention_layers import MaskPredictor
from mtrs_geo.models.network.masked_attention import Decoded, MaskedAttention
from mtrs_geo.models.network.pixel_decoder import PixelFeatures

__all__ = ["Decoded", "MaskDecoder"]

_BUILDING = INTENT_CLASSES.index("building")
_NO_BOUND = 40.0
"""Larger than any difference of two logits, so that the upper bound has no effect."""


class _PixelWordAttention(nn.Module):
    """Cross-attention from pixels to words, for words such as "top left"."""

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
        # The position stays in the output, so that the query can select "top left" as well.
        pixels = pixels + position.flatten(2).transpose(1, 2)
        attended = self.attend(
            pixels, text.words, text.words, key_padding_mask=text.padding, need_weights=False
        )[0]
        pixels = self.norm(pixels + attended)
        pixels = self.norm_out(pixels + self.feed_forward(pixels))
        grid: Tensor = pixels.transpose(1, 2).reshape(shape)
        return grid


class _TwoScaleMaskPredictor(MaskPredictor):
    """The predictor on the sum of features at strides 4 and 8.

    The query is multiplied with each scale before the sum.  The result is the same, and resizing
    one map per query costs less than resizing all channels of the features.
    """

    def forward(
        self, states: Tensor, features: tuple[Tensor, Tensor], size: torch.Size
    ) -> tuple[Tensor, Tensor]:
        """Return masks and hidden cells as `MaskPredictor` does, of features at both scales."""
        queries = self.mask_embedder(states.transpose(0, 1))
        fine, coarse = (torch.einsum("nqc,nchw->nqhw", queries, scale) for scale in features)
        return self.with_hidden_cells(fine + _resize(coarse, fine), size)

    @staticmethod
    def is_hidden(logits: Tensor) -> Tensor:
        """Return which cells are outside of the masks."""
        return logits < 0


class MaskDecoder(MaskedAttention):
    """One query per sentence; the output of each layer is added to the prior."""

    def __init__(self, config: MaskDecoderConfig, channels: int) -> None:
        super().__init__(config, channels)
        self.decoder.mask_predictor = _TwoScaleMaskPredictor(channels, config.heads)
        self.prior_window = config.prior_window
        self.word_attention_16 = _PixelWordAttention(channels, config.heads)
        self.word_attention_8 = _PixelWordAttention(channels, config.heads)
        self.refine = nn.Conv2d(channels, channels, 1)
        self.query_position = nn.Embedding(1, channels)

    def forward(
        self, pixels: PixelFeatures, query: Tensor, text: TextStates, prior: Tensor, intent: Intent
    ) -> Decoded:
        """Decode N sentences.

        Args:
            pixels: memory and mask features of each sentence's pair, batch N.
            query: (N, C).
            text: the N sentences.
            prior: logits (N, H / 4, W / 4), see `prior_logits`.
            intent: of the N sentences; returned unchanged.
        """
        coarse, middle, fine = pixels.memory
        positions = self.position_embeddings(pixels.memory)
        middle = self.word_attention_16(middle, positions[1], text)
        fine = self.word_attention_8(fine + _resize(middle, fine), positions[2], text)
        features = pixels.mask_features, self.refine(fine)
        states, logits = self.attend(
            (coarse, middle, fine), positions, query[None], self.query_position.weight, features
        )
        bound = self._upper_bound(prior, intent)
        masks = tuple(torch.minimum(mask[:, 0] + prior, bound) for mask in logits)
        return Decoded(masks, self.presence_logit(states[-1][0], masks[-1]), intent)

    def _upper_bound(self, prior: Tensor, intent: Intent) -> Tensor:
        """Return the upper bound (N, h, w) of the mask logits: the local maximum of the prior.

        Without a bound the decoder finds a few wrong pixels for nearly every sentence.  Sentences
        on buildings have no bound: the decoder is trained on real building changes and finds more
        of them than the land-cover maps.
        """
        window = self.prior_window
        maximum = F.max_pool2d(prior[:, None], window, 1, window // 2)[:, 0]
        building = torch.maximum(intent.before[:, _BUILDING], intent.after[:, _BUILDING])
        return maximum + _NO_BOUND * building.float().sigmoid()[:, None, None]


def _resize(source: Tensor, target: Tensor) -> Tensor:
    return F.interpolate(source, size=target.shape[-2:], mode="bilinear", align_corners=False)
