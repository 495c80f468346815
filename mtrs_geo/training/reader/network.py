"""The sentence reader in PyTorch: MiniLM, whose layers are trained, with heads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.config import LanguageConfig, ModelConfig
from mtrs_geo.models.network.pretrained.bert import BertEncoder
from mtrs_geo.models.reader import DIRECTIONS, MOST_TOKENS, compressed, is_part, restored
from mtrs_geo.understanding import LAND_COVER

__all__ = ["ReaderNetwork", "bundled_tokenizer"]

_BATCH = 64
_HEADS = {"direction": len(DIRECTIONS), "before": len(LAND_COVER), "after": len(LAND_COVER)}


class ReaderNetwork(nn.Module):
    """Sentences to logits of the direction and of the classes at both dates.

    The embeddings of words stay as they are, so they are computed once.
    """

    def __init__(self) -> None:
        super().__init__()
        config = _language_config()
        self.tokenizer = bundled_tokenizer()
        self.encoder = BertEncoder(config)
        weights = load_file(WEIGHTS / "minilm.safetensors")
        self.encoder.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
        self.encoder.requires_grad_(False)
        self._layers = list(self.encoder.encoder["layer"].children())
        for layer in self._layers:
            layer.requires_grad_(True)
        width = config.hidden
        self.dropout = nn.Dropout(0.1)
        self.pooling = nn.Linear(width, len(_HEADS))
        nn.init.zeros_(self.pooling.weight)
        nn.init.zeros_(self.pooling.bias)
        self.heads = nn.ModuleDict({name: nn.Linear(width, n) for name, n in _HEADS.items()})

    @torch.no_grad()
    def embedded(self, texts: Sequence[str], hidden_share: float = 0.0) -> list[Tensor]:
        """Return the embeddings (L, C) in float16, per sentence.

        Args:
            texts: sentences.
            hidden_share: share of the tokens that become unknown.
        """
        unknown = self.tokenizer.encode("[UNK]").ids[1]
        encoded = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        found: dict[int, Tensor] = {}
        # Sentences of one length need no padding.
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i]))
        for _, group in groupby(order, key=lambda i: len(encoded[i])):
            for batch in _batched(group, _BATCH):
                ids = torch.tensor([encoded[i] for i in batch])  # (N, L)
                hidden = torch.rand(ids.shape) < hidden_share
                hidden[:, [0, -1]] = False
                states = self.encoder.embeddings(ids.masked_fill(hidden, unknown))
                found.update(zip(batch, states.half(), strict=True))
        return [found[i].clone() for i in range(len(texts))]

    def forward(self, states: Sequence[Tensor]) -> dict[str, Tensor]:
        """Return the logits (N, …) of each head for N sentences of `embedded`."""
        lengths = torch.tensor([len(rows) for rows in states])
        mask = torch.arange(int(lengths.max()))[None] < lengths[:, None]
        words = nn.utils.rnn.pad_sequence(list(states), batch_first=True).float()  # (N, L, C)
        seen = None if mask.all() else mask[:, None, None].expand(-1, 1, mask.shape[1], -1)
        for layer in self._layers:
            words = layer(self.dropout(words), seen)
        weights = self.pooling(words).masked_fill(~mask[..., None], -torch.inf).softmax(1)
        pooled = self.dropout(torch.einsum("nlf,nlc->fnc", weights, words))
        return {
            name: head(rows) for (name, head), rows in zip(self.heads.items(), pooled, strict=True)
        }

    @torch.no_grad()
    def load_trained(self, tensors: Mapping[str, Tensor]) -> None:
        """Set the tensors of ``reader.safetensors``, to go on with their training."""
        own = dict(self._trained())
        for name, tensor in tensors.items():
            if not is_part(name):
                own[name].copy_(tensor)
        for layer, difference in restored({n: t.numpy() for n, t in tensors.items()}):
            own[f"{layer}.weight"].add_(torch.from_numpy(difference))

    def trained_tensors(self) -> dict[str, Tensor]:
        """Return the tensors of ``reader.safetensors``: differences, and the rest in float16."""
        initial = load_file(WEIGHTS / "minilm.safetensors")
        found: dict[str, Tensor] = {}
        for name, parameter in self._trained():
            tensor = parameter.detach()
            if name in initial and tensor.dim() == 2:
                parts = compressed((tensor - initial[name].float()).numpy())
                layer = name.removesuffix(".weight")
                found |= {f"{layer}.{part}": torch.from_numpy(t) for part, t in parts.items()}
            else:
                found[name] = tensor.half().contiguous()
        return found

    def _trained(self) -> Iterator[tuple[str, nn.Parameter]]:
        """Yield the trained parameters by their names in ``reader.safetensors``."""
        for name, parameter in self.named_parameters():
            if parameter.requires_grad:
                yield name.removeprefix("encoder.").removeprefix("heads."), parameter


def bundled_tokenizer() -> Tokenizer:
    """Return the tokenizer of the bundled MiniLM, without padding."""
    tokenizer = Tokenizer.from_file(str(WEIGHTS / "minilm.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_TOKENS)
    return tokenizer


def _language_config() -> LanguageConfig:
    model = json.loads((WEIGHTS / "tiny" / "config.json").read_text("utf-8"))["model"]
    language = ModelConfig.from_dict(model).language
    assert isinstance(language, LanguageConfig)
    return language


def _batched(items: Iterable[int], size: int) -> Iterator[list[int]]:
    """Yield lists of at most ``size`` items."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
