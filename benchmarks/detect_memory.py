"""Peak memory of `detect` at three raster sizes.

Run: python benchmarks/detect_memory.py [--sizes 4096 16384 32768] [--json out.json]

A rendered pair of each size is processed by `detect_changes` with the brightness model, each in a
process of its own.  The promise: from the second to the third size, which has four times the
pixels, the peak grows by less than 10 %.  The call is measured; reading ``result.polygons``
afterwards needs memory for all polygons.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

_LIMIT = 0.10


def main() -> None:
    """Measure every size and compare the last two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[4096, 16384, 32768])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        _run_detect(Path(arguments.measure[0]), int(arguments.measure[1]))
        return
    peaks = {size: _measure(size) for size in arguments.sizes}
    if arguments.json:
        arguments.json.write_text(json.dumps(peaks) + "\n")
    *_, second, third = peaks.values()
    growth = third["peak_mib"] / second["peak_mib"] - 1
    verdict = "kept" if growth < _LIMIT else "BROKEN"
    sys.stdout.write(f"growth {growth:+.1%} (limit {_LIMIT:.0%}): {verdict}\n")
    sys.exit(growth >= _LIMIT)


def _measure(size: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        # Rendering runs in another process, so that its memory is not measured.
        render = (
            "from pathlib import Path; "
            "from mtrs_geo.data.rendering.synthetic import write_large_pair; "
            f"write_large_pair(Path({folder!r}), {size}, {size}, seed=0)"
        )
        subprocess.run([sys.executable, "-c", render], check=True)
        done = subprocess.run(
            [sys.executable, __file__, "--measure", folder, str(size)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    result = json.loads(done.stdout)
    sys.stdout.write(f"{size} px: {json.dumps(result)}\n")
    sys.stdout.flush()
    return result


def _run_detect(folder: Path, size: int) -> None:
    from mtrs_geo import detect_changes
    from mtrs_geo.benchmark.hardware import peak_memory

    result = detect_changes(
        folder / "before.tif", folder / "after.tif", "new buildings",
        model="brightness", threshold=0.25, output=folder / "c.gpkg",
        probability=folder / "p.tif",
    )  # fmt: skip
    peak_mib = peak_memory()["peak_bytes"] / 2**20
    facts = {"peak_mib": round(peak_mib, 1), "polygons": len(result.table)}
    sys.stdout.write(json.dumps({**facts, "seconds": result.report.seconds["total"]}))


if __name__ == "__main__":
    main()
