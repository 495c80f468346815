"""`mtrs-geo craft` in processes of its own: a project from a folder, run twice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from command_server import run_command, start_command
from PIL import Image

from mtrs_geo.data.rendering.synthetic import render_pair


def craft(*arguments: object, code: int = 0) -> str:
    run = start_command if arguments[0] == "init" else run_command
    done = run("craft", *arguments)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def test_from_a_folder_to_ready_items(tmp_path: Path) -> None:
    pair = render_pair(192, 192, seed=4)
    for part, pixels in {
        "A": pair.before, "B": pair.after, "masks": pair.appeared.astype(np.uint8) * 255,
    }.items():  # fmt: skip
        (tmp_path / "set" / part).mkdir(parents=True)
        Image.fromarray(pixels).save(tmp_path / "set" / part / "place.png")
    project = tmp_path / "project.db"
    craft("init", project)
    added = craft("add", project, tmp_path / "set", "--mask-meaning", "appear", "--tile-px", 96)
    assert "4 pairs" in added
    first = json.loads(craft("run", project, "--json").splitlines()[0])
    assert first["failed"] == 0
    assert first["status"]["items"]["ready"] >= 4
    assert json.loads(craft("status", project, "--json"))["work"] == first["status"]["work"]
    again = craft("run", project, "--describer", "nobody", code=1)
    assert "there is no describer 'nobody'" in again
