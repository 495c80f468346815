"""Masks of other values than 0 and 255, images of more than 8 bits, hidden files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mtrs_geo.data.split.reader import open_split
from mtrs_geo.errors import RasterError

SQUARE = np.zeros((32, 32), np.uint8)
SQUARE[8:16, 8:16] = 1
COLOURS = {"red": SQUARE[..., None] * np.array([255, 0, 0], np.uint8), "one": SQUARE}


def write(root: Path, mask: Image.Image, after: Image.Image | None = None) -> Path:
    for folder in ("A", "B", "masks", "referring_expression"):
        (root / folder).mkdir()
    plain = Image.new("RGB", (32, 32), "grey")
    plain.save(root / "A/x.png")
    (after or plain).save(root / "B/x.tif")
    mask.save(root / "masks/x.png")
    pair = {"img_A": "x.png", "img_B": "x.png", "referring_expressions": ["x"],
            "mask": [{"path": "x.png"}]}  # fmt: skip
    (root / "referring_expression/x.json").write_text(json.dumps(pair))
    return root


@pytest.mark.parametrize(("kind", "value"), [("red", 76), ("one", 1), ("palette", 38)])
def test_a_mask_that_would_be_empty_is_refused(tmp_path: Path, kind: str, value: int) -> None:
    mask = Image.fromarray(COLOURS.get(kind, SQUARE))
    if kind == "palette":
        mask.putpalette([0, 0, 0, 128, 0, 0])
    split = open_split(write(tmp_path, mask))
    with pytest.raises(RasterError, match=f"its grey values are 0 and {value}"):
        split[0]


@pytest.mark.parametrize("values", [SQUARE * 0, SQUARE * 255, SQUARE.astype(np.uint16) * 65535])
def test_masks_that_are_taken(tmp_path: Path, values: np.ndarray) -> None:
    split = open_split(write(tmp_path, Image.fromarray(values)))
    np.testing.assert_array_equal(split[0].masks[0], values > 0)


@pytest.mark.parametrize("kind", [np.uint16, np.float32, np.int32])
def test_images_of_more_than_8_bits_are_refused(tmp_path: Path, kind: type) -> None:
    after = Image.fromarray(np.full((32, 32), 300, kind))
    split = open_split(write(tmp_path, Image.fromarray(SQUARE * 255), after))
    with pytest.raises(RasterError, match="more than 8 bits"):
        split[0]


def test_hidden_files_of_macos_are_no_records(tmp_path: Path) -> None:
    root = write(tmp_path, Image.fromarray(SQUARE * 255))
    (root / "referring_expression/._x.json").write_bytes(b"\0\5")
    assert len(open_split(root)) == 1
