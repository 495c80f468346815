"""Classical change detection behind the contract of segmenters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mtrs_geo import detect_changes, load_model
from mtrs_geo.errors import ModelError
from mtrs_geo.models import ChangeSegmenter, LandCoverQuery, load_vocabulary, model_version
from mtrs_geo.models.classical import CLASSICAL
from mtrs_geo.models.classical.irmad import irmad
from mtrs_geo.models.classical.thresholds import as_probability, otsu

TRUTH = np.s_[40:70, 80:120]


def dates(*, changed: bool) -> tuple[np.ndarray, np.ndarray]:
    """Two dates (H, W, 3) of blocks with noise; the later one is brighter, and may have a roof."""
    rng = np.random.default_rng(0)
    ground = rng.integers(60, 140, (20, 20, 3)).repeat(8, 0).repeat(8, 1).astype(float)
    pair = [ground, ground * 1.1 + 8]
    if changed:
        pair[1] = pair[1].copy()
        pair[1][TRUTH] = (230, 60, 60)
    before, after = (np.clip(d + rng.normal(0, 4, d.shape), 0, 255).astype(np.uint8) for d in pair)
    return before, after


@pytest.mark.parametrize("name", CLASSICAL)
def test_finds_a_change_and_nothing_else(name: str) -> None:
    model = load_model(name)
    assert isinstance(model, ChangeSegmenter)
    found = model.predict(*dates(changed=True), ["new buildings", ""])
    assert found.shape == (2, 160, 160)
    assert found.dtype == np.float32
    assert 0 <= found.min() <= found.max() <= 1
    np.testing.assert_array_equal(found[0], found[1])
    truth = np.zeros((160, 160), bool)
    truth[TRUTH] = True
    answer = found[0] > 0.5
    assert (answer & truth).sum() / (answer | truth).sum() > 0.9
    # A threshold that splits any tile would find a half of this one.
    assert (model.predict(*dates(changed=False), [""]) > 0.5).mean() < 0.005


@pytest.mark.parametrize("name", CLASSICAL)
def test_a_border_without_data_changes_nothing(name: str) -> None:
    model = load_model(name)
    pair = dates(changed=True)
    plain = model.predict(*pair, [""])[0]
    # Few pixels of a wide border, and one whose width is not a multiple of a block.
    for border in ((3, 701), (240, 2)):
        wide = [np.pad(np.maximum(date, 1), (border, border, (0, 0))) for date in pair]
        found = model.predict(*wide, [""])[0]
        inside = np.s_[border[0] : border[0] + 160, border[0] : border[0] + 160]
        np.testing.assert_array_equal(found[inside], plain)
        found[inside] = 0
        assert found.max() == 0


@pytest.mark.parametrize("name", CLASSICAL)
def test_an_oblique_collar_changes_little(name: str) -> None:
    before, after = dates(changed=True)
    rows, cols = np.indices(before.shape[:2])
    has_data = np.abs(cols - 100 - 0.7 * (rows - 55)) < 50
    truth = np.zeros(has_data.shape, bool)
    truth[TRUTH] = True
    before[~has_data] = after[~has_data] = 0
    answer = load_model(name).predict(before, after, [""])[0] > 0.5
    assert not answer[~has_data].any()
    assert (answer & truth).sum() / (answer | truth & has_data).sum() > 0.9


@pytest.mark.parametrize("name", [*CLASSICAL, "brightness"])
@pytest.mark.parametrize("device", ["tpu", "meta", "cuda:99", ""])
def test_a_device_that_cannot_be_used_is_refused(name: str, device: str) -> None:
    with pytest.raises(ModelError, match="cannot be used on this machine"):
        load_model(name, device)


def test_values_that_hardly_differ_have_no_threshold_between_them() -> None:
    values = np.array([0.5, np.nextafter(np.float32(0.5), np.float32(1))], np.float32)
    assert otsu(values) == values[1]


@pytest.mark.parametrize("name", CLASSICAL)
def test_contract(name: str) -> None:
    model = load_model(name)
    rng = np.random.default_rng(1)
    for rows, cols in ((1, 1), (2, 9), (37, 21)):
        pairs = rng.integers(0, 255, (2, 2, 3, rows, cols), np.uint8)
        found = model.predict_tiles(pairs, ["x", LandCoverQuery("road")])
        assert found.shape == (2, 2, rows, cols)
        assert np.isfinite(found).all()
        assert found[:, 1].max() == 0
    same = np.repeat(pairs[:, :1], 2, axis=1)
    assert model.predict_tiles(same, ["x"]).max() < 0.5
    assert model.predict_tiles(np.zeros_like(pairs), ["x"]).max() < 0.5
    assert model.info.knows.open
    assert load_vocabulary(name).open
    assert model_version(name) == ()


def test_irmad_does_not_depend_on_gain_and_offset() -> None:
    before, after = (date.transpose(2, 0, 1) for date in dates(changed=True))
    darker = (after * 0.5 + 20).round().astype(np.uint8)
    everywhere = np.ones(before.shape[1:], np.bool_)
    first, second = (irmad(before, date, everywhere) > 0.5 for date in (after, darker))
    assert (first != second).mean() < 0.01


def test_otsu_equals_brute_force() -> None:
    rng = np.random.default_rng(2)
    values = np.concatenate([rng.normal(20, 3, 900), rng.normal(60, 5, 300)]).astype(np.float32)
    candidates = np.linspace(values.min(), values.max(), 500)[1:-1]

    def within(threshold: float) -> float:
        parts = values[values <= threshold], values[values > threshold]
        return sum(part.var() * len(part) for part in parts)

    best = min(map(within, candidates))
    assert within(otsu(values)) == pytest.approx(best, rel=0.01)
    assert otsu(np.full((3, 3), 7, np.float32)) == 7


def test_probability_is_half_at_the_threshold() -> None:
    found = as_probability(np.array([0, 5, 10, 1e9], np.float32), 10)
    np.testing.assert_allclose(found, [0, 1 / 3, 0.5, 1], atol=1e-6)


def test_detect(ponds: list[Path], tmp_path: Path) -> None:
    result = detect_changes(
        ponds[0], ponds[2], ["new ponds", "changed things"], output=tmp_path / "c.gpkg",
        model="cva",
    )  # fmt: skip
    assert sorted(result.report.polygons.values()) == [1, 1]


@pytest.mark.parametrize("name", [*CLASSICAL, "brightness"])
def test_a_precision_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match=rf"precision bfloat16 has no effect on {name}, which has"):
        load_model(name, precision="bfloat16")
