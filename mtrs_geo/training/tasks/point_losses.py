"""Losses of the paper's decoder: masks compared at points, most of them uncertain ones.

Source: arXiv 2606.00987 for the weights and counts; sampling and matching are PointRend's
(arXiv 1912.08193) and Mask2Former's (arXiv 2112.01527).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.class_codes import APPEAR, CHANGED, DISAPPEAR

__all__ = [
    "change_masks",
    "matched_query_loss",
    "point_mask_loss",
    "sample_at_points",
    "uncertain_points",
]

_POINTS, _OVERSAMPLE, _IMPORTANCE = 12_544, 3, 0.75
_ENTROPY, _DICE, _CLASS = 5.0, 5.0, 2.0
_CHANGES = (APPEAR, DISAPPEAR, CHANGED)
_NO_OBJECT_WEIGHT = 0.1
"""Weight in the class loss of a query without a mask, as most queries have none."""


def point_mask_loss(
    logits: Tensor, masks: Tensor, known: Tensor | None = None, points: int = _POINTS
) -> Tensor:
    """Return binary cross entropy and dice at points, each weighted by five.

    Args:
        logits: (N, h, w) of one decoder layer.
        masks: (N, H, W) bool, of any size.
        known: (N, H, W) bool, false where the label is unknown; None if all of it is known.
        points: points per mask.
    """
    if not len(logits):
        return logits.sum()
    logits = logits.float()
    xy = uncertain_points(logits.detach(), points)
    predicted, truth = sample_at_points(logits, xy), sample_at_points(masks.float(), xy)
    weight = torch.ones_like(predicted)
    if known is not None:
        weight = (sample_at_points(known.float(), xy) > 0.5).to(predicted.dtype)
    entropy = F.binary_cross_entropy_with_logits(predicted, truth, weight, reduction="none")
    entropy = entropy.sum(1) / weight.sum(1).clamp_min(1)
    dice = _dice(predicted.sigmoid() * weight, truth * weight)
    return (_ENTROPY * entropy + _DICE * dice).mean()


def matched_query_loss(
    logits: Tensor,
    changed: Tensor,
    targets: Sequence[Tensor],
    known: Tensor | None = None,
    points: int = _POINTS,
) -> Tensor:
    """Return the mask loss of learned queries, each mask matched to the best-fitting query.

    A class loss is added: matched queries are changes, the others are not.

    Args:
        logits: (B, Q, h, w) of one decoder layer.
        changed: (B, Q) logits of "this query is a change".
        targets: masks (K, H, W) bool of each pair, K at most Q; K is 0 for an unchanged pair.
        known: (B, H, W) bool, false where the label is unknown; None if all of it is known.
        points: points per mask.
    """
    is_matched = torch.zeros_like(changed)
    matched, masks, matched_known = [logits[:0, 0]], [], []
    for i, pair_masks in enumerate(targets):
        if len(pair_masks):
            query, mask = _match(logits[i].detach(), changed[i].detach(), pair_masks, points)
            is_matched[i, query] = 1
            matched.append(logits[i, query])
            masks.append(pair_masks[mask])
            if known is not None:
                matched_known.append(known[i].expand(len(mask), -1, -1))
    weight = torch.where(is_matched > 0, 1.0, _NO_OBJECT_WEIGHT)
    entropy = F.binary_cross_entropy_with_logits(changed, is_matched, weight, reduction="sum")
    loss = _CLASS * entropy / weight.sum()
    if not masks:
        return loss + logits.sum() * 0
    is_known = torch.cat(matched_known) if matched_known else None
    return loss + point_mask_loss(torch.cat(matched), torch.cat(masks), is_known, points)


def change_masks(label: Tensor) -> list[Tensor]:
    """Return the non-empty masks (K, H, W) of each pair: appeared, disappeared, changed.

    Args:
        label: (B, H, W), codes of `mtrs_geo.class_codes`.
    """
    by_code = torch.stack([label == code for code in _CHANGES], dim=1)  # (B, 3, H, W)
    return [masks[masks.flatten(1).any(1)] for masks in by_code]


@torch.no_grad()
def uncertain_points(logits: Tensor, count: int) -> Tensor:
    """Return points (N, P, 2) as (x, y) in [0, 1], three quarters of them at logits near zero.

    Args:
        logits: (N, h, w).
        count: number of points P.
    """
    candidates = torch.rand(len(logits), count * _OVERSAMPLE, 2, device=logits.device)
    certainty = sample_at_points(logits, candidates).abs()
    important = int(count * _IMPORTANCE)
    index = certainty.topk(important, dim=1, largest=False).indices
    uncertain = candidates.gather(1, index[..., None].expand(-1, -1, 2))
    rest = torch.rand(len(logits), count - important, 2, device=logits.device)
    return torch.cat([uncertain, rest], dim=1)


def sample_at_points(maps: Tensor, xy: Tensor) -> Tensor:
    """Return the values (N, P) of maps (N, h, w) at points (N, P, 2), interpolated bilinearly."""
    grid = (2 * xy - 1)[:, None]  # (N, 1, P, 2)
    # With zero padding, certain logits would look uncertain along the edges.
    values = F.grid_sample(maps[:, None], grid, padding_mode="border", align_corners=False)
    return values[:, 0, 0]


@torch.no_grad()
def _match(queries: Tensor, changed: Tensor, masks: Tensor, points: int) -> tuple[Tensor, Tensor]:
    """Return indices of queries (K,) and of masks (K,), matched at the least total cost."""
    xy = torch.rand(1, points, 2, device=queries.device)
    predicted = sample_at_points(queries.float(), xy.expand(len(queries), -1, -1))  # (Q, P)
    truth = sample_at_points(masks.float(), xy.expand(len(masks), -1, -1))  # (K, P)
    # (Q, P) x (K, P) -> (Q, K)
    entropy = (F.softplus(-predicted) @ truth.T + F.softplus(predicted) @ (1 - truth).T) / points
    probability = predicted.sigmoid()
    overlap, total = probability @ truth.T, probability.sum(1)[:, None] + truth.sum(1)[None]
    cost = _ENTROPY * entropy + _DICE * (1 - (2 * overlap + 1) / (total + 1))
    cost = cost - _CLASS * changed.float().sigmoid()[:, None]
    rows, columns = linear_sum_assignment(cost.cpu().numpy())
    device = queries.device
    return torch.as_tensor(rows, device=device), torch.as_tensor(columns, device=device)


def _dice(predicted: Tensor, truth: Tensor) -> Tensor:
    overlap, total = (predicted * truth).sum(1), predicted.sum(1) + truth.sum(1)
    return 1 - (2 * overlap + 1) / (total + 1)
