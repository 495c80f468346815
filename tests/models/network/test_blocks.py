from __future__ import annotations

import torch
from torch import nn

from mtrs_geo.models.network.blocks import conv_block
from mtrs_geo.models.runtime.folding import fold_batch_norms


def test_low_rank_blocks_have_fewer_weights_and_the_same_receptive_field() -> None:
    full, low_rank = conv_block("batch", 96, 96, 3), conv_block("batch", 96, 96, 3, rank=24)
    weights = [sum(w.numel() for w in block.parameters()) for block in (full, low_rank)]
    assert weights == [9 * 96 * 96 + 2 * 96, 9 * 96 * 24 + 24 * 96 + 2 * 96]
    image = torch.zeros(1, 96, 9, 9)
    image[0, :, 4, 4] = 1
    for block in (full, low_rank):
        differs = block.eval()(image) != block(torch.zeros_like(image))
        cells = differs.any(1)[0].nonzero()
        assert cells.amin(0).tolist() == [3, 3]
        assert cells.amax(0).tolist() == [5, 5]


def test_a_low_rank_block_of_full_rank_can_equal_the_full_block() -> None:
    torch.manual_seed(0)
    full, low_rank = conv_block("batch", 8, 8, 3), conv_block("batch", 8, 8, 3, rank=8)
    conv, (first, second) = full[0], (low_rank[0], low_rank[1])
    assert isinstance(conv, nn.Conv2d)
    with torch.no_grad():
        first.weight.copy_(conv.weight)
        second.weight.copy_(torch.eye(8)[..., None, None])
    image = torch.rand(2, 8, 7, 5)
    torch.testing.assert_close(low_rank.eval()(image), full.eval()(image))


def test_norms_of_low_rank_blocks_are_folded() -> None:
    torch.manual_seed(0)
    block = conv_block("batch", 4, 6, 3, rank=2)
    block(torch.rand(3, 4, 9, 9) * 7)  # sets the running statistics
    image = torch.rand(2, 4, 7, 5)
    expected = block.eval()(image)
    folded = fold_batch_norms(block)
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in folded)
    torch.testing.assert_close(folded(image), expected)
