"""A model for the workers of the tests, which says what it answers and takes its time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from mtrs_geo.models import BrightnessSegmenter
from mtrs_geo.types import FloatArray, UInt8Array


class SlowSegmenter(BrightnessSegmenter):
    def __init__(self, log: Path, tile_s: float) -> None:
        self.log, self.tile_s = log, tile_s

    def predict_tiles(self, images: UInt8Array, queries: Any) -> FloatArray:
        time.sleep(self.tile_s * len(images))
        with self.log.open("a") as file:
            file.write("tile\n" * len(images))
        return super().predict_tiles(images, queries)

    def count(self) -> int:
        return len(self.log.read_text().splitlines())
