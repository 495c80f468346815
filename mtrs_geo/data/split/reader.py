"""Read a split in MTRefSeg-21K's layout; all JSON files are checked before any image is read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, overload

import numpy as np

from mtrs_geo.data.pixel_values import (
    check_same_size,
    image_advice,
    mask_foreground,
    rgb_pixels,
)
from mtrs_geo.data.split.layout import MaskRecord, PairRecord, SplitLayout, parse_record
from mtrs_geo.errors import RasterError
from mtrs_geo.types import BoolArray, Shape, UInt8Array

__all__ = ["PairFiles", "ReferringPair", "SplitReader", "open_split", "read_pair"]

_IMAGE_SUFFIXES = (".jpg", ".png", ".jpeg", ".tif", ".tiff")
_MOST_PIXELS = 64 << 20
"""Of an image of a pair; a file of some bytes can state any number."""
_MAX_LISTED = 5
T = TypeVar("T")


@dataclass(frozen=True)
class PairFiles:
    """A record and the existing files that it names."""

    record: PairRecord
    before: Path
    after: Path
    masks: tuple[Path | None, ...]
    """One per mask of the record; None if the mask consists of polygons."""


@dataclass(frozen=True)
class ReferringPair:
    """Images of one place at two dates, with expressions and masks."""

    name: str
    before: UInt8Array
    """(H, W, 3)."""
    after: UInt8Array
    """(H, W, 3)."""
    expressions: tuple[str, ...]
    masks: BoolArray
    """(N, H, W), one per expression."""
    origin: tuple[int, int] | None = None
    """(row, col) of its first pixel in the source raster, if known."""


class SplitReader(Sequence[ReferringPair]):
    """The pairs of a split, each read on access; open one with `open_split`."""

    def __init__(self, root: Path, files: Sequence[PairFiles]) -> None:
        self.root = root
        self.files = tuple(files)

    @property
    def expression_count(self) -> int:
        """Number of expressions of all pairs."""
        return sum(len(files.record.expressions) for files in self.files)

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.files)

    @overload
    def __getitem__(self, index: int) -> ReferringPair: ...
    @overload
    def __getitem__(self, index: slice) -> SplitReader: ...
    def __getitem__(self, index: int | slice) -> ReferringPair | SplitReader:
        """Read a pair, or return a reader of a slice of the pairs."""
        if isinstance(index, slice):
            return SplitReader(self.root, self.files[index])
        return read_pair(self.files[index])


def open_split(root: Path | str) -> SplitReader:
    """Read the JSON files of a split and check that the files that they name exist.

    Args:
        root: folder of the split, with A, B, masks and referring_expression.

    Raises:
        RasterError: if a folder is missing, there is no JSON file, or some JSON files are damaged
            or name a missing file; the message has their number.
    """
    if not isinstance(root, str | os.PathLike):
        msg = f"{str(root)[:80]!r} ({type(root).__name__}) is not the folder of a split."
        raise RasterError(msg, advice="Give its path.")
    layout = SplitLayout(Path(os.path.expanduser(root)))
    missing = [folder.name for folder in layout.folders if not folder.is_dir()]
    if missing:
        msg = f"{root} has no folder {', '.join(missing)}."
        advice = "Give the folder of one split, with A, B, masks and referring_expression."
        raise RasterError(msg, advice=advice)
    # macOS adds files such as ._a.json.
    paths = sorted(
        path
        for path in layout.expressions.iterdir()
        if path.suffix.lower() == ".json" and not path.name.startswith(".")
    )
    if not paths:
        msg = f"{layout.expressions} contains no .json file."
        raise RasterError(msg, advice="Check the path of the data.")
    found, problems = [], []
    for path in paths:
        try:
            found.append(_resolve(_record(path), layout))
        except RasterError as error:
            problems.append(error.message)
    if problems:
        more = f"\n… and {len(problems) - _MAX_LISTED} more." if len(problems) > _MAX_LISTED else ""
        count = f"{len(problems)} of {len(paths)} files of {root} cannot be used:\n"
        msg = count + "\n".join(problems[:_MAX_LISTED]) + more
        advice = "Correct these files; docs/evaluate.md describes the layout."
        raise RasterError(msg, advice=advice)
    return SplitReader(layout.root, found)


def read_pair(files: PairFiles) -> ReferringPair:
    """Read the pixels of a pair.

    Raises:
        RasterError: if an image is damaged or the image sizes differ.
    """
    before, after = _image(files.before), _image(files.after)
    shape = after.shape[:2]
    check_same_size(files.before, before.shape[:2], files.after, shape)
    record = files.record
    pairs = zip(record.masks, files.masks, strict=True)
    masks = [_mask(mask, path, files.after, shape) for mask, path in pairs]
    # A single mask applies to all expressions.
    repeated = masks if len(masks) > 1 else masks * len(record.expressions)
    stacked = np.stack(repeated) if record.expressions else np.zeros((0, *shape), np.bool_)
    return ReferringPair(record.name, before, after, record.expressions, stacked, record.origin)


def _record(path: Path) -> PairRecord:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
        json.dumps(data, ensure_ascii=False).encode()  # refuses halves of surrogate pairs
    except (OSError, ValueError, RecursionError) as error:
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
    """Return the named file, or one with another suffix: the release's JSON files name others."""
    for candidate in _spellings(path, path.suffix, *_IMAGE_SUFFIXES):
        if candidate.is_file():
            return candidate
    suffixes = ", ".join(_IMAGE_SUFFIXES)
    msg = f"{record.name}.json names {path}, which does not exist (as {suffixes})."
    raise RasterError(msg)


