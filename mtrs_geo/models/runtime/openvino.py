"""Inference with OpenVINO: the same results as PyTorch, in less time on a CPU.

The graphs have fixed shapes, which OpenVINO optimises best: one tile of the model's own size and
a sentence of at most 16 tokens.  PyTorch runs all other inputs.  The encoder of pairs may be
quantized (`quantize`).  Several threads may share a segmenter: each has its own infer requests.
"""

from __future__ import annotations

import os
import tempfile
import threading
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.errors import ModelError
from mtrs_geo.models.config import MaskDecoderConfig, PixelDecoderConfig, VisionConfig
from mtrs_geo.models.network.intent import Intent
from mtrs_geo.models.network.language import TextStates
from mtrs_geo.models.network.mtrefseg_r1 import Encoded, MTRefSegR1, SentenceEmbeddings
from mtrs_geo.models.network.pixel_decoder import PixelFeatures
from mtrs_geo.models.runtime.fingerprint import fingerprint
from mtrs_geo.models.runtime.import_openvino import import_openvino
from mtrs_geo.models.runtime.int8 import INT8_FILE, read_int8
from mtrs_geo.models.runtime.segmenter import Segmenter
from mtrs_geo.models.runtime.signal_stack import keep_signal_stack

__all__ = ["LAYOUT", "OpenVinoSegmenter"]

LAYOUT = 2
"""Version of the cached graphs; increase it when their inputs or outputs change."""
_TOKENS = 16
"""Tokens per sentence; shorter sentences are padded."""
_INT8_DEVICE = "openvino (int8 encoder)"


