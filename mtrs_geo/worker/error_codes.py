"""Errors of jobs as facts of an event: class, code, message and advice."""

from __future__ import annotations

from mtrs_geo.errors import Cancelled, MissingExtraError, MTRSGeoError

__all__ = ["describe_error", "error_code", "is_out_of_memory"]

_FULL_MEMORY = ("std::bad_alloc", "failed to map segment", "annot allocate memory",
                "an't allocate memory", "out of memory")  # fmt: skip
"""Messages of the C++ library, the dynamic linker, the system and PyTorch."""


def error_code(error: BaseException) -> str:
    """Return what kind of action an error asks for, as a word that does not change.

    Returns:
        ``cancelled``; ``environment`` if a package is missing or broken; ``memory``; ``request``
        if the user can change what was asked for; ``defect`` for any other error.
    """
    if isinstance(error, Cancelled):
        return "cancelled"
    if is_out_of_memory(error):
        return "memory"
    if isinstance(error, MissingExtraError | ImportError):
        return "environment"
    return "request" if isinstance(error, MTRSGeoError) else "defect"


def describe_error(error: BaseException) -> tuple[str, str, str]:
    """Return class, message and advice of an error."""
    name = type(error).__name__
    if isinstance(error, MTRSGeoError):
        return name, error.message, error.advice
    if is_out_of_memory(error):
        advice = "Free memory or raise its limit, or choose the device cpu or a smaller area."
        return name, "there is not enough memory", advice
    if isinstance(error, ImportError):
        return name, str(error), "The environment is incomplete: install mtrs-geo again."
    return name, str(error) or name, "This is probably a defect: report it with the log."


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error says that memory is full, of Python or of a library in C++."""
    if isinstance(error, MTRSGeoError):
        return False
    if type(error).__name__ == "OutOfMemoryError" or isinstance(error, MemoryError):
        return True
    is_native = isinstance(error, ImportError | RuntimeError)
    return is_native and any(text in str(error) for text in _FULL_MEMORY)