def _find_mask(mask: MaskRecord, layout: SplitLayout, record: PairRecord) -> Path | None:
    if mask.path is None:
        return None
    for folder in (layout.masks, layout.root):
        named = folder / mask.path
        for candidate in _spellings(named, named.suffix):
            if candidate.is_file():
                return candidate
    msg = f"{record.name}.json names mask {mask.path}, which is not in {layout.masks}."
    raise RasterError(msg)


def _spellings(path: Path, *suffixes: str) -> Iterator[Path]:
    """Yield a path, and the same with other suffixes, in lower case and in capitals."""
    yield path
    for suffix in dict.fromkeys(suffixes):
        if suffix:
            yield path.with_suffix(suffix.lower())
            yield path.with_suffix(suffix.upper())


def _image(path: Path) -> UInt8Array:
    """Return the pixels of an image, (rows, cols, 3)."""
    return _opened(path, lambda image: rgb_pixels(image, path))


def _opened(path: Path, read: Callable[[Any], T]) -> T:
    from PIL import Image

    try:
        with Image.open(path) as image:
            _check_pixels(path, image.size)
            return read(image)
    # Pillow raises SyntaxError and ValueError on some damaged files.
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, RasterError):
            raise
        msg = f"{path} cannot be read as an image: {error}."
        raise RasterError(msg, advice=image_advice(path)) from error


def _check_pixels(path: Path, size: tuple[int, int]) -> None:
    if size[0] * size[1] > _MOST_PIXELS:
        msg = f"{path} states {size[0]:,} × {size[1]:,} pixels, more than {_MOST_PIXELS:,}."
        raise RasterError(msg, advice="Cut the pair into smaller tiles.")


def _mask(mask: MaskRecord, path: Path | None, after: Path, shape: Shape) -> BoolArray:
    if path is None:
        return _fill(mask, shape, after)

    def read(image: Any) -> BoolArray:  # noqa: ANN401 - an image of Pillow
        check_same_size(path, image.size[::-1], after, shape)
        return mask_foreground(image, path)

    return _opened(path, read)


def _fill(mask: MaskRecord, shape: Shape, image: Path) -> BoolArray:
    """Return the pixels (rows, cols) of polygons.

    Raises:
        RasterError: if a polygon is beside the image, or has shares of its sides as coordinates.
    """
    from PIL import Image, ImageDraw

    for ring in mask.polygons:
        xs, ys = zip(*ring, strict=True)
        if max(*xs, *ys) <= 1 < min(shape):
            msg = f"a polygon of {image.name} has coordinates from 0 to 1, not in pixels."
            raise RasterError(msg, advice="Multiply them by the width and the height.")
        if max(xs) < 0 or max(ys) < 0 or min(xs) > shape[1] or min(ys) > shape[0]:
            msg = f"a polygon is beside its image, {image} ({shape[1]} × {shape[0]})."
            raise RasterError(msg, advice="Give its corners as x, y in pixels of the image.")
    canvas = Image.new("1", (shape[1], shape[0]))
    for ring in mask.polygons:
        ImageDraw.Draw(canvas).polygon(list(ring), fill=1, outline=1)
    return np.array(canvas, dtype=np.bool_)
