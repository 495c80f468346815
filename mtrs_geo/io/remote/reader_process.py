"""A process that calls functions for this one, and can be ended while they wait for a server.

GDAL cannot be interrupted while it waits for a response, and some of rasterio's calls hold the
GIL then, which stops every thread of the process.
"""

from __future__ import annotations

import math
import os
import pickle
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any, ParamSpec, Self, TypeVar

from mtrs_geo.errors import RasterError
from mtrs_geo.io.remote.network_paths import may_use_network
from mtrs_geo.types import StrPath

__all__ = ["ReaderProcess", "call_interruptibly"]

P = ParamSpec("P")
R = TypeVar("R")

_START = (
    "import pickle, sys\n"
    "sys.path[:] = pickle.load(sys.stdin.buffer)\n"
    "from mtrs_geo.io.remote.serve import main\n"
    "main()\n"
)
_POLL_S = 0.5
"""On Windows, a wait without a limit cannot be interrupted."""


@dataclass
class _Call:
    """A call that waits for its answer."""

    future: Future[Any] = field(default_factory=Future)
    since_s: float = field(default_factory=time.monotonic)
    """Time of the start, or of the latest progress."""


class ReaderProcess:
    """Calls functions in another Python process; several threads may call at the same time.

    The process has this one's environment, import paths and GDAL options.  It ends with `kill`,
    with this object, or with this process.

    Args:
        limit_s: longest time in seconds that a call takes without progress (`tell_progress`); None
            is no limit.
    """

    def __init__(self, limit_s: float | None = None) -> None:
        self._limit_s = math.inf if limit_s is None else limit_s
        flags = {"process_group": 0} if os.name == "posix" else {}  # Ctrl-C is for this process
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            **flags,  # type: ignore[call-overload]
        )
        self._lock = threading.Lock()
        self._number = 0
        self._pending: dict[int, _Call] = {}
        self._finalizer = weakref.finalize(self, _end, self._process)
        self._send(list(sys.path))
        self._send(_gdal_options())
        threading.Thread(
            target=_receive, args=(self._process.stdout, self._pending, self._lock),
            name="reader process", daemon=True,
        ).start()  # fmt: skip

    def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what a function of a module returns; arguments and result are pickled.

        Raises:
            RasterError: if the process has ended, or does not answer in time, which ends it.
            Exception: what the function raised.
        """
        own = _Call()
        future: Future[R] = own.future
        with self._lock:
            self._number += 1
            number = self._number
            self._pending[number] = own
            self._send((number, function, args, kwargs))
        while True:
            try:
                return future.result(_POLL_S)
            except FutureTimeoutError:
                if future.done():
                    return future.result()
                if self._process.poll() is not None:
                    raise _ended() from None
                if time.monotonic() - own.since_s > self._limit_s:
                    self.kill()
                    raise _too_slow(self._limit_s) from None

    def kill(self) -> None:
        """End the process; calls that wait raise `RasterError`."""
        self._finalizer()

    def __enter__(self) -> Self:
        """Return the process."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.kill()

    def _send(self, message: object) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(pickle.dumps(message))
            self._process.stdin.flush()
        except (OSError, ValueError) as error:
            raise _ended() from error


def call_interruptibly(
    path: StrPath, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> R:
    """Return what a function that reads ``path`` returns.

    It is called in a `ReaderProcess` if the path may lead to a server.
    """
    if not may_use_network(path):
        return function(*args, **kwargs)
    with ReaderProcess() as process:
        return process.call(function, *args, **kwargs)


def _receive(stream: IO[bytes], pending: dict[int, _Call], lock: threading.Lock) -> None:
    """Give each answer to the call that waits for it, until the process ends."""
    while True:
        try:
            number, *answer = pickle.load(stream)
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            break
        if not answer:
            pending[number].since_s = time.monotonic()
            continue
        result, failure = answer
        with lock:
            future = pending.pop(number).future
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(failure)
    with lock:
        waiting = [pending.pop(number) for number in list(pending)]
    for call in waiting:
        call.future.set_exception(_ended())


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    assert process.stdin is not None
    with suppress(OSError):  # from what was not sent yet
        process.stdin.close()


def _gdal_options() -> dict[str, Any]:
    from rasterio.env import getenv, hasenv

    return dict(getenv()) if hasenv() else {}


def _ended() -> RasterError:
    msg = "the process that reads from servers has ended."
    return RasterError(msg, advice="Run again; if it ends again, download the rasters first.")


def _too_slow(limit_s: float) -> RasterError:
    msg = f"the server of a raster did not send what was needed within {limit_s:g} seconds."
    advice = "Run again later, download the raster, or set GDAL_HTTP_TIMEOUT to more seconds."
    return RasterError(msg, advice=advice)
