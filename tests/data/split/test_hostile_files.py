"""Splits whose JSON and images are made to break a reader."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mtrs_geo.data.split.reader import open_split
from mtrs_geo.errors import RasterError, RequestError

RECORD = {"img_A": "a.png", "img_B": "a.png", "referring_expressions": ["houses"],
          "mask": [{"polygons": [[[0, 0], [0, 9], [9, 9]]]}]}  # fmt: skip


@pytest.fixture
def split(tmp_path: Path) -> Path:
    for name in ("A", "B", "masks", "referring_expression"):
        (tmp_path / name).mkdir()
    for name in ("A", "B"):
        Image.fromarray(np.zeros((16, 16, 3), np.uint8)).save(tmp_path / name / "a.png")
    (tmp_path / "referring_expression" / "a.json").write_text(json.dumps(RECORD))
    return tmp_path


def png(cols: int, rows: int) -> bytes:
    """Return a PNG of some bytes that states a size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", cols, rows, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + header + body + chunk(b"IEND", b"")


def test_the_split_itself_is_read(split: Path) -> None:
    (pair,) = open_split(str(split))
    assert pair.masks.any()


@pytest.mark.parametrize("size", [(10_000, 10_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
@pytest.mark.filterwarnings("ignore:Image size")
def test_images_that_state_too_many_pixels(split: Path, size: tuple[int, int]) -> None:
    (split / "B" / "a.png").write_bytes(png(*size))
    with pytest.raises(RasterError, match=r"a\.png"):
        list(open_split(str(split)))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        json.dumps({**RECORD, "referring_expressions": ["half \ud800"]}),
        json.dumps({**RECORD, "mask": [{"polygons": [[[0, 0], [0, 1e300], [9, 9]]]}]}),
        json.dumps({**RECORD, "mask": [{"polygons": [[[0, 0], [0, float("nan")], [9, 9]]]}]}),
    ],
    ids=["deep", "surrogate", "huge", "nan"],
)
def test_records_that_break_a_reader(split: Path, text: str) -> None:
    (split / "referring_expression" / "a.json").write_text(text)
    with pytest.raises((RasterError, RequestError), match=r"a\.json"):
        list(open_split(str(split)))
