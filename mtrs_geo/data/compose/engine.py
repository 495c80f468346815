"""Composes pairs: one scene becomes two dates, of which one is edited.

A crop is laid down, furnished with things that both dates keep, copied, and the copy
is edited: objects pasted, removed, ground re-dressed.  Then the dates may be
exchanged, so what was pasted may also be what disappears, and each gets its own
season and light.  Masks and class maps are exact because every edit states them.

Sample i depends on the seed and i alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mtrs_geo.class_codes import BARE, BUILDING, CAR, ROAD, TRACK, UNKNOWN, VEGETATION, WATER
from mtrs_geo.data.compose.library import Library
from mtrs_geo.data.compose.paste import paste_object, paste_roads, pasted_on
from mtrs_geo.data.compose.patch import Ground, Patch, Turn, open_ground
from mtrs_geo.data.compose.remove import can_remove, remove_object
from mtrs_geo.data.compose.retexture import redress, redressed_from
from mtrs_geo.data.compose.season import displace, relight, reseason
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.errors import RasterError
from mtrs_geo.types import FloatArray, UInt8Array

__all__ = ["Composer", "Effects", "Recipe"]


@dataclass(frozen=True)
class Effects:
    """What differs between two dates beside the changes."""

    shadows: bool = True
    """Pasted objects cast shadows, removed ones take theirs along."""
    season: float = 0.5
    """Share of pairs of which one date shows another season."""
    light: float = 0.85
    """Share of dates with a light of their own."""
    grain: float = 4.0
    """Largest deviation of the noise, in grey levels."""
    shift_px: float = 2.0
    """Largest misregistration of the earlier date; the later one is the grid."""

    @classmethod
    def none(cls) -> Effects:
        """Return no effects: both dates are equal beside the changes."""
        return cls(shadows=False, season=0, light=0, grain=0, shift_px=0)


@dataclass(frozen=True)
class Recipe:
    """How pairs are composed."""

    crop_px: int = 256
    gsd_m: tuple[float, float] = (0.22, 1.0)
    """Ground sample distances between which one is drawn, as far as the scene allows."""
    effects: Effects = Effects()
    edits: tuple[int, int] = (1, 3)
    """Fewest and most kinds of edits a pair."""
    unchanged: float = 0.08
    """Share of pairs without any change."""
    furnished: float = 0.4
    """Share of pairs with pasted things that both dates keep."""
    two_dates: float = 0.25
    """Share of pairs built on real pairs of unchanged ground, where there are any."""


_EDITS: Mapping[tuple[str, int], tuple[float, int]] = {
    ("paste", BUILDING): (0.17, 6),
    ("remove", BUILDING): (0.13, 5),
    ("redress", ROAD): (0.14, 1),
    ("redress", VEGETATION): (0.11, 2),
    ("redress", BARE): (0.12, 2),
    ("redress", WATER): (0.12, 2),
    ("paste", ROAD): (0.07, 1),
    ("paste", WATER): (0.04, 2),
    ("paste", CAR): (0.05, 9),
    ("paste", VEGETATION): (0.03, 5),
    ("remove", WATER): (0.02, 2),
}
"""Weight of each edit, and how often it is done at most."""

_REMOVED = {BUILDING: (BUILDING,), WATER: (WATER, TRACK, ROAD)}
_SET_WEIGHT = {"czech": 3.0, "dubai": 2.0}
_DRAWS, _SITES = 8, 3


class Composer:
    """An endless list of pairs.

    Args:
        library: scenes to build on and to cut from.
        recipe: how.
        seed: the same seed gives the same pairs.
        backgrounds: real pairs of unchanged ground at two dates.

    Raises:
        RasterError: if the library has no scene to build on.
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
        if not library.bases:
            msg = "no scene to compose pairs on: give labelled scenes of at least one base set."
            raise RasterError(msg)
        self._sets: dict[str, list[int]] = {}
        for index in library.bases:
            self._sets.setdefault(library.scenes[index].source, []).append(index)

    def sample(self, index: int) -> ClassPair:
        """Return pair ``index``."""
        rng = np.random.default_rng((self.seed, index))
        is_edited = rng.random() >= self.recipe.unchanged
        for _ in range(_SITES if is_edited else 1):
            site = self._site(rng)
            if rng.random() < self.recipe.furnished:
                self._furnish(site, rng)
            site.open_second_date()
            # Some places have no room for any edit.
            if not is_edited or self._edit(site, rng):
                break
        name = f"composed_{self.seed}_{index:06d}"
        pair = site.as_pair(name)
        if rng.random() < 0.5:
            pair = pair.swapped()
        return _with_effects(pair, self.recipe.effects, rng)

    def _site(self, rng: np.random.Generator) -> _Site:
        if self.backgrounds and rng.random() < self.recipe.two_dates:
            return self._real_site(rng)
        names = list(self._sets)
        weights = np.array([_SET_WEIGHT.get(name, 1.0) for name in names])
        name = names[rng.choice(len(names), p=weights / weights.sum())]
        index = self._sets[name][rng.integers(len(self._sets[name]))]
        scene, facts = self.library.scenes[index], self.library.facts[index]
        cut = _Cut.draw(scene.classes.shape, scene.gsd_m, self.recipe, rng)
        image = cut.smooth(scene.image)
        shadow = cut.turn.vector(facts.shadow)
        light = _Light(shadow, facts.light, self.recipe.effects.shadows)
        return _Site(name, image, image, cut.nearest(scene.classes), cut.gsd_m, scene.unseen, light)

    def _real_site(self, rng: np.random.Generator) -> _Site:
        pair = self.backgrounds[rng.integers(len(self.backgrounds))]
        cut = _Cut.draw(pair.label.shape, pair.gsd_m, self.recipe, rng)
        first, second = cut.smooth(pair.before), cut.smooth(pair.after)
        classes = np.full(first.shape[:2], UNKNOWN, np.uint8)
        unseen = frozenset({BUILDING, ROAD, TRACK, VEGETATION, WATER, BARE, CAR})
        shadow = np.array([-0.85, 0.53], np.float32)
        light = _Light(cut.turn.vector(shadow), second.mean((0, 1)), self.recipe.effects.shadows)
        return _Site(pair.source, first, second, classes, cut.gsd_m, unseen, light)

    def _furnish(self, site: _Site, rng: np.random.Generator) -> None:
        for _ in range(int(rng.integers(1, 3))):
            edits = [edit for edit in _possible(site.ground()) if edit[0] != "remove"]
            if not edits:
                return
            kind, code = _choose(edits, rng)
            for _ in range(int(rng.integers(1, 3))):
                site.apply(self._patch(kind, code, site.ground(), rng))

    def _edit(self, site: _Site, rng: np.random.Generator) -> bool:
        low, high = self.recipe.edits
        wanted = int(rng.integers(low, high + 1))
        left = _possible(site.ground())
        kinds = 0
        for _ in range(_DRAWS):
            if kinds == wanted or not left:
                break
            edit = _choose(left, rng)
            left.remove(edit)
            often = _EDITS[edit][1]
            done = 0
            for _ in range(int(rng.integers(1, often + 1))):
                patch = self._patch(*edit, site.ground(), rng)
                if patch is None:
                    break
                site.apply(patch)
                done += 1
            kinds += done > 0
        return kinds > 0

    def _patch(
        self, kind: str, code: int, ground: Ground, rng: np.random.Generator
    ) -> Patch | None:
        if kind == "remove":
            return remove_object(ground, _REMOVED[code], rng)
        if kind == "redress":
            return redress(ground, self.library, code, rng)
        if code == ROAD:
            return paste_roads(ground, self.library, rng)
        if code == CAR and ground.gsd_m > 0.7:
            return None
        return paste_object(ground, self.library, code, rng)


