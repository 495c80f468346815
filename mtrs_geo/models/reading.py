"""What a sentence asks for, read as classes, and the answer that follows from them alone.

A sentence's kind of change and its place are few; which pixels appeared or disappeared the
dense head already knows.  Their product is a first answer that needs no picture to be learnt
from: sentences alone teach it.  The mask decoder adds what it does not say.
"""

from __future__ import annotations

from typing import NamedTuple, get_args

import torch
from torch import Tensor, nn

from mtrs_geo.types import ChangeKind, Place

__all__ = ["CHANGE_KINDS", "PLACES", "Reading", "SentenceReader", "first_answer"]

CHANGE_KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)
"""Classes of the change-type head, in order."""

PLACES: tuple[Place, ...] = get_args(Place)
"""Classes of the place head, in order."""

_SURE = 1e-4


class Reading(NamedTuple):
    """N sentences, read."""

    kind: Tensor
    """Logits (N, 4) over `CHANGE_KINDS`."""
    place: Tensor
    """Logits (N, 10) over `PLACES`."""


class SentenceReader(nn.Module):
    """Pooled words to the kind of change and the place that a sentence speaks of."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.kind = nn.Linear(channels, len(CHANGE_KINDS))
        self.place = nn.Linear(channels, len(PLACES))

    def forward(self, pooled: Tensor) -> Reading:
        """Read N sentences from their pooled words (N, C)."""
        return Reading(self.kind(pooled), self.place(pooled))


def first_answer(change: Tensor, reading: Reading) -> Tensor:
    """Return logits (N, h, w) of "such a change, at that place".

    Args:
        change: logits (N, 3, h, w) over none, appear, disappear.
        reading: the N sentences.
    """
    kind = reading.kind.softmax(1)
    either = kind[:, 0] + kind[:, 3]
    asked = torch.stack([either + kind[:, 1], either + kind[:, 2]], dim=1)  # (N, 2)
    changed = torch.einsum("nk,nkhw->nhw", asked, change.softmax(1)[:, 1:])
    parts = _places(change.shape[-2], change.shape[-1], change.device)
    inside = torch.einsum("np,phw->nhw", reading.place.softmax(1), parts.to(changed.dtype))
    return (changed * inside).clamp(_SURE, 1 - _SURE).logit()


def _places(rows: int, cols: int, device: torch.device) -> Tensor:
    """Return (10, rows, cols): which cells lie in each of `PLACES`."""
    row = ((torch.arange(rows, device=device) + 0.5) / rows)[:, None].expand(rows, cols)
    col = ((torch.arange(cols, device=device) + 0.5) / cols)[None].expand(rows, cols)
    sides = {"top": row < 0.5, "bottom": row >= 0.5, "left": col < 0.5, "right": col >= 0.5}
    centre = ((row - 0.5).abs() < 1 / 6) & ((col - 0.5).abs() < 1 / 6)
    every = torch.ones_like(centre)
    cells = []
    for place in PLACES:
        cell = centre if place == "centre" else every
        for word in place.split():
            cell = cell & sides.get(word, every)
        cells.append(cell)
    return torch.stack(cells)
