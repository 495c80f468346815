from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod
from scipy.ndimage import gaussian_filter

from mtrs_geo.errors import VectorError
from mtrs_geo.grid import Grid
from mtrs_geo.types import BoolArray, FloatArray, Shape
from mtrs_geo.vectorize import scanning
from mtrs_geo.vectorize.vectorizer import (
    Change,
    VectorizeOptions,
    Vectorizer,
    changes_frame,
    vectorize,
)

EXACT = VectorizeOptions(simplify_px=0)


def _grid(shape: Shape, pixel: float = 0.5) -> Grid:
    return Grid(CRS(32633), Affine(pixel, 0, 4e5, 0, -pixel, 5e6), shape)


def _from_mask(mask: BoolArray | list[list[int]]) -> FloatArray:
    return np.asarray(mask, np.float32)


def _run(
    probability: FloatArray, heights: list[int], options: VectorizeOptions | None = None
) -> list[Change]:
    vectorizer = Vectorizer(_grid((probability.shape[0], probability.shape[1])), options)
    changes: list[Change] = []
    row = at = 0
    while row < probability.shape[0]:
        height = heights[at % len(heights)]
        changes += vectorizer.add_rows(row, probability[row : row + height])
        row, at = row + height, at + 1
    return sorted(changes + vectorizer.finish(), key=lambda change: change.anchor)


def _random(rng: np.random.Generator, shape: Shape) -> FloatArray:
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
def test_bands_do_not_show(
    seed: int, rows: int, cols: int, heights: list[int], options: VectorizeOptions
) -> None:
    raster = _random(np.random.default_rng(seed), (rows, cols))
    whole = _run(raster, [rows], options)
    assert _run(raster, heights, options) == whole
    shapes = [change.geometry for change in whole]
    assert shapely.is_valid(shapes).all()
    united = shapely.area(shapely.union_all(shapes))
    assert shapely.area(shapes).sum() == pytest.approx(united, abs=1e-4)


