"""Strict loading of tensors into a module: all names and shapes must match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from mtrs_geo.errors import ModelError

__all__ = ["fill", "join_names", "mismatches"]

_MAX_NAMES = 20


def fill(module: nn.Module, tensors: Mapping[str, Tensor], source: str) -> None:
    """Load tensors into a module.

    Args:
        module: module with exactly these tensors.
        tensors: by the module's tensor names.
        source: where the tensors are from, for the error message.

    Raises:
        ModelError: if names are missing or unknown, or shapes differ; the message lists them.
    """
    problems = mismatches(module.state_dict(), tensors)
    if problems:
        msg = f"{source} does not fit the model: {problems}."
        raise ModelError(msg, advice="Use the configuration that the weights were saved with.")
    module.load_state_dict(dict(tensors))


def mismatches(expected: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> str:
    """Return the missing and unknown names and the different shapes as text; "" if all match."""
    shapes = [
        f"{n} {tuple(tensors[n].shape)} for {tuple(expected[n].shape)}"
        for n in sorted(expected.keys() & tensors.keys())
        if tensors[n].shape != expected[n].shape
    ]
    problems = {
        "missing": sorted(expected.keys() - tensors.keys()),
        "unknown": sorted(tensors.keys() - expected.keys()),
        "other shape": shapes,
    }
    return "; ".join(f"{kind} {join_names(names)}" for kind, names in problems.items() if names)


def join_names(names: Sequence[str]) -> str:
    """Return the names, or the first 20 names and the number of the others."""
    more = len(names) - _MAX_NAMES
    return ", ".join(names[:_MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
