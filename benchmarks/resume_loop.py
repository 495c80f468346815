"""Kill runs at random moments and resume them: the end is that of a run that nothing stopped.

Each run of `detect`, `stack` or `batch` is killed with SIGKILL again and again, at random moments,
until it ends.  Then its probabilities must have the same bytes, and its polygons the same values,
as those of an unbroken run; no file may be left beside them, and no tile may be answered twice but
those in flight.  A batch also joins its polygons to partitioned GeoParquet.

Example: ``python benchmarks/resume_loop.py --kills 100``
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess
from pathlib import Path

import geopandas
import numpy as np
import pyarrow
import pyogrio
import rasterio
from affine import Affine

import mtrs_geo.batch.stac
import mtrs_geo.detect.pipeline
import mtrs_geo.io.formats.second_layer
import mtrs_geo.io.formats.style
from mtrs_geo.cli import main as command_line
from mtrs_geo.models import BrightnessSegmenter
from mtrs_geo.types import FloatArray, UInt8Array

IMPORTED = (pyarrow, pyogrio, mtrs_geo)
"""What a run imports late."""
QUERIES = ("new squares", "all changes other than roads")
COMMANDS = ("detect", "stack", "batch")
NAMES = {
    "detect": ["c.gpkg", "p.tif"],
    "stack": ["c.gpkg", "p.tif"],
    "batch": [
        "changes", "changes/job=first", "changes/job=first/first.parquet", "changes/job=second",
        "changes/job=second/second.parquet", "first.gpkg", "first.tif", "manifest.jsonl",
        "second.gpkg", "second.tif",
    ],
}  # fmt: skip
"""Files and folders of a finished run."""
TILE_S = 0.004
"""Time per tile of the model, so that kills fall between tiles."""
BATCH = 4
MOST_REPEATED = 3 * 2 * BATCH
"""One batch is with the model, one waits and one is being recorded; a batch of tiles of a stack of
three dates has two pairs per tile."""


def main() -> int:
    """Run the loop, print what was found, and return 1 if a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--commands", nargs="+", choices=COMMANDS, default=COMMANDS)
    parser.add_argument("--size", type=int, default=900, help="side of the rasters in pixels")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        loop = Loop(Path(temporary), arguments.size, arguments.seed)
        found = loop.run(arguments.kills, arguments.commands)
    for text in found.broken:
        sys.stdout.write(f"BROKEN {text}\n")
    shares = ", ".join(f"{name} {count}" for name, count in found.kills_of.items())
    sys.stdout.write(
        f"{found.kills} kills ({shares}) over {found.runs} runs; {len(found.broken)} broken, "
        f"promised 0; {found.repeated} of {found.answered} tile pairs answered twice, at most "
        f"{MOST_REPEATED} per kill promised\n"
    )
    return int(bool(found.broken) or found.repeated > MOST_REPEATED * found.kills)


@dataclass
class Found:
    """What the loop has found."""

    kills: int = 0
    runs: int = 0
    kills_of: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COMMANDS, 0))
    answered: int = 0
    repeated: int = 0
    broken: tuple[str, ...] = ()


