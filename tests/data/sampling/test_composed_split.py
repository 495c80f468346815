"""Composed pairs on disk and in batches."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from mtrs_geo.class_codes import BUILDING, INTENT_CLASSES, MAP_CLASSES, ROAD, TRACK, UNKNOWN
from mtrs_geo.data.datasets.changes import Scene
from mtrs_geo.data.sampling.class_targets import class_targets, reading_targets
from mtrs_geo.data.sampling.composed_split import open_composer, write_composed_split
from mtrs_geo.data.sampling.crops import Crops, Sources, collate
from mtrs_geo.data.sampling.transforms import Augmentation
from mtrs_geo.data.sentences.buildings import Expression
from mtrs_geo.data.split.reader import open_split
from mtrs_geo.errors import RasterError


def test_written_twice_is_the_same(scene_folder: Path, tmp_path: Path) -> None:
    options = {"count": 4, "sentences": 3, "seed": 7, "crop_px": 64}
    for name in ("one", "two"):
        written = write_composed_split(scene_folder, tmp_path / name, **options)  # type: ignore[arg-type]
        assert (written.pairs, written.expressions) == (4, 12)
        assert 0 <= written.empty <= 12
    files = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.*"))
    assert len(files) > 4 * 4
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_command_line(scene_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "split"
    command = [sys.executable, "-m", "mtrs_geo.cli", "pairs", "compose", str(scene_folder)]
    more = ["-o", str(out), "--count", "3", "--subset", "val", "--crop-px", "64", "--json"]
    done = subprocess.run([*command, *more], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["pairs"] == 3
    split = open_split(out)
    assert len(split) == 3
    assert split.expressions == answer["expressions"] == 12
    assert split[0].before.shape == (64, 64, 3)
    again = subprocess.run([*command, *more], capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "exists" in again.stderr


def test_other_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RasterError, match="holds none of the sets"):
        open_composer(tmp_path, "train", seed=0)


def test_subsets_share_no_scene(scene_folder: Path) -> None:
    train, val = (open_composer(scene_folder, s, seed=0) for s in ("train", "val"))
    names = [{scene.name for scene in c.library.scenes} for c in (train, val)]
    assert not names[0] & names[1]
    assert names[1] == {"czech_23", "czech_25"}


def test_crops_carry_class_targets(scene_folder: Path) -> None:
    composer = open_composer(scene_folder, "train", seed=0, crop_px=64)
    crops = Crops(Sources(composer=composer), Augmentation(64), 3, 1, seed=0, composed=1.0)
    samples = [crops.sample(i) for i in range(4)]
    batch = collate(samples)
    assert batch["before_class"].shape == batch["after_class"].shape == (4, 64, 64)
    assert batch["from_classes"].shape == batch["to_classes"].shape == (12, len(INTENT_CLASSES))
    assert batch["from_classes"].any(1).all()
    assert len(batch["said"]) == 4
    for sample, index in zip(samples, range(4), strict=True):
        pair = composer.sample(index)
        changed = torch.from_numpy(pair.changed)
        assert ((sample["label"] != 0) == changed).all()
        np.testing.assert_array_equal(sample["after_class"], class_targets(pair.after_class))
    again = crops.sample(2)
    assert again["texts"] == samples[2]["texts"]
    assert torch.equal(again["before"], samples[2]["before"])


def test_targets() -> None:
    classes = np.array([[BUILDING, ROAD, TRACK, UNKNOWN]], np.uint8)
    road = MAP_CLASSES.index("road")
    np.testing.assert_array_equal(class_targets(classes), [[0, road, road, 255]])
    grass = Expression(
        "x", np.zeros((1, 1), bool), "disappear", "t",
        from_classes=frozenset({"vegetation"}), to_classes=frozenset({"any"}),
    )  # fmt: skip
    before, after = reading_targets([grass])
    assert [INTENT_CLASSES[i] for i in np.flatnonzero(before)] == ["vegetation"]
    assert [INTENT_CLASSES[i] for i in np.flatnonzero(after)] == ["any"]
    empty, _ = reading_targets([])
    assert empty.shape == (0, len(INTENT_CLASSES))


def test_pairs_of_buildings_carry_them_too(scene_folder: Path) -> None:
    composer = open_composer(scene_folder, "train", seed=0, crop_px=96)
    pair = next(p for i in range(50) if (p := composer.sample(i).as_pair()).label.any())
    scene = Scene("s", pair.after, (pair.label == 1).astype(np.uint8), 0.5)
    sources = Sources([pair], [pair], [pair], [[scene]])
    crops = Crops(sources, Augmentation(64), 2, 0, seed=3)
    found = next(s for s in map(crops.sample, range(40)) if (s["label"] == 1).any())
    built = found["label"] == 1
    assert (found["after_class"][built] == MAP_CLASSES.index("building")).all()
    assert (found["before_class"][built] == 255).all()
