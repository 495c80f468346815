"""Agreement, statistics, tiles and plots, without HTTP."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.enums import Resampling
from sklearn.metrics import cohen_kappa_score

from mtrs_geo.craft.audit.agreement import (
    cohen_kappa,
    krippendorff_alpha,
    mask_agreement,
    measure_agreement,
    read_opinions,
)
from mtrs_geo.craft.audit.image_tiles import (
    TILE_PX,
    PairWindow,
    TilePosition,
    image_tile,
    level_count,
    mask_tile,
)
from mtrs_geo.craft.audit.plots import PLOTS, draw_plot
from mtrs_geo.craft.audit.statistics import acceptances, auditor_rows, read_progress
from mtrs_geo.craft.project import Origin, Verdict
from mtrs_geo.craft.project.items import NewRound, add_round, store_mask
from mtrs_geo.craft.project.verdicts import add_verdict


def picture(content: bytes | None) -> np.ndarray:
    assert content
    return np.asarray(Image.open(io.BytesIO(content)))


def test_kappa_is_that_of_scikit_learn():
    chance = np.random.default_rng(3)
    for _ in range(20):
        first, second = chance.random((2, 40)) < chance.uniform(0.2, 0.8)
        assert cohen_kappa(first, second) == pytest.approx(cohen_kappa_score(first, second))
    assert math.isnan(cohen_kappa(np.ones(3), np.ones(3)))


def test_alpha_of_a_published_example():
    # Hayes and Krippendorff 2007, as in the article on Krippendorff's alpha in Wikipedia.
    nan = np.nan
    ratings = np.array(
        [
            [nan, nan, nan, nan, nan, 3, 4, 1, 2, 1, 1, 3, 3, nan, 3],
            [1, nan, 2, 1, 3, 3, 4, 3, nan, nan, nan, nan, nan, nan, nan],
            [nan, nan, 2, 1, 3, 4, 4, nan, 2, 1, 1, 3, 3, nan, 4],
        ]
    )
    assert krippendorff_alpha(ratings) == pytest.approx(0.691, abs=5e-4)
    assert math.isnan(krippendorff_alpha(np.ones((2, 4))))


def verdict(item, auditor, round_number=0, answers=(True, True, True)):
    return Verdict(
        f"{item}|{round_number}|{auditor}", item, round_number, auditor, *answers,
        "" if all(answers) else "wrong", 5.0,
    )  # fmt: skip


@pytest.fixture
def judged(site):
    """Items 1 to 5: Ana and Ben disagree on 2, Ben has made the mask of 3 smaller."""
    project = site.project
    smaller = np.zeros((64, 64), bool)
    smaller[6:11, 8:18] = True
    ben = Origin("person", "Ben")
    with project.transaction() as connection:
        row = store_mask(project, smaller, ben)
        add_round(project, 3, NewRound("audit", "house number 2", ben, row, "mask edited"))
        connection.execute("INSERT INTO edits VALUES (3, 1, 'Ben', 'state', 'state')")
    for item in site.items[:5]:
        add_verdict(project, verdict(item, "Ana", answers=(True, item != 4, True)))
        answers = (item != 2, item != 4, True)
        add_verdict(project, verdict(item, "Ben", int(item == 3), answers))
    return project


def test_agreement_of_two_auditors(judged):
    opinions = read_opinions(judged)
    found = measure_agreement(opinions)
    assert (found.items, len(found.pairs)) == (5, 1)
    pair = found.pairs[0]
    assert pair.auditors == ("Ana", "Ben")
    # An edited mask counts as a "no" to the mask that the stages made.
    mask = cohen_kappa_score([1, 1, 1, 1, 1], [1, 0, 0, 1, 1])
    assert pair.kappa[0] == pytest.approx(mask)
    assert pair.kappa[1] == pytest.approx(1)
    assert math.isnan(pair.kappa[2])
    assert pair.agreement == pytest.approx(0.6)
    masks = mask_agreement(judged, opinions)
    assert (masks.items, masks.edited) == (3, 1)
    assert masks.edited_iou == pytest.approx(0.5)
    assert masks.iou == pytest.approx(2.5 / 3)


def test_numbers_of_the_dashboard(judged):
    progress = read_progress(judged)
    assert progress.states == {"accepted": 3, "ready": 1, "rejected": 2}
    assert progress.share == pytest.approx(5 / 6)
    ana, ben = auditor_rows(judged)
    assert (ana.name, ana.verdicts, ana.accepted, ana.median_s) == ("Ana", 5, 4, 5.0)
    assert (ben.name, ben.accepted, ben.gold_judged) == ("Ben", 3, 0)
    groups = acceptances(judged)
    backend = groups["Sentence by"][0]
    assert (backend.name, backend.unchanged, backend.edited, backend.rejected) == (
        "class maps 1", 2, 1, 2,
    )  # fmt: skip
    assert {row.name for row in groups["Type"]} == {"appear", "disappear", "state"}


def test_plots_of_names_that_look_like_formulas(judged):
    add_verdict(judged, verdict(6, "$x_$ <b>"))
    for name in PLOTS:
        assert draw_plot(judged, name, acceptances(judged)).startswith(b"<?xml")


def test_an_empty_project_has_numbers(site):
    assert measure_agreement(read_opinions(site.project)).items == 0
    assert auditor_rows(site.project) == []
    assert draw_plot(site.project, "verdicts", {})


def write_large(path, dtype="uint8", bands=3):
    rows, cols = TILE_PX + 100, 2 * TILE_PX + 50
    ramp = np.linspace(0, 200, cols).astype(dtype)
    pixels = np.broadcast_to(ramp, (bands, rows, cols)).copy()
    pixels[0, :100] = 7
    profile = {"driver": "GTiff", "height": rows, "width": cols, "count": bands, "dtype": dtype,
               "tiled": True}  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(pixels)
        file.build_overviews([2, 4], Resampling.average)
    return PairWindow(path, path, 0, 0, rows, cols), pixels


def test_tiles_of_a_large_image(tmp_path):
    window, pixels = write_large(tmp_path / "large.tif")
    shape = (window.rows, window.cols)
    assert level_count(shape) == 3
    whole = np.zeros((*shape, 3), np.uint8)
    for row in range(2):
        for col in range(3):
            tile = picture(image_tile(window, "before", TilePosition(0, row, col)))
            top, left = row * TILE_PX, col * TILE_PX
            whole[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    np.testing.assert_array_equal(whole, pixels.transpose(1, 2, 0))
    small = picture(image_tile(window, "after", TilePosition(2, 0, 0)))
    assert small.shape == (153, 269, 3)
    assert abs(int(small[40, 200, 1]) - int(pixels[1, 160, 800])) <= 1
    for outside in (TilePosition(0, 2, 0), TilePosition(3, 0, 0), TilePosition(0, 0, 3)):
        assert image_tile(window, "before", outside) is None


def test_a_pair_that_is_a_window_of_a_larger_image(tmp_path):
    window, pixels = write_large(tmp_path / "large.tif")
    part = PairWindow(window.before, window.after, 90, 300, 64, 80)
    tile = picture(image_tile(part, "before", TilePosition(0, 0, 0)))
    np.testing.assert_array_equal(tile, pixels[:, 90:154, 300:380].transpose(1, 2, 0))


def test_one_band_of_16_bit_is_stretched_over_the_pair(tmp_path):
    window, _ = write_large(tmp_path / "large.tif", "uint16", 1)
    tiles = [picture(image_tile(window, "before", TilePosition(0, 0, col))) for col in (0, 2)]
    assert tiles[0].shape == (TILE_PX, TILE_PX, 3)
    assert tiles[0][300, 20, 0] < 15
    assert tiles[1][300, 40, 0] > 245


def test_small_masks_stay_visible_from_afar():
    mask = np.zeros((1100, 700), bool)
    mask[1001, 3] = True
    tile = picture(mask_tile(mask, TilePosition(2, 0, 0)))
    assert tile.shape == (275, 175, 2)
    assert np.argwhere(tile[..., 1]).tolist() == [[250, 0]]
    full = picture(mask_tile(mask, TilePosition(0, 1, 0)))
    assert np.argwhere(full[..., 1]).tolist() == [[1001 - TILE_PX, 3]]
    assert mask_tile(mask, TilePosition(0, 5, 0)) is None
