from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS, Transformer

from mtrs_geo.errors import GridError, VectorError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.aoi import AreaLike, load_aoi
from mtrs_geo.io.vector import read_vector

GRID = Grid(CRS(32633), Affine(1, 0, 400_000, 0, -1, 5_800_000), (1000, 2000))
INNER = (400_100.0, 5_799_500.0, 400_300.0, 5_799_900.0)


def _in_degrees(bounds: tuple[float, float, float, float]) -> shapely.Polygon:
    project = Transformer.from_crs(32633, 4326, always_xy=True)
    x, y = shapely.get_coordinates(shapely.segmentize(shapely.box(*bounds), 5.0)).T
    return shapely.Polygon(np.stack(project.transform(x, y), axis=1))


def test_bounds_are_in_the_grids_crs() -> None:
    area = load_aoi(INNER, GRID)
    assert area.geometry.equals(shapely.box(*INNER))
    assert area.window == Window(100, 100, 400, 200)


def test_bounds_and_polygons_may_be_arrays_and_lists() -> None:
    bounds: list[AreaLike] = [np.array(INNER), list(map(str, INNER)), [shapely.box(*INNER)]]  # type: ignore[list-item]
    for aoi in bounds:
        assert load_aoi(aoi, GRID).geometry.equals(shapely.box(*INNER))
    two = [shapely.box(*INNER), shapely.box(401_000, 5_799_500, 401_200, 5_799_900)]
    assert len(load_aoi(two, GRID).parts) == 2  # type: ignore[arg-type]
    for wrong in (["a", "b", "c", "d"], [1, 2, 3], [shapely.box(*INNER), 2, 3, 4], []):
        with pytest.raises(VectorError, match="bounds are 4 numbers, not "):
            load_aoi(wrong, GRID)  # type: ignore[arg-type]


def test_small_areas_can_be_without_pixels() -> None:
    assert not load_aoi((400_100.6, 5_799_500.6, 400_100.9, 5_799_500.9), GRID).has_pixels
    assert load_aoi((400_100.4, 5_799_500.4, 400_100.6, 5_799_500.6), GRID).has_pixels
    assert load_aoi(INNER, GRID).has_pixels


def test_all_kinds_of_input_give_the_same_area(tmp_path: Path) -> None:
    degrees = _in_degrees(INNER)
    table = geopandas.GeoDataFrame(geometry=[degrees], crs=4326)
    path = tmp_path / "aoi.gpkg"
    table.to_file(path)
    text = ",".join(str(side) for side in INNER)
    for aoi in (text, f"{text},EPSG:32633", f" {text} , epsg:32633 ", path, str(path), table):
        geometry = load_aoi(aoi, GRID).geometry
        assert geometry.symmetric_difference(shapely.box(*INNER)).area < 1.0
    geometry = load_aoi(degrees, GRID, crs="EPSG:4326").geometry
    assert geometry.symmetric_difference(shapely.box(*INNER)).area < 1.0


@pytest.mark.parametrize("text", ["", " "])
def test_empty_text_is_named(text: str) -> None:
    with pytest.raises(VectorError, match="area of interest is empty text"):
        load_aoi(text, GRID)
    with pytest.raises(VectorError, match="path of a vector layer is empty"):
        read_vector(text)


@pytest.mark.parametrize(
    "text",
    ["1 2 3 4", "1;2;3;4", "1,2,3", "1 2 3 4 EPSG:32633", "1 2 3 4,EPSG:32633", "[1, 2, 3, 4]",
     "13,1 52,4 13,2 52,5", "1" + " " * 9999 + "2"],
)  # fmt: skip
def test_numbers_without_commas_are_told_how_bounds_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(VectorError, match="nor four numbers with commas") as raised:
        load_aoi(text, GRID)
    assert "left,bottom,right,top" in raised.value.advice


def test_bounds_with_a_crs_are_text() -> None:
    with pytest.raises(VectorError, match="bounds are 4 numbers") as raised:
        load_aoi((*INNER, "EPSG:32633"), GRID)
    assert 'text: "left,bottom,right,top,EPSG:4326"' in raised.value.advice


def test_a_file_may_have_numbers_as_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table = geopandas.GeoDataFrame(geometry=[shapely.box(*INNER)], crs=32633)
    table.to_file("2016 2020", driver="GeoJSON")
    assert load_aoi("2016 2020", GRID).geometry.equals(shapely.box(*INNER))


def test_sides_are_densified_before_projecting() -> None:
    wide = Grid(CRS(32633), Affine(100, 0, 200_000, 0, -100, 7_000_000), (3000, 6000))
    area = load_aoi("10,61,20,62,EPSG:4326", wide)
    to_utm = Transformer.from_crs(4326, 32633, always_xy=True)
    middle = shapely.Point(to_utm.transform(15, 61))
    straight = shapely.LineString([to_utm.transform(10, 61), to_utm.transform(20, 61)])
    assert straight.distance(middle) > 5000
    assert area.geometry.boundary.distance(middle) < 2


