"""Whether the head of a cluster can be reached."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

__all__ = ["Head", "answers", "head_of", "watch_head"]

Head = tuple[str, int]
"""Host and port."""

_CONNECT_S = 5.0
_PAUSE_S = 1.0


def head_of(address: str) -> Head | None:
    """Return host and port of an address such as ``ray://head:10001``; None if it has none."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    return (host.strip("[]"), int(port)) if colon and port.isdigit() else None


def answers(head: Head) -> bool:
    """Return whether the head accepts a connection."""
    try:
        socket.create_connection(head, _CONNECT_S).close()
    except OSError:
        return False
    return True


def watch_head(head: Head | None, silent_s: float, lost: Callable[[str], None]) -> None:
    """Call a function with a message, from a thread, when the head has not answered for a while.

    Args:
        head: None watches nothing.
        silent_s: seconds.
        lost: called once.
    """
    if head is None:
        return

    def watch() -> None:
        heard_s = time.monotonic()
        while time.monotonic() - heard_s < silent_s:
            time.sleep(_PAUSE_S)
            if answers(head):
                heard_s = time.monotonic()
        lost(f"the head of the cluster, {head[0]}:{head[1]}, has vanished.")

    threading.Thread(target=watch, name="watch the head", daemon=True).start()
