"""Differences of trained weights from those they began with, in a small file.

A difference (out, in) is the product of two matrices of low rank, plus one bit per weight: its
sign, times a factor of its row and of its column.  Source of the signs: arXiv 2402.10193.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from mtrs_geo.types import FloatArray

__all__ = ["RANK", "compressed", "is_part", "restored"]

RANK = 12
"""Of the matrices; with it, all weights of the package stay below 64 MB."""
_ROUNDS = 4
_PARTS = ("down", "up", "signs", "rows", "columns")
_Tensors = Mapping[str, NDArray[np.generic]]


def compressed(difference: FloatArray, rank: int = RANK) -> dict[str, NDArray[np.generic]]:
    """Return the parts of a difference: down (r, in), up (out, r), signs, rows and columns.

    Args:
        difference: matrix (out, in); in is a multiple of 8.
        rank: of the two matrices.
    """
    of_signs = np.zeros_like(difference)
    for _ in range(_ROUNDS):  # matrices and signs, each of what the other leaves
        left, values, right = np.linalg.svd(difference - of_signs, full_matrices=False)
        roots = np.sqrt(values[:rank])
        up, down = left[:, :rank] * roots, roots[:, None] * right[:rank]
        signs, rows, columns = _signs(difference - up @ down)
        of_signs = signs * rows[:, None] * columns
    parts = {"down": down, "up": up, "rows": rows, "columns": columns}
    half = {name: part.astype(np.float16) for name, part in parts.items()}
    return {**half, "signs": np.packbits(signs > 0, axis=1)}


def _signs(rest: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the signs of a matrix, and the factors of its rows and columns."""
    size = np.abs(rest)
    mean = size.mean() + np.float32(1e-12)
    # Of the roots, so that both are large enough for float16.
    rows, columns = size.mean(1) / np.sqrt(mean), size.mean(0) / np.sqrt(mean)
    return np.where(rest > 0, np.float32(1), np.float32(-1)), rows, columns


def restored(tensors: _Tensors) -> Iterator[tuple[str, FloatArray]]:
    """Yield the differences of a file by the names of their layers.

    Args:
        tensors: parts by the name of the layer, a dot and the name of the part; others are left
            out.
    """
    for layer in [n.removesuffix(".signs") for n in tensors if n.endswith(".signs")]:
        down, up, signs, rows, columns = (tensors[f"{layer}.{part}"] for part in _PARTS)
        half = (part.astype(np.float32) for part in (down, up, rows, columns))
        matrix, product, of_rows, of_columns = half
        bits = np.unpackbits(signs.astype(np.uint8), axis=1).astype(np.float32)
        yield layer, product @ matrix + (2 * bits - 1) * of_rows[:, None] * of_columns


def is_part(name: str) -> bool:
    """Return whether a tensor of a file is a part of a difference."""
    return name.rpartition(".")[2] in _PARTS
