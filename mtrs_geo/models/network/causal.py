"""Sentence to word states by a causal language model that attends to both dates."""

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

    The layer norms have the size of the training maps, as in the paper's release; a map of
    another size is resized first.
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
        """Return tokens (B, (S / 4)², width), row by row, of maps (B, C, h, w)."""
        cells = (self.cells, self.cells)
        if scene.shape[-2:] != cells:
            scene = F.interpolate(scene, size=cells, mode="bilinear", align_corners=False)
        half = self.norm_half(self.conv_half(scene))
        quarter = self.norm_quarter(self.conv_quarter(half))
        tokens: Tensor = self.out(quarter).flatten(2).transpose(1, 2)
        return tokens


class CausalLanguage(nn.Module):
    """Phi with the prompt "… earlier date … later date … expression [SEG]".

    In a causal model the states of the expression do not depend on later tokens.  The prompt
    therefore ends there, and sentences of different lengths need no attention mask.
    """

    def __init__(
        self, config: CausalLanguageConfig, tokenizer: Tokenizer, vision_channels: int
    ) -> None:
        super().__init__()
        self.config = config
        self.tokenizer = tokenizer
        self.channels = self.backbone_channels = config.hidden
        self.image_tokens = ImageTokens(vision_channels, config.hidden, config.image_cells)
        self.model = PhiModel(_phi_config(config))
        self.prompt = tuple(
            tokenizer.encode(text, add_special_tokens=i == 0).ids
            for i, text in enumerate(config.prompt)
        )

    def encode_images(self, before: Tensor, after: Tensor) -> Tensor:
        """Return the image tokens (B, 2, T, C) of the coarsest map (B, V, h, w) of each date."""
        return torch.stack([self.image_tokens(before), self.image_tokens(after)], dim=1)

    def forward(self, texts: Sequence[str]) -> TextStates:
        """Return the token embeddings of sentences, before the first layer of the model."""
        rows = [self._ids(text) for text in texts]
        device = self.model.embed_tokens.weight.device
        ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
        lengths = torch.tensor([len(row) for row in rows])
        padding = (torch.arange(ids.shape[1])[None] >= lengths[:, None]).to(device)
        return _states(self.model.embed_tokens(ids.to(device)), padding)

    def ground(self, text: TextStates, context: Tensor | None) -> TextStates:
        """Run the language model on N sentences, each with the image tokens of its pair.

        Args:
            text: from `forward`.
            context: from `encode_images`, one row per sentence.

        Returns:
            The last hidden states of the sentences' words.

        Raises:
            ValueError: if there is no context.
        """
        if context is None:
            msg = "context is None, but a causal language model needs image tokens"
            raise ValueError(msg)
        embeds = self.prompt_embeddings(text, context)
        states = self.model(inputs_embeds=embeds, use_cache=False).last_hidden_state
        return _states(states[:, -text.words.shape[1] :], text.padding)

    def prompt_embeddings(self, text: TextStates, context: Tensor) -> Tensor:
        """Return input embeddings (N, P + L, C): prompt and image tokens, then the sentences."""
        prompt = [self._embed_ids(ids, len(context)) for ids in self.prompt]
        before, after = context.to(text.words.dtype).unbind(1)
        return torch.cat([prompt[0], before, prompt[1], after, prompt[2], text.words], dim=1)

    def _embed_ids(self, ids: list[int], count: int) -> Tensor:
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
        partial_rotary_factor=config.rotary_fraction,
        attention_dropout=0.0,
        embd_pdrop=0.0,
        resid_pdrop=0.0,
    )