def _run_in_parts(
    probability: FloatArray, heights: list[int], widths: list[int], options: VectorizeOptions
) -> list[Change]:
    rows, cols = probability.shape
    vectorizer = Vectorizer(_grid((rows, cols)), options)
    changes: list[Change] = []
    row = at = 0
    while row < rows:
        band, col = probability[row : row + heights[at % len(heights)]], 0
        while col < cols:
            width = widths[at % len(widths)]
            changes += vectorizer.add_part(row, col, band[:, col : col + width])
            col, at = col + width, at + 1
        row += len(band)
    return sorted(changes + vectorizer.finish(), key=lambda change: change.anchor)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    heights=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    widths=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    many=st.sampled_from([1, 20, 1 << 17]),
    options=OPTIONS,
)
def test_parts_of_bands_do_not_show(
    seed: int, heights: list[int], widths: list[int], many: int, options: VectorizeOptions
) -> None:
    rng = np.random.default_rng(seed)
    raster = _random(rng, (int(rng.integers(1, 50)), int(rng.integers(1, 50))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanning, "_MANY_RUNS", many)
        found = _run_in_parts(raster, heights, widths, options)
    assert found == _run(raster, [raster.shape[0]], options)


def test_parts_out_of_order_are_refused() -> None:
    vectorizer = Vectorizer(_grid((20, 9)))
    vectorizer.add_part(0, 0, np.zeros((10, 5), np.float32))
    for row, col, shape in ((0, 0, (10, 5)), (0, 5, (9, 4)), (0, 5, (10, 5)), (10, 5, (10, 4))):
        with pytest.raises(VectorError, match="the next column is 5 of 9"):
            vectorizer.add_part(row, col, np.zeros(shape, np.float32))
    with pytest.raises(VectorError, match="ends at column 5 of 9"):
        vectorizer.finish()


def test_every_band_height_gives_the_same_polygons() -> None:
    raster = _random(np.random.default_rng(5), (37, 53))
    whole = _run(raster, [37])
    assert len(whole) > 5
    for height in range(1, 37):
        assert _run(raster, [height]) == whole


@pytest.mark.parametrize("simplify_px", [1.0, 2.5, 4.0])
def test_bands_do_not_show_where_changes_crowd(simplify_px: float) -> None:
    options = VectorizeOptions(threshold=0.6, simplify_px=simplify_px)
    for seed in range(30):
        raster = _random(np.random.default_rng(seed), (40, 40))
        whole = _run(raster, [40], options)
        assert _run(raster, [1], options) == whole
        assert _run(raster, [3, 1, 7], options) == whole
        shapes = [change.geometry for change in whole]
        united = shapely.area(shapely.union_all(shapes))
        assert shapely.area(shapes).sum() == pytest.approx(united, abs=1e-6)


def test_pixel_outlines_equal_gdal() -> None:
    from rasterio.features import shapes

    rng = np.random.default_rng(7)
    for _ in range(40):
        mask = rng.random(rng.integers(1, 30, 2)) < rng.random()
        grid = _grid((mask.shape[0], mask.shape[1]))
        found = vectorize(_from_mask(mask), grid, EXACT).geometry.array
        traced = shapes(mask.astype(np.uint8), mask=mask, connectivity=4, transform=grid.transform)
        expected = [shapely.geometry.shape(shape) for shape, _ in traced]
        assert len(found) == len(expected)
        tree = shapely.STRtree(expected)
        for polygon in found:
            near = tree.geometries[tree.query(polygon.representative_point(), "within")]
            assert any(shapely.equals(polygon, other) for other in near)


def test_scores_equal_brute_force() -> None:
    from scipy.ndimage import label

    raster = _random(np.random.default_rng(11), (60, 50))
    labels, count = label(np.nan_to_num(raster) >= 0.5)
    found = {change.anchor: change for change in _run(raster, [7], EXACT)}
    assert len(found) == count
    for at in range(1, count + 1):
        scores = raster[labels == at].astype(np.float64)
        rows, cols = np.nonzero(labels == at)
        change = found[int(rows[0]), int(cols[0])]
        assert change.score_mean == pytest.approx(scores.mean(), abs=1e-9)
        assert change.score_max == pytest.approx(scores.max())


def test_no_vertex_lies_on_a_straight_side() -> None:
    raster = np.zeros((64, 64), np.float32)
    raster[3:61, 5:20] = 1
    (change,) = _run(raster, [8], EXACT)
    assert shapely.get_num_coordinates(change.geometry) == 5
    assert change.geometry.exterior.is_ccw


def test_corner_neighbours_stay_two_polygons_that_touch() -> None:
    mask = np.zeros((40, 40), np.float32)
    mask[2:20, 2:20] = 1
    mask[20:38, 20:38] = 1
    mask[2, 2] = mask[37, 37] = 0
    first, second = (change.geometry for change in _run(mask, [11]))
    assert first.touches(second)
    assert first.intersection(second).geom_type == "Point"


def test_self_contact_at_a_corner_is_a_hole() -> None:
    mask = _from_mask([[1, 1, 1], [1, 0, 1], [1, 1, 0]])
    (change,) = _run(mask, [1], EXACT)
    assert change.geometry.is_valid
    assert len(change.geometry.interiors) == 1
    assert change.geometry.area == pytest.approx(7 * 0.25)


def test_small_holes_close_unless_a_change_lies_in_them() -> None:
    mask = np.zeros((12, 24), np.float32)
    mask[1:11, 1:11] = mask[1:11, 13:23] = 1
    mask[4:7, 4:7] = mask[4:7, 16:19] = 0
    mask[5, 17] = 1
    options = VectorizeOptions(simplify_px=0, fill_holes_m2=9 * 0.25 + 0.01)
    for heights in ([1], [5], [12]):
        left, right, island = _run(mask, heights, options)
        assert len(left.geometry.interiors) == 0
        assert len(right.geometry.interiors) == 1
        assert not island.geometry.intersects(right.geometry)
    kept = VectorizeOptions(simplify_px=0, fill_holes_m2=9 * 0.25 - 0.05)
    assert len(_run(mask, [12], kept)[0].geometry.interiors) == 1


def test_min_area_is_in_square_metres() -> None:
    mask = np.zeros((20, 20), np.float32)
    mask[2:4, 2:4] = 1
    mask[10:15, 10:15] = 1
    areas = [change.area_m2 for change in _run(mask, [20], EXACT)]
    # UTM's scale at this place is about 0.99966: true areas are larger by 0.07 %.
    assert areas == pytest.approx([1.0, 6.25], rel=2e-3)
    assert len(_run(mask, [20], VectorizeOptions(min_area_m2=2))) == 1
    assert _run(mask, [20], VectorizeOptions(min_area_m2=7)) == []


@pytest.mark.parametrize("epsg", [4326, 3857, 32633, 2263])
def test_sizes_hold_in_any_crs(epsg: int) -> None:
    from pyproj import Transformer

    lon, lat = (-74.0, 40.7) if epsg == 2263 else (15.3, 60.2)
    crs = CRS(epsg)
    x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat)
    pixel = 1e-5 if epsg == 4326 else 2.0
    grid = Grid(crs, Affine(pixel, 0, x, 0, -pixel, y), (60, 60))
    mask = np.zeros((60, 60), np.float32)
    mask[10:50, 20:45] = 1
    mask[20:30, 25:35] = 0
    frame = vectorize(mask, grid, EXACT)
    degrees = frame.to_crs(4326).geometry.array[0]
    outer, inner = degrees.exterior, degrees.interiors[0]
    geod = Geod(ellps="GRS80" if epsg == 2263 else "WGS84")
    sizes = [geod.geometry_area_perimeter(shapely.Polygon(ring)) for ring in (outer, inner)]
    area = abs(sizes[0][0]) - abs(sizes[1][0])
    assert frame["area_m2"][0] == pytest.approx(area, rel=1e-5)
    assert frame["perimeter_m"][0] == pytest.approx(sizes[0][1] + sizes[1][1], rel=1e-5)


