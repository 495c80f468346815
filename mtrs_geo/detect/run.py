"""One run: an open stack, parsed queries and a loaded model in, a `ChangeResult` out."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrs_geo.detect.grid_size import ProbabilityFile, check_grid_size, pixel_size_warnings
from mtrs_geo.detect.inference import (
    FamiliarTiles,
    TiledInference,
    TileFailures,
    find_changes,
)
from mtrs_geo.detect.inference.batch_size import CPU_TILES, choose_batch_size
from mtrs_geo.detect.inference.timings import Speed
from mtrs_geo.detect.layer_facts import format_warnings
from mtrs_geo.detect.options import DetectOptions
from mtrs_geo.detect.questions import (
    Questions,
    as_given,
    date_pairs,
    prompt_of,
    report_entries,
)
from mtrs_geo.detect.result import ChangeResult, Report
from mtrs_geo.detect.run_ledger import facts_of_run, stored_batch_size
from mtrs_geo.detect.run_outputs import RunOutputs
from mtrs_geo.detect.scene_rules import apply_scene_rules, warnings_of_lines
from mtrs_geo.detect.scoring import notes_on_scores, scores_of
from mtrs_geo.detect.stacks.events import event_counts, has_events, overlap_notes, with_events
from mtrs_geo.errors import Cancelled, RasterError
from mtrs_geo.grid import Window
from mtrs_geo.io.aoi import load_aoi
from mtrs_geo.io.inputs.reference_layers import read_reference, reference_warning
from mtrs_geo.io.registration.messages import shift_notes, shift_warnings
from mtrs_geo.io.stack import RasterStack
from mtrs_geo.io.vector import CHANGE_COLUMNS
from mtrs_geo.ledger import Ledger
from mtrs_geo.models import ChangeSegmenter, LandCoverQuery, ModelInfo
from mtrs_geo.models.contract import Query
from mtrs_geo.outputs import OutputSet
from mtrs_geo.progress import Progress, show_understanding
from mtrs_geo.query import ChangeQuery
from mtrs_geo.redaction import redact
from mtrs_geo.tiles.plan import TilePlan, plan_tiles
from mtrs_geo.understanding import Understanding
from mtrs_geo.vectorize.change import changes_frame
from mtrs_geo.vectorize.spool import ChangeSpool
from mtrs_geo.vectorize.table import ChangeTable, Selection
from mtrs_geo.vectorize.vectorizer import VectorizeOptions

if TYPE_CHECKING:
    from mtrs_geo.vectorize.runs import IntArray

__all__ = ["Run", "Scene"]

_PREVIEW_PX = 1000


class Scene:
    """Everything about a run that is known before the model is loaded.

    Args:
        stack: the rasters.
        queries: parsed sentences.
        options: checked options; their area of interest and references are read here.

    Raises:
        VectorError: if a layer cannot be read.
        GridError: if the area of interest or a reference lies outside the rasters by mistake.
        RasterError: if a file is damaged or missing where the run needs it.
        OutputError: if the disk is too small for the probabilities.
    """

    def __init__(
        self, stack: RasterStack, queries: tuple[ChangeQuery, ...], options: DetectOptions
    ) -> None:
        self.stack, self.options = stack, options
        self.pairs = date_pairs(options.pairs, len(stack.dates))
        self.area = None if options.aoi is None else load_aoi(options.aoi, stack.grid)
        self.window = stack.grid.window if self.area is None else self.area.window
        self.grid = stack.grid.subgrid(self.window)
        self.references = {
            name.lower(): read_reference(layer, self.grid, name)
            for name, layer in options.references.items()
        }
        self.reference_warnings = [
            reference_warning(layer, self.grid, name) for name, layer in self.references.items()
        ]
        self.ask(as_given(queries))
        self.size_warning = check_grid_size(self.grid, self._probability_file())
        self.damage_warning = self._check_files()

    def _check_files(self) -> str | None:
        """Check the files; return the damage as a warning if tiles may fail."""
        try:
            self.stack.check_files(self.window)
        except RasterError as error:
            if not self.options.max_failed:
                raise
            return f"tiles there are left out: {error.message}"
        return None

    def ask(self, questions: Questions) -> None:
        """Replace the questions of the run."""
        self.questions = questions
        self.prompts = self._prompts(questions.answered)

    def asked(self, pair: int) -> list[int]:
        """Return the indices of the prompts that are asked for the pair of an index."""
        questions = self.questions
        wanted = self._prompts([q for q in questions.all if questions.is_asked(q, pair)])
        return [self.prompts.index(prompt) for prompt in wanted]

    def plan(self, info: ModelInfo) -> TilePlan:
        """Return the tiles that intersect the area of interest."""
        tile_px = self.options.tile_px or info.tile_px
        overlap_px = self.options.overlap_px
        overlap_px = tile_px // 8 if overlap_px is None else overlap_px
        return plan_tiles(self.grid, tile_px, overlap_px, self._tile_filter())

    def batch_size(self, info: ModelInfo, plan: TilePlan) -> int:
        """Return the tiles per forward pass."""
        if self.options.batch_size is not None:
            return self.options.batch_size
        if self.options.cluster is not None:  # its memory is unknown here
            return CPU_TILES
        counts = len(self.stack.sources), len(self.pairs), len(self.prompts)
        return choose_batch_size(info, plan.tile_shape, *counts)

    def reference_prompts(self, query: ChangeQuery) -> dict[str, Query]:
        """Return what the model is asked for the references that are not given as layers."""
        names = (name for name in query.references if name not in self.references)
        prompts = (prompt for name in names for prompt in query.prompts_of(name))
        return {
            prompt: LandCoverQuery(prompt) if prompt in query.land_cover_references else prompt
            for prompt in prompts
        }

    def resolution_warnings(self, info: ModelInfo) -> list[str]:
        """Return warnings if pixel sizes are outside the model's range."""
        return pixel_size_warnings(self.grid, info, self.stack.sources)

    def _probability_file(self) -> ProbabilityFile | None:
        path = self.options.probability
        bands = len(self.prompts) * len(self.pairs)
        return None if path is None else ProbabilityFile(Path(path), bands)

    def _prompts(self, questions: Sequence[Understanding]) -> list[Query]:
        """Return each prompt once: those of the questions, then those of their references."""
        prompts = [prompt_of(question) for question in questions]
        for question in questions:
            prompts += self.reference_prompts(question.query).values()
        return list(dict.fromkeys(prompts))

    def _tile_filter(self) -> Callable[[Window], bool] | None:
        if self.area is None:
            return None
        intersects, row, col = self.area.intersects, self.window.row, self.window.col
        return lambda tile: intersects(tile.shifted(row, col))


