"""What a sentence asks for, read as classes, and the answer that follows from them alone.

A sentence's kind of change, its place, and what it says of either date are few; which pixels
changed, and what they show before and after, the dense heads already know.  Their product is
a first answer that needs no picture to be learnt from: sentences alone teach it.  The mask
decoder is told the reading as one more word, and adds what it does not say.
"""

from __future__ import annotations

from typing import NamedTuple, get_args

import torch
from torch import Tensor, nn

from mtrs_geo.class_codes import INTENT_CLASSES
from mtrs_geo.models.config import ReaderConfig
from mtrs_geo.models.network.language import TextStates, word_layers
from mtrs_geo.types import Cell, ChangeKind, Place

__all__ = [
    "CHANGE_KINDS",
    "PLACES",
    "PooledReader",
    "Reading",
    "ReadingWord",
    "SentenceReader",
    "Untold",
    "any_change",
    "first_answer",
    "shown_after",
]

CHANGE_KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)
"""Classes of the change-type head, in order."""

PLACES: tuple[Place | Cell, ...] = (*get_args(Place), *get_args(Cell))
"""Classes of the place head, in order."""

_SURE = 1e-4
_ANY = INTENT_CLASSES.index("any")


class Reading(NamedTuple):
    """N sentences, read."""

    kind: Tensor
    """Logits (N, 4) over `CHANGE_KINDS`, of which one holds."""
    place: Tensor
    """Logits (N, 14) over `PLACES`, of which one holds."""
    before: Tensor
    """Logits (N, 8) over `INTENT_CLASSES`: what was there; several may hold."""
    after: Tensor
    """Logits (N, 8): what is there now."""

    @property
    def shares(self) -> Tensor:
        """The probabilities (N, 34), in the order of the fields."""
        parts = self.kind.softmax(1), self.place.softmax(1)
        return torch.cat([*parts, self.before.sigmoid(), self.after.sigmoid()], dim=1)


_SIZES = {
    "kind": len(CHANGE_KINDS),
    "place": len(PLACES),
    "before": len(INTENT_CLASSES),
    "after": len(INTENT_CLASSES),
}
"""Classes of each field of a reading, in their order."""


class SentenceReader(nn.Module):
    """Frozen word states to what a sentence asks for.

    Its layers are its own: sentences without pictures, thousands a minute, teach them without
    moving the words that the mask decoder sees.

    Args:
        config: its size.
        source: channels of the frozen word states.
    """

    def __init__(self, config: ReaderConfig, source: int) -> None:
        super().__init__()
        width = config.width
        self.dropout = nn.Dropout(0.25)
        self.reduce = nn.Linear(source, width)
        self.layers = word_layers(width, config.heads, config.layers)
        # "Grass that became a road": either date's field must find its own noun.
        self.weigh = nn.Linear(width, len(_SIZES))
        nn.init.zeros_(self.weigh.weight)
        nn.init.zeros_(self.weigh.bias)
        self.heads = nn.ModuleDict({name: nn.Linear(width, n) for name, n in _SIZES.items()})

    def forward(self, text: TextStates) -> Reading:
        """Read N sentences."""
        words = self.layers(
            self.reduce(self.dropout(text.source)), src_key_padding_mask=text.padding
        )
        weights = self.weigh(words).masked_fill(text.padding[..., None], -torch.inf).softmax(1)
        words = words.masked_fill(text.padding[..., None], 0.0)  # padding may hold anything
        pooled = torch.einsum("nlf,nlc->fnc", weights, words)
        fields = zip(self.heads.items(), pooled, strict=True)
        return Reading(**{name: head(field) for (name, head), field in fields})


class PooledReader(nn.Module):
    """The same from the pooled words alone."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.kind, self.place, self.before, self.after = (
            nn.Linear(channels, n) for n in _SIZES.values()
        )

    def forward(self, text: TextStates) -> Reading:
        """Read N sentences."""
        heads = self.kind, self.place, self.before, self.after
        return Reading(*(head(text.pooled) for head in heads))


class ReadingWord(nn.Module):
    """A reading as one more word in front of a sentence's own."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.word = nn.Linear(sum(_SIZES.values()), channels)
        # At first it says nothing: what was trained without it goes on as it was.
        nn.init.zeros_(self.word.weight)
        nn.init.zeros_(self.word.bias)

    def forward(self, text: TextStates, reading: Reading) -> TextStates:
        """Return the N sentences with their readings."""
        told = self.word(reading.shares.to(text.words.dtype))
        return text._replace(
            words=torch.cat([told[:, None], text.words], dim=1),
            pooled=text.pooled + told,
            # zeros_like, as len() would fix the batch of an exported graph.
            padding=torch.cat([torch.zeros_like(text.padding[:, :1]), text.padding], dim=1),
        )