def test_a_side_along_a_parallel_is_not_a_geodesic() -> None:
    grid = Grid(CRS(4326), Affine(0.01, 0, 0, 0, -0.01, 60), (20, 520))
    mask = np.zeros((20, 520), np.float32)
    mask[5:15, 10:510] = 1
    radius, flattening = 6378137.0, 1 / 298.257223563
    squared = flattening * (2 - flattening)
    lats = np.radians(np.linspace(59.85, 59.95, 20001))
    strip = (1 - squared) * np.cos(lats) / (1 - squared * np.sin(lats) ** 2) ** 2
    expected = radius**2 * np.radians(5) * np.trapezoid(strip, lats)
    assert vectorize(mask, grid, EXACT)["area_m2"][0] == pytest.approx(expected, rel=1e-6)


def test_rotated_grids_are_drawn_where_they_lie() -> None:
    grid = Grid(CRS(32633), Affine.translation(4e5, 5e6) @ Affine.rotation(30), (10, 10))
    mask = np.zeros((10, 10), np.float32)
    mask[2:5, 3:9] = 1
    polygon = vectorize(mask, grid, EXACT).geometry.array[0]
    corners = [grid.transform @ at for at in ((3, 2), (9, 2), (9, 5), (3, 5))]
    assert polygon.symmetric_difference(shapely.Polygon(corners)).area < 1e-6
    assert polygon.exterior.is_ccw


def test_edges_are_the_border_and_nodata() -> None:
    raster = np.zeros((30, 30), np.float32)
    raster[0:3, 10:14] = 1
    raster[10:13, 10:13] = 1
    raster[20:23, 10:13] = 1
    raster[23, 11] = np.nan
    raster[10:13, 20:23] = 1
    raster[13, 23] = np.nan
    for height in (1, 3, 10, 23, 30):
        flags = {change.anchor: change.touches_edge for change in _run(raster, [height])}
        assert flags == {(0, 10): True, (10, 10): False, (20, 10): True, (10, 20): False}


def test_skipped_rows_count_as_nodata() -> None:
    raster = np.zeros((30, 10), np.float32)
    raster[3:6, 3:6] = raster[8:10, 3:6] = raster[20:22, 3:6] = raster[25:27, 3:6] = 1
    vectorizer = Vectorizer(_grid((40, 10)))
    changes = vectorizer.add_rows(0, raster[:10]) + vectorizer.add_rows(20, raster[20:30])
    changes += vectorizer.finish()
    flags = {change.anchor[0]: change.touches_edge for change in changes}
    assert flags == {3: False, 8: True, 20: True, 25: False}


def test_changes_leave_as_soon_as_they_are_complete() -> None:
    raster = np.zeros((60, 10), np.float32)
    raster[5:8, 2:5] = 1
    raster[0:60, 8] = 1
    vectorizer = Vectorizer(_grid((60, 10)))
    counts = [len(vectorizer.add_rows(row, raster[row : row + 10])) for row in range(0, 60, 10)]
    assert counts == [1, 0, 0, 0, 0, 0]
    assert len(vectorizer.finish()) == 1


def test_memory_does_not_grow_with_finished_rows() -> None:
    import gc
    import tracemalloc

    band = np.zeros((64, 512), np.float32)
    band[8:24:4, ::2] = 1
    vectorizer = Vectorizer(_grid((64 * 40, 512)), EXACT)
    peaks = []
    tracemalloc.start()
    for at in range(40):
        vectorizer.add_rows(at * 64, band)
        if at in (9, 39):
            gc.collect()
            peaks.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    # Thirty bands of runs alone would be 1.2 MB.
    assert peaks[1] < peaks[0] + 200_000


