"""A run measures the shift between its dates, reports it, and corrects it with ``register``."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio import features

from mtrs_geo import detect_changes
from mtrs_geo.data.rendering.synthetic import RenderedPair, render_pair, write_pair
from mtrs_geo.detect.result import ChangeResult
from mtrs_geo.io.registration import estimate
from mtrs_geo.io.stack import open_stack
from mtrs_geo.progress import Silent
from mtrs_geo.worker.jobs import Jobs

MARGIN = 8
SIDE = 448


def shifted(pair: RenderedPair, dx: int) -> RenderedPair:
    """The pair with the earlier date dx pixels to the right."""
    stop = SIDE + MARGIN
    inner, moved = np.s_[MARGIN:stop, MARGIN:stop], np.s_[MARGIN:stop, MARGIN - dx : stop - dx]
    return RenderedPair(
        pair.before[moved], pair.after[inner], pair.appeared[inner], pair.disappeared[moved]
    )


@pytest.fixture(scope="module")
def rendered() -> RenderedPair:
    return render_pair(SIDE + 2 * MARGIN, SIDE + 2 * MARGIN, seed=11, new_buildings=6)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, rendered: RenderedPair) -> tuple[str, str]:
    """Rasters of which the earlier is shifted by 6 px to the right."""
    paths = write_pair(tmp_path_factory.mktemp("shifted"), shifted(rendered, 6))
    return str(paths.before), str(paths.after)


def detect(files: tuple[str, str], **options: Any) -> ChangeResult:
    options = {"model": "brightness", "threshold": 0.25, **options}
    return detect_changes(*files, "demolished buildings", **options)


def iou(result: ChangeResult, truth: np.ndarray) -> float:
    found = features.rasterize(
        list(result.polygons.geometry), truth.shape, transform=result.grid.transform
    ).astype(bool)
    return float((found & truth).sum() / (found | truth).sum())


def test_buildings_of_a_shifted_date_are_found_in_place(
    files: tuple[str, str], rendered: RenderedPair
) -> None:
    stop = SIDE + MARGIN
    truth = rendered.disappeared[MARGIN:stop, MARGIN:stop]  # where the later date has them
    unregistered, registered = (
        detect(files, model="tiny", threshold=0.5, register=register) for register in (False, True)
    )
    assert iou(unregistered, truth) < 0.75
    assert iou(registered, truth) > 0.9
    with rasterio.open(files[1]) as after:
        assert registered.grid.transform == after.transform


def test_a_large_shift_is_reported_with_a_warning(files: tuple[str, str]) -> None:
    report = detect(files).report
    (shift,) = report.registration
    assert (shift.raster, shift.reference) == ("before.tif", "after.tif")
    assert shift.dx_px == pytest.approx(6, abs=0.3)
    assert shift.dx_m == pytest.approx(3, abs=0.15)
    assert shift.confidence > 0.7
    assert not shift.corrected
    (warning,) = report.warnings
    assert re.match(r"before\.tif is shifted by 6\.0 px \((2\.9|3\.0)\d m\) to the right", warning)
    assert "against after.tif" in warning
    assert "--register" in warning


def test_a_corrected_shift_is_a_note(files: tuple[str, str]) -> None:
    unregistered, registered = (detect(files, register=register) for register in (False, True))
    (shift,) = registered.report.registration
    assert shift.corrected
    assert registered.report.warnings == ()
    assert any("corrected" in note for note in registered.report.notes)
    assert len(registered.polygons) < 0.5 * len(unregistered.polygons)


def test_aligned_dates_give_the_same_bits_with_and_without_register(
    tmp_path: Path, rendered: RenderedPair
) -> None:
    paths = write_pair(tmp_path, shifted(rendered, 0))
    pixels = []
    for register in (False, True):
        target = tmp_path / f"{register}.tif"
        result = detect(
            (str(paths.before), str(paths.after)), probability=target, register=register
        )
        (shift,) = result.report.registration
        assert shift.size_px == pytest.approx(0, abs=0.2)
        assert not shift.corrected
        assert result.report.warnings == ()
        with rasterio.open(target) as file:
            pixels.append(file.read())
    np.testing.assert_array_equal(*pixels)


def test_a_shift_that_cannot_be_measured_is_not_corrected(tmp_path: Path) -> None:
    flat = np.full((SIDE, SIDE, 3), 90, np.uint8)
    nothing = np.zeros((SIDE, SIDE), np.bool_)
    paths = write_pair(tmp_path, RenderedPair(flat, flat, nothing, nothing))
    files = str(paths.before), str(paths.after)
    note = "the shift between before.tif and after.tif could not be measured"
    report = detect(files).report
    assert report.registration[0].dx_px is None
    assert any(note in text for text in report.notes)
    assert not any(note in warning for warning in report.warnings)
    (warning,) = (text for text in detect(files, register=True).report.warnings if note in text)
    assert "so it was not corrected" in warning


def test_the_command_line_and_the_worker_register(files: tuple[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mtrs_geo.cli", "detect", *files, "demolished buildings",
               "--model", "brightness", "--register", "--json", "-o", "c.gpkg"]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    (shift,) = json.loads(done.stdout)["report"]["registration"]
    assert shift["corrected"]
    assert shift["dx_px"] == pytest.approx(6, abs=0.3)

    jobs = Jobs()
    params = {"before": files[0], "after": files[1], "model": "brightness", "query": "x"}
    answers = [jobs.detect({**params, "register": on}, Silent()) for on in (False, True, False)]
    assert [answer["registration"][0]["corrected"] for answer in answers] == [False, True, False]
    assert answers[1]["registration"][0] == shift
    json.dumps(answers)


def test_a_stack_is_measured_once(files: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    stack = open_stack(files)
    with stack:
        first = stack.shifts
    monkeypatch.setattr(estimate, "shift_between", None)
    with stack.registered() as registered:
        assert registered.shifts == tuple(replace(shift, corrected=True) for shift in first)
