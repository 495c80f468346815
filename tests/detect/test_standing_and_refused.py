"""Sentences that ask for no change never get the polygons of a change: rendered and real pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from PIL import Image
from rasterio.crs import CRS
from rasterio.transform import from_origin

from mtrs_geo import ChangeResult, detect_changes, load_model
from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.models import ChangeSegmenter

SHARED = Path(__file__).parents[3] / "shared/data"
CHANGES = ["new buildings", "destroyed buildings"]
REFUSED = ["hello", "asdfgh", "no change", "not buildings"]
STANDING = ["unchanged buildings", "buildings that still stand"]
EXCEPT = "everything except buildings"
MOST_SHARED = 0.05
"""Largest share of the area of standing buildings that may lie in polygons of a change."""


@pytest.fixture(scope="module")
def tiny() -> ChangeSegmenter:
    return load_model("tiny", "cpu")


def ask(before: Any, after: Any, model: ChangeSegmenter, **options: Any) -> ChangeResult:
    sentences = [*CHANGES, *REFUSED, *STANDING, EXCEPT]
    return detect_changes(before, after, sentences, model=model, tile_px=320, **options)


def check(result: ChangeResult) -> None:
    frame = result.polygons.to_crs(result.polygons.estimate_utm_crs())

    def area_of(*sentences: str) -> shapely.Geometry:
        return shapely.union_all(frame.geometry[frame["query"].isin(sentences)].to_numpy())

    counts = result.report.polygons
    assert sum(counts[text] for text in CHANGES) > 0
    assert [counts[text] for text in REFUSED] == [0] * len(REFUSED)
    changed = area_of(*CHANGES)
    for text in STANDING:
        standing = area_of(text)
        assert standing.intersection(changed).area <= MOST_SHARED * standing.area, text
    assert set(frame.change[frame["query"].isin(STANDING)]) <= {"unchanged"}
    for shape in frame.geometry[frame["query"] == EXCEPT]:
        assert shape.intersection(changed).area < 0.5 * shape.area


def test_rendered_pair(pair_paths: PairPaths, tiny: ChangeSegmenter) -> None:
    result = ask(pair_paths.before, pair_paths.after, tiny)
    check(result)
    assert result.report.polygons["unchanged buildings"] > 0


def test_levir(tiny: ChangeSegmenter) -> None:
    folder = SHARED / "pairs/levir"
    if not folder.is_dir():
        pytest.skip("../shared/data/pairs/levir is missing: levir_20 is not tested")
    grid = from_origin(5e5, 3.3e6, 0.5, 0.5)
    dates = []
    for date in ("A", "B"):
        image = np.asarray(Image.open(folder / date / "levir_20.jpg").convert("RGB"))
        crop = np.ascontiguousarray(image[512:832, :320].transpose(2, 0, 1))
        dates.append((crop, grid, CRS.from_epsg(32614)))
    result = ask(*dates, tiny)
    check(result)
    assert result.report.polygons["new buildings"] > 10


def test_joplin(tiny: ChangeSegmenter) -> None:
    folder = SHARED / "geo/joplin_tornado_2011"
    if not folder.is_dir():
        pytest.skip("../shared/data/geo/joplin_tornado_2011 is missing: Joplin is not tested")
    block = (-94.49856, 37.06752, -94.49664, 37.06944)
    result = ask(folder / "pre", folder / "post", tiny, aoi=block)
    check(result)
    assert result.report.polygons["destroyed buildings"] > 5
    assert result.report.polygons["unchanged buildings"] > 0
