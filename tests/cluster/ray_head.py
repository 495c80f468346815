"""The head of a Ray cluster with two CPUs on this machine, in a process group of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

_START_S = 120.0
_OPTIONS = ("--head", "--block", "--num-cpus=2", "--include-dashboard=false", "--min-worker-port=0",
            "--max-worker-port=0", "--object-store-memory=80000000")  # fmt: skip


class RayHead:
    def __init__(self, environment: Mapping[str, str]) -> None:
        ports = {name: _free_port() for name in ("port", "client", "agent")}
        self.address = f"127.0.0.1:{ports['port']}"
        self.client_address = f"ray://127.0.0.1:{ports['client']}"
        self.folder = Path(tempfile.mkdtemp(prefix="ray", dir="/tmp"))  # sockets need short paths
        self.output = self.folder / "output.txt"
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", *_OPTIONS,
                   f"--temp-dir={self.folder}", f"--port={ports['port']}",
                   f"--ray-client-server-port={ports['client']}",
                   f"--runtime-env-agent-port={ports['agent']}"]  # fmt: skip
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command, env={**os.environ, **environment}, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + _START_S
        while not (_answers(ports["client"]) and b"runtime started" in self.output.read_bytes()):
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.1)

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def workers(self) -> list[int]:
        """The processes of the workers that live."""
        found = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                session = int(status.read_text().rpartition(")")[2].split()[3])
                title = (status.parent / "cmdline").read_bytes()
                if session == self.process.pid and title.startswith(b"ray::BandWorker"):
                    found.append(int(status.parent.name))
        return found

    def kill(self) -> None:
        """Let the head and all workers vanish."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for _ in range(50):  # its children may still write
            shutil.rmtree(self.folder, ignore_errors=True)
            if not self.folder.exists():
                break
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("", 0))
        return int(listener.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
