"""The benchmarks run at a small size."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import geopandas
import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared/data"


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / script), *arguments],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip


def test_gpu_benchmark_with_small_models(tmp_path: Path) -> None:
    done = run("gpu.py", "--device", "cpu", "--size", "300", "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    measured = json.loads((tmp_path / "figures.json").read_text())
    assert set(measured) == {"tiny", "base"}
    for name, facts in measured.items():
        assert facts["tiles"] == 4
        assert 0 < facts["busy"] <= 1
        assert json.loads((tmp_path / f"{name}.json").read_text())["traceEvents"]


def test_scale_benchmark() -> None:
    done = run("scale.py", "--size", "300", "--model", "brightness")
    assert done.returncode == 0, done.stderr
    assert "100 km² at 0.5 m: 8,100 tiles" in done.stdout


def test_runtimes_at_a_small_size(tmp_path: Path) -> None:
    """No time is asserted, as machines differ."""
    path = tmp_path / "r.json"
    done = run("runtimes.py", "--rounds", "1", "--batch-sizes", "1", "--json", str(path))
    assert done.returncode == 0, done.stderr
    measured = json.loads(path.read_text())
    for row in measured.pop("runtimes"):
        assert row["seconds"] > 0
        assert row["difference"] < (0.5 if "bfloat16" in row["name"] else 1e-4)
    assert {row["name"] for rows in measured.values() for row in rows} >= {"cpu, batches of 1"}


def test_understanding_benchmark() -> None:
    done = run("understanding.py", "--split", "report 5")  # the smallest
    assert done.returncode == 0, done.stderr
    assert "in scope: " in done.stdout


def test_gpu_benchmark_of_a_model_only() -> None:
    done = run("gpu.py", "--device", "cpu", "--alone", "--presets", "tiny")
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split("tiny alone: ")[1].split()[0]) > 0


def test_validation_of_one_pair_per_group(tmp_path: Path) -> None:
    if not (SHARED / "pairs/levir").is_dir():
        pytest.skip("../shared/data does not exist: the validation table was not tested")
    done = run(
        "validation.py", "--root", str(SHARED), "--model", "brightness", "--limit", "1",
        "--json", str(tmp_path / "v.json"), "--markdown", str(tmp_path / "v.md"),
    )  # fmt: skip
    assert done.returncode == 1, done.stderr  # brightness keeps few promises
    rows = json.loads((tmp_path / "v.json").read_text())["rows"]
    assert {row["group"] for row in rows} == {
        "levir", "guangzhou", "ground", "composed", "seasons", "storms", "disturbed"
    }  # fmt: skip
    assert all(0 <= row["value"] <= 1 for row in rows if row["group"] != "disturbed")
    assert "promises kept" in done.stdout
    assert "| figure | value | needed | | samples |" in (tmp_path / "v.md").read_text()


@pytest.mark.parametrize(
    "script", ["validation.py", "accuracy.py", "joplin.py", "calibration.py", "familiarity.py"]
)
def test_the_data_root_is_required(script: str) -> None:
    done = run(script)
    assert done.returncode == 2
    assert "required: --root" in done.stderr


def test_unknown_figures_are_refused() -> None:
    done = run("validation.py", "--root", "data", "--figures", "levir,tables")
    assert done.returncode == 2
    assert "unknown figures: tables" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_runs_that_are_killed_leave_all_outputs_or_none() -> None:
    done = run("kill_loop.py", "--runs", "12", "--size", "512")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 of 12 broken" in done.stdout


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_runs_that_are_killed_and_resumed_end_like_an_unbroken_one() -> None:
    done = run("resume_loop.py", "--kills", "3", "--size", "220")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_memory_of_a_wide_raster_and_of_a_plan(tmp_path: Path) -> None:
    sizes = ("--sizes", "2048", "4096", "--rows", "512", "--plan-side", "100")
    done = run("wide_memory.py", *sizes, "--json", str(tmp_path / "m.json"))
    assert done.returncode == 0, done.stdout + done.stderr
    measured = json.loads((tmp_path / "m.json").read_text())
    assert measured["plan_mb"] < 50
    assert measured["peaks"]["4096"]["polygons"] == 1


def test_readers_and_the_time_outside_the_model_at_a_small_size() -> None:
    """No time is asserted, as machines differ."""
    done = run("readers.py", "--size", "600")
    assert "times as fast as GDAL" in done.stdout, done.stderr
    assert "9 tiles of 1 ms" in done.stdout
    done = run("outside_model.py", "--size", "300", "--model", "brightness")
    assert "bottleneck: " in done.stdout, done.stderr
    assert "time outside the model" in done.stdout


def test_a_stack_answers_like_its_pairs() -> None:
    arguments = ("--model", "brightness", "--dates", "3", "--size", "128", "--short")
    done = run("stack.py", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "largest difference of a probability: 0.0000" in done.stdout


def test_multiplications_of_a_stack() -> None:
    done = run("stack_count.py", "--dates", "3")
    assert done.returncode == 0, done.stderr
    assert "3 dates, neighbouring dates: 0.8" in done.stdout


def test_complex_areas_at_a_small_size() -> None:
    done = run("complex_aoi.py", "--model", "brightness", "--size", "256", "--polygons", "400")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("ratio") == 3


def test_peers_at_a_small_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every method finds the same; ours depends on no tile size and cuts no polygon."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks/peers")
    compare, job, methods = (import_module(name) for name in ("compare", "job", "methods"))
    job.write_job(tmp_path, 600)
    found = {}
    for name in (methods.OURS, "whole arrays", "tile by tile", "tile by tile, dissolved"):
        work = job.Job(tmp_path, 128)
        work.output.unlink(missing_ok=True)
        methods.METHODS[name]()(work)
        outlines = geopandas.read_file(work.output, layer=0).geometry.normalize().array
        found[name] = np.asarray(outlines)
    ours, whole, pieces, dissolved = found.values()
    assert len(ours) > 0
    assert compare.cut(ours) == compare.cut(whole) == compare.cut(dissolved) == 0
    assert compare.cut(pieces) > 0
    for others in (whole, dissolved):
        assert compare.differing(ours, others) == 0
    assert compare.differing(ours, pieces) > 0
    monkeypatch.setattr(sys, "argv", ["compare.py", "--sizes", "600", "--tiles", "128", "256",
                                      "--methods", methods.OURS])  # fmt: skip
    assert compare.main() == 0
    printed = capsys.readouterr().out
    assert "ours are equal for two tile sizes: kept" in printed
    assert "| 600 | mtrs-geo |" in printed
