"""Evaluation against brute force, one encoding per pair, and complete output files."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from command_server import run_command, start_command
from PIL import Image

import mtrs_geo
from mtrs_geo.data.rendering.synthetic import render_pair
from mtrs_geo.data.split.reader import ReferringPair, open_split
from mtrs_geo.data.split.writer import write_split
from mtrs_geo.errors import Cancelled, ModelError, OutputError, RasterError
from mtrs_geo.evaluation import evaluate
from mtrs_geo.evaluation.cases import Case, CaseRanking
from mtrs_geo.evaluation.sheet import write_sheet
from mtrs_geo.evaluation.table import SampleScore
from mtrs_geo.models import BrightnessSegmenter, load_model
from mtrs_geo.models.runtime.segmenter import Segmenter
from mtrs_geo.progress import Silent
from mtrs_geo.types import FloatArray, UInt8Array


class RedThreshold(BrightnessSegmenter):
    """Predicts where the later image's red band exceeds the number in the sentence."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, ...]] = []

    def predict(self, before: UInt8Array, after: UInt8Array, texts: Sequence[str]) -> FloatArray:
        self.texts.append(tuple(texts))
        red = after[..., 0].astype(np.float32)
        levels = np.array([float(text) for text in texts], np.float32)
        return (red[None] / 255 > levels[:, None, None]).astype(np.float32)


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(1)
    root = tmp_path_factory.mktemp("data") / "split"
    with write_split(root) as writer:
        for i in range(6):
            before, after = rng.integers(0, 255, (2, 20 + i, 30, 3), dtype=np.uint8)
            texts = tuple(f"{level}" for level in (0.2, 0.6, 1.1)[: 1 + i % 3])
            right = np.stack([after[..., 0] / 255 > float(text) for text in texts])
            masks = right ^ (rng.random(right.shape) < 0.06 * i)
            if len(texts) == 3:
                masks[1:] = False  # empty masks: one predicted wrongly, one correctly
            writer.add(ReferringPair(f"p{i}", before, after, texts, masks))
    return root


def test_metrics_are_those_of_the_paper(split: Path) -> None:
    result = evaluate(split, model=RedThreshold())
    ious, overlap, union, empty = [], 0, 0, []
    for pair in open_split(split):
        for text, truth in zip(pair.expressions, pair.masks, strict=True):
            prediction = pair.after[..., 0] / 255 > float(text)
            i, u = int((prediction & truth).sum()), int((prediction | truth).sum())
            ious.append(1.0 if u == 0 else i / u)
            overlap, union = overlap + i, union + u
            empty.append(not truth.any())
    scored, blank = np.array(ious), np.array(empty)
    assert result.scores.samples == len(scored) == 12
    assert result.scores.miou == pytest.approx(scored.mean())
    assert result.scores.oiou == pytest.approx(overlap / union)
    assert len({round(iou, 1) for iou in ious}) > 5
    for level in (5, 6, 7, 8, 9):
        share = (scored >= level / 10).mean()
        assert getattr(result.scores, f"pr{level}0") == pytest.approx(share)
    assert result.scores.miou_nonempty == pytest.approx(scored[~blank].mean())
    assert 0 < (scored[blank] == 1).mean() < 1
    assert result.scores.no_target_accuracy == pytest.approx((scored[blank] == 1).mean())
    assert [s.iou for s in result.samples] == pytest.approx(ious)
    assert "SampleScore" not in repr(result)


def test_expressions_of_a_pair_share_one_call(split: Path) -> None:
    model = RedThreshold()
    result = evaluate(split, model=model)
    assert [len(texts) for texts in model.texts] == [1, 2, 3, 1, 2, 3]
    assert result.encodes == 6


def test_the_model_encodes_once_per_pair(tmp_path: Path) -> None:
    rendered = render_pair(64, 64, seed=0, new_buildings=1, demolished=0)
    texts = ("new buildings", "demolished buildings", "", "new roads")
    with write_split(tmp_path / "s") as writer:
        for name in "abc":
            masks = np.stack([rendered.appeared] * 4)
            writer.add(ReferringPair(name, rendered.before, rendered.after, texts, masks))
    # A second JSON file of the same two images belongs to the same pair.
    again = json.loads((tmp_path / "s/referring_expression/a.json").read_text())
    again["referring_expressions"] = ["demolished houses"]
    (tmp_path / "s/referring_expression/a2.json").write_text(json.dumps(again))
    model = load_model("tiny", device="cpu")
    assert isinstance(model, Segmenter)
    calls = []
    encode = model.model.encode

    def counted(*images: object) -> object:
        calls.append(images)
        return encode(*images)

    model.model.encode = counted
    result = evaluate(tmp_path / "s", model=model)
    assert len(calls) == result.encodes == 3
    assert result.scores.samples == 13


