"""Instances of a class map, and the attributes of their shape and colour."""

from __future__ import annotations

import numpy as np

from mtrs_geo.class_codes import BARE, ROAD, TRACK
from mtrs_geo.data.sentences.attributes import ATTRIBUTES
from mtrs_geo.data.sentences.instances import Instance, instances_of


def instance(
    mask: np.ndarray, colour: tuple[int, int, int] = (90, 120, 80), code: int = ROAD
) -> Instance:
    image = np.zeros((*mask.shape, 3), np.uint8)
    image[:] = colour
    found = instances_of(mask, image, np.where(mask, code, BARE).astype(np.uint8), 0.5)
    assert found is not None
    (result,) = found
    return result


def box(rows: slice, cols: slice) -> np.ndarray:
    mask = np.zeros((100, 100), bool)
    mask[rows, cols] = True
    return mask


def test_attributes_of_shapes() -> None:
    street, square = box(slice(40, 46), slice(0, 100)), box(slice(30, 60), slice(30, 62))
    assert ATTRIBUTES["strip"](instance(street)) is True
    assert ATTRIBUTES["lot"](instance(street)) is False
    assert ATTRIBUTES["lot"](instance(square)) is True
    assert ATTRIBUTES["strip"](instance(square)) is False
    assert ATTRIBUTES["east-west"](instance(street)) is True
    assert ATTRIBUTES["north-south"](instance(street)) is False
    assert ATTRIBUTES["north-south"](instance(street.T)) is True
    assert ATTRIBUTES["large"](instance(square)) is True
    assert ATTRIBUTES["small"](instance(box(slice(30, 36), slice(30, 36)))) is True
    assert ATTRIBUTES["track"](instance(street, code=TRACK)) is True
    net = street | street.T
    assert ATTRIBUTES["strip"](instance(net)) is True


def test_attributes_of_colours() -> None:
    square = box(slice(30, 60), slice(30, 62))
    for word, colour in {"red": (160, 80, 70), "blue": (60, 80, 150), "bright": (220, 220, 215),
                         "dark": (50, 52, 50)}.items():  # fmt: skip
        true = [
            w for w in ("red", "blue", "bright", "dark") if ATTRIBUTES[w](instance(square, colour))
        ]
        assert true == [word]


def test_small_components_are_not_instances() -> None:
    mask = box(slice(30, 60), slice(30, 62))
    mask[5, 5] = True
    image = np.zeros((100, 100, 3), np.uint8)
    assert instances_of(mask, image, image[..., 0], 0.5) is None
