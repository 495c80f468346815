"""What four more sentences cost: five against one, end to end in `detect`, on two cores.

Run: python benchmarks/sentences.py [--size 2048] [--model tiny] [--json out.json]

The same rendered pair goes through the corridor with one sentence and with five, in one
process, by turns.  The promise: five cost at most 1.6 times one, as a pair is encoded once.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from rendered import detect, on_two_cores, rendered_pair

from mtrs_geo.detect.inference import Clock
from mtrs_geo.models import load_model
from mtrs_geo.models.runtime.segmenter import Segmenter

_MOST = 1.6
_ROUNDS = 3
_TEXTS = (
    "new buildings",
    "houses that were demolished",
    "vegetation that turned into bare ground",
    "roads built between the two dates",
    "water that is no longer there",
)


def main() -> int:
    """Measure and print; return 1 where the promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=2048, help="side of the scene in pixels")
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    on_two_cores()
    model = load_model(asked.model, "cpu")
    clock = _clocked(model)
    counts = (1, len(_TEXTS))
    spent: dict[int, list[dict[str, float]]] = {count: [] for count in counts}
    with rendered_pair(asked.size) as pair:
        for number in range(_ROUNDS + 1):
            for count in counts:
                clock.seconds.clear()
                report = detect(pair, _TEXTS[:count], model)
                if number:  # the first round warms up
                    spent[count].append({**clock.seconds, **report.seconds})
    ratio = _middle(spent[counts[1]], "total") / _middle(spent[1], "total")
    for count, rounds in spent.items():
        _say(count, rounds)
    verdict = "kept" if ratio <= _MOST else "BROKEN"
    sys.stdout.write(f"five sentences cost {ratio:.2f} of one (limit {_MOST}): {verdict}\n")
    if asked.json:
        asked.json.write_text(json.dumps({"ratio": ratio, "seconds": spent}, indent=1) + "\n")
    return int(ratio > _MOST)


def _clocked(model: Any) -> Clock:  # noqa: ANN401 - a Segmenter, or any other
    """Return a clock that runs while the model encodes, and while it decodes."""
    clock = Clock()
    if isinstance(model, Segmenter):
        for part in ("encode", "decode"):
            setattr(model.model, part, _timed(clock, part, getattr(model.model, part)))
    return clock


def _timed(clock: Clock, part: str, run: Callable[..., Any]) -> Callable[..., Any]:
    def timed(*arguments: Any) -> Any:  # noqa: ANN401
        with clock.time(part):
            return run(*arguments)

    return timed


def _middle(rounds: list[dict[str, float]], part: str) -> float:
    return median(seconds.get(part, 0.0) for seconds in rounds)


def _say(count: int, rounds: list[dict[str, float]]) -> None:
    total = _middle(rounds, "total")
    parts = ", ".join(
        f"{part} {_middle(rounds, part) / total:.0%}"
        for part in ("encode", "decode", "model", "stitch", "vectorize", "write")
    )
    sys.stdout.write(f"{count} sentences: {total:.2f} s: {parts} (model holds encode, decode)\n")


if __name__ == "__main__":
    sys.exit(main())
