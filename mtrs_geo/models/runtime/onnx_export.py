"""A model and the sentences that it shall answer as one ONNX graph."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.errors import MissingExtraError, ModelError
from mtrs_geo.models.network.intent import Reading, any_change
from mtrs_geo.models.network.language import TextStates
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1, Sentences
from mtrs_geo.models.runtime.load import load_model
from mtrs_geo.models.runtime.segmenter import Segmenter

__all__ = ["AnsweringGraph", "export_onnx"]

_STRIDE = 32


class AnsweringGraph(nn.Module):
    """Pairs of images to probabilities; the sentences are part of it.

    Args:
        model: in eval mode.
        texts: N sentences; an empty one asks for any change.
    """

    def __init__(self, model: MTRefSegR1, texts: Sequence[str]) -> None:
        super().__init__()
        self.model = model
        self.asked = [i for i, text in enumerate(texts) if text]
        self.count = len(texts)
        said = [texts[i] for i in self.asked]
        with torch.no_grad():
            sentences = model.embed(said) if said else None
        if sentences is not None:
            for part in sentences:
                for name, tensor in part._asdict().items():
                    self.register_buffer(name, tensor)

    def forward(self, images: Tensor) -> Tensor:
        """Answer.

        Args:
            images: (B, 2, 3, H, W), 0 to 255, earlier date first; H and W multiples of 32.

        Returns:
            (B, N, H, W) in [0, 1].
        """
        encoded = self.model.encode(images[:, 0], images[:, 1])
        logits = [any_change(encoded.change)] * self.count
        for at, i in enumerate(self.asked):
            logits[i] = self.model.decode(encoded, self._said(at, images.shape[0])).masks[-1]
        stacked = torch.stack(logits, dim=1)
        size = images.shape[-2:]
        return F.interpolate(stacked, size=size, mode="bilinear", align_corners=False).sigmoid()

    def _said(self, at: int, pairs: int) -> Sentences:
        def parts(fields: tuple[str, ...]) -> Iterator[Tensor]:
            for one in (self.get_buffer(name)[at : at + 1] for name in fields):
                yield one.expand(pairs, *one.shape[1:])

        return Sentences(TextStates(*parts(TextStates._fields)), Reading(*parts(Reading._fields)))


def export_onnx(
    name_or_dir: str | Path, out: Path, texts: Sequence[str], tile_px: int | None = None
) -> None:
    """Write one ONNX file: ``images`` (B, 2, 3, T, T), 0 to 255, to ``probability`` (B, N, T, T).

    Args:
        name_or_dir: a model, see `mtrs_geo.load_model`.
        out: the file; replaced at the end.
        texts: the N sentences that it answers; an empty one asks for any change.
        tile_px: T, a multiple of 32; the model's own tiles by default.

    Raises:
        MissingExtraError: if the packages that write ONNX are not installed.
        ModelError: if the model cannot be exported, or ``tile_px`` cannot be.
    """
    _need_onnx()
    segmenter = load_model(name_or_dir, device="cpu")
    if not isinstance(segmenter, Segmenter):
        msg = f"{name_or_dir} is computed, not learnt: there is nothing to export. Try tiny."
        raise ModelError(msg)
    side = tile_px or segmenter.info.tile_px
    if side % _STRIDE:
        larger = side + -side % _STRIDE
        msg = f"tile_px {side} is no multiple of {_STRIDE}. Use {larger}."
        raise ModelError(msg)
    asked = [text or segmenter.any_change_text or "" for text in texts]
    graph = AnsweringGraph(segmenter.model, asked).eval()
    program = torch.onnx.export(
        graph,
        (torch.zeros(2, 2, 3, side, side),),
        input_names=["images"],
        output_names=["probability"],
        dynamic_shapes=({0: torch.export.Dim("pairs")},),
        dynamo=True,
        verbose=False,
    )
    if program is None:
        msg = f"{name_or_dir} could not be exported by this version of torch. Use 2.6 or later."
        raise ModelError(msg)
    info = segmenter.info
    about = {
        "model": info.name,
        "version": info.version,
        "native_gsd_m": str(info.native_gsd_m),
        "texts": json.dumps(list(texts)),
    }
    program.model.metadata_props.update(about)
    part = out.with_name(out.name + ".part")
    program.save(part)
    os.replace(part, out)


def _need_onnx() -> None:
    for package in ("onnx", "onnxscript"):
        if importlib.util.find_spec(package) is None:
            msg = "ONNX export needs packages: pip install 'mtrs-geo[onnx]'"
            raise MissingExtraError(msg)
