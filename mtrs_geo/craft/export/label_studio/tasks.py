"""A folder that Label Studio imports: tasks, their images, and the labeling configuration."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image

from mtrs_geo.craft.export.accepted import Triplet
from mtrs_geo.craft.export.label_studio.brush import encode_brush
from mtrs_geo.craft.export.label_studio.interface import BRUSH, CONFIG, IMAGE, LABEL, SENTENCE
from mtrs_geo.craft.project import Pair, Project
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["TaskFolder"]

_LOCAL_FILES = "/data/local-files/?d=label_studio/images/"


class TaskFolder:
    """Writes ``tasks.json``, ``config.xml`` and ``images``.

    A task is an item.  Its mask and its sentence are a prediction, which people correct.

    Args:
        folder: existing empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "images").mkdir()
        self._tasks: list[dict[str, Any]] = []

    def add(
        self,
        project: Project,
        pair: Pair,
        images: tuple[UInt8Array, UInt8Array],
        items: Sequence[tuple[Triplet, BoolArray]],
    ) -> None:
        """Add a pair and a task per item."""
        names = [f"{pair.name}_{date}.png" for date in ("before", "after")]
        for name, image in zip(names, images, strict=True):
            Image.fromarray(image).save(self.folder / "images" / name)
        for triplet, mask in items:
            key = project.connection.execute(
                "SELECT key FROM items WHERE id = ?", (triplet.item.id,)
            ).fetchone()["key"]
            data = {
                "before": _LOCAL_FILES + quote(names[0]),
                "after": _LOCAL_FILES + quote(names[1]),
                "sentence": triplet.round.sentence,
                "change_type": triplet.item.change_type,
                "pair": pair.name,
                "item": key,
                "round": triplet.round.number,
            }
            prediction = {
                "model_version": _version(triplet),
                "result": _result(triplet.round.sentence, mask),
            }
            self._tasks.append({"data": data, "predictions": [prediction]})

    def finish(self) -> None:
        """Write the tasks and the configuration."""
        text = json.dumps(self._tasks, ensure_ascii=False) + "\n"
        (self.folder / "tasks.json").write_text(text, encoding="utf-8")
        (self.folder / "config.xml").write_text(CONFIG, encoding="utf-8")


def _result(sentence: str, mask: BoolArray) -> list[dict[str, Any]]:
    size = {"original_width": mask.shape[1], "original_height": mask.shape[0], "image_rotation": 0}
    text = {
        "id": "sentence", "from_name": SENTENCE, "to_name": IMAGE, "type": "textarea",
        "value": {"text": [sentence]},
    }  # fmt: skip
    if not mask.any():
        return [text]
    region = {
        "id": "mask", "from_name": BRUSH, "to_name": IMAGE, "type": "brushlabels", **size,
        "value": {"format": "rle", "rle": encode_brush(mask), "brushlabels": [LABEL]},
    }  # fmt: skip
    return [region, text]


def _version(triplet: Triplet) -> str:
    origins = (triplet.round.sentence_origin, triplet.round.mask_origin)
    return " + ".join(origin.name for origin in origins if origin is not None)
