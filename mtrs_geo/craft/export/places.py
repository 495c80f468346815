"""Split pairs into training and validation by place."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mtrs_geo.craft.export.accepted import PairItems
from mtrs_geo.craft.project import Pair, Project
from mtrs_geo.data.split.layout import Subset

__all__ = ["SplitPlan", "plan_split", "remember_split"]

_SETTING = "subset_of_place"


@dataclass(frozen=True)
class SplitPlan:
    """Which pair goes where."""

    subsets: Mapping[int, Subset]
    """By the row of the pair."""
    names: Mapping[str, Subset]
    """By the name of each place and image, for the next export."""


def plan_split(project: Project, pairs: Sequence[PairItems], val_share: float) -> SplitPlan:
    """Choose the subset of each pair.

    All pairs of a place, and pairs that share an image, are one group and in one subset.  A group
    with a place or image that was validation in an earlier export of the project is validation,
    also if another part of it was training; otherwise it keeps its subset.

    Args:
        project: knows the subsets of places and images in earlier exports.
        pairs: the pairs to split.
        val_share: which part of the sentences goes to validation, 0 to 1; about this part, because
            places are not divided.  With two places or more each subset gets one, unless the share
            is 0 or an earlier export decided otherwise.
    """
    by_name = _groups([entry.pair for entry in pairs])
    groups = {entry.pair.id: by_name[_place(entry.pair)] for entry in pairs}
    counts: dict[str, int] = {}
    for entry in pairs:
        group = groups[entry.pair.id]
        counts[group] = counts.get(group, 0) + len(entry.triplets)
    known: Mapping[str, Subset] = project.setting(_SETTING, {})
    subsets: dict[str, Subset] = {}
    for name, group in by_name.items():
        if name in known and subsets.get(group) != "val":
            subsets[group] = known[name]
    wanted = val_share * sum(counts.values())
    validation = sum(counts[group] for group, subset in subsets.items() if subset == "val")
    new = sorted((group for group in counts if group not in subsets), key=_order)
    for i, group in enumerate(new):
        is_last = i == len(new) - 1 and "train" not in subsets.values()
        is_missing = validation == 0 < wanted or wanted - validation > counts[group] / 2
        is_val = is_missing and not is_last
        subsets[group] = "val" if is_val else "train"
        validation += counts[group] * is_val
    by_pair = {entry.pair.id: subsets[groups[entry.pair.id]] for entry in pairs}
    return SplitPlan(by_pair, {name: subsets[group] for name, group in by_name.items()})


def remember_split(project: Project, plan: SplitPlan) -> None:
    """Keep the subsets of places and images for later exports."""
    project.set(_SETTING, {**project.setting(_SETTING, {}), **plan.names})


def _groups(pairs: Sequence[Pair]) -> dict[str, str]:
    """Return the first place of those that share an image, by the name of each place and image."""
    first: dict[str, str] = {}

    def root(name: str) -> str:
        while first.setdefault(name, name) != name:
            name = first[name]
        return name

    for pair in pairs:
        for image in (pair.before_sha256, pair.after_sha256):
            one, other = sorted((root(_place(pair)), root(f"1 {image}")))
            first[other] = one
    return {name: root(name) for name in first}


def _place(pair: Pair) -> str:
    """Return the name of a place; those of images begin with 1, so that a place comes first."""
    return f"0 {pair.place}"


def _order(group: str) -> str:
    """Return a key that mixes places, the same on every machine."""
    return hashlib.sha256(group.encode()).hexdigest()
