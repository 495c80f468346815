"""GPU utilisation of tiny and base, and the speed of base, on a rendered pair in bfloat16.

Run: python benchmarks/gpu.py [--size 32768] [--output build/gpu] [--base DIR]
     python benchmarks/gpu.py --alone                     the models only, on tiles of noise
     python benchmarks/gpu.py --device cpu --size 512     the same steps with small models

Tiny (tiles of 256 × 256 px) and base (1024 × 1024 px) are run end to end by `detect`.
torch.profiler records a section in the middle of each run; the traces are written to the output
folder.  The promises: a kernel runs 90 % of the time, and base processes more than 6 tile pairs
per second on one H200.  Base has random weights, which are as fast, unless a folder is given.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rendered import detect, rendered_pair
from torch._C._profiler import _ExperimentalConfig
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile, schedule

from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.models import ChangeSegmenter, load_model
from mtrs_geo.models.checkpoints.checkpoint import load_tokenizer, new_model
from mtrs_geo.models.config import CausalLanguageConfig, ModelConfig, SwinVisionConfig
from mtrs_geo.models.presets import PRESETS
from mtrs_geo.models.runtime.segmenter import Precision, Segmenter
from mtrs_geo.progress import Silent

_MIN_BUSY_SHARE, _MIN_PAIRS_PER_S = 0.90, 6.0
_BATCH = {"tiny": 64, "base": 4}
_WARM, _WAIT, _RECORDED = 3, 8, 16
_QUERY = "new buildings"


def main() -> int:
    """Measure and print; return 1 if a promise is broken."""
    arguments = _arguments()
    if arguments.device.startswith("cuda") and not torch.cuda.is_available():
        sys.stdout.write(
            "no GPU: nothing measured. On a machine with CUDA: "
            f"python benchmarks/gpu.py --size {arguments.size}\n"
        )
        return 0
    is_small = arguments.device == "cpu"
    if arguments.alone:
        for name in arguments.presets:
            rate = _alone(
                _model(name, arguments, is_small=is_small), 1 if is_small else _BATCH[name]
            )
            sys.stdout.write(f"{name} alone: {rate:.1f} tile pairs per second\n")
        return 0
    arguments.output.mkdir(parents=True, exist_ok=True)
    measured = {}
    with rendered_pair(arguments.size) as pair:
        for name in arguments.presets:
            model = _model(name, arguments, is_small=is_small)
            measured[name] = _measure(
                model, pair, arguments.output / f"{name}.json", name, is_small
            )
            sys.stdout.write(f"{name}: {json.dumps(measured[name])}\n")
            del model
    (arguments.output / "figures.json").write_text(json.dumps(measured, indent=1) + "\n")
    if is_small:
        sys.stdout.write("small models on a CPU: no promise is checked\n")
        return 0
    return _check_promises(measured)


class _Steps(Silent):
    """Calls the profiler after every batch."""

    def __init__(self, profiler: profile) -> None:
        self.profiler = profiler

    def advance(self, steps: int = 1) -> None:
        self.profiler.step()


def _measure(
    model: ChangeSegmenter,
    pair: PairPaths,
    trace: Path,
    name: str,
    is_small: bool,
) -> dict[str, Any]:
    batch = 1 if is_small else _BATCH[name]
    detect(pair, [_QUERY], model, batch_size=batch, aoi=_corner(pair))  # warms up
    activities = [ProfilerActivity.CPU]
    if torch.cuda.is_available():
        activities.append(ProfilerActivity.CUDA)
    wait, warmup, recorded = (0, 0, 2) if is_small else (_WAIT, 1, _RECORDED)
    busy: list[float] = []

    def store(profiler: profile) -> None:
        profiler.export_chrome_trace(str(trace))
        busy.append(_busy_share(profiler.events(), DeviceType.CPU if is_small else DeviceType.CUDA))

    section = schedule(wait=wait, warmup=warmup, active=recorded, repeat=1)
    # The model has a thread of its own; kernels of a GPU are recorded of all threads anyway.
    threads = _ExperimentalConfig(profile_all_threads=True) if is_small else None
    with profile(
        activities=activities, schedule=section, on_trace_ready=store,
        experimental_config=threads,
    ) as profiler:  # fmt: skip
        report = detect(pair, [_QUERY], model, batch_size=batch, progress=_Steps(profiler))
    return {
        "card": torch.cuda.get_device_name() if not is_small else "CPU",
        "tile_px": model.info.tile_px,
        "tiles": report.tiles,
        "pairs_per_s": round(report.tiles / report.seconds["total"], 2),
        "busy": round(busy[0], 4) if busy else None,
        "trace": str(trace),
        "seconds": report.seconds,
    }


def _alone(model: ChangeSegmenter, batch: int) -> float:
    """Return tile pairs per second of the model without reading, stitching and vectorizing."""
    side = model.info.tile_px
    tiles = np.random.default_rng(0).integers(0, 255, (batch, 2, 3, side, side), np.uint8)
    for _ in range(_WARM):
        model.predict_tiles(tiles, [_QUERY])
    started = time.perf_counter()
    for _ in range(_WAIT):
        model.predict_tiles(tiles, [_QUERY])
    return _WAIT * batch / (time.perf_counter() - started)


def _busy_share(events: Any, device: DeviceType) -> float:  # noqa: ANN401 - the profiler's list
    """Return the share of the time between first and last event in which a kernel ran.

    Memory copies and the profiler's marks of whole steps do not count.
    """
    kernels = [e for e in events if not e.name.startswith(("ProfilerStep", "Memcpy", "Memset"))]
    every = [(e.time_range.start, e.time_range.end) for e in kernels]
    spans = sorted(span for e, span in zip(kernels, every, strict=True) if e.device_type == device)
    if not spans:
        return 0.0
    busy = sum(end - start for start, end in _merged(spans))
    return busy / (max(end for _, end in every) - min(start for start, _ in every))


def _merged(spans: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    start, end = spans[0]
    for next_start, next_end in spans[1:]:
        if next_start > end:
            yield start, end
            start, end = next_start, next_end
        end = max(end, next_end)
    yield start, end


def _corner(pair: PairPaths) -> tuple[float, float, float, float]:
    import rasterio

    with rasterio.open(pair.after) as file:
        left, _, _, top = file.bounds
        side = min(file.width, 4096) * file.res[0]
    return left, top - side, left + side, top


def _model(name: str, arguments: argparse.Namespace, *, is_small: bool) -> ChangeSegmenter:
    # Processors without bfloat16 support take minutes per tile.
    precision: Precision = "float32" if is_small else "bfloat16"
    folder = getattr(arguments, name)
    if folder is not None:
        return load_model(folder, arguments.device, precision)
    config = _small(PRESETS[name]) if is_small else PRESETS[name]
    torch.manual_seed(0)
    model = new_model(config, load_tokenizer("minilm")).eval()
    facts = {"name": f"{name}, random", "version": "0"}
    return Segmenter(model, facts, torch.device(arguments.device), precision)


def _small(config: ModelConfig) -> ModelConfig:
    """Return the configuration with the same submodules at a small size; tiny is not changed."""
    if not isinstance(config.vision, SwinVisionConfig):
        return config
    assert isinstance(config.language, CausalLanguageConfig)
    return replace(
        config,
        vision=replace(config.vision, width=32, depths=(1, 1, 2, 1), heads=(1, 2, 4, 8), window=4),
        pixel_decoder=replace(
            config.pixel_decoder, channels=64, layers=1, heads=4, feed_forward=64
        ),
        language=replace(
            config.language, hidden=64, layers=2, heads=4, feed_forward=128, image_cells=8
        ),
        mask_decoder=replace(
            config.mask_decoder, layers=3, heads=4, feed_forward=64, projector_width=64
        ),
        tile_px=256,
    )


def _check_promises(measured: dict[str, dict[str, Any]]) -> int:
    broken = 0
    for name, facts in measured.items():
        is_kept = facts["busy"] is not None and facts["busy"] >= _MIN_BUSY_SHARE
        sys.stdout.write(
            f"{name}: a kernel runs {facts['busy']:.1%} of the time "
            f"(limit {_MIN_BUSY_SHARE:.0%}): {'kept' if is_kept else 'BROKEN'}\n"
        )
        broken += not is_kept
    if "base" in measured:
        rate = measured["base"]["pairs_per_s"]
        is_kept = rate > _MIN_PAIRS_PER_S
        sys.stdout.write(
            f"base processes {rate:.1f} pairs per second (limit {_MIN_PAIRS_PER_S:.0f}): "
            f"{'kept' if is_kept else 'BROKEN'}\n"
        )
        broken += not is_kept
    return int(broken > 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=32768, help="side of the scene in pixels")
    parser.add_argument("--device", default="cuda", help="cuda, or cpu for small models")
    parser.add_argument("--alone", action="store_true", help="measure the models only")
    parser.add_argument("--presets", nargs="+", choices=tuple(_BATCH), default=list(_BATCH))
    parser.add_argument("--tiny", help="folder or name of a tiny model", default="tiny")
    parser.add_argument("--base", help="folder of a base model")
    parser.add_argument("--output", type=Path, default=Path("build/gpu"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
