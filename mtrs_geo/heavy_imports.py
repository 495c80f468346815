"""Imports of torch and of what builds on it, in less time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["heavy_imports"]


@contextmanager
def heavy_imports() -> Iterator[None]:
    """Pause the garbage collector, for imports of torch, timm, transformers or Lightning.

    These make some million objects that all stay.  The collector would visit them again and again,
    which takes a fifth of the time of the imports.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
