"""A process that is forked after a run says so instead of waiting for ever."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection

import numpy as np
import pytest

from mtrs_geo import detect_changes
from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.errors import ModelError
from mtrs_geo.models import ChangeSegmenter, load_model


def _use(model: ChangeSegmenter | None, answer: Connection) -> None:
    try:
        model = model or load_model("tiny", "cpu")
        model.predict_tiles(np.zeros((1, 2, 3, 64, 64), np.uint8), ["new buildings"])
    except ModelError as error:
        answer.send(str(error))


def check_refused(target: Callable[..., None], argument: object) -> None:
    """Call a function in a forked process; it must send the advice, and not wait for ever."""
    context = multiprocessing.get_context("fork")
    answer, child_end = context.Pipe(duplex=False)
    process = context.Process(target=target, args=(argument, child_end))
    process.start()
    try:
        assert answer.poll(120), "the child waits"
        assert 'Start processes with multiprocessing.get_context("spawn")' in answer.recv()
    finally:
        process.kill()
        process.join()


@pytest.mark.skipif(sys.platform != "linux", reason="fork is used on Linux")
@pytest.mark.parametrize("is_shared", [True, False])
def test_a_model_is_refused_in_a_process_that_was_forked_after_a_run(is_shared: bool) -> None:
    model = load_model("tiny", "cpu")
    model.predict_tiles(np.zeros((1, 2, 3, 64, 64), np.uint8), ["new buildings"])
    check_refused(_use, model if is_shared else None)


def _detect(paths: PairPaths, answer: Connection) -> None:
    try:
        answer.send(repr(detect_changes(paths.before, paths.after, "x", model="brightness")))
    except ModelError as error:
        answer.send(str(error))


@pytest.mark.skipif(sys.platform != "linux", reason="fork is used on Linux")
def test_a_run_is_refused_in_a_process_that_was_forked_after_a_run(pair_paths: PairPaths) -> None:
    """GDAL's threads do not exist there."""
    detect_changes(pair_paths.before, pair_paths.after, "x", model="brightness")
    check_refused(_detect, pair_paths)
