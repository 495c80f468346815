"""What commands print with ``--json``; what they write is tested elsewhere."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mtrs_geo.cli import app
from mtrs_geo.models.checkpoints import release
from mtrs_geo.models.runtime import onnx_export
from mtrs_geo.training import main as training
from mtrs_geo.understanding import understand

application = sys.modules["mtrs_geo.cli.app"]  # the package has the typer application by this name


def run_json(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_models_are_written_with_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "convert_release", lambda *_, **__: None)
    asked = understand("new houses in the top left")
    monkeypatch.setattr(onnx_export, "export_onnx", lambda *_, **__: asked)
    made = run_json("models", "convert", "release", str(tmp_path / "base"))
    assert made == {"model": str(tmp_path / "base")}
    monkeypatch.setattr(training, "export", lambda *_, **__: None)
    made = run_json("train", "export", "last.ckpt", "-o", str(tmp_path / "mine"))
    assert made == {"model": str(tmp_path / "mine")}
    made = run_json("models", "export", "tiny", str(tmp_path / "x.onnx"), "--query", asked[0].text)
    assert made["output"] == str(tmp_path / "x.onnx")
    assert [question["text"] for question in made["questions"]] == [asked[0].text]


def test_json_before_the_command_means_the_same() -> None:
    listed = CliRunner().invoke(app, ["models", "--json", "list"])
    assert json.loads(listed.stdout) == run_json("models", "list")


@pytest.mark.parametrize("as_json", [False, True])
def test_a_library_that_lacks_memory_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("Exception from src/inference/src/cpp/core.cpp:117:\nstd::bad_alloc")

    monkeypatch.setattr(application, "app", fail)
    assert application._run(as_json=as_json) == 1
    shown = capsys.readouterr().err
    assert "there is not enough memory" in shown
    assert "Free memory or raise its limit" in shown
    assert "Traceback" not in shown