def test_output_files(split: Path, tmp_path: Path) -> None:
    result = evaluate(split, model=RedThreshold(), output=tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "cases.png", "samples.csv", "scores.json",
    ]  # fmt: skip
    assert result.table is not None
    assert result.sheet is not None
    with result.table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert float(rows[3]["iou"]) == pytest.approx(result.samples[3].iou, abs=1e-6)
    assert {row["no_target"] for row in rows} == {"0", "1"}
    scores = json.loads((tmp_path / "out/scores.json").read_text())
    assert scores["miou"] == result.scores.miou
    with Image.open(result.sheet) as sheet:
        assert min(sheet.size) > 500
        colours = {colour for _, colour in sheet.convert("RGB").getcolors(1 << 24) or []}
    assert {(255, 212, 0), (255, 61, 110), (0, 200, 255)} <= colours
    with pytest.raises(OutputError, match="pass --overwrite"):
        evaluate(split, model=RedThreshold(), output=tmp_path / "out")
    evaluate(split, model=RedThreshold(), output=tmp_path / "out", overwrite=True)


def test_other_arguments_are_refused(split: Path) -> None:
    for data in (5, None):
        with pytest.raises(RasterError, match="is not the folder of a split"):
            evaluate(data)  # type: ignore[arg-type]
    for model, device in ((5, "auto"), (RedThreshold(), "cuda:7")):
        with pytest.raises(ModelError, match=r"is not a model|device 'cuda:7' has no effect"):
            evaluate(split, model=model, device=device)  # type: ignore[arg-type]


def test_cancelled_and_failed_runs_write_nothing(split: Path, tmp_path: Path) -> None:
    class Stop(Silent):
        cancelled = True

    with pytest.raises(Cancelled):
        evaluate(split, model=RedThreshold(), output=tmp_path / "out", progress=Stop())
    with pytest.raises(RasterError, match="no folder A"):
        evaluate(tmp_path, model=RedThreshold(), output=tmp_path / "out")
    with pytest.raises(ModelError, match="no model"):
        evaluate(split, model="huge", output=tmp_path / "out")
    assert not list(tmp_path.iterdir())


def score(name: str, iou: float, hit: int, wrong: int) -> Case:
    blank = np.zeros((4, 4), bool)
    image = np.zeros((4, 4, 3), np.uint8)
    return Case(SampleScore(name, 0, "x", iou, hit, wrong, 0), image, image, blank, blank)


def test_cases_are_the_worst_and_the_best() -> None:
    ranking = CaseRanking(limit=2)
    for case in (score("good", 0.9, 90, 10), score("empty right", 1.0, 0, 0),
                 score("bad", 0.0, 0, 10), score("worse", 0.0, 0, 99),
                 score("best", 0.95, 95, 5), score("middle", 0.5, 50, 50)):  # fmt: skip
        ranking.add(case)
    assert [case.sample.pair for case in ranking.worst()] == ["worse", "bad"]
    assert [case.sample.pair for case in ranking.best()] == ["best", "good"]
    few = CaseRanking(limit=2)
    few.add(score("only", 0.5, 5, 5))
    assert [case.sample.pair for case in few.worst()] == ["only"]
    assert few.best() == []


def test_captions_end_before_the_other_half(tmp_path: Path) -> None:
    name, texts = (
        "name_of_a_scene_" * 6,
        ("新しい建物が道路の北側に建てられた" * 6, "new houses " * 30),
    )
    ranking = CaseRanking()
    for index, text in enumerate(texts):
        image, mask = np.zeros((80, 20, 3), np.uint8), np.ones((80, 20), bool)
        sample = SampleScore(name, index, text, 0.5, 800, 400, 400)
        ranking.add(Case(sample, image, image, mask, mask))
    write_sheet(tmp_path / "cases.png", ranking, "tiny")
    with Image.open(tmp_path / "cases.png") as sheet:
        best = np.asarray(sheet.convert("L"))[60:-60, sheet.width // 2 :]
    assert best.min() > 100  # "no best prediction", in grey


def test_the_command(split: Path, tmp_path: Path) -> None:
    options = "--data", split, "--model", "brightness"
    done = start_command("evaluate", *options, "-o", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    output = json.loads(done.stdout)
    assert {"miou", "oiou", "pr50", "pr60", "pr70", "pr80", "pr90", "miou_nonempty",
            "no_target_accuracy", "samples"} <= output.keys()  # fmt: skip
    assert output["samples"] == 12
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert events[-1]["done"] == events[-1]["total"] == 12
    assert Path(output["sheet"]).is_file()
    plain = run_command("evaluate", *options)
    assert "mIoU" in plain.stdout
    wrong = run_command("evaluate", "--data", tmp_path, "--model", "brightness")
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("error: ")
    assert "Example" in run_command("evaluate", "--help").stdout


def test_scores_without_samples_are_null_in_json(tmp_path: Path) -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    with write_split(tmp_path / "s") as writer:
        writer.add(ReferringPair("a", image, image, ("x",), np.ones((1, 8, 8), bool)))
    result = mtrs_geo.evaluate(tmp_path / "s", model="brightness")
    assert result.as_json()["no_target_accuracy"] is None
    assert "nan" not in " ".join(result.summary())
    assert result.as_json()["miou"] == 0
