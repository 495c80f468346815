"""Rendered pairs: reproducible, with exact ground truth."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import rasterio

from mtrs_geo.data.rendering.synthetic import PairPaths, RenderedPair, render_pair, write_large_pair


def test_the_same_seed_gives_the_same_pair() -> None:
    one, two, other = (render_pair(160, 200, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.after, two.after)
    np.testing.assert_array_equal(one.appeared, two.appeared)
    assert (one.after != other.after).any()


def test_images_differ_inside_the_masks(rendered: RenderedPair) -> None:
    difference = np.abs(rendered.before.astype(int) - rendered.after).mean(-1)
    changed = rendered.appeared | rendered.disappeared
    assert rendered.appeared.any()
    assert rendered.disappeared.any()
    assert not (rendered.appeared & rendered.disappeared).any()
    assert difference[changed].mean() > 2 * difference[~changed].mean()


def test_files_have_image_date_and_truth(pair_paths: PairPaths, rendered: RenderedPair) -> None:
    with rasterio.open(pair_paths.after) as file:
        np.testing.assert_array_equal(file.read().transpose(1, 2, 0), rendered.after)
        assert file.crs.to_epsg() == 32614
        assert file.tags()["TIFFTAG_DATETIME"].startswith("2023")
    truth = geopandas.read_file(pair_paths.truth)
    assert set(truth.change) == {"appeared", "disappeared"}
    area = truth[truth.change == "appeared"].area.sum()
    assert area == rendered.appeared.sum() * 0.25


def test_large_pairs_have_the_requested_size(tmp_path: Path) -> None:
    paths = write_large_pair(tmp_path, 1100, 1300, seed=0)
    with rasterio.open(paths.before) as before, rasterio.open(paths.after) as after:
        assert before.shape == after.shape == (1100, 1300)
        assert before.transform == after.transform
        assert (before.read(1) != after.read(1)).any()
