"""Polygons of one place over the pairs of dates are joined into events."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pyogrio
import pytest
import rasterio

from mtrs_geo import ChangeResult, detect_changes_stack
from mtrs_geo.cli.result_table import found_line, result_table
from mtrs_geo.io.vector import read_vector

CHEAP: dict[str, Any] = {"model": "brightness", "threshold": 0.3, "min_area_m2": 5}


@pytest.fixture(scope="module")
def result(ponds: list[Path], tmp_path_factory: pytest.TempPathFactory) -> ChangeResult:
    folder = tmp_path_factory.mktemp("events")
    return detect_changes_stack(
        ponds, ["new ponds", "water"], output=folder / "c.gpkg", timeline=folder / "t.png", **CHEAP
    )


def test_events(result: ChangeResult) -> None:
    events = result.events[result.events["query"] == "new ponds"]
    columns = ["not_seen", "first_seen", "last_seen", "dates", "polygons"]
    assert events[columns].to_numpy().tolist() == [
        ["2009", "2012-06", "2016", "2012-06, 2016", 2],
        ["2018", "2020-07-15", "2020-07-15", "2020-07-15", 1],
    ]
    # 30 x 20 pixels, of which both dates show a part, and 20 x 20 pixels.
    assert events["area_m2"].tolist() == pytest.approx([150, 100], rel=0.01)
    assert events["time_start"].astype(str).tolist() == ["2009-01-01", "2018-01-01"]
    assert events["time_end"].astype(str).tolist() == ["2016-12-31", "2020-07-15"]
    assert result.events["event"].tolist() == [1, 2, 3, 4]
    assert (result.events.geom_type == "MultiPolygon").all()


def test_polygons_name_their_event(result: ChangeResult) -> None:
    polygons = result.polygons
    assert polygons["event"].tolist() == [1, 3, 1, 3, 2, 4]
    assert polygons["first_seen"].tolist() == ["2012-06"] * 4 + ["2020-07-15"] * 2
    merged = polygons.merge(pd.DataFrame(result.events.drop(columns="geometry")), on="event")
    assert (merged["last_seen_x"] == merged["last_seen_y"]).all()


def test_a_geopackage_has_a_layer_of_events(result: ChangeResult) -> None:
    assert result.output is not None
    layers = [name for name, _ in pyogrio.list_layers(result.output)]
    assert layers[:2] == ["changes", "events"]
    assert len(read_vector(result.output)) == len(result.polygons)  # without a layer's name
    events = geopandas.read_file(result.output, layer="events")
    assert events["event"].tolist() == [1, 2, 3, 4]
    assert events["time_start"].dt.year.tolist() == [2009, 2018, 2009, 2018]
    assert events.area.tolist() == pytest.approx(result.events.area.tolist())
    changes = geopandas.read_file(result.output, layer="changes")
    assert {"event", "first_seen"} < set(changes.columns)
    with sqlite3.connect(result.output) as database:
        styles = dict(database.execute("SELECT f_table_name, styleQML FROM layer_styles"))
    assert 'startField="time_start"' in styles["events"]
    assert "startExpression" in styles["changes"]


def test_other_formats_have_the_columns(ponds: list[Path], tmp_path: Path) -> None:
    path = tmp_path / "c.geojson"
    detect_changes_stack(ponds, "new ponds", output=path, **CHEAP)
    assert geopandas.read_file(path)["event"].tolist() == [1, 1, 2]


def test_one_pair_has_no_columns_of_events(ponds: list[Path], tmp_path: Path) -> None:
    ends = detect_changes_stack(
        ponds, "new ponds", pairs="first-last", output=tmp_path / "c.gpkg", **CHEAP
    )
    assert ends.report.dates == ("2009", "2020-07-15")
    assert "event" not in ends.polygons
    layers = [name for name, _ in pyogrio.list_layers(tmp_path / "c.gpkg")]
    assert layers == ["changes", "layer_styles"]
    assert ends.events["first_seen"].tolist() == ["2020-07-15"] * len(ends.polygons)


def test_no_polygon(ponds: list[Path], tmp_path: Path) -> None:
    none = detect_changes_stack(
        ponds[2:4], "new ponds", output=tmp_path / "c.gpkg", timeline=tmp_path / "t.png", **CHEAP
    )
    nothing = detect_changes_stack(
        [ponds[2], ponds[3], ponds[2]], "x", output=tmp_path / "n.gpkg", **CHEAP
    )
    assert len(none.events) == len(nothing.events) == 0
    assert len(geopandas.read_file(tmp_path / "n.gpkg", layer="events")) == 0
    assert pyogrio.read_info(tmp_path / "n.gpkg", layer="events")["geometry_type"] == "MultiPolygon"


EXPECTED_TYPES = {
    "event": "int64", "query": "object", "change": "object", "not_seen": "object",
    "first_seen": "object", "last_seen": "object", "dates": "object", "polygons": "int64",
    "score": "float64", "area_m2": "float64", "time_start": "datetime64[ms]",
    "time_end": "datetime64[ms]",
}  # fmt: skip


@pytest.mark.parametrize("names", [(0, 1, 2), (2, 3, 2)])
@pytest.mark.parametrize("dates", [None, [None] * 3])
def test_types_do_not_depend_on_the_rows(
    ponds: list[Path], tmp_path: Path, names: tuple[int, ...], dates: list[None] | None,
    result: ChangeResult,
) -> None:  # fmt: skip
    copies = [tmp_path / f"{name}.tif" for name in "abc"]
    for copy, i in zip(copies, names, strict=True):
        copy.write_bytes(ponds[i].read_bytes())
    found = detect_changes_stack(
        copies if dates else [ponds[i] for i in names], "x", output=tmp_path / "c.gpkg", **CHEAP
    )
    assert bool(len(found.events)) == (names == (0, 1, 2))
    info = pyogrio.read_info(tmp_path / "c.gpkg", layer="events")
    assert dict(zip(info["fields"], info["dtypes"], strict=True)) == EXPECTED_TYPES
    assert found.events.dtypes.to_dict() == result.events.dtypes.to_dict()


def test_a_raster_without_a_date_is_no_date(ponds: list[Path], tmp_path: Path) -> None:
    undated = tmp_path / "a.tif"
    undated.write_bytes(ponds[1].read_bytes())
    found = detect_changes_stack(
        [ponds[0], undated, ponds[2]], "new ponds", probability=tmp_path / "p.tif", **CHEAP
    )
    assert found.events["dates"].tolist() == ["raster 2, 2016"]
    assert found.events[["first_seen", "time_start"]].isna().to_numpy().tolist() == [[True, False]]
    assert found.events[["not_seen", "last_seen"]].to_numpy().tolist() == [["2009", "2016"]]
    assert found.summary()["periods"].tolist() == ["2009 to raster 2, raster 2 to 2016"]
    rows = [line.split("  ")[1:3] for line in result_table(found)[1:]]
    assert rows == [["2009 to raster 2", "1"], ["raster 2 to 2016", "1"]]
    with rasterio.open(tmp_path / "p.tif") as file:
        assert file.descriptions[0].endswith("(2009 to raster 2)")


def test_periods_of_equal_dates_have_their_own_numbers(ponds: list[Path]) -> None:
    found = detect_changes_stack(
        [ponds[0], ponds[2], ponds[4]], ["new ponds", "water"], dates=["2016"] * 3, **CHEAP
    )
    rows = [re.split(" {2,}", line)[1:] for line in result_table(found)[1:]]
    # 30 x 20 and 20 x 20 pixels.
    for (period, count, area_m2, _), expected_m2 in zip(rows, [150, 100] * 2, strict=True):
        assert (period, count) == ("2016 to 2016", "1")
        assert float(area_m2) == pytest.approx(expected_m2, rel=0.01)


def test_how_many_counts_events(ponds: list[Path]) -> None:
    sentences = ["how many new ponds?", "is there water?"]
    found = detect_changes_stack(ponds, sentences, pairs="all", **CHEAP)
    summary = found.summary()
    assert summary["answer"].tolist() == [2, "yes"]
    assert summary["events"].tolist() == found.events.groupby("query", sort=False).size().tolist()
    assert summary["polygons"][0] > 2
    assert f"{len(found.polygons)} polygons of {len(found.events)} events, " in found_line(found)
    note = f"{len(found.polygons)} polygons show {len(found.events)} events"
    assert [note in text for text in found.report.notes].count(True) == 1
    apart = detect_changes_stack(ponds, [*sentences, "how many new ponds since 2018?"], **CHEAP)
    assert apart.summary()["answer"].tolist() == [2, "yes", 1]
    assert not any("overlap" in text for text in apart.report.notes)


def test_times_are_in_the_order_of_time(ponds: list[Path], tmp_path: Path) -> None:
    found = detect_changes_stack(
        [ponds[i] for i in (1, 0, 4, 2)], "ponds", output=tmp_path / "c.gpkg", **CHEAP
    )
    columns = ["not_seen", "first_seen", "last_seen", "dates", "time_start", "time_end"]
    # The left square differs from 2012 to 2009 and from 2009 to 2020, the other one from 2009 to
    # 2020 and from 2020 to 2016.
    assert found.events[columns].astype(str).fillna("").to_numpy().tolist() == [
        ["", "2009", "2020-07-15", "2009, 2020-07-15", "2009-01-01", "2020-07-15"],
        ["2009", "2016", "2020-07-15", "2016, 2020-07-15", "2009-01-01", "2020-07-15"],
    ]
    merged = found.polygons.merge(pd.DataFrame(found.events.drop(columns="geometry")), on="event")
    assert (merged["first_seen_x"] == merged["first_seen_y"]).all()
    assert (merged["last_seen_x"] == merged["last_seen_y"]).all()


def test_only_surely_later_dates_change_places(ponds: list[Path]) -> None:
    # A year and a month of it stay as given.
    for dates, shown in (
        (["2016-08", "2016-09", "2016"], "2016-09, 2016"),
        (["2015", "2016", "2016-06"], "2016, 2016-06"),
        (["2016-09", "2016", "2016-06"], "2016-06, 2016"),
    ):
        found = detect_changes_stack(ponds[:3], "new ponds", dates=dates, **CHEAP)
        assert found.events["dates"].tolist() == [shown]
