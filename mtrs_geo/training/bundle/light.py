"""New light for a batch of crops on the accelerator: colours, haze, blur and noise."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.data.sampling.transforms import Augmentation

__all__ = ["relight"]

_NOISY = 0.2
"""Share of images with noise."""
_BLUR_PX = 2
"""Radius of the blur's kernel."""


def relight(
    images: Tensor, is_free: Tensor, augmentation: Augmentation, generator: torch.Generator
) -> Tensor:
    """Return images with the random changes of `augment_image`, each with draws of its own.

    Args:
        images: (B, 3, H, W) float32, 0 to 255.
        is_free: (B,) bool; other images stay as they are.
        augmentation: shares of images with other colours and with blur.
        generator: source of every draw, on the device of the images.

    Returns:
        (B, 3, H, W) uint8.
    """
    count = len(images)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        drawn = torch.rand(count, *shape, generator=generator, device=images.device)
        return low + (high - low) * drawn

    def chosen(share: float) -> Tensor:
        return (uniform(0, 1) < share) & is_free

    gain = uniform(0.7, 1.35, 1) * uniform(0.92, 1.08, 3)
    contrast, saturation = uniform(0.75, 1.25, 1), uniform(0.5, 1.4)[:, None, None]
    mean = images.mean((2, 3))
    scale, offset = contrast * gain, mean * (1 - contrast) * gain + uniform(-12, 12, 1)
    haze = uniform(0.1, 0.35, 1) * (uniform(0, 1, 1) < 0.2)
    scale, offset = scale * (1 - haze), offset * (1 - haze) + 225 * haze
    mixed = saturation * torch.eye(3, device=images.device) + (1 - saturation) / 3
    # Column vectors: (B, 3, 3) x (B, 3, H·W) -> (B, 3, H·W); mixed is symmetric.
    matrix, offset = mixed * scale[:, None], mixed @ offset[..., None]
    coloured = torch.baddbmm(offset, matrix, images.flatten(2)).view_as(images)
    values = torch.where(_wide(chosen(augmentation.colour)), coloured, images)
    (blurred,) = chosen(augmentation.blur).nonzero(as_tuple=True)
    sigma = uniform(0.4, 1.0)[blurred]
    if len(blurred):
        values[blurred] = _blurred(values[blurred], sigma)
    (noisy,) = chosen(_NOISY).nonzero(as_tuple=True)
    noise = torch.randn((len(noisy), *values.shape[1:]), generator=generator, device=images.device)
    values[noisy] += _wide(uniform(1, 6)[noisy]) * noise
    return values.clamp(0, 255).round().to(torch.uint8)


def _wide(values: Tensor) -> Tensor:
    return values[:, None, None, None]


def _blurred(images: Tensor, sigma: Tensor) -> Tensor:
    """Blur each image (B, 3, H, W) by a Gaussian of its own."""
    along = torch.arange(-_BLUR_PX, _BLUR_PX + 1, device=images.device)
    kernel = torch.softmax(-0.5 * (along / sigma[:, None]) ** 2, 1)
    kernel = kernel.repeat_interleave(images.shape[1], 0)
    values = F.pad(images, [_BLUR_PX] * 4, mode="reflect").flatten(0, 1)[None]
    values = F.conv2d(values, kernel[:, None, :, None], groups=len(kernel))
    values = F.conv2d(values, kernel[:, None, None], groups=len(kernel))
    return values.view_as(images)
