"""Losses of both stages."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.class_codes import CHANGED, IGNORE

__all__ = ["dense_change_loss", "land_loss", "mask_loss"]

_NOTICED = 0.003
"""Share of the pixels at which an answer that should be empty costs half of what it can."""
_QUIET = 0.5
"""Weight of unchanged pairs that are seen as changed: ground at other seasons has few such pixels,
which hardly weigh in the cross entropy, and none in the dice of a batch."""


def dense_change_loss(logits: Tensor, label: Tensor) -> Tensor:
    """Cross entropy and dice of the dense change head, and what unchanged pairs spill.

    A pixel labelled 3 (changed, direction unknown) only asks that it be no "none".

    Args:
        logits: (B, 3, h, w) over none, appear, disappear.
        label: (B, H, W), codes of `mtrs_geo.data.datasets.changes`.
    """
    size = label.shape[-2:]
    logits = F.interpolate(logits.float(), size=size, mode="bilinear", align_corners=False)
    log_p = logits.log_softmax(1)
    known = label != IGNORE
    undirected = label == CHANGED
    target = torch.where(known & ~undirected, label, 0).long()
    picked = -log_p.gather(1, target[:, None])[:, 0]  # (B, H, W)
    either = -torch.logsumexp(log_p[:, 1:], dim=1)
    entropy = torch.where(undirected, either, picked)[known].mean()
    change = (1 - log_p[:, 0].exp()) * known
    truth = ((label != 0) & known).float()
    spilt = torch.where(truth.flatten(1).any(1), 0.0, _spilt(change)).mean()
    return entropy + _dice(change, truth) + _QUIET * spilt


def land_loss(logits: Tensor, before: Tensor, after: Tensor) -> Tensor:
    """Cross entropy of what stands at a pixel, before and after.

    What changed counts as much as all the rest.  A changed pixel that is known at one date
    only is at least of no such class at the other.

    Args:
        logits: (B, 2, K, h, w), the earlier date first.
        before: (B, H, W), class indices, 255 unknown; taken at every (H / h)-th pixel.
        after: the same of the later date.
    """
    step = before.shape[-1] // logits.shape[-1]
    half = step // 2
    dates = torch.stack([before, after], 1)[..., half::step, half::step].long()  # (B, 2, h, w)
    # In bfloat16 a sure answer would be 1, and "it is not that" minus infinity.
    log_p = logits.float().log_softmax(2)
    known = dates != IGNORE
    picked = -log_p.gather(2, torch.where(known, dates, 0)[:, :, None])[:, :, 0]
    other = dates.flip(1)
    one_sided = ~known & known.flip(1)
    not_other = log_p.gather(2, torch.where(one_sided, other, 0)[:, :, None])[:, :, 0]
    refused = -torch.log1p(-not_other.exp().clamp_max(1 - 1e-4))
    differs = (dates != other) & (known | one_sided)
    loss = torch.where(known, picked, refused)
    return _mean(loss, known) + _mean(loss, differs)


def _mean(values: Tensor, chosen: Tensor) -> Tensor:
    return (values * chosen).sum() / chosen.sum().clamp_min(1)


def mask_loss(logits: Tensor, masks: Tensor, known: Tensor) -> Tensor:
    """Binary cross entropy and dice of one prediction.

    Args:
        logits: (N, h, w).
        masks: (N, H, W) bool; averaged down where the logits are coarser.
        known: (N, H, W) bool, false where nothing is asked.
    """
    logits = logits.float()
    target, weight = masks.float()[:, None], known.float()[:, None]
    if logits.shape[-2:] != masks.shape[-2:]:
        rows, cols = logits.shape[-2:]
        target = F.adaptive_avg_pool2d(target, (rows, cols))
        weight = F.adaptive_avg_pool2d(weight, (rows, cols))
    target, weight = target[:, 0], weight[:, 0]
    entropy = F.binary_cross_entropy_with_logits(logits, target, weight)
    answer = logits.sigmoid() * weight
    dice = _dice_each(answer, target * weight)
    # Where nothing is to be found, dice says nothing, and entropy hardly minds a few pixels.
    filled = target.flatten(1).sum(1) > 0
    return 5 * entropy + torch.where(filled, dice, _spilt(answer)).mean()


def _spilt(answer: Tensor) -> Tensor:
    """Return the cost (N,) in [0, 1) of answers (N, h, w) that should be empty."""
    share = answer.flatten(1).mean(1)
    return share / (share + _NOTICED)


def _dice_each(prediction: Tensor, target: Tensor) -> Tensor:
    prediction, target = prediction.flatten(1), target.flatten(1)
    overlap = (prediction * target).sum(1)
    return 1 - (2 * overlap + 1) / (prediction.sum(1) + target.sum(1) + 1)


def _dice(prediction: Tensor, target: Tensor) -> Tensor:
    """Dice over the batch as one, so that an empty image weighs by its pixels."""
    return _dice_each(prediction.flatten()[None], target.flatten()[None])[0]
