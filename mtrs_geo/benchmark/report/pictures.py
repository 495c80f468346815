"""Pictures of a report: both dates as WebP, masks as transparent PNG files over the later one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mtrs_geo.benchmark.packed_masks import unpack_mask
from mtrs_geo.benchmark.report.selection import Page
from mtrs_geo.benchmark.split_samples import read_samples
from mtrs_geo.evaluation.sheet import COLOURS
from mtrs_geo.types import BoolArray, UInt8Array

if TYPE_CHECKING:
    from mtrs_geo.benchmark.cache import Cache
    from mtrs_geo.benchmark.run import BenchmarkResult

__all__ = [
    "SIDE_PX",
    "answer_picture",
    "codes_of",
    "reduced_codes",
    "truth_picture",
    "write_pictures",
]

SIDE_PX = 512
"""Longest side of a picture."""
_QUALITY = 78
_LEAST_SHARE = 0.2
"""A pixel of a smaller mask is set if at least this share of its block is."""


def truth_picture(page: Page) -> str:
    """Return the file name of the true mask of a page."""
    return f"{page.name}_truth.png"


def answer_picture(page: Page, model_number: int) -> str:
    """Return the file name of a model's answer on a page."""
    return f"{page.name}_m{model_number}.png"


def write_pictures(
    folder: Path, result: BenchmarkResult, pages: Iterable[Page], cache: Cache
) -> set[str]:
    """Write the pictures of all pages and return their names.

    Args:
        folder: existing folder.
        result: the benchmark.
        pages: those of a pair follow each other.
        cache: holds the answers.
    """
    answers: dict[tuple[str, str], dict[str, str]] = {}
    for split, by_model in result.results.items():
        for model, results in by_model.items():
            for found in results:
                if found.counts is not None:
                    of_sample = answers.setdefault((split, found.sample.id), {})
                    of_sample[model] = found.answer_key
    numbers = {entry.name: i for i, entry in enumerate(result.config.models)}
    written: set[str] = set()
    pair_name, images = "", None
    for page in pages:
        if page.pair_name != pair_name or images is None:
            pair_name, images = page.pair_name, read_samples(page.pair)
            for name, image in (("before", images.before), ("after", images.after)):
                _save_image(folder / f"{pair_name}_{name}.webp", image)
        truth = images.masks[page.pair.samples.index(page.sample)]
        _save_codes(folder / truth_picture(page), np.where(truth, np.uint8(1), np.uint8(0)))
        written.add(truth_picture(page))
        of_page = answers.get((page.split, page.sample.id), {})
        written |= _write_answers(folder, page, truth, of_page, numbers, cache)
    return written


def codes_of(prediction: BoolArray, truth: BoolArray) -> UInt8Array:
    """Return 0 for nothing, 1 correct, 2 false, 3 missed: (rows, cols)."""
    codes = np.zeros(truth.shape, np.uint8)
    codes[prediction & truth], codes[prediction & ~truth], codes[truth & ~prediction] = 1, 2, 3
    return codes


def _write_answers(
    folder: Path,
    page: Page,
    truth: BoolArray,
    answers: Mapping[str, str],
    numbers: Mapping[str, int],
    cache: Cache,
) -> set[str]:
    written = set()
    for model, key in answers.items():
        packed = cache.answer(key)
        if packed is not None:
            name = answer_picture(page, numbers[model])
            _save_codes(folder / name, codes_of(unpack_mask(packed), truth))
            written.add(name)
    return written


def _save_image(path: Path, image: UInt8Array) -> None:
    from PIL import Image

    picture = Image.fromarray(image)
    picture.thumbnail((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
    picture.save(path, quality=_QUALITY)


def _save_codes(path: Path, codes: UInt8Array) -> None:
    """Write codes as a picture of four colours, of which 0 is transparent."""
    from PIL import Image

    picture = Image.fromarray(reduced_codes(codes))
    colours = [(0, 0, 0), COLOURS["correct"], COLOURS["false"], COLOURS["missed"]]
    picture.putpalette([value for colour in colours for value in colour])
    picture.save(path, transparency=0, bits=2, optimize=True)


def reduced_codes(codes: UInt8Array) -> UInt8Array:
    """Return codes in blocks, so that no side is longer than `SIDE_PX`; thin masks stay visible."""
    step = -(-max(codes.shape) // SIDE_PX)
    if step == 1:
        return codes
    rows, cols = (-side % step for side in codes.shape)
    padded = np.pad(codes, ((0, rows), (0, cols)))
    blocks = padded.reshape(padded.shape[0] // step, step, padded.shape[1] // step, step)
    shares = np.stack([(blocks == code).mean((1, 3)) for code in (1, 2, 3)])
    is_set = shares.sum(0) >= _LEAST_SHARE
    reduced: UInt8Array = np.where(is_set, 1 + shares.argmax(0), 0).astype(np.uint8)
    return reduced
