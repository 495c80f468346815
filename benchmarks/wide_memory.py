"""Peak memory of `detect` on rasters that are mostly empty, and the memory of a plan.

Run: python benchmarks/wide_memory.py [--sizes 16384 65536] [--rows ROWS] [--json out.json]

A pair of each size, with some squares in stored blocks and no bytes for the others, is processed by
`detect_changes` with the brightness model, each in a process of its own.  The promises: the peak
of the last size is less than 10 % above that of the first, and a plan of a million tiles takes
less than 50 MB.  With --rows, the rasters have so many rows: memory depends on the width.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from pyproj import CRS
from rasterio.windows import Window

from mtrs_geo.grid import Grid
from mtrs_geo.tiles.plan import plan_tiles

_LIMIT = 0.10
_PLAN_LIMIT_MB = 50
_BLOCK_PX, _STEP_BLOCKS = 512, 8
_TRANSFORM = Affine(0.5, 0, 400_000, 0, -0.5, 5_800_000)


def main() -> int:
    """Measure every size and the plan; return 1 if a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[16384, 65536])
    parser.add_argument("--rows", type=int, help="rows of the rasters; as many as columns without")
    parser.add_argument("--plan-side", type=int, default=1000, help="tiles along a side")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        _run_detect(arguments.measure)
        return 0
    tiles, plan_mb = _plan(arguments.plan_side)
    is_kept = plan_mb < _PLAN_LIMIT_MB
    sys.stdout.write(
        f"plan of {tiles:,} tiles: {plan_mb:.1f} MB (limit {_PLAN_LIMIT_MB} MB): "
        f"{'kept' if is_kept else 'BROKEN'}\n"
    )
    peaks = {size: _measure(arguments.rows or size, size) for size in arguments.sizes}
    first, last = (peaks[arguments.sizes[i]]["peak_mib"] for i in (0, -1))
    growth = last / first - 1
    verdict = "kept" if growth < _LIMIT else "BROKEN"
    sys.stdout.write(f"growth {growth:+.1%} (limit {_LIMIT:.0%}): {verdict}\n")
    if arguments.json:
        arguments.json.write_text(json.dumps({"peaks": peaks, "plan_mb": plan_mb}) + "\n")
    return int(not is_kept or growth >= _LIMIT)


def _plan(side_tiles: int) -> tuple[int, float]:
    """Return the number of tiles of a large plan and the memory of planning and walking it."""
    side = 224 * side_tiles + 32
    grid = Grid(CRS.from_epsg(32633), _TRANSFORM, (side, side))
    tracemalloc.start()
    plan = plan_tiles(grid, 256, 32)
    count = sum(1 for _ in plan.tiles)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return count, peak / 1e6


def _measure(rows: int, cols: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        for name, value in (("before", 60), ("after", 200)):
            _write(Path(folder) / f"{name}.tif", rows, cols, value)
        done = subprocess.run(
            [sys.executable, __file__, "--measure", folder],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    result: dict[str, float] = json.loads(done.stdout)
    sys.stdout.write(f"{cols} × {rows} px: {json.dumps(result)}\n")
    sys.stdout.flush()
    return result


def _write(path: Path, rows: int, cols: int, value: int) -> None:
    with rasterio.open(
        path, "w", driver="GTiff", count=3, height=rows, width=cols, dtype="uint8",
        crs="EPSG:32633", transform=_TRANSFORM, tiled=True, blockxsize=_BLOCK_PX,
        blockysize=_BLOCK_PX, compress="deflate", sparse_ok=True, bigtiff="if_safer",
        photometric="RGB", interleave="pixel",
    ) as file:  # fmt: skip
        block = np.full((3, _BLOCK_PX, _BLOCK_PX), 50, np.uint8)
        block[:, 100:300, 100:300] = value
        step = _BLOCK_PX * _STEP_BLOCKS
        for row in range(0, rows - _BLOCK_PX + 1, step):
            for col in range(0, cols - _BLOCK_PX + 1, step):
                file.write(block, window=Window(col, row, _BLOCK_PX, _BLOCK_PX))


def _run_detect(folder: Path) -> None:
    from mtrs_geo import detect_changes
    from mtrs_geo.benchmark.hardware import peak_memory

    started = time.perf_counter()
    result = detect_changes(
        folder / "before.tif", folder / "after.tif", "new buildings", model="brightness",
        output=folder / "c.gpkg", probability=folder / "p.tif",
    )  # fmt: skip
    peak_mib = peak_memory()["peak_bytes"] / 2**20
    facts = {
        "peak_mib": round(peak_mib, 1), "polygons": len(result.table),
        "tiles": result.report.tiles, "seconds": round(time.perf_counter() - started, 1),
    }  # fmt: skip
    sys.stdout.write(json.dumps(facts))


if __name__ == "__main__":
    sys.exit(main())
