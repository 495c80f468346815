"""Ranks, edges, widths, alternatives, and relations to other things, on polygons of a scene."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS
from shapely.geometry import LineString, Point, Polygon, box

from mtrs_geo.detect.scene_geometry import nearest_m
from mtrs_geo.detect.scene_rules import apply_scene_rules, warnings_of_lines
from mtrs_geo.grid import Grid
from mtrs_geo.query import ChangeQuery

UTM = CRS.from_epsg(32633)
EAST, NORTH = 500_000.0, 5_500_000.0
GRID = Grid(UTM, Affine(1, 0, EAST, 0, -1, NORTH + 900), (900, 900))


def rectangle(x: float, y: float, width: float, height: float) -> Polygon:
    return box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def layer(*shapes: Polygon) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes), crs=UTM).to_crs(4326)


SHAPES = {
    "nw": rectangle(100, 700, 60, 60),
    "ne corner": rectangle(800, 800, 10, 10),
    "centre": rectangle(460, 400, 40, 40),
    "sw long": rectangle(120, 120, 200, 5),
    "se": rectangle(600, 150, 30, 30),
    "e edge": rectangle(860, 440, 25, 25),
}


def names_after(text: str, **references: gpd.GeoDataFrame) -> list[str]:
    frame = gpd.GeoDataFrame({"name": list(SHAPES)}, geometry=list(SHAPES.values()), crs=UTM)
    frame = frame.assign(area_m2=frame.area).to_crs(4326)
    layers = {name.replace("_", " "): found for name, found in references.items()}
    return list(apply_scene_rules(ChangeQuery.parse(text), frame, GRID, layers)["name"])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("the second largest change", ["centre"]),
        ("the 9th largest change", []),
        ("the northernmost change", ["ne corner"]),
        ("the two southernmost changes", ["sw long", "se"]),
        ("the easternmost change", ["e edge"]),
        ("the change furthest west", ["nw"]),
        ("the widest change", ["nw"]),
        ("the narrowest change", ["sw long"]),
        ("changes at least 35 m wide", ["nw", "centre"]),
        ("changes narrower than 6 m", ["sw long"]),
        ("changes at the edge of the image", ["e edge"]),
        ("changes in any of the corners", ["nw", "ne corner", "sw long", "se"]),
        ("changes in the north-west or in the south-east", ["nw", "centre", "se"]),
        ("changes of about 1000 m²", ["sw long", "se"]),
    ],
)
def test_rules_select_these_polygons(text: str, names: list[str]) -> None:
    assert sorted(names_after(text)) == sorted(names)


def test_either_of_two_things_is_enough() -> None:
    road, river = layer(rectangle(90, 700, 5, 60)), layer(rectangle(600, 185, 30, 5))
    text = "changes near the road or the river"
    assert names_after(text, road=road, river=river) == ["nw", "se"]


def test_touching_is_up_to_five_metres() -> None:
    road = layer(rectangle(163, 700, 5, 60), rectangle(507, 400, 5, 40))
    assert names_after("changes adjoining the road", road=road) == ["nw"]
    assert names_after("changes along the road", road=road) == ["nw", "centre"]


def test_inside_means_more_than_half_and_counts_gaps() -> None:
    half = rectangle(100, 700, 29, 60)
    clearing = rectangle(400, 340, 160, 160).difference(rectangle(455, 395, 50, 50))
    forest = layer(half, clearing)
    assert names_after("changes inside the forest", forest=forest) == ["centre"]
    assert names_after("changes situated on the forest", forest=forest) == []
    wider = layer(rectangle(100, 700, 31, 60))
    assert names_after("changes inside the forest", forest=wider) == ["nw"]
    rows = layer(rectangle(590, 140, 15, 50), rectangle(626, 140, 15, 50))
    assert names_after("changes among the rows", rows=rows) == list(SHAPES)
    assert names_after("changes surrounded by rows", rows=rows) == ["se"]


def test_near_but_not_on() -> None:
    road = layer(rectangle(110, 690, 45, 80), rectangle(505, 400, 5, 40))
    assert names_after("felled trees near the road", road=road) == ["nw", "centre"]
    assert names_after("felled trees close to but not on the road", road=road) == ["centre"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("the change closest to the road", ["centre"]),
        ("the two changes closest to the road", ["centre", "nw"]),
        ("the second closest change to the road", ["nw"]),
        ("the change farthest from the road", ["ne corner"]),
        ("changes except the nearest to the road",
         ["nw", "ne corner", "sw long", "se", "e edge"]),
        ("changes outside the road", ["nw", "ne corner", "centre", "sw long", "se", "e edge"]),
    ],
)  # fmt: skip
def test_ranks_by_the_distance_to_another_thing(text: str, names: list[str]) -> None:
    road = layer(rectangle(50, 500, 400, 10))
    assert names_after(text, road=road) == names


def test_nothing_is_the_nearest_to_a_thing_that_is_nowhere() -> None:
    nowhere = layer(rectangle(0, 0, 1, 1)).iloc[:0]
    assert names_after("the change closest to the road", road=nowhere) == []
    assert names_after("the change farthest from the road", road=nowhere) == []


def test_what_is_outside_another_thing() -> None:
    park = layer(rectangle(0, 0, 450, 900))
    assert names_after("changes inside the park", park=park) == ["nw", "sw long"]
    outside = ["ne corner", "centre", "se", "e edge"]
    assert names_after("changes outside the park", park=park) == outside
    assert names_after("changes outside the park", park=park.iloc[:0]) == list(SHAPES)


def test_a_polygon_is_not_near_itself() -> None:
    """The land cover of the later date has the new houses, with outlines of its own."""
    houses = layer(rectangle(102, 702, 60, 60), rectangle(470, 452, 20, 20))
    text = "new houses within 20 m of another house"
    assert names_after(text, house=houses) == ["centre"]
    away = names_after("new houses farther than 20 m from another house", house=houses)
    assert away == [name for name in SHAPES if name != "centre"]
    # What disappeared is not in the land cover of the later date.
    assert names_after("felled trees within 20 m of a house", house=houses) == ["nw", "centre"]
    assert names_after("demolished houses within 20 m of a house", house=houses) == ["centre"]
    # A thing that merely overlaps is another thing: a pond in a meadow, a meadow with a pond.
    pond, meadow = layer(rectangle(110, 710, 10, 10)), layer(rectangle(0, 600, 300, 300))
    assert names_after("changes within 5 m of the pond", pond=pond) == ["nw"]
    assert names_after("changes within 5 m of the meadow", meadow=meadow) == ["nw"]


def test_a_bare_noun_is_excepted_in_both_directions() -> None:
    new, removed = layer(SHAPES["nw"]), layer(SHAPES["se"])
    rest = [name for name in SHAPES if name not in {"nw", "se"}]
    answers = {"new_roads": new, "removed_roads": removed}
    assert names_after("everything except roads", **answers) == rest
    assert names_after("everything except roads", roads=new) == [n for n in SHAPES if n != "nw"]


def test_a_run_asks_for_both_directions_of_an_exception(tmp_path: object) -> None:
    import rasterio

    from mtrs_geo import detect_changes
    from mtrs_geo.models import BrightnessSegmenter

    class Roads(BrightnessSegmenter):
        """Any change is brightness; new roads are in the west of a tile, removed ones nowhere."""

        def predict_tiles(self, images: np.ndarray, texts: Sequence[str]) -> np.ndarray:
            answer = super().predict_tiles(images, texts).copy()
            for i, text in enumerate(texts):
                if text == "removed roads":
                    answer[:, i] = 0
                elif text == "new roads":
                    answer[:, i, :, 32:] = 0
            return answer

    images = np.full((2, 3, 64, 64), 60, np.uint8)
    images[1, :, 10:20, 10:20] = images[1, :, 10:20, 44:54] = 250
    paths = []
    for date, image in enumerate(images):
        paths.append(f"{tmp_path}/town_{2016 + date}.tif")
        profile = {"driver": "GTiff", "width": 64, "height": 64, "count": 3, "dtype": "uint8"}
        transform = Affine(1, 0, EAST, 0, -1, NORTH)
        with rasterio.open(paths[-1], "w", crs=UTM, transform=transform, **profile) as file:
            file.write(image)
    texts = ["everything", "everything except roads"]
    result = detect_changes(*paths, texts, model=Roads(), min_area_m2=0)
    assert list(result.report.polygons.values()) == [2, 1]
    assert not any("found no" in warning for warning in result.report.warnings)


def nearest_one_by_one(shapes: np.ndarray, things: np.ndarray) -> list[float]:
    found = []
    for shape in shapes:
        common = shapely.area(shapely.intersection(shape, things))
        is_own = common > 0.5 * np.maximum(shapely.area(things), shape.area)
        found.append(float(shapely.distance(shape, things[~is_own]).min(initial=np.inf)))
    return found


@pytest.mark.parametrize(("count", "side_m"), [(1, 50), (3, 5000), (40, 200), (60, 100_000)])
def test_the_nearest_other_thing_is_found_near_and_far(count: int, side_m: float) -> None:
    x, y = np.random.default_rng(count).uniform(0, side_m, (2, count))
    houses = shapely.box(x, y, x + 10, y + 10)
    things = np.append(houses, houses[:5])  # some are in the layer twice
    shapes = shapely.box(x + 1, y + 1, x + 11, y + 11)[: count // 2 + 1]
    expected = nearest_one_by_one(shapes, things)
    np.testing.assert_array_equal(nearest_m(shapes, things, has_itself=True), expected)


def test_long_sides_of_another_crs_stay_in_place() -> None:
    """A parallel of 70 km is 100 m off the straight line between its ends."""
    west, south, east, north = gpd.GeoSeries([box(*GRID.bounds)], crs=UTM).to_crs(4326).total_bounds
    lat = (south + north) / 2
    border = LineString([(west - 0.5, lat), (east + 0.5, lat)])
    park = box(west - 0.5, lat, east + 0.5, lat + 1)
    border, park = (gpd.GeoDataFrame(geometry=[shape], crs=4326) for shape in (border, park))
    upper = ["nw", "ne corner", "e edge"]
    for crs in (4326, 3857):
        assert names_after("changes within 12 m of the border", border=border.to_crs(crs)) == [
            "centre", "e edge",
        ]  # fmt: skip
        assert names_after("changes outside the park", park=park.to_crs(crs)) == [
            name for name in SHAPES if name not in upper
        ]


def test_a_sea_around_the_earth_is_where_it_is() -> None:
    """The opposite point of the Earth lies in it."""
    west, south, east, north = gpd.GeoSeries([box(*GRID.bounds)], crs=UTM).to_crs(4326).total_bounds
    middle = (south + north) / 2
    sea = gpd.GeoDataFrame(
        geometry=[box(-180, -90, 180, 90) - box(west - 1, middle, east + 1, north + 1)], crs=4326
    )
    on_the_sea = ["centre", "sw long", "se"]
    assert names_after("changes situated on the sea", sea=sea) == on_the_sea
    assert names_after("changes within 1 m of the sea", sea=sea) == [*on_the_sea, "e edge"]


@pytest.mark.parametrize(
    ("text", "is_warned"),
    [
        ("changes inside the road", True),
        ("changes except road", True),
        ("changes near but not on the road", True),
        ("changes except those inside the road", True),
        ("changes near the road", False),
        ("the change nearest to the road", False),
    ],
)
def test_a_layer_of_lines_has_nothing_in_it(text: str, is_warned: bool) -> None:
    road, query = LineString([(EAST, NORTH), (EAST + 900, NORTH)]), ChangeQuery.parse(text)
    lines = gpd.GeoDataFrame(geometry=[road, Point(EAST, NORTH)], crs=UTM)
    found = warnings_of_lines([query], {"road": lines})
    assert bool(found) is is_warned
    assert all("'road' has lines or points" in warning for warning in found)
    areas = gpd.GeoDataFrame(geometry=[road, road.buffer(3)], crs=UTM)
    assert warnings_of_lines([query], {"road": areas}) == []
