"""Targets of the ground head, and sentences about ground of real pairs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mtrs_geo.class_codes import APPEAR, BARE, IGNORE, ROAD, UNKNOWN, VEGETATION
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.data.datasets.ground import (
    GROUND_CHANGED,
    ground_of_class_pair,
    ground_of_pair,
    ground_pair,
)
from mtrs_geo.data.sampling.crops import Crops, Sources
from mtrs_geo.data.sampling.source_weights import SourceWeights
from mtrs_geo.data.sampling.transforms import Augmentation, random_crop, swap_dates
from mtrs_geo.data.sentences.question import answer_mask, class_question

SIDE = 64


def levir_pair() -> Pair:
    """Return a pair with a new road, seen as bright ground, a building and unclear ground."""
    ground = np.zeros((SIDE, SIDE, 2), np.uint8)
    ground[:, 10:20] = VEGETATION, ROAD
    ground[40:, 30:] = UNKNOWN
    label = np.zeros((SIDE, SIDE), np.uint8)
    label[5:15, 24:34] = APPEAR
    after = np.repeat((ground[..., 1] == ROAD)[..., None] * 200, 3, 2).astype(np.uint8)
    return Pair("p", "levir_classes", np.zeros_like(after), after, label, 0.5, ground)


def test_ground_near_changed_buildings_and_unclear_ground_is_not_scored() -> None:
    found = ground_of_pair(levir_pair())
    assert found[30, 15] == GROUND_CHANGED
    assert found[30, 40] == 0
    assert found[50, 40] == IGNORE
    assert found[10, 30] == found[10, 22] == IGNORE, "a building and 3 px around it"
    assert found[10, 19] == GROUND_CHANGED
    assert (ground_of_pair(replace(levir_pair(), ground=None)) == IGNORE).all()


def test_swapped_dates_swap_the_answers() -> None:
    pair = levir_pair()
    appeared = class_question("appear", "road")
    disappeared = class_question("disappear", "road")
    ordered, swapped = ground_pair(pair), ground_pair(swap_dates(pair))
    road = answer_mask(ordered, appeared)
    assert road is not None
    assert road.sum() == (ground_of_pair(pair) == GROUND_CHANGED).sum() > 500
    np.testing.assert_array_equal(answer_mask(swapped, disappeared), road)
    for classes, question in ((ordered, disappeared), (swapped, appeared)):
        wrong = answer_mask(classes, question)
        assert wrong is not None
        assert not wrong.any()


def test_crops_move_ground_and_images_alike() -> None:
    augmentation = Augmentation(48, zoom=(0.8, 1.3), swap=0.0)
    for seed in range(6):
        crop = random_crop(levir_pair(), augmentation, np.random.default_rng(seed))
        assert crop.ground is not None
        bright = crop.after[..., 0] > 100
        assert (bright == (crop.ground[..., 1] == ROAD)).mean() > 0.95


def test_changes_of_buildings_in_class_maps_are_no_changes_of_ground() -> None:
    image = np.zeros((2, 2, 3), np.uint8)
    before = np.array([[VEGETATION, VEGETATION], [BARE, BARE]], np.uint8)
    after = np.array([[ROAD, 1], [BARE, BARE]], np.uint8)
    pair = ClassPair("c", "composed", image, image, before, after, before != after, 0.5)
    assert ground_of_class_pair(pair).tolist() == [[GROUND_CHANGED, IGNORE], [0, 0]]


def test_sentences_about_ground_name_no_buildings_and_do_not_score_them() -> None:
    weights = SourceWeights(
        levir=0, guangzhou=0, unchanged=0, same_date=0, buildings=0, levir_classes=1,
        ground_sentences=1.0, no_target=0.3,
    )  # fmt: skip
    crops = Crops(
        Sources(annotated={"levir_classes": [levir_pair()]}),
        Augmentation(64, zoom=(1.0, 1.0), rotate=0.0), 4, 0, seed=3, source_weights=weights,
    )  # fmt: skip
    roads = 0
    for index in range(12):
        sample = crops.sample(index)
        known, ground = sample["known"].numpy(), sample["ground"].numpy()
        np.testing.assert_array_equal(known, ground != IGNORE)
        assert not known[sample["label"].numpy() == APPEAR].any()
        masks = sample["masks"].numpy()
        assert not (masks & ~(ground == GROUND_CHANGED)).any()
        # Columns: nothing, any, building, road …
        named = (sample["from_classes"] | sample["to_classes"]).numpy()
        alone = named[:, 2] & ~named[:, 3:7].any(1)
        assert not alone.any()
        roads += int(masks.any((1, 2)).sum())
    assert roads > 20


def test_without_a_share_of_sentences_about_ground_nothing_is_drawn_for_them() -> None:
    unchanged = replace(levir_pair(), label=np.zeros((SIDE, SIDE), np.uint8))
    weights = SourceWeights(guangzhou=0, unchanged=0, same_date=0, buildings=0)
    one, other = (
        Crops(
            Sources(levir=[replace(unchanged, ground=ground)]),
            Augmentation(32), 2, 0, seed=1, source_weights=weights,
        ).sample(5)
        for ground in (None, np.zeros((SIDE, SIDE, 2), np.uint8))
    )  # fmt: skip
    assert one["texts"] == other["texts"]
    assert (one["before"] == other["before"]).all()
    assert (one["ground"] == IGNORE).all()
    assert (other["ground"] == 0).all()
