"""What several training processes found, as one."""

from __future__ import annotations

from typing import TypeVar

from torch import distributed

__all__ = ["gathered"]

T = TypeVar("T")


def gathered(value: T) -> list[T]:
    """Return the value of every process, the same list in each; just this one's if alone."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return [value]
    values: list[T | None] = [None] * distributed.get_world_size()
    distributed.all_gather_object(values, value)
    return [v for v in values if v is not None]
