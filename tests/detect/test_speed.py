"""The parts of a run, how long they worked and waited, and the bottleneck."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from command_server import run_command

from mtrs_geo import detect_changes
from mtrs_geo.data.rendering.synthetic import PairPaths, render_pair, write_pair
from mtrs_geo.detect.inference import finding, tile_reader
from mtrs_geo.detect.inference.timings import Speed, Timings
from mtrs_geo.detect.result import Report
from mtrs_geo.models import BrightnessSegmenter
from mtrs_geo.types import FloatArray, UInt8Array

DELAY_S = 0.03


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> PairPaths:
    return write_pair(tmp_path_factory.mktemp("pair"), render_pair(600, 600, seed=0))


def run(pair: PairPaths, **options: Any) -> Report:
    return detect_changes(
        pair.before, pair.after, "new buildings", tile_px=128, batch_size=2,
        **{"model": "brightness", **options},
    ).report  # fmt: skip


class Slow(BrightnessSegmenter):
    def predict_tiles(self, images: UInt8Array, queries: Any) -> FloatArray:
        time.sleep(DELAY_S * len(images))
        return super().predict_tiles(images, queries)


def test_a_slow_model_is_the_bottleneck(pair: PairPaths) -> None:
    report = run(pair, model=Slow())
    speed = report.speed
    assert json.loads(json.dumps(asdict(report)["speed"]))["worked_s"] == speed.worked_s
    assert speed.bottleneck == "model"
    assert speed.worked_s["model"] >= DELAY_S * report.tiles
    assert speed.waited_s["reading"] > speed.worked_s["reading"]
    assert speed.worked_s["model"] + speed.waited_s["model"] == pytest.approx(
        report.seconds["tiles"], abs=0.01
    )
    assert speed.tiles_per_s == pytest.approx(report.tiles / report.seconds["total"], rel=0.01)
    km2 = 600 * 600 * report.gsd_m**2 / 1e6
    assert speed.km2_per_s == pytest.approx(km2 / report.seconds["total"], rel=0.02)


def test_slow_reading_is_the_bottleneck(pair: PairPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    read = tile_reader.RasterStack.read

    def slow(self: Any, window: Any) -> Any:
        time.sleep(0.4)
        return read(self, window)

    monkeypatch.setattr(tile_reader.RasterStack, "read", slow)
    speed = run(pair).speed
    assert speed.bottleneck == "reading"
    assert speed.waited_s["model"] > speed.worked_s["model"]


def test_slow_writing_is_the_bottleneck(pair: PairPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    add_block = finding.Vectorizer.add_block

    def slow(self: Any, *block: Any) -> Any:
        time.sleep(0.4)
        return add_block(self, *block)

    monkeypatch.setattr(finding.Vectorizer, "add_block", slow)
    assert run(pair).speed.bottleneck == "writing"


def test_a_run_without_a_tile_has_a_speed() -> None:
    speed = Timings().speed(readers=2, tiles=0, tile_km2=0.1, gsd_m=0.5, total_s=0.1)
    assert speed.km2_per_s == 0
    assert speed.line() == "no tile was answered"


def test_the_command_line_says_it(pair: PairPaths, tmp_path: Path) -> None:
    options = "--model", "brightness", "-o", tmp_path / "c.gpkg"
    done = run_command("detect", pair.before, pair.after, "new buildings", *options)
    last = done.stdout.splitlines()[-1]
    assert " km²/s at 0.5" in last
    assert "bottleneck: " in last


def test_the_line_of_the_speed_shows_shares_of_one_time() -> None:
    worked = {"reading": 1.0, "model": 9.0, "writing": 12.0}
    waited = {"reading": 9.0, "model": 1.0, "writing": 8.0}  # it also wrote after the last tile
    speed = Speed(worked, waited, "writing", 2.0, 0.1, 0.5)
    assert speed.line().endswith("bottleneck: writing (busy: reading 5%, model 45%, writing 60%)")
    assert replace(speed, tiles_per_s=0.0).line() == "no tile was answered"
