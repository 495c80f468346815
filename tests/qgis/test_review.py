"""Review in a real QGIS Desktop with real keys, then training pairs of the reviewed file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import pytest

from mtrs_geo import detect_changes
from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.pairs.export import PairsOptions
from mtrs_geo.progress import Silent
from mtrs_geo.training.finetune.own_data import LabelledLayer, read_pairs

Desktop = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("review")


@pytest.fixture(scope="module")
def facts(desktop: Desktop, folder: Path, pair_paths: PairPaths, pictures: Path) -> dict[str, Any]:
    changes = folder / "changes.gpkg"
    found = detect_changes(
        pair_paths.before, pair_paths.after, "new buildings", model="brightness", threshold=0.25,
        output=changes,
    )  # fmt: skip
    assert len(found.polygons) >= 4
    found.polygons.to_file(folder / "changes.geojson")
    shutil.copy(changes, folder / "pristine.gpkg")
    request = {
        "after": str(pair_paths.after), "changes": str(changes), "folder": str(folder),
        "geojson": str(folder / "changes.geojson"), "pristine": str(folder / "pristine.gpkg"),
        "picture": str(pictures / "review.png"),
    }  # fmt: skip
    return desktop("review_script.py", request)


@pytest.fixture(scope="module")
def reviewed(facts: dict[str, Any], folder: Path) -> geopandas.GeoDataFrame:
    """The reviewed file after QGIS ended without cleanup."""
    return geopandas.read_file(folder / "changes.gpkg", layer="changes")


def test_opens_on_the_layer(facts: dict[str, Any], reviewed: geopandas.GeoDataFrame) -> None:
    count = len(reviewed)
    assert facts["loaded"]
    assert facts["closed"]
    assert facts["start"][0] == f"1 of {count}"
    assert facts["start"][1] == f"0 accepted · 0 rejected · 0 edited · {count} not reviewed"
    assert facts["about"].startswith("“new buildings”\nScore 0.")
    assert {"review", "reviewer", "reviewed_at"} <= set(facts["fields"])
    assert facts["zoomed"]
    assert facts["is_near"]


def test_keys_decide_and_save_at_once(
    facts: dict[str, Any], reviewed: geopandas.GeoDataFrame
) -> None:
    count = len(reviewed)
    assert facts["after_a"] == [f"2 of {count}", ["accepted", "NULL"]]
    assert facts["after_rnp"] == [f"3 of {count}", ["accepted", "rejected", "NULL"]]
    assert facts["undecided"] == ["accepted", "NULL"]
    assert facts["reviewer"][0]
    assert facts["reviewer"][1].endswith("Z")
    assert reviewed.review.tolist()[:4] == ["accepted", "rejected", "edited", "edited"]
    assert reviewed.reviewer.notna().tolist()[:4] == [True] * 4


def test_the_text_can_be_edited(facts: dict[str, Any], reviewed: geopandas.GeoDataFrame) -> None:
    assert facts["text"] == ["new sheds", "edited"]
    assert facts["accepted_edit"] == "edited"
    assert reviewed["query"][2] == "new sheds"


def test_the_shape_can_be_edited_and_restored(
    facts: dict[str, Any], reviewed: geopandas.GeoDataFrame, folder: Path
) -> None:
    assert facts["shape_state"] == ""
    assert facts["editing"] == [True, True]
    assert facts["saved_while_editing"]
    assert not facts["dirty"]
    assert facts["edited"] == ["edited", True]
    ellipsoidal, flat = facts["area"]
    assert ellipsoidal == pytest.approx(flat, rel=0.01)
    assert facts["edit_ended"] == [False, True]
    assert facts["restored"]
    assert facts["restored_ended"]
    original = geopandas.read_file(folder / "pristine.gpkg", layer="changes")
    moved = ~reviewed.geom_equals(original)
    assert moved.tolist()[:4] == [False, False, False, True]
    assert not moved[4:].any()


def test_a_reviewed_file_is_fine_tuning_data(
    reviewed: geopandas.GeoDataFrame, folder: Path, pair_paths: PairPaths
) -> None:
    """The rasters lie in another folder, so they are given; undecided polygons are left out."""
    options = PairsOptions(tile_px=128, negatives=True)
    layer = LabelledLayer(
        folder / "changes.gpkg", pair_paths.before, pair_paths.after, options=options
    )
    data = read_pairs([layer], Silent())
    pairs = data.training + data.held_out
    decided = reviewed[reviewed.review.notna()]
    assert {text for pair in pairs for text in pair.expressions} == set(decided["query"])
    assert any(pair.masks.any() for pair in pairs)
    if reviewed.review.isna().any():
        assert any("unreviewed polygons" in warning for warning in data.warnings)


def test_other_formats_are_refused_and_can_be_saved(facts: dict[str, Any]) -> None:
    message, offered = facts["refused"]
    assert "needs a GeoPackage" in message
    assert "GeoJSON" in message
    assert "Save Features As" in message
    assert offered
    assert facts["saved_as"][0].startswith("1 of ")
    assert facts["saved_as"][1]
    assert facts["saved_states"] == ["accepted"]


def test_a_file_is_replaced_only_after_a_question(facts: dict[str, Any]) -> None:
    """The ending that the user leaves out is added after the dialog has asked."""
    assert facts["replaced"] == ["copy.gpkg", "accepted", "copy.gpkg", "NULL"]


def test_failures_are_reported_and_lose_nothing(facts: dict[str, Any]) -> None:
    message, stays, kept = facts["failed"]
    assert "disk full" in message
    assert stays
    assert kept
    assert "cannot be written" in facts["locked"]


def test_the_layer_may_be_edited_with_qgis_during_the_review(
    facts: dict[str, Any], reviewed: geopandas.GeoDataFrame
) -> None:
    count = len(reviewed)
    assert facts["deleted"] == [
        f"2 of {count - 1}", True, f"3 of {count - 2}", f"5 of {count}",
        ["NULL", "NULL", "accepted"],
    ]  # fmt: skip
    message, counts, saved = facts["column"]
    assert "is in edit mode" in message
    assert counts.startswith("0 accepted · 1 rejected")
    assert saved == ["rejected"]
    assert facts["file_gone"].startswith("shared cannot be opened.")


def test_the_review_follows_the_filter_of_the_layer(facts: dict[str, Any]) -> None:
    position, count = facts["filtered"]
    assert position == f"1 of {count - 2}"


def test_decisions_of_another_qgis_are_shown(facts: dict[str, Any]) -> None:
    text, counts = facts["shared"]
    assert text.endswith("rejected")
    assert counts.startswith("0 accepted · 1 rejected")


def test_a_shape_is_restored_in_a_transaction(facts: dict[str, Any]) -> None:
    """There the layer's provider shows changes that are not saved."""
    assert facts["transaction"] == [False, True]


def test_deleted_layers_and_unloading_leave_nothing_behind(facts: dict[str, Any]) -> None:
    assert facts["layer_gone"] == [True, "Choose a layer of changes."]
    assert facts["unloaded"]
    assert "slots" not in facts, facts["slots"]
