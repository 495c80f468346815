from __future__ import annotations

from itertools import permutations

import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.training.point_losses import (
    matched_query_loss,
    point_mask_loss,
    read_points,
    unsure_points,
)


def squares() -> torch.Tensor:
    masks = torch.zeros(3, 32, 32, dtype=torch.bool)
    masks[0, :8, :8] = masks[1, 16:24, 4:20] = masks[2, 2:30, 26:31] = True
    return masks


def logits_of(masks: torch.Tensor, strength: float = 8.0) -> torch.Tensor:
    return strength * (2 * masks.float() - 1)


def test_points_lie_where_it_is_unsure() -> None:
    torch.manual_seed(0)
    logits = torch.full((1, 32, 32), 9.0)
    logits[:, :, 16:] = -9.0  # unsure along the middle column alone
    points = unsure_points(logits, 400)
    assert points.shape == (1, 400, 2)
    assert points.min() >= 0
    assert points.max() <= 1
    near = ((points[..., 0] - 0.5).abs() < 0.2).float().mean()
    assert near > 0.75


def test_points_are_read_bilinearly() -> None:
    ramp = torch.arange(8.0).expand(1, 8, 8)
    where = torch.tensor([[[0.5, 0.5], [1.5 / 8, 0.3], [5.0 / 8, 0.9]]])
    torch.testing.assert_close(read_points(ramp, where), torch.tensor([[3.5, 1.0, 4.5]]))


def test_right_is_cheap_and_wrong_is_dear() -> None:
    torch.manual_seed(0)
    masks = squares()
    right = point_mask_loss(logits_of(masks), masks, points=2000)
    wrong = point_mask_loss(-logits_of(masks), masks, points=2000)
    assert right < 1
    assert wrong > 10 * right


def test_many_points_come_near_the_whole_map() -> None:
    """Sampled evenly (nothing is unsure), the loss is that of all pixels."""
    torch.manual_seed(0)
    masks = squares()
    logits = torch.full((3, 32, 32), 0.7)
    given = point_mask_loss(logits, masks, points=40_000)
    truth = masks.float().flatten(1)
    entropy = F.binary_cross_entropy_with_logits(logits.flatten(1), truth)
    share = logits.flatten(1).sigmoid()
    dice = 1 - 2 * (share * truth).sum(1) / (share.sum(1) + truth.sum(1))
    assert float(given) == pytest.approx(float(5 * entropy + 5 * dice.mean()), rel=0.03)


def test_the_unknown_costs_nothing() -> None:
    masks, known = squares(), torch.ones(3, 32, 32, dtype=torch.bool)
    known[:, :, 16:] = False
    logits = logits_of(masks)
    wrong_there = torch.where(known, logits, -logits)
    losses = []
    for given in (logits, wrong_there):
        torch.manual_seed(0)
        losses.append(float(point_mask_loss(given, masks, known, points=4000)))
    assert losses[1] == pytest.approx(losses[0], abs=0.3)
    assert float(point_mask_loss(wrong_there, masks, points=4000)) > losses[1] + 2


def test_queries_are_matched_whatever_their_order() -> None:
    masks = squares()
    for order in permutations(range(4)):
        torch.manual_seed(0)
        queries = torch.cat([logits_of(masks), torch.full((1, 32, 32), 5.0)])[list(order)]
        loss = matched_query_loss(queries[None], [masks], points=2000)
        assert loss < 1


def test_only_matched_queries_learn() -> None:
    torch.manual_seed(0)
    queries = torch.cat([logits_of(squares(), 1.0), torch.full((1, 32, 32), 5.0)])[None]
    queries.requires_grad_(True)
    matched_query_loss(queries, [squares()], points=500).backward()
    assert [bool(g.any()) for g in queries.grad[0]] == [True, True, True, False]


def test_no_change_asks_nothing_of_the_queries() -> None:
    queries = torch.randn(2, 4, 8, 8, requires_grad=True)
    nothing = torch.zeros(0, 32, 32, dtype=torch.bool)
    loss = matched_query_loss(queries, [nothing, nothing])
    loss.backward()
    assert float(loss) == 0
    assert not queries.grad.any()
