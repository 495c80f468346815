"""Words that only some things deserve: hyponyms and attributes as rules over instances.

A rule answers yes, no, or None where one could argue; a sentence is written only
where it answers yes or no for every instance, so that its mask is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mtrs_geo.class_codes import ROAD, TRACK
from mtrs_geo.data.sentences.instances import Instance

__all__ = ["RULES"]


def _above(value: float, yes: float, no: float) -> bool | None:
    """Yes from ``yes`` on, no below ``no``."""
    return True if value >= yes else False if value < no else None


def _below(value: float, yes: float, no: float) -> bool | None:
    """Yes up to ``yes``, no above ``no``."""
    return True if value <= yes else False if value > no else None


def _all(*answers: bool | None) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def _strip(thing: Instance) -> bool | None:
    if thing.fill < 0.55:
        return True
    return _above(thing.elongation, 4.0, 2.6)


def _lot(thing: Instance) -> bool | None:
    return _all(
        _below(thing.elongation, 2.5, 4.0), _above(thing.fill, 0.78, 0.55), thing.code == ROAD
    )


def _pond(thing: Instance) -> bool | None:
    if thing.touches_frame:
        return None
    return _all(
        _below(thing.elongation, 3.0, 5.0),
        _above(thing.fill, 0.75, 0.5),
        _below(thing.area_m2, 4000, 9000),
    )


def _stream(thing: Instance) -> bool | None:
    return _above(thing.elongation, 5.5, 3.0)


def _grass(thing: Instance) -> bool | None:
    return _all(_below(thing.roughness, 0.035, 0.06), thing.area_px >= 60 or None)


def _trees(thing: Instance) -> bool | None:
    lit = float(thing.colour.mean())
    return _all(_above(thing.roughness, 0.085, 0.06), _below(lit, 130, 150), thing.area_px >= 60)


def _hall(thing: Instance) -> bool | None:
    return _above(thing.area_m2, 900, 600)


def _shed(thing: Instance) -> bool | None:
    return None if thing.touches_frame else _below(thing.area_m2, 45, 80)


def _red(thing: Instance) -> bool | None:
    red, green, blue = thing.colour
    return _above(float(red - max(green, blue)), 28, 14)


def _blue(thing: Instance) -> bool | None:
    red, green, blue = thing.colour
    return _above(float(blue - max(red, green)), 22, 10)


def _bright(thing: Instance) -> bool | None:
    spread = float(thing.colour.max() - thing.colour.min())
    return _all(_above(float(thing.colour.mean()), 180, 150), _below(spread, 30, 50))


def _dark(thing: Instance) -> bool | None:
    return _below(float(thing.colour.mean()), 72, 98)


def _runs(thing: Instance, angle: float) -> bool | None:
    off = abs((thing.angle - angle + 90) % 180 - 90)
    return _all(_above(thing.elongation, 2.0, 1.6), _below(off, 25, 45))


RULES: Mapping[str, Callable[[Instance], bool | None]] = {
    "": lambda _: True,
    "strip": _strip,
    "lot": _lot,
    "track": lambda thing: thing.code == TRACK,
    "pond": _pond,
    "stream": _stream,
    "grass": _grass,
    "trees": _trees,
    "hall": _hall,
    "shed": _shed,
    "large": lambda thing: _above(thing.share, 0.025, 0.012),
    "small": lambda thing: None if thing.touches_frame else _below(thing.share, 0.006, 0.012),
    "long": lambda thing: _above(thing.elongation, 3.5, 2.2),
    "compact": lambda thing: _all(
        _below(thing.elongation, 1.5, 2.2), _above(thing.fill, 0.8, 0.55)
    ),
    "east-west": lambda thing: _runs(thing, 0),
    "north-south": lambda thing: _runs(thing, 90),
    "red": _red,
    "blue": _blue,
    "bright": _bright,
    "dark": _dark,
}
"""The rules by name; the empty name is what every instance deserves."""
