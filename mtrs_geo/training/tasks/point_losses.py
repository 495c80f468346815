"""Losses of the paper's decoder: masks compared at points, most of them where it is unsure.

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
    "changes_of",
    "matched_query_loss",
    "point_mask_loss",
    "read_points",
    "unsure_points",
]

_POINTS, _OVERSAMPLE, _IMPORTANCE = 12_544, 3, 0.75
_ENTROPY, _DICE, _CLASS = 5.0, 5.0, 2.0
_CHANGES = (APPEAR, DISAPPEAR, CHANGED)
_NOTHING = 0.1
"""Weight in the class loss of a query that stands for nothing: most do."""


def point_mask_loss(
    logits: Tensor, masks: Tensor, known: Tensor | None = None, points: int = _POINTS
) -> Tensor:
    """Binary cross entropy and dice at points, five times each.

    Args:
        logits: (N, h, w) of one decoder layer.
        masks: (N, H, W) bool, of any size.
        known: (N, H, W) bool, false where nothing is asked; None knows everything.
        points: how many a mask.
    """
    if not len(logits):
        return logits.sum()
    logits = logits.float()
    where = unsure_points(logits.detach(), points)
    given, truth = read_points(logits, where), read_points(masks.float(), where)
    weight = torch.ones_like(given)
    if known is not None:
        weight = (read_points(known.float(), where) > 0.5).to(given.dtype)
    entropy = F.binary_cross_entropy_with_logits(given, truth, weight, reduction="none")
    entropy = entropy.sum(1) / weight.sum(1).clamp_min(1)
    return (_ENTROPY * entropy + _DICE * _dice(given.sigmoid() * weight, truth * weight)).mean()


def matched_query_loss(
    proposed: Tensor,
    changed: Tensor,
    targets: Sequence[Tensor],
    known: Tensor | None = None,
    points: int = _POINTS,
) -> Tensor:
    """The same for learned queries, each mask compared with the query that fits it best.

    A query that got a mask learns that it stands for a change, the others that they do not.

    Args:
        proposed: (B, Q, h, w) logits of one decoder layer.
        changed: (B, Q) logits of "stands for a change".
        targets: a pair's masks (K, H, W) bool each, K at most Q; none where nothing changed.
        known: (B, H, W) bool, false where nothing is asked; None knows everything.
        points: how many a mask.
    """
    stands = torch.zeros_like(changed)
    logits, masks, asked = [proposed[:0, 0]], [], []
    for i, wanted in enumerate(targets):
        if len(wanted):
            query, mask = _match(proposed[i].detach(), changed[i].detach(), wanted, points)
            stands[i, query] = 1
            logits.append(proposed[i, query])
            masks.append(wanted[mask])
            if known is not None:
                asked.append(known[i].expand(len(mask), -1, -1))
    weight = torch.where(stands > 0, 1.0, _NOTHING)
    entropy = F.binary_cross_entropy_with_logits(changed, stands, weight, reduction="sum")
    loss = _CLASS * entropy / weight.sum()
    if not masks:
        return loss + proposed.sum() * 0
    seen = torch.cat(asked) if asked else None
    return loss + point_mask_loss(torch.cat(logits), torch.cat(masks), seen, points)


def changes_of(label: Tensor) -> list[Tensor]:
    """Return each pair's masks (K, H, W): what appeared, what disappeared, what else changed.

    Args:
        label: (B, H, W), codes of `mtrs_geo.class_codes`; kinds without a pixel give no mask.
    """
    kinds = torch.stack([label == code for code in _CHANGES], dim=1)  # (B, 3, H, W)
    return [found[found.flatten(1).any(1)] for found in kinds]


@torch.no_grad()
def unsure_points(logits: Tensor, count: int) -> Tensor:
    """Return points (N, P, 2) as (x, y) in [0, 1]: three quarters where logits are near zero.

    Args:
        logits: (N, h, w).
        count: P.
    """
    many = torch.rand(len(logits), count * _OVERSAMPLE, 2, device=logits.device)
    sure = read_points(logits, many).abs()
    kept = int(count * _IMPORTANCE)
    unsure = sure.topk(kept, dim=1, largest=False).indices
    chosen = many.gather(1, unsure[..., None].expand(-1, -1, 2))
    rest = torch.rand(len(logits), count - kept, 2, device=logits.device)
    return torch.cat([chosen, rest], dim=1)


def read_points(maps: Tensor, where: Tensor) -> Tensor:
    """Read maps (N, h, w) at points (N, P, 2), bilinearly: (N, P)."""
    grid = (2 * where - 1)[:, None]  # (N, 1, P, 2)
    # Without "border" a sure map would look unsure along its edges.
    read = F.grid_sample(maps[:, None], grid, padding_mode="border", align_corners=False)
    return read[:, 0, 0]


@torch.no_grad()
def _match(queries: Tensor, changed: Tensor, masks: Tensor, points: int) -> tuple[Tensor, Tensor]:
    """Return which query (K,) belongs to which mask (K,), by the least cost in all."""
    where = torch.rand(1, points, 2, device=queries.device)
    given = read_points(queries.float(), where.expand(len(queries), -1, -1))  # (Q, P)
    truth = read_points(masks.float(), where.expand(len(masks), -1, -1))  # (K, P)
    # (Q, P) x (K, P) -> (Q, K)
    entropy = (F.softplus(-given) @ truth.T + F.softplus(given) @ (1 - truth).T) / points
    share = given.sigmoid()
    overlap, total = share @ truth.T, share.sum(1)[:, None] + truth.sum(1)[None]
    cost = _ENTROPY * entropy + _DICE * (1 - (2 * overlap + 1) / (total + 1))
    cost = cost - _CLASS * changed.float().sigmoid()[:, None]
    rows, columns = linear_sum_assignment(cost.cpu().numpy())
    device = queries.device
    return torch.as_tensor(rows, device=device), torch.as_tensor(columns, device=device)


def _dice(given: Tensor, truth: Tensor) -> Tensor:
    overlap, total = (given * truth).sum(1), given.sum(1) + truth.sum(1)
    return 1 - (2 * overlap + 1) / (total + 1)