@dataclass(frozen=True)
class _Light:
    shadow: FloatArray
    mean: FloatArray
    casts_shadows: bool


class _Site:
    """Both dates while they are made; the second is the one that is edited."""

    def __init__(
        self,
        source: str,
        first: UInt8Array,
        second: UInt8Array,
        classes: UInt8Array,
        gsd_m: float,
        unseen: frozenset[int],
        light: _Light,
    ) -> None:
        self.source, self.gsd_m, self.unseen, self.light = source, gsd_m, unseen, light
        self._first, self._second = first.copy(), second.copy()
        self._classes = classes.copy()
        self._earlier: UInt8Array | None = None
        is_known = not (classes == UNKNOWN).any()
        self._open = np.ones(classes.shape, np.bool_) if is_known else open_ground(second)
        self._busy = np.zeros(classes.shape, np.bool_)
        self._changed = np.zeros(classes.shape, np.bool_)

    def ground(self) -> Ground:
        """Return what an edit sees."""
        light = self.light
        return Ground(
            self._second, self._classes, self._busy, self._open, self.gsd_m, light.shadow,
            self.unseen, light.mean, light.casts_shadows,
        )  # fmt: skip

    def open_second_date(self) -> None:
        """From here on edits alter the second date alone."""
        self._earlier = self._classes.copy()
        self._busy[:] = False

    def apply(self, patch: Patch | None) -> None:
        """Carry out an edit, on both dates until the second is opened."""
        if patch is None:
            return
        patch.paint(self._second)
        patch.mark(self._classes)
        self._busy[patch.area] |= patch.mask | (patch.alpha > 0)
        if self._earlier is None:
            patch.paint(self._first)
        else:
            self._changed[patch.area] |= patch.mask

    def as_pair(self, name: str) -> ClassPair:
        """Return the two dates as they are."""
        earlier = self._classes if self._earlier is None else self._earlier
        return ClassPair(
            name, self.source, self._first, self._second, earlier, self._classes,
            self._changed, self.gsd_m, self.unseen,
        )  # fmt: skip


