"""The main function of an answering process: tasks in, answers out, as pickles on pipes."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TextIO, cast

from mtrs_geo.benchmark.config import ModelEntry
from mtrs_geo.benchmark.hardware import peak_memory
from mtrs_geo.benchmark.packed_masks import pack_mask, unpack_mask
from mtrs_geo.benchmark.sample_counts import SampleCounts, count_sample
from mtrs_geo.benchmark.sources import Answer, AnswerSource, open_source
from mtrs_geo.benchmark.split_samples import Sample, SplitPair, read_samples
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.errors import MTRSGeoError
from mtrs_geo.redaction import RedactingStream, redact

__all__ = ["PairAnswer", "SampleAnswer", "Task", "ask", "main", "reason_of"]


@dataclass(frozen=True)
class Task:
    """A pair that a model is to answer."""

    entry: ModelEntry
    pair: SplitPair
    packed: tuple[bytes | None, ...]
    """Answers that are known already, per sample; these are scored only."""


@dataclass(frozen=True)
class SampleAnswer:
    """What became of a sample."""

    packed: bytes = b""
    """The predicted mask, see `mtrs_geo.benchmark.packed_masks`."""
    counts: SampleCounts | None = None
    reason: str = ""
    """Why there is no answer; empty if there is one."""


@dataclass(frozen=True)
class PairAnswer:
    """What became of the samples of a pair."""

    samples: tuple[SampleAnswer, ...]
    seconds: float | None = None
    """Time of the one call for all sentences of the pair; None if there was none."""
    pixels: int = 0
    """Pixels of an image of the pair."""
    facts: dict[str, Any] | None = None
    """About the model, and the peak memory so far in bytes; None if no model was used."""


def main() -> None:
    """Answer tasks from standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    sys.stderr = cast(TextIO, RedactingStream(sys.stderr))
    answering = _Answering()
    while True:
        try:
            task = pickle.load(sys.stdin.buffer)
        except EOFError:
            os._exit(0)
        try:
            pickle.dump(answering.answer(task), answers)
            answers.flush()
        except BrokenPipeError:  # the benchmark was killed
            os._exit(1)


class _Answering:
    """Answers tasks and keeps the model of the last one."""

    def __init__(self) -> None:
        self._entry: ModelEntry | None = None
        self._source: AnswerSource | Exception | None = None

    def answer(self, task: Task) -> PairAnswer:
        try:
            return self._answer(task)
        except Exception as error:  # noqa: BLE001 - recorded as the reason of the failure
            failed = SampleAnswer(reason=reason_of(error))
            return PairAnswer((failed,) * len(task.pair.samples))

    def _answer(self, task: Task) -> PairAnswer:
        pair = read_samples(task.pair)
        answers: list[Answer] = [unpack_mask(known) if known else "" for known in task.packed]
        asked = [i for i, known in enumerate(task.packed) if known is None]
        seconds, facts = None, None
        if asked:
            source = self._open(task.entry)
            chosen = [task.pair.samples[i] for i in asked]
            found, seconds = ask(source, _part(pair, asked), task.pair.split, chosen)
            if len(asked) < len(answers):  # not the time of the whole pair
                seconds = None
            for i, answer in zip(asked, found, strict=True):
                answers[i] = answer
            facts = source.facts() | peak_memory() if task.entry.is_measured else None
        samples = tuple(_scored(*item) for item in zip(answers, pair.masks, strict=True))
        return PairAnswer(samples, seconds, pair.after[..., 0].size, facts)

    def _open(self, entry: ModelEntry) -> AnswerSource:
        """Return the model, loaded once; one that cannot be loaded fails at once afterwards."""
        if entry != self._entry or self._source is None:
            self._source = None  # frees the memory of the last one
            self._entry = entry
            try:
                self._source = open_source(entry)
            except Exception as error:  # noqa: BLE001 - raised below
                self._source = error
        if isinstance(self._source, Exception):
            raise self._source
        return self._source


def ask(
    source: AnswerSource, pair: ReferringPair, split: str, samples: Sequence[Sample]
) -> tuple[list[Answer], float | None]:
    """Return answers and seconds; if all sentences together fail, each is asked alone."""
    started = time.perf_counter()
    try:
        return source.answer(pair, split, samples), time.perf_counter() - started
    except Exception as error:  # noqa: BLE001 - recorded as the reason of the failure
        if len(samples) == 1:
            return [reason_of(error)], None
    found: list[Answer] = []
    for i, sample in enumerate(samples):
        found += ask(source, _part(pair, [i]), split, [sample])[0]
    return found, None


def _part(pair: ReferringPair, positions: Sequence[int]) -> ReferringPair:
    texts = tuple(pair.expressions[i] for i in positions)
    return replace(pair, expressions=texts, masks=pair.masks[list(positions)])


def _scored(answer: Answer, truth: Any) -> SampleAnswer:  # noqa: ANN401 - a mask
    if isinstance(answer, str):
        return SampleAnswer(reason=answer)
    return SampleAnswer(pack_mask(answer), count_sample(answer, truth))


def reason_of(error: Exception) -> str:
    """Return why a sample failed, in one text without secrets."""
    if isinstance(error, MTRSGeoError):
        return error.message
    return redact(f"{type(error).__name__}: {error}")[:500]
