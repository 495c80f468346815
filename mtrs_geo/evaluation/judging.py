"""Polygons of a model on labelled pairs, each judged right or wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from affine import Affine
from pyproj import CRS

from mtrs_geo.grid import Grid
from mtrs_geo.models.contract import ChangeSegmenter
from mtrs_geo.query import ChangeQuery
from mtrs_geo.query.classes import class_of
from mtrs_geo.types import BoolArray, FloatArray, UInt8Array
from mtrs_geo.vectorize.change import Change
from mtrs_geo.vectorize.vectorizer import VectorizeOptions, Vectorizer

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["RIGHT_SHARE", "LabelledPlace", "judge_place"]

RIGHT_SHARE = 0.5
"""A polygon is right if this share of its pixels, or more, lies on true change."""

_OPTIONS = VectorizeOptions(threshold=0.5, min_area_m2=10.0)
"""The defaults of `mtrs_geo.detect.options.DetectOptions`."""
_CRS, _LEFT, _TOP = CRS.from_epsg(32631), 500_000.0, 5_000_000.0
"""A place in metres, so that areas are those of the given pixel size."""


@dataclass(frozen=True)
class LabelledPlace:
    """A pair of images with sentences, and where their change is."""

    name: str
    """Polygons of one name are kept together when a fit is checked."""
    before: UInt8Array
    """(H, W, 3)."""
    after: UInt8Array
    """(H, W, 3)."""
    sentences: Sequence[str]
    masks: Sequence[BoolArray]
    """(H, W), one per sentence."""
    gsd_m: float
    counted: BoolArray | None = None
    """(H, W), the pixels whose label is certain; None is all."""


def judge_place(segmenter: ChangeSegmenter, place: LabelledPlace) -> DataFrame:
    """Return the polygons that `mtrs_geo.detect_changes` gives, and whether each is right.

    Sentences with scene rules are left out, as their polygons are chosen by the rules.  Polygons
    of which less than half is counted are left out as well.

    Args:
        segmenter: predicts all sentences in one call.
        place: images, sentences and masks.

    Returns:
        One row per polygon: place, direction, query_class, probability (mean of its pixels),
        area_m2, right.
    """
    import pandas as pd

    parsed = [ChangeQuery.parse(sentence) for sentence in place.sentences]
    kept = [i for i, query in enumerate(parsed) if not query.rules]
    prompts = list(dict.fromkeys(parsed[i].prompt for i in kept))
    rows = []
    if prompts:
        probabilities = segmenter.predict(place.before, place.after, prompts)
        grid = _grid(place)
        for i in kept:
            prompt = parsed[i].prompt
            changes = _polygons(probabilities[prompts.index(prompt)], grid)
            right = _true_shares(changes, place.masks[i], place.counted, grid)
            rows += [
                (place.name, parsed[i].direction, class_of(prompt), change.score_mean,
                 change.area_m2, bool(share >= RIGHT_SHARE))
                for change, share in zip(changes, right, strict=True) if np.isfinite(share)
            ]  # fmt: skip
    columns = ["place", "direction", "query_class", "probability", "area_m2", "right"]
    return pd.DataFrame(rows, columns=columns)


def _grid(place: LabelledPlace) -> Grid:
    shape = place.before.shape[0], place.before.shape[1]
    transform = Affine(place.gsd_m, 0, _LEFT, 0, -place.gsd_m, _TOP)
    return Grid(_CRS, transform, shape)


def _polygons(probability: FloatArray, grid: Grid) -> list[Change]:
    vectorizer = Vectorizer(grid, _OPTIONS)
    return [*vectorizer.add_block(0, 0, probability), *vectorizer.finish()]


def _true_shares(
    changes: Sequence[Change], mask: BoolArray, counted: BoolArray | None, grid: Grid
) -> npt.NDArray[np.float64]:
    """Return the share of each polygon's counted pixels on true change; NaN if too few count."""
    from rasterio import features

    if not changes:
        return np.zeros(0)
    numbered = [(change.geometry, number) for number, change in enumerate(changes, 1)]
    ids = features.rasterize(numbered, grid.shape, transform=grid.transform, dtype="int32").ravel()
    sure = np.ones(ids.size, np.bool_) if counted is None else counted.ravel()
    bins = len(changes) + 1
    pixels, valid, true = (
        np.bincount(ids[chosen], minlength=bins)[1:]
        for chosen in (slice(None), sure, sure & mask.ravel())
    )
    shares = true / np.maximum(valid, 1)
    shares[2 * valid < np.maximum(pixels, 1)] = np.nan
    return np.asarray(shares, np.float64)
