"""Pairs of a folder in the layout of MTRefSeg-21K or LEVIR-CD: A, B and perhaps masks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeAlias

from mtrs_geo.craft.importing.georeference import common_georeference
from mtrs_geo.craft.importing.names import inside, pair_name
from mtrs_geo.craft.project.images import image_shape, label_shape
from mtrs_geo.craft.project.pairs import NewPair
from mtrs_geo.errors import RasterError

__all__ = ["IMAGE_SUFFIXES", "MaskMeaning", "folder_pairs"]

MaskMeaning: TypeAlias = Literal["appear", "disappear", "changed", "unused"]
"""What the foreground of the masks of a folder is: buildings that appear, that disappear, that
changed in any way, or nothing that the rules shall read."""

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp")
_MASK_FOLDERS = ("masks", "label", "labels")


def folder_pairs(
    root: Path, *, source: str = "", mask_meaning: MaskMeaning = "changed"
) -> Iterator[NewPair]:
    """Return the pairs of a folder with the subfolders A (earlier) and B (later).

    The georeference of GeoTIFFs is kept.

    Args:
        root: the folder; masks are in ``masks``, ``label`` or ``labels``, if there are any.
        source: name of the data set; the name of the folder by default.
        mask_meaning: what masks show.

    Raises:
        RasterError: if there is no such folder, a subfolder has no image, an image of A or B has
            none of its name in the other or two of one name, no mask has the name of an image, or
            sizes differ.
        GridError: if both images of a pair differ in CRS or position.
        SourceNotAllowedError: if a link leads out of the folder.
    """
    if not root.is_dir():
        msg = f"{root} is not a folder."
        raise RasterError(msg, advice="Give a folder with the subfolders A and B.")
    later = _by_stem(root / "B", root)
    found = [root / name for name in _MASK_FOLDERS if (root / name).is_dir()]
    masks = _by_stem(found[0], root) if found and mask_meaning != "unused" else {}
    earlier = _by_stem(root / "A", root)
    for folder, images, others in (("B", later, earlier), ("A", earlier, later)):
        if missing := [stem for stem in others if stem not in images]:
            msg = f"{root / folder} has no image {missing[0]}."
            raise RasterError(msg, advice="Add it, or remove the image of the other date.")
    if masks and not masks.keys() & earlier.keys():
        msg = f"no mask in {found[0]} has the name of an image, such as {next(iter(earlier))}."
        raise RasterError(msg, advice="Rename the masks, or pass --mask-meaning unused.")
    for stem, before in earlier.items():
        rows, cols = same_shape(before, later[stem])
        if stem in masks and label_shape(masks[stem]) != (rows, cols):
            msg = f"{masks[stem]} has {label_shape(masks[stem])} pixels and {before} {rows, cols}."
            raise RasterError(msg, advice="Use masks of the size of the images.")
        labels = {str(mask_meaning): masks[stem]} if stem in masks else None
        yield NewPair(
            pair_name(stem), before, later[stem], rows, cols, source or root.name,
            georeference=common_georeference(before, later[stem]), labels=labels,
        )  # fmt: skip


def same_shape(before: Path, after: Path) -> tuple[int, int]:
    """Return (rows, cols) of both images of a pair.

    Raises:
        RasterError: if an image cannot be read, or they differ in size.
    """
    shapes = [image_shape(path) for path in (before, after)]
    if shapes[0] != shapes[1]:
        msg = f"{before} has {shapes[0]} pixels and {after} {shapes[1]}."
        raise RasterError(msg, advice="Warp one date onto the grid of the other.")
    return shapes[0]


def _by_stem(folder: Path, root: Path) -> dict[str, Path]:
    paths = sorted(
        path
        for path in folder.glob("*")
        # macOS adds files such as ._a.png.
        if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")
    )
    if not paths:
        msg = f"{folder} has no image ({', '.join(IMAGE_SUFFIXES)})."
        raise RasterError(msg, advice="Give a folder with the subfolders A and B.")
    found: dict[str, Path] = {}
    for path in paths:
        if (other := found.get(path.stem)) is not None:
            msg = f"{other} and {path.name} have one name, so that it is not known which is meant."
            raise RasterError(msg, advice="Remove or rename one of them.")
        found[path.stem] = inside(path, root)
    return found
