"""A model whose tiles OpenVINO answers: the same answers on a CPU in less time.

OpenVINO keeps activations in the layout that the processor likes and fuses what follows a
convolution into it.  Its graphs are of fixed shapes, which it makes most of: a tile of the model's
own size, a sentence of a common length.  PyTorch answers everything else.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.errors import MissingExtraError, ModelError
from mtrs_geo.models.config import PixelDecoderConfig, VisionConfig
from mtrs_geo.models.network.intent import Reading
from mtrs_geo.models.network.language import TextStates
from mtrs_geo.models.network.mtrefseg_r1 import Encoded, MTRefSegR1, Sentences
from mtrs_geo.models.network.pixel_decoder import Pixels
from mtrs_geo.models.runtime.segmenter import Segmenter

__all__ = ["OpenVinoSegmenter"]

_LAYOUT = 1
"""Goes up when a graph's inputs or outputs change, so that older files are not found."""
_WORDS = 16
"""Tokens of a sentence; shorter ones are padded."""
_ENCODED = 7
"""Tensors of an encoded pair."""


class OpenVinoSegmenter(Segmenter):
    """A loaded model that runs in OpenVINO.

    A model is converted once, which takes some twenty seconds, and then kept in the user's cache
    folder.

    Args:
        model: on the CPU, in eval mode.
        facts: as `Segmenter` takes them; a model without ``sha256`` is not kept.

    Raises:
        MissingExtraError: if OpenVINO is not installed.
        ModelError: if the model has layers that cannot be converted.
    """

    def __init__(self, model: MTRefSegR1, facts: dict[str, Any]) -> None:
        super().__init__(model, facts, torch.device("cpu"))
        config = model.config
        if not (
            isinstance(config.vision, VisionConfig)
            and isinstance(config.pixel_decoder, PixelDecoderConfig)
        ):
            msg = f"preset {config.preset!r} cannot run in OpenVINO, tiny can. Use --device cpu."
            raise ModelError(msg)
        self.info = replace(self.info, device="openvino")
        images, parts = _examples(model, self.info.tile_px)
        graphs = _Graphs(facts.get("sha256"), self.info.tile_px)
        self._encoder = graphs.request("encode", _Encode(model), images)
        self._decoder = graphs.request("decode", _Decode(model), parts)

    def _encode(self, before: Tensor, after: Tensor) -> Encoded:
        side = self.info.tile_px
        if before.shape[-2:] != (side, side):
            return super()._encode(before, after)
        # A padded pair comes as floats.
        images = [date.to(torch.uint8).numpy() for date in (before, after)]
        # Pair by pair: a batch is no faster here, and would need a graph for its every size.
        pairs = zip(*(np.split(date, len(date)) for date in images), strict=True)
        seen = zip(*(_run(self._encoder, pair) for pair in pairs), strict=True)
        return _encoded([torch.from_numpy(np.concatenate(part)) for part in seen])

    def _decode(self, encoded: Encoded, texts: tuple[str, ...]) -> Tensor:
        said, side = self._embed(texts), self.info.tile_px
        words = said.text.words.shape[1]
        if encoded.change.shape[-2:] != (side // 4, side // 4) or words > _WORDS:
            return super()._decode(encoded, texts)
        sentences = [part.numpy() for part in _padded(said)]
        pairs = [part.numpy() for part in _seen(encoded)]
        found = [
            _run(
                self._decoder,
                [*(part[i : i + 1] for part in pairs), *(part[n : n + 1] for part in sentences)],
            )[0]
            for i in range(len(encoded.change))
            for n in range(len(texts))
        ]
        masks = torch.from_numpy(np.concatenate(found))
        return masks.reshape(-1, len(texts), *masks.shape[1:])


class _Encode(nn.Module):
    """`MTRefSegR1.encode` with tensors alone in its answer."""

    def __init__(self, model: MTRefSegR1) -> None:
        super().__init__()
        self.model = model

    def forward(self, before: Tensor, after: Tensor) -> tuple[Tensor, ...]:
        return _seen(self.model.encode(before, after))


class _Decode(nn.Module):
    """`MTRefSegR1.decode` of what `_seen` and `_padded` give, to its last mask."""

    def __init__(self, model: MTRefSegR1) -> None:
        super().__init__()
        self.model = model

    def forward(self, *parts: Tensor) -> Tensor:
        words, pooled, padding, *reading = parts[_ENCODED:]
        # What the reading was read from is not looked at again.
        text = TextStates(words, pooled, padding, source=words)
        said = Sentences(text, Reading(*reading))
        mask: Tensor = self.model.decode(_encoded(parts[:_ENCODED]), said).masks[-1]
        return mask


def _seen(encoded: Encoded) -> tuple[Tensor, ...]:
    pixels = encoded.pixels
    return *pixels.memory, pixels.mask_features, encoded.scene, encoded.change, encoded.land


def _encoded(parts: Sequence[Tensor]) -> Encoded:
    coarse, middle, fine, features, scene, change, land = parts
    return Encoded(Pixels((coarse, middle, fine), features), scene, change, land)


def _padded(said: Sentences) -> tuple[Tensor, ...]:
    text = said.text
    more = _WORDS - text.words.shape[1]
    words = F.pad(text.words, (0, 0, 0, more))
    return words, text.pooled, F.pad(text.padding, (0, more), value=True), *said.reading


def _examples(model: MTRefSegR1, side: int) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    """Return what each graph takes."""
    date = torch.zeros(1, 3, side, side, dtype=torch.uint8)
    with torch.no_grad():
        encoded, said = model.encode(date, date), model.embed(["new buildings"])
    return (date, date), (*_seen(encoded), *_padded(said))


def _run(request: Any, inputs: Sequence[npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:  # noqa: ANN401 - untyped
    return list(request.infer(list(inputs), share_inputs=True).values())


class _Graphs:
    """A model's graphs, kept in the user's cache folder where the model has a hash."""

    def __init__(self, sha256: str | None, side: int) -> None:
        try:
            import openvino
            import platformdirs
        except ImportError as error:
            msg = "device openvino needs packages: pip install 'mtrs-geo[openvino]'"
            raise MissingExtraError(msg) from error
        self.core = openvino.Core()
        cache = Path(platformdirs.user_cache_dir("mtrs-geo", appauthor=False)) / "openvino"
        name = f"{(sha256 or '')[:16]}-{side}px-{_LAYOUT}-openvino-{version('openvino')}"
        self.folder = cache / name if sha256 else None

    def request(self, name: str, graph: nn.Module, example: tuple[Tensor, ...]) -> Any:  # noqa: ANN401
        """Return a graph compiled for the shapes of ``example``."""
        settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            # Readers and PyTorch want the same cores.
            "ENABLE_CPU_PINNING": False,
        }
        found = self._read(name)
        if found is None:
            found = _converted(graph, example)
            self._keep(name, found)
        return self.core.compile_model(found, "CPU", settings).create_infer_request()

    def _read(self, name: str) -> Any:  # noqa: ANN401 - untyped
        path = self.folder and self.folder / f"{name}.xml"
        if path is None or not path.is_file():
            return None
        try:
            return self.core.read_model(path)
        except RuntimeError:  # damaged: converted again, and replaced
            return None

    def _keep(self, name: str, graph: Any) -> None:  # noqa: ANN401 - untyped
        import openvino

        if self.folder is None:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.folder) as made:
                openvino.save_model(graph, Path(made) / f"{name}.xml", compress_to_fp16=False)
                # The weights first: who finds the graph finds them too.
                for file in (f"{name}.bin", f"{name}.xml"):
                    os.replace(Path(made) / file, self.folder / file)
        except (OSError, RuntimeError):  # a home without room costs seconds a run, not the run
            return


def _converted(graph: nn.Module, example: tuple[Tensor, ...]) -> Any:  # noqa: ANN401 - untyped
    import openvino

    with torch.no_grad(), warnings.catch_warnings():
        # What depends on shapes becomes a constant, and is meant to: shapes stay.
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(graph, example, check_trace=False)  # type: ignore[no-untyped-call]
    converted = openvino.convert_model(traced, example_input=example)
    converted.reshape({at: list(tensor.shape) for at, tensor in enumerate(example)})
    return converted