def test_only_overlapping_windows_intersect() -> None:
    area = load_aoi(
        shapely.union(shapely.box(*INNER), shapely.box(401_000, 5_799_100, 401_010, 5_799_110)),
        GRID,
    )
    assert area.intersects(Window(0, 0, 1000, 2000))
    assert area.intersects(Window(150, 150, 10, 10))
    assert area.intersects(Window(890, 1000, 10, 10))
    assert not area.intersects(Window(0, 0, 100, 100))
    assert not area.intersects(Window(0, 100, 100, 100))
    assert not area.intersects(Window(600, 500, 100, 100))
    assert not area.intersects(Window(150, 150, 0, 10))


def test_windows_of_rotated_grids_are_rotated() -> None:
    transform = Affine.translation(400_000, 5_800_000) @ Affine.rotation(45)
    grid = Grid(CRS(32633), transform, (100, 100))
    area = load_aoi((399_998.0, 5_800_100.0, 400_002.0, 5_800_110.0), grid)
    assert area.intersects(Window(60, 60, 40, 40))
    assert not area.intersects(Window(0, 0, 50, 50))


@pytest.mark.parametrize("z", ["Z", "M", "ZM"])
def test_heights_of_an_area_do_not_come_into_clipped_polygons(tmp_path: Path, z: str) -> None:
    corners = ((400_100, 5_799_500), (400_300, 5_799_500), (400_200, 5_799_900))
    points = [f"{x} {y}" + " 7" * len(z) for x, y in (*corners, corners[0])]
    area = load_aoi(shapely.from_wkt(f"POLYGON {z} (({', '.join(points)}))"), GRID)
    clipped = area.clip(np.array([shapely.box(400_150, 5_799_600, 400_400, 5_799_700)]))
    assert not shapely.has_z(clipped).any()
    assert not shapely.has_m(clipped).any()
    assert clipped[0].area > 0


def test_an_area_in_a_local_crs_is_refused() -> None:
    local = CRS('LOCAL_CS["Undefined Cartesian SRS",UNIT["Meter",1]]')  # of QGIS, without a CRS
    table = geopandas.GeoDataFrame(geometry=[shapely.box(*INNER)], crs=local)
    with pytest.raises(VectorError, match=r"Undefined Cartesian SRS .* a local CRS"):
        load_aoi(table, GRID)


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}},
        {"type": "EPSG", "properties": {"code": 32633}},
        "EPSG:32633",
    ],
)
def test_the_member_crs_of_older_geojson_is_read(crs: object) -> None:
    polygon = shapely.geometry.mapping(shapely.box(*INNER))
    assert load_aoi({**polygon, "crs": crs}, GRID).geometry.equals(shapely.box(*INNER))


@pytest.mark.parametrize(
    "crs",
    [
        {}, [], 5, {"type": "name", "properties": None}, {"type": "name", "properties": []},
        {"type": "name", "properties": {"name": None}},
        {"type": "link", "properties": {"href": "http://example.com/crs"}},
    ],
)  # fmt: skip
def test_a_member_crs_that_names_none_is_refused(crs: object) -> None:
    polygon = shapely.geometry.mapping(shapely.box(13.5, 52.3, 13.6, 52.4))
    with pytest.raises(VectorError, match=r"the CRS of the GeoJSON, .* is not known"):
        load_aoi({**polygon, "crs": crs}, GRID)


def test_clip_removes_what_is_outside() -> None:
    area = load_aoi(INNER, GRID)
    inside = shapely.box(400_150, 5_799_600, 400_160, 5_799_610)
    crossing = shapely.box(400_290, 5_799_600, 400_310, 5_799_610)
    touching = shapely.box(400_300, 5_799_600, 400_310, 5_799_610)
    clipped = area.clip(np.array([inside, crossing, touching], dtype=object))
    assert clipped[0] is inside
    assert clipped[1].equals(shapely.box(400_290, 5_799_600, 400_300, 5_799_610))
    assert clipped[2].is_empty
    assert clipped[2].geom_type == "Polygon"
    assert area.clip(np.array([], dtype=object)).size == 0


def test_without_overlap_the_message_has_both_extents() -> None:
    with pytest.raises(GridError, match=r"2\.2500 to 2\.4500° E.*13\.5.* do not overlap"):
        load_aoi("2.25,48.8,2.45,48.9,EPSG:4326", GRID)
    with pytest.raises(GridError, match="do not overlap"):
        load_aoi((500_000.0, 5_700_000.0, 500_100.0, 5_700_100.0), GRID)
    with pytest.raises(GridError, match="do not overlap"):
        load_aoi((10.0, 50.0, 10.1, 50.1), GRID)