class Run:
    """One run, from a scene and a model to a result and staged outputs.

    Args:
        scene: rasters, queries and options.
        segmenter: the model.
        outputs: staged files ``output``, ``probability``, ``preview`` and
            ``timeline``; the caller commits them.
        progress: receives progress events.
    """

    def __init__(
        self, scene: Scene, segmenter: ChangeSegmenter, outputs: OutputSet, progress: Progress
    ) -> None:
        self.outputs, self.progress = outputs, progress
        self.scene, self.stack, self.options = scene, scene.stack, scene.options
        self.info = segmenter.info
        self.run_outputs = RunOutputs(outputs, scene, segmenter.info)
        plan = scene.plan(segmenter.info)
        self.familiar_tiles = FamiliarTiles(plan, scene.stack.sources, segmenter.info)
        self.failures = TileFailures(plan, scene.options.max_failed)
        self.inference = TiledInference(
            scene.stack,
            plan,
            (scene.window.row, scene.window.col),
            segmenter,
            scene.prompts,
            scene.batch_size(segmenter.info, plan),
            progress,
            self.familiar_tiles,
            self.failures,
            pairs=scene.pairs,
            asked=[scene.asked(pair) for pair in range(len(scene.pairs))],
        )
        self.timings = self.inference.timings
        self.warnings: list[str] = []
        self._progress = progress
        show_understanding(progress, map(redact, scene.questions.lines()))
        with self.timings.measure("measure shift"):
            self.shifts = scene.stack.shifts
        self._warn(
            *filter(None, [scene.size_warning, scene.damage_warning, *scene.reference_warnings]),
            *scene.stack.warnings,
            *shift_warnings(self.shifts, register=self.options.register),
            *segmenter.info.warnings,
            *scene.resolution_warnings(segmenter.info),
            *format_warnings(outputs.target("output"), scene.questions),
            *warnings_of_lines((q.query for q in scene.questions.answered), scene.references),
            *scene.questions.warnings(scene.stack.dates),
        )

    def facts(self) -> dict[str, Any]:
        """Return what the answers of the run depend on, see `facts_of_run`."""
        has_probability = self.outputs.get("probability") is not None
        plan = self.inference.plan
        return facts_of_run(
            self.scene, plan, self.info, self.inference.batch_size, has_probability=has_probability
        )

    def execute(self, start: float, ledger: Ledger | None) -> ChangeResult:
        """Run the inference, apply the scene rules and write the outputs beside their targets.

        Args:
            start: `time.perf_counter` at the start of the run.
            ledger: keeps what is done, and has what an interrupted run has done; or None.

        Raises:
            Cancelled: if the caller cancelled the run.
        """
        options, outputs = self.options, self.outputs
        if ledger is not None:  # a run that goes on keeps its batches, whatever is free now
            self.inference.batch_size = stored_batch_size(ledger)
        vectorizing = VectorizeOptions(
            options.threshold,
            options.min_area_m2,
            options.fill_holes_m2,
            options.simplify_px,
            options.regularize,
        )
        target = outputs.target("output")
        folder = target and target.absolute().parent
        spools: list[ChangeSpool] = []
        if self.scene.prompts:
            with self.run_outputs.probability_writer() as writer:
                spools = find_changes(
                    self.inference, vectorizing, self.scene.area, writer, folder, ledger
                )
        else:  # no sentence is answered, so there are no probabilities
            outputs.drop("probability")
        # Reading can show damage.
        self._warn(*self.stack.warnings, *self.inference.damage_elsewhere)
        with self.timings.measure("rules"):
            table = self._select(spools)
        self._warn(
            *self.inference.few_compared(self.scene.area),
            *self.familiar_tiles.warnings(),
            *self.failures.warnings(),
        )
        with self.timings.measure("finish"):
            self.run_outputs.write(table, self.failures, self.warnings, self._notes(table))
        if self.progress.cancelled:
            msg = "the run was cancelled; no output was written"
            raise Cancelled(msg)
        return ChangeResult(
            table,
            self.scene.grid,
            self._report(table, time.perf_counter() - start),
            target,
            outputs.target("probability"),
            outputs.target("preview"),
            outputs.target("timeline"),
            options.output_crs,
        )

    def _select(self, spools: list[ChangeSpool]) -> ChangeTable:
        """Apply the rules of each query to each pair of dates."""
        selections = []
        prompts = self.scene.prompts
        dates = self.stack.dates
        for pair, (before, after) in enumerate(self.scene.pairs):
            first = pair * len(prompts)
            layers = {prompt: spools[first + i] for i, prompt in enumerate(prompts)}
            for question in self.scene.questions.all:
                calibration = None if question.standing else self.info.calibration
                facts = {
                    "query": question.text, "change": question.change,
                    "date_before": dates[before], "date_after": dates[after],
                    "model": self.info.name, "model_version": self.info.version,
                    "score": scores_of(question.query, calibration),
                    "unfamiliar": self.familiar_tiles.polygons((before, after)),
                }  # fmt: skip
                if self.scene.questions.is_asked(question, pair):
                    rows = self._rows(question, layers)
                    selections.append(Selection(layers[prompt_of(question)], rows, facts))
                else:
                    none = np.zeros(0, np.int64)
                    selections.append(Selection(ChangeSpool(None), none, facts))
        table = ChangeTable(selections, tuple(CHANGE_COLUMNS), self.scene.grid)
        return (
            with_events(table, self.scene.pairs, dates) if has_events(self.scene.pairs) else table
        )

    def _rows(self, question: Understanding, layers: Mapping[Query, ChangeSpool]) -> IntArray:
        """Return the indices of the changes that fulfil a question's rules, in output order."""
        query, grid = question.query, self.scene.grid
        spool = layers[prompt_of(question)]
        if not query.rules:
            return np.arange(len(spool))
        prompts = self.scene.reference_prompts(query)
        references = {name: layers[prompt] for name, prompt in prompts.items()}
        asked = (name for name in query.references if name not in self.scene.references)
        missing = (
            name for name in asked if not any(len(references[p]) for p in query.prompts_of(name))
        )
        self._warn_of_missing(query, list(missing))
        frames = {name: changes_frame(found.take(), grid) for name, found in references.items()}
        frame = changes_frame(spool.take(), grid)
        kept = apply_scene_rules(query, frame, grid, frames | self.scene.references)
        rows: IntArray = kept.index.to_numpy(np.int64)
        return rows

    def _warn_of_missing(self, query: ChangeQuery, names: Sequence[str]) -> None:
        self._warn(
            *(
                f"the model found no {name!r}, which {query.text!r} refers to. "
                f'If it is there, give it as a layer (--reference "{name}=…").'
                for name in names
            )
        )

    def _warn(self, *warnings: str) -> None:
        """Show each warning once, when it arises, and keep it for the report."""
        for warning in map(redact, warnings):
            if warning not in self.warnings:
                self.warnings.append(warning)
                self._progress.log(f"warning: {warning}")

    def _notes(self, table: ChangeTable) -> tuple[str, ...]:
        """Return how rasters, shifts, sentences, scores and events were read."""
        questions = self.scene.questions
        scored = [question.query for question in questions.answered if not question.standing]
        notes = (
            *self.stack.notes,
            *shift_notes(self.shifts, register=self.options.register),
            *questions.notes(),
            *notes_on_scores(self.info, scored, self.options.threshold),
            *overlap_notes(table, self.scene.pairs),
        )
        return tuple(map(redact, notes))

    def _speed(self, total_s: float) -> Speed:
        inference, plan, grid = self.inference, self.inference.plan, self.scene.grid
        pixel_m2 = math.prod(grid.pixel_size_m())
        return self.timings.speed(
            readers=inference.reader.threads,
            tiles=inference.answered,
            tile_km2=math.prod(grid.shape) * pixel_m2 / plan.included.size / 1e6,
            gsd_m=round(max(grid.pixel_size_m()), 4),
            total_s=total_s,
        )

    def _report(self, table: ChangeTable, total_s: float) -> Report:
        inference, grid, questions = self.inference, self.scene.grid, self.scene.questions
        sizes = table.counts_and_areas_m2()
        counts = {question.text: sizes[question.text][0] for question in questions.all}
        seconds = {stage: round(spent, 3) for stage, spent in self.timings.seconds.items()}
        return Report(
            understood=tuple(questions.understood()),
            questions=report_entries(questions, self.stack.dates, sizes, event_counts(table)),
            model=f"{self.info.name} {self.info.version}",
            device=self.info.device,
            crs=":".join(grid.crs.to_authority() or (grid.crs.name,)),
            shape=grid.shape,
            gsd_m=round(max(grid.pixel_size_m()), 4),
            dates=self.stack.dates,
            pairs=self.scene.pairs,
            tiles=len(inference.plan),
            tiles_skipped=inference.skipped,
            tiles_failed=len(self.failures.reasons),
            batch_size=inference.tiles_together,
            unfamiliar_share=self.familiar_tiles.share,
            polygons=counts,
            areas_m2={question.text: sizes[question.text][1] for question in questions.all},
            changes={question.text: question.change for question in questions.all},
            registration=self.shifts,
            warnings=tuple(self.warnings),
            notes=self._notes(table),
            seconds={**seconds, "total": round(total_s, 3)},
            speed=self._speed(total_s),
        )
