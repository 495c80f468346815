"""Processor time of a stack of dates, relative to separate runs of its neighbouring pairs.

Run: python benchmarks/stack.py [--dates 10] [--size 2048] [--model tiny] [--short]

Rendered dates are compared once by one stack and once by a run per pair: as commands, which start
Python and load the model each, and in this process with one loaded model.  The answers must be
the same: probabilities within a step of the raster.  The promise: the command of a stack of ten
dates takes at most 60 % of the processor time of the nine commands.  Wall time is printed, too;
other programs on the machine change it more.  ``--short`` runs no commands.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import rasterio

from mtrs_geo import detect_changes_stack, load_model, read_probability
from mtrs_geo.data.rendering.synthetic import render_pair, write_pair
from mtrs_geo.models import ChangeSegmenter

Seconds: TypeAlias = npt.NDArray[np.float64]
"""Processor time and wall time."""
_LIMIT = 0.6
_STEP = 1 / 254
"""Step of the probabilities in a raster."""
_QUERY = "new buildings"


def main() -> None:
    """Measure and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dates", type=int, default=10)
    parser.add_argument("--size", type=int, default=2048, help="side of the rasters in pixels")
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--short", action="store_true", help="run no commands")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        paths = _write_dates(folder, arguments.dates, arguments.size)
        commands = None if arguments.short else _commands(folder, paths, arguments.model)
        in_process = _in_process(folder, paths, load_model(arguments.model))
        difference = _difference(folder, paths)
    sys.stdout.write(
        f"{len(paths)} dates of {arguments.size} px, {arguments.model}\n"
        f"one loaded model: {_described(*in_process)}\n"
        f"largest difference of a probability: {difference:.4f} (limit {_STEP:.4f})\n"
    )
    is_slow = False
    if commands is not None:
        is_slow = bool(commands[0][0] > _LIMIT * commands[1][0])
        sys.stdout.write(f"commands: {_described(*commands)} (limit {_LIMIT:.0%})\n")
    sys.exit(is_slow or difference > _STEP * 1.01)


def _write_dates(folder: Path, count: int, size: int) -> list[Path]:
    """Write dates that are by turns the earlier and the later one of a rendered pair."""
    pair = write_pair(folder, render_pair(size, size, seed=0, new_buildings=size // 40))
    paths = []
    for i in range(count):
        paths.append(folder / f"scene_{2000 + i}.tif")
        with rasterio.open((pair.before, pair.after)[i % 2]) as file:
            profile, image = file.profile, file.read()
        with rasterio.open(paths[-1], "w", **profile) as file:
            file.write(np.clip(image.astype(np.int16) + 3 * i, 0, 255).astype(np.uint8))
    return paths


def _commands(folder: Path, paths: list[Path], model: str) -> tuple[Seconds, Seconds]:
    """Return the seconds of a stack and of its pairs as commands."""

    def run(name: str, *arguments: Path | str) -> None:
        command = [sys.executable, "-m", "mtrs_geo", *map(str, arguments), "--model", model]
        output = str(folder / f"{name}.gpkg")
        subprocess.run([*command, "-o", output], check=True, capture_output=True)

    stack_s = _seconds(lambda: run("stack", "stack", *paths, _QUERY))
    pairs_s = np.zeros(2)
    for i, pair in enumerate(pairwise(paths)):
        pairs_s += _seconds(lambda i=i, pair=pair: run(f"pair_{i}", "detect", *pair, _QUERY))
    return stack_s, pairs_s


def _in_process(folder: Path, paths: list[Path], model: ChangeSegmenter) -> tuple[Seconds, Seconds]:
    """Return the seconds of a stack and of its pairs with a model that is loaded and warm."""

    def run(name: str, dates: Sequence[Path]) -> None:
        detect_changes_stack(
            dates, _QUERY, model=model, output=folder / f"{name}.fgb",
            probability=folder / f"{name}.tif",
        )  # fmt: skip

    detect_changes_stack(paths[:3], _QUERY, model=model)
    stack_s = _seconds(lambda: run("stack", paths))
    pairs_s = np.zeros(2)
    for i, pair in enumerate(pairwise(paths)):
        pairs_s += _seconds(lambda i=i, pair=pair: run(f"pair_{i}", pair))
    return stack_s, pairs_s


def _seconds(run: Callable[[], object]) -> Seconds:
    """Return processor time, of this process and of the commands, and wall time."""
    start = _now()
    run()
    return _now() - start


def _now() -> Seconds:
    times = os.times()
    used_s = times.user + times.system + times.children_user + times.children_system
    return np.array([used_s, time.perf_counter()])


def _difference(folder: Path, paths: list[Path]) -> float:
    """Return the largest difference between the answers of the stack and of the pairs."""
    layers = read_probability(folder / "stack.tif")
    pairs = [read_probability(folder / f"pair_{i}.tif")[0] for i in range(len(paths) - 1)]
    return float(np.nanmax(np.abs(layers - np.stack(pairs))))


def _described(stack: Seconds, pairs: Seconds) -> str:
    return ", ".join(
        f"{name} time: stack {stack_s:.1f} s, pairs {pairs_s:.1f} s: {stack_s / pairs_s:.1%}"
        for name, stack_s, pairs_s in zip(("processor", "wall"), stack, pairs, strict=True)
    )


if __name__ == "__main__":
    main()
