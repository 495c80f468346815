"""Ablations through the real command line, with small models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from mtrs_geo.cli import app
from mtrs_geo.errors import RequestError
from mtrs_geo.training.ablations import run_ablations
from mtrs_geo.training.run_config import CONFIGS


def arguments(root: Path, mini: dict[str, list[str]]) -> list[str]:
    return [
        "--data.root", str(root), "--data.crop_px", "64", "--data.batch_size", "1",
        "--trainer.accelerator", "cpu", "--trainer.enable_progress_bar", "false",
        "--model.imagenet", "false", *mini["tiny"],
    ]  # fmt: skip


def test_variants_are_run_resumed_and_tabulated(
    root: Path, mini: dict[str, list[str]], tmp_path: Path
) -> None:
    out, options = tmp_path / "ablations", arguments(root, mini)
    command = ["train", "ablations", "-o", str(out), "--steps", "1", "--json"]
    some = ["--only", "avg", "--only", "end_to_end"]
    done = CliRunner().invoke(app, [*command, *some, *options])
    assert done.exit_code == 0, done.output
    first = json.loads(done.stdout)
    assert [(r["variant"], r["steps"]) for r in first] == [("avg", 2), ("end_to_end", 2)]
    assert {"iou", "miou"} <= first[0]["metrics"].keys()
    table = (out / "ablations.md").read_text().splitlines()
    assert table[0].startswith("| variant | steps | iou | miou |")
    assert [line.split(" | ")[0] for line in table[2:]] == ["| avg", "| end_to_end"]
    assert (out / "ablations.csv").read_text().startswith("variant,steps,iou,miou,")
    # A finished variant is kept; another is resumed from its last checkpoint.
    stamps = {p: p.stat().st_mtime_ns for p in out.rglob("last.ckpt")}
    assert len(stamps) == 3
    (out / "avg" / "result.json").unlink()
    again = run_ablations(out, options, steps=1, only=["avg", "end_to_end"])
    assert [r.metrics for r in again] == [pytest.approx(r["metrics"]) for r in first]
    assert {p: p.stat().st_mtime_ns for p in out.rglob("last.ckpt")} == stamps
    with pytest.raises(RequestError, match="end_to_end is finished with other settings"):
        run_ablations(out, options, steps=2, only=["end_to_end"])


def test_unknown_variants_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        RequestError, match=r"has no variant x\. Give names of change_aware, concat_conv"
    ):
        run_ablations(tmp_path, [], only=["x"])


@pytest.mark.parametrize("steps", [0, -3])
def test_fewer_steps_than_one_are_refused(steps: int, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=f"steps is {steps}; a stage has 1 or more"):
        run_ablations(tmp_path, [], steps=steps, only=["avg"])
    assert not list(tmp_path.iterdir())


def test_variants_name_configurations_that_exist() -> None:
    for stages in yaml.safe_load((CONFIGS / "ablations.yaml").read_text()).values():
        for stage in stages:
            for name in (stage["config"], *stage.get("steps", ())):
                assert (CONFIGS / f"{name}.yaml").exists()
