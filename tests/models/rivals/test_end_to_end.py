"""Rival models with small random weights through the commands of the package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from small_rivals import BrightThings

from mtrs_geo import detect_changes, detect_changes_stack, run_batch
from mtrs_geo.models import ChangeSegmenter, DateEncoder, ModelInfo, load_model
from mtrs_geo.models.rivals.names import RIVALS
from mtrs_geo.models.rivals.segmenter import RivalSegmenter

SENTENCES = ["new ponds", "ponds that were removed", "grass replaced by ponds"]
THRESHOLDS = {"sam3": 0.1, "grounding-dino+sam2": 0.4, "qwen-vl+sam2": 0.4}
"""Below what the random weights answer; others answer more than 0.5."""


def loaded(name: str, precision: str = "float32") -> ChangeSegmenter:
    model = load_model(name, "cpu", precision)  # type: ignore[arg-type]
    assert isinstance(model, RivalSegmenter)
    if hasattr(model.model, "most_new_tokens"):
        # Random weights never end an answer; Qwen-VL's is one token.
        model.model.most_new_tokens = 1 if name.startswith("qwen") else 12
    return model


@pytest.mark.parametrize("name", RIVALS)
def test_detect(
    name: str, ponds: list[Path], model_name: Callable[[str], str], tmp_path: Path
) -> None:
    probability = tmp_path / "probability.tif"
    result = detect_changes(
        ponds[0], ponds[4], SENTENCES, output=tmp_path / "changes.gpkg",
        model=loaded(model_name(name)), probability=probability, tile_px=64, overlap_px=16,
        batch_size=3, threshold=THRESHOLDS.get(name, 0.5), min_area_m2=0.5,
    )  # fmt: skip
    assert [entry["status"] for entry in result.report.questions] == ["understood"] * 3
    assert result.report.tiles == 4
    assert sum(result.report.polygons.values()) == len(result.polygons) > 0
    assert result.report.warnings == ()
    with rasterio.open(probability) as file:
        assert file.shape == (96, 96)
        assert file.count == 3
        values = file.read()
    assert np.isfinite(values).all()
    assert 0 <= values.min() <= values.max() <= values.dtype.type(255)


@pytest.mark.parametrize("name", RIVALS)
def test_contract_batch_and_bfloat16(name: str, model_name: Callable[[str], str]) -> None:
    rng = np.random.default_rng(0)
    pairs = rng.integers(0, 255, (2, 2, 3, 30, 44), np.uint8)
    queries = SENTENCES[::2]
    full, half = (loaded(model_name(name), precision) for precision in ("float32", "bfloat16"))
    together = full.predict_tiles(pairs, queries)
    assert together.shape == (2, 2, 30, 44)
    assert together.dtype == np.float32
    apart = np.concatenate([full.predict_tiles(pair[None], queries) for pair in pairs])
    np.testing.assert_allclose(together, apart, atol=1e-4)
    assert isinstance(full, DateEncoder)
    dates = [full.encode_date(pairs[:, date]) for date in (0, 1)]
    np.testing.assert_allclose(full.combine(*dates, queries), together, atol=1e-4)
    # Random weights are near every threshold: the two precisions need not agree.
    found = half.predict_tiles(pairs, queries)
    assert found.shape == together.shape
    assert np.isfinite(found).all()


def test_tiles_leave_no_seams(ponds: list[Path], tmp_path: Path) -> None:
    areas = []
    for tile_px, overlap_px in ((64, 16), (96, 0)):
        info = ModelInfo("bright", "1", 0.5, (0.0, float("inf")), tile_px)
        result = detect_changes(
            ponds[0], ponds[4], ["new bright ponds"], output=tmp_path / f"{tile_px}.gpkg",
            model=RivalSegmenter(BrightThings(), info), tile_px=tile_px, overlap_px=overlap_px,
        )  # fmt: skip
        areas.append(sorted(result.polygons.area))
    assert len(areas[0]) == 2
    np.testing.assert_allclose(areas[0], areas[1], rtol=1e-6)
    np.testing.assert_allclose(areas[0], [20 * 20 / 4, 20 * 30 / 4], rtol=0.1)


def test_stack_and_batch(
    ponds: list[Path], model_name: Callable[[str], str], tmp_path: Path
) -> None:
    name = model_name("clipseg")
    stack = detect_changes_stack(
        ponds[:3], ["changed ponds"], output=tmp_path / "stack.gpkg", model=name, device="cpu",
        tile_px=64,
    )  # fmt: skip
    assert len(stack.report.pairs) == 2
    table = tmp_path / "jobs.csv"
    table.write_text(f"id,before,after\na,{ponds[0]},{ponds[2]}\nb,{ponds[1]},{ponds[4]}\n")
    batch = run_batch(table, tmp_path / "batch", "changed ponds", model=name, device="cpu")
    assert [entry["status"] for entry in batch.entries] == ["done", "done"]
    assert all(entry["model_version"].startswith("clipseg ") for entry in batch.entries)
