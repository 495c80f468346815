"""The ledger of a run: what it records about the run, and whether a run may go on with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from mtrs_geo.errors import OutputError
from mtrs_geo.interruption import hold_interruptions
from mtrs_geo.io.inputs.identity import stack_identity
from mtrs_geo.ledger import (
    Ledger,
    describe_differences,
    is_committing,
    ledger_path,
    package_versions,
)
from mtrs_geo.outputs import OutputSet, output_path
from mtrs_geo.outputs.target_lock import TargetLock
from mtrs_geo.progress import Progress
from mtrs_geo.tiles.plan import TilePlan
from mtrs_geo.types import StrPath

if TYPE_CHECKING:
    from mtrs_geo.detect.options import DetectOptions
    from mtrs_geo.detect.run import Scene
    from mtrs_geo.models import ModelInfo

__all__ = ["facts_of_run", "may_replace", "open_ledger", "stored_batch_size"]

_COMPARED = (
    "threshold", "min_area_m2", "fill_holes_m2", "simplify_px", "regularize", "bands", "grid",
    "resolution", "dates", "register", "precision", "mirrored", "batch_size", "raw",
    "answer_anyway", "pairs",
)  # fmt: skip
"""Options that an answer depends on; areas, references and tiles are recorded by their content."""
_OWN = ("format", "committing")
"""Facts of the ledger itself."""


def main_output(output: StrPath | None, probability: StrPath | None) -> Path | None:
    """Return the output that the ledger of a run is beside; None if neither is written."""
    first = next((path for path in (output, probability) if path is not None), None)
    return None if first is None else output_path(first)


def may_replace(output: StrPath | None, options: DetectOptions) -> bool:
    """Return whether outputs may be replaced: if the user says so, or the run was writing them.

    Raises:
        OutputError: if an interrupted run is there, and the caller asked neither to go on nor to
            overwrite; or if its ledger is damaged.
    """
    target = main_output(output, options.probability)
    if target is None or options.overwrite or not ledger_path(target).exists():
        return options.overwrite
    if options.resume:
        return is_committing(ledger_path(target))
    try:
        TargetLock(target).release()  # says so if the run is not interrupted, but alive
    except OutputError:
        raise
    except OSError:
        pass
    msg = f"{target} has an interrupted run beside it: {ledger_path(target).name}."
    advice = "Resume it with --resume (resume=True), or start over with --overwrite."
    raise OutputError(msg, advice=advice)


@contextmanager
def open_ledger(
    outputs: OutputSet,
    facts: Callable[[], Mapping[str, Any]] | None,
    events: Progress,
    *,
    resume: bool,
    chosen: Collection[str] = (),
) -> Iterator[Ledger | None]:
    """Yield the ledger of a run, or None if the run writes nothing.

    After an exception the ledger stays, if it holds an answer.  After success the caller removes
    it once the outputs are in place.

    Args:
        outputs: the outputs of the run, which are locked.
        facts: returns what `facts_of_run` says; None for a run that reads no tile.
        events: receives messages.
        resume: go on with an interrupted run, if there is one.
        chosen: options that the run chooses itself; a run that goes on takes the ledger's.

    Raises:
        OutputError: if the interrupted run was another one, or its ledger is damaged.
    """
    target = main_output(outputs.target("output"), outputs.target("probability"))
    if target is None or facts is None:
        yield None
        return
    found, ledger = facts(), None
    try:
        with hold_interruptions():  # a half-made ledger would stay beside the output
            ledger = _open(ledger_path(target), found, events, chosen, resume=resume)
        yield ledger
    except BaseException:
        if ledger is not None:
            _leave(ledger, events)
        raise
    ledger.close()


def _leave(ledger: Ledger, events: Progress) -> None:
    """Close the ledger of a run that did not end; remove it if it has no answer."""
    if _is_empty(ledger):
        ledger.remove()
        return
    ledger.close()
    events.log(
        f"what was done is kept in {ledger.path.name}: run it again with --resume (resume=True) "
        "to go on"
    )


def _is_empty(ledger: Ledger) -> bool:
    """Return whether a ledger has no answer, or cannot say, as the disk is full."""
    try:
        return ledger.is_empty
    except OutputError:
        return True


def _open(
    path: Path,
    facts: Mapping[str, Any],
    events: Progress,
    chosen: Collection[str],
    *,
    resume: bool,
) -> Ledger:
    plain = json.loads(json.dumps(facts))
    if not resume or not path.exists():
        if resume:
            events.log("there is no interrupted run to go on with: it begins at the first tile")
        return Ledger.create(path, plain)
    ledger = Ledger.resume(path)
    differences = describe_differences(ledger.facts, plain, (*_OWN, *chosen))
    if differences:
        ledger.close()
        msg = f"the interrupted run in {path} was another one: {differences}."
        advice = "Run it as it was, or start over with --overwrite (overwrite=True)."
        raise OutputError(msg, advice=advice)
    return ledger


def stored_batch_size(ledger: Ledger) -> int:
    """Return the tiles per forward pass of the run of a ledger.

    Raises:
        OutputError: if the ledger is damaged.
    """
    size = ledger.facts.get("option", {}).get("batch_size")
    if not isinstance(size, int) or size < 1:
        msg = f"{ledger.path} is damaged: batch_size is {size!r}."
        raise OutputError(msg, advice="Start over with --overwrite (overwrite=True).")
    return size


def facts_of_run(
    scene: Scene, plan: TilePlan, info: ModelInfo, batch_size: int, *, has_probability: bool
) -> dict[str, Any]:
    """Return what the answers of a run depend on, as values of JSON; ``batch_size`` as chosen."""
    grid, options = scene.grid, scene.options
    values = {option.name: getattr(options, option.name) for option in fields(options)}
    values["batch_size"] = batch_size
    return {
        "input": stack_identity(scene.stack, scene.window),
        "option": {name: _plain(values[name]) for name in _COMPARED},
        "area of interest": None if scene.area is None else _checksum(scene.area.parts),
        "reference": {
            name: _checksum(layer.geometry.to_numpy()) for name, layer in scene.references.items()
        },
        "grid": {
            "CRS": grid.crs.to_wkt(), "transform": tuple(grid.transform)[:6], "shape": grid.shape,
        },
        "tiles": {"tile_px": plan.tile_px, "overlap_px": plan.overlap_px, "number": len(plan)},
        "question": [question.text for question in scene.questions.all],
        "prompt": [str(prompt) for prompt in scene.prompts],
        "probabilities": has_probability,
        "model": {
            "name": info.name, "version": info.version, "weights": info.weights_sha256,
            "device": info.device,
        },
        "version": package_versions(),
    }  # fmt: skip


def _plain(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value if isinstance(value, bool | int | float | str | None) else str(value)


def _checksum(shapes: Any) -> str:  # noqa: ANN401 - an array of geometries
    digest = hashlib.sha256()
    for shape in shapely.to_wkb(shapes).tolist():
        digest.update(shape or b"")
    return digest.hexdigest()
