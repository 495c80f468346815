"""Outputs of detect open in a real QGIS."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mtrs_geo import detect_changes
from mtrs_geo.data.rendering.synthetic import PairPaths

SCRIPT = """
import json, sys
from qgis.core import Qgis, QgsApplication, QgsRasterLayer, QgsVectorLayer
app = QgsApplication([], False)
app.initQgis()
vector = QgsVectorLayer(sys.argv[1] + "|layername=changes", "changes", "ogr")
raster = QgsRasterLayer(sys.argv[2], "probability")
facts = {
    "version": Qgis.QGIS_VERSION,
    "vector": vector.isValid(), "count": vector.featureCount(), "crs": vector.crs().authid(),
    "fields": [f.name() for f in vector.fields()],
    "areas": [f["area_m2"] for f in vector.getFeatures()],
    "style": vector.listStylesInDatabase()[0],
    "categories": [c.label() for c in vector.renderer().categories()],
    "shown": all(
        vector.renderer().filter(vector.fields()) or
        vector.renderer().categoryIndexForValue(f"{f['query']} | {f['change']}") >= 0
        for f in vector.getFeatures()
    ),
    "abstract": vector.metadata().abstract(), "history": vector.metadata().history(),
    "valid_shapes": all(f.geometry().isGeosValid() for f in vector.getFeatures()),
    "raster": raster.isValid(), "bands": raster.bandCount(), "raster_crs": raster.crs().authid(),
    "band": raster.bandName(1),
}
print(json.dumps(facts), flush=True)
del vector, raster  # QGIS crashes if layers outlive the application
app.exitQgis()
"""


def test_outputs_open_in_qgis(
    qgis_python: Callable[..., dict[str, Any]], pair_paths: PairPaths, tmp_path: Path
) -> None:
    result = detect_changes(
        pair_paths.before, pair_paths.after, "new buildings", model="brightness", threshold=0.25,
        output=tmp_path / "c.gpkg", probability=tmp_path / "p.tif",
    )  # fmt: skip
    facts = qgis_python("", tmp_path / "c.gpkg", tmp_path / "p.tif", code=SCRIPT)
    assert facts["vector"]
    assert facts["count"] == len(result.polygons) > 0
    assert facts["crs"] == "EPSG:32614"
    assert {"id", "query", "score_mean", "area_m2", "touches_edge"} <= set(facts["fields"])
    assert facts["areas"] == pytest.approx(list(result.polygons.area_m2))
    assert facts["style"] >= 1
    assert facts["categories"] == ["new buildings (appeared)", "other"]
    assert facts["shown"]
    assert "Understood as: new buildings" in facts["abstract"]
    assert any("threshold=0.25" in line for line in facts["history"])
    assert any("model brightness" in line for line in facts["history"])
    assert facts["valid_shapes"]
    assert facts["raster"]
    assert facts["bands"] == 1
    assert facts["raster_crs"] == "EPSG:32614"
    assert "new buildings" in facts["band"]
