"""Scene sets: their label codes, and the scenes that are held out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from mtrs_geo.class_codes import BUILDING, UNKNOWN, VEGETATION, WATER
from mtrs_geo.data.datasets.scenes import (
    is_held_out_scene,
    read_labelled_scenes,
    vegetation_mask,
)


def test_a_tenth_is_held_out_by_name() -> None:
    names = [f"scene_{i}" for i in range(3000)]
    held_out = [name for name in names if is_held_out_scene("czech", name)]
    assert 240 < len(held_out) < 360
    assert held_out != [name for name in names if is_held_out_scene("dubai", name)]
    # Recorded values: a scene that moves to the other side would leak into training.
    assert is_held_out_scene("czech", "czech_23")
    assert not is_held_out_scene("czech", "czech_0")


def test_labels_of_complete_and_partial_sets(scene_folder: Path) -> None:
    training = read_labelled_scenes(scene_folder, ("czech", "sweden"))
    assert [s.name for s in training] == ["czech_0", "czech_1", "czech_2", "sweden_0", "sweden_1"]
    held_out = read_labelled_scenes(scene_folder, ("czech",), keep=is_held_out_scene)
    assert [s.name for s in held_out] == ["czech_23", "czech_25"]
    czech, sweden = training[0], training[-1]
    assert UNKNOWN not in czech.classes
    assert BUILDING in czech.unlabelled
    assert BUILDING not in sweden.unlabelled
    # Buildings come from the label, lawns from their colour; the rest is unknown.
    assert set(np.unique(sweden.classes)) == {BUILDING, VEGETATION, UNKNOWN}
    assert (sweden.classes[:, 110:] != VEGETATION).all()


def test_narrow_gaps_get_the_nearest_label(tmp_path: Path) -> None:
    label = np.full((40, 60), VEGETATION, np.uint8)
    label[:, 30:] = WATER
    label[:, 28:33] = 0  # a gap
    label[:, 48:] = 0  # too wide for a gap
    for kind, pixels in (("images", np.stack([label] * 3, -1)), ("labels", label)):
        (tmp_path / "czech" / kind).mkdir(parents=True)
        Image.fromarray(pixels).save(tmp_path / "czech" / kind / "a.png")
    (scene,) = read_labelled_scenes(tmp_path, ("czech",))
    assert (scene.classes[:, :30] == VEGETATION).all()
    assert (scene.classes[:, 31:48] == WATER).all()
    assert (scene.classes[:, 55:] == UNKNOWN).all()


def test_vegetation_is_green_land() -> None:
    image = np.zeros((20, 80, 3), np.uint8)
    image[:, :20] = (70, 120, 60)  # grass
    image[:, 20:40] = (120, 118, 115)  # asphalt
    image[:, 40:60] = (30, 110, 95)  # a green lake
    image[:, 60:] = (12, 25, 10)  # shade
    vegetation = vegetation_mask(image)
    assert vegetation[:, 4:16].all()
    assert not vegetation[:, 24:].any()
