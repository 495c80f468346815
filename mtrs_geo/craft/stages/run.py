"""Run the stages of a project, pair by pair.  A run that was cut off is run again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from mtrs_geo.craft.backends.contract import BudgetExceededError
from mtrs_geo.craft.backends.grid import plan_cells
from mtrs_geo.craft.project import Pair, Project
from mtrs_geo.craft.project.pairs import list_pairs
from mtrs_geo.craft.project.records import Origin
from mtrs_geo.craft.stages.beautify import beautify
from mtrs_geo.craft.stages.check import check
from mtrs_geo.craft.stages.context import Context
from mtrs_geo.craft.stages.correct import correct
from mtrs_geo.craft.stages.negatives import make_negatives
from mtrs_geo.craft.stages.perceive import perceive
from mtrs_geo.craft.stages.returned import take_back
from mtrs_geo.craft.stages.segment import segment
from mtrs_geo.craft.stages.verify import accept_alone, verify
from mtrs_geo.errors import Cancelled, RequestError
from mtrs_geo.outputs.target_lock import TargetLock
from mtrs_geo.progress import Progress, Silent

__all__ = ["RunReport", "run_stages"]

_GRID = "grid"
_DESCRIBED = """
SELECT COUNT(DISTINCT pair_id), kind, origins.name, version FROM cells
JOIN origins ON origins.id = origin_id GROUP BY origin_id"""
_SEGMENTED = """
SELECT COUNT(DISTINCT item_id), kind, name, version FROM rounds
JOIN masks ON masks.id = mask_id JOIN origins ON origins.id = masks.origin_id
WHERE stage = 'segment' GROUP BY masks.origin_id"""
"""Count, and kind, name and version of the origin, of what each backend made."""


@dataclass(frozen=True)
class RunReport:
    """What a run did."""

    pairs: int
    """Pairs that were looked at, finished or not."""
    failed: int
    """Subjects of stages that failed; the next run tries them again."""
    stopped: str = ""
    """Why the run ended early; empty if it did not."""
    kept: tuple[str, ...] = ()
    """What other backends made in earlier runs, which this run did not make again."""


def run_stages(context: Context, progress: Progress | None = None) -> RunReport:
    """Do all stages for all pairs; what is done already is not done again.

    A backend's error ends the work on its pair or item only.  A used-up budget ends the run.

    Args:
        context: project, backends and options.
        progress: receives one step per pair.

    Raises:
        RequestError: if pairs have cells of another grid, or this one cannot be drawn on a pair.
        OutputError: if another process runs the project.
        Cancelled: if the caller cancelled; what is done is kept.
    """
    progress = progress or Silent()
    project, stopped, count = context.project, "", 0
    with _locked(project):
        pairs = list_pairs(project)
        _keep_grid(context, pairs)
        progress.start(len(pairs), "pairs")
        try:
            for pair in pairs:
                if progress.cancelled:
                    msg = "the run was cancelled."
                    raise Cancelled(msg, advice="Run it again to go on.")
                _run_pair(context, pair)
                count += 1
                progress.advance()
        except BudgetExceededError as error:
            stopped = str(error)
    return RunReport(count, context.failed, stopped, tuple(_kept(context)))


def _run_pair(context: Context, pair: Pair) -> None:
    if not perceive(context, pair):
        return
    ready = [
        item for item in context.items(pair, "draft", negatives=False)
        if segment(context, pair, item) and correct(context, pair, item)
    ]  # fmt: skip
    ready = [item for item in ready if beautify(context, pair, item)]
    ready = [item for item in ready if check(context, pair, item)]
    if ready or context.items(pair, "ready", "accepted"):
        make_negatives(context, pair)
    for item in context.items(pair, "draft"):
        if item.is_negative or item in ready:
            verify(context, pair, item)
    for item in context.items(pair, "rejected", negatives=False):
        take_back(context, pair, item)
    accept_alone(context, pair)


def _kept(context: Context) -> Iterator[str]:
    """Yield what other backends than those of this run made, which stays as it is."""
    parts = (
        (context.describer, _DESCRIBED, "{} pairs keep the sentences of {}; {} is not asked"),
        (context.segmenter, _SEGMENTED, "{} items keep the masks of {}; {} is not asked"),
    )
    for backend, query, text in parts:
        own = backend.origin
        for count, *other in context.project.connection.execute(query):
            if Origin(*other) != own:
                yield (
                    f"{text.format(count, _named(Origin(*other)), _named(own))}. For its answers, "
                    "add the pairs to a new project."
                )


def _named(origin: Origin) -> str:
    return f"{origin.name!r} {origin.version}".rstrip()


def _keep_grid(context: Context, pairs: Sequence[Pair]) -> None:
    """Store the grid of the first run; it can change until a pair has cells."""
    project, wanted = context.project, list(context.options.grid)
    known = project.setting(_GRID)
    if known == wanted:
        return
    if project.connection.execute("SELECT 1 FROM cells").fetchone() and known is not None:
        msg = f"the project has a grid of {known[0]} × {known[1]} cells."
        raise RequestError(msg, advice="Use this grid, or make another project.")
    for pair in pairs:
        plan_cells((pair.rows, pair.cols), context.options.grid)  # raises before it is stored
    project.set(_GRID, wanted)


@contextmanager
def _locked(project: Project) -> Iterator[None]:
    lock = TargetLock(project.path)
    try:
        yield
    finally:
        lock.release()
