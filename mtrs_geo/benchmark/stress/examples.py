"""What the axes do to one pair: its pictures and sentences at every level."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mtrs_geo.benchmark.stress.axis import Axis
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.types import UInt8Array

__all__ = ["PICTURES", "Example", "write_examples"]

PICTURES = "pictures"
"""Folder of the pictures."""
_SIDE_PX = 320
_QUALITY = 78
_SENTENCES = 2


@dataclass(frozen=True)
class Example:
    """A pair at one level of an axis."""

    axis: str
    level: str
    sentences: tuple[str, ...] = ()
    """Of wording axes."""
    pictures: tuple[str, ...] = ()
    """File names of both dates, for axes of images."""


def write_examples(
    folder: Path,
    pair: ReferringPair,
    axes: Sequence[Axis],
    disturb: Callable[[Axis, float], ReferringPair],
) -> list[Example]:
    """Write pictures of a disturbed pair and return what they show.

    Args:
        folder: folder of a stress test.
        pair: the pair.
        axes: the axes; of those of images the last level is shown, of wordings every level.
        disturb: returns the pair at a level, or raises `ValueError`.
    """
    (folder / PICTURES).mkdir()
    return list(_examples(folder, pair, axes, disturb))


def _examples(
    folder: Path,
    pair: ReferringPair,
    axes: Sequence[Axis],
    disturb: Callable[[Axis, float], ReferringPair],
) -> Iterator[Example]:
    if any(not axis.is_wording for axis in axes):
        yield Example("clean", "", pictures=_save(folder, "clean", pair))
    if any(axis.is_wording for axis in axes):
        yield Example("clean", "", pair.expressions[:_SENTENCES])
    for number, axis in enumerate(axes):
        for level in axis.levels if axis.is_wording else axis.levels[-1:]:
            try:
                made = disturb(axis, level)
            except ValueError:  # the pair is too small for the level, which is counted as failed
                continue
            if axis.is_wording:
                yield Example(axis.name, axis.label(level), made.expressions[:_SENTENCES])
            else:
                name = f"{number}_{list(axis.levels).index(level)}"
                yield Example(axis.name, axis.label(level), pictures=_save(folder, name, made))


def _save(folder: Path, name: str, pair: ReferringPair) -> tuple[str, ...]:
    names = (f"{name}_before.webp", f"{name}_after.webp")
    for file, image in zip(names, (pair.before, pair.after), strict=True):
        _save_image(folder / PICTURES / file, image)
    return names


def _save_image(path: Path, image: UInt8Array) -> None:
    from PIL import Image

    picture = Image.fromarray(image)
    picture.thumbnail((_SIDE_PX, _SIDE_PX), Image.Resampling.LANCZOS)
    picture.save(path, quality=_QUALITY)
