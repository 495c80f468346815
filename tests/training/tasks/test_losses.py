"""Losses in the precision that a GPU trains in."""

from __future__ import annotations

import torch

from mtrs_geo.training.tasks.losses import dense_change_loss, land_loss, mask_loss


def test_sure_answers_have_finite_losses_in_bfloat16() -> None:
    """One date known, the other sure to show the same: in bfloat16 its share rounds to 1."""
    change = torch.zeros(1, 3, 8, 8)
    change[:, 1] = 30.0
    land = torch.zeros(1, 2, 6, 8, 8)
    land[:, :, 0] = 30.0
    label = torch.ones(1, 32, 32, dtype=torch.uint8)
    before = torch.full((1, 32, 32), 255, dtype=torch.uint8)
    after = torch.zeros(1, 32, 32, dtype=torch.uint8)
    masks = known = torch.ones(1, 32, 32, dtype=torch.bool)
    for dtype in (torch.float32, torch.bfloat16):
        dense = dense_change_loss(change.to(dtype), label)
        stands = land_loss(land.to(dtype), before, after)
        mask = mask_loss(change[:, 1].to(dtype), masks, known)
        assert torch.isfinite(torch.stack([dense, stands, mask])).all()
        assert dense < 1e-3
        assert stands > 3  # refuses what cannot be


def test_a_few_pixels_seen_cost_more_on_unchanged_ground_than_beside_a_change() -> None:
    label = torch.zeros(2, 64, 64, dtype=torch.uint8)
    label[0, 32:, 32:] = 1
    quiet = torch.zeros(2, 3, 16, 16)
    quiet[:, 0] = 8.0
    costs = []
    for pair in range(2):
        seen = quiet.clone()
        seen[pair, :2, 0, :2] = torch.tensor([0.0, 8.0])[:, None]
        costs.append(float(dense_change_loss(seen, label)))
        unknown = label.clone()
        unknown[pair, :16] = 255
        # Where nobody knows nothing is asked.
        asked = dense_change_loss(seen, unknown) - dense_change_loss(quiet, unknown)
        assert abs(float(asked)) < 0.01
    beside_a_change, on_unchanged_ground = costs
    assert on_unchanged_ground > beside_a_change + 0.1
