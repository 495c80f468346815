"""Intent of a sentence as class probabilities, and the mask prior that follows from it.

The intent head predicts the change type, the position in the image, and the land cover before
and after.  Its product with the dense change map and the land-cover maps is the mask prior.  The
intent head therefore trains on sentences without images.  The mask decoder gets the intent as an
additional token and adds a correction to the prior.
"""

from __future__ import annotations

from typing import NamedTuple, get_args

import torch
from torch import Tensor, nn

from mtrs_geo.class_codes import INTENT_CLASSES
from mtrs_geo.models.config import IntentConfig
from mtrs_geo.models.network.language import TextStates, text_transformer
from mtrs_geo.types import Cell, ChangeKind, Place

__all__ = [
    "CHANGE_KINDS",
    "PLACES",
    "Intent",
    "IntentHead",
    "IntentToken",
    "NoIntentToken",
    "PooledIntentHead",
    "any_change_logits",
    "land_cover_logits",
    "prior_logits",
    "unchanged_logits",
]

CHANGE_KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)
"""Classes of the change type, in order."""

PLACES: tuple[Place | Cell, ...] = (*get_args(Place), *get_args(Cell))
"""Classes of the position in the image, in order."""

_EPSILON = 1e-4
_ANY = INTENT_CLASSES.index("any")
_BUILDING = INTENT_CLASSES.index("building")


class Intent(NamedTuple):
    """Predicted intent of N sentences."""

    kind: Tensor
    """Logits (N, 4) over `CHANGE_KINDS`, exclusive."""
    place: Tensor
    """Logits (N, 14) over `PLACES`, exclusive."""
    before: Tensor
    """Logits (N, 8) over `INTENT_CLASSES` at the earlier date, not exclusive."""
    after: Tensor
    """Logits (N, 8) over `INTENT_CLASSES` at the later date, not exclusive."""

    @property
    def probabilities(self) -> Tensor:
        """All probabilities (N, 34), in the order of the fields."""
        exclusive = self.kind.softmax(1), self.place.softmax(1)
        return torch.cat([*exclusive, self.before.sigmoid(), self.after.sigmoid()], dim=1)


_CLASS_COUNTS = {
    "kind": len(CHANGE_KINDS),
    "place": len(PLACES),
    "before": len(INTENT_CLASSES),
    "after": len(INTENT_CLASSES),
}
"""Number of classes of each field of `Intent`, in order."""


class IntentHead(nn.Module):
    """Frozen word states to intent.

    It has transformer layers of its own: training it on sentences without images does not change
    the word states of the mask decoder.

    Args:
        config: sizes.
        backbone_channels: channels of the frozen word states.
    """

    def __init__(self, config: IntentConfig, backbone_channels: int) -> None:
        super().__init__()
        width = config.width
        self.dropout = nn.Dropout(0.25)
        self.reduce = nn.Linear(backbone_channels, width)
        self.layers = text_transformer(width, config.heads, config.layers)
        # One pooling per field: in "grass that became a road" each date has another noun.
        self.pooling = nn.Linear(width, len(_CLASS_COUNTS))
        nn.init.zeros_(self.pooling.weight)
        nn.init.zeros_(self.pooling.bias)
        self.heads = nn.ModuleDict({name: nn.Linear(width, n) for name, n in _CLASS_COUNTS.items()})

    def forward(self, text: TextStates) -> Intent:
        """Predict the intent of N sentences."""
        words = self.layers(
            self.reduce(self.dropout(text.backbone_states)), src_key_padding_mask=text.padding
        )
        weights = self.pooling(words).masked_fill(text.padding[..., None], -torch.inf).softmax(1)
        words = words.masked_fill(text.padding[..., None], 0.0)  # padding may not be finite
        pooled = torch.einsum("nlf,nlc->fnc", weights, words)
        fields = zip(self.heads.items(), pooled, strict=True)
        return Intent(**{name: head(states) for (name, head), states in fields})


class PooledIntentHead(nn.Module):
    """Pooled word states to intent."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.kind, self.place, self.before, self.after = (
            nn.Linear(channels, n) for n in _CLASS_COUNTS.values()
        )

    def forward(self, text: TextStates) -> Intent:
        """Predict the intent of N sentences."""
        heads = self.kind, self.place, self.before, self.after
        return Intent(*(head(text.pooled) for head in heads))


class IntentToken(nn.Module):
    """Put the intent in front of a sentence's words as an additional token."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.projection = nn.Linear(sum(_CLASS_COUNTS.values()), channels)
        # The token is zero at first, so that it does not disturb layers that are already trained.
        nn.init.zeros_(self.projection.weight)
        nn.init.zeros_(self.projection.bias)

    def forward(self, text: TextStates, intent: Intent) -> TextStates:
        """Return the N sentences with their intent tokens."""
        token = self.projection(intent.probabilities.to(text.words.dtype))
        return text._replace(
            words=torch.cat([token[:, None], text.words], dim=1),
            pooled=text.pooled + token,
            # zeros_like, because len() would fix the batch size of an exported graph.
            padding=torch.cat([torch.zeros_like(text.padding[:, :1]), text.padding], dim=1),
        )


class NoIntentToken(nn.Module):
    """Leave the words of a sentence as they are, as in the paper."""

    def forward(self, text: TextStates, intent: Intent) -> TextStates:
        """Return the N sentences unchanged."""
        return text


