"""Class maps and intents as training targets."""

from __future__ import annotations

import numpy as np

from mtrs_geo.class_codes import BUILDING, INTENT_CLASSES, MAP_CLASSES, ROAD, TRACK, UNKNOWN
from mtrs_geo.data.sampling.class_targets import class_targets, intent_targets
from mtrs_geo.data.sentences.expression import Expression


def test_codes_and_class_names_become_indices() -> None:
    classes = np.array([[BUILDING, ROAD, TRACK, UNKNOWN]], np.uint8)
    road = MAP_CLASSES.index("road")
    np.testing.assert_array_equal(class_targets(classes), [[0, road, road, 255]])
    grass = Expression(
        "x", np.zeros((1, 1), bool), "disappear", "t",
        from_classes=frozenset({"vegetation"}), to_classes=frozenset({"any"}),
    )  # fmt: skip
    before, after = intent_targets([grass])
    assert [INTENT_CLASSES[i] for i in np.flatnonzero(before)] == ["vegetation"]
    assert [INTENT_CLASSES[i] for i in np.flatnonzero(after)] == ["any"]
    empty, _ = intent_targets([])
    assert empty.shape == (0, len(INTENT_CLASSES))
