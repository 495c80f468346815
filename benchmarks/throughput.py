"""Tile pairs of 256² a second that tiny answers end to end in `detect`, on two cores.

Run: python benchmarks/throughput.py [--size 4096] [--model tiny] [--device openvino cpu]
         [--json out.json]

A rendered pair goes from two GeoTIFFs to a GeoPackage at float32, one sentence, through OpenVINO
and through PyTorch.  The promise: 12 tile pairs a second or more, in the faster of the two.  For
comparison, a small scene at bfloat16, which pays only where the processor knows it.
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

_LEAST = 12.0
_SMALL_PX = 480
_QUERY = "new buildings"


def main() -> int:
    """Measure and print; return 1 where the promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=4096, help="side of the scene in pixels")
    parser.add_argument("--batch-size", type=int, nargs="+", default=[4], help="tiles a forward")
    parser.add_argument("--device", nargs="+", default=["openvino", "cpu"])
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    on_two_cores()
    measured = {}
    for device, batch in product(asked.device, asked.batch_size):
        name = f"{device}, float32, batches of {batch}"
        model = load_model(asked.model, device)
        measured[name] = _measure(model, asked.size, batch)
        _say(name, measured[name])
    best = max(facts["pairs_per_s"] for facts in measured.values())
    name = f"cpu, bfloat16, batches of {asked.batch_size[0]}"
    model = load_model(asked.model, "cpu", "bfloat16")
    measured[name] = _measure(model, min(asked.size, _SMALL_PX), asked.batch_size[0])
    _say(name, measured[name])
    verdict = "kept" if best >= _LEAST else "BROKEN"
    sys.stdout.write(f"{best:.1f} pairs a second (limit {_LEAST:.0f}): {verdict}\n")
    if asked.json:
        asked.json.write_text(json.dumps(measured, indent=1) + "\n")
    return int(best < _LEAST)


def _measure(model: ChangeSegmenter, side_px: int, batch: int) -> dict[str, Any]:
    with rendered_pair(model.info.tile_px) as small:
        detect(small, [_QUERY], model)  # the first run loads what others find loaded
    with rendered_pair(side_px) as pair:
        report = detect(pair, [_QUERY], model, tile_px=256, batch_size=batch)
    rate = report.tiles / report.seconds["total"]
    return {"tiles": report.tiles, "pairs_per_s": rate, "seconds": report.seconds}


def _say(name: str, facts: dict[str, Any]) -> None:
    total = facts["seconds"]["total"]
    parts = ", ".join(f"{n} {s / total:.0%}" for n, s in facts["seconds"].items() if n != "total")
    sys.stdout.write(
        f"{name}: {facts['tiles']} pairs in {total:.1f} s, {facts['pairs_per_s']:.1f} a second: "
        f"{parts}\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
