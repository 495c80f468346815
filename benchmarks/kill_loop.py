"""Kill `detect` at random moments: its outputs are all there and whole, or none.

With ``--overwrite`` the old outputs are kept or all new.  Nothing is left beside them after the
next run.  Each run is a fork of a process that has imported everything, so that the moments are
spread over the run itself and not over the imports.

Example: ``python benchmarks/kill_loop.py --runs 200``
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from multiprocessing.context import ForkProcess
from pathlib import Path

import matplotlib.backends.backend_agg
import matplotlib.figure
import numpy as np
import pyarrow
import pyogrio
import rasterio
from affine import Affine

import mtrs_geo.detect.pipeline
import mtrs_geo.io.formats.style
from mtrs_geo.cli import main as command_line

IMPORTED = (matplotlib, pyarrow, pyogrio, mtrs_geo)
"""What a run imports late."""
NAMES = ("changes.gpkg", "probability.tif", "preview.png")
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
EXIT_CODES = {-signal.SIGKILL, 128 + signal.SIGTERM, 128 + signal.SIGINT, 0,
              -signal.SIGTERM, -signal.SIGINT}  # fmt: skip
"""Negative codes are those of signals that arrive before the command line handles them."""
OLD = b"the output of an earlier run"


def main() -> int:
    """Run the loop, print what was found, and return 1 if an output was not whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=1024, help="side of the rasters in pixels")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        found = Loop(Path(temporary), arguments.size, arguments.seed).run(arguments.runs)
    for outcome, count in sorted(found.items()):
        sys.stdout.write(f"{count:4d} {outcome}\n")
    broken = sum(count for outcome, count in found.items() if outcome.startswith("BROKEN"))
    sys.stdout.write(f"{broken} of {arguments.runs} broken; promised 0\n")
    return int(broken > 0)


class Loop:
    """Runs `detect` again and again over one pair of rasters.

    Args:
        folder: empty folder.
        side_px: side of the rasters.
        seed: seed of the rasters and of the moments.
    """

    def __init__(self, folder: Path, side_px: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.out = folder / "out"
        self.errors = folder / "standard_error.txt"
        self.rasters = [folder / "before_2016.tif", folder / "after_2020.tif"]
        noise = np.random.default_rng(seed).integers(70, 90, (3, side_px, side_px))
        before = noise.astype(np.uint8)
        after = before.copy()
        after[:, 30:60, 30:60] = 220
        for path, image in zip(self.rasters, (before, after), strict=True):
            _write(path, image)

    def run(self, runs: int) -> Counter[str]:
        """Return how many runs had each outcome."""
        self._prepare(has_old=False)
        start = time.monotonic()
        process = self._start(overwrite=False)
        process.join()
        whole_s = time.monotonic() - start
        if (process.exitcode, self._state()) != (0, "all new"):
            return Counter({"BROKEN: a run that nobody stopped": 1})
        return Counter(self._stop_one(whole_s) for _ in range(runs))

    def _stop_one(self, whole_s: float) -> str:
        has_old = self.random.random() < 0.5
        self._prepare(has_old=has_old)
        process = self._start(overwrite=has_old)
        moment_s = self.random.uniform(0.05, 1.1) * whole_s
        time.sleep(moment_s)
        number = self.random.choice(SIGNALS)
        os.kill(process.pid or 0, number)
        process.join()
        state, hidden = self._state(), self._hidden()
        expected = ("all new", "all old") if has_old else ("all new", "none")
        is_kill = process.exitcode == -signal.SIGKILL
        outcome = f"{number.name}, code {process.exitcode}: {state}"
        about = f"{moment_s:.3f} s of {whole_s:.3f} s; standard error:\n{self.errors.read_text()}"
        if state not in expected or process.exitcode not in EXIT_CODES:
            return f"BROKEN {outcome}; signal at {about}"
        if hidden and not is_kill:
            return f"BROKEN {outcome}, left beside the outputs: {hidden}; signal at {about}"
        if is_kill and hidden:
            again = self._start(overwrite=True)
            again.join()
            if again.exitcode or self._hidden() or self._state() != "all new":
                return f"BROKEN {outcome}, and after the next run {os.listdir(self.out)}"
            outcome += ", removed by the next run"
        return outcome

    def _prepare(self, *, has_old: bool) -> None:
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir()
        for name in NAMES if has_old else ():
            (self.out / name).write_bytes(OLD)

    def _start(self, *, overwrite: bool) -> ForkProcess:
        vector, raster, picture = (str(self.out / name) for name in NAMES)
        arguments = [
            "mtrs-geo", "detect", *map(str, self.rasters), "x", "--model", "brightness",
            "--threshold", "0.25", "-o", vector, "--probability", raster, "--preview", picture,
            *(["--overwrite"] if overwrite else []),
        ]  # fmt: skip
        process = ForkProcess(target=_detect, args=(arguments, self.errors))
        # As in the real program, a signal before the command line handles it ends the process.
        previous = signal.signal(signal.SIGINT, signal.SIG_DFL)
        process.start()
        signal.signal(signal.SIGINT, previous)
        return process

    def _hidden(self) -> list[str]:
        """Return what is left beside the outputs, but for the ledger of a run that did not end."""
        left = set(os.listdir(self.out)) - set(NAMES)
        if self._state() != "all new":
            left -= {f"{NAMES[0]}.run{ending}" for ending in ("", "-wal")}
        return sorted(left)

    def _state(self) -> str:
        states = {_state(self.out / name) for name in NAMES}
        return f"all {states.pop()}".replace("all none", "none") if len(states) == 1 else (
            f"mixed: {sorted(states)}"
        )  # fmt: skip


def _detect(arguments: list[str], errors: Path) -> None:
    """Run the command line in a forked process, with its standard error in a file."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    sys.argv = arguments
    command_line()


def _state(path: Path) -> str:
    """Return none, old, new or damaged."""
    if not path.exists():
        return "none"
    if path.read_bytes() == OLD:
        return "old"
    try:
        if path.suffix == ".gpkg":
            with closing(sqlite3.connect(path)) as database:
                is_whole = database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                is_whole &= database.execute("SELECT count(*) FROM changes").fetchone()[0] > 0
            return "new" if is_whole else "damaged"
        with rasterio.open(path) as file:
            file.read()
    except (sqlite3.Error, rasterio.errors.RasterioError):
        return "damaged"
    return "new"


def _write(path: Path, image: np.ndarray) -> None:
    count, rows, cols = image.shape
    transform = Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000)
    with rasterio.open(
        path, "w", driver="GTiff", count=count, height=rows, width=cols, dtype="uint8",
        crs="EPSG:32614", transform=transform,
    ) as file:  # fmt: skip
        file.write(image)


if __name__ == "__main__":
    raise SystemExit(main())
