"""Tiles do not show: tiled against untiled, and polygons against tile sizes.

Run: python benchmarks/tiling.py [--size 2048] [--image-root ../shared/data] [--json out.json]

A rendered scene (or four held-back LEVIR pairs as a mosaic, with --image-root) is answered
by the tiny model once as a whole and once in tiles.  The promises: probabilities differ by
less than 0.02 in the mean; the polygons of one probability raster are the same whatever
the height of the pieces that they are made from.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import rasterio

from mtrs_geo import detect_changes, load_model, read_probability
from mtrs_geo.data.rendering.synthetic import render_pair, write_pair
from mtrs_geo.vectorize.vectorizer import Vectorizer, changes_frame

_LIMIT = 0.02
_QUERIES = ("", "the buildings that appeared")


def main() -> None:
    """Measure and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=2048)
    parser.add_argument("--image-root", type=Path)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before, after = _scene(folder, arguments.size, arguments.image_root)
        whole = load_model("tiny").predict(_read(before), _read(after), _QUERIES)
        differences = {}
        for tile_px in (256, 512, 768):
            result = detect_changes(
                before, after, _QUERIES, tile_px=tile_px, probability=folder / f"{tile_px}.tif"
            )
            tiled = read_probability(folder / f"{tile_px}.tif")
            differences[tile_px] = [float(d) for d in np.abs(tiled - whole).mean((1, 2))]
            sys.stdout.write(f"tiles of {tile_px} px: mean difference {differences[tile_px]}\n")
        same = _same_polygons(whole[1], result.grid)
    worst = max(max(values) for values in differences.values())
    kept = worst < _LIMIT and same
    sys.stdout.write(
        f"worst {worst:.4f} (limit {_LIMIT}), polygons the same: {same}: "
        f"{'kept' if kept else 'BROKEN'}\n"
    )
    if arguments.json:
        arguments.json.write_text(json.dumps({"difference": differences, "same": same}) + "\n")
    sys.exit(not kept)


def _scene(folder: Path, size: int, root: Path | None) -> tuple[Path, Path]:
    if root is None:
        paths = write_pair(folder, render_pair(size, size, seed=5, new_buildings=60, demolished=20))
        return paths.before, paths.after
    from mtrs_geo.class_codes import APPEAR
    from mtrs_geo.data.datasets.changes import read_change_set
    from mtrs_geo.data.rendering.synthetic import RenderedPair
    from mtrs_geo.data.sampling.datamodule import held_back

    pairs = read_change_set(
        root / "pairs/levir", source="levir", gsd_m=0.5, changed=APPEAR,
        keep=lambda name: held_back("levir", name),
    )  # fmt: skip
    upper, lower = pairs[:2], pairs[2:]
    images = [
        np.concatenate(
            [np.concatenate([getattr(p, date) for p in row], 1) for row in (upper, lower)]
        )
        for date in ("before", "after")
    ]
    none = np.zeros(images[0].shape[:2], bool)
    paths = write_pair(folder, RenderedPair(images[0], images[1], none, none))
    return paths.before, paths.after


def _read(path: Path) -> np.ndarray:
    with rasterio.open(path) as file:
        return file.read().transpose(1, 2, 0)


def _same_polygons(probability: np.ndarray, grid) -> bool:  # noqa: ANN001 - a Grid
    """Vectorize the same probability in bands of three heights."""
    frames = []
    for height in (256, 512, 768):
        vectorizer, found = Vectorizer(grid), []
        for row in range(0, len(probability), height):
            found += vectorizer.add_rows(row, probability[row : row + height])
        found += vectorizer.finish()
        frames.append(changes_frame(sorted(found, key=lambda c: c.anchor), grid))
    first = frames[0].geometry.normalize()
    return len(first) > 0 and all(first.equals(f.geometry.normalize()) for f in frames[1:])


if __name__ == "__main__":
    main()
