"""Read a sentence back into the instances that it means, by the grammar of scene rules."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from mtrs_geo.craft.backends.reading import understood
from mtrs_geo.craft.backends.rules.evidence import Evidence
from mtrs_geo.craft.backends.rules.themes import Theme, themes_of
from mtrs_geo.craft.project.records import ChangeType
from mtrs_geo.data.datasets.classes import class_mask
from mtrs_geo.data.sentences.instances import Instance
from mtrs_geo.query import Near, Position, Superlative
from mtrs_geo.types import BoolArray, FloatArray, LandCoverClass
from mtrs_geo.understanding import Direction

__all__ = ["COMPASS", "distance_m", "is_beyond", "meant_instances", "standing_mask"]

COMPASS: dict[str, tuple[int, int]] = {
    "north": (0, -1), "south": (0, 1), "west": (1, -1), "east": (1, 1),
}  # fmt: skip
"""Axis and sign of "north of the new road"."""
_OF = re.compile(r" (?P<side>north|south|east|west) of the (?P<thing>[a-z ]+)$")
_TYPES: dict[Direction, ChangeType] = {"appeared": "appear", "disappeared": "disappear"}
_MIN_STANDING_PX = 60


def meant_instances(sentence: str, evidence: Evidence) -> list[Instance] | None:
    """Return the instances that a sentence means.

    Returns:
        None if the sentence is not understood, or has a rule that is not known here.
    """
    compass = _OF.search(sentence)
    questions = understood(sentence[: compass.start()] if compass else sentence)
    if len(questions) != 1 or questions[0].status != "understood":
        return None
    question = questions[0]
    change_type = _TYPES.get(question.direction, "state")
    classes = frozenset(question.before), frozenset(question.after)
    found: list[Instance] | None = []
    for theme in themes_of(evidence):
        if theme.change_type == change_type and _classes(theme) == classes:
            found = list(theme.instances)
    for rule in sorted(question.query.rules, key=lambda rule: isinstance(rule, Superlative)):
        found = None if found is None else _apply(rule, found, evidence)
    if compass and found is not None:
        others = _changed(compass["thing"], evidence)
        if others is None or len(others) != 1:
            return None
        found = [i for i in found if is_beyond(i, others[0], compass["side"])]
    return found


def distance_m(instances: Sequence[Instance], mask: BoolArray, gsd_m: float) -> FloatArray:
    """Return the least distance of each instance from a mask (rows, cols), in metres."""
    far = ndimage.distance_transform_edt(~mask) * gsd_m
    return np.array([far[i.window][i.mask].min() for i in instances], np.float32)


def is_beyond(instance: Instance, other: Instance, side: str) -> bool:
    """Whether the centre of an instance is on a side of all pixels of another."""
    axis, sign = COMPASS[side]
    centre = float(instance.relative_centre[axis]) * instance.shape[axis]
    edge = other.window[axis].start if sign < 0 else other.window[axis].stop
    return bool((centre - edge) * sign > 0)


def standing_mask(name: LandCoverClass, evidence: Evidence) -> BoolArray | None:
    """Return where a class is at both dates, (rows, cols), or None if hardly anywhere."""
    pair = evidence.classes
    mask = class_mask(pair.after_class, name) & ~pair.changed
    return mask if int(mask.sum()) >= _MIN_STANDING_PX else None


def _classes(theme: Theme) -> tuple[frozenset[str], frozenset[str]]:
    question = theme.question
    before, after = (frozenset(names) - {"any"} for names in (question.before, question.after))
    return frozenset[str](before), frozenset[str](after)


def _apply(rule: object, found: list[Instance], evidence: Evidence) -> list[Instance] | None:
    if isinstance(rule, Position):
        if rule.place in ("edge", "corner"):
            return None
        return [i for i in found if _is_at(i, rule.place)]
    if isinstance(rule, Near):
        mask = _reference(rule.reference, evidence)
        if mask is None:
            return None
        near = distance_m(found, mask, evidence.classes.gsd_m) <= rule.distance_m
        return [i for i, is_near in zip(found, near, strict=True) if is_near != rule.beyond]
    if isinstance(rule, Superlative):
        ranked = sorted(found, key=lambda i: _rank(i, rule.measure))
        if rule.measure in ("largest", "southernmost", "easternmost"):
            ranked.reverse()
        return ranked[rule.first - 1 : rule.first - 1 + rule.count]
    return None


def _rank(instance: Instance, measure: str) -> float:
    if measure in ("largest", "smallest"):
        return instance.area_px
    return float(instance.relative_centre[0 if measure in ("northernmost", "southernmost") else 1])


def _is_at(instance: Instance, place: str) -> bool:
    words = set(place.split("-"))
    section = 1 / 3 if "centre" in words else 1 / 2
    for share, low, high in zip(
        instance.relative_centre, ("north", "west"), ("south", "east"), strict=True
    ):
        if low in words:
            inside = share < section
        elif high in words:
            inside = share >= 1 - section
        else:
            inside = "centre" not in words or 1 / 3 <= share < 2 / 3
        if not inside:
            return False
    return True


def _reference(words: str, evidence: Evidence) -> BoolArray | None:
    """Return the pixels of a thing that a sentence refers to: standing, or changed itself."""
    changed = _changed(words, evidence)
    if changed is not None:
        mask = np.zeros(evidence.classes.changed.shape, bool)
        for instance in changed:
            mask[instance.window] |= instance.mask
        return mask
    found = understood(f"new {words}")[0].after
    return standing_mask(found[0], evidence) if len(found) == 1 else None  # type: ignore[arg-type]


def _changed(words: str, evidence: Evidence) -> list[Instance] | None:
    found = understood(words)[0]
    change_type = _TYPES.get(found.direction)
    if change_type is None:
        return None
    for theme in themes_of(evidence):
        if theme.change_type == change_type and theme.object_class in (*found.before, *found.after):
            return list(theme.instances)
    return None
