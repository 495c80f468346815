"""The short form of benchmarks/benchmark_kills.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks/benchmark_kills.py"


def test_three_kills_lose_nothing() -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--kills", "3", "--pairs", "9", "--seconds", "0.2"],
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 kills: " in done.stdout
    assert "files that differ: none" in done.stdout