class Untold(nn.Module):
    """Nothing of the reading in front of a sentence's words."""

    def forward(self, text: TextStates, reading: Reading) -> TextStates:
        """Return the N sentences as they are."""
        return text


def any_change(change: Tensor) -> Tensor:
    """Return logits (B, h, w) of "anything changed" from those of none, appear, disappear.

    Args:
        change: logits (B, 3, h, w).
    """
    log_p = change.float().log_softmax(1)
    return torch.logsumexp(log_p[:, 1:], dim=1) - log_p[:, 0]


def first_answer(change: Tensor, land: Tensor, reading: Reading) -> Tensor:
    """Return logits (N, h, w) of "such a change, at that place".

    A change of state is one where either date shows what the sentence names; any other is
    one where both show it (see `mtrs_geo.data.sentences.question`).

    Args:
        change: logits (N, 3, h, w) over none, appear, disappear.
        land: logits (N, 2, 6, h, w) of the classes before and after.
        reading: the N sentences.
    """
    shown = land.softmax(2)
    before, after = _fits(shown[:, 0], reading.before), _fits(shown[:, 1], reading.after)
    both = before * after
    state = reading.kind.softmax(1)[:, CHANGE_KINDS.index("state"), None, None]
    asked = both + state * (before + after - 2 * both)  # or, in place of and
    changed = 1 - change.softmax(1)[:, 0]
    parts = _places(change.shape[-2], change.shape[-1], change.device)
    inside = torch.einsum("np,phw->nhw", reading.place.softmax(1), parts.to(changed.dtype))
    # In bfloat16 the upper bound would be 1, whose logit is infinite.
    return _logit((changed * asked * inside).float())


def shown_after(land: Tensor, reading: Reading) -> Tensor:
    """Return logits (N, h, w) of "the later date shows what the sentence says of it".

    Args:
        land: logits (N, 2, 6, h, w) of the classes before and after.
        reading: the N sentences.
    """
    return _logit(_fits(land.softmax(2)[:, 1], reading.after))


def _logit(share: Tensor) -> Tensor:
    share = share.clamp(_SURE, 1 - _SURE)
    return share.log() - (1 - share).log()  # OpenVINO knows no logit


def _fits(shown: Tensor, named: Tensor) -> Tensor:
    """Return (N, h, w): whether a date (N, 6, h, w) shows what a sentence names (N, 8)."""
    share = named.sigmoid()
    met = torch.einsum("nc,nchw->nhw", share[:, _ANY + 1 :], shown)
    free = share[:, _ANY, None, None]
    return free + (1 - free) * met


def _places(rows: int, cols: int, device: torch.device) -> Tensor:
    """Return (14, rows, cols): which cells lie in each of `PLACES`."""
    row = ((torch.arange(rows, device=device) + 0.5) / rows)[:, None].expand(rows, cols)
    col = ((torch.arange(cols, device=device) + 0.5) / cols)[None].expand(rows, cols)
    sides = {"top": row < 0.5, "bottom": row >= 0.5, "left": col < 0.5, "right": col >= 0.5}
    mid_row, mid_col = (row - 0.5).abs() < 1 / 6, (col - 0.5).abs() < 1 / 6
    ninths = {
        "centre": mid_row & mid_col,
        "upper middle": (row < 1 / 3) & mid_col,
        "middle left": mid_row & (col < 1 / 3),
        "middle right": mid_row & (col >= 2 / 3),
        "lower middle": (row >= 2 / 3) & mid_col,
    }
    every = torch.ones_like(mid_row)
    cells = []
    for place in PLACES:
        cell = ninths.get(place, every)
        if place not in ninths:
            for word in place.split():
                cell = cell & sides.get(word, every)
        cells.append(cell)
    return torch.stack(cells)
