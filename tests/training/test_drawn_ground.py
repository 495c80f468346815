"""Sources whose ground was drawn tile by tile."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mtrs_geo.class_codes import APPEAR
from mtrs_geo.data.datasets.ground import ground_pair
from mtrs_geo.data.sampling.read_sources import read_sources, source_folders
from mtrs_geo.data.sampling.source_weights import SourceWeights

WATER, BARE = 5, 6


@pytest.fixture
def drawn(root: Path, tmp_path: Path) -> Path:
    """A data root with drawings of one tile of Guangzhou, one held out, and one of the storms."""
    data = tmp_path / "data"
    shutil.copytree(root, data)
    guangzhou = data / "pairs/guangzhou"
    for part, suffix in (("A", "jpg"), ("B", "jpg"), ("masks", "png")):
        for name in ("gz_05_0_0", "gz_02_0_0"):
            first = guangzhou / part / f"gz_01_0_0.{suffix}"
            shutil.copy(first, guangzhou / part / f"{name}.{suffix}")
    pond = np.zeros((80, 80), np.uint8)
    pond[60:75, 5:25] = 1
    drawings = {"guangzhou": ("gz_01_0_0", "gz_05_0_0"), "storms": ("harvey_0_1",)}
    for source, names in drawings.items():
        for part, code in (("before", BARE), ("after", WATER), ("ignore", 0)):
            folder = data / f"pairs/{source}_classes" / part
            folder.mkdir(parents=True)
            for name in names:
                Image.fromarray(pond * code).save(folder / f"{name}.png")
    return data


def test_drawn_tiles_have_ground_and_directions(drawn: Path) -> None:
    weights = SourceWeights(guangzhou_classes=1, storms=1, guangzhou=0, unchanged=0, buildings=0)
    sources = read_sources(drawn, weights)
    # Tiles without a drawing are left out, and held-out ones are not read.
    (tile,) = sources.annotated["guangzhou_classes"]
    assert (tile.name, tile.source) == ("gz_01_0_0", "guangzhou_classes")
    assert (tile.label == APPEAR).any()
    (storm,) = sources.annotated["storms"]
    for pair in (tile, storm):
        ground = ground_pair(pair)
        assert ground.changed[60:75, 5:25].all()
        assert ground.changed.sum() == 15 * 20
        assert set(ground.after_class[ground.changed]) == {WATER}
    folders = source_folders(weights, has_scenes=False)
    assert {"pairs/guangzhou_classes", "pairs/storms_classes"} <= set(folders)


def test_storms_without_drawings_are_read_as_before(root: Path) -> None:
    weights = SourceWeights(storms=1, guangzhou=0, unchanged=0, buildings=0)
    (storm,) = read_sources(root, weights).annotated["storms"]
    assert storm.ground is None
