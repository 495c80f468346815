"""MTRefSeg-21K's layout on disk: the folders of a split and the content of its JSON files.

    split_root/A/*.jpg|png                     earlier images
    split_root/B/*.jpg|png                     later images
    split_root/masks/*.png                     0, and one value above 127: foreground
    split_root/referring_expression/*.json     one file per pair

This module opens no file.  Source of the layout: arXiv 2606.00987 and its release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal, TypeAlias

from mtrs_geo.errors import RasterError

__all__ = [
    "SPLIT_FOLDERS",
    "Domain",
    "MaskRecord",
    "PairRecord",
    "SplitLayout",
    "Subset",
    "parse_record",
    "record_as_json",
    "split_folder",
]

Domain: TypeAlias = Literal["TV", "NS", "RS"]
"""Both domains (TV), natural scenes (NS), remote sensing (RS)."""

Subset: TypeAlias = Literal["train", "val"]

SPLIT_FOLDERS: Mapping[tuple[Domain, Subset], str] = {
    ("TV", "train"): "train_FINAL_CLEAN",
    ("TV", "val"): "val_FINAL_CLEAN",
    ("NS", "train"): "NS_FINAL_CLEAN_train",
    ("NS", "val"): "NS_FINAL_CLEAN_val",
    ("RS", "train"): "RS_FINAL_CLEAN_train",
    ("RS", "val"): "RS_FINAL_CLEAN_val",
}
"""Folder names of the release.  Cross-domain figures train on one domain and test on the other."""

Ring: TypeAlias = tuple[tuple[float, float], ...]

_MOST_PX = 1e7
"""Largest coordinate of a polygon, in pixels; NaN is not below it."""


@dataclass(frozen=True)
class SplitLayout:
    """The four folders of a split."""

    root: Path

    @property
    def before(self) -> Path:
        """Folder of the earlier images."""
        return self.root / "A"

    @property
    def after(self) -> Path:
        """Folder of the later images."""
        return self.root / "B"

    @property
    def masks(self) -> Path:
        """Folder of the masks."""
        return self.root / "masks"

    @property
    def expressions(self) -> Path:
        """Folder of the JSON files."""
        return self.root / "referring_expression"

    @property
    def folders(self) -> tuple[Path, ...]:
        """All four folders."""
        return self.before, self.after, self.masks, self.expressions


@dataclass(frozen=True)
class MaskRecord:
    """Source of a mask: a file, or polygons if no file is named."""

    path: str | None
    """Relative to the masks folder, or to the split."""
    polygons: tuple[Ring, ...] = ()
    """Rings of (x, y) in pixels; an empty tuple is an empty mask."""


@dataclass(frozen=True)
class PairRecord:
    """Content of one JSON file: two images and their expressions."""

    name: str
    before: str
    """File name in folder A."""
    after: str
    """File name in folder B."""
    expressions: tuple[str, ...]
    masks: tuple[MaskRecord, ...]
    """One per expression, or one for all of them."""
    origin: tuple[int, int] | None = None
    """(row, col) of its first pixel in the source raster, if known."""


def split_folder(root: Path, domain: Domain, subset: Subset) -> Path:
    """Return the folder of one split of the whole dataset.

    Args:
        root: folder that contains the release's folders, see `SPLIT_FOLDERS`, or
            folders named DOMAIN/SUBSET or DOMAIN_SUBSET such as ``RS/val``.
        domain: ``TV`` (both), ``NS`` or ``RS``.
        subset: ``train`` or ``val``.

    Raises:
        RasterError: if there is no such folder.
    """
    names = (SPLIT_FOLDERS[domain, subset], f"{domain}/{subset}", f"{domain}_{subset}")
    for name in names:
        if (root / name).is_dir():
            return root / name
    msg = f"{root} contains none of {', '.join(names)}."
    raise RasterError(msg, advice="Give the folder that contains the splits.")


def parse_record(data: object, source: Path) -> PairRecord:
    """Check the content of a JSON file and return it.

    Args:
        data: the parsed JSON.
        source: the JSON file; its stem is the name of the record.

    Raises:
        RasterError: if a key is missing or the masks do not match the expressions.
    """
    if not isinstance(data, dict):
        raise _record_error(source, "is not a JSON object")
    images = [data.get(key) for key in ("img_A", "img_B")]
    if not all(isinstance(name, str) and name for name in images):
        raise _record_error(source, "does not name its images in img_A and img_B")
    expressions = data.get("referring_expressions")
    if not isinstance(expressions, list) or not all(isinstance(text, str) for text in expressions):
        raise _record_error(source, "has no list of sentences in referring_expressions")
    masks = data.get("mask")
    if not isinstance(masks, list):
        raise _record_error(source, "has no list of masks in mask")
    if expressions and len(masks) not in (1, len(expressions)):
        problem = f"has {len(masks)} masks for {len(expressions)} expressions"
        raise _record_error(source, f"{problem}; one each, or one for all, is needed")
    before, after = (_relative_path(str(name), source) for name in images)
    texts = tuple(text.strip() for text in expressions)
    mask_records = tuple(_mask(mask, source) for mask in masks)
    origin = _origin(data.get("origin"), source)
    return PairRecord(source.stem, before, after, texts, mask_records, origin)


def record_as_json(record: PairRecord) -> dict[str, Any]:
    """Return the JSON of a record; `parse_record` is its inverse."""
    origin = {} if record.origin is None else {"origin": list(record.origin)}
    return {
        "img_A": record.before,
        "img_B": record.after,
        "referring_expressions": list(record.expressions),
        "mask": [
            {"path": mask.path} if mask.path else {"polygons": [list(r) for r in mask.polygons]}
            for mask in record.masks
        ],
        **origin,
    }


def _mask(entry: object, source: Path) -> MaskRecord:
    if not isinstance(entry, dict):
        raise _record_error(source, 'has a mask that is not written as {"path": …}')
    path = entry.get("path")
    if isinstance(path, str) and path:
        return MaskRecord(_relative_path(path, source))
    polygons = entry.get("polygons")
    if not isinstance(polygons, list):
        raise _record_error(source, "has a mask with neither path nor polygons")
    return MaskRecord(None, tuple(_ring(polygon, source) for polygon in polygons))


def _origin(entry: object, source: Path) -> tuple[int, int] | None:
    if entry is None:
        return None
    if not isinstance(entry, list) or [type(value) for value in entry] != [int, int]:
        raise _record_error(source, "has an origin that is not [row, col] in whole pixels")
    return entry[0], entry[1]


def _ring(polygon: object, source: Path) -> Ring:
    """Read [[x, y], …] or [x, y, x, y, …]."""
    values = polygon if isinstance(polygon, list) else []
    flat = [v for point in values for v in (point if isinstance(point, Sequence) else (point,))]
    if len(flat) < 6 or len(flat) % 2 or not all(map(_is_coordinate, flat)):
        raise _record_error(source, "has a polygon that is not a list of three or more points")
    return tuple(zip(flat[::2], flat[1::2], strict=True))


def _is_coordinate(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) <= _MOST_PX


def _relative_path(name: str, source: Path) -> str:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        raise _record_error(source, f"names {name!r}, which is outside of the split")
    return str(path)


def _record_error(source: Path, problem: str) -> RasterError:
    advice = "Correct the file; docs/evaluate.md describes the layout."
    return RasterError(f"{source} {problem}.", advice=advice)
