from __future__ import annotations

import geopandas as gpd
import pytest
from affine import Affine
from pyproj import CRS
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from mtrs_geo.detect.scene_rules import apply_scene_rules
from mtrs_geo.errors import QueryError, VectorError
from mtrs_geo.grid import Grid
from mtrs_geo.query import ChangeQuery

UTM = CRS.from_epsg(32633)
WGS84 = CRS.from_epsg(4326)
EAST, NORTH, SIDE = 500_000.0, 5_500_000.0, 900.0
UTM_GRID = Grid(UTM, Affine(1, 0, EAST, 0, -1, NORTH + SIDE), (900, 900))


def grid_in(crs: CRS) -> Grid:
    """The same area: on the central meridian of UTM, degrees and metres have parallel axes."""
    if crs == UTM:
        return UTM_GRID
    left, bottom, right, top = (
        gpd.GeoSeries([box(*UTM_GRID.bounds)], crs=UTM).to_crs(crs).total_bounds
    )
    width, height = (right - left) / 900, (bottom - top) / 900
    return Grid(crs, Affine(width, 0, left, 0, height, top), (900, 900))


def layer(shapes: dict[str, Polygon], crs: CRS) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame({"name": list(shapes)}, geometry=list(shapes.values()), crs=UTM)
    return frame.assign(area_m2=frame.area).to_crs(crs)


def rectangle(x: float, y: float, width: float, height: float) -> Polygon:
    return box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


SHAPES = {
    "nw big": rectangle(100, 700, 60, 60),
    "ne small": rectangle(800, 800, 10, 10),
    "centre": rectangle(460, 400, 40, 40),
    "sw long": rectangle(20, 100, 200, 5),
    "se": rectangle(600, 100, 30, 30),
    "n top": rectangle(430, 850, 20, 20),
    "e": rectangle(850, 440, 25, 25),
}


@pytest.fixture(params=[UTM, WGS84], ids=["utm", "degrees"])
def crs(request: pytest.FixtureRequest) -> CRS:
    return request.param


def names_after(text: str, crs: CRS, **references: gpd.GeoDataFrame) -> list[str]:
    frame = layer(SHAPES, crs)
    return list(apply_scene_rules(ChangeQuery.parse(text), frame, grid_in(crs), references)["name"])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("changes", list(SHAPES)),
        ("changes in the north", ["nw big", "ne small", "n top", "e"]),
        ("changes in the west", ["nw big", "sw long", "n top"]),
        ("changes in the north-west", ["nw big", "n top"]),
        ("changes in the bottom right", ["centre", "se"]),
        ("changes in the centre", ["centre"]),
        ("changes in the top centre", ["n top"]),
        ("changes in the middle-right", ["e"]),
        ("changes larger than 1000 m²", ["nw big", "centre", "sw long"]),
        ("changes between 100 and 625 m²", ["ne small", "n top", "e"]),
        ("changes longer than 100 m", ["sw long"]),
        ("the largest change", ["nw big"]),
        ("the two largest changes", ["nw big", "centre"]),
        ("the two smallest changes", ["ne small", "n top"]),
        ("the longest change", ["sw long"]),
        ("the largest change in the south", ["centre"]),
        ("the 100 largest changes in the north", ["nw big", "e", "n top", "ne small"]),
        ("changes except the largest", [name for name in SHAPES if name != "nw big"]),
        ("changes except those in the north", ["centre", "sw long", "se"]),
        ("the largest change except those in the west", ["centre"]),
        ("changes not in the south", ["nw big", "ne small", "n top", "e"]),
        ("every change but the largest", [name for name in SHAPES if name != "nw big"]),
        ("changes but those in the north", ["centre", "sw long", "se"]),
        # The inner rank comes first.
        ("the northernmost of the five largest changes", ["nw big"]),
        ("the largest of the two northernmost changes", ["n top"]),
        ("the second smallest of the three largest changes", ["centre"]),
        ("the largest and the smallest change", ["nw big", "ne small"]),
        ("the largest and the smallest of the two northernmost changes", ["n top", "ne small"]),
        # Every named set is left out, and none changes what another one names.
        ("changes except the largest, the smallest and those in the south", ["n top", "e"]),
        ("changes except those in the north and the largest", ["centre", "sw long", "se"]),
        ("changes except those larger than 1500 m² and those in the north", ["sw long", "se"]),
        ("all but the three largest changes", ["ne small", "se", "n top", "e"]),
    ],
)
def test_rules_select_these_polygons(text: str, names: list[str], crs: CRS) -> None:
    assert names_after(text, crs) == names


