"""Crops with class targets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from mtrs_geo.class_codes import INTENT_CLASSES, MAP_CLASSES
from mtrs_geo.data.datasets.changes import Scene
from mtrs_geo.data.sampling.class_targets import class_targets
from mtrs_geo.data.sampling.composed_split import open_composer
from mtrs_geo.data.sampling.crops import Crops, Sources, collate
from mtrs_geo.data.sampling.transforms import Augmentation


def test_composed_crops_have_class_targets(scene_folder: Path) -> None:
    composer = open_composer(scene_folder, "train", seed=0, crop_px=64)
    crops = Crops(Sources(composer=composer), Augmentation(64), 3, 1, seed=0, composed=1.0)
    samples = [crops.sample(i) for i in range(4)]
    batch = collate(samples)
    assert batch["before_class"].shape == batch["after_class"].shape == (4, 64, 64)
    assert batch["from_classes"].shape == batch["to_classes"].shape == (12, len(INTENT_CLASSES))
    assert batch["from_classes"].any(1).all()
    assert len(batch["text_only"]) == 4
    for sample, index in zip(samples, range(4), strict=True):
        pair = composer.sample(index)
        changed = torch.from_numpy(pair.changed)
        assert ((sample["label"] != 0) == changed).all()
        np.testing.assert_array_equal(sample["after_class"], class_targets(pair.after_class))
    again = crops.sample(2)
    assert again["texts"] == samples[2]["texts"]
    assert torch.equal(again["before"], samples[2]["before"])


def test_building_pairs_have_class_targets_too(scene_folder: Path) -> None:
    composer = open_composer(scene_folder, "train", seed=0, crop_px=96)
    pair = next(p for i in range(50) if (p := composer.sample(i).as_pair()).label.any())
    scene = Scene("s", pair.after, (pair.label == 1).astype(np.uint8), 0.5)
    sources = Sources([pair], [pair], [pair], [[scene]])
    crops = Crops(sources, Augmentation(64), 2, 0, seed=3)
    sample = next(s for s in map(crops.sample, range(40)) if (s["label"] == 1).any())
    built = sample["label"] == 1
    assert (sample["after_class"][built] == MAP_CLASSES.index("building")).all()
    assert (sample["before_class"][built] == 255).all()
