"""EfficientNet-Lite0 (arXiv 1905.11946), with the tensors and results of timm's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from torch.utils.checkpoint import checkpoint

__all__ = ["EfficientNetLite0"]

_STEM = 32
_STAGES = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
)  # fmt: skip
"""Blocks, side of the depthwise kernel, stride of the first block, expansion, channels."""
_FEATURE_STAGES = (0, 1, 2, 4, 6)
"""Stages whose outputs are the features at strides 2, 4, 8, 16 and 32."""
_EPS = 1e-3


class EfficientNetLite0(nn.Module):
    """tf_efficientnet_lite0 of timm: features at some of the strides 2, 4, 8, 16 and 32.

    Args:
        levels: indices of the strides, in order.
    """

    def __init__(self, levels: Sequence[int]) -> None:
        super().__init__()
        self.stages = tuple(_FEATURE_STAGES[level] for level in levels)
        self.channels = tuple(_STAGES[stage][-1] for stage in self.stages)
        self.recomputes = False
        self.conv_stem = _conv(3, _STEM, 3, stride=2)
        self.bn1 = _Norm(_STEM)
        self.blocks = nn.Sequential(*_stages())
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                fan_out = module.kernel_size[0] ** 2 * module.out_channels // module.groups
                nn.init.normal_(module.weight, 0, math.sqrt(2 / fan_out))

    def set_grad_checkpointing(self, enable: bool = True) -> None:
        """Recompute the activations of each stage in the backward pass."""
        self.recomputes = enable

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return the features (B, C_i, H / s_i, W / s_i) of normalised images (B, 3, H, W)."""
        maps, features = self.bn1(self.conv_stem(images)), []
        for stage, blocks in enumerate(self.blocks):
            maps = (
                checkpoint(blocks, maps, use_reentrant=False) if self.recomputes else blocks(maps)
            )
            if stage in self.stages:
                features.append(maps)
        return features


def _stages() -> Iterator[nn.Sequential]:
    inputs = _STEM
    for count, kernel, stride, expansion, channels in _STAGES:
        blocks: list[nn.Module] = []
        for number in range(count):
            first_stride = stride if number == 0 else 1
            if expansion == 1:
                blocks.append(_Separable(inputs, channels, kernel, first_stride))
            else:
                hidden = inputs * expansion
                blocks.append(_Inverted(inputs, hidden, channels, kernel, first_stride))
            inputs = channels
        yield nn.Sequential(*blocks)


class _Norm(nn.BatchNorm2d):
    """Batch norm, then ReLU6 where a block has one."""

    def __init__(self, channels: int, has_activation: bool = True) -> None:
        super().__init__(channels, eps=_EPS)
        self.act = nn.ReLU6(inplace=True) if has_activation else nn.Identity()

    def forward(self, maps: Tensor) -> Tensor:
        out: Tensor = self.act(super().forward(maps))
        return out


class _Separable(nn.Module):
    """Depthwise convolution, then a pointwise one without activation; inputs differ in number."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv_dw = _conv(inputs, inputs, kernel, stride, groups=inputs)
        self.bn1 = _Norm(inputs)
        self.conv_pw = _conv(inputs, outputs, 1)
        self.bn2 = _Norm(outputs, has_activation=False)

    def forward(self, maps: Tensor) -> Tensor:
        maps = self.bn1(self.conv_dw(maps))
        out: Tensor = self.bn2(self.conv_pw(maps))
        return out


class _Inverted(nn.Module):
    """Inverted residual: to more channels, depthwise convolution, to fewer channels."""

    def __init__(self, inputs: int, hidden: int, outputs: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.is_residual = stride == 1 and inputs == outputs
        self.conv_pw = _conv(inputs, hidden, 1)
        self.bn1 = _Norm(hidden)
        self.conv_dw = _conv(hidden, hidden, kernel, stride, groups=hidden)
        self.bn2 = _Norm(hidden)
        self.conv_pwl = _conv(hidden, outputs, 1)
        self.bn3 = _Norm(outputs, has_activation=False)

    def forward(self, maps: Tensor) -> Tensor:
        out: Tensor = self.bn1(self.conv_pw(maps))
        out = self.bn2(self.conv_dw(out))
        out = self.bn3(self.conv_pwl(out))
        return out + maps if self.is_residual else out


class _SameConv(nn.Conv2d):
    """Convolution with stride 2 and the padding of TensorFlow, which is larger at the end."""

    def forward(self, maps: Tensor) -> Tensor:
        rows, cols = maps.shape[-2:]
        above, left = (self._missing(side) for side in (rows, cols))
        padded = F.pad(maps, (left // 2, left - left // 2, above // 2, above - above // 2))
        out: Tensor = F.conv2d(padded, self.weight, self.bias, self.stride, 0, 1, self.groups)
        return out

    def _missing(self, side: int) -> int:
        stride, kernel = int(self.stride[0]), self.kernel_size[0]
        return max((math.ceil(side / stride) - 1) * stride + kernel - side, 0)


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    if stride == 1:
        return nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=False)
    return _SameConv(inputs, outputs, kernel, stride, groups=groups, bias=False)
