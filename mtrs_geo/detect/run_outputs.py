"""Writes the outputs of a run beside their targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mtrs_geo.detect.inference import TileFailures
from mtrs_geo.detect.layer_facts import categories, raster_paths, run_facts
from mtrs_geo.detect.preview import Period, write_preview
from mtrs_geo.detect.questions import date_names
from mtrs_geo.detect.stacks.events import EVENT_COLUMNS, events_frame, has_events
from mtrs_geo.detect.stacks.timeline import TimelineDate, write_timeline
from mtrs_geo.io.formats.layer_spec import Category, Extras
from mtrs_geo.io.formats.second_layer import add_layer
from mtrs_geo.io.formats.temporal import PERIODS
from mtrs_geo.io.provenance import raster_metadata
from mtrs_geo.io.raster import ProbabilityWriter
from mtrs_geo.io.vector import CHANGE_COLUMNS, ColumnType, VectorWriter
from mtrs_geo.models import LandCoverQuery, ModelInfo
from mtrs_geo.models.contract import Query
from mtrs_geo.outputs import OutputSet, StagedFile
from mtrs_geo.types import UInt8Array
from mtrs_geo.vectorize.table import ChangeTable

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from mtrs_geo.detect.run import Scene

__all__ = ["RunOutputs"]

_PREVIEW_PX, _TIMELINE_PX = 1000, 400


class RunOutputs:
    """Writes the vector file, the probabilities and the pictures of a run.

    Args:
        outputs: staged files ``output``, ``probability``, ``preview`` and ``timeline``.
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
        dates = date_names(self.stack.dates)
        names = [
            f"{_band_name(prompt)} ({dates[i]} to {dates[j]})"
            for i, j in self.scene.pairs
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
        """Write the vector file and the pictures.

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
                columns=self._columns(),
                extras=self._extras(vector.target, warnings, notes),
            ) as writer:
                for frame in table.frames():
                    writer.append(frame)
                writer.finish()
            self._add_events(table, vector)
            if failures.reasons:
                add_layer(
                    vector.path, "failed_tiles", failures.layer(), self.scene.options.output_crs
                )
        if preview is not None:
            self._write_preview(table, preview)
        timeline = self.outputs.get("timeline")
        if timeline is not None:
            kinds = {q.text or "any change": q.change for q in self.scene.questions.all}
            write_timeline(timeline, self._timeline(table), self.scene.grid, kinds)

    def _columns(self) -> Mapping[str, ColumnType]:
        return {**CHANGE_COLUMNS, **(EVENT_COLUMNS if has_events(self.scene.pairs) else {})}

    def _add_events(self, table: ChangeTable, vector: StagedFile) -> None:
        """Add the layer of events, if there can be any and the format holds two layers."""
        if vector.target.suffix.lower() != ".gpkg" or not has_events(self.scene.pairs):
            return
        events = events_frame(table, self.scene.pairs, self.stack.dates)
        kinds = {q.text: q.change for q in self.scene.questions.all}
        styles = [Category(text, change) for text, change in kinds.items()]
        add_layer(vector.path, "events", events, self.scene.options.output_crs, styles)

    def _extras(self, target: Path, warnings: Sequence[str], notes: Sequence[str]) -> Extras:
        questions, stack = self.scene.questions, self.stack
        facts = run_facts(questions, self.scene.options, self.info, warnings, notes)
        return Extras(
            raster_metadata(raster_paths(stack), target) | facts.items(),
            categories(questions, stack.dates),
            self.scene.options.csv_geometry,
            times=PERIODS if has_events(self.scene.pairs) and all(stack.dates) else None,
        )

    def _write_preview(self, table: ChangeTable, staged: StagedFile) -> None:
        images = self._thumbnails(_PREVIEW_PX)
        last = len(images) - 1
        names = ("before", *date_names([None] * last)[1:], "after")
        titles = [date or name for date, name in zip(self.stack.dates, names, strict=True)]
        periods = [
            Period((images[i], images[j]), (titles[i], titles[j]), self._layers(table, pair))
            for pair, (i, j) in enumerate(self.scene.pairs)
        ]
        questions = self.scene.questions.all
        changes = {q.text or "any change": q.change for q in questions}
        unanswered = {q.text or "any change" for q in questions if not q.is_answered}
        write_preview(staged, periods, self.scene.grid, changes=changes, unanswered=unanswered)

    def _timeline(self, table: ChangeTable) -> list[TimelineDate]:
        """Return each date with what changed since the latest date that it is compared with."""
        latest = {after: (pair, before) for pair, (before, after) in enumerate(self.scene.pairs)}
        dates = []
        for i, image in enumerate(self._thumbnails(_TIMELINE_PX)):
            pair, before = latest.get(i, (None, None))
            layers = {} if pair is None else self._layers(table, pair)
            dates.append(TimelineDate(image, self.stack.dates[i], before, layers))
        return dates

    def _thumbnails(self, longest_px: int) -> list[UInt8Array]:
        """Return the images (rows, cols, 3) of all dates."""
        small = self.stack.thumbnail(self.scene.window, longest_px).image
        return [image.transpose(1, 2, 0) for image in small]

    def _layers(self, table: ChangeTable, pair: int) -> dict[str, GeoDataFrame]:
        """Return the polygons of a pair of dates by text of a legend."""
        labels = [question.text or "any change" for question in self.scene.questions.all]
        selections = table.selections[pair * len(labels) : (pair + 1) * len(labels)]
        frames = [replace(table, selections=[selection]).read() for selection in selections]
        return dict(zip(labels, frames, strict=True))


def _band_name(prompt: Query) -> str:
    if isinstance(prompt, LandCoverQuery):
        return f"{prompt.thing} at the later date"
    return prompt or "any change"
