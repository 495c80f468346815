"""Durations as text."""

from __future__ import annotations

from .translate import tr

__all__ = ["format_duration"]


def format_duration(seconds: float) -> str:
    """Return a duration as text: 14 s, 5 min, 2 h 10 min."""
    if seconds < 90:
        return tr("{} s").format(max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 90:
        return tr("{} min").format(minutes)
    return tr("{} h {} min").format(*divmod(minutes, 60))
