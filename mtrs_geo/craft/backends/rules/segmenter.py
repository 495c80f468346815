"""A segmenter that takes the instances of a proposal from class maps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mtrs_geo.craft.backends.contract import PairImages, Proposal
from mtrs_geo.craft.backends.rules.evidence import Evidence
from mtrs_geo.craft.backends.rules.themes import locate, theme_of
from mtrs_geo.craft.project.records import Origin
from mtrs_geo.data.sentences.select import union
from mtrs_geo.types import BoolArray

__all__ = ["RuleSegmenter"]


class RuleSegmenter:
    """Returns the instances of the type and the class of a proposal, in its cell.

    Args:
        origin: who it is.
        evidence: returns what is known of a pair.
    """

    def __init__(self, origin: Origin, evidence: Callable[[PairImages], Evidence]) -> None:
        self.origin, self._evidence = origin, evidence

    def segment(self, pair: PairImages, proposal: Proposal, hint: str = "") -> BoolArray:
        """Return a mask (rows, cols); ``hint`` may be a place, see `locate`."""
        evidence = self._evidence(pair)
        shape = (pair.after.shape[0], pair.after.shape[1])
        theme = theme_of(evidence, proposal)
        if theme is None:
            return np.zeros(shape, bool)
        found = locate(theme.instances, proposal, hint)
        return union(found, shape)
