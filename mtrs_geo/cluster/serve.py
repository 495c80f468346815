"""The main function of the process that uses Ray for a run: messages in and out, as pickles."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import IO, Any

from mtrs_geo.cluster.head import watch_head
from mtrs_geo.errors import ClusterError, MTRSGeoError

__all__ = ["main"]

_END_S = 5.0
"""From the end of the run to a forced exit, for calls of Ray that do not return."""


def main() -> None:
    """Serve standard input until it ends.

    In: ``sys.path``; (address, workers, device, seconds that the head may be silent); then
    ("model", pickled `ModelChoice`) or ("run", name, pickled `RunWork`, tasks).  Out: ("log",
    text), ("model", `ModelInfo`), ("answer", `TaskAnswer`), ("end", None), ("error", exception).
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what Ray prints is no answer
    lock = threading.Lock()

    def send(kind: str, value: object) -> None:
        with lock:
            pickle.dump((kind, value), answers)
            answers.flush()

    waiting: SimpleQueue[Any] = SimpleQueue()
    ended = threading.Event()
    address, workers, device, silent_s = pickle.load(requests)
    threading.Thread(target=_receive, args=(requests, waiting, ended), daemon=True).start()
    with suppress(BrokenPipeError):  # the run has ended
        _serve(address, workers, device, silent_s, waiting, ended, send)
    os._exit(0)  # Ray's own end could wait for a head that has vanished


def _serve(
    address: str, workers: int | None, device: str, silent_s: float, waiting: SimpleQueue[Any],
    ended: threading.Event, send: Callable[[str, object], None],
) -> None:  # fmt: skip
    from mtrs_geo.cluster.pool import Pool

    def lost(text: str) -> None:
        send("error", ClusterError(text, advice="Run it again with --resume to go on."))
        os._exit(1)

    try:
        pool = Pool(address, workers, device, ended, lambda text: send("log", text))
    except MTRSGeoError as error:
        send("error", error)
        return
    watch_head(pool.head, silent_s, lost)
    while (request := waiting.get()) is not None:
        kind, *values = request
        try:
            if kind == "model":
                send("model", pool.model_info(*values))
            else:
                for answer in pool.run(*values):
                    send("answer", answer)
                send("end", None)
        except BrokenPipeError:
            break
        except (MTRSGeoError, OSError, MemoryError) as error:
            send("error", error)
    pool.close()


def _receive(stream: IO[bytes], waiting: SimpleQueue[Any], ended: threading.Event) -> None:
    """Queue the messages of the run; its end is queued as None."""
    try:
        while True:
            waiting.put(pickle.load(stream))
    except (EOFError, OSError, pickle.UnpicklingError):
        ended.set()
        waiting.put(None)
        timer = threading.Timer(_END_S, os._exit, (0,))
        timer.daemon = True
        timer.start()
