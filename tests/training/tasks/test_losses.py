"""Losses in bfloat16, and of false area in unchanged pairs."""

from __future__ import annotations

import torch

from mtrs_geo.training.tasks.losses import dense_change_loss, land_cover_loss, mask_loss


def test_certain_predictions_have_finite_losses_in_bfloat16() -> None:
    """One date is known, the other is predicted as the same class: bfloat16 rounds it to 1."""
    change = torch.zeros(1, 3, 8, 8)
    change[:, 1] = 30.0
    land_cover = torch.zeros(1, 2, 6, 8, 8)
    land_cover[:, :, 0] = 30.0
    label = torch.ones(1, 32, 32, dtype=torch.uint8)
    before = torch.full((1, 32, 32), 255, dtype=torch.uint8)
    after = torch.zeros(1, 32, 32, dtype=torch.uint8)
    masks = known = torch.ones(1, 32, 32, dtype=torch.bool)
    for dtype in (torch.float32, torch.bfloat16):
        dense = dense_change_loss(change.to(dtype), label)
        land_cover_cost = land_cover_loss(land_cover.to(dtype), before, after)
        mask = mask_loss(change[:, 1].to(dtype), masks, known)
        assert torch.isfinite(torch.stack([dense, land_cover_cost, mask])).all()
        assert dense < 1e-3
        assert land_cover_cost > 3  # the class of the other date is impossible


def test_false_pixels_cost_more_in_unchanged_pairs_than_in_changed_pairs() -> None:
    label = torch.zeros(2, 64, 64, dtype=torch.uint8)
    label[0, 32:, 32:] = 1
    unchanged = torch.zeros(2, 3, 16, 16)
    unchanged[:, 0] = 8.0
    costs = []
    for pair in range(2):
        predicted = unchanged.clone()
        predicted[pair, :2, 0, :2] = torch.tensor([0.0, 8.0])[:, None]
        costs.append(float(dense_change_loss(predicted, label)))
        unknown = label.clone()
        unknown[pair, :16] = 255
        # Unknown pixels cost nothing.
        difference = dense_change_loss(predicted, unknown) - dense_change_loss(unchanged, unknown)
        assert abs(float(difference)) < 0.01
    changed_pair, unchanged_pair = costs
    assert unchanged_pair > changed_pair + 0.1
