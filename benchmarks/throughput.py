"""Tile pairs of 256 × 256 px per second of tiny, end to end in `detect`, on two cores.

Run: python benchmarks/throughput.py [--size 4096] [--model tiny] [--device openvino cpu]
         [--json out.json]

`detect_changes` processes a rendered pair from GeoTIFFs to a GeoPackage, with one sentence, in
float32, with OpenVINO and with PyTorch.  The promise: at least 12 tile pairs per second with the
faster of the two.  For comparison, a small scene in bfloat16, which is faster only on processors
that support it.
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import product
from pathlib import Path
from typing import Any

from rendered import detect, on_two_cores, rendered_pair

from mtrs_geo.models import ChangeSegmenter, load_model

_MIN_PAIRS_PER_S = 12.0
_SMALL_PX = 480
_QUERY = "new buildings"


def main() -> int:
    """Measure and print; return 1 if the promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=4096, help="side of the scene in pixels")
    parser.add_argument(
        "--batch-size", type=int, nargs="+", default=[4], help="tiles per forward pass"
    )
    parser.add_argument("--device", nargs="+", default=["openvino", "cpu"])
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    on_two_cores()
    measured = {}
    for device, batch in product(arguments.device, arguments.batch_size):
        name = f"{device}, float32, batches of {batch}"
        model = load_model(arguments.model, device)
        measured[name] = _measure(model, arguments.size, batch)
        _print(name, measured[name])
    best = max(facts["pairs_per_s"] for facts in measured.values())
    name = f"cpu, bfloat16, batches of {arguments.batch_size[0]}"
    model = load_model(arguments.model, "cpu", "bfloat16")
    measured[name] = _measure(model, min(arguments.size, _SMALL_PX), arguments.batch_size[0])
    _print(name, measured[name])
    verdict = "kept" if best >= _MIN_PAIRS_PER_S else "BROKEN"
    sys.stdout.write(f"{best:.1f} pairs per second (limit {_MIN_PAIRS_PER_S:.0f}): {verdict}\n")
    if arguments.json:
        arguments.json.write_text(json.dumps(measured, indent=1) + "\n")
    return int(best < _MIN_PAIRS_PER_S)


def _measure(model: ChangeSegmenter, side_px: int, batch: int) -> dict[str, Any]:
    with rendered_pair(model.info.tile_px) as small:
        detect(small, [_QUERY], model)  # warm-up
    with rendered_pair(side_px) as pair:
        report = detect(pair, [_QUERY], model, tile_px=256, batch_size=batch)
    rate = report.tiles / report.seconds["total"]
    return {"tiles": report.tiles, "pairs_per_s": rate, "seconds": report.seconds}


def _print(name: str, facts: dict[str, Any]) -> None:
    total = facts["seconds"]["total"]
    stages = ", ".join(f"{n} {s / total:.0%}" for n, s in facts["seconds"].items() if n != "total")
    sys.stdout.write(
        f"{name}: {facts['tiles']} pairs in {total:.1f} s, {facts['pairs_per_s']:.1f} per second: "
        f"{stages}\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