class Loop:
    """Kills and resumes `detect`, `stack` and `batch`.

    Args:
        folder: empty folder.
        side_px: side of the rasters.
        seed: seed of the rasters and of the moments.
    """

    def __init__(self, folder: Path, side_px: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.folder = folder
        self.rasters = _write_dates(folder, side_px, seed)

    def run(self, kills: int, commands: Sequence[str] = COMMANDS) -> Found:
        """Kill and resume runs of each command until ``kills`` kills are done."""
        found = Found()
        whole = {name: self._unbroken(name) for name in commands}
        while found.kills < kills or found.runs < len(commands):
            name = min(commands, key=lambda one: found.kills_of[one])
            self._one(name, whole[name], found)
        return found

    def _one(self, name: str, whole: Whole, found: Found) -> None:
        """Kill and resume one run until it ends, and compare its outputs."""
        out = self._empty("out")
        found.runs += 1
        before = found.kills
        while True:
            process = self._start(name, out)
            # On a busy machine a start alone can take as long, so that the run would never end.
            patience = 1 + (found.kills - before) / 5
            process.join(self.random.uniform(0.1, 0.7) * patience * whole.seconds)
            if process.is_alive():
                os.kill(process.pid or 0, signal.SIGKILL)
                process.join()
            if process.exitcode != -signal.SIGKILL:
                break
            found.kills += 1
            found.kills_of[name] += 1
            if _names(out) == NAMES[name]:  # it was killed after its end
                break
        tiles = _answered(self.folder / "tiles.txt")
        found.answered += len(tiles)
        found.repeated += len(tiles) - whole.tiles
        problem = _problem(out, NAMES[name], whole, process.exitcode)
        if problem.startswith("exit code"):
            problem += f": {(self.folder / 'stderr.txt').read_text()[-500:]}"
        if problem:
            found.broken += (f"{name}, run {found.runs}: {problem}",)

    def _unbroken(self, name: str) -> Whole:
        out = self._empty(f"whole_{name}")
        start = time.monotonic()
        process = self._start(name, out)
        process.join()
        if process.exitcode:
            msg = f"the unbroken run ended with {process.exitcode}"
            raise SystemExit(msg)
        seconds = time.monotonic() - start
        return Whole(out, seconds, len(_answered(self.folder / "tiles.txt")))

    def _empty(self, name: str) -> Path:
        out = self.folder / name
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        (self.folder / "tiles.txt").unlink(missing_ok=True)
        return out

    def _start(self, name: str, out: Path) -> ForkProcess:
        arguments = [
            "mtrs-geo",
            name,
            *self._arguments(name, out),
            "--model",
            "brightness",
            "--resume",
        ]
        process = ForkProcess(target=_run, args=(arguments, self.folder / "tiles.txt"))
        process.start()
        return process

    def _arguments(self, name: str, out: Path) -> list[str]:
        if name == "batch":
            options = {"tile_px": 64, "overlap_px": 8, "fill_holes_m2": 20, "batch_size": BATCH}
            return [
                str(_write_table(self.folder, self.rasters)), "-o", str(out), "--probability",
                "--dataset", "job", *(f"--query={query}" for query in QUERIES),
                *(f"--set={key}={value}" for key, value in options.items()),
            ]  # fmt: skip
        rasters = self.rasters[:2] if name == "detect" else self.rasters
        queries = QUERIES if name == "detect" else [f"--query={query}" for query in QUERIES]
        return [
            *map(str, rasters), *queries, "-o", str(out / "c.gpkg"), "--probability",
            str(out / "p.tif"), "--tile-px", "64", "--overlap-px", "8", "--fill-holes", "20",
            "--batch-size", str(BATCH),
        ]  # fmt: skip


@dataclass(frozen=True)
class Whole:
    """An unbroken run."""

    out: Path
    seconds: float
    tiles: int
    """Pairs of tiles that the model answered."""


def _run(arguments: list[str], log: Path) -> None:
    """Run the command line in a forked process; the model writes a line per tile and pair."""
    texts = os.open(log.with_name("stderr.txt"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(texts, 1)
    os.dup2(texts, 2)

    def predict(
        self: BrightnessSegmenter, images: UInt8Array, queries: Sequence[str]
    ) -> FloatArray:
        time.sleep(TILE_S * len(images))
        with log.open("a") as file:
            file.write(json.dumps([int(image.sum()) for image in images]) + "\n")
        return original(self, images, queries)

    original = BrightnessSegmenter.predict_tiles
    BrightnessSegmenter.predict_tiles = predict  # type: ignore[assignment, method-assign]
    sys.argv = arguments
    command_line()


def _answered(log: Path) -> list[int]:
    lines = log.read_text().splitlines() if log.exists() else []
    return [tile for line in lines for tile in json.loads(line)]


def _names(out: Path) -> list[str]:
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*"))


def _problem(out: Path, names: list[str], whole: Whole, exit_code: int | None) -> str:
    """Return what is wrong with the outputs of a resumed run; empty if nothing is."""
    if exit_code and exit_code != -signal.SIGKILL:
        return f"exit code {exit_code}"
    if _names(out) != names:
        return f"other files: {_names(out)}"
    for name in names:
        path, expected = out / name, whole.out / name
        if path.suffix == ".tif" and path.read_bytes() != expected.read_bytes():
            return f"other probabilities in {name}"
        if path.suffix in (".gpkg", ".parquet") and not _read(path).equals(_read(expected)):
            return f"other polygons in {name}"
    return ""


def _read(path: Path) -> geopandas.GeoDataFrame:
    if path.suffix == ".parquet":
        return geopandas.read_parquet(path)
    return geopandas.read_file(path, layer="changes")


def _write_table(folder: Path, rasters: Sequence[Path]) -> Path:
    """Write a table of two jobs."""
    table = folder / "jobs.csv"
    first, second, third = rasters
    table.write_text(f"id,before,after\nfirst,{first},{second}\nsecond,{second},{third}\n")
    return table


def _write_dates(folder: Path, side_px: int, seed: int) -> list[Path]:
    """Write three dates with squares, a strip over all bands, and nodata in a corner."""
    generator = np.random.default_rng(seed)
    image = generator.integers(70, 90, (3, side_px, side_px)).astype(np.uint8)
    image[:, :90, :150] = 0
    paths = []
    for year in (2016, 2018, 2020):
        paths.append(folder / f"place_{year}.tif")
        with rasterio.open(
            paths[-1], "w", driver="GTiff", count=3, height=side_px, width=side_px, dtype="uint8",
            crs="EPSG:32633", nodata=0, transform=Affine(0.5, 0, 400_000, 0, -0.5, 5_000_000),
        ) as file:  # fmt: skip
            file.write(image)
        for _ in range(40):
            row, col = generator.integers(0, side_px - 70, 2)
            side = generator.integers(5, 60)
            image[:, row : row + side, col : col + side] = generator.integers(150, 255)
        image[:, :, side_px // 2 : side_px // 2 + 6] = 250
    return paths


if __name__ == "__main__":
    raise SystemExit(main())
