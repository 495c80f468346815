"""The command line says how sentences were understood before the run, and answers after it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mtrs_geo import detect_changes
from mtrs_geo.cli.progress import show_progress
from mtrs_geo.cli.result_table import answers
from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.models import BrightnessSegmenter
from mtrs_geo.understanding import Vocabulary

SENTENCES = ["new houses in Timbuktu, in the north", "solar panels", "how many roads were built?"]


class ClassSegmenter(BrightnessSegmenter):
    """The brightness baseline with a vocabulary."""

    info = replace(BrightnessSegmenter.info, knows=Vocabulary())


def test_meanings_go_to_standard_output_and_reasons_to_standard_error_once(
    pair_paths: PairPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    rasters = pair_paths.before, pair_paths.after
    with show_progress(as_json=False) as progress:
        result = detect_changes(
            *rasters, SENTENCES, model=ClassSegmenter(), progress=progress, threshold=0.25
        )
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        f"{SENTENCES[0]!r} understood as: buildings · appeared · in the north",
        "  not used: timbuktu.",
        "'solar panels' is not answered: outside the vocabulary",
        f"{SENTENCES[2]!r} understood as: roads · appeared · how many",
    ]
    assert err.count("warning: 'solar panels': 'solar panels' is not known") == 1
    assert answers(result) == [f"{SENTENCES[2]}: {result.report.polygons[SENTENCES[2]]}"]


def test_with_json_only_the_report_has_them(
    pair_paths: PairPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    with show_progress(as_json=True) as progress:
        detect_changes(
            pair_paths.before, pair_paths.after, model=ClassSegmenter(), progress=progress
        )
    out, err = capsys.readouterr()
    assert out == ""
    assert "understood" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_on_a_terminal_they_stand_above_the_bar(pair_paths: PairPaths, tmp_path: Path) -> None:
    import pty

    main, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "mtrs_geo.cli", "detect", pair_paths.before, pair_paths.after,
         *SENTENCES, "-o", tmp_path / "c.gpkg", "--model", "brightness"],
        stdout=terminal, stderr=terminal, env={**os.environ, "TERM": "xterm", "COLUMNS": "200"},
    )  # fmt: skip
    os.close(terminal)
    shown = b""
    try:
        while data := os.read(main, 65536):
            shown += data
    except OSError:  # Linux ends a terminal so
        pass
    os.close(main)
    assert process.wait(60) == 0, shown
    text = shown.decode()
    assert text.index("understood as: ") < text.index("tiles")
    assert text.count("understood as: ") == len(SENTENCES)
