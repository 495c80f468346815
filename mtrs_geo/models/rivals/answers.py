"""Read boxes, points and polygons from the text that a language model writes."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Answer", "polygons_of", "read_answer"]

_NUMBER = r"\s*(-?\d+(?:\.\d+)?)\s*"
_BOX = re.compile(
    rf"[\[(]{_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}[\])]"
    rf"|\({_NUMBER},{_NUMBER}\)\s*,\s*\({_NUMBER},{_NUMBER}\)"
)
_POINT = re.compile(rf"[\[(]{_NUMBER},{_NUMBER}[\])]")
_BIN = re.compile(r"<loc_(\d+)>")
_BINS = 1000
_RING_ENDS = re.compile(r"<sep>|</?poly>")


@dataclass(frozen=True)
class Answer:
    """Places that a text names."""

    boxes: tuple[tuple[float, float, float, float], ...] = ()
    """Left, top, right, bottom, each in [0, 1] of the image's side."""
    points: tuple[tuple[float, float], ...] = ()
    """x, y in [0, 1] of the image's side."""


def read_answer(text: str, units: tuple[float, float]) -> Answer:
    """Return the boxes and points of a text such as ``[{"bbox_2d": [10, 20, 30, 40]}]``.

    Four numbers in brackets are a box, as are two pairs ``(10,20),(30,40)``; two numbers are a
    point.  An answer that is cut off counts up to its last whole bracket.  Boxes without an area
    are left out, and what leaves the image is cut to it.

    Args:
        text: what a model wrote.
        units: (width, height) of the image in the units of the numbers.
    """
    found = [[float(n) for n in match.groups() if n is not None] for match in _BOX.finditer(text)]
    boxes = (
        (*_inside(min(a, c), min(b, d), units), *_inside(max(a, c), max(b, d), units))
        for a, b, c, d in found
    )
    rest = _BOX.sub(" ", text)
    points = [_inside(float(m[1]), float(m[2]), units) for m in _POINT.finditer(rest)]
    kept = (box for box in boxes if box[2] > box[0] and box[3] > box[1])
    return Answer(tuple(dict.fromkeys(kept)), tuple(dict.fromkeys(points)))


def polygons_of(text: str) -> list[list[tuple[float, float]]]:
    """Return the polygons of a text such as ``<loc_10><loc_20><loc_30><loc_20><loc_30><loc_40>``.

    The numbers are x and y in thousandths of the image's sides, counted from the centre of the
    first; ``<sep>``, ``<poly>`` and ``</poly>`` divide polygons.  Those of fewer than three corners
    are left out.

    Returns:
        Corners (x, y) in [0, 1] of each polygon.
    """
    found = []
    for part in _RING_ENDS.split(text):
        bins = [(min(int(value), _BINS - 1) + 0.5) / _BINS for value in _BIN.findall(part)]
        corners = list(zip(bins[::2], bins[1::2], strict=False))
        if len(corners) > 2:
            found.append(corners)
    return found


def _inside(x: float, y: float, units: tuple[float, float]) -> tuple[float, float]:
    width, height = units
    return min(max(x / width, 0.0), 1.0), min(max(y / height, 0.0), 1.0)
