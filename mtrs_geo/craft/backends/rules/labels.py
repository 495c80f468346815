"""Describer and segmenter from the label maps of a pair; exact where the labels are."""

from __future__ import annotations

from mtrs_geo.craft.backends.catalog import BackendOptions
from mtrs_geo.craft.backends.contract import PairImages
from mtrs_geo.craft.backends.rules.describer import RuleDescriber
from mtrs_geo.craft.backends.rules.evidence import Evidence, labelled_evidence
from mtrs_geo.craft.backends.rules.memory import remembered
from mtrs_geo.craft.backends.rules.segmenter import RuleSegmenter
from mtrs_geo.craft.project.records import Origin

__all__ = ["LabelDescriber", "LabelSegmenter", "label_evidence"]

_VERSION = "1"


@remembered
def label_evidence(pair: PairImages) -> Evidence:
    """Return what the label maps of a pair say, see `labelled_evidence`."""
    return labelled_evidence(pair)


class LabelDescriber(RuleDescriber):
    """Writes about the label maps of a pair."""

    reads_labels = True

    def __init__(self, options: BackendOptions) -> None:
        origin = Origin("rule", "sentences from label maps", _VERSION)
        super().__init__(origin, label_evidence, options.seed)


class LabelSegmenter(RuleSegmenter):
    """Takes masks from the label maps of a pair."""

    reads_labels = True

    def __init__(self, options: BackendOptions) -> None:
        super().__init__(Origin("labels", "label maps", _VERSION), label_evidence)
