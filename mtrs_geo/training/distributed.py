"""Values of all training processes, collected in each of them."""

from __future__ import annotations

from typing import TypeVar

from torch import distributed

__all__ = ["all_gather"]

T = TypeVar("T")


def all_gather(value: T) -> list[T]:
    """Return the values of all processes, the same list in each; one value without processes."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return [value]
    values: list[T | None] = [None] * distributed.get_world_size()
    distributed.all_gather_object(values, value)
    return [v for v in values if v is not None]
