"""Composes pairs: one labelled scene becomes two dates, of which one is edited.

A crop of the scene is copied, so that both dates are equal. Distractors may be added to both
dates. Then the second date is edited: objects are pasted or removed, regions get the texture
of another class. The dates may be swapped, so a pasted object also serves as one that
disappears. At last each date gets jitter of season, colour, noise and position. Change masks
and class maps are exact, because every edit carries its own.

Sample i depends only on the seed and i.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mtrs_geo.class_codes import BARE, BUILDING, CAR, ROAD, TRACK, UNKNOWN, VEGETATION, WATER
from mtrs_geo.data.compose.edit import Edit, EditableScene, Orientation, open_ground_mask
from mtrs_geo.data.compose.jitter import jitter_colour, jitter_season, shift_image
from mtrs_geo.data.compose.library import Library
from mtrs_geo.data.compose.paste import paste_object, paste_roads, paste_target_codes
from mtrs_geo.data.compose.remove import can_remove, remove_object
from mtrs_geo.data.compose.retexture import retexture, retexture_target_codes
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.errors import RasterError
from mtrs_geo.types import FloatArray, UInt8Array

__all__ = ["Composer", "Effects", "Recipe"]


@dataclass(frozen=True)
class Effects:
    """Differences between the two dates that are not changes."""

    shadows: bool = True
    """Pasted objects cast shadows; removed objects lose theirs."""
    season: float = 0.5
    """Share of pairs in which one date has another season."""
    colour: float = 0.85
    """Share of dates with colour jitter and noise."""
    noise: float = 4.0
    """Largest standard deviation of the noise, in grey levels."""
    shift_px: float = 2.0
    """Largest misregistration of the earlier date; the later date defines the grid."""

    @classmethod
    def none(cls) -> Effects:
        """Return no effects: both dates are equal outside the changes."""
        return cls(shadows=False, season=0, colour=0, noise=0, shift_px=0)


@dataclass(frozen=True)
class Recipe:
    """Settings of the composer."""

    crop_px: int = 256
    gsd_m: tuple[float, float] = (0.22, 1.0)
    """Range of the ground sample distance; the scene may narrow it."""
    effects: Effects = Effects()
    edits: tuple[int, int] = (1, 3)
    """Fewest and most kinds of edits per pair."""
    unchanged: float = 0.08
    """Share of pairs without any change."""
    distractors: float = 0.4
    """Share of pairs with edits that both dates have."""
    real_backgrounds: float = 0.25
    """Share of pairs built on real pairs without change, if there are any."""


_EDITS: Mapping[tuple[str, int], tuple[float, int]] = {
    ("paste", BUILDING): (0.17, 6),
    ("remove", BUILDING): (0.13, 5),
    ("retexture", ROAD): (0.14, 1),
    ("retexture", VEGETATION): (0.11, 2),
    ("retexture", BARE): (0.12, 2),
    ("retexture", WATER): (0.12, 2),
    ("paste", ROAD): (0.07, 1),
    ("paste", WATER): (0.04, 2),
    ("paste", CAR): (0.05, 9),
    ("paste", VEGETATION): (0.03, 5),
    ("remove", WATER): (0.02, 2),
}
"""Weight of each kind of edit, and the largest number of times that it is done."""

_REMOVED = {BUILDING: (BUILDING,), WATER: (WATER, TRACK, ROAD)}
"""Codes that each kind of removal may remove."""
_SET_WEIGHT = {"czech": 3.0, "dubai": 2.0}
"""Weights of scene sets; 1 for the others."""
_KIND_DRAWS, _SCENE_DRAWS = 8, 3
_DEFAULT_SHADOW = (-0.85, 0.53)
"""Shadow direction (rows, cols) of real backgrounds: it is not measured."""


class Composer:
    """An endless list of composed pairs.

    Args:
        library: scenes to edit, and scenes to cut objects from.
        recipe: settings.
        seed: the same seed gives the same pairs.
        backgrounds: real pairs without change.

    Raises:
        RasterError: if the library has no base scene.
    """

    def __init__(
        self,
        library: Library,
        recipe: Recipe = Recipe(),
        *,
        seed: int = 0,
        backgrounds: Sequence[Pair] = (),
    ) -> None:
        self.library = library
        self.recipe = recipe
        self.seed = seed
        self.backgrounds = tuple(backgrounds)
        if not library.base_indices:
            msg = f"none of the {len(library.scenes)} labelled scenes can be the base of a pair."
            advice = "Add scenes of at least one base set, for example czech or dubai."
            raise RasterError(msg, advice=advice)
        self._sets: dict[str, list[int]] = {}
        for index in library.base_indices:
            self._sets.setdefault(library.scenes[index].source, []).append(index)

    def sample(self, index: int) -> ClassPair:
        """Return pair ``index``."""
        rng = np.random.default_rng((self.seed, index))
        is_edited = rng.random() >= self.recipe.unchanged
        for _ in range(_SCENE_DRAWS if is_edited else 1):
            builder = self._start_pair(rng)
            if rng.random() < self.recipe.distractors:
                self._add_distractors(builder, rng)
            builder.start_second_date()
            # Some crops have no free region for any edit.
            if not is_edited or self._edit(builder, rng):
                break
        pair = builder.as_pair(f"composed_{self.seed}_{index:06d}")
        if rng.random() < 0.5:
            pair = pair.swapped()
        return _with_effects(pair, self.recipe.effects, rng)

    def _start_pair(self, rng: np.random.Generator) -> _PairBuilder:
        if self.backgrounds and rng.random() < self.recipe.real_backgrounds:
            return self._start_real_pair(rng)
        names = list(self._sets)
        weights = np.array([_SET_WEIGHT.get(name, 1.0) for name in names])
        name = names[rng.choice(len(names), p=weights / weights.sum())]
        index = self._sets[name][rng.integers(len(self._sets[name]))]
        scene, stats = self.library.scenes[index], self.library.stats[index]
        crop = _SceneCrop.draw(scene.classes.shape, scene.gsd_m, self.recipe, rng)
        image = crop.of_image(scene.image)
        light = self._light(crop.orientation.vector(stats.shadow_direction), stats.mean_colour)
        classes = crop.of_classes(scene.classes)
        return _PairBuilder(name, image, image, classes, crop.gsd_m, scene.unlabelled, light)

    def _start_real_pair(self, rng: np.random.Generator) -> _PairBuilder:
        pair = self.backgrounds[rng.integers(len(self.backgrounds))]
        crop = _SceneCrop.draw(pair.label.shape, pair.gsd_m, self.recipe, rng)
        first, second = crop.of_image(pair.before), crop.of_image(pair.after)
        classes = np.full(first.shape[:2], UNKNOWN, np.uint8)
        unlabelled = frozenset({BUILDING, ROAD, TRACK, VEGETATION, WATER, BARE, CAR})
        shadow = crop.orientation.vector(np.array(_DEFAULT_SHADOW, np.float32))
        light = self._light(shadow, second.mean((0, 1)))
        return _PairBuilder(pair.source, first, second, classes, crop.gsd_m, unlabelled, light)

    def _light(self, shadow_direction: FloatArray, mean_colour: FloatArray) -> _Light:
        return _Light(shadow_direction, mean_colour, self.recipe.effects.shadows)

    def _add_distractors(self, builder: _PairBuilder, rng: np.random.Generator) -> None:
        for _ in range(int(rng.integers(1, 3))):
            kinds = [kind for kind in _possible_kinds(builder.scene()) if kind[0] != "remove"]
            if not kinds:
                return
            action, code = _draw_kind(kinds, rng)
            for _ in range(int(rng.integers(1, 3))):
                builder.apply(self._draw_edit(action, code, builder.scene(), rng))

    def _edit(self, builder: _PairBuilder, rng: np.random.Generator) -> bool:
        """Edit the second date; return whether at least one edit was done."""
        low, high = self.recipe.edits
        requested = int(rng.integers(low, high + 1))
        kinds = _possible_kinds(builder.scene())
        done_kinds = 0
        for _ in range(_KIND_DRAWS):
            if done_kinds == requested or not kinds:
                break
            kind = _draw_kind(kinds, rng)
            kinds.remove(kind)
            most = _EDITS[kind][1]
            done = 0
            for _ in range(int(rng.integers(1, most + 1))):
                edit = self._draw_edit(*kind, builder.scene(), rng)
                if edit is None:
                    break
                builder.apply(edit)
                done += 1
            done_kinds += done > 0
        return done_kinds > 0

    def _draw_edit(
        self, action: str, code: int, scene: EditableScene, rng: np.random.Generator
    ) -> Edit | None:
        if action == "remove":
            return remove_object(scene, _REMOVED[code], rng)
        if action == "retexture":
            return retexture(scene, self.library, code, rng)
        if code == ROAD:
            return paste_roads(scene, self.library, rng)
        if code == CAR and scene.gsd_m > 0.7:
            return None
        return paste_object(scene, self.library, code, rng)


@dataclass(frozen=True)
class _Light:
    shadow_direction: FloatArray
    mean_colour: FloatArray
    casts_shadows: bool


class _PairBuilder:
    """Both dates while a pair is composed; edits alter the second one."""

    def __init__(
        self,
        source: str,
        first: UInt8Array,
        second: UInt8Array,
        classes: UInt8Array,
        gsd_m: float,
        unlabelled: frozenset[int],
        light: _Light,
    ) -> None:
        self.source, self.gsd_m = source, gsd_m
        self.unlabelled, self.light = unlabelled, light
        self._first, self._second = first.copy(), second.copy()
        self._classes = classes.copy()
        self._first_classes: UInt8Array | None = None
        is_labelled = not (classes == UNKNOWN).any()
        shape = classes.shape
        self._open_ground = np.ones(shape, np.bool_) if is_labelled else open_ground_mask(second)
        self._edited = np.zeros(shape, np.bool_)
        self._changed = np.zeros(shape, np.bool_)

    def scene(self) -> EditableScene:
        """Return the input of the next edit."""
        light = self.light
        return EditableScene(
            self._second, self._classes, self._edited, self._open_ground, self.gsd_m,
            light.shadow_direction, self.unlabelled, light.mean_colour, light.casts_shadows,
        )  # fmt: skip

    def start_second_date(self) -> None:
        """Let all further edits alter the second date alone."""
        self._first_classes = self._classes.copy()
        self._edited[:] = False

    def apply(self, edit: Edit | None) -> None:
        """Do an edit: on both dates before `start_second_date`, on the second one after it."""
        if edit is None:
            return
        edit.apply_to_image(self._second)
        edit.apply_to_classes(self._classes)
        self._edited[edit.region] |= edit.mask | (edit.alpha > 0)
        if self._first_classes is None:
            edit.apply_to_image(self._first)
        else:
            self._changed[edit.region] |= edit.mask

    def as_pair(self, name: str) -> ClassPair:
        """Return the pair."""
        first_classes = self._classes if self._first_classes is None else self._first_classes
        return ClassPair(
            name, self.source, self._first, self._second, first_classes, self._classes,
            self._changed, self.gsd_m, self.unlabelled,
        )  # fmt: skip


@dataclass(frozen=True)
class _SceneCrop:
    """A square window of a scene, its new pixel size and its orientation."""

    row: int
    col: int
    side_px: int
    crop_px: int
    gsd_m: float
    orientation: Orientation

    @classmethod
    def draw(
        cls, shape: tuple[int, int], gsd_m: float, recipe: Recipe, rng: np.random.Generator
    ) -> _SceneCrop:
        """Draw a square inside the scene."""
        low, high = recipe.gsd_m
        coarsest = min(shape) * gsd_m / recipe.crop_px
        finest = max(low, 0.85 * gsd_m)
        new_gsd_m = float(rng.uniform(finest, max(finest, min(high, coarsest))))
        side = min(round(recipe.crop_px * new_gsd_m / gsd_m), *shape)
        row, col = (int(rng.integers(n - side + 1)) for n in shape)
        orientation = Orientation(int(rng.integers(4)), bool(rng.random() < 0.5))
        return cls(row, col, side, recipe.crop_px, side * gsd_m / recipe.crop_px, orientation)

    def of_image(self, image: UInt8Array) -> UInt8Array:
        """Return the crop of an image (H, W, 3)."""
        return self._resampled(image, is_smooth=True)

    def of_classes(self, classes: UInt8Array) -> UInt8Array:
        """Return the crop of a class map (H, W)."""
        return self._resampled(classes, is_smooth=False)

    def _resampled(self, image: UInt8Array, *, is_smooth: bool) -> UInt8Array:
        from PIL import Image

        window = image[self.row : self.row + self.side_px, self.col : self.col + self.side_px]
        method = Image.Resampling.BILINEAR if is_smooth else Image.Resampling.NEAREST
        picture = Image.fromarray(np.ascontiguousarray(window))
        resized = np.asarray(picture.resize((self.crop_px, self.crop_px), method))
        return np.ascontiguousarray(self.orientation(resized))


def _possible_kinds(scene: EditableScene) -> list[tuple[str, int]]:
    """Return the kinds of edits for which the scene has a class that they need."""
    possible = []
    for action, code in _EDITS:
        if action == "remove":
            is_possible = can_remove(scene.present_codes, _REMOVED[code])
        elif action == "retexture":
            is_possible = scene.has_any(retexture_target_codes(code, scene.unlabelled))
        else:
            is_possible = scene.has_any(paste_target_codes(code, scene.unlabelled))
        if is_possible:
            possible.append((action, code))
    return possible


def _draw_kind(kinds: Sequence[tuple[str, int]], rng: np.random.Generator) -> tuple[str, int]:
    weights = np.array([_EDITS[kind][0] for kind in kinds])
    return kinds[rng.choice(len(kinds), p=weights / weights.sum())]


def _with_effects(pair: ClassPair, effects: Effects, rng: np.random.Generator) -> ClassPair:
    before, after = pair.before, pair.after
    if rng.random() < effects.season:
        if rng.random() < 0.5:
            before = jitter_season(before, pair.before_class, rng)
        else:
            after = jitter_season(after, pair.after_class, rng)
    if effects.shift_px and rng.random() < 0.7:
        before = shift_image(before, *rng.uniform(-effects.shift_px, effects.shift_px, 2))
    dates = []
    for image in (before, after):
        if rng.random() < effects.colour:
            image = jitter_colour(image, rng, noise_std=float(rng.uniform(0, effects.noise)))
        dates.append(image)
    return replace(pair, before=dates[0], after=dates[1])
