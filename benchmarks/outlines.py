"""How well outlines of "any change" match: IoU and boundary F1 on LEVIR's held-out scenes.

Run: python benchmarks/outlines.py --root ../shared/data [--models tiny DIR …] [--limit N]

Boundary pixels of prediction and label match within 2 px.  Counts of all tiles are added, so that
a tile without change counts only if something is found there.
"""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from pathlib import Path

import numpy as np
from figures.buildings import read_levir, tiles_of

from mtrs_geo.benchmark.shape_metrics import count_shapes
from mtrs_geo.class_codes import IGNORE, NONE
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.errors import MTRSGeoError
from mtrs_geo.models import ChangeSegmenter, load_model


def main() -> int:
    """Measure and print a line per model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, required=True, help="data root")
    parser.add_argument("--models", nargs="+", default=["tiny"], help="bundled names or folders")
    parser.add_argument("--limit", type=int, help="tiles; all by default")
    arguments = parser.parse_args()
    try:
        tiles = [tile for pair in read_levir(arguments.root) for tile in tiles_of(pair)]
        tiles = list(islice(tiles, arguments.limit))
        for name in arguments.models:
            iou, boundary_f1 = _figures(load_model(name), tiles)
            sys.stdout.write(
                f"{name}: IoU {iou:.4f}, boundary F1 at 2 px {boundary_f1:.4f}, n={len(tiles)}\n"
            )
    except MTRSGeoError as error:
        sys.exit(str(error))
    return 0


def _figures(model: ChangeSegmenter, tiles: list[Pair]) -> tuple[float, float]:
    shared = united = 0
    edges = np.zeros(4, np.int64)
    for tile in tiles:
        truth = (tile.label != NONE) & (tile.label != IGNORE)
        found = model.predict(tile.before, tile.after, [""])[0] > 0.5
        shared += int((found & truth).sum())
        united += int((found | truth).sum())
        counts = count_shapes(found, truth)
        edges += (
            counts.boundary_predicted, counts.boundary_true,
            counts.predicted_near_true, counts.true_near_predicted,
        )  # fmt: skip
    precision, recall = edges[2] / max(1, edges[0]), edges[3] / max(1, edges[1])
    boundary_f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return shared / max(1, united), float(boundary_f1)


if __name__ == "__main__":
    sys.exit(main())
