"""A trained model made narrower: 3 × 3 convolutions become one of few channels and a 1 × 1.

The two come closest to the whole convolution's answers on pictures, not to its weights, and an
error counts by what the model's answers feel of it.  Layers follow one another as they run, each
fitted to what the narrower ones before it give.

Source: reduced-rank regression (Izenman 1975); errors are weighed by a Gauss-Newton matrix of each
layer's outputs, as in K-FAC (arXiv 1503.05671).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.errors import ModelError
from mtrs_geo.models.checkpoints.checkpoint import new_model
from mtrs_geo.models.checkpoints.strict import fill
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.progress import Progress
from mtrs_geo.training.compress.feature_distance import curvature_sample

__all__ = ["factored"]

_POSITIONS = 5000
"""Of a batch, that a layer is fitted to."""
_RIDGE, _LEAST_FELT = 1e-4, 1e-2
"""Shares of the mean, added where inputs hardly vary and where no answer feels an output."""

_Dates = tuple[list[Tensor], list[Tensor]]


def factored(
    wide: MTRefSegR1,
    config: ModelConfig,
    pairs: Sequence[tuple[Tensor, Tensor]],
    progress: Progress,
) -> MTRefSegR1:
    """Return a model of ``config`` whose answers are near those of ``wide``.

    Args:
        wide: trained, in eval mode, its norms not folded into convolutions; may have ranks too.
        config: that of ``wide`` with ranks.
        pairs: batches of the earlier and the later date, (B, 3, H, W) each, 0 to 255.
        progress: counts layers.

    Raises:
        ModelError: if ``config`` gives no layer a rank, or one too large, or differs in more.
    """
    wide, narrow = _whole(wide), new_model(config).eval()
    ranks = dict(_ranks(wide, narrow))
    if not ranks:
        msg = "no layer gets a rank. Give ranks."
        raise ModelError(msg)
    model = deepcopy(wide).requires_grad_(False)
    with torch.no_grad():
        dates = [model.dates(*pair) for pair in pairs]
    felt = _felt(model, ranks, dates)
    progress.start(len(felt), "layers")
    for name, weights in felt.items():
        with torch.no_grad():
            _divide(name, ranks[name], weights, wide, model, dates)
        progress.advance()
    fill(narrow, {_flat(n, ranks): t for n, t in model.state_dict().items()}, "the model")
    return narrow


def _whole(model: MTRefSegR1) -> MTRefSegR1:
    """Return a model of the same answers without ranks."""
    plain = {
        name: replace(part, ranks=None)
        for name in ("fusion", "pixel_decoder")
        if hasattr(part := getattr(model.config, name), "ranks")
    }
    whole = new_model(replace(model.config, land_rank=None, **plain)).eval()
    blocks, tensors = dict(_ranks(whole, model)), {}
    for name, tensor in model.state_dict().items():
        block, layer, rest = _place(name, blocks)
        if block is None:
            tensors[name] = tensor
        elif layer == 0:
            second = model.get_parameter(f"{block}.1.weight").detach()[..., 0, 0]
            tensors[name] = torch.einsum("or,rikl->oikl", second, tensor)
        elif layer > 1:
            tensors[f"{block}.{layer - 1}.{rest}"] = tensor
    fill(whole, tensors, "the model")
    return whole


def _ranks(wide: MTRefSegR1, narrow: MTRefSegR1) -> Iterator[tuple[str, int]]:
    """Yield the name of every block that gets a rank, and the rank."""
    for name, block in narrow.named_modules():
        if isinstance(block, nn.Sequential):
            whole = cast(nn.Sequential, wide.get_submodule(name))
            if len(block) == len(whole) + 1:
                rank, channels = (cast(nn.Conv2d, layer).out_channels for layer in block[:2])
                if rank > channels:
                    msg = f"{name} has {channels} channels, so its rank cannot be {rank}."
                    raise ModelError(msg)
                yield name, rank


def _place(name: str, blocks: Iterable[str]) -> tuple[str | None, int, str]:
    """Return the block that a tensor belongs to, its layer there, and the rest of its name."""
    block = next((block for block in blocks if name.startswith(f"{block}.")), None)
    if block is None:
        return None, 0, name
    layer, rest = name.removeprefix(f"{block}.").split(".", 1)
    return block, int(layer), rest


def _flat(name: str, blocks: Iterable[str]) -> str:
    """Return the name of a divided block's tensor where its two convolutions are layers 0 and 1."""
    block, layer, rest = _place(name, blocks)
    if block is None:
        return name
    return f"{block}.{layer + 1}.{rest}" if layer else f"{block}.{rest}"


