"""Instances of a class map, and what their shape and colour deserve to be called."""

from __future__ import annotations

import numpy as np

from mtrs_geo.class_codes import BARE, ROAD, TRACK
from mtrs_geo.data.sentences.attributes import RULES
from mtrs_geo.data.sentences.instances import Instance, instances_of


def thing(
    mask: np.ndarray, colour: tuple[int, int, int] = (90, 120, 80), code: int = ROAD
) -> Instance:
    image = np.zeros((*mask.shape, 3), np.uint8)
    image[:] = colour
    found = instances_of(mask, image, np.where(mask, code, BARE).astype(np.uint8), 0.5)
    assert found is not None
    (one,) = found
    return one


def box(rows: slice, cols: slice) -> np.ndarray:
    mask = np.zeros((100, 100), bool)
    mask[rows, cols] = True
    return mask


def test_rules_know_shapes() -> None:
    street, square = box(slice(40, 46), slice(0, 100)), box(slice(30, 60), slice(30, 62))
    assert RULES["strip"](thing(street)) is True
    assert RULES["lot"](thing(street)) is False
    assert RULES["lot"](thing(square)) is True
    assert RULES["strip"](thing(square)) is False
    assert RULES["east-west"](thing(street)) is True
    assert RULES["north-south"](thing(street)) is False
    assert RULES["north-south"](thing(street.T)) is True
    assert RULES["large"](thing(square)) is True
    assert RULES["small"](thing(box(slice(30, 36), slice(30, 36)))) is True
    assert RULES["track"](thing(street, code=TRACK)) is True
    net = street | street.T
    assert RULES["strip"](thing(net)) is True


def test_rules_know_colours() -> None:
    square = box(slice(30, 60), slice(30, 62))
    for word, colour in {"red": (160, 80, 70), "blue": (60, 80, 150), "bright": (220, 220, 215),
                         "dark": (50, 52, 50)}.items():  # fmt: skip
        true = [w for w in ("red", "blue", "bright", "dark") if RULES[w](thing(square, colour))]
        assert true == [word]


def test_crumbs_are_no_things() -> None:
    mask = box(slice(30, 60), slice(30, 62))
    mask[5, 5] = True
    image = np.zeros((100, 100, 3), np.uint8)
    assert instances_of(mask, image, image[..., 0], 0.5) is None
