"""Writes the outputs of a run beside their targets."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from mtrs_geo.detect.inference import TileFailures
from mtrs_geo.detect.layer_facts import categories, raster_paths, run_facts
from mtrs_geo.detect.preview import Period, write_preview
from mtrs_geo.io.formats.layer_spec import Extras
from mtrs_geo.io.formats.second_layer import add_layer
from mtrs_geo.io.provenance import raster_metadata
from mtrs_geo.io.raster import ProbabilityWriter
from mtrs_geo.io.vector import VectorWriter
from mtrs_geo.models import LandCoverQuery, ModelInfo
from mtrs_geo.models.contract import Query
from mtrs_geo.outputs import OutputSet, StagedFile
from mtrs_geo.vectorize.table import ChangeTable

if TYPE_CHECKING:
    from mtrs_geo.detect.run import Scene

__all__ = ["RunOutputs"]

_PREVIEW_PX = 1000


class RunOutputs:
    """Writes the vector file, the probabilities and the preview of a run.

    Args:
        outputs: staged files ``output``, ``probability`` and ``preview``.
        scene: rasters, questions and options.
        info: the model.
    """

    def __init__(self, outputs: OutputSet, scene: Scene, info: ModelInfo) -> None:
        self.outputs, self.scene, self.stack, self.info = outputs, scene, scene.stack, info

    def probability_writer(self) -> AbstractContextManager[ProbabilityWriter | None]:
        """Return a writer of the probabilities, or a context of None."""
        staged = self.outputs.get("probability")
        if staged is None:
            return nullcontext()
        names = [
            f"{_band_name(prompt)} ({before or pair + 1} to {after or pair + 2})"
            for pair, (before, after) in enumerate(pairwise(self.stack.dates))
            for prompt in self.scene.prompts
        ]
        return ProbabilityWriter(staged, self.scene.grid, names)

    def write(
        self,
        table: ChangeTable,
        failures: TileFailures,
        warnings: Sequence[str],
        notes: Sequence[str],
    ) -> None:
        """Write the vector file and the preview.

        Args:
            table: the polygons.
            failures: tiles that failed.
            warnings: for the metadata of the layer.
            notes: for the metadata of the layer.
        """
        vector, preview = self.outputs.get("output"), self.outputs.get("preview")
        if vector is not None:
            with VectorWriter(
                vector,
                crs_from=self.scene.grid.crs,
                crs_to=self.scene.options.output_crs,
                extras=self._extras(vector.target, warnings, notes),
            ) as writer:
                for frame in table.frames():
                    writer.append(frame)
                writer.finish()
            if failures.reasons:
                add_layer(
                    vector.path, "failed_tiles", failures.layer(), self.scene.options.output_crs
                )
        if preview is not None:
            self._write_preview(table, preview)

    def _extras(self, target: Path, warnings: Sequence[str], notes: Sequence[str]) -> Extras:
        questions, stack = self.scene.questions, self.stack
        facts = run_facts(questions, self.scene.options, self.info, warnings, notes)
        return Extras(
            raster_metadata(raster_paths(stack), target) | facts.items(),
            categories(questions, stack.dates),
            self.scene.options.csv_geometry,
        )

    def _write_preview(self, table: ChangeTable, staged: StagedFile) -> None:
        small = self.stack.thumbnail(self.scene.window, _PREVIEW_PX).image
        images = [image.transpose(1, 2, 0) for image in small]
        last = len(images) - 1
        names = ("before", *(f"date {i + 1}" for i in range(1, last)), "after")
        titles = [date or name for date, name in zip(self.stack.dates, names, strict=True)]
        questions = self.scene.questions.all
        labels = [question.text or "any change" for question in questions]
        periods = []
        for i in range(last):
            selections = table.selections[i * len(labels) : (i + 1) * len(labels)]
            frames = [replace(table, selections=[selection]).read() for selection in selections]
            layers = dict(zip(labels, frames, strict=True))
            periods.append(Period((images[i], images[i + 1]), (titles[i], titles[i + 1]), layers))
        changes = {label: q.change for label, q in zip(labels, questions, strict=True)}
        unanswered = {
            label for label, q in zip(labels, questions, strict=True) if not q.is_answered
        }
        grid = self.scene.grid
        write_preview(staged, periods, grid, changes=changes, unanswered=unanswered)


def _band_name(prompt: Query) -> str:
    if isinstance(prompt, LandCoverQuery):
        return f"{prompt.thing} at the later date"
    return prompt or "any change"
