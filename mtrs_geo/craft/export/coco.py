"""Triplets as COCO instances, with the sentence of each mask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from mtrs_geo import __version__
from mtrs_geo.craft.export.accepted import Triplet
from mtrs_geo.craft.project import Pair
from mtrs_geo.types import BoolArray

__all__ = ["CocoFile", "column_runs"]


class CocoFile:
    """Collects the triplets of one subset.

    An image is a pair: ``file_name`` is the later image, ``file_name_before`` the earlier one.  An
    annotation is a mask, with ``sentence`` and ``change_type``.  COCO has no empty masks: their
    sentences are in the list ``no_target``.

    Args:
        subset: folder of the images beside the file's folder, such as ``train``.
        categories: number of each category by its name, which is added to; the files of one export
            share it, because evaluators match categories by number.
    """

    def __init__(self, subset: str, categories: dict[str, int]) -> None:
        self.subset = subset
        self._images: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []
        self._no_target: list[dict[str, Any]] = []
        self._categories = categories

    def add_pair(self, pair: Pair) -> None:
        """Add the images of a pair."""
        self._images.append(
            {
                "id": pair.id, "width": pair.cols, "height": pair.rows,
                "file_name": f"{self.subset}/B/{pair.name}.png",
                "file_name_before": f"{self.subset}/A/{pair.name}.png",
            }
        )  # fmt: skip

    def add(self, pair: Pair, triplet: Triplet, mask: BoolArray) -> None:
        """Add a triplet with its mask (rows, cols)."""
        facts = {"sentence": triplet.round.sentence, "change_type": triplet.item.change_type}
        if not mask.any():
            self._no_target.append({"image_id": pair.id, **facts})
            return
        name = triplet.item.object_class
        category = self._categories.setdefault(name, len(self._categories) + 1)
        rows, cols = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
        box = [cols[0], rows[0], cols[-1] - cols[0] + 1, rows[-1] - rows[0] + 1]
        self._annotations.append(
            {
                "id": triplet.item.id, "image_id": pair.id, "category_id": category,
                "segmentation": {"size": list(mask.shape), "counts": column_runs(mask)},
                "area": int(mask.sum()), "bbox": [int(value) for value in box], "iscrowd": 0,
                **facts,
            }
        )  # fmt: skip

    def write(self, path: Path) -> None:
        """Write the file."""
        content = {
            "info": {"description": "Referring changes", "version": __version__},
            "licenses": [],
            "images": self._images,
            "annotations": self._annotations,
            "categories": [{"id": i, "name": name} for name, i in self._categories.items()],
            "no_target": self._no_target,
        }
        path.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")


def column_runs(mask: BoolArray) -> list[int]:
    """Return the lengths of runs of a mask (rows, cols), column by column, background first.

    This is COCO's run-length encoding without compression.
    """
    flat = np.concatenate([[False], mask.ravel(order="F")])
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    return [int(n) for n in np.diff(np.concatenate([[0], edges, [flat.size - 1]]))]
