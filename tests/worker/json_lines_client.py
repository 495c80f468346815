"""A client of the worker for tests: starts the process, writes requests, reads events."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from mtrs_geo.data.rendering.synthetic import PairPaths

COMMAND = [sys.executable, "-I", "-u", "-m", "mtrs_geo.worker"]
CHEAP = {"model": "brightness", "threshold": 0.25}


class Client:
    """Writes requests and reads events."""

    def __init__(self, command: list[str] = COMMAND) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def write(self, data: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, job: str, request_id: str, **params: Any) -> None:
        line = {"protocol": 1, "id": request_id, "job": job, "params": params}
        self.write(json.dumps(line).encode() + b"\n")

    def read(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the worker ended"
        return json.loads(line)

    def until(self, *kinds: str) -> dict[str, Any]:
        while (event := self.read())["event"] not in kinds:
            pass
        return event

    def answer(self, job: str, request_id: str = "1", **params: Any) -> dict[str, Any]:
        self.send(job, request_id, **params)
        event = self.until("result", "error")
        assert event["id"] == request_id
        return event

    def close(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=30)


def rasters(pair: PairPaths) -> dict[str, str]:
    return {"before": str(pair.before), "after": str(pair.after)}
