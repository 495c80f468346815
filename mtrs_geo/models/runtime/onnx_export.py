"""ONNX export: a model and fixed sentences as one graph."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.errors import MissingExtraError, ModelError, OutputError
from mtrs_geo.models.network.intent import Intent, any_change_logits
from mtrs_geo.models.network.language import TextStates
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1, SentenceEmbeddings
from mtrs_geo.models.runtime.fixed_sentences import fixed_sentences
from mtrs_geo.models.runtime.hysteresis import grow
from mtrs_geo.models.runtime.load import load_model, model_files
from mtrs_geo.models.runtime.segmenter import Segmenter
from mtrs_geo.outputs import file_keys, staged_file
from mtrs_geo.understanding import Understanding

__all__ = ["FixedSentenceModel", "export_onnx"]

_STRIDE = 32


class FixedSentenceModel(nn.Module):
    """Pairs of images to the probabilities of fixed sentences.

    Args:
        model: in eval mode.
        texts: N sentences; an empty one means any change.
    """

    def __init__(self, model: MTRefSegR1, texts: Sequence[str]) -> None:
        super().__init__()
        self.model = model
        self.indices = [i for i, text in enumerate(texts) if text]
        self.count = len(texts)
        sentences = [texts[i] for i in self.indices]
        with torch.no_grad():
            embeddings = model.embed(sentences) if sentences else None
        if embeddings is not None:
            for states in embeddings:
                for name, tensor in states._asdict().items():
                    self.register_buffer(name, tensor)

    def forward(self, images: Tensor) -> Tensor:
        """Return the probabilities.

        Args:
            images: (B, 2, 3, H, W), 0 to 255, earlier date first; H and W multiples of 32.

        Returns:
            (B, N, H, W) in [0, 1].
        """
        encoded = self.model.encode(images[:, 0], images[:, 1])
        change = any_change_logits(encoded.change)
        logits = [self.model.upsample(change[:, None], encoded)[:, 0]] * self.count
        for row, i in enumerate(self.indices):
            embeddings = self._embeddings(row, images.shape[0])
            logits[i] = self.model.decode(encoded, embeddings).masks[-1]
        stacked = torch.stack(logits, dim=1)
        size = images.shape[-2:]
        config = self.model.config
        if config.hysteresis_gain or config.hysteresis_seed:
            radius = round(config.hysteresis_px * stacked.shape[-2] / size[0])
            stacked = grow(stacked, config.hysteresis_gain, radius, config.hysteresis_seed)
        return F.interpolate(stacked, size=size, mode="bilinear", align_corners=False).sigmoid()

    def _embeddings(self, row: int, pairs: int) -> SentenceEmbeddings:
        def tensors(fields: tuple[str, ...]) -> Iterator[Tensor]:
            for tensor in (self.get_buffer(name)[row : row + 1] for name in fields):
                yield tensor.expand(pairs, *tensor.shape[1:])

        text = TextStates(*tensors(TextStates._fields))
        return SentenceEmbeddings(text, Intent(*tensors(Intent._fields)))


def export_onnx(
    model: str | Path,
    output: Path,
    query: Sequence[str],
    tile_px: int | None = None,
    *,
    raw: bool = False,
) -> list[Understanding]:
    """Write an ONNX file: ``images`` (B, 2, 3, T, T), 0 to 255, to ``probability`` (B, N, T, T).

    Args:
        model: name or folder of a model, see `mtrs_geo.load_model`.
        output: file to write; an existing one is replaced.
        query: N sentences, read as `mtrs_geo.detect_changes` reads them; an empty one means any
            change.
        tile_px: T, a multiple of 32; the model's own tile size by default.
        raw: use the sentences as they are, without reading them.

    Returns:
        How each sentence was understood.

    Raises:
        MissingExtraError: if the packages that write ONNX are not installed.
        ModelError: if the model cannot be exported, or ``tile_px`` is no positive multiple of 32.
        QueryError: if a sentence is refused, or has a rule that a graph cannot apply; see
            `fixed_sentences`.
        OutputError: if ``output`` is a file of the model, or cannot be written.
    """
    _check_packages()
    if file_keys([output]) & file_keys(model_files(model)):
        msg = f"{output} is a file of the model {model}, which it would replace."
        raise OutputError(msg, advice="Give the output another name.")
    segmenter = load_model(model, device="cpu")
    if not isinstance(segmenter, Segmenter):
        msg = f"{model} has no network that could be exported."
        raise ModelError(msg, advice="Use tiny, or the folder of a trained model.")
    side = segmenter.info.tile_px if tile_px is None else tile_px
    if side % _STRIDE or side < _STRIDE:
        larger = max(_STRIDE, side + -side % _STRIDE)
        msg = f"tile_px {side} is not a multiple of {_STRIDE}."
        raise ModelError(msg, advice=f"Use {larger}.")
    questions = fixed_sentences(query, segmenter, raw=raw)
    sentences = [one.query.prompt or segmenter.any_change_text or "" for one in questions]
    graph = FixedSentenceModel(segmenter.model, sentences).eval()
    try:
        program = torch.onnx.export(
            graph,
            (torch.zeros(2, 2, 3, side, side),),
            input_names=["images"],
            output_names=["probability"],
            dynamic_shapes=({0: torch.export.Dim("pairs")},),
            dynamo=True,
            verbose=False,
        )
    except torch.onnx.OnnxExporterError as error:
        preset = segmenter.model.config.preset
        msg = f"{model} has layers of the preset {preset} that torch {torch.__version__} does not "
        msg += "export."
        raise ModelError(msg, advice="Export a model of the preset tiny.") from error
    if program is None:
        msg = f"{model} cannot be exported by torch {torch.__version__}."
        raise ModelError(msg, advice="Install torch 2.6 or later.")
    info = segmenter.info
    metadata = {
        "model": info.name,
        "version": info.version,
        "native_gsd_m": str(info.native_gsd_m),
        "texts": json.dumps(list(query)),
        "prompts": json.dumps(sentences),
    }
    program.model.metadata_props.update(metadata)
    with staged_file(output, overwrite=True) as path:
        program.save(path)
        # torch writes weights over 2 GB to a second file, which the graph finds by its name.
        weights = path.with_name(f"{path.name}.data")
        if weights.exists():
            os.replace(weights, output.with_name(weights.name))
    return questions


def _check_packages() -> None:
    for package in ("onnx", "onnxscript"):
        if importlib.util.find_spec(package) is None:
            msg = f"ONNX export needs the package {package}, which is not installed."
            raise MissingExtraError(msg, advice="Run: pip install 'mtrs-geo[onnx]'")
