"""The polygons do not depend on the blocks in which the raster is added."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from scipy.ndimage import gaussian_filter

from mtrs_geo.errors import VectorError
from mtrs_geo.grid import Grid
from mtrs_geo.types import FloatArray, Shape
from mtrs_geo.vectorize import scanning
from mtrs_geo.vectorize.change import Change
from mtrs_geo.vectorize.vectorizer import VectorizeOptions, Vectorizer

EXACT = VectorizeOptions(simplify_px=0)


def grid_of(shape: Shape) -> Grid:
    return Grid(CRS(32633), Affine(0.5, 0, 4e5, 0, -0.5, 5e6), shape)


def changes_of(
    probability: FloatArray,
    heights: list[int],
    options: VectorizeOptions | None = None,
    widths: list[int] | None = None,
) -> list[Change]:
    """Vectorize in bands of some heights and blocks of some widths, used in turn."""
    rows, cols = probability.shape
    widths = widths or [cols]
    vectorizer = Vectorizer(grid_of((rows, cols)), options)
    changes: list[Change] = []
    row = bands = blocks = 0
    while row < rows:
        band, col = probability[row : row + heights[bands % len(heights)]], 0
        while col < cols:
            width = widths[blocks % len(widths)]
            changes += vectorizer.add_block(row, col, band[:, col : col + width])
            col, blocks = col + width, blocks + 1
        row, bands = row + len(band), bands + 1
    return sorted(changes + vectorizer.finish(), key=lambda change: change.anchor)


def random_raster(rng: np.random.Generator, shape: Shape) -> FloatArray:
    raster = rng.random(shape).astype(np.float32)
    if rng.random() < 0.5:
        raster = gaussian_filter(raster, 1.2)
        raster = (raster - raster.min()) / (np.ptp(raster) + 1e-6)
    if rng.random() < 0.3:
        raster[rng.random(shape) < 0.03] = np.nan
    return raster


OPTIONS = st.builds(
    VectorizeOptions,
    threshold=st.sampled_from([0.3, 0.5, 0.6, 0.8]),
    simplify_px=st.sampled_from([0.0, 0.5, 1.0, 2.5]),
    min_area_m2=st.sampled_from([0.0, 0.6, 2.0]),
    fill_holes_m2=st.sampled_from([0.0, 0.6, 3.0]),
)


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(1, 40),
    cols=st.integers(1, 40),
    heights=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    options=OPTIONS,
)
def test_the_heights_of_bands_do_not_change_the_polygons(
    seed: int, rows: int, cols: int, heights: list[int], options: VectorizeOptions
) -> None:
    raster = random_raster(np.random.default_rng(seed), (rows, cols))
    whole = changes_of(raster, [rows], options)
    assert changes_of(raster, heights, options) == whole
    shapes = [change.geometry for change in whole]
    assert shapely.is_valid(shapes).all()
    united = shapely.area(shapely.union_all(shapes))
    assert shapely.area(shapes).sum() == pytest.approx(united, abs=1e-4)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    heights=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    widths=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    max_runs=st.sampled_from([1, 20, 1 << 17]),
    options=OPTIONS,
)
def test_the_sizes_of_blocks_do_not_change_the_polygons(
    seed: int, heights: list[int], widths: list[int], max_runs: int, options: VectorizeOptions
) -> None:
    rng = np.random.default_rng(seed)
    raster = random_raster(rng, (int(rng.integers(1, 50)), int(rng.integers(1, 50))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanning, "_MAX_RUNS", max_runs)
        found = changes_of(raster, heights, options, widths)
    assert found == changes_of(raster, [raster.shape[0]], options)


def test_blocks_out_of_order_are_refused() -> None:
    vectorizer = Vectorizer(grid_of((20, 9)))
    vectorizer.add_block(0, 0, np.zeros((10, 5), np.float32))
    for row, col, shape in ((0, 0, (10, 5)), (0, 5, (9, 4)), (0, 5, (10, 5)), (10, 5, (10, 4))):
        with pytest.raises(VectorError, match="the next column is 5 of 9"):
            vectorizer.add_block(row, col, np.zeros(shape, np.float32))
    with pytest.raises(VectorError, match="ends at column 5 of 9"):
        vectorizer.finish()


def test_every_band_height_gives_the_same_polygons() -> None:
    raster = random_raster(np.random.default_rng(5), (37, 53))
    whole = changes_of(raster, [37])
    assert len(whole) > 5
    for height in range(1, 37):
        assert changes_of(raster, [height]) == whole


@pytest.mark.parametrize("simplify_px", [1.0, 2.5, 4.0])
def test_the_heights_of_bands_do_not_change_dense_polygons(simplify_px: float) -> None:
    options = VectorizeOptions(threshold=0.6, simplify_px=simplify_px)
    for seed in range(30):
        raster = random_raster(np.random.default_rng(seed), (40, 40))
        whole = changes_of(raster, [40], options)
        assert changes_of(raster, [1], options) == whole
        assert changes_of(raster, [3, 1, 7], options) == whole
        shapes = [change.geometry for change in whole]
        united = shapely.area(shapely.union_all(shapes))
        assert shapely.area(shapes).sum() == pytest.approx(united, abs=1e-6)


def test_scores_equal_brute_force() -> None:
    from scipy.ndimage import label

    raster = random_raster(np.random.default_rng(11), (60, 50))
    labels, count = label(np.nan_to_num(raster) >= 0.5)
    found = {change.anchor: change for change in changes_of(raster, [7], EXACT)}
    assert len(found) == count
    for i in range(1, count + 1):
        scores = raster[labels == i].astype(np.float64)
        rows, cols = np.nonzero(labels == i)
        change = found[int(rows[0]), int(cols[0])]
        assert change.score_mean == pytest.approx(scores.mean(), abs=1e-9)
        assert change.score_max == pytest.approx(scores.max())


def test_changes_at_the_border_or_nodata_touch_an_edge() -> None:
    raster = np.zeros((30, 30), np.float32)
    raster[0:3, 10:14] = 1
    raster[10:13, 10:13] = 1
    raster[20:23, 10:13] = 1
    raster[23, 11] = np.nan
    raster[10:13, 20:23] = 1
    raster[13, 23] = np.nan
    for height in (1, 3, 10, 23, 30):
        flags = {change.anchor: change.touches_edge for change in changes_of(raster, [height])}
        assert flags == {(0, 10): True, (10, 10): False, (20, 10): True, (10, 20): False}


def test_skipped_rows_count_as_nodata() -> None:
    raster = np.zeros((30, 10), np.float32)
    raster[3:6, 3:6] = raster[8:10, 3:6] = raster[20:22, 3:6] = raster[25:27, 3:6] = 1
    vectorizer = Vectorizer(grid_of((40, 10)))
    changes = vectorizer.add_block(0, 0, raster[:10])
    changes += vectorizer.add_block(20, 0, raster[20:30])
    changes += vectorizer.finish()
    flags = {change.anchor[0]: change.touches_edge for change in changes}
    assert flags == {3: False, 8: True, 20: True, 25: False}


def test_changes_are_returned_as_soon_as_they_are_complete() -> None:
    raster = np.zeros((60, 10), np.float32)
    raster[5:8, 2:5] = 1
    raster[0:60, 8] = 1
    vectorizer = Vectorizer(grid_of((60, 10)))
    counts = [len(vectorizer.add_block(row, 0, raster[row : row + 10])) for row in range(0, 60, 10)]
    assert counts == [1, 0, 0, 0, 0, 0]
    assert len(vectorizer.finish()) == 1


def test_memory_does_not_grow_with_finished_rows() -> None:
    import gc
    import tracemalloc

    band = np.zeros((64, 512), np.float32)
    band[8:24:4, ::2] = 1
    vectorizer = Vectorizer(grid_of((64 * 40, 512)), EXACT)
    peaks = []
    tracemalloc.start()
    for i in range(40):
        vectorizer.add_block(i * 64, 0, band)
        if i in (9, 39):
            gc.collect()
            peaks.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    # The runs of thirty bands take 1.2 MB.
    assert peaks[1] < peaks[0] + 200_000


def test_rows_out_of_order_are_refused() -> None:
    vectorizer = Vectorizer(grid_of((20, 5)))
    vectorizer.add_block(0, 0, np.zeros((10, 5), np.float32))
    with pytest.raises(VectorError, match="the next row is 10 of 20"):
        vectorizer.add_block(5, 0, np.zeros((10, 5), np.float32))
    with pytest.raises(VectorError, match="columns 0 to 6 are out of order"):
        vectorizer.add_block(10, 0, np.zeros((10, 6), np.float32))


@pytest.mark.parametrize(
    "values", [{"threshold": 1.5}, {"min_area_m2": -1.0}, {"simplify_px": float("nan")}]
)
def test_options_out_of_range_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(VectorError, match=next(iter(values))):
        VectorizeOptions(**values)  # type: ignore[arg-type]
