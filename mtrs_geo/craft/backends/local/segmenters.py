"""Segmenters that find what a phrase names in one image: CLIPSeg, SAM 3, Grounding DINO + SAM 2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from scipy import ndimage

from mtrs_geo.craft.backends.contract import BackendError, PairImages, Proposal
from mtrs_geo.craft.backends.grid import plan_cells
from mtrs_geo.craft.backends.local.folders import LocalModel, load_folder, model_type
from mtrs_geo.craft.project.records import Origin
from mtrs_geo.errors import ModelError
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["PhraseSegmenter", "near_proposal", "open_finder"]

Finder: TypeAlias = Callable[[UInt8Array, str], BoolArray]
"""Returns where an image (rows, cols, 3) shows what a phrase names, (rows, cols)."""

_LEAST_PROBABILITY = 0.4
_LEAST_SCORE = 0.5
_LEAST_BOX_SCORE = 0.3
_BOX_MARGIN = 0.25
"""A box of a proposal is enlarged by this part of its sides: boxes of describers are coarse."""


class PhraseSegmenter:
    """A `Segmenter` that asks for the hint, or else for the object, on the date of the type.

    For ``appear`` the later date is looked at, for ``disappear`` the earlier one, for ``state``
    both, whose masks are joined.  Only parts whose centre is in the box of the proposal, or else in
    its cell, are kept: the phrase does not say where.

    Args:
        finder: finds a phrase in an image.
        origin: the model.
    """

    def __init__(self, finder: Finder, origin: Origin) -> None:
        self.finder, self.origin = finder, origin

    def segment(self, pair: PairImages, proposal: Proposal, hint: str = "") -> BoolArray:
        """Return the mask (rows, cols) of a proposal."""
        dates = {
            "appear": (pair.after,),
            "disappear": (pair.before,),
            "state": (pair.before, pair.after),
        }
        phrase = hint or proposal.object_class
        try:
            found = [self.finder(date, phrase) for date in dates[proposal.change_type]]
        except RuntimeError as error:  # torch: out of memory, a device that is gone
            msg = f"the model failed: {str(error).splitlines()[0] if str(error) else error!r}"
            raise BackendError(msg) from error
        return near_proposal(np.logical_or.reduce(found), proposal)


def near_proposal(mask: BoolArray, proposal: Proposal) -> BoolArray:
    """Return the connected parts of a mask (rows, cols) whose centre is where a proposal is.

    A cell of another grid than 3 × 3 is not known here; then the whole mask is kept.
    """
    region = _region(mask.shape, proposal)
    labels, count = ndimage.label(mask)
    if region is None or not count:
        return mask
    top, left, bottom, right = region
    centres = ndimage.center_of_mass(mask, labels, range(1, count + 1))
    kept = [
        number
        for number, (row, col) in enumerate(centres, start=1)
        if top <= row < bottom and left <= col < right
    ]
    return np.asarray(np.isin(labels, kept))


def open_finder(folders: tuple[Path, ...], device: str = "auto") -> tuple[Finder, Origin]:
    """Return a finder of a folder, or of two: Grounding DINO first, then SAM 2.

    Raises:
        ModelError: if a folder cannot be loaded or holds another kind of model.
    """
    types = tuple(model_type(folder) for folder in folders)
    if types not in _FINDERS:
        msg = f"{' and '.join(map(str, folders))} hold {' and '.join(types)}, which cannot segment."
        known = ", ".join(" + ".join(names) for names in _FINDERS)
        raise ModelError(msg, advice=f"Use one of: {known}.")
    class_names, make = _FINDERS[types]
    models = [load_folder(f, name, device) for f, name in zip(folders, class_names, strict=True)]
    origin = models[0].origin
    name = " + ".join(model.origin.name for model in models)
    return make(*models), Origin("model", name, origin.version)


def _clipseg(local: LocalModel) -> Finder:
    def find(image: UInt8Array, phrase: str) -> BoolArray:
        inputs = local.processor(
            text=[phrase], images=[image], padding=True, truncation=True, return_tensors="pt"
        )
        logits = _run(local, inputs).logits.float()
        probability = _resized(logits.reshape(logits.shape[-2:]).sigmoid(), image.shape[:2])
        return np.asarray(probability > _LEAST_PROBABILITY)

    return find


def _sam3(local: LocalModel) -> Finder:
    def find(image: UInt8Array, phrase: str) -> BoolArray:
        inputs = local.processor(images=image, text=phrase, return_tensors="pt")
        (found,) = local.processor.post_process_instance_segmentation(
            _run(local, inputs), threshold=_LEAST_SCORE, target_sizes=[image.shape[:2]]
        )
        return _union(found["masks"], image)

    return find


def _grounded(detector: LocalModel, segmenter: LocalModel) -> Finder:
    def find(image: UInt8Array, phrase: str) -> BoolArray:
        inputs = detector.processor(
            images=image, text=f"{phrase.rstrip('.')}.", return_tensors="pt"
        )
        (found,) = detector.processor.post_process_grounded_object_detection(
            _run(detector, inputs), inputs["input_ids"], threshold=_LEAST_BOX_SCORE,
            target_sizes=[image.shape[:2]],
        )  # fmt: skip
        boxes = found["boxes"].float().cpu()
        if not len(boxes):
            return np.zeros(image.shape[:2], np.bool_)
        prompt = segmenter.processor(
            images=image, input_boxes=[boxes.tolist()], return_tensors="pt"
        )
        masks = _run(segmenter, prompt, multimask_output=False).pred_masks.float().cpu()
        sizes = prompt["original_sizes"]
        return _union(segmenter.processor.post_process_masks(masks, sizes)[0], image)

    return find


_FINDERS: Mapping[tuple[str, ...], tuple[tuple[str, ...], Callable[..., Finder]]] = {
    ("clipseg",): (("CLIPSegForImageSegmentation",), _clipseg),
    ("sam3",): (("Sam3Model",), _sam3),
    ("grounding-dino", "sam2"): (("GroundingDinoForObjectDetection", "Sam2Model"), _grounded),
}
"""Types of the models in the folders, to their classes and what makes a finder of them."""


def _run(local: LocalModel, inputs: Any, **options: Any) -> Any:  # noqa: ANN401 - transformers
    import torch

    dtype = local.model.dtype
    placed = {
        name: value.to(dtype) if value.is_floating_point() else value
        for name, value in inputs.to(local.device).items()
    }
    with torch.inference_mode():
        return local.model(**placed, **options)


def _union(masks: Any, image: UInt8Array) -> BoolArray:  # noqa: ANN401 - a tensor
    """Return where any of the masks (…, rows, cols) is."""
    found = np.asarray(masks.cpu()).reshape(-1, *image.shape[:2]) > 0
    return np.asarray(found.any(axis=0))


def _resized(values: Any, shape: tuple[int, ...]) -> Any:  # noqa: ANN401 - a tensor
    import torch.nn.functional as F  # noqa: N812 - its usual name

    resized = F.interpolate(values[None, None], shape, mode="bilinear", align_corners=False)
    return resized[0, 0].cpu()


def _region(shape: tuple[int, ...], proposal: Proposal) -> tuple[float, float, float, float] | None:
    if proposal.box is not None:
        top, left, bottom, right = proposal.box
        rows, cols = _BOX_MARGIN * (bottom - top), _BOX_MARGIN * (right - left)
        return top - rows, left - cols, bottom + rows, right + cols
    cells = plan_cells((shape[0], shape[1])) if min(shape) >= 3 else ()
    return next((cell.box for cell in cells if cell.name == proposal.cell), None)
