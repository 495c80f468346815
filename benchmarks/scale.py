"""What 100 km² cost, at 0.5 m and at 5 m, and how many tiles a second a run can take in.

Run: python benchmarks/scale.py [--size 2048] [--model tiny] [--device auto] [--json out.json]

A rendered pair is answered with one sentence by one worker of a cluster, `BandWorker`, in this
process on one core: CPU seconds per tile of reading, model and answer.  Then the answers are given
to a run again and again, as a cluster would: mosaic, polygons, state and, if asked for,
probabilities.  That is the most that one run can take in, whatever the number of its workers.
Tiles and pixels of 100 km² follow from the plan; bytes of files from the rendered pair.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from affine import Affine
from pyproj import CRS
from rendered import rendered_pair

from mtrs_geo.cluster.work import ModelChoice, RunWork, TaskAnswer, plan_tasks
from mtrs_geo.cluster.worker import BandWorker
from mtrs_geo.detect.inference import FamiliarTiles, TiledInference, TileFailures, find_changes
from mtrs_geo.grid import Grid
from mtrs_geo.io.raster import ProbabilityWriter, gdal_session
from mtrs_geo.io.stack import RasterStack, open_stack
from mtrs_geo.ledger import Ledger, TileAnswer
from mtrs_geo.models import ChangeSegmenter
from mtrs_geo.progress import Silent
from mtrs_geo.tiles.plan import TilePlan, plan_tiles
from mtrs_geo.vectorize.vectorizer import VectorizeOptions

AREA_M2 = 100e6
SIZES_M = (0.5, 5.0)
AREAS_KM2 = {"10,000 km²": 1e4, "Australia, 7,700,000 km²": 7.7e6}
QUERY = "new buildings"
REPEATED = 4


@dataclass(frozen=True)
class Measured:
    """What one tile costs."""

    tile_px: int
    overlap_px: int
    worker_cpu_s: float
    """CPU seconds of a worker per tile: reading, model, answer."""
    file_bytes: float
    """Bytes of both files per pixel of the grid."""
    answer_bytes: float
    """Bytes that a worker sends per tile."""
    taken_per_s: float
    """Tiles per second that a run takes in, with polygons and state."""
    taken_with_probability_per_s: float
    """The same with a file of probabilities."""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=2048, help="side of the scene in pixels")
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):  # Linux only
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    torch.set_num_threads(1)  # threads that wait for each other take processor time
    choice = ModelChoice(arguments.model, arguments.device)
    measured = measure(choice, arguments.size)
    for line in report(measured):
        sys.stdout.write(f"{line}\n")
    if arguments.json:
        arguments.json.write_text(json.dumps(asdict(measured), indent=1) + "\n")
    return 0


def measure(choice: ModelChoice, side_px: int) -> Measured:
    """Measure a worker, and a run that takes in its answers."""
    model = choice.load()
    choice = replace(choice, model=model, device="auto", mirrored=False)
    tile_px = model.info.tile_px
    with rendered_pair(side_px) as pair, gdal_session(), open_stack([*pair_of(pair)]) as stack:
        plan = plan_tiles(stack.grid, tile_px, tile_px // 8)
        answers, cpu_s = answer(choice, stack, plan)
        sizes = sum(Path(source.path).stat().st_size for source in stack.sources)
        taken = [take_in(model, stack, plan, answers, has_probability=p) for p in (False, True)]
    sent = sum(len(pickle.dumps(entry, pickle.HIGHEST_PROTOCOL)) for entry in answers)
    return Measured(
        tile_px, tile_px // 8, cpu_s / len(plan), sizes / side_px**2, sent / len(plan), *taken
    )


def pair_of(pair: Any) -> tuple[Path, Path]:  # noqa: ANN401 - a PairPaths
    """Return both rasters."""
    return pair.before, pair.after


def answer(
    choice: ModelChoice, stack: RasterStack, plan: TilePlan
) -> tuple[list[TaskAnswer], float]:
    """Answer all tiles by one worker; return the answers, and its CPU seconds."""
    worker = BandWorker()
    worker._model = b"", choice.load()  # loaded already
    work = RunWork(b"", stack, plan, (0, 0), (QUERY,), 4, None, ((0, 1),), 0, os.getcwd(), "")
    kept = pickle.dumps(work)
    tasks = plan_tasks(plan, 0, 4, 1)
    worker.answer("run", kept, tasks[0])  # compiles and warms up
    start = time.process_time()
    answers = [worker.answer("run", kept, task)[1] for task in tasks]
    return answers, time.process_time() - start


def take_in(
    model: ChangeSegmenter,
    stack: RasterStack,
    plan: TilePlan,
    answers: Sequence[TaskAnswer],
    *,
    has_probability: bool,
) -> float:
    """Return tiles per second of a run that only takes answers in; they are pickled as on a pipe.

    The scene is repeated to be taller, so that the start of a run counts little.
    """
    rows, cols = stack.grid.shape
    tall = replace(stack.grid, shape=(rows * REPEATED, cols))
    tall_plan = plan_tiles(tall, plan.tile_px, plan.overlap_px)
    batches = [pickle.dumps(batch) for entry in answers for batch in entry.batches]
    inference = TiledInference(
        stack, tall_plan, (0, 0), model, (QUERY,), 4, Silent(),
        FamiliarTiles(tall_plan, stack.sources, model.info), TileFailures(tall_plan),
    )  # fmt: skip

    def elsewhere(start: int) -> Generator[list[TileAnswer], None, None]:
        index = start
        while index < len(tall_plan):
            for batch in batches:
                found = [replace(a, tile=index + i) for i, a in enumerate(pickle.loads(batch))]
                found = found[: len(tall_plan) - index]
                if found:
                    yield found
                index += len(found)

    inference.elsewhere = elsewhere
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger.create(Path(folder) / "c.gpkg.run", {})
        start = time.perf_counter()
        cpu = time.process_time()
        if has_probability:
            with ProbabilityWriter(Path(folder) / "p.tif", tall, [QUERY]) as writer:
                find_changes(inference, VectorizeOptions(), None, writer, Path(folder), ledger)
        else:
            find_changes(inference, VectorizeOptions(), None, None, Path(folder), ledger)
        # Other processes of this machine must not count.
        seconds = min(time.perf_counter() - start, time.process_time() - cpu)
        ledger.close()
    return len(tall_plan) / seconds


def tiles_of(area_m2: float, pixel_m: float, measured: Measured) -> int:
    """Return the number of tiles of a square area."""
    side = round(area_m2**0.5 / pixel_m)
    grid = Grid(CRS.from_epsg(32633), Affine(pixel_m, 0, 0, 0, -pixel_m, 0), (side, side))
    return len(plan_tiles(grid, measured.tile_px, measured.overlap_px))


def report(measured: Measured) -> list[str]:
    """Return the lines to print."""
    rate, most = 1 / measured.worker_cpu_s, measured.taken_with_probability_per_s
    lines = [
        f"worker: {measured.worker_cpu_s * 1e3:.0f} CPU ms per tile, {rate:.2f} tiles per second "
        f"and core; {measured.answer_bytes / 1e3:.0f} kB sent per tile",
        f"run: {measured.taken_per_s:.0f} tiles per second, {most:.0f} with probabilities: "
        f"{most / rate:.0f} cores of workers, {most * measured.answer_bytes / 1e6:.0f} MB/s",
    ]
    for pixel_m in SIZES_M:
        tiles = tiles_of(AREA_M2, pixel_m, measured)
        pixels = AREA_M2 / pixel_m**2
        lines.append(
            f"100 km² at {pixel_m} m: {tiles:,} tiles, {pixels * 6 / 1e9:.3g} GB of pixels, "
            f"{pixels * measured.file_bytes / 1e9:.3g} GB of files, "
            f"{tiles * measured.answer_bytes / 1e9:.3g} GB of answers, "
            f"{tiles * measured.worker_cpu_s:,.0f} CPU s"
        )
        for name, area_km2 in AREAS_KM2.items():
            scaled = tiles * area_km2 * 1e6 / AREA_M2
            hours = scaled * measured.worker_cpu_s / 3600
            lines.append(
                f"  {name}: {scaled:,.0f} tiles, {hours:,.0f} core hours, at least "
                f"{scaled / most / 3600:,.1f} h in one run"
            )
    return lines


if __name__ == "__main__":
    sys.exit(main())
