"""The format of a folder of predictions: ``predictions.json`` and ``masks/PAIR_INDEX.png``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mtrs_geo.benchmark.split_samples import Sample
from mtrs_geo.errors import RasterError
from mtrs_geo.types import BoolArray, Shape, UInt8Array

__all__ = [
    "FORMAT",
    "METADATA",
    "REQUIRED",
    "MaskDefect",
    "PredictionFacts",
    "find_mask",
    "folder_of_split",
    "read_facts",
    "read_mask",
]

FORMAT = "mtrs-geo predictions 1"
METADATA = "predictions.json"
REQUIRED = ("format", "model", "command", "hardware")
"""Texts that the JSON file must have."""
_MOST_PIXELS = 64 << 20


@dataclass(frozen=True)
class PredictionFacts:
    """What ``predictions.json`` says."""

    model: str
    command: str
    """How the masks were made."""
    hardware: str
    parameters: int | None
    seconds_per_pair: float | None
    peak_memory_bytes: int | None
    failed: dict[str, str]
    """Why a sample has no mask, by its id, ``PAIR#INDEX``."""


@dataclass(frozen=True)
class MaskDefect:
    """Why the mask of a sample cannot be scored."""

    kind: str
    """missing, unreadable, wrong size or not binary."""
    message: str


def folder_of_split(folder: Path, split: str) -> Path:
    """Return the folder of a split: ``FOLDER/SPLIT`` if it exists, else ``FOLDER``."""
    inner = folder / split
    return inner if (inner / METADATA).is_file() else folder


def find_mask(folder: Path, sample: Sample) -> Path:
    """Return where the mask of a sample is or would be."""
    return folder / "masks" / sample.mask_name


def read_facts(folder: Path) -> PredictionFacts:
    """Read ``predictions.json``.

    Raises:
        RasterError: if it is missing, is not JSON, or an entry is missing or of another type.
    """
    path = folder / METADATA
    try:
        values = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        msg = f"{path} cannot be read as JSON: {error}."
        raise RasterError(msg, advice="docs/predictions.md describes the file.") from error
    if not isinstance(values, dict):
        raise _wrong(path, "is not a JSON object")
    for name in REQUIRED:
        if not isinstance(values.get(name), str) or not values[name].strip():
            raise _wrong(path, f"has no text {name}")
    if values["format"] != FORMAT:
        raise _wrong(path, f"has the format {values['format']!r}, not {FORMAT!r}")
    failed = values.get("failed", {})
    if not isinstance(failed, dict) or not all(isinstance(v, str) for v in failed.values()):
        raise _wrong(path, "has no object of texts in failed")
    return PredictionFacts(
        values["model"], values["command"], values["hardware"],
        parameters=_number(values, "parameters", path, int),
        seconds_per_pair=_number(values, "seconds_per_pair", path, float),
        peak_memory_bytes=_number(values, "peak_memory_bytes", path, int),
        failed=failed,
    )  # fmt: skip


def read_mask(folder: Path, sample: Sample, shape: Shape) -> BoolArray | MaskDefect:
    """Return the mask (rows, cols) of a sample, or why it cannot be scored.

    Args:
        folder: folder of the predictions of a split.
        sample: the sample.
        shape: (rows, cols) of the later image.
    """
    path = find_mask(folder, sample)
    name = path.name
    if not path.is_file():
        return MaskDefect("missing", f"{name}, for {sample.sentence!r}, is not in {path.parent}")
    pixels = _pixels(path)
    if isinstance(pixels, MaskDefect):
        return pixels
    if pixels.shape != shape:
        (rows, cols), (right_rows, right_cols) = pixels.shape, shape
        text = f"{name} has {cols} × {rows} pixels, the later image {right_cols} × {right_rows}"
        return MaskDefect("wrong size", text)
    values = np.unique(pixels)
    if not np.isin(values, (0, 255)).all():
        listed = ", ".join(map(str, values[:4])) + (", …" if values.size > 4 else "")
        return MaskDefect("not binary", f"{name} has the values {listed}, not 0 and 255 only")
    return pixels > 0


def _pixels(path: Path) -> UInt8Array | MaskDefect:
    """Return the pixels (rows, cols) of a file with one band."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            if image.width * image.height > _MOST_PIXELS:
                size = f"{image.width} × {image.height} pixels"
                return MaskDefect("wrong size", f"{path.name} states {size}")
            if image.mode not in {"1", "L"}:
                text = f"{path.name} has the bands {image.mode}, not one of 8 bits or of 1 bit"
                return MaskDefect("not binary", text)
            return np.asarray(image.convert("L"), np.uint8)
    # Pillow raises SyntaxError and ValueError on some damaged files.
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        return MaskDefect("unreadable", f"{path.name} cannot be read as an image: {error}")


def _number(values: dict[str, Any], name: str, path: Path, kind: type) -> Any:  # noqa: ANN401
    value = values.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e18:
        raise _wrong(path, f"has no number in {name}: {value!r}")
    return kind(value)


def _wrong(path: Path, problem: str) -> RasterError:
    return RasterError(f"{path} {problem}.", advice="docs/predictions.md describes the file.")
