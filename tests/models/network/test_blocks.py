from __future__ import annotations

import torch
from torch import nn

from mtrs_geo.models.network.blocks import conv_block
from mtrs_geo.models.runtime.folding import fold_batch_norms


def test_a_rank_costs_less_and_reaches_as_far() -> None:
    whole, narrow = conv_block("batch", 96, 96, 3), conv_block("batch", 96, 96, 3, rank=24)
    weights = [sum(w.numel() for w in block.parameters()) for block in (whole, narrow)]
    assert weights == [9 * 96 * 96 + 2 * 96, 9 * 96 * 24 + 24 * 96 + 2 * 96]
    image = torch.zeros(1, 96, 9, 9)
    image[0, :, 4, 4] = 1
    for block in (whole, narrow):
        differs = block.eval()(image) != block(torch.zeros_like(image))
        cells = differs.any(1)[0].nonzero()
        assert cells.amin(0).tolist() == [3, 3]
        assert cells.amax(0).tolist() == [5, 5]


def test_two_convolutions_may_stand_for_one() -> None:
    torch.manual_seed(0)
    whole, narrow = conv_block("batch", 8, 8, 3), conv_block("batch", 8, 8, 3, rank=8)
    one, (first, second) = whole[0], (narrow[0], narrow[1])
    assert isinstance(one, nn.Conv2d)
    with torch.no_grad():
        first.weight.copy_(one.weight)
        second.weight.copy_(torch.eye(8)[..., None, None])
    image = torch.rand(2, 8, 7, 5)
    torch.testing.assert_close(narrow.eval()(image), whole.eval()(image))


def test_norms_are_folded_behind_a_pair_too() -> None:
    torch.manual_seed(0)
    block = conv_block("batch", 4, 6, 3, rank=2)
    block(torch.rand(3, 4, 9, 9) * 7)  # statistics that are not the first ones
    image = torch.rand(2, 4, 7, 5)
    wanted = block.eval()(image)
    folded = fold_batch_norms(block)
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in folded)
    torch.testing.assert_close(folded(image), wanted)
