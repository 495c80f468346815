"""`calibrate`: a copy of a model whose scores are fitted on a labelled split."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtrs_geo.data.split.grouping import group_files, read_group
from mtrs_geo.data.split.reader import ReferringPair, open_split
from mtrs_geo.errors import Cancelled, ModelError, RequestError
from mtrs_geo.evaluation.calibrate import cross_fitted_scores, fit_calibration
from mtrs_geo.evaluation.judging import RIGHT_SHARE, LabelledPlace, judge_place
from mtrs_geo.evaluation.reliability import Reliability, reliability
from mtrs_geo.models import load_model, model_files, model_folder
from mtrs_geo.models.catalog import MODEL_FILES, sha256
from mtrs_geo.models.runtime.int8 import INT8_FILES
from mtrs_geo.outputs import staged_folder
from mtrs_geo.progress import Silent

if TYPE_CHECKING:
    from pandas import DataFrame

    from mtrs_geo.progress import Progress

__all__ = ["ABOUT", "CalibrationResult", "calibrate"]

ABOUT = {"right": f"{RIGHT_SHARE:.0%} of the polygon's pixels, or more, lie on true change"}
"""Definitions that are stored with a calibration."""

_COPIED_FILES = ("config.json", "model.safetensors", "tokenizer.json", *INT8_FILES)


@dataclass(frozen=True)
class CalibrationResult:
    """What a calibration changed, on places that its maps were not fitted on."""

    model: Path
    maps: dict[str, int]
    """Number of polygons that each map was fitted on."""
    before: Reliability
    """Of the mean probability."""
    after: Reliability
    """Of the score, from maps that were fitted without the polygon's pair."""

    def as_json(self) -> dict[str, Any]:
        """Return the result as JSON values."""
        return asdict(self) | {"model": str(self.model)}

    def summary(self) -> Iterator[str]:
        """Yield a summary in lines of text."""
        before, after = self.before, self.after
        yield (
            f"{before.polygons} polygons, {before.right_share:.0%} right, on pairs that the maps "
            "were not fitted on:"
        )
        yield f"expected calibration error {before.ece:.3f} -> {after.ece:.3f}"
        yield f"Brier score {before.brier:.3f} -> {after.brier:.3f}"
        yield "maps: " + ", ".join(f"{group} ({count})" for group, count in self.maps.items())
        yield f"-> {self.model}"


def calibrate(
    data: Path | str,
    output: Path | str,
    *,
    model: str | Path = "tiny",
    gsd_m: float | None = None,
    device: str = "auto",
    overwrite: bool = False,
    progress: Progress | None = None,
) -> CalibrationResult:
    """Write a copy of a model with scores that are fitted on a labelled split.

    The pairs must be of places that the model was not trained on; on its training places a model
    is more often right than elsewhere.

    Args:
        data: folder in MTRefSeg-21K's layout.
        output: folder of the calibrated model.
        model: bundled name or folder.
        gsd_m: pixel size of the pairs in metres; None is the model's native one.
        device: as in `load_model`.
        overwrite: replace an existing folder.
        progress: advances once per pair.

    Raises:
        RasterError: if the split is incomplete or inconsistent.
        ModelError: if the model cannot be loaded, or has no folder.
        RequestError: if the split gives too few polygons, or ``gsd_m`` is not positive.
        OutputError: if the folder exists, is that of ``model``, holds other files than a model
            has, or cannot be written.
        Cancelled: if ``progress`` is cancelled; nothing is written.
    """
    if gsd_m is not None and not 0 < gsd_m < math.inf:
        msg = f"the pixel size is {gsd_m} m."
        raise RequestError(msg, advice="Give the pixel size of the pairs, in metres.")
    source, output = _folder(model), Path(os.path.expanduser(output))
    split, progress = open_split(data), progress or Silent()
    inputs = [data, *model_files(model)]
    with staged_folder(output, overwrite=overwrite, inputs=inputs, contents=MODEL_FILES) as partial:
        segmenter = load_model(model, device)
        # Records of the same images are one place, which is fitted or checked as a whole.
        groups = group_files(split.files)
        progress.start(len(groups), "pairs")
        frames = []
        for pair in map(read_group, groups):
            if progress.cancelled:
                msg = "the calibration was cancelled; nothing was written."
                raise Cancelled(msg)
            frames.append(
                judge_place(segmenter, _place(pair, gsd_m or segmenter.info.native_gsd_m))
            )
            progress.advance()
        polygons = _joined(frames)
        right = polygons["right"].to_numpy(bool)
        after = reliability(cross_fitted_scores(polygons), right)
        for name in _COPIED_FILES:
            if (source / name).is_file():
                shutil.copyfile(source / name, partial / name)
        about = {"data": Path(data).name, "pairs": len(groups), **ABOUT}
        checksum = sha256(partial / "model.safetensors")
        earlier = segmenter.info.calibration
        calibration = fit_calibration(
            polygons,
            weights=checksum,
            about=about,
            # The weights, and so their training images, stay as they are.
            familiarity=None if earlier is None else earlier.familiarity,
        )
        calibration.write(partial)
    maps = {group: one.polygons for group, one in calibration.maps.items()}
    before = reliability(polygons["probability"].to_numpy(), right)
    return CalibrationResult(output, maps, before, after)


def _joined(frames: list[DataFrame]) -> DataFrame:
    import pandas as pd

    # Concatenating an empty table would lose the types of the columns.
    return pd.concat([f for f in frames if len(f)] or frames[:1], ignore_index=True)


def _folder(model: str | Path) -> Path:
    if str(model) == "brightness":
        msg = "the baseline brightness has no folder, so it cannot be calibrated."
        raise ModelError(msg, advice="Give a bundled model or the folder of a model.")
    return model_folder(model)


def _place(pair: ReferringPair, gsd_m: float) -> LabelledPlace:
    masks = list(pair.masks)
    return LabelledPlace(pair.name, pair.before, pair.after, pair.expressions, masks, gsd_m)
