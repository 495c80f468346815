"""A run that is killed goes on: benchmarks/craft_kills.py at a small size."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.skipif(sys.platform == "win32", reason="kills forks of a process")
def test_killed_runs_end_as_unbroken_ones() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks/craft_kills.py"), "--kills", "3", "--pairs", "2"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("3 kills in ")
