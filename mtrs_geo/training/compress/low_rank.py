"""Low-rank models: each 3 × 3 convolution becomes one with few channels and a 1 × 1 convolution.

The two are fitted to the original convolution's outputs on images, not to its weights.  Errors are
weighted by a Gauss-Newton matrix of the layer's outputs.  Layers are factorized in the order of
the forward pass, each with inputs from the low-rank layers before it.

Source: reduced-rank regression (Izenman 1975); Gauss-Newton weights as in K-FAC
(arXiv 1503.05671).
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
from mtrs_geo.training.compress.feature_distance import gauss_newton_sample

__all__ = ["low_rank_model"]

_POSITIONS = 5000
"""Number of pixels per batch to which a layer is fitted."""
_RIDGE, _MIN_WEIGHT = 1e-4, 1e-2
"""Shares of the mean diagonal that are added to input covariances and Gauss-Newton weights."""

_Dates = tuple[list[Tensor], list[Tensor]]


def low_rank_model(
    original: MTRefSegR1,
    config: ModelConfig,
    pairs: Sequence[tuple[Tensor, Tensor]],
    progress: Progress,
) -> MTRefSegR1:
    """Return a model with ``config`` whose features are close to those of ``original``.

    Args:
        original: trained, in eval mode, batch norm not folded; may be a low-rank model.
        config: the configuration of ``original`` with ranks.
        pairs: batches of the earlier and the later date, (B, 3, H, W) each, 0 to 255.
        progress: advances once per layer.

    Raises:
        ModelError: if ``config`` has no rank, a rank is too large, or other values differ.
    """
    original, low_rank = _full_rank(original), new_model(config).eval()
    ranks = dict(_ranks(original, low_rank))
    if not ranks:
        msg = "the configuration has no rank for any layer."
        raise ModelError(msg, advice="Set ranks in fusion, pixel_decoder or land_cover_rank.")
    model = deepcopy(original).requires_grad_(False)
    with torch.no_grad():
        dates = [model.pyramids(*pair) for pair in pairs]
    all_weights = _gauss_newton_weights(model, ranks, dates)
    progress.start(len(all_weights), "layers")
    for name, weights in all_weights.items():
        with torch.no_grad():
            _factorize(name, ranks[name], weights, original, model, dates)
        progress.advance()
    fill(low_rank, {_flat_name(n, ranks): t for n, t in model.state_dict().items()}, "the model")
    return low_rank


def _full_rank(model: MTRefSegR1) -> MTRefSegR1:
    """Return an equivalent model without ranks."""
    plain = {
        name: replace(section, ranks=None)
        for name in ("fusion", "pixel_decoder")
        if hasattr(section := getattr(model.config, name), "ranks")
    }
    full = new_model(replace(model.config, land_cover_rank=None, **plain)).eval()
    blocks, tensors = dict(_ranks(full, model)), {}
    for name, tensor in model.state_dict().items():
        block, layer, rest = _split_name(name, blocks)
        if block is None:
            tensors[name] = tensor
        elif layer == 0:
            second = model.get_parameter(f"{block}.1.weight").detach()[..., 0, 0]
            tensors[name] = torch.einsum("or,rikl->oikl", second, tensor)
        elif layer > 1:
            tensors[f"{block}.{layer - 1}.{rest}"] = tensor
    fill(full, tensors, "the model")
    return full


def _ranks(original: MTRefSegR1, low_rank: MTRefSegR1) -> Iterator[tuple[str, int]]:
    """Yield the name and rank of every block that is low-rank in the second model only."""
    for name, block in low_rank.named_modules():
        if isinstance(block, nn.Sequential):
            full = cast(nn.Sequential, original.get_submodule(name))
            if len(block) == len(full) + 1:
                rank, channels = (cast(nn.Conv2d, layer).out_channels for layer in block[:2])
                if rank > channels:
                    msg = f"{name} has {channels} channels, so its rank cannot be {rank}."
                    raise ModelError(msg, advice=f"Give a rank of at most {channels}.")
                yield name, rank


def _split_name(name: str, blocks: Iterable[str]) -> tuple[str | None, int, str]:
    """Split a tensor's name into block, layer in the block, and the rest of the name."""
    block = next((block for block in blocks if name.startswith(f"{block}.")), None)
    if block is None:
        return None, 0, name
    layer, rest = name.removeprefix(f"{block}.").split(".", 1)
    return block, int(layer), rest


def _flat_name(name: str, blocks: Iterable[str]) -> str:
    """Return the name of a tensor if the two convolutions of its block are layers 0 and 1."""
    block, layer, rest = _split_name(name, blocks)
    if block is None:
        return name
    return f"{block}.{layer + 1}.{rest}" if layer else f"{block}.{rest}"


