"""A run: scores as `evaluate` gives them, a cache, failures with a reason, the same bytes."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mtrs_geo.benchmark import BenchmarkConfig, ModelEntry, SplitEntry, run_benchmark
from mtrs_geo.benchmark.run import _RESULT_FILES
from mtrs_geo.benchmark.stress.run import _CONTENTS as _STRESS_FILES
from mtrs_geo.data.split.reader import open_split
from mtrs_geo.errors import Cancelled, OutputError, RasterError, RequestError
from mtrs_geo.evaluation import evaluate
from mtrs_geo.outputs import refuse_foreign
from mtrs_geo.progress import Silent

RED = ModelEntry("red", "python:segmenters:red")
BOUNDS = tuple(ModelEntry(name, name) for name in ("oracle", "empty", "everything"))
FILES = ("scores.json", "samples.csv", "table.md")


def config(split: Path, *models: ModelEntry) -> BenchmarkConfig:
    return BenchmarkConfig(models, (SplitEntry("RS", split, gsd_m=0.5),), resamples=200)


def samples(folder: Path) -> list[dict[str, str]]:
    with (folder / "results/samples.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_scores_are_those_of_evaluate_and_one_call_serves_a_pair(
    split: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = tmp_path / "calls.txt"
    monkeypatch.setenv("CALLS", str(calls))
    result = run_benchmark(config(split, RED, *BOUNDS), tmp_path / "out")
    assert calls.read_text().split() == ["1", "2", "3", "1", "2", "3", "1", "2"]
    monkeypatch.delenv("CALLS")
    red, oracle, empty, everything = result.scores[0].models
    from segmenters import RedThreshold

    expected = evaluate(split, model=RedThreshold()).scores
    for name in ("miou", "oiou", "pr50", "pr90", "miou_nonempty", "no_target_accuracy"):
        assert red.scores[name].value == pytest.approx(getattr(expected, name))
    assert oracle.scores["miou"].value == oracle.scores["boundary_f1"].value == 1
    assert empty.scores["no_target_accuracy"].value == 1
    assert empty.scores["miou_nonempty"].value == 0
    assert everything.scores["no_target_accuracy"].value == 0
    assert 0 < red.scores["miou"].low < red.scores["miou"].value < red.scores["miou"].high < 1
    groups = {(g.axis, g.name): g.samples for g in red.groups}
    assert groups["change type", "disappear"] == 5
    assert groups["object class", "water"] == 2
    assert groups["size", "empty"] == 4
    assert sum(n for (axis, _), n in groups.items() if axis == "position") == 15
    speed = result.speeds["RS", "red"]
    assert speed.pairs_per_s
    assert speed.km2_per_s
    assert speed.peak_bytes
    assert result.speeds["RS", "oracle"].pairs_per_s is None
    # A second run asks nothing, whatever the path of the data.
    monkeypatch.setenv("CALLS", str(calls))
    moved = shutil.copytree(split, tmp_path / "moved")
    again = run_benchmark(config(moved, RED), tmp_path / "out")
    assert len(calls.read_text().split()) == 8
    assert again.scores[0].models[0].scores == red.scores
    # Another true mask is scored with the old answer; another sentence is asked.
    shutil.copy(moved / "masks/p4_0.png", moved / "masks/p1_0.png")
    record = moved / "referring_expression/p0.json"
    record.write_text(record.read_text().replace("houses 0.2", "houses 0.3"))
    other = shutil.copyfile(moved / "B/p4.png", moved / "B/p1.png")
    assert other.is_file()
    shutil.copyfile(moved / "A/p4.png", moved / "A/p1.png")
    shutil.copyfile(moved / "masks/p4_1.png", moved / "masks/p1_1.png")
    run_benchmark(config(moved, RED), tmp_path / "out")
    assert calls.read_text().split()[8:] == ["1"]


def test_failed_samples_have_a_reason_and_are_asked_again(split: Path, tmp_path: Path) -> None:
    data = shutil.copytree(split, tmp_path / "RS")
    sentences = {"p1": ["raise 0.2", "houses 0.6"], "p3": ["die 0.2"], "p4": ["nan 0.2", "x 0.6"],
                 "p6": ["shape 0.2"]}  # fmt: skip
    for name, texts in sentences.items():
        path = data / f"referring_expression/{name}.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"referring_expressions": texts}))
    fragile = ModelEntry("fragile", "python:segmenters:fragile")
    missing = ModelEntry("missing", "python:segmenters:nothing")
    result = run_benchmark(config(data, fragile, missing), tmp_path / "out")
    model, absent = result.scores[0].models
    assert (model.samples, model.failed) == (11, 4)
    assert (absent.samples, absent.failed, result.failed) == (0, 15, 19)
    reasons = {
        row["sample"]: row["failed"]
        for row in samples(tmp_path / "out")
        if row["model"] == "fragile" and row["failed"]
    }
    assert set(reasons) == {"p1#0", "p3#0", "p4#0", "p6#0"}
    assert reasons["p1#0"].startswith("RuntimeError: out of memory")
    assert "secret" not in reasons["p1#0"]
    assert "signal 9" in reasons["p3#0"]
    assert "NaN" in reasons["p4#0"]
    assert "shape" in reasons["p6#0"]
    worse = ModelEntry("worse", "empty")
    result = run_benchmark(config(data, worse, missing, RED), tmp_path / "out")
    lines = [line.split()[0] for line in result.summary() if line.startswith("  ")]
    assert [name for name in lines if not name.isdigit()] == ["red", "worse", "missing"]
    run_benchmark(config(data, fragile, missing), tmp_path / "out")
    rows = [row for row in samples(tmp_path / "out") if row["model"] == "missing"]
    assert "returned NoneType, which is no segmenter" in rows[0]["failed"]


def test_several_processes_give_the_same_bytes_as_one(split: Path, tmp_path: Path) -> None:
    run_benchmark(config(split, RED), tmp_path / "one")
    run_benchmark(config(split, RED), tmp_path / "three", processes=3)
    for name in FILES[:2]:
        one, three = (tmp_path / f"{n}/results/{name}" for n in ("one", "three"))
        assert one.read_bytes() == three.read_bytes(), name
    pictures = {
        n: {p.name: p.read_bytes() for p in (tmp_path / n / "results/pictures").iterdir()}
        for n in ("one", "three")
    }
    assert pictures["one"] == pictures["three"] != {}


def test_the_time_of_a_part_of_a_pair_is_not_that_of_the_pair(split: Path, tmp_path: Path) -> None:
    run_benchmark(config(split, RED), tmp_path / "out", only=["p2#1"])
    result = run_benchmark(config(split, RED), tmp_path / "out", only=["p2"])
    assert result.speeds["RS", "red"].pairs_per_s is None
    result = run_benchmark(config(split, RED), tmp_path / "out")
    assert result.speeds["RS", "red"].pairs_per_s


def test_parts_of_a_split(split: Path, tmp_path: Path) -> None:
    models = config(split, *BOUNDS[:2])
    result = run_benchmark(models, tmp_path / "out", limit=2)
    assert [pair.name for pair in result.pairs["RS"]] == ["p0", "p1"]
    assert result.is_part
    result = run_benchmark(models, tmp_path / "out", only=["p5", "RS/p2#1"])
    assert [row["sample"] for row in samples(tmp_path / "out")][:4] == [
        "p2#1", "p5#0", "p5#1", "p5#2",
    ]  # fmt: skip
    with pytest.raises(RequestError, match="named nowhere"):
        run_benchmark(models, tmp_path / "out", only=["p1", "nowhere"])
    assert len(open_split(split)) == 8


def test_a_cancelled_run_goes_on(
    split: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class StopAfter(Silent):
        def __init__(self, steps: int) -> None:
            self.steps = steps

        def advance(self, steps: int = 1) -> None:
            self.steps -= steps

        @property
        def cancelled(self) -> bool:  # type: ignore[override]
            return self.steps <= 0

    calls = tmp_path / "calls.txt"
    monkeypatch.setenv("CALLS", str(calls))
    with pytest.raises(Cancelled, match="kept"):
        run_benchmark(config(split, RED), tmp_path / "out", progress=StopAfter(5))
    assert not (tmp_path / "out/results").exists()
    done = len(calls.read_text().split())
    assert 3 <= done < 8
    run_benchmark(config(split, RED), tmp_path / "out")
    assert len(calls.read_text().split()) <= 8 + 1
    assert sorted(os.listdir(tmp_path / "out")) == ["cache.sqlite", "results"]


def test_parts_without_samples(split: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(split, other)
    entries = SplitEntry("RS", split), SplitEntry("other", other)
    two = BenchmarkConfig(BOUNDS, entries, resamples=100)
    result = run_benchmark(two, tmp_path / "out", only=["RS/p1"])
    assert [scores.split for scores in result.scores] == ["RS"]
    for path in (other / "referring_expression").iterdir():
        path.write_text(json.dumps(json.loads(path.read_text()) | {"referring_expressions": []}))
    with pytest.raises(RasterError, match=r"no pair of .* has a sentence"):
        run_benchmark(two, tmp_path / "out")
    with pytest.raises(RasterError, match=r"no pair of .* has a sentence"):
        evaluate(other, model="brightness")


def test_the_reason_of_failed_samples_is_in_the_summary(split: Path, tmp_path: Path) -> None:
    typo = config(split, ModelEntry("typo", "tinny"), BOUNDS[0])
    lines = "\n".join(run_benchmark(typo, tmp_path / "out").summary())
    assert "15 failed: there is no model 'tinny'" in lines


def test_damaged_entries_of_the_cache_are_asked_again(split: Path, tmp_path: Path) -> None:
    first = run_benchmark(config(split, *BOUNDS), tmp_path / "out")
    cache = tmp_path / "out" / "cache.sqlite"
    with closing(sqlite3.connect(cache)) as database, database:
        database.execute("UPDATE scores SET counts = '{cut'")
        database.execute("UPDATE answers SET mask = x'0102'")
    second = run_benchmark(config(split, *BOUNDS), tmp_path / "out")
    assert repr(second.scores) == repr(first.scores)  # NaN is not equal to itself
    cache.write_bytes(cache.read_bytes()[:5000])
    with pytest.raises(OutputError, match=r"cache\.sqlite cannot be used") as error:
        run_benchmark(config(split, *BOUNDS), tmp_path / "out")
    assert "Move the damaged file away" in error.value.advice


@pytest.mark.parametrize("contents", [_RESULT_FILES, _STRESS_FILES])
def test_a_page_with_pictures_of_others_is_kept(contents: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    for name in ("index.html", "pictures/holiday.jpg"):
        (tmp_path / name).write_text("x")
    with pytest.raises(OutputError, match=r"holds pictures.holiday\.jpg"):
        refuse_foreign(tmp_path, contents)


def test_files_of_others_in_results_are_kept(split: Path, tmp_path: Path) -> None:
    mine = tmp_path / "results" / "my_notes.txt"
    mine.parent.mkdir()
    mine.write_text("x")
    with pytest.raises(OutputError, match=r"holds my_notes\.txt, which this command does not"):
        run_benchmark(config(split, *BOUNDS), tmp_path)
    mine.rename(tmp_path / "my_notes.txt")
    for _ in range(2):
        run_benchmark(config(split, *BOUNDS), tmp_path)
