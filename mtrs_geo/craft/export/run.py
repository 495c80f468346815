"""Write accepted items to a folder, in one or more formats."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import numpy as np

from mtrs_geo.craft.export.accepted import PairItems, Triplet, current_mask, read_triplets
from mtrs_geo.craft.export.audit_error import estimate_errors
from mtrs_geo.craft.export.coco import CocoFile
from mtrs_geo.craft.export.datasheet import datasheet
from mtrs_geo.craft.export.georeferenced import write_georeferenced
from mtrs_geo.craft.export.label_studio.tasks import TaskFolder
from mtrs_geo.craft.export.places import plan_split, remember_split
from mtrs_geo.craft.export.plots import write_plots
from mtrs_geo.craft.export.statistics import Fact, fact_of, summarise
from mtrs_geo.craft.project import Pair, Project
from mtrs_geo.craft.project.images import read_date
from mtrs_geo.craft.project.pairs import image_path
from mtrs_geo.craft.project.records import ItemState
from mtrs_geo.data.split.layout import SplitLayout, Subset
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.data.split.writer import SPLIT_FILES, SplitWriter
from mtrs_geo.errors import Cancelled, OutputError, RequestError
from mtrs_geo.outputs import staged_folder
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["FORMATS", "ExportOptions", "ExportReport", "Format", "export_project"]

Format: TypeAlias = Literal["mtrefseg", "coco", "geopackage", "label-studio"]
FORMATS: tuple[Format, ...] = get_args(Format)

_SUBSETS: tuple[Subset, ...] = ("train", "val")
_CONTENTS = (
    *(f"{subset}/{files}" for subset in _SUBSETS for files in SPLIT_FILES),
    "statistics.json", "statistics.png", "datasheet.md", "coco/*.json", "georeferenced/*.gpkg",
    "georeferenced/*.tif", "label_studio/tasks.json", "label_studio/config.xml",
    "label_studio/images/*.png",
)  # fmt: skip
"""Patterns of the files of an export."""


@dataclass(frozen=True)
class ExportOptions:
    """What is written."""

    format: tuple[Format, ...] = ("mtrefseg",)
    """``coco`` refers to the images of ``mtrefseg``, which it therefore writes too."""
    val_share: float = 0.2
    """Part of the sentences for validation, split by place."""
    waiting: bool = False
    """Write the items that wait for people, for Label Studio, and not those that are accepted."""
    overwrite: bool = False

    def __post_init__(self) -> None:
        unknown = [name for name in self.format if name not in FORMATS]
        if unknown or not self.format:
            msg = f"there is no format {', '.join(map(repr, unknown)) or 'chosen'}."
            raise RequestError(msg, advice=f"Choose from: {', '.join(FORMATS)}.")
        if not 0 <= self.val_share < 1:
            msg = f"val_share {self.val_share} is out of range."
            raise RequestError(msg, advice="Use 0 to less than 1; 0.2 suits most cases.")
        if self.waiting and set(self.format) != {"label-studio"}:
            msg = "only tasks for Label Studio can have items that wait for people."
            raise RequestError(msg, advice="Use the format label-studio alone.")


@dataclass(frozen=True)
class ExportReport:
    """Counts of an export."""

    output: Path
    pairs: int
    sentences: int
    no_target: int
    """Number of sentences with an empty mask."""
    train: int
    """Number of sentences."""
    val: int
    georeferenced: int
    """Number of pairs that have a GeoPackage."""


def export_project(
    project: Project,
    output: Path | str,
    options: ExportOptions | None = None,
    progress: Progress | None = None,
) -> ExportReport:
    """Write the accepted items of a project to a folder, which appears when it is complete.

    Args:
        project: the project.
        output: folder to write.
        options: formats and split.
        progress: receives one step per pair.

    Raises:
        OutputError: if nothing is accepted, or the folder exists, holds other files than an export
            has, or cannot be written.
        RasterError: if an image cannot be read or is not the one that was added.
        Cancelled: if ``progress`` requests a stop; no output is kept.
    """
    options = options or ExportOptions()
    progress = progress or Silent()
    state: ItemState = "ready" if options.waiting else "accepted"
    pairs = read_triplets(project, (state,))
    if not pairs:
        msg = f"{project.path.name} has no item in state {state}."
        raise OutputError(msg, advice="Run the stages and audit first: mtrs-geo craft status.")
    inputs = _inputs(project, pairs)
    with staged_folder(
        Path(output), overwrite=options.overwrite, inputs=inputs, contents=_CONTENTS
    ) as folder:
        writer = _Writer(project, folder, options)
        plan = plan_split(project, pairs, options.val_share)
        progress.start(len(pairs), "pairs")
        for entry in pairs:
            if progress.cancelled:
                msg = "the export was cancelled; no output was written"
                raise Cancelled(msg)
            writer.add(entry, plan.subsets[entry.pair.id])
            progress.advance()
        writer.finish()
    if "mtrefseg" in writer.formats:
        remember_split(project, plan)
    return writer.report(Path(output))


def _inputs(project: Project, pairs: Sequence[PairItems]) -> list[Path]:
    """Return the files that an export reads."""
    images = [image_path(project, date) for e in pairs for date in (e.pair.before, e.pair.after)]
    return [project.path, *images]


class _Writer:
    """Writes pairs in all formats of an export."""

    def __init__(self, project: Project, folder: Path, options: ExportOptions) -> None:
        self.project, self.folder, self.formats = project, folder, set(options.format)
        if "coco" in self.formats:
            self.formats.add("mtrefseg")
        self.facts: list[Fact] = []
        self.georeferenced = 0
        self._splits: dict[Subset, SplitWriter] = {}
        self._coco: dict[Subset, CocoFile] = {}
        self._categories: dict[str, int] = {}
        self._tasks: TaskFolder | None = None
        if "label-studio" in self.formats:
            self._tasks = TaskFolder(self._subfolder("label_studio"))

    def add(self, entry: PairItems, subset: Subset) -> None:
        """Write a pair and its items."""
        pair = entry.pair
        images = read_date(self.project, pair, "before"), read_date(self.project, pair, "after")
        items = [(one, current_mask(self.project, pair, one)) for one in entry.triplets]
        self.facts += [fact_of(pair, one, mask, subset) for one, mask in items]
        if "mtrefseg" in self.formats:
            self._split(subset).add(_referring_pair(pair, images, items))
        if "coco" in self.formats:
            coco = self._coco.setdefault(subset, CocoFile(subset, self._categories))
            coco.add_pair(pair)
            for one, mask in items:
                coco.add(pair, one, mask)
        if "geopackage" in self.formats:
            folder = self._subfolder("georeferenced")
            self.georeferenced += write_georeferenced(folder, pair, images, items)
        if self._tasks is not None:
            self._tasks.add(self.project, pair, images, items)

    def finish(self) -> None:
        """Write what is about all pairs."""
        for subset, coco in self._coco.items():
            coco.write(self._subfolder("coco") / f"{subset}.json")
        if self._tasks is not None:
            self._tasks.finish()
        if self.formats == {"label-studio"}:
            return
        statistics = summarise(self.facts)
        errors = estimate_errors(self.project)
        text = json.dumps(statistics, ensure_ascii=False, indent=1) + "\n"
        (self.folder / "statistics.json").write_text(text, encoding="utf-8")
        write_plots(self.folder / "statistics.png", statistics)
        sheet = datasheet(self.project, statistics, errors)
        (self.folder / "datasheet.md").write_text(sheet, encoding="utf-8")

    def report(self, output: Path) -> ExportReport:
        """Return the counts."""
        by_subset = {name: sum(f.subset == name for f in self.facts) for name in _SUBSETS}
        return ExportReport(
            output, len({fact.pair for fact in self.facts}), len(self.facts),
            sum(not fact.share for fact in self.facts), **by_subset,
            georeferenced=self.georeferenced,
        )  # fmt: skip

    def _split(self, subset: Subset) -> SplitWriter:
        if subset not in self._splits:
            layout = SplitLayout(self.folder / subset)
            for folder in layout.folders:
                folder.mkdir(parents=True)
            self._splits[subset] = SplitWriter(layout)
        return self._splits[subset]

    def _subfolder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return folder


def _referring_pair(
    pair: Pair,
    images: tuple[UInt8Array, UInt8Array],
    items: Sequence[tuple[Triplet, BoolArray]],
) -> ReferringPair:
    sentences = tuple(triplet.round.sentence for triplet, _ in items)
    masks = np.stack([mask for _, mask in items])
    return ReferringPair(pair.name, *images, sentences, masks)
