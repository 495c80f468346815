"""Runs commands of `mtrs-geo` in forks of one process that has imported what they need.

Each command is a real process with its own arguments, environment, folder, output and exit code;
only the seconds of the imports are saved.  `run_command` is used by tests; started as a program,
this file is the process that is forked.
"""

from __future__ import annotations

import atexit
import functools
import gc
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

IMPORTED = (
    "mtrs_geo.cli.app", "mtrs_geo.detect.pipeline", "mtrs_geo.detect.stacks", "mtrs_geo.batch",
    "mtrs_geo.evaluation", "mtrs_geo.pairs.export", "mtrs_geo.io.formats.style", "geopandas",
    "matplotlib.figure", "matplotlib.backends.backend_agg", "pyarrow.parquet", "pyogrio.raw",
)  # fmt: skip
"""Modules that commands import late."""
MOST_SECONDS = 300


def run_command(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the current folder, with further environment variables."""
    if not hasattr(os, "fork"):
        return start_command(*arguments, **environment)
    words, server = [str(argument) for argument in arguments], _server()
    with tempfile.TemporaryDirectory() as folder:
        outputs = [Path(folder) / name for name in ("stdout", "stderr")]
        request = {
            "arguments": words, "folder": os.getcwd(), "outputs": [str(path) for path in outputs],
            "environment": {**os.environ, **environment},
        }  # fmt: skip
        server.stdin.write(f"{json.dumps(request)}\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        texts = [path.read_text("utf-8", errors="replace") for path in outputs]
    return subprocess.CompletedProcess(words, code, *texts)


def start_command(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a new Python, as a user does; one test per command is enough."""
    return subprocess.run(
        [sys.executable, "-m", "mtrs_geo.cli", *map(str, arguments)], capture_output=True,
        text=True, check=False, errors="replace", timeout=MOST_SECONDS,
        env={**os.environ, **environment},
    )  # fmt: skip


@functools.cache
def _server() -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(server.communicate)  # ends the server, as it closes the input
    return server


def serve() -> None:
    """Fork for each line of standard input, and write the exit code of the fork."""
    for name in IMPORTED:
        import_module(name)
    gc.freeze()  # the forks need not look at what was imported
    for line in sys.stdin:
        if (pid := os.fork()) == 0:
            _become(json.loads(line))
            _run_and_exit()
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _run_and_exit() -> NoReturn:
    """Run the command line as Python would, but without taking all modules apart at the end."""
    code: object = 1
    try:
        runpy.run_module("mtrs_geo.cli", run_name="__main__", alter_sys=True)
    except SystemExit as leave:
        code = leave.code or 0
    except BaseException:  # noqa: BLE001 - Python would print it too
        sys.excepthook(*sys.exc_info())
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code if isinstance(code, int) else 1)


def _become(request: dict[str, Any]) -> None:
    """Take the arguments, the environment, the folder and the outputs of a request."""
    signal.alarm(MOST_SECONDS)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, path in enumerate(request["outputs"], start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    sys.argv = ["mtrs-geo", *request["arguments"]]


if __name__ == "__main__":
    serve()
