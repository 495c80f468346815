"""Numbers of a training run that no batch can be drawn with."""

from __future__ import annotations

from mtrs_geo.errors import RequestError

__all__ = ["check_numbers"]

_LEAST = {"batch_size": 1, "crop_px": 32}


def check_numbers(**numbers: int) -> None:
    """Refuse numbers that are too small, or a seed that is no 32-bit number.

    Args:
        numbers: arguments of a data module by name; the least is 1 for batch_size, 32 for
            crop_px and 0 for others.

    Raises:
        RequestError: if a number is out of range.
    """
    for name, number in numbers.items():
        least = _LEAST.get(name, 0)
        if number < least or (name == "seed" and number >= 2**32):
            most = f" and at most {2**32 - 1}" if name == "seed" else ""
            msg = f"data.{name} is {number}; it must be at least {least}{most}."
            raise RequestError(msg, advice=f"Give another number: --data.{name}.")
