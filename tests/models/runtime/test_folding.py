from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from mtrs_geo.models.checkpoints.checkpoint import new_model
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.models.runtime.folding import fold_batch_norms

TEXTS = ["new buildings", "the houses in the top left that were demolished"]


def with_random_norms(model: MTRefSegR1) -> MTRefSegR1:
    """Set random statistics and weights in every norm."""
    generator = torch.Generator().manual_seed(0)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor, low, high in (
                (module.running_mean, -0.3, 0.3), (module.running_var, 0.5, 2.0),
                (module.weight.data, 0.7, 1.4), (module.bias.data, -0.3, 0.3),
            ):  # fmt: skip
                tensor.copy_(torch.rand(tensor.shape, generator=generator) * (high - low) + low)
    return model


def outputs(model: MTRefSegR1) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    before, after = torch.randint(0, 256, (2, 2, 3, 96, 64), generator=generator).float()
    with torch.no_grad():
        encoded = model.encode(before, after)
        decoded = model.decode(encoded, model.embed(TEXTS))
    return [encoded.change, encoded.land_cover, *encoded.pixels.memory, *decoded.masks]


@pytest.mark.parametrize("preset", ["tiny", "small"])
def test_folding_does_not_change_the_outputs(
    preset: str, shrunk: Callable[[str], ModelConfig]
) -> None:
    torch.manual_seed(0)
    model = with_random_norms(new_model(shrunk(preset)).eval())
    plain = outputs(model)
    folded = outputs(fold_batch_norms(model))
    for expected, output in zip(plain, folded, strict=True):
        atol = 1e-5 * float(expected.abs().max())
        torch.testing.assert_close(output, expected, atol=atol, rtol=1e-5)


def test_no_norm_is_left_after_a_convolution(shrunk: Callable[[str], ModelConfig]) -> None:
    model = fold_batch_norms(new_model(shrunk("tiny")).eval())
    norms = [name for name, m in model.named_modules() if isinstance(m, nn.BatchNorm2d)]
    # The last norm of a change-aware block follows a sum.
    assert norms == [f"fusion.levels.{i}.norm" for i in range(4)]
