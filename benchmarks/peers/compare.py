"""The way from tiles to polygons against the way of other tools: time, memory, seams, equality.

Run: python benchmarks/peers/compare.py [--sizes 4096 8192] [--packages DIR] [--markdown t.md]

Every method gets the same rendered pair, the same cheap model and tiles, in a process of its own,
one after the other, and writes polygons of 10 m² or more to a GeoPackage.  Time and memory are
without imports; GDAL's block cache is 64 MiB for all.  geoai (geoai-py) and samgeo
(segment-geospatial) run from their packages, which may lie in a folder that no environment knows
(``pip install --no-deps --target DIR``).  A method may take as much memory as --memory-gib; one
that needs more is listed as out of memory.

The promises: no polygon of ours is cut, and ours are the same for two tile sizes; at 32,768 px and
more, each method that holds arrays of the whole raster needs five times the peak memory of ours,
and none of them takes less CPU time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import geopandas
import numpy as np
import shapely
from job import Job, write_job
from methods import METHODS, OURS, WHOLE

_HERE = Path(__file__).parent
_JUDGED_PX = 32768
_LEANER = 5
_GDAL_CACHE_MB = 64
_REASONS = {3: "out of memory", 4: "not installed"}


@dataclass(frozen=True)
class Measured:
    """One run of a method; numbers are None if it did not end."""

    side_px: int
    method: str
    tile_px: int
    failed: str = ""
    wall_s: float | None = None
    cpu_s: float | None = None
    start_mib: float | None = None
    """Memory after imports."""
    peak_mib: float | None = None
    polygons: int | None = None
    cut: int | None = None
    """Polygons that share a side with another one: pieces of one region."""


def main() -> int:
    """Measure, print a table, and return 1 if a promise is broken."""
    arguments = _parsed()
    measured: list[Measured] = []
    different: dict[tuple[int, str], int] = {}
    for side in arguments.sizes:
        with tempfile.TemporaryDirectory(dir=arguments.scratch) as name:
            write_job(Path(name), side)
            for method in arguments.methods:
                is_short = method != OURS and side != arguments.sizes[0]
                tiles = arguments.tiles[: 1 if is_short else None]
                runs = [_measure(Path(name), side, method, tile, arguments) for tile in tiles]
                measured.append(runs[0][0])
                outlines = [found for _, found in runs]
                if len(outlines) > 1 and all(found is not None for found in outlines):
                    different[side, method] = differing(outlines[0], outlines[1])
                sys.stdout.write(f"{json.dumps(asdict(runs[0][0]))}\n")
                sys.stdout.flush()
    table = _table(measured, different)
    sys.stdout.write("\n".join(table) + "\n")
    if arguments.markdown:
        arguments.markdown.write_text("\n".join(table) + "\n")
    if arguments.json:
        runs_json = [asdict(run) for run in measured]
        equality = [[*key, count] for key, count in different.items()]
        arguments.json.write_text(json.dumps({"runs": runs_json, "differing": equality}) + "\n")
    return int(not _judge(measured, different))


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[4096, 8192, 16384, 32768])
    parser.add_argument("--tiles", type=int, nargs=2, default=[512, 1024], metavar="PX",
                        help="two tile sizes; the first is measured")  # fmt: skip
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS)
    parser.add_argument("--radius", type=int, default=0,
                        help="of the window that the model looks at, in pixels")  # fmt: skip
    parser.add_argument("--packages", type=Path, help="folder with geoai and samgeo")
    parser.add_argument("--memory-gib", type=float, default=12, help="limit of each process")
    parser.add_argument("--scratch", type=Path, help="folder for the rasters")
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _measure(
    folder: Path, side: int, method: str, tile_px: int, arguments: argparse.Namespace
) -> tuple[Measured, np.ndarray | None]:
    """Return the figures of a run and its outlines; None if it did not end."""
    (folder / "polygons.gpkg").unlink(missing_ok=True)
    command = [sys.executable, str(_HERE / "measure.py"), str(folder), method, str(tile_px),
               str(arguments.radius), str(int(arguments.memory_gib * 1024))]  # fmt: skip
    if arguments.packages:
        command.append(str(arguments.packages))
    done = subprocess.run(
        command, capture_output=True, text=True, check=False,
        env=os.environ | {"GDAL_CACHEMAX": str(_GDAL_CACHE_MB)},
    )  # fmt: skip
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        return Measured(side, method, tile_px, _REASONS.get(done.returncode, lines[-1])), None
    outlines = geopandas.read_file(folder / "polygons.gpkg", layer=0).geometry.normalize().array
    found = np.asarray(outlines)
    pieces = cut(found)
    found = found[shapely.area(found) >= Job.min_area_m2]
    facts = {name: round(value, 2) for name, value in json.loads(done.stdout).items()}
    return Measured(side, method, tile_px, "", **facts, polygons=len(found), cut=pieces), found


def cut(outlines: Sequence[shapely.Geometry]) -> int:
    """Return how many polygons share a side, not only a corner, with another one."""
    polygons = np.asarray(outlines, object)
    first, second = shapely.STRtree(polygons).query(polygons, predicate="touches")
    shared = shapely.length(shapely.intersection(polygons[first], polygons[second])) > 0
    return len(np.unique(first[shared]))


def differing(one: np.ndarray, other: np.ndarray) -> int:
    """Return how many polygons of both sets have no equal in the other set."""
    first, second = (dict(zip(shapely.to_wkb(found), found, strict=True)) for found in (one, other))
    left = np.array([first[key] for key in first.keys() - second.keys()], object)
    right = np.array([second[key] for key in second.keys() - first.keys()], object)
    if not len(left) or not len(right):
        return len(left) + len(right)
    # Equal areas may have other corners along a straight side.
    pairs = shapely.STRtree(right).query(left, predicate="intersects")
    is_equal = shapely.equals(left[pairs[0]], right[pairs[1]])
    return len(left) + len(right) - 2 * len(np.unique(pairs[0][is_equal]))


def _table(measured: Sequence[Measured], different: dict[tuple[int, str], int]) -> list[str]:
    lines = [
        "| side (px) | method | CPU s | wall s | peak MiB | above imports | times our CPU, peak |"
        " polygons | cut | two tile sizes |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    ours = {run.side_px: run for run in measured if run.method == OURS}
    for run in measured:
        cells = [f"{run.side_px:,}", run.method]
        if run.failed:
            cells += [run.failed, *[""] * 7]
        else:
            base = ours.get(run.side_px)
            ratios = "" if base is None or base.failed else (
                f"{run.cpu_s / base.cpu_s:.2f}, {run.peak_mib / base.peak_mib:.1f}"
            )  # fmt: skip
            arrays = f"{run.peak_mib - run.start_mib:,.0f}"
            cells += [f"{run.cpu_s:.1f}", f"{run.wall_s:.1f}", f"{run.peak_mib:,.0f}", arrays,
                      ratios, f"{run.polygons:,}", f"{run.cut:,}",
                      _in_words(different.get((run.side_px, run.method)))]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _in_words(count: int | None) -> str:
    return "" if count is None else f"{count:,} differ" if count else "equal"


def _judge(measured: Sequence[Measured], different: dict[tuple[int, str], int]) -> bool:
    """Print each promise and whether it is kept; return whether all are."""
    ours = [run for run in measured if run.method == OURS]
    kept = {
        "no polygon of ours is cut": all(run.cut == 0 for run in ours),
        "ours are equal for two tile sizes": all(
            count == 0 for (_, method), count in different.items() if method == OURS
        ),
    }
    for base in (run for run in ours if run.side_px >= _JUDGED_PX and not run.failed):
        for run in measured:
            if run.side_px != base.side_px or run.method not in WHOLE or run.failed:
                continue
            leaner = run.peak_mib / base.peak_mib
            kept[f"{run.side_px} px: {run.method} needs {leaner:.1f} times the memory"] = (
                leaner >= _LEANER
            )
            slower = run.cpu_s / base.cpu_s
            kept[f"{run.side_px} px: {run.method} takes {slower:.2f} times the CPU time"] = (
                slower >= 1
            )
    for text, is_kept in kept.items():
        sys.stdout.write(f"{text}: {'kept' if is_kept else 'BROKEN'}\n")
    return all(kept.values())


if __name__ == "__main__":
    sys.exit(main())
