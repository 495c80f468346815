"""Colours and light of another image: what season, sensor and place change without any change."""

from __future__ import annotations

import numpy as np

from mtrs_geo.types import UInt8Array

__all__ = ["match_colours", "match_spectrum", "transfer_style"]

_SPECTRUM_SHARE = 0.012
"""Largest share of the image's side, in both directions from frequency 0, whose amplitudes are
taken from the style image: large-scale light and colour, no outlines."""
_MIN_DEVIATION = 4.0
"""Smallest standard deviation of a channel that contrast is measured from."""
_CONTRAST = (0.5, 2.0)
"""Limits of the change of contrast."""


def transfer_style(
    image: UInt8Array, style: UInt8Array, rng: np.random.Generator, strength: float = 1.0
) -> UInt8Array:
    """Return an image (H, W, 3) with the colours or the large-scale light of another.

    Args:
        image: uint8, (H, W, 3).
        style: uint8, (h, w, 3), of the same size for `match_spectrum` to be possible.
        rng: chooses the method.
        strength: 0 to 1; 1 takes the whole style.
    """
    if style.shape == image.shape and rng.random() < 0.5:
        return match_spectrum(image, style, strength)
    return match_colours(image, style, strength)


def match_colours(image: UInt8Array, style: UInt8Array, strength: float = 1.0) -> UInt8Array:
    """Return an image with the mean and the standard deviation per channel of another."""
    values, other = image.reshape(-1, 3), style.reshape(-1, 3)
    mean, other_mean = values.mean(0), other.mean(0)
    deviations = other.std(0).clip(_MIN_DEVIATION) / values.std(0).clip(_MIN_DEVIATION)
    gain = 1 + strength * (deviations.clip(*_CONTRAST) - 1)
    offset = mean + strength * (other_mean - mean) - gain * mean
    return _as_uint8(image * gain.astype(np.float32) + offset.astype(np.float32))


def match_spectrum(image: UInt8Array, style: UInt8Array, strength: float = 1.0) -> UInt8Array:
    """Return an image with the low-frequency Fourier amplitudes of another of the same shape.

    The phases, and with them the outlines, stay (Yang and Soatto, FDA, CVPR 2020).
    """
    spectrum = np.fft.rfft2(image, axes=(0, 1))
    amplitude = np.abs(np.fft.rfft2(style, axes=(0, 1)))
    rows, cols = (int(_SPECTRUM_SHARE * side) for side in image.shape[:2])
    for low in (np.s_[: rows + 1, : cols + 1], np.s_[image.shape[0] - rows :, : cols + 1]):
        own = np.abs(spectrum[low])
        mixed = (1 - strength) * own + strength * amplitude[low]
        spectrum[low] *= mixed / np.maximum(own, 1e-6)
    return _as_uint8(np.fft.irfft2(spectrum, s=image.shape[:2], axes=(0, 1)))


def _as_uint8(values: np.ndarray) -> UInt8Array:
    rounded: UInt8Array = np.rint(values.clip(0, 255)).astype(np.uint8)
    return rounded
