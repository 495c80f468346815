"""Small pairs with label maps, drawn by numbers."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from mtrs_geo.craft.backends.catalog import BackendOptions, open_describer, open_segmenter
from mtrs_geo.craft.backends.contract import PairImages
from mtrs_geo.craft.importing import add_pairs
from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.pairs import NewPair
from mtrs_geo.craft.stages.context import Context

SIDE_PX = 120
NEW = ((6, 8, 20, 26), (10, 90, 28, 104), (84, 86, 112, 114))
"""Boxes of buildings that appear: top left, top right, and a large one at the bottom right."""
GONE = ((90, 8, 104, 24),)
ROAD = (50, 0, 56, 120)
POND = (64, 44, 80, 70)


@pytest.fixture
def arrays():
    rng = np.random.default_rng(3)
    before = rng.integers(90, 110, (SIDE_PX, SIDE_PX, 3)).astype(np.uint8)
    after = before.copy()
    maps = {name: np.zeros((SIDE_PX, SIDE_PX), np.uint8) for name in
            ("appear", "disappear", "class_before", "class_after")}  # fmt: skip
    for boxes, image, name in ((NEW, after, "appear"), (GONE, before, "disappear")):
        for top, left, bottom, right in boxes:
            image[top:bottom, left:right] = (200, 70, 60)
            maps[name][top:bottom, left:right] = 255
    for box, code_before, code_after in ((ROAD, 2, 2), (POND, 4, 5)):
        part = np.s_[box[0] : box[2], box[1] : box[3]]
        maps["class_before"][part], maps["class_after"][part] = code_before, code_after
    after[POND[0] : POND[2], POND[1] : POND[3]] = (20, 40, 90)
    return before, after, maps


@pytest.fixture
def images(arrays):
    before, after, maps = arrays
    return PairImages("village", before, after, 0.5, maps)


@pytest.fixture
def project(tmp_path, arrays):
    before, after, maps = arrays
    paths = {}
    for name, pixels in {"before": before, "after": after, **maps}.items():
        paths[name] = tmp_path / f"{name}.png"
        Image.fromarray(pixels).save(paths[name])
    new = NewPair(
        "village", paths["before"], paths["after"], SIDE_PX, SIDE_PX, "drawn",
        labels={name: paths[name] for name in maps},
    )  # fmt: skip
    with Project.create(tmp_path / "project.db") as project:
        add_pairs(project, [new])
        yield project


@pytest.fixture
def context(project):
    options = BackendOptions(project)
    return Context(project, open_describer("rules", options), open_segmenter("labels", options))
