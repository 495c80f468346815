"""Cost of an area of interest with many polygons, as a ratio to the same run without one.

    python benchmarks/complex_aoi.py --polygons 100000 --model tiny

The area is a grid of squares that covers about half of a rendered pair; a second area is as
many circles that overlap, and a third is one polygon with as many corners.  A ratio near 0.5 is
ideal, as half of the ground is left out; the
whole area has to be read first.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import geopandas
import numpy as np
import shapely

from mtrs_geo import detect_changes, load_model
from mtrs_geo.data.rendering.synthetic import PairPaths, render_pair, write_pair
from mtrs_geo.grid import Grid
from mtrs_geo.models import ChangeSegmenter


def squares(grid: Grid, count: int) -> geopandas.GeoDataFrame:
    """Return about ``count`` squares in rows and columns."""
    left, bottom, right, top = grid.bounds
    side = max(1, round(count**0.5))
    xs, ys = (np.linspace(low, high, side, endpoint=False) for low, high in
              ((left, right), (bottom, top)))  # fmt: skip
    x, y = (values.ravel() for values in np.meshgrid(xs, ys))
    width, height = (right - left) / side * 0.7, (top - bottom) / side * 0.7
    return geopandas.GeoDataFrame(geometry=shapely.box(x, y, x + width, y + height), crs=grid.crs)


def circles(grid: Grid, count: int) -> geopandas.GeoDataFrame:
    """Return ``count`` circles at random, which overlap."""
    left, bottom, right, top = grid.bounds
    generator = np.random.default_rng(0)
    x, y = generator.uniform(left, right, count), generator.uniform(bottom, top, count)
    radius = (right - left) * generator.uniform(0.002, 0.008, count)
    shapes = shapely.buffer(shapely.points(x, y), radius, quad_segs=4)
    return geopandas.GeoDataFrame(geometry=shapes, crs=grid.crs)


def star(grid: Grid, corners: int) -> geopandas.GeoDataFrame:
    """Return one polygon with a wavy outline of ``corners`` corners."""
    left, bottom, right, top = grid.bounds
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius = min(right - left, top - bottom) * (0.4 + 0.05 * np.sin(997 * angle))
    x, y = (left + right) / 2 + radius * np.cos(angle), (bottom + top) / 2 + radius * np.sin(angle)
    shape = shapely.Polygon(np.stack([x, y], axis=1))
    return geopandas.GeoDataFrame(geometry=[shape], crs=grid.crs)


def seconds(paths: PairPaths, model: ChangeSegmenter, aoi: geopandas.GeoDataFrame | None) -> float:
    """Return the wall-clock seconds of one run."""
    start = time.perf_counter()
    detect_changes(paths.before, paths.after, "new buildings", model=model, aoi=aoi)
    return time.perf_counter() - start


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--polygons", type=int, default=100_000)
    parser.add_argument("--size", type=int, default=2048, help="side of the pair in pixels")
    parser.add_argument("--model", default="tiny")
    options = parser.parse_args()
    pair = render_pair(options.size, options.size, seed=1, new_buildings=40, demolished=20)
    model = load_model(options.model)
    with tempfile.TemporaryDirectory() as folder:
        paths = write_pair(Path(folder), pair)
        grid = detect_changes(paths.before, paths.after, "", model=model).grid
        alone = seconds(paths, model, None)
        sys.stdout.write(f"without an area: {alone:.2f} s\n")
        for name, area in (("squares", squares(grid, options.polygons)),
                           ("overlapping circles", circles(grid, options.polygons)),
                           ("one polygon", star(grid, options.polygons))):  # fmt: skip
            spent = seconds(paths, model, area)
            corners = int(shapely.get_num_coordinates(area.geometry.array).sum())
            ratio = f"{spent:.2f} s, ratio {spent / alone:.2f}"
            sys.stdout.write(f"{name}, {corners} corners: {ratio}\n")


if __name__ == "__main__":
    main()