def _gauss_newton_weights(
    model: MTRefSegR1, blocks: Iterable[str], dates: Sequence[_Dates]
) -> dict[str, Tensor]:
    """Return the Gauss-Newton matrix of each block's convolution outputs, in forward order.

    The matrices are (channels, channels); the mean of the diagonal is 1.
    """
    sums: dict[str, Tensor] = {}

    def add(name: str, gradient: Tensor) -> None:
        rows = _rows(gradient)
        sums[name] = sums[name] + rows.T @ rows

    def track(name: str, output: Tensor) -> Tensor:
        channels = output.shape[1]
        sums.setdefault(name, torch.zeros(channels, channels, dtype=torch.float64))
        tracked = output if output.requires_grad else output.detach().requires_grad_()
        tracked.register_hook(lambda gradient: add(name, gradient))  # type: ignore[no-untyped-call]
        return tracked

    hooks = [
        _convolution(model, name).register_forward_hook(
            lambda _layer, _inputs, output, name=name: track(name, output)
        )
        for name in blocks
    ]
    for pair in dates:
        gauss_newton_sample(model.encode_pyramids(*pair)).backward()  # type: ignore[no-untyped-call]
    for hook in hooks:
        hook.remove()
    return {
        name: total / total.diagonal().mean() + _MIN_WEIGHT * torch.eye(len(total))
        for name, total in sums.items()
    }


def _factorize(
    name: str,
    rank: int,
    weights: Tensor,
    original: MTRefSegR1,
    model: MTRefSegR1,
    dates: Sequence[_Dates],
) -> None:
    """Replace a block's first convolution by two, and adapt the mean of its batch norm."""
    outputs, inputs, side, _ = _convolution(original, name).weight.shape
    mean_x, mean_y, cov_xx, cov_xy = _moments(name, original, model, dates)
    cov_xx += _RIDGE * cov_xx.diagonal().mean() * torch.eye(len(cov_xx))
    full_rank = torch.linalg.solve(cov_xx, cov_xy)  # (C·9, outputs)
    factor = torch.linalg.cholesky(cov_xx)
    values, vectors = torch.linalg.eigh(weights)
    root, inverse = (vectors * values**power @ vectors.T for power in (0.5, -0.5))
    left, singular, right = torch.linalg.svd(root @ full_rank.T @ factor, full_matrices=False)
    down = torch.linalg.solve_triangular(factor, right[:rank], upper=False, left=False)
    # Rows have length 1, so that later training changes both layers at a similar rate.
    lengths = down.norm(dim=1, keepdim=True)
    down, up = down / lengths, inverse @ (left[:, :rank] * singular[:rank]) * lengths.T
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
    name: str, original: MTRefSegR1, model: MTRefSegR1, dates: Sequence[_Dates]
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return means and covariances of a convolution's inputs x and outputs y.

    x (C · 9) are inputs in ``model``, y (outputs) are outputs in ``original``.  Returned are the
    means of x and y, cov(x, x) (C · 9, C · 9) and cov(x, y) (C · 9, outputs).
    """
    count, sums = 0, [torch.zeros(()).double()] * 4
    for pair in dates:
        with _recorded(model, name) as (inputs, _):
            model.encode_pyramids(*pair)
        with _recorded(original, name) as (_, outputs):
            original.encode_pyramids(*pair)
        layer = _convolution(original, name)
        windows = F.unfold(
            inputs[0], layer.kernel_size, padding=cast(tuple[int, int], layer.padding)
        )
        x, y = windows.transpose(1, 2).flatten(0, 1), _rows(outputs[0])
        sample = torch.randperm(len(x))[:_POSITIONS]
        x, y = x[sample].double(), y[sample]
        count += len(x)
        batch_sums = (x.sum(0), y.sum(0), x.T @ x, x.T @ y)
        sums = [total + new for total, new in zip(sums, batch_sums, strict=True)]
    mean_x, mean_y, xx, xy = (total / count for total in sums)
    return mean_x, mean_y, xx - torch.outer(mean_x, mean_x), xy - torch.outer(mean_x, mean_y)


@contextmanager
def _recorded(model: MTRefSegR1, name: str) -> Iterator[tuple[list[Tensor], list[Tensor]]]:
    """Record the inputs and outputs of a block's convolution."""
    inputs: list[Tensor] = []
    outputs: list[Tensor] = []

    def record(_layer: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> None:
        inputs.append(arguments[0])
        outputs.append(output)

    hook = _convolution(model, name).register_forward_hook(record)
    try:
        yield inputs, outputs
    finally:
        hook.remove()


def _convolution(model: MTRefSegR1, block: str) -> nn.Conv2d:
    return cast(nn.Conv2d, model.get_submodule(f"{block}.0"))


def _rows(maps: Tensor) -> Tensor:
    """Return maps (B, C, h, w) as (B · h · w, C), float64."""
    return maps.permute(0, 2, 3, 1).flatten(0, 2).double()
