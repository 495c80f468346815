"""The events of a stack are played by the temporal controller of a real QGIS."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mtrs_geo import detect_changes_stack

SCRIPT = """
import json, sys
from qgis.core import (
    QgsApplication, QgsDateTimeRange, QgsFeatureRequest, QgsVectorLayer,
    QgsVectorLayerTemporalContext,
)
from qgis.PyQt.QtCore import QDateTime, Qt
app = QgsApplication([], False)
app.initQgis()
facts = {}
for name in ("changes", "events"):
    layer = QgsVectorLayer(sys.argv[1] + "|layername=" + name, name, "ogr")
    layer.loadDefaultStyle()  # as QGIS Desktop does with a layer that is added
    times = layer.temporalProperties()
    context = QgsVectorLayerTemporalContext()
    context.setLayer(layer)
    shown = {}
    for year in range(2008, 2022):
        days = [QDateTime.fromString(f"{year}-{day}", Qt.ISODate) for day in ("02-01", "11-30")]
        text = times.createFilterString(context, QgsDateTimeRange(*days))
        request = QgsFeatureRequest().setFilterExpression(text)
        shown[year] = sorted(f["event"] for f in layer.getFeatures(request))
    facts[name] = {
        "active": times.isActive(), "shown": shown,
        "categories": [c.label() for c in layer.renderer().categories()],
    }
    del layer, times, context
print(json.dumps(facts), flush=True)
app.exitQgis()
"""


def test_the_temporal_controller_of_qgis_plays_them(
    qgis_python: Callable[..., dict[str, Any]], ponds: list[Path], tmp_path: Path
) -> None:
    detect_changes_stack(
        ponds, "new ponds", output=tmp_path / "c.gpkg", model="brightness", threshold=0.3
    )
    facts = qgis_python("", tmp_path / "c.gpkg", code=SCRIPT)
    assert facts["changes"]["active"]
    assert facts["events"]["active"]
    assert facts["events"]["categories"] == ["new ponds (appeared)", "other"]
    shown = facts["events"]["shown"]
    assert [year for year, events in shown.items() if 1 in events] == list(
        map(str, range(2009, 2017))
    )
    assert [year for year, events in shown.items() if 2 in events] == ["2018", "2019", "2020"]
    polygons = facts["changes"]["shown"]
    assert polygons["2008"] == polygons["2017"] == []
    assert polygons["2010"] == [1]
    assert polygons["2012"] == [1, 1]
    assert polygons["2019"] == [2]
