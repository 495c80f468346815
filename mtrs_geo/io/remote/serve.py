"""The main function of a reader process: calls in, results out, as pickles on pipes.

An answer is (number, result, error); (number,) says that the call makes progress.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, TextIO, cast

from mtrs_geo.io.remote.http_options import HTTP_OPTIONS
from mtrs_geo.io.remote.progress import progress_to
from mtrs_geo.redaction import RedactingStream

__all__ = ["main"]

_THREADS = 4


def main() -> None:
    """Serve standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    calls, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    sys.stderr = cast(TextIO, RedactingStream(sys.stderr))
    for name, value in HTTP_OPTIONS.items():
        os.environ.setdefault(name, value)
    if "CPL_DEBUG" not in os.environ:
        # GDAL's threads print each failed request; what fails in the end is raised.
        os.environ.setdefault("CPL_LOG", os.devnull)
    import rasterio
    from rasterio.env import setenv

    lock = threading.Lock()
    with rasterio.Env(), ThreadPoolExecutor(_THREADS) as threads:
        # Where boto3 is installed, Env refuses the credentials that are among the options.
        setenv(**pickle.load(calls))
        try:
            while True:
                threads.submit(_answer, pickle.load(calls), answers, lock)
        except EOFError:
            os._exit(0)


def _answer(call: tuple[Any, ...], answers: IO[bytes], lock: threading.Lock) -> None:
    number, function, args, kwargs = call

    def send(message: bytes) -> None:
        with lock:
            answers.write(message)
            answers.flush()

    try:
        with progress_to(lambda: send(pickle.dumps((number,)))):
            found = function(*args, **kwargs)
        message = pickle.dumps((number, found, None))
    except Exception as error:  # noqa: BLE001 - raised again by the caller
        message = pickle.dumps((number, None, _picklable(error)))
    send(message)


def _picklable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - any error of a class's own pickling
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
