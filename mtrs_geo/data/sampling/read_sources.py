"""Reads the sources of one data root, without what is held out for validation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from mtrs_geo.class_codes import APPEAR, CHANGED, DISAPPEAR, NONE
from mtrs_geo.data.datasets.annotated import (
    read_directed,
    read_storms,
    with_ground,
    with_unsure_outlines,
)
from mtrs_geo.data.datasets.changes import Pair, Scene, read_change_set, read_scenes, read_unchanged
from mtrs_geo.data.datasets.scenes import SCENE_SETS, is_held_out_scene
from mtrs_geo.data.rendering.synthetic import render_pair
from mtrs_geo.data.sampling.crops import Sources
from mtrs_geo.data.sampling.scene_sets import (
    buildings_sets,
    check_present,
    composed_sets,
    oam_sets,
)
from mtrs_geo.data.sampling.source_weights import SourceName, SourceWeights

__all__ = [
    "HELD_OUT_PREFIXES",
    "is_held_out",
    "read_levir",
    "read_levir_classes",
    "read_sources",
    "source_folders",
]

HELD_OUT_PREFIXES = {
    "levir": ("levir_20", "levir_30", "levir_40", "levir_50"),
    "guangzhou": ("gz_05_", "gz_18_", "gz_22_"),
    "california_trees": ("chico", "riverside_4", "palm_springs_16"),
    "storms": ("harvey_6", "guatemala_07", "ida_2_4", "midwest_172"),
}
"""Prefixes of the names that training never uses.  LEVIR: every tenth scene.
Guangzhou: three whole scenes.  Californian tiles: one whole city, and the two places
with a change.  Storms: four whole scenes."""

_OAM_GSD_M = 0.15
_RENDERED, _RENDERED_PX = 16, 512
_RENDERED_SEEDS = 1_000_000
"""First seed of rendered pairs for training; the demo, tests and benchmarks use small seeds."""
_MIXED_OUTLINE_PX = 4
"""Pixels on both sides of the outlines of mixed_buildings that are not scored."""

_FOLDERS: dict[SourceName, tuple[str, ...]] = {
    "guangzhou": ("pairs/guangzhou",),
    "unchanged": ("geo/california_trees",),
    "levir_classes": ("pairs/levir_classes",),
    "guangzhou_direction": ("pairs/guangzhou", "pairs/guangzhou_direction"),
    "guangzhou_classes": (
        "pairs/guangzhou",
        "pairs/guangzhou_direction",
        "pairs/guangzhou_classes",
    ),
    "storms": ("pairs/storms", "pairs/storms_classes"),
    "mixed_buildings": ("pairs/mixed_buildings",),
    "levir_samples": ("pairs/levir_samples",),
}
"""Folders of each source besides pairs/levir and the scenes."""


def is_held_out(source: str, name: str) -> bool:
    """Return whether a pair belongs to the validation scenes of its source."""
    prefixes = (n if n[-1] == "_" else f"{n}_" for n in HELD_OUT_PREFIXES[source])
    return f"{name}_".startswith(tuple(prefixes))


def source_folders(
    weights: SourceWeights, *, has_scenes: bool, scene_sets: Sequence[str] | None = None
) -> list[str]:
    """Return the folders below the data root that a mixture reads.

    Args:
        weights: the mixture.
        has_scenes: whether labelled scenes are read for composed pairs.
        scene_sets: names of the scene sets that may be read; None for all.

    Raises:
        RequestError: if a source needs scenes and ``scene_sets`` names none for it.
    """
    folders = ["pairs/levir"]
    for name, paths in _FOLDERS.items():
        folders += paths if getattr(weights, name) else ()
    if has_scenes and scene_sets is None:
        return [*dict.fromkeys(folders), "scenes"]
    sets = composed_sets(scene_sets) if has_scenes else ()
    sets += buildings_sets(scene_sets) if weights.buildings else ()
    sets += oam_sets(scene_sets) if weights.oam_buildings else ()
    return list(dict.fromkeys([*folders, *(f"scenes/{name}" for name in sets)]))


def read_sources(
    root: Path, weights: SourceWeights, scene_sets: Sequence[str] | None = None
) -> Sources:
    """Read every source with a weight above 0.

    Args:
        root: the data root.
        weights: the mixture.
        scene_sets: names of the scene sets that may be read; None for all.

    Raises:
        RasterError: if a folder is missing or incomplete.
        RequestError: if a source needs scenes and ``scene_sets`` names none for it.
    """
    sources = Sources()
    if weights.levir or weights.same_date:
        sources.levir = read_levir(root, _for_training("levir"))
    if weights.guangzhou:
        sources.guangzhou = _read_guangzhou(root, _for_training("guangzhou"))
    if weights.unchanged:
        sources.unchanged = read_unchanged(
            root / "geo/california_trees",
            source="california_trees",
            gsd_m=0.6,
            keep=_for_training("california_trees"),
        )
    if weights.rendered:
        with ThreadPoolExecutor() as pool:
            sources.rendered = list(pool.map(_rendered, range(_RENDERED)))
    if weights.buildings:
        names = buildings_sets(scene_sets)
        if scene_sets is not None:
            check_present(root / "scenes", names)
        sources.scenes = [
            _read_training_scenes(root, name, SCENE_SETS[name].gsd_m) for name in names
        ]
    if weights.oam_buildings:
        (name,) = oam_sets(scene_sets)
        if scene_sets is not None:
            check_present(root / "scenes", [name])
        sources.oam_scenes = _read_training_scenes(root, name, _OAM_GSD_M)
    sources.annotated = dict(_read_annotated(root, weights))
    return sources


def _read_annotated(root: Path, weights: SourceWeights) -> Iterator[tuple[SourceName, list[Pair]]]:
    pairs = root / "pairs"
    if weights.levir_classes:
        yield "levir_classes", read_levir_classes(root, _for_training("levir"))
    if weights.guangzhou_direction:
        yield "guangzhou_direction", _read_guangzhou_direction(root, _for_training("guangzhou"))
    if weights.guangzhou_classes:
        yield "guangzhou_classes", _read_guangzhou_classes(root)
    if weights.storms:
        yield "storms", _read_storms(root, _for_training("storms"))
    if weights.mixed_buildings:
        found = _read_appeared(pairs / "mixed_buildings", gsd_m=0.6)
        yield "mixed_buildings", [with_unsure_outlines(p, _MIXED_OUTLINE_PX) for p in found]
    if weights.levir_samples:
        yield "levir_samples", _read_appeared(pairs / "levir_samples", gsd_m=0.5)


def read_levir(root: Path, keep: Callable[[str], bool]) -> list[Pair]:
    """Read the pairs of LEVIR-CD whose name ``keep`` accepts."""
    return _read_appeared(root / "pairs/levir", gsd_m=0.5, keep=keep)


def read_levir_classes(root: Path, keep: Callable[[str], bool]) -> list[Pair]:
    """Read the same with the ground that changed beside buildings."""
    maps = root / "pairs/levir_classes"
    return [with_ground(pair, maps, source="levir_classes") for pair in read_levir(root, keep)]


def _for_training(source: str) -> Callable[[str], bool]:
    return lambda name: not is_held_out(source, name)


def _read_appeared(
    folder: Path, *, gsd_m: float, keep: Callable[[str], bool] = lambda _: True
) -> list[Pair]:
    return read_change_set(folder, source=folder.name, gsd_m=gsd_m, changed=APPEAR, keep=keep)


def _read_guangzhou(root: Path, keep: Callable[[str], bool]) -> list[Pair]:
    return read_change_set(
        root / "pairs/guangzhou",
        source="guangzhou",
        gsd_m=0.55,
        changed=CHANGED,
        border_px=2,
        keep=keep,
    )


def _read_guangzhou_direction(root: Path, keep: Callable[[str], bool]) -> list[Pair]:
    return read_directed(_read_guangzhou(root, keep), root / "pairs/guangzhou_direction")


def _read_guangzhou_classes(root: Path) -> list[Pair]:
    """Read the tiles whose ground was drawn, which are not all of them."""
    maps, in_training = root / "pairs/guangzhou_classes", _for_training("guangzhou")
    drawn = {path.stem for path in (maps / "before").glob("*.png")}
    found = _read_guangzhou_direction(root, lambda name: name in drawn and in_training(name))
    return [with_ground(pair, maps, source="guangzhou_classes") for pair in found]


def _read_storms(root: Path, keep: Callable[[str], bool]) -> list[Pair]:
    """Read the storms, with the ground where it was drawn."""
    maps = root / "pairs/storms_classes"
    found = read_storms(root / "pairs/storms", gsd_m=0.5, keep=keep)
    return [
        with_ground(pair, maps, source="storms")
        if (maps / "before" / f"{pair.name}.png").is_file()
        else pair
        for pair in found
    ]


def _rendered(number: int) -> Pair:
    rendered = render_pair(_RENDERED_PX, _RENDERED_PX, seed=_RENDERED_SEEDS + number)
    label = np.select([rendered.appeared, rendered.disappeared], [APPEAR, DISAPPEAR], NONE)
    return Pair(
        f"rendered_{number}",
        "rendered",
        rendered.before,
        rendered.after,
        label.astype(np.uint8),
        0.5,
    )


def _read_training_scenes(root: Path, source: str, gsd_m: float) -> list[Scene]:
    return read_scenes(
        root / "scenes" / source,
        gsd_m=gsd_m,
        keep=lambda name: not is_held_out_scene(source, name),
    )
