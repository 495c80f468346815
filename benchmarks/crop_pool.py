"""Training crops per second with and without the pool of crops, and with no model.

Run: python benchmarks/crop_pool.py --root ../shared/data [--config tiny_open] [--workers 0]
         [--device cpu] [--seconds 20] [--rounds 3]

Both loaders of the training bundle read the same sources and take turns.  Without workers, seconds
are those of this process's processor time, so that other jobs on the machine do not count; with
workers they are seconds of the clock.  On a CPU the pool's batches are cut by the processor that
also makes new crops; on a GPU they are not.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from mtrs_geo.data.compose import Composer
from mtrs_geo.data.sampling.datamodule import ChangeDataModule
from mtrs_geo.data.sampling.source_weights import SourceWeights
from mtrs_geo.training.bundle.pooled_data import PooledDataModule, PooledLoader
from mtrs_geo.training.run_config import read_config


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="data root (docs/training.md)")
    parser.add_argument("--config", default="tiny_open", help="bundled configuration")
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--device", default="cpu", help="where the pool lies")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--crop-px", type=int, default=192)
    parser.add_argument("--pool-mb", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each loader per round")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    present, pooled = _loaders(arguments)
    batches = {"present path": iter(present), "pool": iter(pooled)}
    clock = time.monotonic if arguments.workers else time.process_time
    crops, seconds = dict.fromkeys(batches, 0), dict.fromkeys(batches, 0.0)
    for loader in batches.values():
        next(loader)  # the pool's first batch waits for its first crops
    for _ in range(arguments.rounds):
        for name, loader in batches.items():
            done, took = _measure(loader, clock, arguments.seconds)
            crops[name] += done
            seconds[name] += took
    rates = {name: crops[name] / seconds[name] for name in batches}
    for name, rate in rates.items():
        _print(f"{name}: {rate:.1f} crops per second")
    _print(f"ratio: {rates['pool'] / rates['present path']:.2f}")
    _print(f"pool: {pooled.figures()}")
    _print_parts(pooled, clock, arguments)


def _loaders(arguments: argparse.Namespace) -> tuple[Any, PooledLoader]:
    recipe = read_config(arguments.config)["data"]
    options = {
        **recipe,
        "source_weights": SourceWeights(**recipe.get("source_weights", {})),
        "batch_size": arguments.batch_size,
        "crop_px": arguments.crop_px,
        "num_workers": arguments.workers,
    }
    present = ChangeDataModule(str(arguments.root), **options)
    pooled = PooledDataModule(str(arguments.root), arguments.pool_mb, **options)
    present.setup("fit")
    sources = present.sources
    if sources is not None and sources.composer is not None:
        # The same scenes, read once; composed pairs of the pool are larger.
        old = sources.composer
        larger = replace(old.recipe, crop_px=pooled.composed_px)
        composer = Composer(old.library, larger, seed=old.seed, backgrounds=old.backgrounds)
        pooled.sources = replace(sources, composer=composer)
    loader = pooled.train_dataloader()
    loader.device = torch.device(arguments.device)
    return present.train_dataloader(), loader


def _measure(
    loader: Iterator[Any], clock: Callable[[], float], seconds: float
) -> tuple[int, float]:
    start, crops = clock(), 0
    while clock() - start < seconds:
        crops += len(next(loader)["label"])
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return crops, clock() - start


def _print_parts(
    pooled: PooledLoader, clock: Callable[[], float], arguments: argparse.Namespace
) -> None:
    pool = pooled.pool
    if pool is None:
        return
    start, batches = clock(), 0
    while clock() - start < arguments.seconds / 4:
        pool.draw(arguments.batch_size)
        batches += 1
    if arguments.device != "cpu":
        torch.cuda.synchronize()
    rate = batches * arguments.batch_size / (clock() - start)
    _print(f"draws alone: {rate:.1f} crops per second on {arguments.device}")
    source: Any = pooled.source.dataset
    start, made = time.process_time(), 0
    while time.process_time() - start < arguments.seconds / 4:
        views = source.sample(10_000 + made).views
        made += 1
    rate = made / (time.process_time() - start)
    _print(f"new crops alone: {rate:.1f} per second and core, {rate * len(views):.1f} views")


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
