"""Score models on real pairs that no training used, and write the tables of docs/benchmark.md.

Run: python benchmarks/real_tables.py --root ../shared/data -o real_tables
         --models tiny cva irmad "LAVT-like=equal/lavt-like/model" ...
         [--compare tiny ...] [--document docs/benchmark.md]

Splits (figures/real_split.py): tiles of 256 px of LEVIR's four and 252 px of Guangzhou's three
held-out scenes, each in both orders of the dates, with sentences in held-out wording.  Wrong
directions and absent things have empty masks.  They are written once to OUTPUT/splits.

The rest is `mtrs-geo benchmark run OUTPUT/config.yaml -o OUTPUT/benchmark`: answers are kept, so a
further call costs only what is new.  A model that the configuration has from an earlier call stays;
one of the same name is replaced.  The times are CPU seconds of the first pairs of LEVIR, after one
that is not counted: on a machine with other jobs they say more than the clock.  --document writes
the tables between its two marks.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from figures.real_split import REAL_SPLITS, write_real_split

from mtrs_geo.benchmark import read_config, run_benchmark
from mtrs_geo.benchmark.config import BOUNDS, ModelEntry
from mtrs_geo.benchmark.run import BenchmarkResult
from mtrs_geo.benchmark.scoring import Score, SplitScores
from mtrs_geo.benchmark.sources import load_segmenter
from mtrs_geo.benchmark.tables import percent, tier_of
from mtrs_geo.data.split.reader import open_split
from mtrs_geo.errors import MTRSGeoError

_GSD_M = {"LEVIR": 0.5, "Guangzhou": 0.55}
_TILES = {"LEVIR": 32, "Guangzhou": 24}
_TIMED_PAIRS = 5
_COLUMNS = {
    "miou_nonempty": "mIoU of non-empty",
    "no_target_accuracy": "no-target accuracy",
    "miou": "mIoU",
    "boundary_f1": "boundary F1",
}
_MARKS = "<!-- real tables: begin -->", "<!-- real tables: end -->"


def main() -> int:
    """Write the splits, run the models, write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, required=True, help="data root")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument(
        "--models", nargs="+", default=[], help="names or folders, or LABEL=NAME_OR_FOLDER"
    )
    parser.add_argument("--compare", nargs="+", default=["tiny"], help="models of the paired tests")
    parser.add_argument("--document", type=Path, help="Markdown file with the two marks")
    parser.add_argument("--tiles", type=int, help="tiles per split, for a trial")
    arguments = parser.parse_args()
    try:
        result = _run(arguments)
    except MTRSGeoError as error:
        sys.exit(str(error))
    seconds = {
        entry.name: _cpu_seconds(entry, result.config.splits[0].data)
        for entry in result.config.models
        if entry.is_measured
    }
    text = "\n".join(_tables(result, seconds, arguments.compare)) + "\n"
    (arguments.output / "real_tables.md").write_text(text)
    sys.stdout.write(text)
    if arguments.document is not None:
        _fill_in(arguments.document, text)
    return 0


def _run(arguments: argparse.Namespace) -> BenchmarkResult:
    output = arguments.output
    for name in REAL_SPLITS:
        folder = output / "splits" / name
        if not folder.is_dir():
            tiles = arguments.tiles or _TILES[name]
            pairs = write_real_split(arguments.root, name, tiles, folder)
            sys.stdout.write(f"{folder}: {pairs} pairs\n")
    path = output / "config.yaml"
    path.write_text(yaml.safe_dump(_config(path, arguments.models), sort_keys=False))
    return run_benchmark(read_config(path), output / "benchmark")


