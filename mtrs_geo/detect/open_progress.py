"""What a caller passes as progress, as a `Progress`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias, cast

from mtrs_geo.errors import RequestError
from mtrs_geo.progress import Calling, Progress, RichBar, Silent

__all__ = ["ProgressLike", "open_progress"]


ProgressLike: TypeAlias = "Progress | Callable[[int, int], object] | bool | None"
"""A `Progress`, True for `RichBar`, a function for `Calling`, or None or False for silence."""


@contextmanager
def open_progress(progress: ProgressLike) -> Iterator[Progress]:
    """Yield the progress that a caller asks for; a bar is removed at the end.

    Raises:
        RequestError: if it is of another kind.
    """
    if progress is None or progress is False:
        yield Silent()
    elif progress is True:
        with RichBar() as bar:
            yield bar
    elif all(_has(progress, name) for name in ("start", "advance", "log", "cancelled")):
        yield cast(Progress, progress)
    elif callable(progress):
        yield Calling(progress)
    else:
        msg = f"progress {progress!r} cannot receive events."
        advice = "Give True, a function of (steps done, steps in total), or a Progress."
        raise RequestError(msg, advice=advice)


def _has(progress: object, name: str) -> bool:
    """Return whether an object has an attribute, without reading a property."""
    return inspect.getattr_static(progress, name, None) is not None
