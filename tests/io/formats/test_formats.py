"""Shapefile, CSV and GeoJSON, and what a GeoPackage says about its run."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import CRS

from mtrs_geo.errors import OutputError, VectorError
from mtrs_geo.io.formats.colours import distinct_colours
from mtrs_geo.io.formats.csv_table import as_text_cell
from mtrs_geo.io.formats.geopackage_metadata import RunFacts
from mtrs_geo.io.formats.layer_spec import Category, Extras
from mtrs_geo.io.formats.shapefile import fit_names
from mtrs_geo.io.vector import VectorWriter

UTM = CRS(32633)


def frame(*queries: str) -> geopandas.GeoDataFrame:
    count = len(queries)
    shapes = [shapely.box(5e5 + 20 * i, 5.8e6, 5e5 + 20 * i + 10, 5.8e6 + 4) for i in range(count)]
    return geopandas.GeoDataFrame(
        {
            "id": np.arange(1, count + 1), "query": queries, "change": "appeared",
            "date_before": "2019-05", "date_after": None, "score": 0.5, "score_mean": 0.75,
            "score_max": 0.875, "unfamiliar": False,
            "area_m2": 40.0, "perimeter_m": 28.0, "model": "tiny", "model_version": "1",
            "touches_edge": True,
        },
        geometry=shapes, crs=UTM,
    )  # fmt: skip


def write(path: Path, table: geopandas.GeoDataFrame, **options: Any) -> Path:
    with VectorWriter(path, crs_from=UTM, **options) as writer:
        writer.append(table)
        return writer.commit()


def test_a_shapefile_is_one_set_of_files(tmp_path: Path) -> None:
    path = tmp_path / "täst changes.shp"
    table = frame("neue Häuser 新", "新" * 100, "")
    write(path, table)
    names = {f"täst changes.{suffix}" for suffix in ("shp", "shx", "dbf", "prj", "cpg")}
    assert {entry.name for entry in tmp_path.iterdir()} == names
    assert path.with_suffix(".cpg").read_text() == "UTF-8"
    back = geopandas.read_file(path)
    assert back.crs == UTM
    assert back["query"][0] == "neue Häuser 新"
    assert back["query"][1] == "新" * (254 // 3)
    assert list(back.columns) == [
        "id", "query", "change", "date_befor", "date_after", "score", "score_mean", "score_max",
        "area_m2", "perim_m", "model", "model_vers", "at_edge", "unfamiliar", "geometry",
    ]  # fmt: skip
    assert back.geometry.geom_equals(table.geometry).all()


def test_a_shapefile_replaces_all_files_or_none(tmp_path: Path) -> None:
    path = tmp_path / "a.shp"
    path.with_suffix(".dbf").write_text("a table of the user")
    with pytest.raises(OutputError, match=r"a\.dbf exists"):
        write(path, frame("x"))
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.dbf"]
    for stale in (".sbn", ".qix", ".shp.xml"):
        (tmp_path / f"a{stale}").write_text("old")
    write(path, frame("x"), overwrite=True)
    assert geopandas.read_file(path)["query"].tolist() == ["x"]
    before = {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()}
    assert sorted(before) == ["a.cpg", "a.dbf", "a.prj", "a.shp", "a.shx"]
    with VectorWriter(path, crs_from=UTM, overwrite=True) as abandoned:
        abandoned.append(frame("y"))
        abandoned.finish()
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == before


def test_a_shapefile_in_capitals_has_its_parts_in_capitals(tmp_path: Path) -> None:
    path = write(tmp_path / "A.SHP", frame("x", "y"))
    names = {f"A.{suffix}" for suffix in ("SHP", "SHX", "DBF", "PRJ", "CPG")}
    assert {entry.name for entry in tmp_path.iterdir()} == names
    with pytest.raises(OutputError, match="exists"):
        write(path, frame("z"))
    (tmp_path / "A.QIX").touch()
    write(path, frame("z"), overwrite=True)
    assert {entry.name for entry in tmp_path.iterdir()} == names
    back = geopandas.read_file(path)
    assert (back.crs, list(back["query"])) == (UTM, ["z"])


def test_names_of_a_shapefile_differ() -> None:
    import pyarrow as pa

    schema = pa.schema([(name, pa.string()) for name in ("abcdefghijk", "abcdefghijl", "ÄÄÄÄÄÄ")])
    names = fit_names(schema).names
    assert names == ["abcdefghij", "abcdefgh_1", "ÄÄÄÄÄ"]


@pytest.mark.parametrize("crs", [None, "EPSG:32633"])
def test_csv_has_outlines_or_centroids(tmp_path: Path, crs: str | None) -> None:
    table = frame('new, "big" houses', "=1+1", "@x", "-2 floors", "+49", "\tx", "a=b")
    path = write(tmp_path / "wkt.csv", table, crs_to=crs)
    rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
    assert list(rows[0])[-2:] == ["crs", "WKT"]
    assert rows[0]["crs"] == crs or "EPSG:4326"
    expected = table.geometry.to_crs(crs or 4326)
    found = geopandas.GeoSeries([shapely.from_wkt(row["WKT"]) for row in rows], crs=expected.crs)
    assert found.geom_equals_exact(expected, 1e-3 if crs else 1e-8).all()
    assert [row["query"] for row in rows] == [
        'new, "big" houses', "'=1+1", "'@x", "'-2 floors", "'+49", "'\tx", "a=b"]  # fmt: skip
    assert {row["touches_edge"] for row in rows} == {"true"}
    assert {row["date_after"] for row in rows} == {""}
    # GDAL, and so QGIS, reads the outlines.
    assert pyogrio.read_info(path)["geometry_type"] in {"Polygon", "Unknown"}
    path = write(tmp_path / "c.csv", table, crs_to=crs, extras=Extras({}, (), "centroid"))
    row = next(csv.DictReader(path.open(encoding="utf-8", newline="")))
    names = ("x", "y") if crs else ("longitude", "latitude")
    centre = expected.centroid[0] if crs else table.geometry.centroid.to_crs(4326)[0]
    assert [float(row[name]) for name in names] == pytest.approx([centre.x, centre.y], abs=1e-6)


def test_csv_in_kilometres_keeps_millimetres(tmp_path: Path) -> None:
    crs = CRS("+proj=utm +zone=33 +datum=WGS84 +units=km")
    expected = frame("x").to_crs(crs).geometry[0]
    path = write(tmp_path / "a.csv", frame("x"), crs_to=crs)
    row = next(csv.DictReader(path.open(encoding="utf-8", newline="")))
    assert shapely.from_wkt(row["WKT"]).equals_exact(expected, 1e-6)
    path = write(tmp_path / "c.csv", frame("x"), crs_to=crs, extras=Extras({}, (), "centroid"))
    row = next(csv.DictReader(path.open(encoding="utf-8", newline="")))
    centre = expected.centroid
    assert [float(row["x"]), float(row["y"])] == pytest.approx([centre.x, centre.y], abs=1e-6)


def test_no_text_is_a_formula() -> None:
    for text in ("=cmd|' /C calc'!A0", "@SUM(1)", "+1", "-1", "\t=1", "\r=1"):
        assert as_text_cell(text) == f"'{text}"
    assert as_text_cell("new = old") == "new = old"


@pytest.mark.parametrize("crs", [None, "EPSG:4326"])
def test_geojson_is_rfc_7946(tmp_path: Path, crs: str | None) -> None:
    path = write(tmp_path / "a.geojson", frame("x"), crs_to=crs)
    content = json.loads(path.read_text())
    assert "crs" not in content
    ring = np.array(content["features"][0]["geometry"]["coordinates"][0])
    assert np.abs(ring).max() <= 180
    assert shapely.LinearRing(ring).is_ccw


CUSTOM = "+proj=tmerc +lat_0=30 +lon_0=-97 +x_0=5000 +y_0=1000 +ellps=GRS80 +units=us-ft"


@pytest.mark.parametrize(
    ("crs", "code"),
    [
        ("EPSG:32633", "EPSG:32633"),
        ("+proj=utm +zone=33 +datum=WGS84", "EPSG:32633"),
        ("EPSG:32633+5773", "EPSG:32633"),
        ("ESRI:102013", "ESRI:102013"),
        (CRS("EPSG:3035").to_wkt("WKT1_ESRI"), "EPSG:3035"),
    ],
)
def test_geojson_and_csv_name_the_code_of_a_crs(tmp_path: Path, crs: str, code: str) -> None:
    path = write(tmp_path / "a.geojson", frame("x"), crs_to=crs)
    assert geopandas.read_file(path).crs == CRS(code)
    path = write(tmp_path / "a.csv", frame("x"), crs_to=crs)
    row = next(csv.DictReader(path.open(encoding="utf-8", newline="")))
    assert row["crs"] == code
    place = geopandas.GeoSeries([shapely.from_wkt(row["WKT"])], crs=code)
    assert place.geom_equals_exact(geopandas.read_file(path).geometry, 1e-2).all()


def test_a_crs_without_a_code_is_not_lost(tmp_path: Path) -> None:
    with pytest.raises(VectorError, match="cannot name the output CRS 'unknown'") as refused:
        write(tmp_path / "a.geojson", frame("x"), crs_to=CUSTOM)
    assert ".gpkg" in refused.value.advice
    assert not list(tmp_path.iterdir())
    # Equal names are not enough: this is no ETRS89.
    with pytest.raises(VectorError, match="cannot name the output CRS"):
        write(tmp_path / "a.geojson", frame("x"), crs_to="+proj=utm +zone=33 +ellps=GRS80")
    row = next(csv.DictReader(write(tmp_path / "a.csv", frame("x"), crs_to=CUSTOM).open()))
    assert CRS(row["crs"]).equals(CRS(CUSTOM))


def test_a_geopackage_has_a_style_and_metadata_of_its_run(tmp_path: Path) -> None:
    queries = ["new houses", "a \"b\" <c> & 'd'\n新", ""]
    facts = RunFacts(
        understood=[f"understood {query}" for query in queries], parameters={"threshold": 0.5},
        warnings=["the pixel size is <odd> & large"], notes=["two dates"],
        versions={"mtrs-geo": "1.2", "model tiny": "0.9"},
    )  # fmt: skip
    styled = [
        Category(query, "disappeared", *dates)
        for query in queries
        for dates in (("2016", "2018"), ("2018", "2020"))
    ]
    path = write(tmp_path / "a.gpkg", frame(*queries), extras=Extras(facts.items(), styled))
    items = pyogrio.read_info(path, layer="changes")["layer_metadata"]
    assert json.loads(items["MTRS_GEO_UNDERSTOOD"]) == facts.understood
    assert json.loads(items["MTRS_GEO_WARNINGS"]) == facts.warnings
    assert json.loads(items["MTRS_GEO_PARAMETERS"]) == {"threshold": 0.5}
    assert json.loads(items["MTRS_GEO_VERSIONS"])["model tiny"] == "0.9"
    with sqlite3.connect(path) as database:
        records = database.execute(
            "SELECT r.table_name, m.mime_type, m.metadata FROM gpkg_metadata m"
            " JOIN gpkg_metadata_reference r ON r.md_file_id = m.id"
            " WHERE m.md_standard_uri = 'http://mrcc.com/qgis.dtd'"
        ).fetchall()
        ((style,),) = database.execute("SELECT styleQML FROM layer_styles").fetchall()
    ((layer, kind, text),) = records
    assert (layer, kind) == ("changes", "text/xml")
    assert "Warning: the pixel size is &lt;odd&gt; &amp; large" in text
    import xml.etree.ElementTree as ElementTree

    categories = ElementTree.fromstring(style.partition("\n")[2]).findall(".//category")
    assert [c.get("value") for c in categories] == [
        f"{query} | disappeared | {dates}"
        for query in queries
        for dates in ("2016 | 2018", "2018 | 2020")
    ] + [""]
    assert categories[-2].get("label") == "any change (disappeared, 2018 to 2020)"


def test_colours_do_not_repeat() -> None:
    colours = distinct_colours(60)
    assert len(set(colours)) == 60
    assert distinct_colours(9) == colours[:9]
    assert distinct_colours(2) == colours[:2]
    assert distinct_colours(0) == ()
