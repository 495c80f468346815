"""Effect of tiling: tiled against untiled probabilities, and polygons against block heights.

Run: python benchmarks/tiling.py [--size 2048] [--image-root ../shared/data] [--json out.json]

The tiny model is run on a rendered scene (with --image-root on a mosaic of four held-out LEVIR
pairs) once as a whole and once in tiles.  The promises: the mean difference of the probabilities
is less than 0.02; the polygons of one probability raster are the same for every height of the
blocks that are vectorized.
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
from mtrs_geo.vectorize.change import changes_frame
from mtrs_geo.vectorize.vectorizer import Vectorizer

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
    is_kept = worst < _LIMIT and same
    sys.stdout.write(
        f"worst {worst:.4f} (limit {_LIMIT}), polygons the same: {same}: "
        f"{'kept' if is_kept else 'BROKEN'}\n"
    )
    if arguments.json:
        arguments.json.write_text(json.dumps({"difference": differences, "same": same}) + "\n")
    sys.exit(not is_kept)


def _scene(folder: Path, size: int, root: Path | None) -> tuple[Path, Path]:
    if root is None:
        paths = write_pair(folder, render_pair(size, size, seed=5, new_buildings=60, demolished=20))
        return paths.before, paths.after
    from mtrs_geo.class_codes import APPEAR
    from mtrs_geo.data.datasets.changes import read_change_set
    from mtrs_geo.data.rendering.synthetic import RenderedPair
    from mtrs_geo.data.sampling.read_sources import is_held_out

    pairs = read_change_set(
        root / "pairs/levir", source="levir", gsd_m=0.5, changed=APPEAR,
        keep=lambda name: is_held_out("levir", name),
    )  # fmt: skip
    upper, lower = pairs[:2], pairs[2:]
    images = [
        np.concatenate(
            [np.concatenate([getattr(p, date) for p in row], 1) for row in (upper, lower)]
        )
        for date in ("before", "after")
    ]
    empty = np.zeros(images[0].shape[:2], bool)
    paths = write_pair(folder, RenderedPair(images[0], images[1], empty, empty))
    return paths.before, paths.after


def _read(path: Path) -> np.ndarray:
    with rasterio.open(path) as file:
        return file.read().transpose(1, 2, 0)


def _same_polygons(probability: np.ndarray, grid) -> bool:  # noqa: ANN001 - a Grid
    """Return whether blocks of three heights give the same polygons."""
    frames = []
    for height in (256, 512, 768):
        vectorizer, changes = Vectorizer(grid), []
        for row in range(0, len(probability), height):
            changes += vectorizer.add_block(row, 0, probability[row : row + height])
        changes += vectorizer.finish()
        frames.append(changes_frame(sorted(changes, key=lambda c: c.anchor), grid))
    first = frames[0].geometry.normalize()
    return len(first) > 0 and all(first.equals(f.geometry.normalize()) for f in frames[1:])


if __name__ == "__main__":
    main()
