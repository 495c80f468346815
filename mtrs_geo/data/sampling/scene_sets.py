"""Which of the scene sets a run reads: all of them, or those that its configuration names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mtrs_geo.data.datasets.scenes import SCENE_SETS
from mtrs_geo.errors import RasterError, RequestError

__all__ = [
    "buildings_sets",
    "check_present",
    "check_scene_sets",
    "composed_sets",
    "oam_sets",
]

_OAM = "oam_buildings"
_BUILDING_SETS = ("china_buildings", "czech", "austin", "sweden")


def check_scene_sets(names: Sequence[str] | None) -> None:
    """Check the names of scene sets; None stands for all sets.

    Raises:
        RequestError: if the list is empty or a name is unknown.
    """
    if names is None:
        return
    known = (*SCENE_SETS, _OAM)
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        what = f"unknown names: {', '.join(unknown)}" if unknown else "no name"
        msg = f"scene_sets has {what}."
        raise RequestError(msg, advice=f"Give names of {', '.join(known)}, or null for all.")


def check_present(scenes: Path, sets: Sequence[str]) -> None:
    """Check that named sets exist below a folder.

    Raises:
        RasterError: if one is missing.
    """
    missing = [name for name in sets if not (scenes / name / "images").is_dir()]
    if missing:
        msg = f"{scenes} has no scene set {', '.join(missing)}, which scene_sets names."
        advice = "Add the folder SET/images with its SET/labels, or leave the name out."
        raise RasterError(msg, advice=advice)


def composed_sets(names: Sequence[str] | None) -> tuple[str, ...]:
    """Return the sets that composed pairs may be made of.

    Raises:
        RequestError: if none of the named ones is such a set.
    """
    return _among(names, tuple(SCENE_SETS), "composed pairs", "composed and composed_validation")


def buildings_sets(names: Sequence[str] | None) -> tuple[str, ...]:
    """Return the sets whose buildings are pasted, as `composed_sets`."""
    return _among(names, _BUILDING_SETS, "pasted buildings", "source_weights.buildings")


def oam_sets(names: Sequence[str] | None) -> tuple[str, ...]:
    """Return the set of the source ``oam_buildings``, as `composed_sets`."""
    return _among(names, (_OAM,), "the source oam_buildings", "source_weights.oam_buildings")


def _among(
    names: Sequence[str] | None, possible: tuple[str, ...], use: str, option: str
) -> tuple[str, ...]:
    found = tuple(name for name in possible if names is None or name in names)
    if not found:
        msg = f"{use} need one of the scene sets {', '.join(possible)}; scene_sets names none."
        raise RequestError(msg, advice=f"Add one to scene_sets, or set {option} to 0.")
    return found
