"""Write a split in MTRefSeg-21K's layout to a hidden folder and rename it when complete."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from mtrs_geo.data.split.layout import MaskRecord, PairRecord, SplitLayout, record_as_json
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.errors import OutputError
from mtrs_geo.outputs import staged_folder
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["SPLIT_FILES", "SplitWriter", "write_split"]

SPLIT_FILES = ("A/*.png", "B/*.png", "masks/*.png", "referring_expression/*.json")
"""Patterns of the files of a split that mtrs-geo writes."""


class SplitWriter:
    """Adds pairs to a split; `write_split` opens one.

    Args:
        layout: existing folders to write to.
    """

    def __init__(self, layout: SplitLayout) -> None:
        self._layout = layout
        self._names: set[str] = set()

    def add(self, pair: ReferringPair) -> None:
        """Write a pair as PNG images, one mask per expression, and a JSON file.

        A mask that all expressions share is written once.

        Raises:
            OutputError: if the name is already used or is not a file name, or the shapes differ.
        """
        self._check(pair)
        self._names.add(pair.name)
        image = f"{pair.name}.png"
        _save(self._layout.before / image, pair.before)
        _save(self._layout.after / image, pair.after)
        masks = pair.masks[:1] if _all_equal(pair.masks) else pair.masks
        names = [f"{pair.name}_{i}.png" for i in range(len(masks))]
        for name, mask in zip(names, masks, strict=True):
            _save(self._layout.masks / name, mask.astype(np.uint8) * 255)
        listed = tuple(MaskRecord(name) for name in names)
        record = PairRecord(pair.name, image, image, pair.expressions, listed, pair.origin)
        text = json.dumps(record_as_json(record), ensure_ascii=False, indent=1)
        path = self._layout.expressions / f"{pair.name}.json"
        path.write_text(text + "\n", encoding="utf-8")

    def _check(self, pair: ReferringPair) -> None:
        if not pair.name or Path(pair.name).name != pair.name or pair.name.startswith("."):
            msg = f"{pair.name!r} is not a valid name of a pair."
            raise OutputError(msg, advice="Give a file name without a folder or a leading dot.")
        if pair.name in self._names:
            msg = f"two pairs are named {pair.name!r}."
            raise OutputError(msg, advice="Give each pair a different name.")
        shape = pair.after.shape[:2]
        is_valid = (
            pair.before.shape == pair.after.shape == (*shape, 3)
            and pair.masks.shape == (len(pair.expressions), *shape)
            and pair.masks.dtype == np.bool_
        )
        if not is_valid:
            msg = (
                f"the shapes of pair {pair.name!r} differ: before {pair.before.shape}, after "
                f"{pair.after.shape}, {pair.masks.dtype} masks {pair.masks.shape} for "
                f"{len(pair.expressions)} expressions."
            )
            raise OutputError(msg, advice="Give (H, W, 3) images and (N, H, W) bool masks.")


@contextmanager
def write_split(
    root: Path | str, *, overwrite: bool = False, inputs: Iterable[object] = ()
) -> Iterator[SplitWriter]:
    """Open a split for writing; ``root`` is created only if the block succeeds.

    Args:
        root: folder of the split.
        overwrite: replace a folder that is not empty.
        inputs: what the run reads, see `mtrs_geo.outputs.staged_folder`.

    Raises:
        OutputError: if the folder exists and is not empty, holds an input or other files than
            those of a split, or cannot be written.
    """
    with staged_folder(
        Path(root), overwrite=overwrite, inputs=inputs, contents=SPLIT_FILES
    ) as staged:
        layout = SplitLayout(staged)
        for folder in layout.folders:
            folder.mkdir()
        yield SplitWriter(layout)


def _all_equal(masks: Sequence[BoolArray] | BoolArray) -> bool:
    return all(np.array_equal(mask, masks[0]) for mask in masks)


def _save(path: Path, pixels: UInt8Array) -> None:
    from PIL import Image

    Image.fromarray(pixels).save(path)
