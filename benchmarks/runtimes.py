"""Time of tiny per tile by runtime and by batch size, and how far the answers are apart.

Run: python benchmarks/runtimes.py [--rounds 3] [--model tiny] [--device cuda] [--compile]
         [--batch-sizes 1 2 4 8 16] [--json out.json]

The variants answer the same tiles of a rendered pair in turn, and the best of the rounds counts: on
a CPU processor time of one thread, which other programs hardly change (threads that wait for each
other take processor time as well), on CUDA wall-clock time.  Printed are the time per tile, its
ratio to the first variant, which is what ``--device auto`` selects, and the largest difference of a
probability from PyTorch in float32.

A small tile is answered first.  A variant that takes three times as long as PyTorch in float32 for
it, as bfloat16 does on a processor without it, is timed by it alone.  ``--compile`` adds
torch.compile, which takes minutes before its first answer; that time is printed as well.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import rasterio
import torch
from rendered import rendered_pair

from mtrs_geo.models import ChangeSegmenter, load_model
from mtrs_geo.models.runtime.segmenter import Precision, Segmenter
from mtrs_geo.types import FloatArray, UInt8Array

_QUERY = "new buildings"
_BATCH = 4
_COLUMNS = 4
_SMALL_PX = 64
_SLOW = 3.0
"""Times that of PyTorch in float32."""


@dataclass(frozen=True)
class Variant:
    """A way to run the model."""

    name: str
    load: Callable[[], ChangeSegmenter]
    batch: int = _BATCH


@dataclass
class Figures:
    """What was measured of a variant."""

    name: str
    seconds: float
    """Per tile."""
    start_s: float
    """Of the first answer, on top of that."""
    difference: float
    """Largest difference of a probability."""
    ratio: float = 1.0
    is_small: bool = False
    """Whether a small tile was measured, and the ratio is to PyTorch in float32."""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--batch-sizes", type=int, nargs="*", default=[1, 2, 4, 8, 16])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compile", action="store_true", help="with torch.compile")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    name, device = arguments.model, arguments.device
    if device.startswith("cuda") and not torch.cuda.is_available():
        sys.stdout.write("no GPU: nothing measured\n")
        return 0
    torch.set_num_threads(arguments.threads)
    kinds = [device]
    if device == "cpu" and importlib.util.find_spec("openvino"):
        kinds.insert(0, "openvino")
    exact = load_model(name, device)
    tiles = _tiles(exact.info.tile_px, max(_BATCH, *arguments.batch_sizes, 0))
    bench = _Bench(exact, tiles, arguments.rounds)
    measured = {"runtimes": bench.measure(_runtimes(name, kinds, is_compiled=arguments.compile))}
    for kind in kinds if arguments.batch_sizes else ():
        measured[f"batches, {kind}"] = bench.measure([
            Variant(f"{kind}, batches of {size}", partial(load_model, name, kind), size)
            for size in arguments.batch_sizes
        ])  # fmt: skip
    if arguments.json:
        rows = {title: [asdict(row) for row in found] for title, found in measured.items()}
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


def _runtimes(name: str, kinds: Sequence[str], *, is_compiled: bool) -> list[Variant]:
    """Return the variants to compare; the first is the default of the device."""
    *others, device = kinds

    def load(
        precision: Precision = "float32", *, channels_last: bool = True, compiled: bool = False
    ) -> ChangeSegmenter:
        model = load_model(name, device, precision)
        if not isinstance(model, Segmenter):
            return model
        if not channels_last:
            model.model.to(memory_format=torch.contiguous_format)
        for part in ("encode", "decode") if compiled else ():
            setattr(model.model, part, torch.compile(getattr(model.model, part), dynamic=False))
        return model

    variants = [Variant(f"{kind}, float32", partial(load_model, name, kind)) for kind in others]
    for precision in ("float32", "bfloat16"):
        title = f"PyTorch {precision}"
        if is_compiled and precision == "float32":
            compiled = partial(load, precision, compiled=True)
            variants.append(Variant(f"{title}, torch.compile", compiled))
        variants += [
            Variant(f"{title}, channels last", partial(load, precision)),
            Variant(f"{title}, contiguous", partial(load, precision, channels_last=False)),
        ]
    return variants


def _tiles(side_px: int, count: int) -> UInt8Array:
    """Return tiles (B, 2, 3, side, side) of a rendered pair."""
    rows = -(-count // _COLUMNS)
    with rendered_pair(side_px * max(rows, _COLUMNS)) as pair:
        dates = []
        for path in (pair.before, pair.after):
            with rasterio.open(path) as file:
                dates.append(file.read([1, 2, 3]))
    images = np.stack(dates)
    corners = [(side_px * (i // _COLUMNS), side_px * (i % _COLUMNS)) for i in range(count)]
    return np.stack([images[:, :, r : r + side_px, c : c + side_px] for r, c in corners])


class _Bench:
    """Measures variants on the same tiles.

    Args:
        exact: PyTorch in float32.
        tiles: (B, 2, 3, side, side).
        rounds: how often each variant answers all tiles.
    """

    def __init__(self, exact: ChangeSegmenter, tiles: UInt8Array, rounds: int) -> None:
        self.rounds = rounds
        self.small = np.ascontiguousarray(tiles[:1, ..., :_SMALL_PX, :_SMALL_PX])
        is_cpu = exact.info.device == "cpu"
        self.clock = time.process_time if is_cpu else time.perf_counter
        found = self._timed(exact, tiles)[0]
        # The tile with most change is the first of each comparison.
        order = np.argsort(-found.mean((1, 2, 3)))
        self.tiles, self.exact = tiles[order], found[order]
        self.small_s = min(self._timed(exact, self.small)[1] for _ in range(3))

    def measure(self, variants: Sequence[Variant]) -> list[Figures]:
        """Return the best time of each variant, and print it."""
        found = [(variant, *self._started(variant)) for variant in variants]
        rows = [figures for _, _, figures in found]
        for _ in range(self.rounds):
            for variant, model, figures in found:
                if not figures.is_small:
                    seconds = self._timed_in_batches(model, variant.batch)
                    figures.seconds = min(figures.seconds, seconds)
        for row in rows:
            row.ratio = row.seconds / (self.small_s if row.is_small else rows[0].seconds)
            _print(row, rows[0].name)
        return rows

    def _started(self, variant: Variant) -> tuple[ChangeSegmenter, Figures]:
        """Return a variant's model after its first answers, and these as figures."""
        model = variant.load()
        is_small, seconds = False, 0.0
        if "compile" not in variant.name:  # it would be compiled for this size as well
            seconds = min(self._timed(model, self.small)[1] for _ in range(2))
            is_small = seconds > _SLOW * self.small_s
        answer, first_s = self._timed(model, self.tiles[: 1 if is_small else variant.batch])
        figures = Figures(
            variant.name, seconds if is_small else float("inf"), first_s,
            float(np.abs(answer - self.exact[: len(answer)]).max()), is_small=is_small,
        )  # fmt: skip
        return model, figures

    def _timed_in_batches(self, model: ChangeSegmenter, size: int) -> float:
        """Return the seconds per tile; what does not fill a batch is left out."""
        starts = range(0, len(self.tiles) - size + 1, size)
        spent = [self._timed(model, self.tiles[i : i + size])[1] for i in starts]
        return sum(spent) / (len(spent) * size)

    def _timed(self, model: ChangeSegmenter, tiles: UInt8Array) -> tuple[FloatArray, float]:
        start = self.clock()
        answer = model.predict_tiles(tiles, [_QUERY])  # the answer is in the memory of the CPU
        return answer, self.clock() - start


def _print(row: Figures, first: str) -> None:
    kind, other = "tile", first
    if row.is_small:
        kind, other = f"tile of {_SMALL_PX} px", "PyTorch float32, channels last"
    sys.stdout.write(
        f"{row.name}: {row.seconds * 1e3:.1f} ms per {kind}, {row.ratio:.3f} of {other}; first "
        f"answer {row.start_s:.1f} s; probabilities differ by at most {row.difference:.1e}\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
