"""Losses of the dense heads, and of masks at every pixel."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.class_codes import CHANGED, IGNORE

__all__ = ["dense_change_loss", "land_cover_loss", "mask_loss"]

_HALF_COST_SHARE = 0.003
"""False share of the pixels at which `_false_area` is half of its maximum."""
_UNCHANGED_WEIGHT = 0.5
"""Weight of the false area in unchanged pairs: few pixels, such as those that seasons change,
hardly count in the cross entropy and not at all in the dice of a batch."""


def dense_change_loss(logits: Tensor, label: Tensor) -> Tensor:
    """Return cross entropy and dice of the dense change head, plus false area in unchanged pairs.

    For a pixel labelled 3 (changed, direction unknown) any class except "none" is correct.

    Args:
        logits: (B, 3, h, w) over none, appear, disappear.
        label: (B, H, W), codes of `mtrs_geo.class_codes`.
    """
    size = label.shape[-2:]
    logits = F.interpolate(logits.float(), size=size, mode="bilinear", align_corners=False)
    log_p = logits.log_softmax(1)
    known = label != IGNORE
    undirected = label == CHANGED
    target = torch.where(known & ~undirected, label, 0).long()
    directed_loss = -log_p.gather(1, target[:, None])[:, 0]  # (B, H, W)
    undirected_loss = -torch.logsumexp(log_p[:, 1:], dim=1)
    entropy = torch.where(undirected, undirected_loss, directed_loss)[known].mean()
    change = (1 - log_p[:, 0].exp()) * known
    truth = ((label != 0) & known).float()
    false_area = torch.where(truth.flatten(1).any(1), 0.0, _false_area(change)).mean()
    return entropy + _dice(change, truth) + _UNCHANGED_WEIGHT * false_area


def land_cover_loss(logits: Tensor, before: Tensor, after: Tensor) -> Tensor:
    """Return the cross entropy of the land-cover classes at both dates.

    The mean over changed pixels is added to the mean over all pixels.  If a pixel's class is
    known at one date only, the pixel changed, and the loss of the other date is that of
    "not this class".

    Args:
        logits: (B, 2, K, h, w), earlier date first.
        before: (B, H, W), class indices, 255 unknown; every (H / h)-th pixel is used.
        after: the same for the later date.
    """
    step = before.shape[-1] // logits.shape[-1]
    half = step // 2
    dates = torch.stack([before, after], 1)[..., half::step, half::step].long()  # (B, 2, h, w)
    # In bfloat16 a probability near 1 rounds to 1, and the loss of "not this class" is infinite.
    log_p = logits.float().log_softmax(2)
    known = dates != IGNORE
    known_loss = -log_p.gather(2, torch.where(known, dates, 0)[:, :, None])[:, :, 0]
    other = dates.flip(1)
    other_known = ~known & known.flip(1)
    log_p_other = log_p.gather(2, torch.where(other_known, other, 0)[:, :, None])[:, :, 0]
    not_other_loss = -torch.log1p(-log_p_other.exp().clamp_max(1 - 1e-4))
    changed = (dates != other) & (known | other_known)
    loss = torch.where(known, known_loss, not_other_loss)
    return _mean(loss, known) + _mean(loss, changed)


def _mean(values: Tensor, mask: Tensor) -> Tensor:
    return (values * mask).sum() / mask.sum().clamp_min(1)


def mask_loss(logits: Tensor, masks: Tensor, known: Tensor) -> Tensor:
    """Return binary cross entropy plus dice, or plus false area for empty masks.

    Args:
        logits: (N, h, w).
        masks: (N, H, W) bool; averaged to the size of coarser logits.
        known: (N, H, W) bool, false where the label is unknown.
    """
    logits = logits.float()
    target, weight = masks.float()[:, None], known.float()[:, None]
    if logits.shape[-2:] != masks.shape[-2:]:
        rows, cols = logits.shape[-2:]
        target = F.adaptive_avg_pool2d(target, (rows, cols))
        weight = F.adaptive_avg_pool2d(weight, (rows, cols))
    target, weight = target[:, 0], weight[:, 0]
    entropy = F.binary_cross_entropy_with_logits(logits, target, weight)
    prediction = logits.sigmoid() * weight
    dice = _dice_each(prediction, target * weight)
    # For an empty mask dice is not informative, and a few pixels hardly count in the entropy.
    filled = target.flatten(1).sum(1) > 0
    return 5 * entropy + torch.where(filled, dice, _false_area(prediction)).mean()


def _false_area(prediction: Tensor) -> Tensor:
    """Return the loss (N,) in [0, 1) of predictions (N, h, w) whose true masks are empty."""
    share = prediction.flatten(1).mean(1)
    return share / (share + _HALF_COST_SHARE)


def _dice_each(prediction: Tensor, target: Tensor) -> Tensor:
    prediction, target = prediction.flatten(1), target.flatten(1)
    overlap = (prediction * target).sum(1)
    return 1 - (2 * overlap + 1) / (prediction.sum(1) + target.sum(1) + 1)


def _dice(prediction: Tensor, target: Tensor) -> Tensor:
    """Return the dice of the whole batch, in which an empty image counts by its pixels."""
    return _dice_each(prediction.flatten()[None], target.flatten()[None])[0]