def test_simplification_straightens_stairs() -> None:
    rows, cols = np.mgrid[:60, :60]
    mask = (np.abs(rows - 30) + np.abs(cols - 30) < 20).astype(np.float32)
    exact, simple = _run(mask, [60], EXACT)[0], _run(mask, [60])[0]
    points = shapely.get_num_coordinates([exact.geometry, simple.geometry])
    assert points[1] < points[0] / 6
    assert simple.area_m2 == pytest.approx(exact.area_m2, rel=0.05)


def test_empty_raster_gives_an_empty_table() -> None:
    frame = vectorize(np.full((4, 4), np.nan, np.float32), _grid((4, 4)))
    assert len(frame) == 0
    assert frame.crs == CRS(32633)
    full = changes_frame(_run(np.ones((4, 4), np.float32), [4]), _grid((4, 4)))
    assert frame.columns.tolist() == full.columns.tolist()
    assert frame.dtypes.tolist() == full.dtypes.tolist()


def test_rows_out_of_order_are_refused() -> None:
    vectorizer = Vectorizer(_grid((20, 5)))
    vectorizer.add_rows(0, np.zeros((10, 5), np.float32))
    with pytest.raises(VectorError, match="the next is 10 of 20"):
        vectorizer.add_rows(5, np.zeros((10, 5), np.float32))
    with pytest.raises(VectorError, match=r"expected \(rows, 5\)"):
        vectorizer.add_rows(10, np.zeros((10, 6), np.float32))


@pytest.mark.parametrize(
    "values", [{"threshold": 1.5}, {"min_area_m2": -1.0}, {"simplify_px": float("nan")}]
)
def test_options_out_of_range_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(VectorError, match=next(iter(values))):
        VectorizeOptions(**values)  # type: ignore[arg-type]


def test_regularize_names_the_missing_package_or_squares_corners() -> None:
    mask = np.zeros((60, 60), np.float32)
    rows, cols = np.mgrid[:60, :60] - 30
    turn = np.radians(25)
    across = cols * np.cos(turn) + rows * np.sin(turn)
    along = rows * np.cos(turn) - cols * np.sin(turn)
    mask[(np.abs(across) < 20) & (np.abs(along) < 10)] = 1
    options = VectorizeOptions(regularize=True)
    try:
        import buildingregulariser  # noqa: F401
    except ImportError:
        with pytest.raises(ImportError, match=r"mtrs-geo\[regularize\]"):
            _run(mask, [60], options)
        return
    (change,) = _run(mask, [13], options)
    sides = np.diff(shapely.get_coordinates(change.geometry), axis=0)
    turns = np.degrees(np.arctan2(sides[:, 1], sides[:, 0])) % 90
    assert len(sides) == 4
    assert np.ptp(turns) < 0.5
    assert change.area_m2 == pytest.approx(40 * 20 * 0.25, rel=0.06)


def _terraces(seed: int) -> FloatArray:
    """Rows of houses one to three pixels apart, at any angle."""
    rng = np.random.default_rng(seed)
    turn, gap = rng.uniform(0, np.pi / 2), rng.integers(1, 4)
    width, height = rng.integers(8, 25, 2)
    rows, cols = np.mgrid[:160, :160] - 80
    across = cols * np.cos(turn) + rows * np.sin(turn)
    along = rows * np.cos(turn) - cols * np.sin(turn)
    houses = (across % (width + gap) < width) & (along % (height + 3 * gap) < height)
    smooth: FloatArray = gaussian_filter(houses.astype(np.float32), 0.7)
    return smooth


# The package cuts up a house of seeds 36, 54 and 78, lays houses of 0 and 6 over each other,
# and draws one of 52 that rounding to map coordinates breaks.
@pytest.mark.parametrize("seed", [0, 6, 36, 52, 54, 78])
def test_squared_neighbours_keep_their_places_and_do_not_overlap(seed: int) -> None:
    pytest.importorskip("buildingregulariser", reason='needs "mtrs-geo[regularize]"')
    raster = _terraces(seed)
    squared = _run(raster, [160], VectorizeOptions(regularize=True))
    assert _run(raster, [9, 31], VectorizeOptions(regularize=True)) == squared
    shapes = np.array([change.geometry for change in squared])
    plain = np.array([change.geometry for change in _run(raster, [160])])
    assert len(shapes) == len(plain)
    assert shapely.is_valid(shapes).all()
    assert not shapely.equals_exact(shapes, plain, 1e-6).all()
    shared = shapely.area(shapely.intersection(shapes, plain))
    assert (shared / shapely.area(plain)).min() > 0.5
    united = shapely.area(shapely.union_all(shapes))
    assert shapely.area(shapes).sum() == pytest.approx(united, abs=1e-6)
