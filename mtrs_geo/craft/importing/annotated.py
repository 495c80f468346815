"""Pairs of the annotated sets of a data root: class maps of both dates, directions of buildings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mtrs_geo.craft.importing.folder import folder_pairs
from mtrs_geo.craft.importing.names import inside
from mtrs_geo.craft.project.pairs import NewPair

__all__ = ["ANNOTATED_SETS", "annotated_pairs"]


@dataclass(frozen=True)
class _AnnotatedSet:
    images: str
    """Folder of the pairs below the data root."""
    maps: Mapping[str, str]
    """Kind of a label map to its folder below the data root."""
    place: Callable[[str], str] = lambda name: name
    """Takes the name of a pair."""


def _scene(name: str) -> str:
    """Return the scene of a tile ``gz_SCENE_…``."""
    found = re.match(r"gz_\d+", name)
    return found[0] if found else name


ANNOTATED_SETS: Mapping[str, _AnnotatedSet] = {
    "levir_classes": _AnnotatedSet(
        "pairs/levir",
        {
            "appear": "pairs/levir/masks",
            "class_before": "pairs/levir_classes/before",
            "class_after": "pairs/levir_classes/after",
            "ignore": "pairs/levir_classes/ignore",
        },
    ),
    "guangzhou_direction": _AnnotatedSet(
        "pairs/guangzhou",
        {
            name: f"pairs/guangzhou_direction/{name}"
            for name in ("appear", "disappear", "replaced", "ignore")
        },
        _scene,
    ),
}
"""The sets by name; see `mtrs_geo.craft.backends.rules.evidence` for the kinds of maps."""


def annotated_pairs(root: Path, name: str) -> Iterator[NewPair]:
    """Return the pairs of an annotated set.

    Args:
        root: data root, with the folder ``pairs``.
        name: a key of `ANNOTATED_SETS`.

    Raises:
        RasterError: if a folder is missing, or images differ in size.
        GridError: if both images of a pair differ in CRS or position.
        SourceNotAllowedError: if a link leads out of the data root.
    """
    found = ANNOTATED_SETS[name]
    for pair in folder_pairs(root / found.images, source=name, mask_meaning="unused"):
        paths = {
            kind: root / folder / f"{pair.before.stem}.png" for kind, folder in found.maps.items()
        }
        labels = {kind: inside(path, root) for kind, path in paths.items() if path.is_file()}
        if labels:
            yield replace(pair, labels=labels, place=found.place(pair.name))
