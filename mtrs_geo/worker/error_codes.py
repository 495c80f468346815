"""Errors of jobs as facts of an event: class, code, message and advice."""

from __future__ import annotations

from mtrs_geo.errors import Cancelled, MissingExtraError, MTRSGeoError

__all__ = ["describe_error", "error_code"]


def error_code(error: BaseException) -> str:
    """Return what kind of action an error asks for, as a word that does not change.

    Returns:
        ``cancelled``; ``environment`` if a package is missing or broken; ``memory``; ``request``
        if the user can change what was asked for; ``defect`` for any other error.
    """
    if isinstance(error, Cancelled):
        return "cancelled"
    if isinstance(error, MissingExtraError | ImportError):
        return "environment"
    if _is_out_of_memory(error):
        return "memory"
    return "request" if isinstance(error, MTRSGeoError) else "defect"


def describe_error(error: BaseException) -> tuple[str, str, str]:
    """Return class, message and advice of an error."""
    name = type(error).__name__
    if isinstance(error, MTRSGeoError):
        return name, error.message, error.advice
    if _is_out_of_memory(error):
        return name, "there is not enough memory", "Choose the device cpu, or a smaller area."
    if isinstance(error, ImportError):
        return name, str(error), "The environment is incomplete: install mtrs-geo again."
    return name, str(error) or name, "This is probably a defect: report it with the log."


def _is_out_of_memory(error: BaseException) -> bool:
    return type(error).__name__ == "OutOfMemoryError" or isinstance(error, MemoryError)
