"""Describer and segmenters from a model of this package: labels are not read."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, cast

import numpy as np
from scipy import ndimage

from mtrs_geo.craft.backends.catalog import BackendOptions
from mtrs_geo.craft.backends.contract import BackendError, PairImages, Proposal
from mtrs_geo.craft.backends.reading import understood
from mtrs_geo.craft.backends.rules.describer import RuleDescriber
from mtrs_geo.craft.backends.rules.evidence import ASSUMED_GSD_M, Evidence
from mtrs_geo.craft.backends.rules.heads import head_evidence
from mtrs_geo.craft.backends.rules.memory import remembered
from mtrs_geo.craft.backends.rules.relations import without_cell
from mtrs_geo.craft.backends.rules.segmenter import RuleSegmenter
from mtrs_geo.craft.backends.rules.themes import MIN_PX, locate
from mtrs_geo.craft.project.records import Origin
from mtrs_geo.data.sentences.instances import instances_of
from mtrs_geo.data.sentences.select import union
from mtrs_geo.types import BoolArray

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrs_geo.models.runtime.segmenter import Segmenter

__all__ = ["ModelDescriber", "ModelSegmenter", "SentenceSegmenter", "model_evidence"]

_DEFAULT = "tiny"


class ModelDescriber(RuleDescriber):
    """Writes about what the dense heads of a model find."""

    def __init__(self, options: BackendOptions) -> None:
        model = _load(options)
        second = SentenceSegmenter(options)
        super().__init__(
            _origin(model, "sentences from the heads of"),
            model_evidence(options),
            options.seed,
            lambda pair, proposal: second.segment(pair, proposal),
        )


class ModelSegmenter(RuleSegmenter):
    """Takes masks from the dense heads of a model."""

    def __init__(self, options: BackendOptions) -> None:
        super().__init__(_origin(_load(options), "heads of"), model_evidence(options))


class SentenceSegmenter:
    """Asks the model itself for the sentence, without the cell, and keeps what is in the cell."""

    def __init__(self, options: BackendOptions) -> None:
        self._model = _load(options)
        self.origin = _origin(self._model, "")

    def segment(self, pair: PairImages, proposal: Proposal, hint: str = "") -> BoolArray:
        """Return a mask (rows, cols); ``hint`` may be a place, see `locate`."""
        sentence = without_cell(proposal.sentence)
        questions = understood(sentence)
        prompt = questions[0].query.prompt if len(questions) == 1 else sentence
        probability = self._model.predict(pair.before, pair.after, [prompt])[0]
        numbers, count = ndimage.label(probability > 0.5)
        kept = np.bincount(numbers.ravel(), minlength=count + 1) >= MIN_PX
        kept[0] = False
        mask: BoolArray = kept[numbers]
        found = instances_of(mask, pair.after, np.zeros(mask.shape, np.uint8), ASSUMED_GSD_M) or []
        return union(locate(found, proposal, hint), (mask.shape[0], mask.shape[1]))


def model_evidence(options: BackendOptions) -> Callable[[PairImages], Evidence]:
    """Return the function that asks the heads of a model, one for all backends of a model."""
    return _evidence_of(options.argument or _DEFAULT, options.device)


def _load(options: BackendOptions) -> Segmenter:
    return _model(options.argument or _DEFAULT, options.device)


@lru_cache(maxsize=1)
def _evidence_of(name: str, device: str) -> Callable[[PairImages], Evidence]:
    return remembered(partial(head_evidence, segmenter=_model(name, device)))


@lru_cache(maxsize=1)
def _model(name: str, device: str) -> Segmenter:
    import torch

    from mtrs_geo.models import load_model

    # OpenVINO has no access to the dense heads.
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    model = load_model(name, device)
    if not hasattr(model, "model"):
        msg = f"the model {name!r} has no dense heads"
        raise BackendError(msg)
    return cast("Segmenter", model)


def _origin(model: Segmenter, what: str) -> Origin:
    return Origin("model", f"{what} {model.info.name}".strip(), model.info.version)
