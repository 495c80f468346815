from __future__ import annotations

import geopandas
import pytest
from affine import Affine
from pyproj import CRS
from shapely.geometry import box

from mtrs_geo.grid import Grid
from mtrs_geo.query import ChangeQuery
from mtrs_geo.scene_rules import scene_rules

GRID = Grid(CRS.from_epsg(32614), Affine(1, 0, 600_000, 0, -1, 3_300_300), (300, 300))


def place(x: float, y: float, width: float, height: float):
    """A box with its lower left corner at (x, y) metres from the scene's."""
    return box(600_000 + x, 3_300_000 + y, 600_000 + x + width, 3_300_000 + y + height)


POLYGONS = {
    "nw": place(20, 250, 10, 10),  # 100 m²
    "ne": place(250, 240, 20, 30),  # 600 m²
    "centre": place(140, 130, 20, 20),  # 400 m²
    "sw": place(10, 10, 80, 5),  # 400 m², long
    "se": place(270, 20, 15, 15),  # 225 m²
}


def frame(crs: str = "EPSG:32614") -> geopandas.GeoDataFrame:
    table = geopandas.GeoDataFrame(
        {"name": list(POLYGONS)}, geometry=list(POLYGONS.values()), crs="EPSG:32614"
    )
    table["area_m2"] = table.area
    return table.to_crs(crs)


def road() -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(geometry=[place(0, 120, 300, 4)], crs="EPSG:32614")


CASES = [
    ("x", ["nw", "ne", "centre", "sw", "se"]),
    ("x in the north", ["nw", "ne"]),
    ("x in the south-east", ["se"]),
    ("x in the centre", ["centre"]),
    ("the largest x", ["ne"]),
    ("the two largest x in the south", ["sw", "se"]),
    ("the 2 smallest x", ["nw", "se"]),
    ("the longest x", ["sw"]),
    ("x larger than 300 m²", ["ne", "centre", "sw"]),
    ("x between 200 and 500 m²", ["centre", "sw", "se"]),
    ("x longer than 50 m", ["sw"]),
    ("x within 30 m of the road", ["centre"]),
    ("x farther than 110 m from the road", ["nw", "ne"]),
    ("x except those in the north", ["centre", "sw", "se"]),
    ("x except the largest", ["nw", "centre", "sw", "se"]),
    ("x except sheds", ["nw", "ne", "centre", "sw"]),
    ("x except sheds in the north", ["nw", "ne", "centre", "sw", "se"]),
    ("the largest x except those in the north", ["sw"]),
]


@pytest.mark.parametrize(("text", "kept"), CASES, ids=[case[0] for case in CASES])
def test_rules(text: str, kept: list[str]) -> None:
    sheds = frame()[frame()["name"] == "se"]
    found = scene_rules(ChangeQuery.parse(text), frame(), GRID, {"road": road(), "sheds": sheds})
    assert sorted(found["name"]) == sorted(kept)


def test_ranked_by_size() -> None:
    found = scene_rules(ChangeQuery.parse("the three largest x"), frame(), GRID, {})
    assert found["name"].iloc[0] == "ne"
    assert list(found["area_m2"]) == sorted(found["area_m2"], reverse=True)


def test_metres_are_true_in_degrees() -> None:
    bounds = frame("EPSG:4326").total_bounds
    span = (bounds[2] - bounds[0]) / 260 * 300
    grid = Grid(
        CRS.from_epsg(4326), Affine(span / 300, 0, bounds[0], 0, -span / 300, bounds[3]), (300, 300)
    )
    query = ChangeQuery.parse("x within 30 m of the road")
    found = scene_rules(query, frame("EPSG:4326"), grid, {"road": road()})
    assert list(found["name"]) == ["centre"]
    assert (
        len(scene_rules(ChangeQuery.parse("x longer than 79 m"), frame("EPSG:4326"), grid, {})) == 1
    )


def test_nothing_in_nothing_out() -> None:
    empty = frame().iloc[:0]
    query = ChangeQuery.parse("the largest x in the north within 5 m of the road except sheds")
    assert scene_rules(query, empty, GRID, {"road": road(), "sheds": frame()}).empty
