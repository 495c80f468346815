"""Processes that are forked from one in which a model has run."""

from __future__ import annotations

import os

from mtrs_geo.errors import ModelError

__all__ = ["check_not_forked", "note_run"]

_ran_in: int | None = None
"""The process in which a model ran first; a forked child inherits it."""


def note_run() -> None:
    """Note that a model runs in this process.

    Raises:
        ModelError: as `check_not_forked`.
    """
    global _ran_in
    check_not_forked()
    _ran_in = os.getpid()


def check_not_forked() -> None:
    """Refuse a process that was forked after a model had run.

    The threads of PyTorch and OpenVINO do not exist in the child, which would wait for them for
    ever.

    Raises:
        ModelError: if a model ran in the process from which this one was forked.
    """
    if _ran_in is not None and _ran_in != os.getpid():
        msg = "this process was forked from one in which a model had run."
        advice = (
            'Start processes with multiprocessing.get_context("spawn"), or before the first run.'
        )
        raise ModelError(msg, advice=advice)
