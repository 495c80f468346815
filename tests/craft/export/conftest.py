"""A project with items on small rendered pairs, and its export."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from PIL import Image
from pyproj import CRS

from mtrs_geo.craft.export.run import ExportOptions, export_project
from mtrs_geo.craft.project import Origin, Project, Verdict
from mtrs_geo.craft.project.items import (
    NewItem,
    NewRound,
    add_item,
    add_round,
    set_state,
    store_mask,
)
from mtrs_geo.craft.project.pairs import NewPair, add_pair
from mtrs_geo.craft.project.verdicts import add_verdict
from mtrs_geo.types import BoolArray

RULE, MODEL = Origin("rule", "class maps", "1"), Origin("model", "segmenter", "2")
ROWS, COLS = 96, 128
PAIRS = 8


@dataclass
class Made:
    project: Project
    folder: Path
    items: dict[str, int] = field(default_factory=dict)
    """Row by name, such as ``p0 house``."""
    masks: dict[str, BoolArray] = field(default_factory=dict)

    def add(self, pair, name, change_type, sentence, mask, verdicts=("Ana",)):
        """Add an item; people say yes in their verdicts, or no after a minus."""
        new = NewItem(pair, name, change_type, name.split()[-1], "center", is_negative=mask is None)
        row = add_item(self.project, new)
        mask_id = None if mask is None else store_mask(self.project, mask, MODEL)
        add_round(self.project, row, NewRound("perceive", sentence, RULE, mask_id))
        set_state(self.project, row, "ready")
        for number, auditor in enumerate(verdicts):
            yes = not auditor.startswith("-")
            verdict = Verdict(
                f"{name} {auditor}", row, 0, auditor.strip("-"), yes, True, True,
                created=1.0 + number,
            )  # fmt: skip
            add_verdict(self.project, verdict)
        self.items[name] = row
        self.masks[name] = np.zeros((ROWS, COLS), bool) if mask is None else mask


@pytest.fixture
def made(tmp_path):
    """Pairs p0 to p7 at places 0 to 3; each has an accepted house and an accepted absent tree."""
    with Project.create(tmp_path / "project.db") as project:
        yield _made(project, tmp_path)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The same with a waiting and a rejected item, and its export."""
    folder = tmp_path_factory.mktemp("exported")
    with Project.create(folder / "project.db") as project:
        made = _made(project, folder)
        house = made.masks["p0 house"]
        made.add(1, "p0 shed", "state", "a shed; unlike before", house, ())
        made.add(1, "p0 pool", "appear", "a new pool", house, ("-Ana",))
        options = ExportOptions(("mtrefseg", "coco", "geopackage"))
        yield made, export_project(project, folder / "out", options)


def _made(project, folder):
    project.connection.execute("PRAGMA synchronous = OFF")
    made = Made(project, folder)
    for number in range(PAIRS):
        _add_pair(made, number)
    return made


def _add_pair(made, number):
    rng = np.random.default_rng(number)
    before = rng.integers(40, 90, (ROWS, COLS, 3), dtype=np.uint8)
    mask = np.zeros((ROWS, COLS), bool)
    top, left = rng.integers(8, 50, 2)
    mask[top : top + 24, left : left + 30] = True
    mask[top + 6 : top + 12, left + 6 : left + 12] = False  # a courtyard
    after = np.where(mask[..., None], 220, before).astype(np.uint8)
    paths = [made.folder / f"p{number}_{date}.png" for date in "ab"]
    for path, image in zip(paths, (before, after), strict=True):
        Image.fromarray(image).save(path)
    transform = Affine(0.5, 0, 500_000 + 100 * number, 0, -0.5, 5_400_000)
    known = {"crs": CRS("EPSG:32632").to_wkt(), "transform": list(transform)[:6]}
    new = NewPair(
        f"p{number}", *paths, ROWS, COLS, "rendered", f"place {number // 2}",
        georeference=known if number < 2 else None,
    )  # fmt: skip
    pair = add_pair(made.project, new)
    made.add(pair, f"p{number} house", "appear", "a new house beside the road", mask)
    made.add(pair, f"p{number} tree", "disappear", "a tree that was felled", None)
