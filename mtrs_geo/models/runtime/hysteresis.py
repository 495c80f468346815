"""Hysteresis thresholding of masks, in a window."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F  # noqa: N812

__all__ = ["grow"]


def grow(logits: Tensor, gain: float, radius: int) -> Tensor:
    """Return logits plus ``gain`` times the largest logit of the window, clamped to [0, 1].

    This is hysteresis thresholding (Canny, 1986) with a window in place of connected pixels, so
    that tiles which overlap by the window agree.  A mask without a positive logit stays empty.

    Args:
        logits: (B, N, h, w).
        gain: most that is added to a logit.
        radius: half the side of the window, in pixels of the logits.

    Returns:
        (B, N, h, w).
    """
    side = 2 * radius + 1
    columns = F.max_pool2d(logits, (side, 1), stride=1, padding=(radius, 0))
    nearby = F.max_pool2d(columns, (1, side), stride=1, padding=(0, radius))
    return logits + gain * nearby.clamp(0, 1)
