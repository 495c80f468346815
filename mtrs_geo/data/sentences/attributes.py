"""Attributes of instances: tests of shape, size, colour and kind behind nouns and adjectives.

A test returns True, False, or None for a borderline case.  A sentence is written only if no
instance is a borderline case, so that its mask is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mtrs_geo.class_codes import ROAD, TRACK
from mtrs_geo.data.sentences.instances import Instance

__all__ = ["ATTRIBUTES", "LOOKS"]

LOOKS = frozenset({"grass", "trees", "red", "blue", "bright", "dark"})
"""Attributes that follow from the colours or the texture of an instance."""


def _above(value: float, yes: float, no: float) -> bool | None:
    """Return True from ``yes`` upwards, False below ``no``, None between."""
    return True if value >= yes else False if value < no else None


def _below(value: float, yes: float, no: float) -> bool | None:
    """Return True up to ``yes``, False above ``no``, None between."""
    return True if value <= yes else False if value > no else None


def _all(*results: bool | None) -> bool | None:
    if False in results:
        return False
    return None if None in results else True


def _strip(instance: Instance) -> bool | None:
    if instance.rectangularity < 0.55:
        return True
    return _above(instance.elongation, 4.0, 2.6)


def _lot(instance: Instance) -> bool | None:
    return _all(
        _below(instance.elongation, 2.5, 4.0),
        _above(instance.rectangularity, 0.78, 0.55),
        instance.code == ROAD,
    )


def _pond(instance: Instance) -> bool | None:
    if instance.touches_border:
        return None
    return _all(
        _below(instance.elongation, 3.0, 5.0),
        _above(instance.rectangularity, 0.75, 0.5),
        _below(instance.area_m2, 4000, 9000),
    )


def _stream(instance: Instance) -> bool | None:
    return _above(instance.elongation, 5.5, 3.0)


def _grass(instance: Instance) -> bool | None:
    return _all(_below(instance.roughness, 0.035, 0.06), instance.area_px >= 60 or None)


def _trees(instance: Instance) -> bool | None:
    brightness = float(instance.colour.mean())
    return _all(
        _above(instance.roughness, 0.085, 0.06),
        _below(brightness, 130, 150),
        instance.area_px >= 60,
    )


def _hall(instance: Instance) -> bool | None:
    return _above(instance.area_m2, 900, 600)


def _shed(instance: Instance) -> bool | None:
    return None if instance.touches_border else _below(instance.area_m2, 45, 80)


def _red(instance: Instance) -> bool | None:
    red, green, blue = instance.colour
    return _above(float(red - max(green, blue)), 28, 14)


def _blue(instance: Instance) -> bool | None:
    red, green, blue = instance.colour
    return _above(float(blue - max(red, green)), 22, 10)


def _bright(instance: Instance) -> bool | None:
    spread = float(instance.colour.max() - instance.colour.min())
    return _all(_above(float(instance.colour.mean()), 180, 150), _below(spread, 30, 50))


def _dark(instance: Instance) -> bool | None:
    return _below(float(instance.colour.mean()), 72, 98)


def _is_aligned(instance: Instance, angle_deg: float) -> bool | None:
    difference = abs((instance.angle_deg - angle_deg + 90) % 180 - 90)
    return _all(_above(instance.elongation, 2.0, 1.6), _below(difference, 25, 45))


ATTRIBUTES: Mapping[str, Callable[[Instance], bool | None]] = {
    "": lambda _: True,
    "strip": _strip,
    "lot": _lot,
    "track": lambda instance: instance.code == TRACK,
    "pond": _pond,
    "stream": _stream,
    "grass": _grass,
    "trees": _trees,
    "hall": _hall,
    "shed": _shed,
    "large": lambda instance: _above(instance.area_share, 0.025, 0.012),
    "small": lambda instance: (
        None if instance.touches_border else _below(instance.area_share, 0.006, 0.012)
    ),
    "long": lambda instance: _above(instance.elongation, 3.5, 2.2),
    "compact": lambda instance: _all(
        _below(instance.elongation, 1.5, 2.2), _above(instance.rectangularity, 0.8, 0.55)
    ),
    "east-west": lambda instance: _is_aligned(instance, 0),
    "north-south": lambda instance: _is_aligned(instance, 90),
    "red": _red,
    "blue": _blue,
    "bright": _bright,
    "dark": _dark,
}
"""The tests by name; every instance passes the empty name."""
