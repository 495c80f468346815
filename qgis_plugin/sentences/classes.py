"""Classes of land cover and directions of a change as text."""

from __future__ import annotations

from collections.abc import Sequence

from ..i18n.translate import tr

__all__ = ["class_noun", "direction_text", "joined"]


def class_noun(name: str) -> str:
    """Return the noun of a class; the name itself for a class of a fine-tuned model."""
    return {
        "building": tr("buildings"), "road": tr("roads"), "vegetation": tr("vegetation"),
        "water": tr("water"), "bare": tr("bare ground"),
    }.get(name, name)  # fmt: skip


def direction_text(direction: str) -> str:
    """Return the direction of a question as a word."""
    return {
        "appeared": tr("appeared"), "disappeared": tr("disappeared"),
        "unchanged": tr("unchanged"),
    }.get(direction, tr("changed"))  # fmt: skip


def joined(texts: Sequence[str]) -> str:
    """Return texts as a list in words: "a, b and c"."""
    if len(texts) < 2:
        return "".join(texts)
    return tr("{} and {}").format(", ".join(texts[:-1]), texts[-1])
