from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from pyproj import CRS

from mtrs_geo.errors import OutputError, VectorError
from mtrs_geo.io.vector import CHANGE_COLUMNS, VectorWriter, read_vector

UTM = CRS(32633)
SUFFIXES = [".gpkg", ".parquet", ".fgb", ".geojson"]


def _frame(count: int, seed: int = 0, points: int = 4) -> geopandas.GeoDataFrame:
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(4e5, 4.1e5, count), rng.uniform(5.8e6, 5.81e6, count)
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    shapes = [
        shapely.Polygon(np.stack([a + 9 * np.cos(angle), b + 9 * np.sin(angle)], axis=1))
        for a, b in zip(x, y, strict=True)
    ]
    return geopandas.GeoDataFrame(
        {
            "id": np.arange(count) + seed * 1000,
            "query": ["neue Häuser, “quoted”"] * count,
            "change": ["appeared"] * count,
            "date_before": ["2019-05-01"] * count,
            "date_after": [None] * count,
            "score": rng.random(count),
            "score_mean": rng.random(count),
            "score_max": rng.random(count),
            "area_m2": rng.random(count) * 100,
            "perimeter_m": rng.random(count) * 40,
            "model": ["tiny"] * count,
            "model_version": ["1"] * count,
            "touches_edge": rng.random(count) < 0.5,
            "unfamiliar": rng.random(count) < 0.5,
        },
        geometry=shapes,
        crs=UTM,
    )


def _write(path: Path, *frames: geopandas.GeoDataFrame, **options: object) -> None:
    with VectorWriter(path, crs_from=UTM, **options) as writer:  # type: ignore[arg-type]
        for frame in frames:
            writer.append(frame)
        assert not path.exists() or options.get("overwrite")
        assert writer.commit() == path


def _interrupted(path: Path, overwrite: bool = False) -> None:
    with VectorWriter(path, crs_from=UTM, overwrite=overwrite) as writer:
        writer.append(_frame(3))
        raise KeyboardInterrupt


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_all_chunks_are_read_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"changes{suffix}"
    first, second = _frame(7, 1), _frame(5, 2)
    _write(path, first, second, crs_to=UTM)
    layer = read_vector(path).sort_values("id", ignore_index=True)
    assert os.listdir(tmp_path) == [path.name]
    assert layer.crs == UTM
    assert list(layer.columns) == [*CHANGE_COLUMNS, "geometry"]
    assert layer["id"].tolist() == [*first["id"], *second["id"]]
    assert layer["touches_edge"].tolist() == [*first["touches_edge"], *second["touches_edge"]]
    assert layer["query"][0] == first["query"][0]
    assert layer["date_after"].isna().all()
    assert layer["score_mean"].tolist() == pytest.approx([*first.score_mean, *second.score_mean])
    expected = np.concatenate([first.geometry.array, second.geometry.array])
    assert shapely.equals_exact(
        shapely.normalize(np.asarray(layer.geometry.array)), shapely.normalize(expected), 1e-6
    ).all()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_layer_without_features_is_valid(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"none{suffix}"
    _write(path, _frame(0), crs_to=UTM)
    layer = read_vector(path)
    assert len(layer) == 0
    assert layer.crs == UTM
    if suffix != ".geojson":
        assert list(layer.columns) == [*CHANGE_COLUMNS, "geometry"]


def test_geojson_follows_rfc_7946(tmp_path: Path) -> None:
    path = tmp_path / "changes.geojson"
    _write(path, _frame(3))
    document = json.loads(path.read_text())
    assert "crs" not in document
    ring = np.array(document["features"][0]["geometry"]["coordinates"][0])
    assert ((ring > (13, 52)) & (ring < (14, 53))).all()
    assert shapely.LinearRing(ring).is_ccw
    assert document["features"][0]["properties"]["touches_edge"] in (True, False)
    expected = _frame(3).to_crs(4326).geometry.array
    assert read_vector(path).geometry.array[0].equals_exact(expected[0], 1e-7, normalize=True)


def test_polygons_are_projected_to_the_output_crs(tmp_path: Path) -> None:
    path = tmp_path / "changes.gpkg"
    _write(path, _frame(4), crs_to="EPSG:3035")
    layer = read_vector(path)
    assert layer.crs == CRS(3035)
    back = np.asarray(layer.to_crs(UTM).geometry.array)
    assert shapely.hausdorff_distance(back, np.asarray(_frame(4).geometry.array)).max() < 1e-3


def test_an_unknown_output_crs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VectorError, match='"EPSG:99999" is unknown'):
        VectorWriter(tmp_path / "a.gpkg", crs_from=UTM, crs_to="EPSG:99999")
    assert os.listdir(tmp_path) == []


def test_a_custom_crs_is_stored(tmp_path: Path) -> None:
    custom = CRS("+proj=laea +lat_0=52 +lon_0=13 +ellps=GRS80 +units=m")
    for suffix in (".gpkg", ".parquet", ".fgb"):
        path = tmp_path / f"changes{suffix}"
        _write(path, _frame(2), crs_to=custom)
        assert "Lambert Azimuthal" in read_vector(path).crs.to_wkt()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_one_multipolygon_makes_all_features_multipolygons(tmp_path: Path, suffix: str) -> None:
    frame = _frame(2)
    pair = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)])
    frame.loc[1, "geometry"] = pair
    path = tmp_path / f"changes{suffix}"
    _write(path, _frame(2, 1), frame, crs_to=UTM)
    layer = read_vector(path).sort_values("id", ignore_index=True)
    assert set(layer.geometry.geom_type) == {"MultiPolygon"}
    assert layer.geometry.array[1].normalize().equals(pair)


