"""Stress tests: what each axis does to a pair, and the curves of models that are known."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from mtrs_geo.benchmark import ModelEntry
from mtrs_geo.benchmark.stress.paraphrase import paraphrase
from mtrs_geo.benchmark.stress.run import AXES, run_stress
from mtrs_geo.benchmark.stress.stored import read_stress
from mtrs_geo.cli import app
from mtrs_geo.data.split.reader import ReferringPair, open_split
from mtrs_geo.errors import OutputError, RequestError

RED = ModelEntry("red", "python:segmenters:red")
AXIS = {axis.name: axis for axis in AXES}


def disturbed(pair: ReferringPair, name: str, level: float) -> ReferringPair:
    return AXIS[name].disturb(pair, level, np.random.default_rng(0))


def test_every_level_gives_a_pair_that_fits(split: Path) -> None:
    pair = open_split(split)[5]
    for axis in AXES:
        for level in (*axis.levels, axis.clean):
            if level == axis.clean and (axis.is_wording or axis.labels):
                continue  # a number of wordings begins at 1
            if (axis.name, level) == ("translation", 32):
                continue  # more than this small image
            found = disturbed(pair, axis.name, level)
            assert found.before.shape == found.after.shape == (*found.masks.shape[1:], 3)
            assert found.before.dtype == found.after.dtype == np.uint8
            assert found.masks.dtype == np.bool_
            assert len(found.expressions) == len(found.masks) == 3


def test_what_the_axes_do(split: Path) -> None:
    pair = open_split(split)[5]
    for name in ("scale", "brightness", "contrast"):
        assert np.array_equal(disturbed(pair, name, 1).after, pair.after)
    for name in ("haze", "noise", "misregistration", "translation"):
        assert np.array_equal(disturbed(pair, name, 0).before, pair.before)
    assert disturbed(pair, "scale", 2).masks.sum() == 4 * pair.masks.sum()
    moved = disturbed(pair, "misregistration", 4)
    assert np.array_equal(moved.before[4:, 4:], pair.before[:-4, :-4])
    assert np.array_equal(moved.after, pair.after)
    assert np.array_equal(disturbed(pair, "band order", 1).after[..., 0], pair.after[..., 2])
    assert np.array_equal(disturbed(pair, "date swap", 1).before, pair.after)
    assert disturbed(pair, "haze", 0.6).after.min() > 100
    assert disturbed(pair, "letter case", 2).expressions[0] == "NEW HOUSES 0.2"
    assert disturbed(pair, "letter case", 3).expressions[0] == "New Houses 0.2"
    for text, wrong in zip(
        pair.expressions, disturbed(pair, "typing errors", 1).expressions, strict=True
    ):
        assert text != wrong
        assert sorted(text) == sorted(wrong)
        assert sum(a != b for a, b in zip(text, wrong, strict=True)) == 2


def test_colours(split: Path) -> None:
    pair = open_split(split)[5]
    green, grey = np.full((8, 8, 3), (60, 140, 60), np.uint8), np.full((8, 8, 3), 90, np.uint8)
    meadow = replace(pair, before=grey, after=np.hstack([green, grey]), masks=pair.masks[:, :8])
    dry = disturbed(meadow, "season", 1).after
    assert dry[0, 0, 0] > dry[0, 0, 1] > dry[0, 0, 2]
    assert abs(float(dry[0, 0].mean()) - green.mean()) < 5
    assert np.array_equal(dry[:, 8:], grey)
    north = disturbed(pair, "region", 1)
    assert np.allclose(north.after.mean((0, 1)), (99, 112, 106), atol=2)
    assert np.array_equal(north.before, pair.before)
    warm = disturbed(pair, "white balance", 0.2).after.astype(int) - pair.after
    assert (warm[..., 0] >= 0).all()
    assert (warm[..., 2] <= 0).all()
    assert (warm[..., 1] == 0).all()
    flat = replace(pair, before=(pair.before // 4 + 80).astype(np.uint8))
    assert disturbed(flat, "normalisation", 1).before.std() > 2 * flat.before.std()


def test_wordings(split: Path) -> None:
    texts = ("red roofs near the river that appeared", "a pond dried up", "")
    pair = replace(open_split(split)[5], expressions=texts)
    said = disturbed(pair, "paraphrase", 1).expressions
    assert said[0] == "red roofs near the river you can see now but could not see before"
    assert said[1] == "pond you could see before but cannot see now"
    assert len({disturbed(pair, "paraphrase", n).expressions[0] for n in (1, 2, 3)}) == 3
    assert sorted(disturbed(pair, "word order", 4).expressions[0].split()) == sorted(
        texts[0].split()
    )
    longer = disturbed(pair, "unknown words", 2).expressions[0].split()
    assert len(longer) == len(texts[0].split()) + 2
    assert disturbed(pair, "sentence length", 3).expressions[0].startswith(texts[0] + ", ")
    for axis in AXES:
        if axis.is_wording:
            assert disturbed(pair, axis.name, axis.levels[-1]).expressions[2] == ""
            assert disturbed(pair, axis.name, axis.levels[-1]).expressions[0] != texts[0]


@pytest.mark.parametrize(
    ("sentence", "other"),
    [
        ("grass that became a parking lot", "grass changed over to parking lot"),
        ("what changed?", "all that is not the same any more"),
        ("the red car that was removed", "red car you could see before but cannot see now"),
        ("buildings that changed", "which buildings look different now?"),
        ("unchanged roads", "unchanged roads"),
        ("what appeared", "what appeared"),
    ],
)
def test_paraphrases(sentence: str, other: str) -> None:
    assert paraphrase(sentence, 0) == other


def test_the_curves_of_a_threshold_on_red(split: Path, tmp_path: Path) -> None:
    axes = ["translation", "misregistration", "letter case", "typing errors", "brightness",
            "band order", "date swap"]  # fmt: skip
    result = run_stress(RED, split, tmp_path / "out", axes=axes, limit=3)
    kept = {curve.axis.name: curve.kept for curve in result.curves}
    # It looks at the later image pixel by pixel, and at the last word of the sentence.
    for name in ("misregistration", "letter case", "typing errors"):
        assert kept[name] == pytest.approx(1)
    consistent = next(c for c in result.curves if c.axis.name == "translation").values
    assert [consistent[level] for level in (1, 3, 8, 16)] == [1, 1, 1, 1]
    assert kept["brightness"] < 0.95
    assert kept["band order"] < 0.9
    assert 0 < kept["date swap"] < 1
    assert set(result.failed) == {f"translation 32 p{i}" for i in range(3)}
    written = json.loads((tmp_path / "out/stress.json").read_text())
    assert [axis["name"] for axis in written["axes"]] == axes
    assert "| band order | mIoU |" in (tmp_path / "out/stress.md").read_text()
    with Image.open(tmp_path / "out/curves.png") as picture:
        assert picture.width > 1000
    stored = read_stress(tmp_path / "out")
    assert stored.failed == 3
    assert [curve.name for curve in stored.curves] == axes
    brightness = next(c for c in stored.curves if c.name == "brightness")
    assert [label for label, _ in brightness.points] == ["0.5", "0.7", "1", "1.3", "1.6"]
    assert brightness.points[2][1] == 1
    page = (tmp_path / "out/index.html").read_text("utf-8")
    assert page.count("<polyline") == len(axes)
    assert "new Houses 0.2" not in page
    assert "New Houses 0.2" in page  # an example of letter case
    for name in re.findall(r'src="([^"]+)"', page):
        assert (tmp_path / "out" / name).is_file()
    with pytest.raises(OutputError, match="exists"):
        run_stress(RED, split, tmp_path / "out", axes=["haze"], limit=1)
    run_stress(RED, split, tmp_path / "out", axes=["haze"], limit=1, overwrite=True)
    both = run_stress(RED, split, axes=["typing errors", "noise"], limit=3)
    alone = run_stress(RED, split, axes=["noise"], limit=3)
    assert both.curves[1].values == alone.curves[0].values
    assert both.curves[0].reworded == 1
    assert both.curves[1].reworded is None


def test_what_is_refused(split: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="unknown axes: weather"):
        run_stress(RED, split, axes=["weather"])
    with pytest.raises(RequestError, match="no model that can be stressed"):
        run_stress(ModelEntry("oracle", "oracle"), split)
    for content in ("{", "{}", '{"model": 1, "pairs": 2, "clean_miou": null, "axes": 3}'):
        (tmp_path / "stress.json").write_text(content)
        with pytest.raises(RequestError, match="cannot be read as the result of a stress test"):
            read_stress(tmp_path)


def test_the_command(split: Path, tmp_path: Path) -> None:
    arguments = [
        *("benchmark", "stress", "python:segmenters:red", "--data", str(split), "--limit", "1"),
        *("--axes", "letter case, translation", "-o", str(tmp_path / "out"), "--json"),
    ]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 3, done.output  # the image has fewer than 32 px
    found = json.loads(done.stdout.splitlines()[-1])
    assert [axis["name"] for axis in found["axes"]] == ["letter case", "translation"]
    assert found["axes"][0]["kept"] == 1
    assert list(found["failed"]) == ["translation 32 p0"]
