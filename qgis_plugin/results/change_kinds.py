"""Which way a change goes, as the worker says it, and its colour on the map; needs no QGIS."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CHANGED", "KINDS", "Kind", "kind_named"]


@dataclass(frozen=True)
class Kind:
    """A way that a change goes."""

    name: str
    title: str
    colour: str
    """Told apart on imagery, on light and dark themes, and by colour-blind eyes."""


CHANGED = Kind("changed", "Changed", "#ffb000")
KINDS = {
    "appeared": Kind("appeared", "Appeared", "#00b8f5"),
    "disappeared": Kind("disappeared", "Disappeared", "#f0386b"),
    "changed": CHANGED,
}


def kind_named(name: object) -> Kind:
    """Return a kind by the worker's name for it; what it did not say is changed."""
    return KINDS.get(str(name), CHANGED)
