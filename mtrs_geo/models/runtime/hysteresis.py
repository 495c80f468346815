"""Hysteresis: answers grow from the pixels that are sure."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F  # noqa: N812

__all__ = ["grow"]


def grow(logits: Tensor, gain: float, radius: int) -> Tensor:
    """Raise logits near positive ones: in full near a logit of 1 or more, not at all near none.

    This is hysteresis thresholding (Canny, 1986) with a window in place of connected pixels, so
    that tiles which overlap by the window agree.  A mask without a positive logit stays empty.

    Args:
        logits: (B, N, h, w).
        gain: most that is added to a logit.
        radius: half the side of the window, in pixels of the logits.
    """
    side = 2 * radius + 1
    columns = F.max_pool2d(logits, (side, 1), stride=1, padding=(radius, 0))
    nearby = F.max_pool2d(columns, (1, side), stride=1, padding=(0, radius))
    return logits + gain * nearby.clamp(0, 1)
