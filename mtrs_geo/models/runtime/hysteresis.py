"""Hysteresis thresholding of masks, in a window."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F  # noqa: N812

__all__ = ["grow"]


def grow(logits: Tensor, gain: float, radius: int, seed: float = 0.0) -> Tensor:
    """Return logits that are larger near sure pixels and smaller elsewhere.

    This is hysteresis thresholding (Canny, 1986) with a window in place of connected pixels, so
    that tiles which overlap by the window agree: within a window whose largest logit is at most
    ``seed`` no pixel is positive, and ``gain`` is added where that logit is at least ``seed`` + 1.
    A mask without a positive logit stays empty.

    Args:
        logits: (B, N, h, w).
        gain: most that is added to a logit.
        radius: half the side of the window, in pixels of the logits.
        seed: logit that a sure pixel exceeds, at least 0; most that is taken from a logit.

    Returns:
        (B, N, h, w).
    """
    side = 2 * radius + 1
    columns = F.max_pool2d(logits, (side, 1), stride=1, padding=(radius, 0))
    nearby = F.max_pool2d(columns, (1, side), stride=1, padding=(0, radius))
    return logits - seed + (gain + seed) * (nearby - seed).clamp(0, 1)
