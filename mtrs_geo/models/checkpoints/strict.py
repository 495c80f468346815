"""Tensors into a module: every name once, every shape as it is, or an error that lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from mtrs_geo.errors import ModelError

__all__ = ["fill", "listed", "misfits"]

_LISTED = 20


def fill(module: nn.Module, tensors: Mapping[str, Tensor], what: str) -> None:
    """Load tensors into a module.

    Args:
        module: takes all of them, and nothing else.
        tensors: by the module's own names.
        what: where they are from, for the message.

    Raises:
        ModelError: if names are missing or unknown, or shapes differ; all are listed.
    """
    problem = misfits(module.state_dict(), tensors)
    if problem:
        msg = f"{what} does not fit the model: {problem}. Use the configuration it was saved with."
        raise ModelError(msg)
    module.load_state_dict(dict(tensors))


def misfits(wanted: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> str:
    """Return what is missing, unknown or of another shape, in words; "" if all fits."""
    shapes = [
        f"{n} {tuple(given[n].shape)} for {tuple(wanted[n].shape)}"
        for n in sorted(wanted.keys() & given.keys())
        if given[n].shape != wanted[n].shape
    ]
    found = {
        "missing": sorted(wanted.keys() - given.keys()),
        "unknown": sorted(given.keys() - wanted.keys()),
        "other shape": shapes,
    }
    return "; ".join(f"{kind} {listed(names)}" for kind, names in found.items() if names)


def listed(names: Sequence[str]) -> str:
    """Return the names, or the first twenty and how many more there are."""
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {more} more" if more > 0 else "")