def _config(path: Path, models: Sequence[str]) -> dict[str, Any]:
    """Return the configuration with the models of an earlier call, and these."""
    entries = {}
    if path.is_file():
        entries = {entry["name"]: entry for entry in yaml.safe_load(path.read_text())["models"]}
    for text in [*models, *BOUNDS]:
        label, _, model = text.rpartition("=")
        place = str(Path(model).resolve()) if Path(model).is_dir() else model
        # On the CPU in PyTorch, so that the times compare models and not runtimes.
        entries[label or model] = {"name": label or model, "model": place, "device": "cpu"}
    bounds = [entries.pop(name) for name in BOUNDS]
    splits = [
        {"name": name, "data": f"splits/{name}", "gsd_m": _GSD_M[name]} for name in REAL_SPLITS
    ]
    return {
        "title": "Real pairs that no training used",
        "rank_by": "miou_nonempty",
        "pages": 0,
        "models": [*entries.values(), *bounds],
        "splits": splits,
    }


def _cpu_seconds(entry: ModelEntry, folder: Path) -> float:
    """Return the median CPU seconds of a pair with all of its sentences."""
    segmenter, split, times = load_segmenter(entry), open_split(folder), []
    for index in range(min(_TIMED_PAIRS + 1, len(split))):
        pair = split[index]
        started = time.process_time()
        segmenter.predict(pair.before, pair.after, list(pair.expressions))
        times.append(time.process_time() - started)
    return statistics.median(times[1:])


def _tables(
    result: BenchmarkResult, seconds: Mapping[str, float], compared: Sequence[str]
) -> Iterator[str]:
    for scores in result.scores:
        pairs = result.pairs[scores.split]
        samples = [sample for pair in pairs for sample in pair.samples]
        yield f"**{scores.split}**: {len(pairs)} pairs, {len(samples)} sentences"
        yield ""
        yield from _score_table(result, scores, seconds)
        yield ""
        for name in compared:
            yield from _comparison_table(scores, name)
            yield ""


def _score_table(
    result: BenchmarkResult, scores: SplitScores, seconds: Mapping[str, float]
) -> Iterator[str]:
    yield _row(["model", "tier", *_COLUMNS.values(), "CPU s per pair", "MiB", "parameters (M)"])
    yield "|" + "---|" * (len(_COLUMNS) + 5)
    order = sorted(scores.models, key=lambda model: -model.scores["miou_nonempty"].value)
    for model in order:
        speed = result.speeds[scores.split, model.model]
        timed = f"{seconds[model.model]:.2g}" if model.model in seconds else ""
        peak = "" if speed.peak_bytes is None else f"{speed.peak_bytes / 2**20:,.0f}"
        millions = "" if not speed.parameters else f"{speed.parameters / 1e6:.1f}"
        failed = f" ({model.failed} failed)" if model.failed else ""
        tier = tier_of(scores.tiers, result.config.rank_by, model.model)
        cells = [_interval(model.scores[name]) for name in _COLUMNS]
        yield _row([model.model + failed, tier, *cells, timed, peak, millions])


def _comparison_table(scores: SplitScores, compared: str) -> Iterator[str]:
    names = list(_COLUMNS)[:2]
    yield _row([f"{compared} minus", *(f"{_COLUMNS[n]} | p adjusted" for n in names)])
    yield "|" + "---|" * 5
    by_key = {
        (item.score, frozenset((item.better, item.worse))): item for item in scores.comparisons
    }
    for model in scores.models:
        cells = []
        for name in names:
            item = by_key.get((name, frozenset((compared, model.model))))
            if item is not None and compared != model.model:
                sign = 1 if item.better == compared else -1
                ends = sorted((sign * item.difference.low, sign * item.difference.high))
                cells += [_interval(Score(sign * item.difference.value, *ends)),
                          f"{item.p_adjusted:.2g}"]  # fmt: skip
        if cells:
            yield _row([model.model, *cells])


def _interval(score: Score) -> str:
    if not math.isfinite(score.value):
        return ""
    return f"{percent(score.value)} [{percent(score.low)}, {percent(score.high)}]"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _fill_in(document: Path, text: str) -> None:
    begin, end = _MARKS
    content = document.read_text()
    if content.count(begin) != 1 or content.count(end) != 1:
        sys.exit(f"{document} does not have each of {begin} and {end} once.")
    before, _, rest = content.partition(begin)
    document.write_text(f"{before}{begin}\n{text}{end}{rest.partition(end)[2]}")


if __name__ == "__main__":
    sys.exit(main())
