"""Polygons of one place over the pairs of dates are joined into events."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pyogrio
import pytest

from mtrs_geo import ChangeResult, detect_changes_stack
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
