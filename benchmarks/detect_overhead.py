"""Time of `detect` without the model, relative to the time of the tiny model.

Run: python benchmarks/detect_overhead.py [--size 16384] [--json out.json]

A rendered pair is processed by `detect_changes` with the fast brightness model, so that reading,
stitching, vectorizing and writing remain.  The tiny model is timed on a sample of the same tiles
in the same process, and its time is scaled to all tiles.  The promise: the overhead is less than
15 % of it.  For peak memory see detect_memory.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from mtrs_geo import detect_changes, load_model
from mtrs_geo.data.rendering.synthetic import render_pair, write_large_pair

_LIMIT = 0.15
_BATCH, _ROUNDS = 4, 10


def main() -> None:
    """Measure and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=16384)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = write_large_pair(Path(folder), arguments.size, arguments.size, seed=0)
        result = detect_changes(
            paths.before, paths.after, "new buildings", model="brightness", threshold=0.25,
            output=Path(folder) / "c.gpkg", probability=Path(folder) / "p.tif",
        )  # fmt: skip
    seconds = result.report.seconds
    overhead = seconds["total"] - seconds["model"]
    forward = result.report.tiles * _forward_seconds()
    stages = ", ".join(f"{stage} {spent:.1f} s" for stage, spent in seconds.items())
    sys.stdout.write(f"{result.report.tiles} tiles, {len(result.polygons)} polygons: {stages}\n")
    share = overhead / forward
    verdict = "kept" if share < _LIMIT else "BROKEN"
    sys.stdout.write(
        f"overhead {overhead:.1f} s, tiny forward {forward:.1f} s: {share:.1%} "
        f"(limit {_LIMIT:.0%}): {verdict}\n"
    )
    if arguments.json:
        facts = {"overhead_s": overhead, "forward_s": forward, "share": share, "stages": seconds}
        arguments.json.write_text(json.dumps(facts) + "\n")
    sys.exit(share >= _LIMIT)


def _forward_seconds() -> float:
    """Return the median seconds per tile of the tiny model for one sentence."""
    model = load_model("tiny", "cpu")
    pair = render_pair(256, 256 * _BATCH, seed=1)
    tiles = np.stack([pair.before, pair.after]).transpose(0, 3, 1, 2)
    images = np.stack(np.split(tiles, _BATCH, axis=-1))  # (B, 2, 3, 256, 256)
    durations = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        model.predict_tiles(images, ["new buildings"])
        durations.append(time.perf_counter() - started)
    return float(np.median(durations)) / _BATCH


if __name__ == "__main__":
    main()
