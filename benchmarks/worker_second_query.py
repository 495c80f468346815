"""Start time of a second query on the same pair, and response time of a cancelled job.

Promised: the second query starts its first tile in less than 1 s; a cancelled job responds within
2 s.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from mtrs_geo.data.rendering.synthetic import write_large_pair

_LIMITS_S = {"second_starts_s": 1.0, "first_cancelled_s": 2.0, "second_cancelled_s": 2.0}
COMMAND = [sys.executable, "-I", "-u", "-m", "mtrs_geo.worker"]


class _Worker:
    def __init__(self) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe)

    def send(self, job: str, name: str, **params: Any) -> float:  # noqa: ANN401 - JSON
        line = json.dumps({"protocol": 1, "id": name, "job": job, "params": params})
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        return time.perf_counter()

    def until(self, *kinds: str, done: int = 0) -> float:
        """Return the time of the next event of one of ``kinds`` with at least ``done`` tiles."""
        for line in self.process.stdout:
            event = json.loads(line)
            if event["event"] in kinds and event.get("done", 0) >= done:
                return time.perf_counter()
        message = "the worker ended before the event"
        raise RuntimeError(message)


def main() -> int:
    """Measure and print one JSON object; return 1 if a limit is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=4000, help="side of the pair in pixels")
    parser.add_argument("--model", default="tiny")
    arguments = parser.parse_args()
    side, model = arguments.side, arguments.model
    worker = _Worker()
    started = time.perf_counter()
    measured = {"hello_s": worker.until("hello") - started}
    with tempfile.TemporaryDirectory() as folder:
        pair = write_large_pair(Path(folder) / "pair", side, side, seed=0)
        parameters = {"before": str(pair.before), "after": str(pair.after), "model": model}
        for name, query in (("first", "new buildings"), ("second", "demolished houses")):
            sent = worker.send("detect", name, **parameters, query=query)
            measured[f"{name}_starts_s"] = worker.until("progress") - sent
            measured[f"{name}_has_a_tile_s"] = worker.until("progress", done=1) - sent
            sent = worker.send("cancel", f"cancel {name}", id=name)
            measured[f"{name}_cancelled_s"] = worker.until("error") - sent
    worker.process.stdin.close()
    worker.process.wait(30)
    shares = {name: round(measured[name] / limit_s, 3) for name, limit_s in _LIMITS_S.items()}
    facts = {name: round(s, 3) for name, s in measured.items()} | {"of_limit": shares}
    sys.stdout.write(json.dumps(facts) + "\n")
    return 0 if max(shares.values()) <= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
