"""Sentence to word states by a causal language model that sees both dates."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from transformers import PhiConfig, PhiModel

from mtrs_geo.models.config import CausalLanguageConfig
from mtrs_geo.models.network.language import TextStates

__all__ = ["CausalLanguage"]


class ImageTokens(nn.Module):
    """Two stride-2 convolutions: S × S cells become (S / 4)² tokens.

    Its norms are as large as the map that it was trained on, as in the paper's release;
    a map of another size is resized to that first.
    """

    def __init__(self, inputs: int, width: int, cells: int) -> None:
        super().__init__()
        self.cells = cells
        self.conv_half = nn.Conv2d(inputs, width, 3, stride=2, padding=1)
        self.norm_half = nn.LayerNorm([width, cells // 2, cells // 2])
        self.conv_quarter = nn.Conv2d(width, width, 3, stride=2, padding=1)
        self.norm_quarter = nn.LayerNorm([width, cells // 4, cells // 4])
        self.out = nn.Conv2d(width, width, 1)

    def forward(self, scene: Tensor) -> Tensor:
        """Turn maps (B, C, h, w) into tokens (B, (S / 4)², width), row by row."""
        cells = (self.cells, self.cells)
        if scene.shape[-2:] != cells:
            scene = F.interpolate(scene, size=cells, mode="bilinear", align_corners=False)
        half = self.norm_half(self.conv_half(scene))
        quarter = self.norm_quarter(self.conv_quarter(half))
        tokens: Tensor = self.out(quarter).flatten(2).transpose(1, 2)
        return tokens


class CausalLanguage(nn.Module):
    """Phi reads "… earlier date … later date … expression [SEG]".

    What a causal model says of the expression depends on nothing that comes after it, so
    the prompt ends there, and sentences of unlike length need no mask.
    """

    def __init__(
        self, config: CausalLanguageConfig, tokenizer: Tokenizer, vision_channels: int
    ) -> None:
        super().__init__()
        self.config = config
        self.tokenizer = tokenizer
        self.channels = self.source_channels = config.hidden
        self.image_tokens = ImageTokens(vision_channels, config.hidden, config.image_cells)
        self.model = PhiModel(_phi_config(config))
        self.prompt = tuple(
            tokenizer.encode(part, add_special_tokens=i == 0).ids
            for i, part in enumerate(config.prompt)
        )

    def look(self, before: Tensor, after: Tensor) -> Tensor:
        """Return the image tokens (B, 2, T, C) of both dates' coarsest maps (B, V, h, w)."""
        return torch.stack([self.image_tokens(before), self.image_tokens(after)], dim=1)

    def forward(self, texts: Sequence[str]) -> TextStates:
        """Look sentences up: the words' embeddings, before the model has read them."""
        rows = [self._ids(text) for text in texts]
        device = self.model.embed_tokens.weight.device
        ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
        lengths = torch.tensor([len(row) for row in rows])
        padding = (torch.arange(ids.shape[1])[None] >= lengths[:, None]).to(device)
        return _states(self.model.embed_tokens(ids.to(device)), padding)

    def ground(self, text: TextStates, context: Tensor | None) -> TextStates:
        """Read N sentences beside what was seen of each one's pair.

        Args:
            text: what `forward` gave.
            context: what `look` gave, a row a sentence.

        Returns:
            The model's last states of the sentences' words.

        Raises:
            ValueError: if there is no context.
        """
        if context is None:
            msg = "a causal language model reads a sentence beside image tokens: give context"
            raise ValueError(msg)
        embeds = self.prompted(text, context)
        states = self.model(inputs_embeds=embeds, use_cache=False).last_hidden_state
        return _states(states[:, -text.words.shape[1] :], text.padding)

    def prompted(self, text: TextStates, context: Tensor) -> Tensor:
        """Return the model's input (N, P + L, C): prompt and tokens, then the sentences."""
        said = [self._said(part, len(context)) for part in self.prompt]
        before, after = context.to(text.words.dtype).unbind(1)
        return torch.cat([said[0], before, said[1], after, said[2], text.words], dim=1)

    def _said(self, ids: list[int], count: int) -> Tensor:
        table = self.model.embed_tokens
        words = table(torch.tensor(ids, dtype=torch.long, device=table.weight.device))
        out: Tensor = words[None].expand(count, -1, -1)
        return out

    def _ids(self, text: str) -> list[int]:
        ids = self.tokenizer.encode(text, add_special_tokens=False).ids
        return [*ids[: self.config.max_tokens - 1], self.config.seg_token]


def _states(words: Tensor, padding: Tensor) -> TextStates:
    words = words.masked_fill(padding[..., None], 0.0)
    return TextStates(words, words.sum(1) / (~padding).sum(1, keepdim=True), padding, words)


def _phi_config(config: CausalLanguageConfig) -> PhiConfig:
    return PhiConfig(
        vocab_size=config.vocab,
        hidden_size=config.hidden,
        intermediate_size=config.feed_forward,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        partial_rotary_factor=config.rotary_share,
        attention_dropout=0.0,
        embd_pdrop=0.0,
        resid_pdrop=0.0,
    )
