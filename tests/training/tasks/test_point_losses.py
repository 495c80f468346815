"""Losses at sampled points, and the matching of learned queries."""

from __future__ import annotations

from itertools import permutations

import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.training.tasks.point_losses import (
    change_masks,
    matched_query_loss,
    point_mask_loss,
    sample_at_points,
    uncertain_points,
)


def squares() -> torch.Tensor:
    masks = torch.zeros(3, 32, 32, dtype=torch.bool)
    masks[0, :8, :8] = masks[1, 16:24, 4:20] = masks[2, 2:30, 26:31] = True
    return masks


def logits_of(masks: torch.Tensor, strength: float = 8.0) -> torch.Tensor:
    return strength * (2 * masks.float() - 1)


def test_points_are_sampled_where_logits_are_uncertain() -> None:
    torch.manual_seed(0)
    ramp = torch.linspace(-9, 9, 32).expand(1, 32, 32)  # zero in the middle
    points = uncertain_points(ramp, 400)
    assert points.shape == (1, 400, 2)
    assert points.min() >= 0
    assert points.max() <= 1
    away = (points[0, :, 0] - 0.5).abs()
    assert (away[:300] < 0.2).all()
    assert (away[300:] > 0.3).any()


def test_points_are_interpolated_bilinearly() -> None:
    ramp = torch.arange(8.0).expand(1, 8, 8)
    where = torch.tensor([[[0.5, 0.5], [1.5 / 8, 0.3], [5.0 / 8, 0.9]]])
    torch.testing.assert_close(sample_at_points(ramp, where), torch.tensor([[3.5, 1.0, 4.5]]))


def test_wrong_masks_cost_more_than_correct_ones() -> None:
    torch.manual_seed(0)
    masks = squares()
    correct = point_mask_loss(logits_of(masks), masks, points=2000)
    wrong = point_mask_loss(-logits_of(masks), masks, points=2000)
    assert wrong > 10 * correct


def test_many_points_approximate_the_loss_of_all_pixels() -> None:
    """With equal certainty, points are uniform and the loss is that of all pixels."""
    torch.manual_seed(0)
    masks = squares()
    logits = torch.full((3, 32, 32), 0.7)
    loss = point_mask_loss(logits, masks, points=40_000)
    truth = masks.float().flatten(1)
    entropy = F.binary_cross_entropy_with_logits(logits.flatten(1), truth)
    share = logits.flatten(1).sigmoid()
    dice = 1 - 2 * (share * truth).sum(1) / (share.sum(1) + truth.sum(1))
    assert float(loss) == pytest.approx(float(5 * entropy + 5 * dice.mean()), rel=0.03)


def test_unknown_pixels_cost_nothing() -> None:
    masks, known = squares()[2:], torch.ones(1, 32, 32, dtype=torch.bool)
    known[:, :, :16] = False
    correct, wrong = logits_of(masks), logits_of(masks)
    wrong[:, :, :12] *= -1  # well inside the unknown half
    losses = []
    for logits, valid in ((correct, known), (wrong, known), (wrong, None)):
        torch.manual_seed(0)
        losses.append(float(point_mask_loss(logits, masks, valid, points=4000)))
    assert losses[1] == pytest.approx(losses[0], rel=0.25)  # other points, the same mask
    assert losses[2] > 5 * losses[0]


def test_queries_are_matched_in_any_order() -> None:
    masks = squares()
    queries = torch.cat([logits_of(masks), torch.full((1, 32, 32), 5.0)])
    expected = float(point_mask_loss(queries[:3], masks, points=2000))
    for order in permutations(range(4)):
        torch.manual_seed(0)
        changed = torch.where(torch.tensor(order) < 3, 20.0, -20.0)[None]
        loss = matched_query_loss(queries[list(order)][None], changed, [masks], points=2000)
        assert float(loss) == pytest.approx(expected, rel=0.25)


def test_only_matched_queries_get_mask_gradients() -> None:
    torch.manual_seed(0)
    queries = torch.cat([logits_of(squares(), 1.0), torch.full((1, 32, 32), 5.0)])[None]
    queries.requires_grad_(True)
    changed = torch.zeros(1, 4, requires_grad=True)
    matched_query_loss(queries, changed, [squares()], points=500).backward()
    assert [bool(g.any()) for g in queries.grad[0]] == [True, True, True, False]
    assert [bool(g < 0) for g in changed.grad[0]] == [True, True, True, False]


def test_of_two_equal_queries_the_more_certain_one_is_matched() -> None:
    torch.manual_seed(0)
    masks = squares()[:1]
    queries = logits_of(masks).expand(2, -1, -1)[None].clone().requires_grad_(True)
    matched_query_loss(queries, torch.tensor([[-3.0, 3.0]]), [masks], points=500).backward()
    assert [bool(g.any()) for g in queries.grad[0]] == [False, True]


def test_unknown_pixels_cost_queries_nothing() -> None:
    masks, known = squares()[2:], torch.ones(1, 32, 32, dtype=torch.bool)
    known[:, :, :16] = False
    wrong, changed = logits_of(masks), torch.full((1, 1), 20.0)
    wrong[:, :, :12] *= -1
    losses = []
    for valid in (known, None):
        torch.manual_seed(0)
        losses.append(float(matched_query_loss(wrong[None], changed, [masks], valid, 4000)))
    assert losses[1] > 5 * losses[0]


def test_unchanged_pairs_give_no_mask_loss() -> None:
    queries = torch.randn(2, 4, 8, 8, requires_grad=True)
    changed = torch.zeros(2, 4, requires_grad=True)
    nothing = torch.zeros(0, 32, 32, dtype=torch.bool)
    matched_query_loss(queries, changed, [nothing, nothing]).backward()
    assert queries.grad is not None
    assert not queries.grad.any()
    assert (changed.grad > 0).all()  # no query is a change


def test_change_masks_of_a_label() -> None:
    label = torch.zeros(2, 4, 4, dtype=torch.uint8)
    label[0, 0], label[0, 1], label[0, 2], label[1, :, 0] = 1, 2, 255, 3
    first, second = change_masks(label)
    assert first.sum((1, 2)).tolist() == [4, 4]
    assert bool(first[0, 0].all() and first[1, 1].all())
    assert second.sum((1, 2)).tolist() == [4]
    assert change_masks(torch.zeros(1, 4, 4))[0].shape == (0, 4, 4)


def test_bfloat16_logits_are_sampled_at_full_precision() -> None:
    """Points in bfloat16 would be on a coarse grid."""
    torch.manual_seed(0)
    masks = squares()
    full = point_mask_loss(logits_of(masks), masks, points=4000)
    torch.manual_seed(0)
    half = point_mask_loss(logits_of(masks).bfloat16(), masks, points=4000)
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, full)
