"""Folders of small random models, a project and a pair."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from small_rivals import (
    save_clipseg,
    save_grounding_dino,
    save_qwen_vl,
    save_sam2,
    save_sam3,
)

from mtrs_geo.craft.backends.contract import PairImages
from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.records import CELLS


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return folders of models by type; ``qwen`` always writes that a tree is in the center."""
    root = tmp_path_factory.mktemp("models")
    savers = {
        "sam3": save_sam3, "sam2": save_sam2, "dino": save_grounding_dino, "clipseg": save_clipseg,
    }  # fmt: skip
    for name, save in savers.items():
        save(root / name)
    tree = {"sentence": "a felled tree", "change_type": "disappear", "object_class": "tree"}
    cells = [{"cell": c, "changes": [tree] if c == "center" else []} for c in CELLS]
    save_qwen_vl(root / "qwen", json.dumps({"cells": cells}))
    return {path.name: path for path in root.iterdir()}


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "project.db") as project:
        yield project


@pytest.fixture
def pair():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (2, 72, 96, 3), dtype=np.uint8)
    return PairImages("p0", *images)