@pytest.mark.parametrize("other_crs", [UTM, WGS84, CRS.from_epsg(3857)], ids=str)
def test_distances_are_metres_on_the_ground(crs: CRS, other_crs: CRS) -> None:
    """A unit of Web Mercator is about 0.65 m on the ground here; a degree is not a metre."""
    line = LineString([(EAST - 10, NORTH + 50), (EAST + 910, NORTH + 50)])
    river = gpd.GeoDataFrame(geometry=[line], crs=UTM).to_crs(other_crs)
    assert names_after("changes within 51 m of the river", crs, river=river) == ["sw long", "se"]
    assert names_after("changes within 49 m of the river", crs, river=river) == []
    assert names_after("changes within 51 m of the river in the east", crs, river=river) == ["se"]
    beyond = names_after("changes farther than 51 m from the river", crs, river=river)
    assert beyond == [name for name in SHAPES if name not in {"sw long", "se"}]


def test_the_distance_is_that_to_the_nearest_thing(crs: CRS) -> None:
    posts = [Point(EAST + x, NORTH + y) for x in range(0, 900, 300) for y in (0, 2000)]
    frame = gpd.GeoDataFrame(geometry=[*posts, Point(), None], crs=UTM)
    assert names_after("changes within 105 m of the posts", crs, posts=frame) == ["sw long", "se"]


def test_except_removes_polygons_that_another_layer_covers_by_half(crs: CRS) -> None:
    sheds = [
        rectangle(100, 700, 20, 60),  # a third of "nw big", and with the next one two thirds
        rectangle(110, 700, 30, 60),
        rectangle(460, 400, 15, 40),  # less than half of "centre"
        rectangle(600, 100, 500, 500),
    ]
    frame = gpd.GeoDataFrame(geometry=sheds, crs=UTM)
    rest = ["ne small", "centre", "sw long", "n top"]
    assert names_after("changes except sheds", crs, sheds=frame) == rest
    small = names_after("changes except sheds larger than 1 ha", crs, sheds=frame)
    assert small == ["nw big", "ne small", "centre", "sw long", "n top"]
    bowtie = Polygon([(EAST, NORTH), (EAST + 9, NORTH + 9), (EAST + 9, NORTH), (EAST, NORTH + 9)])
    invalid = gpd.GeoDataFrame(geometry=[bowtie], crs=UTM)
    assert names_after("changes except sheds", crs, sheds=invalid) == list(SHAPES)


def test_a_question_about_the_largest_asks_for_its_place(crs: CRS) -> None:
    largest = names_after("the largest change", crs)
    found = [names_after(f"is the largest change in the {p}?", crs) for p in ("north", "south")]
    assert sorted(found) == [[], largest]


def test_an_empty_layer_is_near_no_polygon(crs: CRS) -> None:
    empty = gpd.GeoDataFrame(geometry=[], crs=UTM)
    assert names_after("changes near the river", crs, river=empty) == []
    assert names_after("changes away from the river", crs, river=empty) == list(SHAPES)
    assert names_after("changes except sheds", crs, sheds=empty) == list(SHAPES)


def test_rules_apply_to_an_empty_table(crs: CRS) -> None:
    text = "the largest in the north longer than 5 m near the river except roads"
    empty = layer(SHAPES, crs).iloc[:0]
    references = {"river": layer(SHAPES, crs), "roads": layer(SHAPES, crs)}
    assert len(apply_scene_rules(ChangeQuery.parse(text), empty, grid_in(crs), references)) == 0


def test_columns_and_multipolygons_are_kept() -> None:
    pieces = MultiPolygon([rectangle(10, 10, 5, 5), rectangle(40, 10, 30, 5)])
    frame = layer({"two": pieces, "one": rectangle(200, 200, 5, 5)}, UTM).assign(
        score_mean=[0.5, 0.9]
    )
    found = apply_scene_rules(ChangeQuery.parse("the longest"), frame, UTM_GRID, {})
    assert list(found.columns) == ["name", "geometry", "area_m2", "score_mean"]
    assert list(found["name"]) == ["two"]


def test_a_missing_reference_raises_an_error_with_advice() -> None:
    with pytest.raises(QueryError, match=r"'river'.*\['road'\].*Give a layer"):
        names_after("changes near the river", UTM, road=layer(SHAPES, UTM))


def test_reference_without_crs_is_refused() -> None:
    river = gpd.GeoDataFrame(geometry=[Point(0, 0)])
    with pytest.raises(VectorError, match="'river' has no CRS"):
        names_after("changes near the river", UTM, river=river)


@pytest.mark.parametrize("text", ["changes in the north", "changes except those in the north"])
def test_polygons_may_have_another_crs_than_the_grid(text: str) -> None:
    frame, query = layer(SHAPES, UTM), ChangeQuery.parse(text)
    expected = list(apply_scene_rules(query, frame, UTM_GRID, {})["name"])
    found = list(apply_scene_rules(query, frame.to_crs(3857), UTM_GRID, {})["name"])
    assert found == expected
    assert 0 < len(found) < len(SHAPES)


def test_an_exception_removes_one_row_of_an_index_with_duplicates() -> None:
    frame = layer(SHAPES, UTM).set_axis([0] * len(SHAPES))
    query = ChangeQuery.parse("changes except the largest")
    assert len(apply_scene_rules(query, frame, UTM_GRID, {})) == len(SHAPES) - 1
