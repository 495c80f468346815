"""Kill `mtrs-geo benchmark run` again and again: it goes on, and nothing that it did is lost.

A slow model answers noise in several processes.  At random moments the run is ended by SIGKILL and
started again.  In the end its scores must have the same bytes as those of a run that nobody
stopped, and no pair may be asked more often than kills explain.

Example: ``python benchmarks/benchmark_kills.py --kills 20``
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.data.split.writer import write_split
from mtrs_geo.models import BrightnessSegmenter
from mtrs_geo.types import FloatArray, UInt8Array

CALLS, SECONDS = "BENCHMARK_KILLS_CALLS", "BENCHMARK_KILLS_SECONDS"
"""Environment variables: the file that counts calls, and the time of a call."""
FILES = ("scores.json", "samples.csv")


class SlowSegmenter(BrightnessSegmenter):
    """Marks where the later date is bright, slowly, and counts its calls in a file."""

    def predict(self, before: UInt8Array, after: UInt8Array, queries: Sequence[str]) -> FloatArray:
        """Return the probabilities for one pair."""
        with Path(os.environ[CALLS]).open("a") as file:
            file.write("call\n")
        time.sleep(float(os.environ[SECONDS]))
        found: FloatArray = np.repeat(
            (after[None, ..., 0] / 255).astype(np.float32), len(queries), 0
        )
        return found


def slow() -> SlowSegmenter:
    """Return the model, for ``python:benchmark_kills:slow``."""
    return SlowSegmenter()


def main() -> int:
    """Run the loop, print what was found, and return 1 if something was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=0.5, help="of a pair")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        return _loop(Path(temporary), arguments)


def _loop(folder: Path, arguments: argparse.Namespace) -> int:
    _write(folder, arguments)
    moments = random.Random(arguments.seed)
    calls = folder / "calls.txt"
    killed = 0
    while killed < arguments.kills:
        calls_before = _count(calls)
        process = _start(folder, "killed", calls, arguments)
        # Not before it has answered something, so that every kill can lose something.
        wanted = calls_before + moments.randint(1, max(1, arguments.pairs // arguments.kills))
        while process.poll() is None and _count(calls) < wanted:
            time.sleep(0.01)
        time.sleep(moments.uniform(0, arguments.seconds))
        if process.poll() is not None:
            break
        process.kill()
        process.wait()
        killed += 1
    process = _start(folder, "killed", calls, arguments)
    if process.wait() or killed < min(1, arguments.kills):
        sys.stdout.write("BROKEN: the last run failed, or none was killed\n")
        return 1
    asked = _count(calls)
    if _start(folder, "whole", folder / "other_calls.txt", arguments).wait():
        sys.stdout.write("BROKEN: the run that nobody stopped failed\n")
        return 1
    lost = [n for n in FILES if _result(folder, "killed", n) != _result(folder, "whole", n)]
    most = arguments.pairs + killed * arguments.processes
    sys.stdout.write(
        f"{killed} kills: {asked} calls for {arguments.pairs} pairs, at most {most} promised; "
        f"files that differ: {', '.join(lost) or 'none'}\n"
    )
    return int(bool(lost) or asked > most)


def _write(folder: Path, arguments: argparse.Namespace) -> None:
    rng = np.random.default_rng(arguments.seed)
    with write_split(folder / "split") as writer:
        for i in range(arguments.pairs):
            before, after = rng.integers(0, 255, (2, 24, 24, 3), dtype=np.uint8)
            masks = rng.random((2, 24, 24)) < 0.5
            texts = ("new houses", "demolished houses")
            writer.add(ReferringPair(f"p{i:03}", before, after, texts, masks))
    (folder / "config.yaml").write_text(
        "resamples: 100\npages: 0\ncases: 1\nsplits: [split]\n"
        "models: [{name: slow, model: python:benchmark_kills:slow}]\n"
    )


def _start(
    folder: Path, output: str, calls: Path, arguments: argparse.Namespace
) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        CALLS: str(calls), SECONDS: str(arguments.seconds),
        "PYTHONPATH": str(Path(__file__).parent),
    }  # fmt: skip
    command = [sys.executable, "-m", "mtrs_geo.cli", "benchmark", "run", "config.yaml",
               "-o", output, "--processes", str(arguments.processes)]  # fmt: skip
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _count(calls: Path) -> int:
    return calls.read_text().count("\n") if calls.exists() else 0


def _result(folder: Path, output: str, name: str) -> bytes:
    return (folder / output / "results" / name).read_bytes()


if __name__ == "__main__":
    raise SystemExit(main())
