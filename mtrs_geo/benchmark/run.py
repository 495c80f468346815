"""`run_benchmark`: models × splits, every answer cached, scored and written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mtrs_geo.benchmark.cache import Cache
from mtrs_geo.benchmark.config import BOUNDS, BenchmarkConfig, ModelEntry
from mtrs_geo.benchmark.fingerprints import Keys
from mtrs_geo.benchmark.hardware import hardware
from mtrs_geo.benchmark.sample_counts import SCORE_LABELS
from mtrs_geo.benchmark.scoring import SampleResult, SplitScores, score_split
from mtrs_geo.benchmark.serve import PairAnswer, Task
from mtrs_geo.benchmark.speed import Speed, claimed_speed, measured_speed
from mtrs_geo.benchmark.split_samples import SplitPair, choose_pairs, list_pairs
from mtrs_geo.benchmark.stress.stored import StoredStress, read_stress
from mtrs_geo.benchmark.workers import answer_tasks
from mtrs_geo.errors import Cancelled, RequestError
from mtrs_geo.outputs import as_output_error, refuse_foreign, staged_folder
from mtrs_geo.progress import Progress, Silent

__all__ = ["CACHE", "RESULTS", "BenchmarkResult", "run_benchmark"]

CACHE, RESULTS = "cache.sqlite", "results"
"""Names in the output folder."""
_RESULT_FILES = (
    "index.html", "pictures/*.webp", "pictures/*.png", "samples/*.html", "samples.csv",
    "scores.json", "speed.json", "table.csv", "table.md",
)  # fmt: skip


@dataclass
class BenchmarkResult:
    """Scores of a benchmark, and what they are made of."""

    config: BenchmarkConfig
    pairs: dict[str, list[SplitPair]]
    """By split; those that were chosen."""
    is_part: bool
    """Whether only a part of the splits was run."""
    hardware: dict[str, Any]
    results: dict[str, dict[str, Sequence[SampleResult]]] = field(default_factory=dict)
    """By split and model."""
    scores: list[SplitScores] = field(default_factory=list)
    speeds: dict[tuple[str, str], Speed] = field(default_factory=dict)
    """By split and model."""
    stress: Sequence[StoredStress] = ()
    """Results of stress tests that the configuration names."""
    output: Path | None = None
    """Folder with the files."""

    @property
    def failed(self) -> int:
        """Number of failed samples of all models."""
        return sum(model.failed for split in self.scores for model in split.models)

    def summary(self) -> Iterator[str]:
        """Yield a table per split in lines of text."""
        name = self.config.rank_by
        width = max(len(entry.name) for entry in self.config.models)
        for split in self.scores:
            yield f"{split.split}: {SCORE_LABELS[name]} of {len(self.pairs[split.split])} pairs"
            # A model without a score is last: NaN has no place in an order.
            for model in sorted(
                split.models, key=lambda m: float(np.nan_to_num(-m.scores[name].value, nan=1))
            ):
                score = model.scores[name]
                line = f"  {model.model:{width}}  {100 * score.value:6.2f}"
                line += f"  [{100 * score.low:.2f}, {100 * score.high:.2f}]"
                yield line + (f"  {model.failed} failed" if model.failed else "")
                yield from _reasons(self.results.get(split.split, {}).get(model.model, ()))
        if self.output is not None:
            yield f"report: {self.output / 'index.html'}"


def run_benchmark(
    config: BenchmarkConfig,
    output: Path | str,
    *,
    limit: int | None = None,
    only: Sequence[str] = (),
    processes: int = 1,
    progress: Progress | None = None,
) -> BenchmarkResult:
    """Run models on splits, score them, and write tables and a report.

    Answers are kept in ``cache.sqlite`` of the output folder, by a hash of model, images and
    sentence: a run that ended early goes on when it is started again.  Failed samples are asked
    again.

    Args:
        config: models, splits and options.
        output: folder of the cache; ``results`` in it is replaced.
        limit: pairs per split, the first ones; None is all.
        only: names of pairs or samples, see `choose_pairs`.
        processes: number of processes that answer, each with a model of its own.
        progress: advances once per sample and model.

    Raises:
        RequestError: if an option cannot be used, or the folder of a stress test cannot be read.
        RasterError: if a split, or the JSON file of a folder of predictions, cannot be read.
        OutputError: if the output folder cannot be written, or ``results`` in it has other files.
        Cancelled: if ``progress`` is cancelled; the answers so far are kept.
    """
    if processes < 1 or (limit is not None and limit < 1):
        msg = f"processes ({processes}) and limit ({limit}) must be 1 or more."
        raise RequestError(msg)
    stress = [read_stress(folder) for folder in config.stress]
    output = Path(output)
    with as_output_error(output):
        output.mkdir(parents=True, exist_ok=True)
    refuse_foreign(output / RESULTS, _RESULT_FILES)  # before the run, which can take hours
    with Cache(output / CACHE) as cache:
        run = _Run(config, cache, processes, progress or Silent())
        result = run.run(limit, only)
        result.stress = stress
        # Imported here because drawing needs what a run that fails early does not.
        from mtrs_geo.benchmark.report.write import write_report
        from mtrs_geo.benchmark.tables import write_tables

        with staged_folder(output / RESULTS, overwrite=True, contents=_RESULT_FILES) as folder:
            write_tables(folder, result)
            write_report(folder, result, cache)
    result.output = output / RESULTS
    return result


def _reasons(results: Sequence[SampleResult]) -> Iterator[str]:
    """Yield why most of the failed samples of a model failed."""
    counts = Counter(result.reason for result in results if result.counts is None)
    for reason, count in counts.most_common(1):
        more = f" ({len(counts) - 1} more reasons in samples.csv)" if len(counts) > 1 else ""
        yield f"    {count} failed: {reason}{more}"


class _Run:
    """One run: finds what is not answered, has it answered, and collects the results."""

    def __init__(
        self, config: BenchmarkConfig, cache: Cache, processes: int, progress: Progress
    ) -> None:
        self._config = config
        self._cache = cache
        self._processes = processes
        self._progress = progress
        self._keys = Keys(cache.checksum)
        self._model_keys: dict[str, str] = {}
        self._reasons: dict[str, str] = {}
        """Why samples failed, by the key of the answer."""
        self._hardware = hardware()

    def run(self, limit: int | None, only: Sequence[str]) -> BenchmarkResult:
        config = self._config
        self._progress.log("reading the splits")
        every = [p for split in config.splits for p in list_pairs(split, self._cache.checksum)]
        chosen = choose_pairs(every, limit, only)
        pairs = {s.name: [p for p in chosen if p.split == s.name] for s in config.splits}
        is_part = len(chosen) < len(every) or bool(only)
        result = BenchmarkResult(config, pairs, is_part, self._hardware)
        for entry in config.models:
            self._model_keys[entry.name] = self._keys.model(entry)
        self._answer_all(result)
        for split in config.splits:
            if not pairs[split.name]:  # `only` names pairs of other splits
                continue
            by_model: Mapping[str, Sequence[SampleResult]] = {
                entry.name: [r for pair in pairs[split.name] for r in self._results(entry, pair)]
                for entry in self._entries(split.name)
            }
            result.results[split.name] = dict(by_model)
            scores = score_split(
                split.name, by_model, resamples=config.resamples, seed=config.seed,
                bounds=[entry.name for entry in config.models if entry.model in BOUNDS],
            )  # fmt: skip
            result.scores.append(scores)
            for entry in self._entries(split.name):
                result.speeds[split.name, entry.name] = self._speed(entry, split.name, pairs)
        return result

    def _entries(self, split: str) -> list[ModelEntry]:
        return [e for e in self._config.models if not e.splits or split in e.splits]

    def _answer_all(self, result: BenchmarkResult) -> None:
        tasks = {}
        total = 0
        for entry in self._config.models:
            wanted = [
                pair
                for split, pairs in result.pairs.items()
                if not entry.splits or split in entry.splits
                for pair in pairs
            ]
            total += sum(len(pair.samples) for pair in wanted)
            tasks[entry.name] = [task for pair in wanted if (task := self._task(entry, pair))]
        self._progress.start(total, "sentences")
        left = sum(len(task.pair.samples) for found in tasks.values() for task in found)
        if total > left:
            self._progress.advance(total - left)
        # What needs no model shares processes; a model has its own, for the sake of its memory.
        measured = [entry.name for entry in self._config.models if entry.is_measured]
        batches = [[task for name in tasks if name not in measured for task in tasks[name]]]
        for batch in [*batches, *(tasks[name] for name in measured)]:
            self._answer(batch)

    def _task(self, entry: ModelEntry, pair: SplitPair) -> Task | None:
        """Return what is left to do for a pair; None if all of its samples are scored."""
        key = self._model_keys[entry.name]
        answers = [self._keys.answer(key, entry, pair, sample) for sample in pair.samples]
        scores = map(self._keys.score, answers, pair.samples)
        if all(self._cache.counts(score) is not None for score in scores):
            return None
        return Task(entry, pair, tuple(map(self._cache.answer, answers)))

    def _answer(self, tasks: Sequence[Task]) -> None:
        if not tasks:
            return
        progress = self._progress
        # Closing ends the processes at once if an answer cannot be kept.
        with closing(answer_tasks(tasks, self._processes, lambda: progress.cancelled)) as answers:
            for task, answer in answers:
                self._keep(task, answer)
                progress.advance(len(task.pair.samples))
        if progress.cancelled:
            msg = "the benchmark was cancelled; the answers so far are kept."
            raise Cancelled(msg, advice="Run the same command to go on.")

    def _keep(self, task: Task, answer: PairAnswer) -> None:
        entry, pair, cache = task.entry, task.pair, self._cache
        key = self._model_keys[entry.name]
        with cache.transaction():
            for sample, found in zip(pair.samples, answer.samples, strict=True):
                answer_key = self._keys.answer(key, entry, pair, sample)
                if found.counts is None:
                    self._reasons[answer_key] = found.reason
                    continue
                cache.add_answer(answer_key, found.packed)
                cache.add_counts(self._keys.score(answer_key, sample), found.counts)
            if answer.seconds is not None and entry.is_measured and pair.is_whole:
                cache.add_seconds(self._keys.pair(key, pair), answer.seconds, answer.pixels)
            if answer.facts is not None:
                machine = f"{self._hardware['processor']}, {self._hardware['cores']} cores"
                gpu = answer.facts.get("gpu")
                cache.add_facts(key, answer.facts | {"hardware": gpu or machine})

    def _results(self, entry: ModelEntry, pair: SplitPair) -> Iterator[SampleResult]:
        key = self._model_keys[entry.name]
        for sample in pair.samples:
            answer = self._keys.answer(key, entry, pair, sample)
            counts = self._cache.counts(self._keys.score(answer, sample))
            reason = "" if counts is not None else self._reasons.get(answer, "not answered")
            yield SampleResult(pair.name, sample, counts, reason, answer)

    def _speed(self, entry: ModelEntry, name: str, pairs: dict[str, list[SplitPair]]) -> Speed:
        split = next(split for split in self._config.splits if split.name == name)
        if not entry.is_measured:
            return claimed_speed(entry, split)
        key = self._model_keys[entry.name]
        found = [self._cache.seconds(self._keys.pair(key, pair)) for pair in pairs[name]]
        times = [time for time in found if time is not None]
        return measured_speed(times, self._cache.facts(key), split)
