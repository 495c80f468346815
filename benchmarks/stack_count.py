"""Multiplications of a stack of dates, relative to separate runs of its pairs, of one tile.

Run: python benchmarks/stack_count.py [--model tiny] [--dates 10]

Counts the multiplications of convolutions and linear layers, which no other program changes.  It
says what the time of `stack.py` tends to for large rasters, and what would remain if everything
that depends on one date alone, also the linear halves of layers over both dates, were computed
once per date.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from math import comb
from typing import Any

import torch
from torch import Tensor, nn

from mtrs_geo.models import load_model
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.models.runtime.segmenter import Segmenter

_TEXT = ("language", "intent")
"""Modules that run once per sentence, not per tile."""


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--dates", type=int, default=10)
    arguments = parser.parse_args()
    segmenter = load_model(arguments.model, device="cpu")
    if not isinstance(segmenter, Segmenter):
        parser.error(f"{arguments.model} is no network")
    model, side = segmenter.model, segmenter.info.tile_px
    image = torch.zeros(1, 3, side, side, dtype=torch.uint8)
    encode, pyramid = _count(model, lambda: model.pyramid(image))
    combine, pair = _count(model, lambda: model.encode_pyramids(pyramid, pyramid))
    decode, _ = _count(model, lambda: model.decode(pair, model.embed(["new buildings"])))
    date_m, pair_m, decode_m = (sum(counts.values()) / 1e6 for counts in (encode, combine, decode))
    shared_m, halves_m = _of_one_date(combine)
    sys.stdout.write(
        f"millions of multiplications per tile: a date {date_m:.0f}, a pair {pair_m:.0f}, a "
        f"sentence {decode_m:.0f}; of a pair, of single dates {shared_m:.0f}, linear halves "
        f"{halves_m:.0f}\n"
    )
    count = arguments.dates
    for name, pairs in (("neighbouring dates", count - 1), ("all pairs", comb(count, 2))):
        separate = pairs * (2 * date_m + pair_m + decode_m)
        stack = count * date_m + pairs * (pair_m + decode_m)
        # A half of a layer is computed for each date in each of the two places that it takes.
        per_date = shared_m / 2 + halves_m
        least = count * (date_m + per_date) + pairs * (pair_m + decode_m - shared_m - halves_m)
        sys.stdout.write(
            f"{count} dates, {name}: {stack / separate:.2f} of {pairs} pairs; with all parts of "
            f"single dates computed once {min(stack, least) / separate:.2f}\n"
        )


def _count(model: MTRefSegR1, run: Callable[[], Any]) -> tuple[Counter[str], Any]:
    """Return the multiplications of each layer for one tile, and what ``run`` returns."""
    counts: Counter[str] = Counter()

    def hook(name: str) -> Callable[[nn.Module, Any, Tensor], None]:
        def add(layer: nn.Module, _: Any, output: Tensor) -> None:  # noqa: ANN401 - of torch
            weight: Any = layer.weight
            counts[name] += output.numel() * weight[0].numel()

        return add

    hooks = [
        layer.register_forward_hook(hook(name))
        for name, layer in model.named_modules()
        if isinstance(layer, nn.Conv2d | nn.Linear) and not name.startswith(_TEXT)
    ]
    with torch.inference_mode():
        found = run()
    for one in hooks:
        one.remove()
    return counts, found


def _of_one_date(counts: Counter[str]) -> tuple[float, float]:
    """Return the millions of a pair that depend on a date alone, and those of linear halves.

    A layer over channels of both dates, and over others, is linear in each: the shares are those
    of its channels that come from the dates without a nonlinear function of both.
    """
    shares = {".difference.0.0": 0.5, ".fuse.0.0": 0.5, ".gate.0": 1.0, "upsampling.fine": 0.5}
    shared = sum(n for name, n in counts.items() if ".reduce." in name)
    halves = sum(
        n * share for name, n in counts.items() for end, share in shares.items()
        if name.endswith(end)
    )  # fmt: skip
    return shared / 1e6, halves / 1e6


if __name__ == "__main__":
    main()
