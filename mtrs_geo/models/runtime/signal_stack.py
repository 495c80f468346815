"""The stack of a thread's signal handlers, which OpenVINO replaces."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["keep_signal_stack"]


class _Stack(ctypes.Structure):
    """``stack_t`` of Linux."""

    _fields_ = (("address", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t))


@contextmanager
def keep_signal_stack() -> Iterator[None]:
    """Give the calling thread its stack of signal handlers back at the end.

    OpenVINO's CPU plugin gives the thread that creates it a stack of its own, and frees that stack
    with itself.  Of two plugins the second remembers the stack of the first as the one to restore:
    if the first one goes first, the thread is left with freed memory, and the next Ctrl-C ends the
    process by a segmentation fault.  A plugin that does not find its own stack restores none.
    """
    if sys.platform != "linux":  # the plugin does so on Linux alone
        yield
        return
    libc = ctypes.CDLL(None)
    stack = _Stack()
    libc.sigaltstack(None, ctypes.byref(stack))
    try:
        yield
    finally:
        libc.sigaltstack(ctypes.byref(stack), None)
