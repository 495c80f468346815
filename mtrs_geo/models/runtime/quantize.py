"""The image encoder in eight bits: post-training quantization for OpenVINO, by NNCF.

A quantized model is a copy of a model folder with the encoder's graph beside the weights.  OpenVINO
runs that graph; PyTorch, and the graphs that only stacks need, use the weights.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

import numpy as np

from mtrs_geo.errors import MissingExtraError, ModelError, RequestError
from mtrs_geo.models.catalog import MODEL_FILES, sha256
from mtrs_geo.models.contract import ChangeSegmenter
from mtrs_geo.models.runtime.import_openvino import import_openvino
from mtrs_geo.models.runtime.int8 import INT8_FILE, Int8Encoder
from mtrs_geo.models.runtime.load import load_model, model_files, model_folder
from mtrs_geo.models.runtime.openvino import LAYOUT, OpenVinoSegmenter
from mtrs_geo.models.runtime.signal_stack import keep_signal_stack
from mtrs_geo.outputs import staged_folder
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["MIN_TILES", "QuantizationFigures", "TilePair", "quantize_model"]

TilePair: TypeAlias = tuple[UInt8Array, UInt8Array]
"""The two dates of a tile, (T, T, 3) each."""

MIN_TILES = 20
"""Fewer tile pairs do not show the range of the activations."""
_COMPARED_SHARE = 0.2
"""Share of the tile pairs that are compared and not used for the quantization."""


@dataclass(frozen=True)
class QuantizationFigures:
    """The quantized model beside the original, on tile pairs that the quantization did not see."""

    tiles: int
    """Tile pairs that the quantization saw."""
    compared: int
    """Other tile pairs, of which the figures are."""
    agreement: float
    """IoU of the two masks of any change; 1 if both are empty."""
    speedup: float
    """CPU time of the original encoder over that of the quantized one, median."""


def quantize_model(
    model: str | Path,
    sample: Callable[[int], Iterable[TilePair]],
    output: Path,
    *,
    overwrite: bool = False,
    inputs: Iterable[object] = (),
) -> QuantizationFigures:
    """Write a copy of a model whose encoder has eight-bit weights and activations.

    Args:
        model: a bundled model or a model folder, of the preset tiny.
        sample: returns tiles of the side that it is given, the model's `tile_px`: images like
            those that the model will see.
        output: the new model folder.
        overwrite: replace an existing folder.
        inputs: what ``sample`` reads; a folder that holds one of these files is not replaced.

    Raises:
        RequestError: if there are fewer than `MIN_TILES` pairs, or one has another size.
        ModelError: if the model cannot run in OpenVINO.
        MissingExtraError: if OpenVINO or NNCF is not installed.
        OutputError: if the folder exists, holds an input or other files than a model has, or
            cannot be written; nothing is read.
    """
    inputs = [*inputs, *model_files(model)]
    with staged_folder(output, overwrite=overwrite, inputs=inputs, contents=MODEL_FILES) as folder:
        return _quantize(model, sample, folder)


def _quantize(
    model: str | Path, sample: Callable[[int], Iterable[TilePair]], folder: Path
) -> QuantizationFigures:
    """Write the copy into an empty folder."""
    nncf = _import_nncf()
    original = load_model(model, "openvino")
    if not isinstance(original, OpenVinoSegmenter) or original.is_int8:
        msg = f"{model} is quantized already, or has no weights."
        raise ModelError(msg, advice="Give a bundled model, or a folder of `mtrs-geo train`.")
    side = original.info.tile_px
    tiles = list(sample(side))
    _check(tiles, side)
    compared = max(2, int(_COMPARED_SHARE * len(tiles)))
    inputs = [tuple(_channels_first(date) for date in pair) for pair in tiles]
    used = inputs[compared:]
    with keep_signal_stack():
        quantized = nncf.quantize(
            original.encoder_graph(),
            nncf.Dataset(used, list),
            preset=nncf.QuantizationPreset.MIXED,
            subset_size=len(used),
        )
    source = model_folder(model)
    for path in (path for pattern in MODEL_FILES for path in source.glob(pattern)):
        shutil.copyfile(path, folder / path.name)
    _write(quantized, folder, original.info.weights_sha256, side)
    figures = _compare(original, load_model(folder, "openvino"), inputs[:compared], len(used))
    about = json.loads((folder / INT8_FILE).read_text())
    (folder / INT8_FILE).write_text(json.dumps({**about, **asdict(figures)}, indent=1) + "\n")
    return figures


def _import_nncf() -> Any:  # noqa: ANN401 - untyped
    import_openvino()
    try:
        import nncf
    except ImportError as error:
        msg = f"eight-bit models need a package that is not installed ({error})."
        raise MissingExtraError(msg, advice="Run: pip install 'mtrs-geo[int8]'") from error
    return nncf


def _check(tiles: Sequence[TilePair], side: int) -> None:
    if len(tiles) < MIN_TILES:
        msg = f"{len(tiles)} tile pairs are too few for a quantization; it needs {MIN_TILES}."
        raise RequestError(msg, advice="Give larger rasters, or more of them.")
    for date in (date for pair in tiles for date in pair):
        if date.shape != (side, side, 3):
            msg = f"a tile has the shape {date.shape}, the model needs ({side}, {side}, 3)."
            raise RequestError(msg, advice="Cut tiles of the model's own size.")


def _channels_first(image: UInt8Array) -> UInt8Array:
    return np.ascontiguousarray(image.transpose(2, 0, 1))[None]


def _write(graph: Any, folder: Path, weights_sha256: str, side: int) -> None:  # noqa: ANN401
    path = folder / INT8_FILE
    import_openvino().save_model(graph, path.with_suffix(".xml"))
    sums = (sha256(path.with_suffix(suffix)) for suffix in (".xml", ".bin"))
    about = Int8Encoder(weights_sha256, side, LAYOUT, *sums)
    path.write_text(json.dumps(asdict(about), indent=1) + "\n")


def _compare(
    original: ChangeSegmenter,
    quantized: ChangeSegmenter,
    pairs: Sequence[tuple[UInt8Array, ...]],
    used: int,
) -> QuantizationFigures:
    both = any_of_both = 0
    ratios: list[float] = []
    for pair in pairs:
        images = np.stack([date[0] for date in pair])[None]
        (first, seconds), (second, int8_seconds) = (
            _any_change(model, images) for model in (original, quantized)
        )
        both += int((first & second).sum())
        any_of_both += int((first | second).sum())
        ratios.append(seconds / int8_seconds)
    agreement = both / any_of_both if any_of_both else 1.0
    return QuantizationFigures(used, len(pairs), round(agreement, 4), round(median(ratios), 2))


def _any_change(model: ChangeSegmenter, images: UInt8Array) -> tuple[BoolArray, float]:
    """Return the mask of any change, which needs the encoder alone, and its CPU time in seconds."""
    start = time.process_time()
    mask = model.predict_tiles(images, [""]) >= 0.5
    return mask, time.process_time() - start
