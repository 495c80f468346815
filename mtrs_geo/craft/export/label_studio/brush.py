"""Label Studio's run-length encoding of brush masks: rle-pack of RGBA pixels as a list of bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mtrs_geo.types import BoolArray, Shape

__all__ = ["decode_brush", "encode_brush"]

_CHANNELS = 4
_OPAQUE = 255
_WORD_BITS = 8
_RUN_BITS = (3, 4, 8, 16)
_LONGEST_RUN = 1 << _RUN_BITS[-1]


def encode_brush(mask: BoolArray) -> list[int]:
    """Return the bytes of a mask (rows, cols).

    Source of the format: thi.ng/rle-pack, as in label-studio-sdk's ``converter.brush``.
    """
    sizes = "".join(f"{bits - 1:04b}" for bits in _RUN_BITS)
    bits = [f"{mask.size * _CHANNELS:032b}{_WORD_BITS - 1:05b}{sizes}"]
    for length, is_inside in _runs(mask):
        value = f"{_OPAQUE * is_inside:0{_WORD_BITS}b}"
        bits += [f"1{_run(part)}{value}" for part in _parts(length * _CHANNELS)]
    text = "".join(bits)
    text += "0" * (-len(text) % 8)
    return list(int(text, 2).to_bytes(len(text) // 8, "big"))


def decode_brush(data: Sequence[int], shape: Shape) -> BoolArray:
    """Return the mask (rows, cols) of bytes.

    Raises:
        ValueError: if they are no encoding of a mask of this size.
    """
    count = shape[0] * shape[1] * _CHANNELS
    raw = bytes(data)
    bits = format(int.from_bytes(raw, "big"), f"0{8 * len(raw)}b") if raw else ""
    if len(bits) < 53 or int(bits[:32], 2) != count:
        msg = f"the brush mask is not one of {shape[1]} × {shape[0]} pixels"
        raise ValueError(msg)
    word = int(bits[32:37], 2) + 1
    sizes = [int(bits[i : i + 4], 2) + 1 for i in range(37, 53, 4)]
    values = np.zeros(count, np.uint8)
    at, done = 53, 0
    try:
        while done < count:
            is_run, size = bits[at] == "1", sizes[int(bits[at + 1 : at + 3], 2)]
            stop = done + 1 + int(bits[at + 3 : at + 3 + size], 2)
            at += 3 + size
            ends = [stop] if is_run else range(done + 1, stop + 1)
            for end in ends:
                values[done:end] = min(int(bits[at : at + word], 2), _OPAQUE)
                at += word
                done = end
    except (IndexError, ValueError) as error:
        msg = "the brush mask ends too early"
        raise ValueError(msg) from error
    return np.asarray(values.reshape(*shape, _CHANNELS)[..., -1] > 0)


def _runs(mask: BoolArray) -> Iterator[tuple[int, bool]]:
    flat = mask.ravel()
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    starts = np.concatenate([[0], edges])
    for start, stop in zip(starts, [*edges, flat.size], strict=True):
        yield int(stop - start), bool(flat[start])


def _parts(length: int) -> Iterator[int]:
    while length:
        part = min(length, _LONGEST_RUN)
        yield part
        length -= part


def _run(length: int) -> str:
    """Return the length of a run: the number of the shortest field, and the field."""
    index = next(i for i, bits in enumerate(_RUN_BITS) if length <= 1 << bits)
    return f"{index:02b}{length - 1:0{_RUN_BITS[index]}b}"
