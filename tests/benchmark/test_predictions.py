"""Folders of predictions: written, checked defect by defect, scored."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mtrs_geo.benchmark import BenchmarkConfig, ModelEntry, SplitEntry, run_benchmark
from mtrs_geo.benchmark.predictions.check import check_predictions
from mtrs_geo.benchmark.predictions.write import write_predictions
from mtrs_geo.errors import OutputError, RasterError


@pytest.fixture
def folder(split: Path, tmp_path: Path) -> Path:
    written = tmp_path / "oracle"
    assert write_predictions(ModelEntry("oracle", "oracle"), split, written) == {}
    return written


def edit(folder: Path, **entries: object) -> None:
    path = folder / "predictions.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | entries))


def save(path: Path, pixels: np.ndarray) -> None:
    Image.fromarray(pixels).save(path)


def test_a_good_folder(folder: Path, split: Path) -> None:
    report = check_predictions(folder, split)
    assert report.is_complete
    assert (report.samples, report.good, report.failed) == (15, 15, {})
    one_bit = folder / "masks/p0_0.png"
    Image.open(one_bit).convert("1").save(one_bit)
    assert check_predictions(folder, split).is_complete
    with pytest.raises(OutputError, match="exists"):
        write_predictions(ModelEntry("empty", "empty"), split, folder)
    write_predictions(ModelEntry("empty", "empty"), split, folder, overwrite=True)


def test_every_defect_is_reported(folder: Path, split: Path) -> None:
    masks = folder / "masks"
    good = np.asarray(Image.open(masks / "p1_0.png"))
    (masks / "p0_0.png").unlink()
    (masks / "p1_1.png").rename(masks / "P1-01.PNG")
    save(masks / "p99_0.png", good)
    save(masks / "p2_0.png", good)  # of another pair: another size
    save(masks / "p2_1.png", np.full((22, 30), 128, np.uint8))
    save(masks / "p2_2.png", np.zeros((22, 30, 3), np.uint8))
    (masks / "p3_0.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    save(masks / "p4_0.png", np.ones((24, 30), np.uint8))
    (masks / "p5_0.png").unlink()
    edit(folder, failed={"p5#0": "out of memory", "p5#1": "too long", "p77#0": "?"})
    report = check_predictions(folder, split)
    found = {(defect.kind, defect.item) for defect in report.defects}
    assert found == {
        ("missing", "p0_0.png"),
        ("misnamed", "P1-01.PNG"),
        ("extra", "p99_0.png"),
        ("wrong size", "p2_0.png"),
        ("not binary", "p2_1.png"),
        ("not binary", "p2_2.png"),
        ("unreadable", "p3_0.png"),
        ("not binary", "p4_0.png"),
        ("metadata", "p5_1.png"),
        ("metadata", "p77#0"),
    }
    messages = " ".join(defect.message for defect in report.defects)
    for part in ("should be named p1_1.png", "30 × 21 pixels, the later image 30 × 22",
                 "values 128, not 0 and 255", "new houses 0.2"):  # fmt: skip
        assert part in messages
    assert report.good == 15 - 9
    assert list(report.summary())[-1].startswith("10 defects: 1 misnamed, ")


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "cannot be read as JSON"), ("[]", "not a JSON object"), ("{}", "no text format"),
     ({"format": "x"}, "format 'x'"), ({"command": " "}, "no text command"),
     ({"hardware": 3}, "no text hardware"), ({"failed": ["p0#0"]}, "no object of texts"),
     ({"parameters": "7B"}, "no number in parameters")],
)  # fmt: skip
def test_the_json_file(folder: Path, split: Path, content: object, message: str) -> None:
    if isinstance(content, str):
        (folder / "predictions.json").write_text(content)
    else:
        edit(folder, **content)
    report = check_predictions(folder, split)
    assert [defect.kind for defect in report.defects] == ["metadata"]
    assert message in report.defects[0].message
    config = BenchmarkConfig(
        (ModelEntry("lisa", f"predictions:{folder}"),), (SplitEntry("RS", split),)
    )
    with pytest.raises(RasterError, match=message):
        run_benchmark(config, folder.parent / "out")


def test_predictions_are_scored_like_a_run(folder: Path, split: Path, tmp_path: Path) -> None:
    edit(folder, seconds_per_pair=0.5, parameters=7_000_000_000, model="LISA",
         peak_memory_bytes=2**34, hardware="one GPU", failed={"p7#1": "out of memory"})  # fmt: skip
    (folder / "masks/p0_0.png").unlink()
    (folder / "masks/p7_1.png").unlink()
    by_split = tmp_path / "by_split/RS"
    shutil.copytree(folder, by_split)
    models = [ModelEntry(n, f"predictions:{f}") for n, f in (("a", folder), ("b", by_split.parent))]
    config = BenchmarkConfig(tuple(models), (SplitEntry("RS", split),), resamples=100)
    result = run_benchmark(config, tmp_path / "out")
    for model in result.scores[0].models:
        assert (model.samples, model.failed) == (13, 2)
        assert model.scores["miou"].value == 1
    reasons = {r.sample.id: r.reason for r in result.results["RS"]["a"] if r.reason}
    assert reasons["p7#1"] == "out of memory"
    assert "p0_0.png" in reasons["p0#0"]
    speed = result.speeds["RS", "a"]
    assert (speed.pairs_per_s, speed.parameters, speed.hardware) == (2, 7_000_000_000, "one GPU")
    # A mask that changed is scored anew.
    save(by_split / "masks/p1_0.png", np.zeros((21, 30), np.uint8))
    again = run_benchmark(config, tmp_path / "out")
    assert [m.scores["miou"].value for m in again.scores[0].models] == [1, pytest.approx(12 / 13)]


def test_a_sentence_that_fails_costs_no_other_sentence(split: Path, tmp_path: Path) -> None:
    data = shutil.copytree(split, tmp_path / "RS")
    path = data / "referring_expression/p1.json"
    texts = {"referring_expressions": ["raise 0.2", "houses 0.6"]}
    path.write_text(json.dumps(json.loads(path.read_text()) | texts))
    fragile = ModelEntry("fragile", "python:segmenters:fragile")
    failed = write_predictions(fragile, data, tmp_path / "out")
    assert list(failed) == ["p1#0"]
    assert check_predictions(tmp_path / "out", data).is_complete


def test_the_script_of_the_document_writes_a_good_folder(split: Path, tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs/predictions.md").read_text("utf-8")
    script = tmp_path / "write_masks.py"
    script.write_text(text.split("```python\n")[1].split("```")[0], "utf-8")
    command = [sys.executable, str(script), str(split), str(tmp_path / "masks")]
    subprocess.run(command, check=True, timeout=120)
    assert check_predictions(tmp_path / "masks", split).is_complete
