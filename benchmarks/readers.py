"""Whether the reader threads keep a model of 1 ms per tile busy, and how fast GDAL reads itself.

Run: python benchmarks/readers.py [--size 16384] [--json out.json]

The tiles of a rendered pair (deflate, blocks of 512 × 512 px) are read by the threads of `detect`
and given to a model that sleeps.  The promise: the model works at least 80 % of the time.  For
comparison, GDAL reads both files block row by block row in one thread, and the threads of `detect`
read the tiles for a model that takes no time.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from itertools import islice
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window
from rendered import on_two_cores, rendered_pair

from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.detect.inference.tile_failures import TileFailures
from mtrs_geo.detect.inference.tile_reader import TileReader
from mtrs_geo.detect.inference.timings import Timings
from mtrs_geo.io.raster import gdal_session
from mtrs_geo.io.stack import StackWindow, open_stack
from mtrs_geo.tiles.plan import plan_tiles

_LIMIT = 0.80
_TILE_PX, _OVERLAP_PX, _BATCH = 256, 32, 4
_MODEL_S = 0.001


def main() -> int:
    """Measure and print; return 1 if the promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=16384, help="side of the scene in pixels")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    on_two_cores()
    with rendered_pair(arguments.size) as pair:
        gdal_s, gdal_cpu_s = _gdal(pair)
        free_s, free_cpu_s, tiles = _read(pair, 0.0)
        spent_s, _, _ = _read(pair, _MODEL_S)
    busy, ratio = tiles * _MODEL_S / spent_s, gdal_s / free_s
    mib = 6 * arguments.size**2 / 2**20
    sys.stdout.write(
        f"GDAL alone: {mib / gdal_s:.0f} MiB/s ({gdal_cpu_s:.1f} s of CPU time); readers alone: "
        f"{mib / free_s:.0f} MiB/s ({free_cpu_s:.1f} s of CPU time), {ratio:.2f} times as fast as "
        f"GDAL, with {free_cpu_s / gdal_cpu_s:.2f} times its CPU time\n"
        f"{tiles} tiles of {_MODEL_S * 1000:g} ms: the model works {busy:.1%} of the time "
        f"(limit {_LIMIT:.0%}): {'kept' if busy >= _LIMIT else 'BROKEN'}\n"
    )
    if arguments.json:
        facts = {"busy": busy, "ratio_to_gdal": ratio, "cpu_ratio": free_cpu_s / gdal_cpu_s}
        arguments.json.write_text(json.dumps(facts) + "\n")
    return int(busy < _LIMIT)


def _gdal(pair: PairPaths) -> tuple[float, float]:
    """Return the seconds, and CPU seconds, in which GDAL reads both files in order."""
    started, cpu = time.perf_counter(), time.process_time()
    for path in (pair.before, pair.after):
        with rasterio.open(path) as file:
            rows = file.block_shapes[0][0]
            for row in range(0, file.height, rows):
                window = Window(0, row, file.width, min(rows, file.height - row))
                file.read([1, 2, 3], window=window)
    return time.perf_counter() - started, time.process_time() - cpu


def _read(pair: PairPaths, model_s: float) -> tuple[float, float, int]:
    """Return seconds, CPU seconds and the number of tiles."""
    with gdal_session(), open_stack([pair.before, pair.after]) as stack:
        plan = plan_tiles(stack.grid, _TILE_PX, _OVERLAP_PX)
        _ = stack.shifts  # they are measured before the first tile
        reader = TileReader(stack, plan, (0, 0), TileFailures(plan), Timings())
        started, cpu = time.perf_counter(), time.process_time()
        tiles = reader.tiles(0, None, 2 * _BATCH)
        while batch := list(islice(tiles, _BATCH)):
            images = np.stack([_pixels(read) for _, read in batch])
            time.sleep(model_s * len(images))
        return time.perf_counter() - started, time.process_time() - cpu, len(plan)


def _pixels(read: StackWindow | Exception) -> np.ndarray:
    if isinstance(read, Exception):
        raise read
    return read.image


if __name__ == "__main__":
    sys.exit(main())
