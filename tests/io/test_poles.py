"""Polygons at a pole in degrees, and rasters in a CRS with a rotated pole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS, Transformer
from shapely import affinity

from mtrs_geo.antimeridian import split_at_antimeridian, with_meridian_inside
from mtrs_geo.errors import GridError
from mtrs_geo.io.vector import VectorWriter

HOUSE = shapely.box(-10, -7, 12, 9)
SHAPES = {
    "around the pole": HOUSE,
    "with the pole in a hole": HOUSE.difference(shapely.box(-3, -2, 3, 2)),
    "with a hole beside the pole": HOUSE.difference(shapely.box(5, 2, 7, 4)),
    "with a hole across 180°": HOUSE.difference(shapely.box(-9, 2, 9, 4)),
    "with a corner at the pole": shapely.box(0, 0, 12, 9),
    "with an inner corner at the pole": HOUSE.difference(shapely.box(0, 0, 20, 20)),
    "with a side through the pole": shapely.box(0, -5, 12, 9),
    "with another side through the pole": shapely.box(-12, -5, 10, 0),
    "beside the pole": shapely.box(2, 2, 12, 9),
    "half around the pole": shapely.box(-10, -10, 10, 10).difference(shapely.box(-5, -5, 5, 20)),
    "narrow": affinity.rotate(shapely.box(-50, -1, 50, 1), 37, origin=(0, 0)),
}


@pytest.mark.parametrize("crs", [3413, 3995, 3031])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_polygon_at_a_pole_keeps_its_inside(tmp_path: Path, shape: str, crs: int) -> None:
    polygon = SHAPES[shape]
    frame = gpd.GeoDataFrame({"id": [1]}, geometry=[polygon], crs=crs)
    columns: Any = {"id": "int64"}
    with VectorWriter(
        tmp_path / "a.fgb", crs_from=CRS(crs), crs_to="EPSG:4326", columns=columns
    ) as writer:
        writer.append(frame)
        writer.commit()
    (found,) = gpd.read_file(tmp_path / "a.fgb").geometry
    assert found.is_valid
    left, bottom, right, top = found.bounds
    assert left >= -180
    assert right <= 180
    assert max(-bottom, top) <= 90
    points = np.random.default_rng(0).uniform((-52, -52), (52, 52), (4000, 2))
    points = np.vstack([points, points / 4])
    distances = shapely.distance(shapely.points(points), polygon.boundary)
    points = points[distances > polygon.length / 400]
    to_degrees = Transformer.from_crs(crs, 4326, always_xy=True)
    np.testing.assert_array_equal(
        shapely.contains_xy(found, *to_degrees.transform(*points.T)),
        shapely.contains_xy(polygon, *points.T),
    )


def test_a_ring_that_begins_at_180_goes_around_the_pole() -> None:
    for first in (180, -180, 179.9999999999999):
        for step in (90, -90):
            ring = [((first + i * step + 180) % 360 - 180, 89) for i in range(4)]
            ring[0] = (first, 89)
            (found,) = split_at_antimeridian(np.array([shapely.Polygon(ring)]))
            cap = shapely.box(-180, 89, 180, 90)
            assert found.symmetric_difference(cap).area < 1e-6


def test_a_crs_with_a_rotated_pole_is_read() -> None:
    crs = CRS("+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=40 +lon_0=-90 +ellps=WGS84")
    place = Affine(1e-5, 0, 13, 0, -1e-5, 12)
    wkt, transform = with_meridian_inside(crs, place, 100)
    assert CRS(wkt).is_geographic
    assert transform == place
    with pytest.raises(GridError, match="longitudes of 179 to 181: beyond 180°"):
        with_meridian_inside(crs, Affine(0.02, 0, 179, 0, -0.02, 12), 100)
