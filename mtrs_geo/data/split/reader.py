"""Reads a split in MTRefSeg-21K's layout; what is wrong is said before the first pixel."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np

from mtrs_geo.data.split.layout import MaskRecord, PairRecord, SplitLayout, parse_record
from mtrs_geo.errors import RasterError
from mtrs_geo.types import BoolArray, Shape, UInt8Array

__all__ = ["PairFiles", "ReferringPair", "SplitReader", "open_split", "read_pair"]

_IMAGE_SUFFIXES = (".jpg", ".png", ".jpeg", ".tif", ".tiff")
_SHOWN = 5


@dataclass(frozen=True)
class PairFiles:
    """A record and the files that it names, all of which exist."""

    record: PairRecord
    before: Path
    after: Path
    masks: tuple[Path | None, ...]
    """One for each of the record's masks; None where it is made of polygons."""


@dataclass(frozen=True)
class ReferringPair:
    """One place at two dates and what is said about it."""

    name: str
    before: UInt8Array
    """(H, W, 3)."""
    after: UInt8Array
    """(H, W, 3)."""
    expressions: tuple[str, ...]
    masks: BoolArray
    """(N, H, W), one for each expression."""
    origin: tuple[int, int] | None = None
    """(row, col) of its first pixel on the raster that it was cut from, where that is known."""


class SplitReader(Sequence[ReferringPair]):
    """The pairs of a split, read when they are asked for; open one with `open_split`."""

    def __init__(self, root: Path, files: Sequence[PairFiles]) -> None:
        self.root = root
        self.files = tuple(files)

    @property
    def expressions(self) -> int:
        """How many expressions all pairs have together."""
        return sum(len(files.record.expressions) for files in self.files)

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.files)

    @overload
    def __getitem__(self, index: int) -> ReferringPair: ...
    @overload
    def __getitem__(self, index: slice) -> SplitReader: ...
    def __getitem__(self, index: int | slice) -> ReferringPair | SplitReader:
        """Read a pair, or choose pairs to be read later."""
        if isinstance(index, slice):
            return SplitReader(self.root, self.files[index])
        return read_pair(self.files[index])


def open_split(root: Path | str) -> SplitReader:
    """Read the JSON files of a split and check that every file they name is there.

    Args:
        root: folder with A, B, masks and referring_expression.

    Raises:
        RasterError: if a folder is missing or empty, a JSON file is damaged, or a
            file that one names does not exist; all such files are counted.
    """
    layout = SplitLayout(Path(root))
    absent = [folder.name for folder in layout.folders if not folder.is_dir()]
    if absent:
        msg = (
            f"{root} holds no folder {', '.join(absent)}. Give the folder of one split, "
            "with A, B, masks and referring_expression."
        )
        raise RasterError(msg)
    paths = sorted(layout.expressions.glob("*.json"))
    if not paths:
        msg = f"{layout.expressions} holds no .json file. Check the path of the data."
        raise RasterError(msg)
    found, problems = [], []
    for path in paths:
        try:
            found.append(_resolve(_record(path), layout))
        except RasterError as error:
            problems.append(str(error))
    if problems:
        more = f"\n… and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        count = f"{len(problems)} of {len(paths)} files of {root} cannot be used:\n"
        raise RasterError(count + "\n".join(problems[:_SHOWN]) + more)
    return SplitReader(layout.root, found)


def read_pair(files: PairFiles) -> ReferringPair:
    """Read the pixels of a pair.

    Raises:
        RasterError: if an image is damaged or the sizes differ.
    """
    before, after = _image(files.before), _image(files.after)
    shape = after.shape[:2]
    _same_size(files.before, before.shape[:2], files.after, shape)
    record = files.record
    pairs = zip(record.masks, files.masks, strict=True)
    masks = [_mask(mask, path, files.after, shape) for mask, path in pairs]
    # One mask serves all expressions where only one is listed.
    chosen = masks if len(masks) > 1 else masks * len(record.expressions)
    stacked = np.stack(chosen) if record.expressions else np.zeros((0, *shape), np.bool_)
    return ReferringPair(record.name, before, after, record.expressions, stacked, record.origin)


def _record(path: Path) -> PairRecord:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read as JSON: {error}."
        raise RasterError(msg) from error
    return parse_record(data, path)


def _resolve(record: PairRecord, layout: SplitLayout) -> PairFiles:
    return PairFiles(
        record,
        _find_image(layout.before / record.before, record),
        _find_image(layout.after / record.after, record),
        tuple(_find_mask(mask, layout, record) for mask in record.masks),
    )


def _find_image(path: Path, record: PairRecord) -> Path:
    """Return the named file, or one of that stem: the release's JSONs name other suffixes."""
    for candidate in (path, *(path.with_suffix(suffix) for suffix in _IMAGE_SUFFIXES)):
        if candidate.is_file():
            return candidate
    msg = f"{record.name}.json names {path}, which does not exist (.jpg or .png)."
    raise RasterError(msg)


def _find_mask(mask: MaskRecord, layout: SplitLayout, record: PairRecord) -> Path | None:
    if mask.path is None:
        return None
    for folder in (layout.masks, layout.root):
        if (folder / mask.path).is_file():
            return folder / mask.path
    msg = f"{record.name}.json names mask {mask.path}, which {layout.masks} does not hold."
    raise RasterError(msg)


def _image(path: Path, mode: str = "RGB") -> UInt8Array:
    from PIL import Image

    try:
        with Image.open(path) as image:
            return np.asarray(image.convert(mode), dtype=np.uint8)
    except (OSError, SyntaxError) as error:  # Pillow raises SyntaxError on some damaged files
        msg = f"{path} cannot be read as an image: {error}. Copy the file again."
        raise RasterError(msg) from error


def _mask(mask: MaskRecord, path: Path | None, after: Path, shape: Shape) -> BoolArray:
    if path is None:
        return _fill(mask, shape)
    pixels = _image(path, "L")
    _same_size(path, pixels.shape, after, shape)
    return pixels > 127


def _fill(mask: MaskRecord, shape: Shape) -> BoolArray:
    from PIL import Image, ImageDraw

    canvas = Image.new("1", (shape[1], shape[0]))
    for ring in mask.polygons:
        ImageDraw.Draw(canvas).polygon(list(ring), fill=1, outline=1)
    return np.array(canvas, dtype=np.bool_)


def _same_size(path: Path, found: Sequence[int], other: Path, wanted: Shape) -> None:
    if tuple(found) != tuple(wanted):
        (rows, cols), (other_rows, other_cols) = found, wanted
        msg = (
            f"{path} ({cols} × {rows}) and {other} ({other_cols} × {other_rows}) differ in size. "
            "Both dates and their masks share one pixel grid."
        )
        raise RasterError(msg)
