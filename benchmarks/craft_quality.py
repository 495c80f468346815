"""Quality of `mtrs-geo craft run` before any audit, with the labels hidden from it.

Run: python benchmarks/craft_quality.py --root ../shared/data [--limit 16] [--segmenter sentence]

The describer and the segmenter see images only: the stage-1 head, the ground head and the
land-cover head of the bundled model.  The pairs are held-out ones: tiles of 512 px of four LEVIR
scenes with levir_classes, and tiles of three scenes of guangzhou_direction (buildings only).

    mask IoU           mask of an item against the labelled instances that its final sentence means
    type               most of the mask is labelled with the item's class and type
    position           the cell of a proposal has the centre of a labelled instance of its class and
                       type
    exactly right      mask IoU >= 0.5, and the type is right
    negatives right    nothing labelled is what the sentence asks for
    found              labelled instances of which some item of their class and type covers half

Pixels of the maps "ignore" count nowhere.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from mtrs_geo.craft.backends.contract import PairImages
from mtrs_geo.craft.backends.grid import plan_cells
from mtrs_geo.craft.backends.rules.evidence import Evidence, labelled_evidence
from mtrs_geo.craft.backends.rules.meaning import meant_instances
from mtrs_geo.craft.backends.rules.themes import Theme, themes_of
from mtrs_geo.craft.importing import add_pairs, annotated_pairs
from mtrs_geo.craft.pipeline import run_project
from mtrs_geo.craft.project import Item, Pair, Project
from mtrs_geo.craft.project.images import read_date, read_label
from mtrs_geo.craft.project.items import last_round, list_items, read_mask
from mtrs_geo.craft.project.pairs import NewPair, list_pairs
from mtrs_geo.data.sampling.read_sources import is_held_out
from mtrs_geo.data.sentences.instances import Instance
from mtrs_geo.data.sentences.select import union
from mtrs_geo.types import BoolArray

SETS = {"levir_classes": "levir", "guangzhou_direction": "guangzhou"}
TILE_PX, RIGHT_IOU, DOUBTFUL = 512, 0.5, 0.5


@dataclass
class Figures:
    """What was measured of one set; values per item or per labelled instance."""

    iou: list[float] = field(default_factory=list)
    type_right: list[bool] = field(default_factory=list)
    position_right: list[bool] = field(default_factory=list)
    exact: list[bool] = field(default_factory=list)
    exact_of_certain: list[bool] = field(default_factory=list)
    """Of items with a doubt below 0.5."""
    negative_right: list[bool] = field(default_factory=list)
    found: list[bool] = field(default_factory=list)

    def summary(self) -> dict[str, float | int | None]:
        """Return counts and means; None where nothing was measured."""
        means = {name: _mean(values) for name, values in vars(self).items()}
        return {
            "items": len(self.exact), "certain": len(self.exact_of_certain),
            "negatives": len(self.negative_right), "instances": len(self.found), **means,
        }  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--root", type=Path, required=True, help="data root")
    parser.add_argument("--limit", type=int, default=16, help="pairs per set")
    parser.add_argument("--segmenter", default="model")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    measured = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in SETS:
            with Project.create(Path(folder) / f"{name}.db") as project:
                add_pairs(project, _held_out(arguments.root, name, arguments.limit))
                run_project(project, describer="model", segmenter=arguments.segmenter)
                measured[name] = {"pairs": len(list_pairs(project)), **measure(project).summary()}
            sys.stdout.write(f"{name}: {json.dumps(measured[name])}\n")
            sys.stdout.flush()
    if arguments.json:
        arguments.json.write_text(json.dumps(measured, indent=2) + "\n")


def measure(project: Project) -> Figures:
    """Compare the ready items of a project with its labels."""
    figures = Figures()
    for pair in list_pairs(project):
        evidence, known = _labelled(project, pair)
        has_ground = pair.source == "levir_classes"
        _measure_pair(project, pair, evidence, known, has_ground, figures)
    return figures


def _measure_pair(
    project: Project, pair: Pair, evidence: Evidence, known: BoolArray, has_ground: bool,
    figures: Figures,
) -> None:  # fmt: skip
    themes = [t for t in themes_of(evidence) if has_ground or t.object_class == "building"]
    covered = {id(i): False for theme in themes for i in theme.instances}
    for item in list_items(project, "WHERE pair_id = ? AND state = 'ready'", (pair.id,)):
        last = last_round(project, item.id)
        meant = meant_instances(last.sentence, evidence)
        if item.is_negative:
            figures.negative_right.append(not meant)
            continue
        if not has_ground and item.object_class != "building":
            continue
        mask = read_mask(project, last.mask_id or 0) & known
        theme = next((t for t in themes if _is_of(t, item)), None)
        iou = _iou(mask, union(meant or (), known.shape) & known)
        right = theme is not None and bool(
            (mask & union(theme.instances, known.shape)).sum() > 0.5 * mask.sum()
        )
        figures.iou.append(iou)
        figures.type_right.append(right)
        figures.exact.append(right and iou >= RIGHT_IOU)
        if item.doubt < DOUBTFUL:
            figures.exact_of_certain.append(figures.exact[-1])
        if item.cell:
            figures.position_right.append(theme is not None and _has_one(theme, item.cell, pair))
        for instance in theme.instances if theme else ():
            covered[id(instance)] |= _covers(mask, instance)
    figures.found += covered.values()


def _held_out(root: Path, name: str, limit: int) -> Iterator[NewPair]:
    from mtrs_geo.craft.importing.tiles import tiles_of

    pairs = (p for p in annotated_pairs(root, name) if is_held_out(SETS[name], p.name))
    tiles = [tile for pair in pairs for tile in tiles_of(pair, TILE_PX)]
    step = max(1, len(tiles) // limit)
    return islice(tiles[::step], limit)


def _labelled(project: Project, pair: Pair) -> tuple[Evidence, BoolArray]:
    """Return what the labels of a pair say, and where they say something."""
    labels = {kind: read_label(project, pair, kind) for kind in json.loads(pair.labels or "{}")}
    dates = (read_date(project, pair, "before"), read_date(project, pair, "after"))
    shape = (pair.rows, pair.cols)
    known = labels.get("ignore", np.zeros(shape, np.uint8)) == 0
    return labelled_evidence(PairImages(pair.name, *dates, None, labels)), known


def _is_of(theme: Theme, item: Item) -> bool:
    return (theme.change_type, theme.object_class) == (item.change_type, item.object_class)


def _has_one(theme: Theme, cell_name: str, pair: Pair) -> bool:
    cell = next(c for c in plan_cells((pair.rows, pair.cols)) if c.name == cell_name)
    centres = [i.relative_centre * np.array(i.shape) for i in theme.instances]
    top, left, bottom, right = cell.box
    return any(top <= row < bottom and left <= col < right for row, col in centres)


def _covers(mask: BoolArray, instance: Instance) -> bool:
    return bool(mask[instance.window][instance.mask].mean() >= 0.5)


def _iou(first: BoolArray, second: BoolArray) -> float:
    either = int(np.count_nonzero(first | second))
    return int(np.count_nonzero(first & second)) / either if either else 0.0


def _mean(values: list[float] | list[bool]) -> float | None:
    return round(float(np.mean(values)), 3) if values else None


if __name__ == "__main__":
    main()
