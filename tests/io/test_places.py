"""Rasters in a local CRS, and rasters at the 180° meridian."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from pyproj import CRS, Transformer
from rasterio.warp import reproject

from mtrs_geo import detect_changes
from mtrs_geo.antimeridian import (
    centroids_in_degrees,
    copies_within,
    near_longitude,
    split_at_antimeridian,
    with_meridian_inside,
)
from mtrs_geo.errors import GridError, MTRSGeoError, RasterError
from mtrs_geo.grid import Grid
from mtrs_geo.vectorize.geodesic import EllipsoidMeter

CHEAP: dict[str, Any] = {"model": "brightness", "threshold": 0.25, "overwrite": True}
LOCAL = 'LOCAL_CS["Local Coordinates (m)",UNIT["metre",1]]'
LOCAL_FEET = 'LOCAL_CS["Site",UNIT["foot",0.3048]]'
PLACE_IN_DEGREES = Affine(1e-5, 0, 13, 0, -1e-5, 52)
SIDE_PX, ROW_STARTS = 20, (30, 85, 140, 195)


def squares() -> tuple[np.ndarray, np.ndarray]:
    """Return a grey scene and the same with 8 bright squares of 20 pixels, (3, 256, 256)."""
    before = np.random.default_rng(0).integers(70, 90, (3, 256, 256)).astype(np.uint8)
    after = before.copy()
    for i, row in enumerate(ROW_STARTS):
        for j, col in enumerate(ROW_STARTS):
            if (i + j) % 2:
                after[:, row : row + SIDE_PX, col : col + SIDE_PX] = 220
    return before, after


def write(path: Path, values: np.ndarray, transform: Affine, crs: object, **extra: Any) -> str:
    count, rows, cols = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", count=count, height=rows, width=cols, dtype=values.dtype,
        crs=crs, transform=transform, **extra,
    ) as file:  # fmt: skip
        file.write(values)
    return str(path)


def pair(folder: Path, transform: Affine, crs: object) -> tuple[str, str]:
    before, after = squares()
    return (
        write(folder / "a_2016.tif", before, transform, crs),
        write(folder / "b_2020.tif", after, transform, crs),
    )


@pytest.mark.parametrize(("wkt", "unit_m"), [(LOCAL, 1.0), (LOCAL_FEET, 0.3048)])
def test_a_local_crs_is_measured_in_its_plane(tmp_path: Path, wkt: str, unit_m: float) -> None:
    paths = pair(tmp_path, Affine(0.5, 0, 100, 0, -0.5, 200), wkt)
    options = {**CHEAP, "min_area_m2": 0}
    result = detect_changes(*paths, "x", output=tmp_path / "c.gpkg", **options)
    assert len(result.polygons) == 8
    assert result.report.gsd_m == pytest.approx(0.5 * unit_m, abs=1e-4)
    np.testing.assert_allclose(result.polygons.area_m2, (SIDE_PX * 0.5 * unit_m) ** 2, rtol=0.02)
    ranked = detect_changes(*paths, "the 2 largest new buildings", **options)
    assert len(ranked.polygons) == 2
    assert len(gpd.read_file(tmp_path / "c.gpkg", layer="changes")) == 8


def test_what_a_local_crs_cannot_do_is_refused_before_the_model_is_loaded(tmp_path: Path) -> None:
    def load() -> Any:
        pytest.fail("the model was loaded")

    paths = pair(tmp_path, Affine(0.5, 0, 100, 0, -0.5, 200), LOCAL)
    elsewhere = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs=4326)
    wrong: list[dict[str, Any]] = [
        {"output": tmp_path / "c.geojson"},
        {"output": tmp_path / "c.gpkg", "output_crs": "EPSG:4326"},
        {"output_crs": "EPSG:32633"},
        {"aoi": "0,0,1,1,EPSG:4326"},
        {"references": {"river": elsewhere}},
    ]
    for options in wrong:
        with pytest.raises(MTRSGeoError, match="Local Coordinates"):
            detect_changes(*paths, "x", **{**CHEAP, **options, "model": load})
    with pytest.raises(MTRSGeoError, match="do not overlap"):
        detect_changes(*paths, "x", aoi=(0, 0, 1, 1), **CHEAP)
    other = write(tmp_path / "c.tif", squares()[0], Affine(0.5, 0, 6e5, 0, -0.5, 3e6), "EPSG:32614")
    with pytest.raises(
        GridError, match=r"\(Local Coordinates.* to EPSG:32614: one of them is a loc"
    ):
        detect_changes(paths[0], other, "x", **CHEAP)


def test_a_local_crs_without_a_unit_of_length_is_refused() -> None:
    grid = Grid(CRS('LOCAL_CS["Scan",UNIT["pixel",1]]'), Affine(1, 0, 0, 0, -1, 256), (256, 256))
    for measure in (grid.pixel_size_m, lambda: EllipsoidMeter(grid)):
        with pytest.raises(GridError, match=r"unit 'pixel': no area in m² can be measured"):
            measure()


def at_180(folder: Path, epsg: int = 32760) -> tuple[str, str]:
    """Write a pair in a projected CRS; 180° runs through squares of the second column."""
    x, y = Transformer.from_crs(4326, epsg, always_xy=True).transform(180, -17)
    return pair(folder, Affine(0.5, 0, x - 47.5, 0, -0.5, y + 64), f"EPSG:{epsg}")


def in_degrees(source: str, left: float) -> str:
    """Return a raster warped to degrees, with longitudes from ``left`` on."""
    transform = Affine(5e-6, 0, 179.9993, 0, -5e-6, -16.9994)
    values = np.zeros((3, 256, 256), np.uint8)
    with rasterio.open(source) as file:
        reproject(
            file.read(), values, src_transform=file.transform, src_crs=file.crs,
            dst_transform=transform, dst_crs="EPSG:4326",
        )  # fmt: skip
    target = Path(source).with_name(f"{Path(source).stem}_{left:.0f}.tif")
    shifted = Affine(5e-6, 0, left, 0, -5e-6, -16.9994)
    return write(target, values, shifted, "EPSG:4326", nodata=0)


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "parquet", "fgb"])
@pytest.mark.parametrize("epsg", [32760, 3832])
def test_polygons_in_degrees_are_cut_at_180(tmp_path: Path, suffix: str, epsg: int) -> None:
    path = tmp_path / f"c.{suffix}"
    result = detect_changes(
        *at_180(tmp_path, epsg), "x", output=path, output_crs="EPSG:4326", **CHEAP
    )
    table = gpd.read_parquet(path) if suffix == "parquet" else gpd.read_file(path)
    for frame in (table, result.polygons):
        parts = frame.geometry.explode()
        assert len(frame) == 8
        assert len(parts) == 10  # two squares lie on both sides
        assert (parts.bounds.maxx - parts.bounds.minx).max() < 2e-4
        assert np.abs(parts.bounds[["minx", "maxx"]].to_numpy()).max() <= 180
        metric = frame.to_crs(32760).area.sum()
        assert frame.area_m2.sum() == pytest.approx(metric, rel=2e-3)


def test_centroids_of_polygons_across_180_are_on_them(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    options = {"output_crs": "EPSG:4326", "csv_geometry": "centroid", **CHEAP}
    result = detect_changes(*at_180(tmp_path), "x", output=path, **options)
    shapes = result.table.read().geometry  # in the CRS of the rasters, which has no cut
    table = pd.read_csv(path)
    points = gpd.GeoSeries.from_xy(table.longitude, table.latitude, crs=4326).to_crs(32760)
    assert (points.distance(shapes.centroid) < 0.01).all()


def test_centroids_at_any_latitude() -> None:
    for lat in (-89, -40, -0.0005, 30, 85):
        ring = shapely.Polygon([(179.999, lat), (-179.998, lat), (-179.998, lat + 0.001),
                                (179.999, lat + 0.001)])  # fmt: skip
        cut = split_at_antimeridian(np.array([ring]))
        assert centroids_in_degrees(cut)[0] == pytest.approx([-179.9995, lat + 0.0005], abs=1e-7)
    polar = CRS("EPSG:3413")
    around = gpd.GeoSeries([shapely.box(-200, -100, 1000, 500)], crs=polar).segmentize(10)
    cap = split_at_antimeridian(np.asarray(around.to_crs(4326).array))
    found = gpd.GeoSeries.from_xy(*centroids_in_degrees(cap).T, crs=4326).to_crs(polar)
    assert found.distance(around.centroid)[0] < 1


@pytest.mark.parametrize("left", [179.9993, -180.0007])
def test_rasters_in_degrees_around_180_overlap_the_others(tmp_path: Path, left: float) -> None:
    before, after = at_180(tmp_path)
    first = in_degrees(before, 179.9993)
    second = in_degrees(after, left)
    expected = detect_changes(before, after, "x", **CHEAP).polygons
    for earlier, later, grid in (
        (before, second, "before"), (before, second, "after"), (first, after, "after"),
        (first, second, "after"), (first, second, "before"),
    ):  # fmt: skip
        found = detect_changes(earlier, later, "x", grid=grid, **CHEAP)
        assert len(found.polygons) == len(expected), (earlier, later, grid)
        assert found.polygons.area_m2.sum() == pytest.approx(expected.area_m2.sum(), rel=0.1)
        assert not found.report.warnings


@pytest.mark.parametrize(
    "aoi",
    [
        "179.9998,-17.001,180.0002,-16.999,EPSG:4326",
        "179.9998,-17.001,-179.9998,-16.999,EPSG:4326",
        {
            "type": "MultiPolygon",
            "coordinates": [
                [[[179.9998, -17.001], [180, -17.001], [180, -16.999], [179.9998, -16.999],
                  [179.9998, -17.001]]],
                [[[-180, -17.001], [-179.9998, -17.001], [-179.9998, -16.999], [-180, -16.999],
                  [-180, -17.001]]],
            ],
        },
    ],
)  # fmt: skip
def test_areas_of_interest_cross_180(tmp_path: Path, aoi: Any) -> None:
    before, after = at_180(tmp_path)
    expected = detect_changes(
        before, after, "x", **CHEAP, aoi="179.9998,-17.001,180.0002,-16.999,EPSG:4326"
    )
    first, second = in_degrees(before, 179.9993), in_degrees(after, -180.0007)
    for paths in ((before, after), (first, second)):
        result = detect_changes(*paths, "x", aoi=aoi, **CHEAP)
        assert result.polygons.area_m2.sum() == pytest.approx(
            expected.polygons.area_m2.sum(), rel=0.1
        )


def test_longitudes_are_moved_by_whole_turns() -> None:
    assert near_longitude((-180.5, 0, -179.5, 1), 180.2) == (179.5, 0, 180.5, 1)
    assert near_longitude((179, 0, -179, 1), 0) == (179, 0, 181, 1)
    assert near_longitude((10, 0, 20, 1), 15) == (10, 0, 20, 1)
    world = shapely.box(-180, -90, 180, 90)
    assert copies_within(world, (179, -1, 181, 1)).contains(shapely.box(179, -1, 181, 1))
    inside = np.array([shapely.box(1, 1, 2, 2)])
    assert split_at_antimeridian(inside)[0] is inside[0]
    ring = shapely.Polygon([(179, 0), (-179, 0), (-179, 2), (179, 2)])
    (cut,) = split_at_antimeridian(np.array([ring]))
    assert cut.equals(
        shapely.union_all([shapely.box(179, 0, 180, 2), shapely.box(-180, 0, -179, 2)])
    )
    (moved,) = split_at_antimeridian(np.array([shapely.box(190, 0, 200, 1)]))
    assert moved.bounds == (-170, 0, -160, 1)


@pytest.mark.parametrize("crs", ["EPSG:4979", "EPSG:4326+5773"])
def test_heights_of_a_crs_in_degrees_are_left_out(crs: str) -> None:
    wkt, transform = with_meridian_inside(CRS(crs), PLACE_IN_DEGREES, 100)
    assert CRS(wkt).is_geographic
    assert len(CRS(wkt).axis_info) == 2
    assert transform == PLACE_IN_DEGREES


def test_a_crs_without_a_map_is_refused(tmp_path: Path) -> None:
    before, after = squares()
    plain = write(tmp_path / "a.tif", before, Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000), 32614)
    other = write(tmp_path / "b.tif", after, Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000), 4978)
    with pytest.raises(RasterError, match=r"b\.tif is in .* has no horizontal coordinates"):
        detect_changes(plain, other, "x", **CHEAP)


def test_areas_across_180_are_measured_on_the_ellipsoid() -> None:
    size = Affine.translation(179.999, 0) @ Affine.scale(1e-5, -1e-5)
    here = EllipsoidMeter(Grid(CRS(4326), size, (200, 200)))
    box = np.array([shapely.box(179.9995, -0.001, 180.0005, 0)])
    away = np.array([shapely.box(9.9995, -0.001, 10.0005, 0)])
    np.testing.assert_allclose(
        here.areas_and_perimeters_m(box)[0], here.areas_and_perimeters_m(away)[0], rtol=1e-6
    )
