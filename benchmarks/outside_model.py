"""Share of a run of `detect` that is outside the model: tiny on two cores.

Run: python benchmarks/outside_model.py [--size 8192] [--json out.json]

A rendered pair is processed from GeoTIFFs to a GeoPackage and a probability COG.  The promise: the
model works at least 90 % of the whole time.  Reading and writing work at the same time on the same
two cores and slow the model down, which this share does not show; so the CPU time of the same run
with the brightness model is printed too, as a share of that with tiny.  On a machine that others
use, the CPU times say more.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from rendered import detect, on_two_cores, rendered_pair

from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.detect.result import Report
from mtrs_geo.models import ChangeSegmenter, load_model

_LIMIT = 0.10
_QUERY = "new buildings"


def main() -> int:
    """Measure and print; return 1 if the promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=8192, help="side of the scene in pixels")
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    on_two_cores()
    model = load_model(arguments.model)
    with rendered_pair(2 * model.info.tile_px) as small:
        detect(small, [_QUERY], model)  # warms up, and imports what a run imports late
    with rendered_pair(arguments.size) as pair:
        _, cheap_cpu_s = _run(pair, load_model("brightness"))
        report, cpu_s = _run(pair, model)
    spent, speed = report.seconds, report.speed
    share = 1 - spent["model"] / spent["total"]
    stages = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in spent.items())
    sys.stdout.write(
        f"{report.tiles} tiles on {report.device}: {stages}\n{speed.line()}\n"
        f"CPU time without the model: {cheap_cpu_s:.1f} of {cpu_s:.1f} s, "
        f"{cheap_cpu_s / cpu_s:.1%}\n"
        f"time outside the model: {share:.1%} (limit {_LIMIT:.0%}): "
        f"{'kept' if share <= _LIMIT else 'BROKEN'}\n"
    )
    if arguments.json:
        facts = {"outside": share, "cpu_share": cheap_cpu_s / cpu_s, "seconds": spent}
        arguments.json.write_text(json.dumps(facts) + "\n")
    return int(share > _LIMIT)


def _run(pair: PairPaths, model: ChangeSegmenter) -> tuple[Report, float]:
    """Return the report of a run, and the CPU seconds of its process."""
    started = time.process_time()
    report = detect(pair, [_QUERY], model, threshold=0.25)
    return report, time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())
