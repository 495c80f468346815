"""Rendered scenes with class maps: fields, a road, ponds, houses, cars."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mtrs_geo.class_codes import BARE, BUILDING, CAR, ROAD, TRACK, UNKNOWN, VEGETATION, WATER
from mtrs_geo.data.compose import Composer, Effects, Library, Recipe
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.datasets.scenes import LabelledScene

COLOURS = {
    BUILDING: (150, 90, 80),
    ROAD: (110, 110, 112),
    VEGETATION: (70, 105, 55),
    WATER: (35, 60, 75),
    BARE: (165, 145, 110),
    CAR: (210, 210, 215),
}
ALL_CODES = frozenset(COLOURS) | {TRACK}
SIDE = 160


def render_classes(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    classes = np.full((SIDE, SIDE), VEGETATION, np.uint8)
    classes[:, 100:] = BARE
    rows, cols = np.mgrid[:SIDE, :SIDE]
    for _ in range(2):
        row, col, radius = rng.integers(20, 140), rng.integers(15, 40), rng.integers(7, 13)
        classes[(rows - row) ** 2 + (cols - col) ** 2 < radius**2] = WATER
    classes[:, 64:76] = ROAD
    for row in range(12, 140, 34):
        for col in (84, 112, 138):
            tall, wide = rng.integers(12, 20, 2)
            classes[row : row + tall, col : col + wide] = BUILDING
    for row in rng.choice(np.arange(5, 150, 12), 5, replace=False):
        classes[row : row + 9, 67:71] = CAR
    return classes


def paint(classes: np.ndarray, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    image = np.zeros((*classes.shape, 3))
    for code, colour in COLOURS.items():
        image[classes == code] = colour
    image += rng.normal(0, 5, image.shape)
    return image.clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def labelled_scenes() -> list[LabelledScene]:
    scenes = []
    for seed in range(4):
        classes = render_classes(seed)
        image = paint(classes, seed)
        scenes.append(LabelledScene(f"all_{seed}", "all", image, classes, 0.4))
        building_map = np.where(classes == BUILDING, BUILDING, UNKNOWN).astype(np.uint8)
        unlabelled = ALL_CODES - {BUILDING}
        scenes.append(
            LabelledScene(f"houses_{seed}", "houses", image, building_map, 0.4, unlabelled)
        )
    return scenes


@pytest.fixture(scope="session")
def library(labelled_scenes: list[LabelledScene]) -> Library:
    return Library(labelled_scenes)


@pytest.fixture(scope="session")
def plain_composer(library: Library) -> Composer:
    """Composes pairs that differ only in their changes."""
    return Composer(library, Recipe(crop_px=128, effects=Effects.none()), seed=1)


@pytest.fixture(scope="session")
def background(labelled_scenes: list[LabelledScene]) -> Pair:
    first, second = labelled_scenes[0].image, labelled_scenes[0].image // 2 + 60
    label = np.zeros(first.shape[:2], np.uint8)
    return Pair("place", "places", first, second, label, 0.4)


@pytest.fixture(scope="session")
def scene_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One fully labelled dataset and one with buildings only, in the layout of ``scenes/``."""
    root = tmp_path_factory.mktemp("scenes")
    # czech_23 and czech_25 belong to the tenth that is held out.
    for name in ("czech_0", "czech_1", "czech_2", "czech_23", "czech_25"):
        classes = render_classes(len(name))
        save_scene(root / "czech", name, paint(classes, 1), np.where(classes == CAR, ROAD, classes))
    for seed in range(2):
        classes = render_classes(seed)
        label = (classes == BUILDING).astype(np.uint8)
        save_scene(root / "sweden", f"sweden_{seed}", paint(classes, seed), label)
    return root


def save_scene(folder: Path, name: str, image: np.ndarray, label: np.ndarray) -> None:
    for kind, pixels in (("images", image), ("labels", label)):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / kind / f"{name}.png")
