"""The corridor is cheap: its time against the time of the model's forward.

Run: python benchmarks/corridor_cost.py [--size 16384] [--json out.json]

A rendered pair goes through `detect_changes` with the cheap model; reading, stitching,
vectorizing and writing are what remains.  The tiny model's forward is timed on a sample of
the same tiles, in the same process, and scaled to their number.  The promise: the corridor
takes less than 15 % of it.  Peak memory must not pay for it, see corridor_memory.py.
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
    corridor = seconds["total"] - seconds["model"]
    forward = result.report.tiles * _forward_seconds()
    parts = ", ".join(f"{part} {spent:.1f} s" for part, spent in seconds.items())
    sys.stdout.write(f"{result.report.tiles} tiles, {len(result.polygons)} polygons: {parts}\n")
    share = corridor / forward
    verdict = "kept" if share < _LIMIT else "BROKEN"
    sys.stdout.write(
        f"corridor {corridor:.1f} s, tiny forward {forward:.1f} s: {share:.1%} "
        f"(limit {_LIMIT:.0%}): {verdict}\n"
    )
    if arguments.json:
        facts = {"corridor_s": corridor, "forward_s": forward, "share": share, "parts": seconds}
        arguments.json.write_text(json.dumps(facts) + "\n")
    sys.exit(share >= _LIMIT)


def _forward_seconds() -> float:
    """Median seconds of the tiny model's forward, a tile, one sentence."""
    model = load_model("tiny", "cpu")
    pair = render_pair(256, 256 * _BATCH, seed=1)
    tiles = np.stack([pair.before, pair.after]).transpose(0, 3, 1, 2)
    images = np.stack(np.split(tiles, _BATCH, axis=-1))  # (B, 2, 3, 256, 256)
    spent = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        model.predict_tiles(images, ["new buildings"])
        spent.append(time.perf_counter() - began)
    return float(np.median(spent)) / _BATCH


if __name__ == "__main__":
    main()
