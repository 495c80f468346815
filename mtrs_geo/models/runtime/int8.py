"""File of a quantized encoder in a model folder: what it belongs to, and its graph."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from mtrs_geo.errors import ModelError
from mtrs_geo.models.catalog import sha256

__all__ = ["INT8_FILE", "INT8_FILES", "Int8Encoder", "read_int8"]

INT8_FILE = "encoder_int8.json"
INT8_FILES = (INT8_FILE, "encoder_int8.xml", "encoder_int8.bin")
"""All files of a quantized encoder."""


@dataclass(frozen=True)
class Int8Encoder:
    """What ``encoder_int8.json`` states beside the figures of the quantization."""

    weights: str
    """SHA-256 of the weights that were quantized."""
    tile_px: int
    layout: int
    """Version of the graph's inputs and outputs."""
    graph: str
    """SHA-256 of ``encoder_int8.xml``."""
    constants: str
    """SHA-256 of ``encoder_int8.bin``."""


def read_int8(folder: Path, weights: str, tile_px: int, layout: int) -> tuple[Path, str]:
    """Return the graph of a model folder with a quantized encoder, and its checksum.

    Args:
        folder: a model folder.
        weights: SHA-256 of its weights.
        tile_px: side of its tiles.
        layout: version of inputs and outputs that the caller understands.

    Raises:
        ModelError: if a file is missing or damaged, or belongs to other weights.
    """
    path, advice = folder / INT8_FILE, "Make it again: mtrs-geo models quantize."
    names = Int8Encoder.__dataclass_fields__
    try:
        given = json.loads(path.read_text(encoding="utf-8-sig"))
        stated = Int8Encoder(**{name: given[name] for name in names})
        graph = path.with_suffix(".xml")
        found = Int8Encoder(
            weights, tile_px, layout, sha256(graph), sha256(path.with_suffix(".bin"))
        )
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        msg = f"{path} and its graph cannot be read ({error!r})."
        raise ModelError(msg, advice=advice) from error
    for name in names:
        if getattr(stated, name) != getattr(found, name):
            msg = f"{path} does not fit the files beside it, or this version ({name} differs)."
            raise ModelError(msg, advice=advice)
    return graph, stated.graph
