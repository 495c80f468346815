"""The worker loads a model again when any file of its folder changed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mtrs_geo.models import BrightnessSegmenter
from mtrs_geo.worker.jobs import Jobs


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_changed_file_is_loaded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("mtrs_geo.models.load_model", lambda *_: BrightnessSegmenter())
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"1")
    (folder / "config.json").write_text("{}")
    jobs = Jobs()
    first = jobs.load(str(folder), "cpu")
    assert jobs.load(str(folder), "cpu") is first
    times = (folder / "config.json").stat().st_mtime_ns
    # The same size and time of change as before, as `cp -p` leaves them.
    other = tmp_path / name
    other.write_bytes(b"{}" if name == "config.json" else b"2")
    os.utime(other, ns=(times, times))
    shutil.move(other, folder / name)
    second = jobs.load(str(folder), "cpu")
    assert second is not first
    assert jobs.load("brightness", "cpu") is not second
