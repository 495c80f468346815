"""Run a project with backends by name."""

from __future__ import annotations

import json
from dataclasses import replace

from mtrs_geo.craft.backends.catalog import BackendOptions, open_describer, open_segmenter
from mtrs_geo.craft.backends.contract import PairImages
from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.pairs import list_pairs
from mtrs_geo.craft.stages.context import Context, RunOptions, Witness
from mtrs_geo.craft.stages.run import RunReport, run_stages
from mtrs_geo.errors import RequestError
from mtrs_geo.progress import Progress
from mtrs_geo.types import UInt8Array

__all__ = ["default_backends", "run_project"]

_LABEL_KINDS = frozenset({"appear", "disappear", "replaced", "changed", "class_before"})


def run_project(
    project: Project,
    *,
    describer: str | None = None,
    segmenter: str | None = None,
    options: RunOptions | None = None,
    device: str = "auto",
    progress: Progress | None = None,
) -> RunReport:
    """Do all stages for all pairs of a project; see `run_stages`.

    Args:
        project: the project.
        describer: a name of `mtrs_geo.craft.backends.catalog`; by default the rules with labels
            if every pair has labels, else the bundled model.
        segmenter: the same.
        options: how the stages work.
        device: device of models.
        progress: receives one step per pair.

    Raises:
        RequestError: if there is no such backend, or the project has no pair.
        OutputError: if another process runs the project.
        Cancelled: if the caller cancelled; what is done is kept.
    """
    options = options or RunOptions()
    if not list_pairs(project):
        msg = f"{project.path} has no pair."
        raise RequestError(msg, advice="Add pairs with mtrs-geo craft add.")
    defaults = default_backends(project)
    backend = BackendOptions(project, "", device, options.seed)
    describing = describer or defaults[0]
    context = Context(
        project,
        open_describer(describing, backend),
        open_segmenter(segmenter or defaults[1], backend),
        options,
        _witness(describing, backend),
        reads_labels=describing == "rules",
    )
    return run_stages(context, progress)


def default_backends(project: Project) -> tuple[str, str]:
    """Return the names of describer and segmenter for a project."""
    has_labels = all(
        pair.labels and _LABEL_KINDS & set(json.loads(pair.labels)) for pair in list_pairs(project)
    )
    return ("rules", "labels") if has_labels else ("model", "model")


def _witness(describer: str, backend: BackendOptions) -> Witness:
    """Return who says what the pixels show: labels for the rules, else the bundled model."""
    if describer == "rules":
        from mtrs_geo.craft.backends.rules.labels import label_evidence as evidence
    else:
        from mtrs_geo.craft.backends.rules.model import model_evidence

        evidence = model_evidence(replace(backend, argument=""))

    def witness(pair: PairImages) -> tuple[UInt8Array, UInt8Array]:
        classes = evidence(pair).classes
        return classes.before_class, classes.after_class

    return witness
