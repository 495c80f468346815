"""Names of rasters and layers with any character, and files with several layers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from command_server import run_command

from mtrs_geo import detect_changes
from mtrs_geo.errors import MTRSGeoError, OutputError, VectorError
from mtrs_geo.io.inputs.layers import split_layer
from mtrs_geo.io.vector import read_vector

CHEAP: dict[str, Any] = {"model": "brightness", "threshold": 0.25}
NAMES = [
    "a b", "ort#1", "what?", "!old", "x!y", "a;b", "50%25", "O'Brien \"n\"", "Größe_оса_東京",
    "file[1]", "-dash", "new\nline", "tab\t", "a&<b>", "x" * 240,
]  # fmt: skip
ZONE = shapely.box(620_000, 3_349_900, 620_064, 3_350_000)


def raster(path: Path, **extra: Any) -> Path:
    values = np.random.default_rng(0).integers(1, 250, (3, 256, 256), np.uint8)
    with rasterio.open(
        path, "w", driver="GTiff", count=3, height=256, width=256, dtype="uint8",
        crs="EPSG:32614", transform=Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000), **extra,
    ) as file:  # fmt: skip
        file.write(values)
    return path


def layer(*shapes: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes), crs="EPSG:32614")


def stored(folder: Path, name: str, suffix: str) -> Path:
    """Write an area of interest under a plain name and give it another one."""
    layer(ZONE).to_file(folder.parent / f"plain.{suffix}")
    for part in sorted(folder.parent.glob("plain.*")):
        part.rename(folder / f"{name}{part.suffix}")
    return folder / f"{name}.{suffix}"


@pytest.mark.parametrize("name", NAMES)
def test_inputs_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    before = raster(folder / f"{name}.tif", alpha="NO")
    for suffix in ("gpkg", "shp", "geojson", "fgb"):
        area = stored(folder, name, suffix)
        assert read_vector(area).geometry[0].equals(ZONE)
    result = detect_changes(
        before, str(before), "new houses within 5 m of the river", aoi=area,
        references={"river": str(area)}, **CHEAP,
    )  # fmt: skip
    assert result.report.shape == (200, 128)


@pytest.mark.parametrize("name", ["new\nline", "a&<b>", "x;y!z"])
def test_rasters_that_are_opened_through_a_vrt_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.tif"
    values = np.random.default_rng(0).integers(1, 250, (1, 256, 256)).astype("float32")
    values[:, :60] = -9999
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=256, width=256, dtype="float32",
        crs="EPSG:32614", transform=Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000),
    ) as file:  # fmt: skip
        file.write(values)
    report = detect_changes(path, path, "x", **CHEAP).report
    assert any("-9999" in text for text in report.warnings)


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    path = tmp_path / "areas.gpkg"
    layer(ZONE).to_file(path, layer="zones")
    layer(ZONE.buffer(-10)).to_file(path, layer="inner zones")
    return path


def test_a_file_with_several_layers_lists_them(tmp_path: Path, zones: Path) -> None:
    before = raster(tmp_path / "a.tif")
    lists = r"areas\.gpkg has 2 layers: zones, inner zones\. .*\|layername=zones"
    with pytest.raises(VectorError, match=lists):
        detect_changes(before, before, "x", aoi=zones, **CHEAP)
    with pytest.raises(VectorError, match=lists):
        detect_changes(
            before, before, "new houses near the river", references={"river": zones}, **CHEAP
        )
    with pytest.raises(VectorError, match="cannot be read as a vector layer"):
        detect_changes(before, before, "x", aoi=f"{zones}|layername=none", **CHEAP)
    with pytest.raises(VectorError, match=r'"\|subset=a = 1" is not understood'):
        detect_changes(before, before, "x", aoi=f"{zones}|subset=a = 1", **CHEAP)


def test_a_layer_is_chosen_as_in_qgis(tmp_path: Path, zones: Path) -> None:
    before = raster(tmp_path / "a.tif")
    shapes = [
        detect_changes(before, before, "x", aoi=f"{zones}|layername={name}", **CHEAP).report.shape
        for name in ("zones", "inner zones")
    ]
    assert shapes == [(200, 128), (160, 88)]
    assert len(read_vector(zones, "zones")) == 1
    with pytest.raises(OutputError, match="also an input"):
        detect_changes(
            before, before, "x", aoi=f"{zones}|layername=zones", output=zones, overwrite=True,
            **CHEAP,
        )  # fmt: skip


def test_a_file_with_a_bar_in_its_name_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a|layername=b.geojson"
    layer(ZONE).to_crs(4326).to_file(tmp_path / "plain.geojson")
    (tmp_path / "plain.geojson").rename(path)
    assert split_layer(str(path)) == (str(path), None)
    assert len(read_vector(path)) == 1


@pytest.mark.parametrize("suffix", ["parquet", "geoparquet", "GeoParquet"])
def test_geoparquet_may_have_either_suffix(tmp_path: Path, suffix: str) -> None:
    layer(ZONE).to_parquet(tmp_path / f"a.{suffix}")
    assert read_vector(tmp_path / f"a.{suffix}").geometry[0].equals(ZONE)


def test_styles_of_a_geopackage_are_not_a_layer(tmp_path: Path) -> None:
    before = raster(tmp_path / "a.tif")
    detect_changes(before, before, "x", output=tmp_path / "c.gpkg", **CHEAP)
    assert len(read_vector(tmp_path / "c.gpkg")) == 0


def test_the_command_line_shows_the_layers(tmp_path: Path, zones: Path) -> None:
    before = raster(tmp_path / "a.tif")
    options = "--aoi", zones, "-o", tmp_path / "c.gpkg", "--model", "brightness"
    done = run_command("detect", before, before, "x", *options)
    assert done.returncode == 1
    assert "zones, inner zones" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert issubclass(VectorError, MTRSGeoError)


def test_attributes_in_another_encoding_do_not_matter_for_an_area(tmp_path: Path) -> None:
    path = tmp_path / "zones.shp"
    zones = layer(ZONE).assign(name="Größe")
    zones.to_file(path, encoding="ISO-8859-1")
    path.with_suffix(".cpg").write_text("UTF-8")
    with pytest.raises(VectorError, match=r"not in UTF-8 .*encoding; .* \.cpg"):
        read_vector(path)
    assert read_vector(path, columns=()).geometry[0].equals(ZONE)
    before = raster(tmp_path / "a.tif")
    query = "new houses within 5 m of the river"
    detect_changes(before, before, query, aoi=path, references={"river": path}, **CHEAP)


@pytest.mark.parametrize("kind", ["TIN", "PolyhedralSurface", "Triangle"])
def test_surfaces_in_3d_are_refused_with_the_way_to_polygons(tmp_path: Path, kind: str) -> None:
    ring = "((620000 3350000 1, 620050 3350000 1, 620000 3349950 1, 620000 3350000 1))"
    path = tmp_path / "faces.csv"
    path.write_text(f'WKT\n"{kind} Z {ring if kind == "Triangle" else f"({ring})"}"\n')
    with pytest.raises(VectorError, match=f"holds {kind} geometry") as error:
        read_vector(path)
    assert f"-nlt MULTIPOLYGON -dim XY polygons.gpkg {path}" in error.value.advice