def test_invalid_polygons_are_repaired(tmp_path: Path) -> None:
    frame = _frame(1)
    frame["geometry"] = [shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])]
    path = tmp_path / "changes.gpkg"
    _write(path, frame)
    shape = read_vector(path).geometry.array[0]
    assert shape.is_valid
    assert shape.area == pytest.approx(2)


def test_a_geopackage_has_a_default_qgis_style(tmp_path: Path) -> None:
    path = tmp_path / "changes.gpkg"
    _write(path, _frame(2), layer="buildings")
    with sqlite3.connect(path) as database:
        rows = database.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles"
        ).fetchall()
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert rows[0][:3] == ("buildings", "geom", 1)
    assert "renderer-v2" in rows[0][3]
    assert len(read_vector(path)) == 2
    assert len(geopandas.read_file(path, layer="buildings")) == 2


def test_parquet_is_geoparquet(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    path = tmp_path / "changes.parquet"
    _write(path, _frame(5))
    geo = json.loads(pq.read_schema(path).metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    column = geo["columns"]["geometry"]
    assert column["geometry_types"] == ["Polygon"]
    assert column["bbox"] == pytest.approx(_frame(5).total_bounds.tolist())
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 32633}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_without_commit_no_file_is_left(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        _interrupted(tmp_path / f"changes{suffix}")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_existing_files_are_kept_unless_overwritten(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"changes{suffix}"
    path.write_text("precious")
    with pytest.raises(OutputError, match=r"exists.*--overwrite"):
        VectorWriter(path, crs_from=UTM)
    with pytest.raises(KeyboardInterrupt):
        _interrupted(path, overwrite=True)
    assert path.read_text() == "precious"
    _write(path, _frame(2), overwrite=True)
    assert len(read_vector(path)) == 2
    assert os.listdir(tmp_path) == [path.name]


def test_a_file_created_during_the_run_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "changes.gpkg"
    with VectorWriter(path, crs_from=UTM) as writer:
        writer.append(_frame(1))
        path.write_text("precious")
        with pytest.raises(OutputError, match="exists"):
            writer.commit()
    assert path.read_text() == "precious"
    assert os.listdir(tmp_path) == [path.name]


def test_folders_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot be written.*folder exists"):
        VectorWriter(tmp_path / "missing" / "changes.gpkg", crs_from=UTM)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        VectorWriter(tmp_path / "file" / "changes.gpkg", crs_from=UTM)
    (tmp_path / "folder.gpkg").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        VectorWriter(tmp_path / "folder.gpkg", crs_from=UTM, overwrite=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = os.geteuid() == 0 and not subprocess.call(
        ["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", str(folder)],
        stderr=subprocess.DEVNULL,
    )
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    if not mounted:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
    yield folder
    if mounted:
        subprocess.check_call(["umount", str(folder)])
    else:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("points", [60, 700])
def test_on_a_full_disk_no_file_is_left(small_disk: Path, suffix: str, points: int) -> None:
    # With 60 points, the spool fits but not the layer; with 700, the spool does not fit.
    frames = [_frame(120, seed, points) for seed in range(4)]
    with pytest.raises(OutputError, match=r"changes\.\w+ (cannot|could not) be written"):
        _write(small_disk / f"changes{suffix}", *frames)
    assert os.listdir(small_disk) == []


def test_a_layer_with_a_truncated_end_is_refused(tmp_path: Path) -> None:
    frame = _frame(300, points=5)
    _write(tmp_path / "whole.fgb", frame)
    size = (tmp_path / "whole.fgb").stat().st_size
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size - 50, limits[1]))
    try:
        with VectorWriter(tmp_path / "cut.fgb", crs_from=UTM) as writer:
            writer.append(frame)
            with pytest.raises(OutputError, match="cannot be written"):
                writer.commit()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert os.listdir(tmp_path) == ["whole.fgb"]


@pytest.mark.parametrize(("name", "message"), [("a.tab", "Use one of"), ("a", "Use one of")])
def test_other_formats_are_refused(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(VectorError, match=message):
        VectorWriter(tmp_path / name, crs_from=UTM)


def test_chunks_without_a_column_are_refused(tmp_path: Path) -> None:
    frame = _frame(1).drop(columns=["model", "touches_edge"])
    with pytest.raises(VectorError, match="lacks the columns model, touches_edge"):
        _write(tmp_path / "a.gpkg", frame)


def test_polygons_outside_the_output_crs_are_refused(tmp_path: Path) -> None:
    with VectorWriter(tmp_path / "a.gpkg", crs_from=CRS(4326), crs_to="EPSG:3031") as writer:
        frame = _frame(1)
        frame["geometry"] = [shapely.box(float("inf"), 0, 1, 1)]
        with pytest.raises(VectorError, match="Choose an output CRS"):
            writer.append(frame)


def test_files_that_are_not_vector_layers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(VectorError, match=r"none\.gpkg does not exist"):
        read_vector(tmp_path / "none.gpkg")
    for suffix in SUFFIXES:
        path = tmp_path / f"broken{suffix}"
        path.write_bytes(b"\x00garbage" * 30)
        with pytest.raises(VectorError, match="cannot be read as a vector layer"):
            read_vector(path)
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    with pytest.raises(VectorError, match="without geometry"):
        read_vector(tmp_path / "table.csv")
