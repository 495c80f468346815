"""MTRefSeg-21K's layout on disk: folders of a split and what one JSON file says.

    split_root/A/*.jpg|png                     earlier images
    split_root/B/*.jpg|png                     later images
    split_root/masks/*.png                     above 127 is foreground
    split_root/referring_expression/*.json     one pair each

Nothing here opens a file.  Source of the layout: arXiv 2606.00987 and its release.
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
"""Both domains, natural scenes, remote sensing."""

Subset: TypeAlias = Literal["train", "val"]

SPLIT_FOLDERS: Mapping[tuple[Domain, Subset], str] = {
    ("TV", "train"): "train_FINAL_CLEAN",
    ("TV", "val"): "val_FINAL_CLEAN",
    ("NS", "train"): "NS_FINAL_CLEAN_train",
    ("NS", "val"): "NS_FINAL_CLEAN_val",
    ("RS", "train"): "RS_FINAL_CLEAN_train",
    ("RS", "val"): "RS_FINAL_CLEAN_val",
}
"""The release's folder of each split.  Cross-domain figures train on one and test on the other."""

Ring: TypeAlias = tuple[tuple[float, float], ...]


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
        """All four."""
        return self.before, self.after, self.masks, self.expressions


@dataclass(frozen=True)
class MaskRecord:
    """Where a mask comes from: a file, or polygons where no file is named."""

    path: str | None
    """Relative to the folder of masks, or to the split."""
    polygons: tuple[Ring, ...] = ()
    """Rings of (x, y) in pixels; none is an empty mask."""


@dataclass(frozen=True)
class PairRecord:
    """One JSON file: two images and what is said about them."""

    name: str
    before: str
    """File name in folder A."""
    after: str
    """File name in folder B."""
    expressions: tuple[str, ...]
    masks: tuple[MaskRecord, ...]
    """As many as expressions, or one that serves all of them."""
    origin: tuple[int, int] | None = None
    """(row, col) of its first pixel on the raster that it was cut from, where that is known."""

    def mask_of(self, index: int) -> MaskRecord:
        """Return the mask of expression ``index``."""
        return self.masks[index if len(self.masks) > 1 else 0]


def split_folder(root: Path, domain: Domain, subset: Subset) -> Path:
    """Return the folder of a split of the whole set.

    Args:
        root: folder that holds the release's folders, see `SPLIT_FOLDERS`, or
            folders named DOMAIN/SUBSET or DOMAIN_SUBSET such as ``RS/val``.
        domain: ``TV`` is both domains together.
        subset: ``train`` or ``val``.

    Raises:
        RasterError: if the set has no such folder.
    """
    names = (SPLIT_FOLDERS[domain, subset], f"{domain}/{subset}", f"{domain}_{subset}")
    for name in names:
        if (root / name).is_dir():
            return root / name
    msg = f"{root} holds none of {', '.join(names)}. Give the folder that holds the splits."
    raise RasterError(msg)


def parse_record(data: object, source: Path) -> PairRecord:
    """Check what a JSON file says and return it.

    Args:
        data: the parsed JSON.
        source: its file, for messages; its stem names the record.

    Raises:
        RasterError: if a key is missing or masks do not fit the expressions.
    """
    if not isinstance(data, dict):
        raise _wrong(source, "is no JSON object")
    images = [data.get(key) for key in ("img_A", "img_B")]
    if not all(isinstance(name, str) and name for name in images):
        raise _wrong(source, "must name its images in img_A and img_B")
    said = data.get("referring_expressions")
    if not isinstance(said, list) or not all(isinstance(text, str) for text in said):
        raise _wrong(source, "must list its sentences in referring_expressions")
    masks = data.get("mask")
    if not isinstance(masks, list):
        raise _wrong(source, "must list its masks in mask")
    if said and len(masks) not in (1, len(said)):
        raise _wrong(
            source,
            f"lists {len(masks)} masks for {len(said)} expressions: "
            "one for each, or one for all, is needed",
        )
    before, after = (_inside(str(name), source) for name in images)
    texts = tuple(text.strip() for text in said)
    read = tuple(_mask(mask, source) for mask in masks)
    return PairRecord(source.stem, before, after, texts, read, _origin(data.get("origin"), source))


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
        raise _wrong(source, 'must list masks as {"path": …}')
    path = entry.get("path")
    if isinstance(path, str) and path:
        return MaskRecord(_inside(path, source))
    polygons = entry.get("polygons")
    if not isinstance(polygons, list):
        raise _wrong(source, "has a mask with neither path nor polygons")
    return MaskRecord(None, tuple(_ring(polygon, source) for polygon in polygons))


def _origin(entry: object, source: Path) -> tuple[int, int] | None:
    if entry is None:
        return None
    if not isinstance(entry, list) or [type(part) for part in entry] != [int, int]:
        raise _wrong(source, "must give its origin as [row, col] in whole pixels")
    return entry[0], entry[1]


def _ring(polygon: object, source: Path) -> Ring:
    """Read [[x, y], …] or [x, y, x, y, …]."""
    values = polygon if isinstance(polygon, list) else []
    flat = [v for point in values for v in (point if isinstance(point, Sequence) else (point,))]
    if len(flat) < 6 or len(flat) % 2 or not all(isinstance(v, int | float) for v in flat):
        raise _wrong(source, "has a polygon that is no list of three or more points")
    return tuple(zip(flat[::2], flat[1::2], strict=True))


def _inside(name: str, source: Path) -> str:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        raise _wrong(source, f"names {name!r}, which lies outside of the split")
    return str(path)


def _wrong(source: Path, what: str) -> RasterError:
    return RasterError(f"{source} {what}. See docs/evaluate.md for the layout.")
