"""Whether the reader threads keep a model of 1 ms per tile busy, and how fast GDAL reads itself.

Run: python benchmarks/readers.py [--size 16384] [--json out.json]

The tiles of a rendered pair (deflate, blocks of 512 × 512 px) are read and made into batches by the
threads of `detect` and given to a model that sleeps.  The promise: the model works at least 80 %
of the time.  A sleep takes longer than asked, more so next to other programs, so its true time
counts and is printed.  For comparison, GDAL reads both files block row by block row in one thread,
and the same threads read the tiles for a model that takes no time.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window
from rendered import on_two_cores, rendered_pair

from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.detect.inference import FamiliarTiles, TiledInference, TileFailures
from mtrs_geo.io.raster import gdal_session, small_block_cache
from mtrs_geo.io.stack import open_stack
from mtrs_geo.models import BrightnessSegmenter, Query
from mtrs_geo.progress import Silent
from mtrs_geo.tiles.plan import plan_tiles
from mtrs_geo.types import FloatArray, UInt8Array

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
        free_s, free_cpu_s, tiles = _read(pair, _Sleeping(0.0))
        model = _Sleeping(_MODEL_S)
        spent_s, _, _ = _read(pair, model)
    busy, ratio = model.worked_s / spent_s, gdal_s / free_s
    mib = 6 * arguments.size**2 / 2**20
    sys.stdout.write(
        f"GDAL alone: {mib / gdal_s:.0f} MiB/s ({gdal_cpu_s:.1f} s of CPU time); readers alone: "
        f"{mib / free_s:.0f} MiB/s ({free_cpu_s:.1f} s of CPU time), {ratio:.2f} times as fast as "
        f"GDAL, with {free_cpu_s / gdal_cpu_s:.2f} times its CPU time\n"
        f"{tiles} tiles of {_MODEL_S * 1000:g} ms, which took "
        f"{model.worked_s / tiles * 1000:.2f} ms: the model works {busy:.1%} of the time "
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


def _read(pair: PairPaths, model: _Sleeping) -> tuple[float, float, int]:
    """Return seconds, CPU seconds and the number of tiles."""
    with gdal_session(), open_stack([pair.before, pair.after]) as stack:
        plan = plan_tiles(stack.grid, _TILE_PX, _OVERLAP_PX)
        inference = TiledInference(
            stack, plan, (0, 0), model, ["any"], _BATCH, Silent(),
            FamiliarTiles(plan, stack.sources, model.info), TileFailures(plan),
        )  # fmt: skip
        _ = stack.shifts  # they are measured before the first tile
        started, cpu = time.perf_counter(), time.process_time()
        with small_block_cache(), closing(inference.answers(0)) as batches:
            tiles = sum(len(answers) for answers in batches)
        return time.perf_counter() - started, time.process_time() - cpu, tiles


class _Sleeping(BrightnessSegmenter):
    """Works for a fixed time per tile, without a core.

    Args:
        tile_s: seconds per tile.
    """

    def __init__(self, tile_s: float) -> None:
        self._tile_s = tile_s
        self.worked_s = 0.0
        self._answer = np.zeros((1, _TILE_PX, _TILE_PX), np.float32)

    def predict_tiles(self, images: UInt8Array, queries: Sequence[Query]) -> FloatArray:
        """Return zeros (B, N, H, W)."""
        del queries
        started = time.perf_counter()
        time.sleep(self._tile_s * len(images))
        self.worked_s += time.perf_counter() - started
        answers: FloatArray = np.broadcast_to(self._answer, (len(images), *self._answer.shape))
        return answers


if __name__ == "__main__":
    sys.exit(main())
