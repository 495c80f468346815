"""Layers of the things that a sentence refers to: what they may be, and where."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pytest
import shapely
from affine import Affine
from pyproj import CRS
from shapely.geometry import mapping

from mtrs_geo.errors import GridError, VectorError
from mtrs_geo.grid import Grid
from mtrs_geo.io.inputs.reference_layers import read_reference, reference_warning

UTM = "EPSG:32614"
GRID = Grid(CRS(UTM), Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000), (256, 256))
RIVER = shapely.LineString([(620_000, 3_349_960), (620_128, 3_349_960)])
DEGREES = gpd.GeoSeries([RIVER], crs=UTM).to_crs(4326)[0]
EXCHANGED = shapely.transform(DEGREES, lambda points: points[:, ::-1])


def warning_of(given: Any, grid: Grid = GRID) -> str | None:
    return reference_warning(read_reference(given, grid, "river"), grid, "river")


class Described:
    __geo_interface__ = mapping(DEGREES)


@pytest.mark.parametrize(
    "given",
    [
        RIVER,
        [RIVER],
        gpd.GeoSeries([RIVER], crs=UTM),
        gpd.GeoDataFrame(geometry=[None, DEGREES], crs=4326),
        mapping(DEGREES),
        {"type": "Feature", "properties": {}, "geometry": mapping(DEGREES)},
        Described(),
    ],
)
def test_a_layer_in_memory_is_read_as_an_area_is(given: Any) -> None:
    layer = read_reference(given, GRID, "river")
    found = layer.to_crs(UTM).geometry.dropna().iloc[0]
    assert found.hausdorff_distance(RIVER) < 0.01
    assert warning_of(given) is None


@pytest.mark.parametrize("given", [3, None, [1, 2], {"river": 1}, "no_such_file.gpkg"])
def test_other_things_are_refused(given: Any) -> None:
    with pytest.raises(VectorError) as caught:
        read_reference(given, GRID, "river")
    assert caught.value.advice


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_coordinates_that_are_no_numbers_are_refused(number: float) -> None:
    given = [RIVER, shapely.LineString([(620_000, 3_349_960), (number, 3_349_960)])]
    with pytest.raises(VectorError, match=r"1 features of the layer of 'river' .* feature 2"):
        read_reference(given, GRID, "river")


def test_a_layer_without_a_crs_is_refused() -> None:
    with pytest.raises(VectorError, match="'river' has no CRS"):
        read_reference(gpd.GeoSeries([RIVER]), GRID, "river")


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        (gpd.GeoSeries([EXCHANGED], crs=4326), "have the latitude first"),
        (gpd.GeoSeries([RIVER], crs=4326), "are not degrees: assign the CRS"),
        (gpd.GeoSeries([DEGREES], crs=UTM), "are degrees and are read as WGS 84 / UTM zone 14N"),
        (EXCHANGED, "are degrees and are read as WGS 84 / UTM zone 14N"),
    ],
)
def test_a_layer_in_a_wrong_crs_is_refused(given: Any, advice: str) -> None:
    with pytest.raises(GridError, match=r"'river' is not at the scene.*do not overlap") as caught:
        warning_of(given)
    assert advice in caught.value.advice


@pytest.mark.parametrize(
    ("given", "distance"),
    [
        (shapely.affinity.translate(RIVER, 0, 200), "is 160 m from it"),
        (shapely.affinity.translate(RIVER, 50_000), "is 50 km from it"),
        (gpd.GeoSeries([shapely.Point(500_000, 4_000_000)], crs=32654), "km from it"),
        # Its bounds cover the scene.
        ([shapely.affinity.translate(RIVER, x, x) for x in (-3000, 3000)], "is 4.1 km from it"),
    ],
)
def test_a_layer_elsewhere_is_named_with_its_distance(given: Any, distance: str) -> None:
    warning = warning_of(given)
    assert warning is not None
    assert "no feature of the layer of 'river' is in the scene" in warning
    assert distance in warning


@pytest.mark.parametrize(
    "given",
    [
        gpd.GeoDataFrame(geometry=[], crs=UTM),
        gpd.GeoSeries([None, shapely.Point()], crs=UTM),
        {"type": "FeatureCollection", "features": []},
    ],
)
def test_an_empty_layer_is_named(given: Any) -> None:
    assert "the layer of 'river' is empty" in str(warning_of(given))


@pytest.mark.parametrize("longitude", [-180.0, 180.0])
def test_a_layer_of_another_turn_of_longitudes_is_at_the_scene(longitude: float) -> None:
    grid = Grid(CRS(4326), Affine(1e-5, 0, longitude - 1e-3, 0, -1e-5, -16.0), (200, 200))
    line = shapely.LineString([(-179.9995, -16.001), (-179.9991, -16.001)])
    assert warning_of(mapping(line), grid) is None


def test_a_layer_of_a_local_crs_is_measured_in_its_plane() -> None:
    local = CRS('ENGCRS["Site",EDATUM["Site"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],'
                'LENGTHUNIT["foot",0.3048]]')  # fmt: skip
    grid = Grid(local, Affine(1, 0, 0, 0, -1, 100), (100, 100))
    assert warning_of(shapely.Point(50, 50), grid) is None
    assert "is 305 m from it" in str(warning_of(shapely.Point(1100, 50), grid))


@pytest.mark.parametrize(
    ("shapes", "crs", "count"),
    [
        ([RIVER, shapely.LineString([(620_000, 3_349_960), (1e10, 1e10)])], UTM, "1 feature has"),
        ([DEGREES, shapely.Point(-98, 95), shapely.Point(-98, -91)], 4326, "2 features have"),
    ],
)
def test_coordinates_that_are_no_place_are_refused(
    shapes: list[Any], crs: str | int, count: str
) -> None:
    with pytest.raises(VectorError, match=f"'river': {count} coordinates") as caught:
        warning_of(gpd.GeoSeries(shapes, crs=crs))
    assert "Delete them" in caught.value.advice