def test_a_whole_hemisphere_is_clipped_to_the_raster() -> None:
    area = load_aoi("-180,0,180,84,EPSG:4326", GRID)
    assert area.geometry.contains(shapely.box(*GRID.bounds))


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([], "is empty"),
        ([shapely.Polygon()], "is empty"),
        ([shapely.Point(1, 1)], "holds a Point"),
        ([shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])], "Self-intersection.*Fix geometries"),
    ],
)
def test_layers_without_a_valid_polygon_are_refused(
    shapes: list[shapely.Geometry], message: str
) -> None:
    with pytest.raises(VectorError, match=message):
        load_aoi(geopandas.GeoDataFrame(geometry=shapes, crs=32633), GRID)


@pytest.mark.parametrize(
    ("aoi", "message"),
    [
        ("1,2,3,4,EPSG:999999", "not a known CRS"),
        ("3,2,1,4", "are empty"),
        ((1.0, 2.0, 3.0), r"not \(1\.0, 2\.0, 3\.0\)"),
        ("missing.gpkg", r"missing\.gpkg does not exist"),
        (geopandas.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)]), "no CRS"),
    ],
)
def test_input_without_an_area_is_refused(aoi: AreaLike, message: str) -> None:
    with pytest.raises(VectorError, match=message):
        load_aoi(aoi, GRID)


def _squares(count: int) -> np.ndarray:
    generator = np.random.default_rng(4)
    x = generator.uniform(400_000, 402_000, count)
    y = generator.uniform(5_799_000, 5_800_000, count)
    half = generator.uniform(2, 12, count)
    return shapely.box(x - half, y - half, x + half, y + half)


def _strips() -> np.ndarray:
    left = np.arange(400_000, 402_000, 20)
    return shapely.box(left, 5_799_000, left + 20, 5_800_000)


def _star(corners: int) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius = 350 + 60 * np.sin(97 * angle) + 10 * np.sin(1999 * angle)
    points = [400_900 + radius * np.cos(angle), 5_799_500 + radius * np.sin(angle)]
    return np.array([shapely.Polygon(np.stack(points, axis=1))], dtype=object)


@pytest.mark.parametrize(
    "shapes",
    [
        _squares(3000),
        _star(20_000),
        np.concatenate([_squares(500), _star(5000)]),
        _strips(),
    ],
    ids=["many polygons", "many corners", "both", "strips that share sides"],
)
def test_complex_areas_clip_and_filter_as_one_geometry(
    shapes: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    union = shapely.union_all(shapes)
    united: list[int] = []
    union_all = shapely.union_all

    def counted_union(parts: np.ndarray) -> object:
        united.append(len(parts))
        return union_all(parts)

    monkeypatch.setattr(shapely, "union_all", counted_union)
    area = load_aoi(geopandas.GeoDataFrame(geometry=shapes, crs=32633), GRID)
    largest: list[int] = []
    intersection = shapely.intersection

    def counted(first: object, second: object) -> object:
        largest.append(int(np.max(shapely.get_num_coordinates(second))))
        return intersection(first, second)

    monkeypatch.setattr(shapely, "intersection", counted)
    polygons = _squares(400)
    clipped = area.clip(polygons)
    monkeypatch.undo()
    assert max(united, default=0) < 100, "only what is near a polygon is united"
    assert area.geometry.symmetric_difference(union).area < 1e-6
    expected = shapely.intersection(polygons, union)
    np.testing.assert_allclose(shapely.area(clipped), shapely.area(expected), atol=1e-6)
    assert set(shapely.get_type_id(clipped)) <= {3, 6}
    assert largest
    assert max(largest) < 2000, "each polygon is intersected with what is near it"
    for row in range(0, 960, 60):
        window = Window(row, row, 40, 40)
        left, bottom, right, top = GRID.subgrid(window).bounds
        overlap = shapely.intersection(union, shapely.box(left, bottom, right, top)).area
        assert area.intersects(window) == (overlap > 0)


def test_exchanged_axes_are_named() -> None:
    grid = Grid(CRS("EPSG:32614"), Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000), (512, 512))
    for bounds, advice in (
        ("30.2740,-97.7520,30.2750,-97.7500,EPSG:4326", "have the latitude first"),
        ("620000,3349800,620100,3349900,EPSG:4326", "are not degrees: assign the CRS"),
        ("-97.7520,30.2740,-97.7500,30.2750,EPSG:32614", "are degrees and are read as"),
        ("10,50,11,51,EPSG:4326", "Check the area's CRS"),
    ):
        with pytest.raises(GridError, match="do not overlap") as error:
            load_aoi(bounds, grid)
        assert advice in error.value.advice
    half = Grid(CRS("EPSG:4326"), Affine(1, 0, 0, 0, -1, 90), (180, 180))  # of all longitudes
    with pytest.raises(GridError, match="do not overlap") as error:
        load_aoi("-80,20,-70,50,EPSG:4326", half)
    assert "latitude first" not in error.value.advice
