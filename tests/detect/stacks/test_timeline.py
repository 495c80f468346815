from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from matplotlib.image import imread
from pyproj import CRS

from mtrs_geo import detect_changes_stack
from mtrs_geo.detect.stacks.timeline import TimelineDate, write_timeline
from mtrs_geo.errors import OutputError
from mtrs_geo.grid import Grid
from mtrs_geo.outputs import OutputSet


def test_a_timeline(ponds: list[Path], tmp_path: Path) -> None:
    result = detect_changes_stack(
        ponds, ["new ponds", "新 demolished houses"], pairs="all", timeline=tmp_path / "t.png",
        model="brightness", threshold=0.3,
    )  # fmt: skip
    assert result.timeline == tmp_path / "t.png"
    picture = imread(result.timeline)
    assert picture.shape[1] == 1600
    assert np.ptp(picture[..., :3].reshape(-1, 3), axis=0).min() > 0.9


def test_other_formats_and_unknown_dates(ponds: list[Path], tmp_path: Path) -> None:
    copies = [tmp_path / f"{name}.tif" for name in "abc"]
    for copy, path in zip(copies, ponds, strict=False):
        copy.write_bytes(path.read_bytes())
    detect_changes_stack(copies, timeline=tmp_path / "t.pdf", model="brightness")
    assert (tmp_path / "t.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(OutputError, match=r"timeline .* is not a supported image format"):
        detect_changes_stack(copies, timeline=tmp_path / "t.doc", model="brightness")


def test_the_legend_fits(tmp_path: Path) -> None:
    texts = [f"{kind} beside the old road to the river and the lake in the north" for kind in "abc"]
    image, empty = np.full((64, 64, 3), 90, np.uint8), {"area_m2": [], "geometry": []}
    layers = {text: gpd.GeoDataFrame(empty, crs=32633) for text in texts}
    dates = [TimelineDate(image, f"{2010 + i}", i - 1 if i else None, layers if i else {})
             for i in range(3)]  # fmt: skip
    grid = Grid(CRS(32633), Affine(1, 0, 5e5, 0, -1, 5.5e6), (64, 64))
    with OutputSet(overwrite=False) as outputs:
        staged = outputs.stage("timeline", tmp_path / "t.png")
        write_timeline(staged, dates, grid, dict.fromkeys(texts, "changed"))
        outputs.commit()
    legend = imread(tmp_path / "t.png")[-60:, :, :3]
    assert legend[:, :8].min() == legend[:, -8:].min() == 1
