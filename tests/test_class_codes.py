"""The class codes agree with each other and with the order of the heads' outputs."""

from __future__ import annotations

from mtrs_geo.class_codes import CODES, INTENT_CLASSES, MAP_CLASSES, UNKNOWN, class_of_code


def test_map_classes_follow_the_order_of_the_codes() -> None:
    assert tuple(CODES) == MAP_CLASSES
    assert ("nothing", "any", *MAP_CLASSES) == INTENT_CLASSES


def test_every_code_has_one_class() -> None:
    codes = [code for codes in CODES.values() for code in codes]
    assert len(set(codes)) == len(codes)
    assert all(code in CODES[class_of_code(code)] for code in codes)
    assert class_of_code(UNKNOWN) is None
