"""What detect writes opens in a real QGIS as a user would open it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from mtrs_geo import detect_changes
from mtrs_geo.data.synthetic import PairPaths

PYTHON = "/usr/bin/python3"
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
    "valid_shapes": all(f.geometry().isGeosValid() for f in vector.getFeatures()),
    "raster": raster.isValid(), "bands": raster.bandCount(), "raster_crs": raster.crs().authid(),
    "band": raster.bandName(1),
}
print(json.dumps(facts), flush=True)
del vector, raster  # before QGIS goes, or it crashes
app.exitQgis()
"""


def has_qgis() -> bool:
    try:
        done = subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


@pytest.mark.skipif(not has_qgis(), reason="QGIS is not installed for /usr/bin/python3")
def test_outputs_open_in_qgis(pair_paths: PairPaths, tmp_path: Path) -> None:
    result = detect_changes(
        pair_paths.before, pair_paths.after, "new buildings", model="brightness", threshold=0.25,
        output=tmp_path / "c.gpkg", probability=tmp_path / "p.tif",
    )  # fmt: skip
    # QGIS brings its own PROJ and GDAL; those of this environment must not reach it.
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PROJ", "GDAL"))}
    clean["PATH"] = os.defpath  # a python3 of another home, as pyenv puts first, misleads QGIS
    done = subprocess.run(
        [PYTHON, "-c", SCRIPT, str(tmp_path / "c.gpkg"), str(tmp_path / "p.tif")],
        capture_output=True, text=True, check=False, timeout=120,
        env={**clean, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    facts = json.loads(done.stdout.splitlines()[-1])
    assert facts["vector"]
    assert facts["count"] == len(result.polygons) > 0
    assert facts["crs"] == "EPSG:32614"
    assert {"id", "query", "score_mean", "area_m2", "touches_edge"} <= set(facts["fields"])
    assert facts["areas"] == pytest.approx(list(result.polygons.area_m2))
    assert facts["style"] >= 1
    assert facts["valid_shapes"]
    assert facts["raster"]
    assert facts["bands"] == 1
    assert facts["raster_crs"] == "EPSG:32614"
    assert "new buildings" in facts["band"]