def any_change_logits(change: Tensor) -> Tensor:
    """Return logits (B, h, w) of any change from those of none, appear, disappear.

    Args:
        change: logits (B, 3, h, w).
    """
    log_p = change.float().log_softmax(1)
    return torch.logsumexp(log_p[:, 1:], dim=1) - log_p[:, 0]


def prior_logits(
    change: Tensor, land_cover: Tensor, intent: Intent, ground: Tensor | None = None
) -> Tensor:
    """Return logits (N, h, w): pixels that changed, match the intent, and are at its position.

    For a change of state, one of the two dates must match the intent; for any other change type
    both must match (see `mtrs_geo.data.sentences.question`).

    Args:
        change: logits (N, 3, h, w) over none, appear, disappear.
        land_cover: logits (N, 2, 6, h, w) of the classes before and after.
        intent: of the N sentences.
        ground: logits (N, h, w) of a change of the ground, of a model with a ground head.
    """
    p_class = land_cover.softmax(2)
    p_before = _match_probability(p_class[:, 0], intent.before)
    p_after = _match_probability(p_class[:, 1], intent.after)
    p_both = p_before * p_after
    p_state = intent.kind.softmax(1)[:, CHANGE_KINDS.index("state"), None, None]
    p_match = p_both + p_state * (p_before + p_after - 2 * p_both)  # "or" instead of "and"
    p_change = 1 - _no_change(change, ground)
    masks = _place_masks(change.shape[-2], change.shape[-1], change.device)
    p_place = torch.einsum("np,phw->nhw", intent.place.softmax(1), masks.to(p_change.dtype))
    # float32, because in bfloat16 the upper limit rounds to 1, whose logit is infinite.
    return _logit((p_change * p_match * p_place).float())


def land_cover_logits(land_cover: Tensor, intent: Intent) -> Tensor:
    """Return logits (N, h, w): pixels whose class at the later date matches the intent.

    Args:
        land_cover: logits (N, 2, 6, h, w) of the classes before and after.
        intent: of the N sentences.
    """
    return _logit(_match_probability(land_cover.softmax(2)[:, 1], intent.after))


def unchanged_logits(
    change: Tensor, land_cover: Tensor, intent: Intent, ground: Tensor | None = None
) -> Tensor:
    """Return logits (N, h, w): pixels whose class matches at both dates and that did not change.

    Args:
        change: logits (N, 3, h, w) over none, appear, disappear.
        land_cover: logits (N, 2, 6, h, w) of the classes before and after.
        intent: of the N sentences; its classes after are those of both dates.
        ground: logits (N, h, w) of a change of the ground, of a model with a ground head; it does
            not count for buildings, of which the change head alone knows.
    """
    p_class = land_cover.softmax(2)
    p_before, p_after = (_match_probability(p_class[:, date], intent.after) for date in (0, 1))
    # Ground that did not change has one class, seen twice: the geometric mean, not the product.
    p_both = (p_before * p_after).sqrt()
    p_unchanged = change.softmax(1)[:, 0]
    if ground is not None:
        p_ground = 1 - intent.after[:, _BUILDING].sigmoid()
        p_unchanged = p_unchanged * (1 - p_ground[:, None, None] * ground.sigmoid())
    return _logit(p_both * p_unchanged)


def _no_change(change: Tensor, ground: Tensor | None) -> Tensor:
    """Return the probability (N, h, w) that neither a building nor the ground changed."""
    p_none = change.softmax(1)[:, 0]
    return p_none if ground is None else p_none * (1 - ground.sigmoid())


def _logit(probability: Tensor) -> Tensor:
    probability = probability.clamp(_EPSILON, 1 - _EPSILON)
    return probability.log() - (1 - probability).log()  # OpenVINO has no logit


def _match_probability(p_class: Tensor, logits: Tensor) -> Tensor:
    """Return (N, h, w): probability that a pixel's class is one that the sentence names.

    Args:
        p_class: class probabilities (N, 6, h, w) of one date.
        logits: (N, 8), the intent for that date.
    """
    p_named = logits.sigmoid()
    p_match = torch.einsum("nc,nchw->nhw", p_named[:, _ANY + 1 :], p_class)
    p_any = p_named[:, _ANY, None, None]
    return p_any + (1 - p_any) * p_match


def _place_masks(rows: int, cols: int, device: torch.device) -> Tensor:
    """Return bool masks (14, rows, cols) of the cells of each of `PLACES`."""
    row = ((torch.arange(rows, device=device) + 0.5) / rows)[:, None].expand(rows, cols)
    col = ((torch.arange(cols, device=device) + 0.5) / cols)[None].expand(rows, cols)
    halves = {"top": row < 0.5, "bottom": row >= 0.5, "left": col < 0.5, "right": col >= 0.5}
    mid_row, mid_col = (row - 0.5).abs() < 1 / 6, (col - 0.5).abs() < 1 / 6
    ninths = {
        "centre": mid_row & mid_col,
        "upper middle": (row < 1 / 3) & mid_col,
        "middle left": mid_row & (col < 1 / 3),
        "middle right": mid_row & (col >= 2 / 3),
        "lower middle": (row >= 2 / 3) & mid_col,
    }
    everywhere = torch.ones_like(mid_row)
    masks = []
    for place in PLACES:
        mask = ninths.get(place, everywhere)
        if place not in ninths:
            for word in place.split():
                mask = mask & halves.get(word, everywhere)
        masks.append(mask)
    return torch.stack(masks)