@dataclass(frozen=True)
class _Cut:
    """A square of a scene, its new pixel size and how it is turned."""

    row: int
    col: int
    side_px: int
    crop_px: int
    gsd_m: float
    turn: Turn

    @classmethod
    def draw(
        cls, shape: tuple[int, int], gsd_m: float, recipe: Recipe, rng: np.random.Generator
    ) -> _Cut:
        """Draw a square that the scene holds."""
        low, high = recipe.gsd_m
        coarsest = min(shape) * gsd_m / recipe.crop_px
        finest = max(low, 0.85 * gsd_m)
        wanted = float(rng.uniform(finest, max(finest, min(high, coarsest))))
        side = min(round(recipe.crop_px * wanted / gsd_m), *shape)
        row, col = (int(rng.integers(n - side + 1)) for n in shape)
        turn = Turn(int(rng.integers(4)), bool(rng.random() < 0.5))
        return cls(row, col, side, recipe.crop_px, side * gsd_m / recipe.crop_px, turn)

    def smooth(self, image: UInt8Array) -> UInt8Array:
        """Cut an image (H, W, 3)."""
        return self._cut(image, is_smooth=True)

    def nearest(self, classes: UInt8Array) -> UInt8Array:
        """Cut a class map (H, W)."""
        return self._cut(classes, is_smooth=False)

    def _cut(self, image: UInt8Array, *, is_smooth: bool) -> UInt8Array:
        from PIL import Image

        part = image[self.row : self.row + self.side_px, self.col : self.col + self.side_px]
        method = Image.Resampling.BILINEAR if is_smooth else Image.Resampling.NEAREST
        picture = Image.fromarray(np.ascontiguousarray(part))
        resized = np.asarray(picture.resize((self.crop_px, self.crop_px), method))
        return np.ascontiguousarray(self.turn(resized))


def _possible(ground: Ground) -> list[tuple[str, int]]:
    """Return the edits for which the ground shows a class that they need."""
    found = []
    for kind, code in _EDITS:
        if kind == "remove":
            fits = can_remove(ground.present, _REMOVED[code])
        elif kind == "redress":
            fits = ground.shows(redressed_from(code, ground.unseen))
        else:
            fits = ground.shows(pasted_on(code, ground.unseen))
        if fits:
            found.append((kind, code))
    return found


def _choose(edits: Sequence[tuple[str, int]], rng: np.random.Generator) -> tuple[str, int]:
    weights = np.array([_EDITS[edit][0] for edit in edits])
    return edits[rng.choice(len(edits), p=weights / weights.sum())]


def _with_effects(pair: ClassPair, effects: Effects, rng: np.random.Generator) -> ClassPair:
    before, after = pair.before, pair.after
    if rng.random() < effects.season:
        if rng.random() < 0.5:
            before = reseason(before, pair.before_class, rng)
        else:
            after = reseason(after, pair.after_class, rng)
    if effects.shift_px and rng.random() < 0.7:
        before = displace(before, *rng.uniform(-effects.shift_px, effects.shift_px, 2))
    dates = []
    for image in (before, after):
        if rng.random() < effects.light:
            image = relight(image, rng, grain=float(rng.uniform(0, effects.grain)))
        dates.append(image)
    return replace(pair, before=dates[0], after=dates[1])