def _felt(model: MTRefSegR1, blocks: dict[str, int], dates: Sequence[_Dates]) -> dict[str, Tensor]:
    """Return how much answers feel of errors in each block's convolution, in the order of running.

    The matrices are (channels, channels), of mean 1 on the diagonal.
    """
    sums: dict[str, Tensor] = {}

    def add(name: str, gradient: Tensor) -> None:
        rows = _rows(gradient)
        sums[name] = sums[name] + rows.T @ rows

    def watch(name: str, output: Tensor) -> Tensor:
        channels = output.shape[1]
        sums.setdefault(name, torch.zeros(channels, channels, dtype=torch.float64))
        watched = output if output.requires_grad else output.detach().requires_grad_()
        watched.register_hook(lambda gradient: add(name, gradient))  # type: ignore[no-untyped-call]
        return watched

    hooks = [
        _convolution(model, name).register_forward_hook(
            lambda _layer, _inputs, output, name=name: watch(name, output)
        )
        for name in blocks
    ]
    for pair in dates:
        curvature_sample(model.combine(*pair)).backward()  # type: ignore[no-untyped-call]
    for hook in hooks:
        hook.remove()
    return {
        name: total / total.diagonal().mean() + _LEAST_FELT * torch.eye(len(total))
        for name, total in sums.items()
    }


def _divide(
    name: str,
    rank: int,
    weights: Tensor,
    wide: MTRefSegR1,
    model: MTRefSegR1,
    dates: Sequence[_Dates],
) -> None:
    """Put two convolutions in place of a block's first one, and its new mean into the norm."""
    whole = _convolution(wide, name)
    outputs, inputs, side, _ = whole.weight.shape
    mean_x, mean_y, within, between = _moments(name, wide, model, dates)
    within += _RIDGE * within.diagonal().mean() * torch.eye(len(within))
    best = torch.linalg.solve(within, between)  # (C·9, outputs), of full rank
    spread = torch.linalg.cholesky(within)
    values, vectors = torch.linalg.eigh(weights)
    root, inverse = (vectors * values**power @ vectors.T for power in (0.5, -0.5))
    left, strengths, right = torch.linalg.svd(root @ best.T @ spread, full_matrices=False)
    down = torch.linalg.solve_triangular(spread, right[:rank], upper=False, left=False)
    # Rows of length 1, as those of a new layer: an optimiser moves both layers alike.
    lengths = down.norm(dim=1, keepdim=True)
    down, up = down / lengths, inverse @ (left[:, :rank] * strengths[:rank]) * lengths.T
    first = nn.Conv2d(inputs, rank, side, padding=side // 2, bias=False)
    second = nn.Conv2d(rank, outputs, 1, bias=False)
    first.weight.copy_(down.reshape(first.weight.shape))
    second.weight.copy_(up.reshape(second.weight.shape))
    block = cast(nn.Sequential, model.get_submodule(name))
    block[0] = nn.Sequential(first, second)
    norm = block[1]
    if isinstance(norm, nn.BatchNorm2d) and norm.running_mean is not None:
        norm.running_mean += up @ down @ mean_x - mean_y


def _moments(
    name: str, wide: MTRefSegR1, model: MTRefSegR1, dates: Sequence[_Dates]
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return means and covariances of a convolution's inputs, and of these with its outputs.

    Inputs x (C · 9) are what ``model`` gives, outputs y what ``wide`` gives: the means of x and y,
    the covariances (C · 9, C · 9) and (C · 9, outputs).
    """
    count, sums = 0, [torch.zeros(()).double()] * 4
    for pair in dates:
        with _watched(model, name) as (given, _):
            model.combine(*pair)
        with _watched(wide, name) as (_, answered):
            wide.combine(*pair)
        layer = _convolution(wide, name)
        patches = F.unfold(
            given[0], layer.kernel_size, padding=cast(tuple[int, int], layer.padding)
        )
        x, y = patches.transpose(1, 2).flatten(0, 1), _rows(answered[0])
        chosen = torch.randperm(len(x))[:_POSITIONS]
        x, y = x[chosen].double(), y[chosen]
        count += len(x)
        news = (x.sum(0), y.sum(0), x.T @ x, x.T @ y)
        sums = [total + new for total, new in zip(sums, news, strict=True)]
    mean_x, mean_y, xx, xy = (total / count for total in sums)
    return mean_x, mean_y, xx - torch.outer(mean_x, mean_x), xy - torch.outer(mean_x, mean_y)


@contextmanager
def _watched(model: MTRefSegR1, name: str) -> Iterator[tuple[list[Tensor], list[Tensor]]]:
    """Collect what goes into a block's convolution and what comes out of it."""
    given: list[Tensor] = []
    answered: list[Tensor] = []

    def keep(_layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        given.append(inputs[0])
        answered.append(output)

    hook = _convolution(model, name).register_forward_hook(keep)
    try:
        yield given, answered
    finally:
        hook.remove()


def _convolution(model: MTRefSegR1, block: str) -> nn.Conv2d:
    return cast(nn.Conv2d, model.get_submodule(f"{block}.0"))


def _rows(maps: Tensor) -> Tensor:
    """Return maps (B, C, h, w) as (B · h · w, C), float64."""
    return maps.permute(0, 2, 3, 1).flatten(0, 2).double()
