"""Answers averaged over mirror images, by the bundled model."""

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

FREE, SIDED = "at least some new buildings", "new buildings in the north-west"


@pytest.fixture(scope="module")
def tiny() -> ChangeSegmenter:
    return load_model("tiny", "cpu")


@pytest.fixture(scope="module")
def pair() -> RenderedPair:
    return render_pair(160, 192, seed=3, new_buildings=3, demolished=1)


def test_the_mean_of_three(tiny: ChangeSegmenter, pair: RenderedPair) -> None:
    before, after = pair.before, pair.after
    upright, over, aside = (
        turn(tiny.predict(turn(before), turn(after), [FREE, ""]).transpose(1, 2, 0))
        for turn in (lambda image: image, np.flipud, np.fliplr)
    )
    answer = MirroredSegmenter(tiny).predict(before, after, [FREE, ""]).transpose(1, 2, 0)
    np.testing.assert_allclose(answer, (upright + over + aside) / 3, atol=1e-5)
    assert np.abs(answer - upright).max() > 0.01


def test_sides_are_not_mirrored(tiny: ChangeSegmenter, pair: RenderedPair) -> None:
    before, after = pair.before, pair.after
    plain = tiny.predict(before, after, [SIDED, FREE])
    answer = MirroredSegmenter(tiny).predict(before, after, [SIDED, FREE])
    np.testing.assert_allclose(answer[0], plain[0], atol=1e-6)
    assert np.abs(answer[1] - plain[1]).max() > 0.01
    alone = MirroredSegmenter(tiny).predict(before, after, [SIDED])
    np.testing.assert_allclose(alone[0], plain[0], atol=1e-6)


def test_as_an_option(tiny: ChangeSegmenter, pair: RenderedPair, tmp_path: Path) -> None:
    files = write_pair(tmp_path, pair)
    found = {}
    for name, model, options in (
        ("plain", tiny, {}),
        ("option", tiny, {"mirrored": True}),
        ("wrapped", MirroredSegmenter(tiny), {}),
    ):
        path = tmp_path / f"{name}.tif"
        detect_changes(files.before, files.after, FREE, model=model, probability=path, **options)
        found[name] = read_probability(path)
    np.testing.assert_array_equal(found["option"], found["wrapped"])
    assert (found["option"] != found["plain"]).any()
    command = [
        "detect", str(files.before), str(files.after), FREE, "--mirror", "--device", "cpu",
        "-o", str(tmp_path / "x.gpkg"), "--probability", str(tmp_path / "x.tif"),
    ]  # fmt: skip
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    np.testing.assert_array_equal(read_probability(tmp_path / "x.tif"), found["option"])