class OpenVinoSegmenter(Segmenter):
    """A loaded model in OpenVINO.

    The first use of a model converts it, which takes about 20 s; the result is kept in the user's
    cache folder, under the `fingerprint` of the model.

    Args:
        model: on the CPU, in eval mode.
        metadata: see `Segmenter`.
        folder: the model's folder; a quantized encoder there is used for pairs of tiles.

    Raises:
        MissingExtraError: if OpenVINO is not installed.
        ModelError: if the model has layers that cannot be converted, or a quantized encoder is
            damaged or belongs to other weights.
    """

    def __init__(
        self, model: MTRefSegR1, metadata: dict[str, Any], folder: Path | None = None
    ) -> None:
        super().__init__(model, metadata, torch.device("cpu"))
        config = model.config
        if not (
            isinstance(config.vision, VisionConfig)
            and isinstance(config.pixel_decoder, PixelDecoderConfig)
            and isinstance(config.mask_decoder, MaskDecoderConfig)
        ):
            msg = f"preset {config.preset!r} cannot run in OpenVINO, only tiny can."
            raise ModelError(msg, advice="Use --device cpu.")
        self.info = replace(self.info, device="openvino")
        images, tensors = _examples(model, self.info.tile_px)
        graphs = _Graphs(fingerprint(model), self.info.tile_px)
        self.is_int8 = folder is not None and (folder / INT8_FILE).exists()
        """Whether the encoder is quantized."""
        if folder is not None and self.is_int8:
            self._encoder = self._quantized_encoder(folder, graphs)
        else:
            self._encoder = graphs.compiled("encode", _Encode(model), images)
        self._decoder = graphs.compiled("decode", _Decode(model), tensors)
        self._graphs, self._lock = graphs, threading.Lock()
        self._date_graphs: tuple[_CompiledGraph, _CompiledGraph] | None = None

    def _quantized_encoder(self, folder: Path, graphs: _Graphs) -> _CompiledGraph:
        weights = self.info.weights_sha256
        path, checksum = read_int8(folder, weights, self.info.tile_px, LAYOUT)
        # Runs are resumed, and shared with other machines, only with the same encoder.
        checksum = f"{weights}-int8-{checksum}"
        self.info = replace(self.info, device=_INT8_DEVICE, weights_sha256=checksum)
        try:
            return graphs.compile(graphs.core.read_model(path))
        except RuntimeError as error:
            msg = f"OpenVINO cannot use {path} ({str(error).splitlines()[0][:200]})."
            raise ModelError(msg, advice="Make it again: mtrs-geo models quantize.") from error

    def encoder_graph(self) -> Any:  # noqa: ANN401 - untyped
        """Return the encoder in float32 as a graph of OpenVINO: two dates, (1, 3, T, T) uint8."""
        images, _ = _examples(self.model, self.info.tile_px)
        return self._graphs.converted("encode", _Encode(self.model), images)

    def _encode(self, before: Tensor, after: Tensor) -> Encoded:
        side = self.info.tile_px
        if before.shape[-2:] != (side, side):
            return super()._encode(before, after)
        # Padded images are floats.
        images = [date.to(torch.uint8).numpy() for date in (before, after)]
        # One pair at a time: batches are not faster here and need one graph per batch size.
        pairs = zip(*(np.split(date, len(date)) for date in images), strict=True)
        return _to_encoded(self.model, _joined(self._encoder.run(pair) for pair in pairs))

    def _pyramid(self, images: Tensor) -> list[Tensor]:
        side = self.info.tile_px
        if images.shape[-2:] != (side, side):
            return super()._pyramid(images)
        graph, _ = self._compiled_for_dates()
        arrays = np.split(images.to(torch.uint8).numpy(), len(images))  # padded images are floats
        return _joined(graph.run([array]) for array in arrays)

    def _encode_pyramids(self, before: list[Tensor], after: list[Tensor]) -> Encoded:
        side = self.info.tile_px
        if before[-4].shape[-2:] != (side // 4, side // 4):
            return super()._encode_pyramids(before, after)
        _, graph = self._compiled_for_dates()
        levels = [level.numpy() for level in (*before, *after)]
        pairs = range(len(levels[0]))
        tensors = _joined(graph.run([x[i : i + 1] for x in levels]) for i in pairs)
        return _to_encoded(self.model, tensors)

    def _compiled_for_dates(self) -> tuple[_CompiledGraph, _CompiledGraph]:
        """Return the graphs of `_pyramid` and `_encode_pyramids`, which only stacks need."""
        with self._lock:
            if self._date_graphs is None:
                model, side = self.model, self.info.tile_px
                date = torch.zeros(1, 3, side, side, dtype=torch.uint8)
                with torch.no_grad():
                    pyramid = model.pyramid(date)
                self._date_graphs = (
                    self._graphs.compiled("encode_date", _Pyramid(model), (date,)),
                    self._graphs.compiled("combine", _Combine(model), (*pyramid, *pyramid)),
                )
            return self._date_graphs

    def _decode(self, encoded: Encoded, sentences: tuple[str, ...]) -> Tensor:
        embeddings, side = self._embed(sentences), self.info.tile_px
        tokens = embeddings.text.words.shape[1]
        if encoded.change.shape[-2:] != (side // 4, side // 4) or tokens > _TOKENS:
            return super()._decode(encoded, sentences)
        texts = [tensor.numpy() for tensor in _embedding_tensors(embeddings)]
        pairs = [tensor.numpy() for tensor in _encoded_tensors(encoded)]
        outputs = [
            self._decoder.run(
                [*(array[i : i + 1] for array in pairs), *(array[n : n + 1] for array in texts)]
            )[0]
            for i in range(len(encoded.change))
            for n in range(len(sentences))
        ]
        masks = torch.from_numpy(np.concatenate(outputs))
        return masks.reshape(-1, len(sentences), *masks.shape[1:])


class _Encode(nn.Module):
    """`MTRefSegR1.encode` with a flat tuple of tensors as output."""

    def __init__(self, model: MTRefSegR1) -> None:
        super().__init__()
        self.model = model

    def forward(self, before: Tensor, after: Tensor) -> tuple[Tensor, ...]:
        return _encoded_tensors(self.model.encode(before, after))


class _Pyramid(nn.Module):
    """`MTRefSegR1.pyramid` with a tuple as output."""

    def __init__(self, model: MTRefSegR1) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.model.pyramid(images))


class _Combine(nn.Module):
    """`MTRefSegR1.encode_pyramids` from the maps of both dates to a flat tuple."""

    def __init__(self, model: MTRefSegR1) -> None:
        super().__init__()
        self.model = model

    def forward(self, *maps: Tensor) -> tuple[Tensor, ...]:
        half = len(maps) // 2
        return _encoded_tensors(self.model.encode_pyramids(maps[:half], maps[half:]))


class _Decode(nn.Module):
    """`MTRefSegR1.decode` from flat tensors to the final mask."""

    def __init__(self, model: MTRefSegR1) -> None:
        super().__init__()
        self.model = model

    def forward(self, *tensors: Tensor) -> Tensor:
        encoded = _to_encoded(self.model, tensors)
        words, pooled, padding, *intent = tensors[len(_encoded_tensors(encoded)) :]
        # `decode` does not use the backbone states.
        text = TextStates(words, pooled, padding, backbone_states=words)
        embeddings = SentenceEmbeddings(text, Intent(*intent))
        mask: Tensor = self.model.decode(encoded, embeddings).masks[-1]
        return mask


def _joined(results: Iterable[Sequence[npt.NDArray[Any]]]) -> list[Tensor]:
    """Return each output of several runs of a graph as one batch."""
    return [torch.from_numpy(np.concatenate(output)) for output in zip(*results, strict=True)]


def _encoded_tensors(encoded: Encoded) -> tuple[Tensor, ...]:
    pixels = encoded.pixels
    tensors = (
        *pixels.memory, pixels.mask_features, encoded.scene, encoded.change, encoded.land_cover,
    )  # fmt: skip
    optional = encoded.ground, encoded.upsampling
    return (*tensors, *(tensor for tensor in optional if tensor is not None))


def _to_encoded(model: MTRefSegR1, tensors: Sequence[Tensor]) -> Encoded:
    """Return an encoded pair from its tensors; those that follow are ignored."""
    coarse, middle, fine, features, scene, change, land_cover, *rest = tensors
    pixels, optional = PixelFeatures((coarse, middle, fine), features), iter(rest)
    ground = None if model.ground_head is None else next(optional)
    upsampling = None if model.upsampling is None else next(optional)
    return Encoded(pixels, scene, change, land_cover, ground=ground, upsampling=upsampling)


def _embedding_tensors(embeddings: SentenceEmbeddings) -> tuple[Tensor, ...]:
    """Return the inputs of `_Decode` after those of the pair, padded to `_TOKENS`."""
    text = embeddings.text
    missing = _TOKENS - text.words.shape[1]
    words = F.pad(text.words, (0, 0, 0, missing))
    padding = F.pad(text.padding, (0, missing), value=True)
    return words, text.pooled, padding, *embeddings.intent


def _examples(model: MTRefSegR1, side: int) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    """Return example inputs of `_Encode` and of `_Decode`."""
    date = torch.zeros(1, 3, side, side, dtype=torch.uint8)
    with torch.no_grad():
        encoded, embeddings = model.encode(date, date), model.embed(["new buildings"])
    return (date, date), (*_encoded_tensors(encoded), *_embedding_tensors(embeddings))


class _CompiledGraph:
    """A compiled graph; an infer request runs one input at a time, so each thread has its own."""

    def __init__(self, compiled: Any) -> None:  # noqa: ANN401 - untyped
        self._compiled = compiled
        self._thread = threading.local()

    def run(self, inputs: Sequence[npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
        if not hasattr(self._thread, "request"):
            self._thread.request = self._compiled.create_infer_request()
        return list(self._thread.request.infer(list(inputs), share_inputs=True).values())


class _Graphs:
    """The graphs of a model, cached in the user's cache folder."""

    def __init__(self, model_hash: str, side: int) -> None:
        self.core = import_openvino().Core()
        import platformdirs

        cache = Path(platformdirs.user_cache_dir("mtrs-geo", appauthor=False)) / "openvino"
        name = f"{model_hash[:32]}-{side}px-{LAYOUT}-openvino-{version('openvino')}"
        self.folder = cache / name

    def compiled(self, name: str, graph: nn.Module, example: tuple[Tensor, ...]) -> _CompiledGraph:
        """Return a graph compiled for the shapes of ``example``."""
        return self.compile(self.converted(name, graph, example))

    def compile(self, graph: Any) -> _CompiledGraph:  # noqa: ANN401 - untyped
        settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            # The threads that read rasters, and PyTorch, use the same cores.
            "ENABLE_CPU_PINNING": False,
        }
        with keep_signal_stack():
            return _CompiledGraph(self.core.compile_model(graph, "CPU", settings))

    def converted(self, name: str, graph: nn.Module, example: tuple[Tensor, ...]) -> Any:  # noqa: ANN401
        """Return a graph for the shapes of ``example``, from the cache if it is there."""
        converted = self._read(name)
        if converted is None:
            converted = _convert(graph, example)
            self._cache(name, converted)
        return converted

    def _read(self, name: str) -> Any:  # noqa: ANN401 - untyped
        path = self.folder / f"{name}.xml"
        try:
            return self.core.read_model(path) if path.is_file() else None
        # The folder is another user's, or the file is damaged: convert again, and replace it.
        except (OSError, RuntimeError):
            return None

    def _cache(self, name: str, graph: Any) -> None:  # noqa: ANN401 - untyped
        openvino = import_openvino()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.folder) as temporary:
                openvino.save_model(graph, Path(temporary) / f"{name}.xml", compress_to_fp16=False)
                # The weights first, so that a graph file is never without its weights.
                for file in (f"{name}.bin", f"{name}.xml"):
                    os.replace(Path(temporary) / file, self.folder / file)
        except (OSError, RuntimeError):  # without a cache, every run converts the model again
            return


def _convert(graph: nn.Module, example: tuple[Tensor, ...]) -> Any:  # noqa: ANN401 - untyped
    openvino = import_openvino()
    with torch.no_grad(), warnings.catch_warnings():
        # The trace warns that shapes become constants; the shapes are fixed.
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(graph, example, check_trace=False)  # type: ignore[no-untyped-call]
    converted = openvino.convert_model(traced, example_input=example)
    converted.reshape({index: list(tensor.shape) for index, tensor in enumerate(example)})
    return converted
