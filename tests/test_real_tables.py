"""Splits of real pairs and their tables, with rendered pairs in place of the real ones."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mtrs_geo.class_codes import APPEAR, BARE, NONE, ROAD, UNKNOWN
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.rendering.synthetic import RenderedPair

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import real_tables
from figures import real_split
from figures.real_split import real_pairs

ROAD_AT = np.s_[200:210, 20:220]


@pytest.fixture(scope="module")
def tile(rendered: RenderedPair) -> Pair:
    """A pair with new buildings and a new road, which crosses none of them."""
    area = np.s_[:256, :256]
    label = np.where(rendered.appeared, APPEAR, NONE).astype(np.uint8)[area]
    label[190:220] = NONE
    ground = np.zeros((256, 256, 2), np.uint8)
    ground[ROAD_AT] = (BARE, ROAD)
    return Pair("a", "levir", rendered.before[area], rendered.after[area], label, 0.5, ground)


def test_each_tile_is_asked_about_both_directions(tile: Pair) -> None:
    forward, reverse = real_pairs([tile, tile, tile], 1)
    assert (forward.name, reverse.name) == ("a_forward", "a_reversed")
    np.testing.assert_array_equal(forward.before, reverse.after)
    road = np.zeros((256, 256), bool)
    road[ROAD_AT] = True
    for pair in (forward, reverse):
        masks = [mask for mask in pair.masks if mask.any()]
        assert any(np.array_equal(mask, tile.label == APPEAR) for mask in masks)
        assert any(np.array_equal(mask, road) for mask in masks)
        # Two of the wrong direction, two of absent things, the road in the wrong direction.
        assert len(pair.masks) - len(masks) == 5


def test_ground_that_nobody_can_tell_is_not_asked_for(tile: Pair) -> None:
    assert tile.ground is not None
    unknown = tile.ground.copy()
    unknown[:60] = UNKNOWN
    pair, _ = real_pairs([tile], 1)
    other, _ = real_pairs([replace(tile, ground=unknown)], 1)
    assert len(pair.expressions) - len(other.expressions) == 2


def test_tables_are_written_into_a_document_and_models_are_kept(
    tile: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    splits = {"LEVIR": lambda _: [tile]}
    for module in (real_tables, real_split):
        monkeypatch.setattr(module, "REAL_SPLITS", splits)
    document = tmp_path / "document.md"
    begin, end = real_tables._MARKS
    document.write_text(f"above\n{begin}\nold\n{end}\nbelow\n")
    common = ["real_tables.py", "--root", str(tmp_path), "-o", str(tmp_path / "out")]
    monkeypatch.setattr(
        sys, "argv", [*common, "--models", "cva", "first=brightness", "--compare", "cva",
                      "--document", str(document)],
    )  # fmt: skip
    assert real_tables.main() == 0
    text = document.read_text()
    assert text.startswith(f"above\n{begin}\n**LEVIR**: 2 pairs, ")
    assert text.endswith(f"{end}\nbelow\n")
    assert "old" not in text
    assert "| oracle |  | 100.00 [100.00, 100.00] |" in text
    assert "| cva minus | mIoU of non-empty | p adjusted |" in text
    monkeypatch.setattr(sys, "argv", common)
    assert real_tables.main() == 0
    again = (tmp_path / "out/real_tables.md").read_text()
    assert (
        {line.split("|")[1] for line in text.splitlines() if line.startswith("| first")}
        == {line.split("|")[1] for line in again.splitlines() if line.startswith("| first")}
        != set()
    )
