"""Answers that grow from the pixels that are sure."""

from __future__ import annotations

import torch

from mtrs_geo.models.runtime.hysteresis import grow


def test_a_doubtful_pixel_near_a_sure_one_is_taken() -> None:
    logits = torch.full((1, 1, 9, 20), -3.0)
    logits[..., 4, 4] = 2
    logits[..., 4, 5:12] = -0.5  # a road that goes on
    assert (grow(logits, 1.0, 3) > 0)[0, 0].nonzero().tolist() == [[4, x] for x in range(4, 8)]


def test_what_is_nowhere_sure_stays_empty() -> None:
    logits = -torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    assert torch.equal(grow(logits, 1.0, 5), logits)


def test_the_gain_follows_how_sure_the_pixel_is() -> None:
    logits = torch.full((1, 1, 5, 5), -1.0)
    logits[..., 2, 2] = 0.25
    assert torch.allclose(grow(logits, 2.0, 1)[0, 0, 1], torch.tensor([-1, -0.5, -0.5, -0.5, -1]))


def test_windows_that_overlap_by_the_radius_agree() -> None:
    logits = torch.randn(1, 1, 40, 64, generator=torch.Generator().manual_seed(2))
    whole = grow(logits, 1.0, 8)
    assert torch.equal(grow(logits[..., :40], 1.0, 8)[..., :32], whole[..., :32])
    assert torch.equal(grow(logits[..., 24:], 1.0, 8)[..., 8:], whole[..., 32:])


def test_what_has_no_sure_pixel_near_goes() -> None:
    logits = torch.full((1, 1, 5, 24), -3.0)
    logits[..., 2, 2:5] = 0.4  # doubtful, and nothing sure near
    logits[..., 2, 12:16] = 0.4
    logits[..., 2, 16] = 1.6
    kept = (grow(logits, 1.0, 4, seed=0.5) > 0)[0, 0].nonzero().tolist()
    assert kept == [[2, x] for x in range(12, 17)]


def test_a_sure_pixel_gains_as_much_as_without_a_seed() -> None:
    logits = torch.full((1, 1, 3, 3), 1.5)
    assert torch.allclose(grow(logits, 2.0, 1, seed=0.5), logits + 2)
