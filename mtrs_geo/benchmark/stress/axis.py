"""An axis of disturbance: its levels, and what each does to a pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from mtrs_geo.data.split.reader import ReferringPair

__all__ = ["Axis", "Disturb", "Measure"]

Disturb: TypeAlias = Callable[[ReferringPair, float, np.random.Generator], ReferringPair]
"""Returns a pair at a level; its masks are on the disturbed pixel grid."""

Measure: TypeAlias = Literal["mIoU", "consistency", "leaves the old change"]
"""What a level is scored by.  Consistency: IoU with the answer to the undisturbed pair.  Leaves the
old change: share of the true change that is not in the answer."""


@dataclass(frozen=True)
class Axis:
    """An axis of disturbance."""

    name: str
    unit: str
    """Of the levels, for a picture."""
    levels: Sequence[float]
    """Without the undisturbed one."""
    clean: float
    """The undisturbed level."""
    disturb: Disturb
    measure: Measure = "mIoU"
    labels: Sequence[str] = ()
    """Names of the levels; empty if the numbers say enough."""
    is_wording: bool = False
    """Whether it disturbs sentences, not images."""

    def label(self, level: float) -> str:
        """Return the text of a level, or of the undisturbed one."""
        if level == self.clean:
            return "clean" if self.labels else f"{level:g}"
        return self.labels[list(self.levels).index(level)] if self.labels else f"{level:g}"
