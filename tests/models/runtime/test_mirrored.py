"""Probabilities averaged over mirrored images, with the bundled model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from mtrs_geo import detect_changes
from mtrs_geo.cli import app
from mtrs_geo.data.rendering.synthetic import RenderedPair, render_pair, write_pair
from mtrs_geo.io.raster import read_probability
from mtrs_geo.models import ChangeSegmenter, MirroredSegmenter, load_model

PLAIN, SIDED = "at least some new buildings", "new buildings in the north-west"


@pytest.fixture(scope="module")
def tiny() -> ChangeSegmenter:
    return load_model("tiny", "cpu")


@pytest.fixture(scope="module")
def pair() -> RenderedPair:
    return render_pair(160, 192, seed=3, new_buildings=3, demolished=1)


def test_the_result_is_the_mean_of_three(tiny: ChangeSegmenter, pair: RenderedPair) -> None:
    before, after = pair.before, pair.after
    original, up_down, left_right = (
        flip(tiny.predict(flip(before), flip(after), [PLAIN, ""]).transpose(1, 2, 0))
        for flip in (lambda image: image, np.flipud, np.fliplr)
    )
    mean = MirroredSegmenter(tiny).predict(before, after, [PLAIN, ""]).transpose(1, 2, 0)
    np.testing.assert_allclose(mean, (original + up_down + left_right) / 3, atol=1e-5)
    assert np.abs(mean - original).max() > 0.01


def test_queries_with_a_side_are_not_mirrored(tiny: ChangeSegmenter, pair: RenderedPair) -> None:
    before, after = pair.before, pair.after
    plain = tiny.predict(before, after, [SIDED, PLAIN])
    mean = MirroredSegmenter(tiny).predict(before, after, [SIDED, PLAIN])
    np.testing.assert_allclose(mean[0], plain[0], atol=1e-6)
    assert np.abs(mean[1] - plain[1]).max() > 0.01
    alone = MirroredSegmenter(tiny).predict(before, after, [SIDED])
    np.testing.assert_allclose(alone[0], plain[0], atol=1e-6)


def test_the_option_gives_the_same_result_as_the_class(
    tiny: ChangeSegmenter, pair: RenderedPair, tmp_path: Path
) -> None:
    files = write_pair(tmp_path, pair)
    probability = {}
    for name, model, options in (
        ("plain", tiny, {}),
        ("option", tiny, {"mirrored": True}),
        ("wrapped", MirroredSegmenter(tiny), {}),
    ):
        path = tmp_path / f"{name}.tif"
        detect_changes(files.before, files.after, PLAIN, model=model, probability=path, **options)
        probability[name] = read_probability(path)
    np.testing.assert_array_equal(probability["option"], probability["wrapped"])
    assert (probability["option"] != probability["plain"]).any()
    command = [
        "detect", str(files.before), str(files.after), PLAIN, "--mirror", "--device", "cpu",
        "-o", str(tmp_path / "x.gpkg"), "--probability", str(tmp_path / "x.tif"),
    ]  # fmt: skip
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    np.testing.assert_array_equal(read_probability(tmp_path / "x.tif"), probability["option"])
