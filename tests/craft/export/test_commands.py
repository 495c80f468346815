"""From a project to training, through the command line."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from mtrs_geo.cli import app
from mtrs_geo.training.main import finetune


def run(*arguments):
    result = CliRunner().invoke(app, ["craft", *map(str, arguments)])
    return result.exit_code, result.output


def test_export_then_train(made):
    out = made.folder / "out"
    code, said = run("export", made.project.path, "-o", out, "--val-share", "0.25")
    assert code == 0, said
    assert "16 sentences on 8 pairs, 8 with an empty mask ->" in said
    assert "12 train, 4 val, split by place" in said
    # Stage 2, one epoch of six pairs in batches of eight.
    result = finetune([out / "train"], made.folder / "model", steps=1, minutes=2, crop_px=64)
    assert (result.trained + result.held_out, result.steps) == (6, 1)


def test_label_studio_and_back(made):
    made.add(1, "p0 shed", "state", "a shed", made.masks["p0 house"], ())
    out, path = made.folder / "tasks", made.project.path
    code, said = run("export", path, "-o", out, "--format", "label-studio", "--waiting")
    assert (code, "1 sentences on 1 pairs" in said) == (0, True)
    tasks = json.loads((out / "label_studio/tasks.json").read_text())
    annotations = made.folder / "annotations.json"
    assert run("import-label-studio", path, out / "label_studio/tasks.json")[0] == 1
    tasks[0]["annotations"] = []
    annotations.write_text(json.dumps(tasks))
    code, said = run("import-label-studio", path, annotations)
    assert code == 0
    assert set(said.splitlines()) == {
        "1 tasks are not annotated yet",
        "0 new verdicts, 0 corrections, 0 known before, 0 left out",
    }
    tasks[0]["annotations"] = [{"id": 1, "result": [], "completed_by": 1}]
    annotations.write_text(json.dumps(tasks))
    code, said = run("import-label-studio", path, annotations)
    assert code == 3
    assert "left out: 'p0', item 'p0 shed', by 'label-studio 1': a question has no answer" in said
    code, said = run("export", path, "-o", out, "--format", "xml")
    assert (code, "is not one of mtrefseg, coco" in said) == (2, True)
