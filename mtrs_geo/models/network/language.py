"""Sentence to word states by a frozen text encoder with trained layers on top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from mtrs_geo.models.config import LanguageConfig
from mtrs_geo.models.network.pretrained.bert import BertEncoder

__all__ = ["LanguageEncoder", "TextStates", "text_transformer"]


class TextStates(NamedTuple):
    """N encoded sentences of at most L tokens."""

    words: Tensor
    """(N, L, C), zero where ``padding``."""
    pooled: Tensor
    """(N, C), the mean over the words of a sentence."""
    padding: Tensor
    """(N, L) bool, true after the end of a sentence."""
    backbone_states: Tensor
    """(N, L, S), hidden states of the frozen encoder, last layer first, zero where ``padding``; a
    causal language model repeats `words`."""


class LanguageEncoder(nn.Module):
    """MiniLM (frozen), then a small trained transformer.

    The frozen states of a sentence are cached: MiniLM runs once per sentence and process, for any
    number of tiles and training steps.
    """

    def __init__(self, config: LanguageConfig, tokenizer: Tokenizer, width: int) -> None:
        super().__init__()
        self.config = config
        self.tokenizer = tokenizer
        self.channels = width
        self.backbone_channels = config.hidden * (1 + len(config.extra_hidden_layers))
        self.cache_sentences = 20_000
        self.frozen = BertEncoder(config)
        self.frozen.requires_grad_(False)
        inner = config.trained_width
        # Training has few different sentences: dropout reduces overfitting to them.
        self.dropout = nn.Dropout(0.25)
        self.reduce = nn.Linear(config.hidden, inner)
        self.trained = text_transformer(inner, inner // 32, config.trained_layers)
        self.expand = nn.Linear(inner, width)
        self._cache: dict[str, Tensor] = {}

    def forward(self, texts: Sequence[str]) -> TextStates:
        """Encode sentences on the module's device."""
        rows = self._frozen_states(texts)
        lengths = torch.tensor([len(row) for row in rows])
        device = self.expand.weight.device
        padding = (torch.arange(int(lengths.max()))[None] >= lengths[:, None]).to(device)
        source = nn.utils.rnn.pad_sequence(rows, batch_first=True)  # (N, L, S)
        source = source.to(device, self.expand.weight.dtype)
        words = self.reduce(self.dropout(source[..., : self.config.hidden]))
        words = self.expand(self.trained(words, src_key_padding_mask=padding))
        words = words.masked_fill(padding[..., None], 0.0)
        pooled = words.sum(1) / (~padding).sum(1, keepdim=True)
        return TextStates(words, pooled, padding, source)

    def encode_images(self, before: Tensor, after: Tensor) -> None:
        """Return None: this encoder takes no images."""

    def ground(self, text: TextStates, context: Tensor | None) -> TextStates:
        """Return the sentences unchanged: this encoder takes no images."""
        return text

    def _frozen_states(self, texts: Sequence[str]) -> list[Tensor]:
        # Threads may share the cache: a full one is replaced, never emptied.
        cache = self._cache
        new = [text for text in dict.fromkeys(texts) if text not in cache]
        if len(cache) + len(new) > self.cache_sentences:
            cache = self._cache = {}
            new = list(dict.fromkeys(texts))
        if new:
            cache.update(zip(new, self._run_frozen(new), strict=True))
        return [cache[text] for text in texts]

    @torch.no_grad()
    def _run_frozen(self, texts: list[str]) -> list[Tensor]:
        encoded = [self.tokenizer.encode(text).ids[: self.config.max_tokens] for text in texts]
        device = self.frozen.embeddings.word_embeddings.weight.device
        ids = nn.utils.rnn.pad_sequence([torch.tensor(e) for e in encoded], batch_first=True)
        lengths = torch.tensor([len(e) for e in encoded])
        mask = torch.arange(ids.shape[1])[None] < lengths[:, None]
        hidden = self.frozen(ids.to(device), mask.to(device))
        states = torch.cat(
            [hidden[-1], *(hidden[i] for i in self.config.extra_hidden_layers)], dim=-1
        )
        # float16 without padding, so that the states of thousands of sentences fit in memory.
        # One transfer from a GPU for all sentences.
        rows = zip(states.half().cpu(), lengths.tolist(), strict=True)
        return [row[:length].clone() for row, length in rows]


def text_transformer(width: int, heads: int, layers: int) -> nn.TransformerEncoder:
    """Return a small transformer encoder over word states (N, L, width)."""
    layer = nn.TransformerEncoderLayer(
        width,
        heads,
        4 * width,
        dropout=0.1,
        activation="gelu",
        batch_first=True,
        norm_first=True,
    )
    norm = nn.LayerNorm(width)
    return nn.TransformerEncoder(layer, layers, norm=norm, enable_nested_tensor=False)
