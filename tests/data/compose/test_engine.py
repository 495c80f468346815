"""Composed pairs: their change masks and class maps are exact."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from mtrs_geo.class_codes import (
    BARE,
    BUILDING,
    CAR,
    ROAD,
    UNKNOWN,
    VEGETATION,
    WATER,
    class_of_code,
)
from mtrs_geo.data.compose import Composer, Effects, Library, Recipe
from mtrs_geo.data.datasets.changes import Pair, read_unchanged
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.data.datasets.scenes import (
    SCENE_SETS,
    LabelledScene,
    is_held_out_scene,
    read_labelled_scenes,
)
from mtrs_geo.errors import RasterError

SHARED = Path(__file__).parents[4] / "shared/data"


@pytest.fixture(scope="module")
def pairs(plain_composer: Composer) -> list[ClassPair]:
    return [plain_composer.sample(i) for i in range(60)]


def differs(pair: ClassPair) -> np.ndarray:
    return (pair.before != pair.after).any(-1)


def assert_maps_fit(pair: ClassPair) -> None:
    same = ~pair.changed
    np.testing.assert_array_equal(pair.before_class[same], pair.after_class[same])
    both = zip(pair.before_class[pair.changed], pair.after_class[pair.changed], strict=True)
    for before, after in set(both):
        assert class_of_code(int(before)) != class_of_code(int(after))


def test_pixels_outside_the_changes_are_equal(pairs: list[ClassPair]) -> None:
    for pair in pairs:
        assert not (differs(pair) & ~pair.changed).any()


def test_changed_pixels_look_different(pairs: list[ClassPair]) -> None:
    shares = [differs(p)[p.changed].mean() for p in pairs if p.changed.any()]
    assert min(shares) > 0.6
    assert np.mean(shares) > 0.9


def test_class_maps_fit_the_changes(pairs: list[ClassPair]) -> None:
    for pair in pairs:
        assert_maps_fit(pair)


def test_every_class_appears_and_disappears(pairs: list[ClassPair]) -> None:
    appeared = {int(c) for p in pairs for c in np.unique(p.after_class[p.changed])}
    disappeared = {int(c) for p in pairs for c in np.unique(p.before_class[p.changed])}
    assert {BUILDING, ROAD, VEGETATION, WATER, CAR, BARE} <= appeared
    assert {BUILDING, ROAD, VEGETATION, WATER, CAR, BARE} <= disappeared
    changed = [p.changed.any() for p in pairs]
    assert 0.7 < np.mean(changed) < 1


def test_a_sample_depends_only_on_seed_and_index(
    library: Library, plain_composer: Composer
) -> None:
    again = Composer(library, plain_composer.recipe, seed=1)
    other = Composer(library, plain_composer.recipe, seed=2)
    for index in (9, 3):
        one, two = plain_composer.sample(index), again.sample(index)
        for field in fields(ClassPair):
            np.testing.assert_array_equal(getattr(one, field.name), getattr(two, field.name))
    assert not np.array_equal(plain_composer.sample(3).before, other.sample(3).before)


def test_shadows_fall_outside_the_changed_pixels(library: Library) -> None:
    effects = replace(Effects.none(), shadows=True)
    composer = Composer(library, Recipe(crop_px=128, effects=effects), seed=4)
    with_shadow = 0
    for index in range(25):
        pair = composer.sample(index)
        near = ndimage.binary_dilation(pair.changed, iterations=45)
        assert not (differs(pair) & ~near).any()
        with_shadow += int((differs(pair) & ~pair.changed).any())
    assert with_shadow > 5


def test_real_backgrounds_keep_both_dates(library: Library, background: Pair) -> None:
    recipe = Recipe(
        crop_px=128, effects=Effects.none(), unchanged=1, real_backgrounds=1, distractors=0
    )
    pair = Composer(library, recipe, seed=0, backgrounds=[background]).sample(0)
    assert not pair.changed.any()
    assert differs(pair).mean() > 0.9
    assert (pair.before_class == UNKNOWN).all()
    edited = Composer(library, replace(recipe, unchanged=0), seed=0, backgrounds=[background])
    codes = {
        int(c) for i in range(12) for p in [edited.sample(i)] for c in np.unique(p.after_class)
    }
    # On unlabelled ground only buildings and water are added or removed.
    assert codes <= {UNKNOWN, BUILDING, WATER}
    assert codes > {UNKNOWN}


def test_the_default_effects_vary_both_dates(library: Library) -> None:
    composer = Composer(library, Recipe(crop_px=128), seed=0)
    pairs = [composer.sample(i) for i in range(10)]
    for pair in pairs:
        assert_maps_fit(pair)
        assert pair.before.dtype == pair.after.dtype == np.uint8
        assert pair.before.shape == (128, 128, 3)
        assert 0.2 < pair.gsd_m < 0.7
    assert np.mean([(differs(p) & ~p.changed).mean() for p in pairs]) > 0.3


def test_a_library_without_base_scenes_is_an_error(labelled_scenes: list[LabelledScene]) -> None:
    donors = [replace(scene, is_base=False) for scene in labelled_scenes]
    with pytest.raises(RasterError, match="can be the base of a pair") as error:
        Composer(Library(donors))
    assert "base set" in error.value.advice


def test_real_scenes_give_exact_maps() -> None:
    if not (SHARED / "scenes").is_dir():
        pytest.skip("../shared/data/scenes is missing: the composer is not tested on real scenes")
    for source in SCENE_SETS:
        names = [p.stem for p in (SHARED / "scenes" / source / "images").iterdir()]
        share = np.mean([is_held_out_scene(source, name) for name in names])
        assert 0.08 < share < 0.13, source
    scenes = read_labelled_scenes(
        SHARED / "scenes", ("czech", "dubai", "austin", "epfl_roads"), keep=is_held_out_scene
    )
    backgrounds = read_unchanged(
        SHARED / "geo/california_trees",
        source="california_trees",
        gsd_m=0.6,
        keep=lambda name: name.startswith("chico"),
    )
    recipe = Recipe(effects=Effects.none(), real_backgrounds=0.2)
    composer = Composer(Library(scenes), recipe, seed=0, backgrounds=backgrounds)
    for index in range(30):
        pair = composer.sample(index)
        assert_maps_fit(pair)
        if pair.source != "california_trees":
            assert not (differs(pair) & ~pair.changed).any()
