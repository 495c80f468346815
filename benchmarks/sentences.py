"""Time of five sentences relative to one, end to end in `detect`, on two cores.

Run: python benchmarks/sentences.py [--size 2048] [--model tiny] [--json out.json]

`detect_changes` processes the same rendered pair with one sentence and with five, alternating, in
one process.  The promise: five take at most 1.6 times as long as one, as a pair is encoded once.
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

from mtrs_geo.detect.inference import Timings
from mtrs_geo.models import load_model
from mtrs_geo.models.runtime.segmenter import Segmenter

_LIMIT = 1.6
_ROUNDS = 3
_TEXTS = (
    "new buildings",
    "houses that were demolished",
    "vegetation that turned into bare ground",
    "roads built between the two dates",
    "water that is no longer there",
)


def main() -> int:
    """Measure and print; return 1 if the promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=2048, help="side of the scene in pixels")
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    on_two_cores()
    model = load_model(arguments.model, "cpu")
    timings = _encode_and_decode_timings(model)
    counts = (1, len(_TEXTS))
    rounds_of: dict[int, list[dict[str, float]]] = {count: [] for count in counts}
    with rendered_pair(arguments.size) as pair:
        for number in range(_ROUNDS + 1):
            for count in counts:
                timings.seconds.clear()
                report = detect(pair, _TEXTS[:count], model)
                if number:  # the first round warms up
                    rounds_of[count].append({**timings.seconds, **report.seconds})
    ratio = _median(rounds_of[counts[1]], "total") / _median(rounds_of[1], "total")
    for count, rounds in rounds_of.items():
        _print(count, rounds)
    verdict = "kept" if ratio <= _LIMIT else "BROKEN"
    sys.stdout.write(
        f"five sentences take {ratio:.2f} times as long as one (limit {_LIMIT}): {verdict}\n"
    )
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"ratio": ratio, "seconds": rounds_of}, indent=1) + "\n"
        )
    return int(ratio > _LIMIT)


def _encode_and_decode_timings(model: Any) -> Timings:  # noqa: ANN401 - a Segmenter, or any other
    """Return the timings of the model's encode and decode calls."""
    timings = Timings()
    if isinstance(model, Segmenter):
        for stage in ("encode", "decode"):
            setattr(model.model, stage, _timed(timings, stage, getattr(model.model, stage)))
    return timings


def _timed(timings: Timings, stage: str, run: Callable[..., Any]) -> Callable[..., Any]:
    def timed(*arguments: Any) -> Any:  # noqa: ANN401
        with timings.measure(stage):
            return run(*arguments)

    return timed


def _median(rounds: list[dict[str, float]], stage: str) -> float:
    return median(seconds.get(stage, 0.0) for seconds in rounds)


def _print(count: int, rounds: list[dict[str, float]]) -> None:
    total = _median(rounds, "total")
    stages = ", ".join(
        f"{stage} {_median(rounds, stage) / total:.0%}"
        for stage in ("encode", "decode", "model", "stitch", "vectorize", "write")
    )
    sys.stdout.write(
        f"{count} sentences: {total:.2f} s: {stages} (model includes encode, decode)\n"
    )


if __name__ == "__main__":
    sys.exit(main())
