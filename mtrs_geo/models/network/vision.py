"""Convolutional image encoder, shared by both dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.errors import ModelError
from mtrs_geo.models.config import VisionConfig
from mtrs_geo.models.network.pretrained.efficientnet import EfficientNetLite0

__all__ = ["VisionEncoder"]

_LITE0 = "tf_efficientnet_lite0"


class VisionEncoder(nn.Module):
    """A timm backbone with features at strides 4, 8, 16 and 32, and at stride 2 if asked for.

    Both dates are encoded as one batch.

    Args:
        config: name of the backbone and its normalisation.
        has_stride_2: return the features at stride 2 as well, first.

    Raises:
        ModelError: if the installed timm has no architecture of the name; names that timm would
            look up on a server or in a folder (``hf-hub:…``, ``local-dir:…``) are refused.
    """

    def __init__(self, config: VisionConfig, has_stride_2: bool = False) -> None:
        super().__init__()
        levels = (0, 1, 2, 3, 4) if has_stride_2 else (1, 2, 3, 4)
        self.backbone, channels = _backbone(config.name, levels)
        self.despeckle = config.despeckle
        self.channels: tuple[int, ...] = channels[-4:]
        """Channels at strides 4, 8, 16 and 32."""
        self.fine_channels: int | None = channels[0] if has_stride_2 else None
        """Channels at stride 2."""
        self.register_buffer("mean", torch.tensor(config.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(config.std).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Encode images.

        Args:
            images: (B, 3, H, W), 0 to 255, any dtype; H and W multiples of 32.

        Returns:
            Maps (B, C_i, H / s_i, W / s_i), s = (2,) 4, 8, 16, 32.
        """
        mean, std = self.get_buffer("mean"), self.get_buffer("std")
        images = images.to(mean.dtype)
        normal = (_despeckle(images, self.despeckle) - mean) / std
        features: list[Tensor] = self.backbone(normal.contiguous(memory_format=torch.channels_last))
        return features


def _backbone(name: str, levels: Sequence[int]) -> tuple[nn.Module, tuple[int, ...]]:
    """Return a network and the channels of its features; timm is imported only if needed."""
    if name == _LITE0:
        lite0 = EfficientNetLite0(levels)
        return lite0, lite0.channels
    import timm

    _check_name(name, timm.is_model)
    backbone = timm.create_model(
        name, features_only=True, out_indices=tuple(levels), pretrained=False
    )
    return backbone, tuple(backbone.feature_info.channels())


def _check_name(name: str, is_model: Callable[[str], bool]) -> None:
    # Word characters only: timm takes anything with a colon or a slash for an address.
    if re.fullmatch(r"\w+(\.\w+)?", str(name)) and is_model(str(name)):
        return
    msg = f"the model's config.json names the image encoder {name!r}, which timm does not contain."
    advice = (
        "vision.name must be the plain name of an architecture of timm, such as "
        "tf_efficientnet_lite0. A model folder never loads anything from a server."
    )
    raise ModelError(msg, advice=advice)


def _despeckle(images: Tensor, levels: float) -> Tensor:
    """Clip pixels (B, 3, H, W) to the range of their four neighbours, widened by ``levels``."""
    padded = F.pad(images, (1, 1, 1, 1), mode="replicate")
    left, right = padded[..., 1:-1, :-2], padded[..., 1:-1, 2:]
    above, below = padded[..., :-2, 1:-1], padded[..., 2:, 1:-1]
    lowest = torch.minimum(torch.minimum(left, right), torch.minimum(above, below))
    highest = torch.maximum(torch.maximum(left, right), torch.maximum(above, below))
    return images.clamp(lowest - levels, highest + levels)
