"""Accuracy of a model on the held-back LEVIR scenes, with wordings never trained on.

Run: python benchmarks/accuracy.py --root ../shared/data [--model tiny] [--json out.json]
     python benchmarks/accuracy.py --wordings benchmarks/wordings.json

The second takes wordings that were written by someone who saw neither the code nor any
figure, and that steered nothing; templates that training happens to share are left out.

Samples are tiles of 256 px (and of 512 px, and whole scenes, for comparison) of the
four scenes that no training sees.  Every tile is asked in every held-out wording.
A tile counts for a direction where it holds such a change; "right empty" asks for the
other direction, or for a thing that is not there, and wants not one pixel.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from mtrs_geo.data.changes import APPEAR, Pair, read_change_set
from mtrs_geo.data.datamodule import HELD_BACK, held_back
from mtrs_geo.data.expressions import Expression, write_expression
from mtrs_geo.data.held_out import HELD_OUT
from mtrs_geo.data.transforms import swap_dates
from mtrs_geo.data.vocabulary import TRAIN, Wording
from mtrs_geo.metrics import ReferringMetrics
from mtrs_geo.models import ChangeSegmenter, load_model

_NEGATIVE, _QUARTERS = 4, 4


@dataclass
class Figures:
    """Metrics of one tile size."""

    any_change: ReferringMetrics
    appeared: ReferringMetrics
    disappeared: ReferringMetrics
    wrong_direction: ReferringMetrics
    absent: ReferringMetrics
    quarter: ReferringMetrics


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--tile-px", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--wordings", type=Path)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    pairs = read_change_set(
        arguments.root / "pairs/levir", source="levir", gsd_m=0.5, changed=APPEAR,
        keep=lambda name: held_back("levir", name),
    )  # fmt: skip
    sys.stdout.write(f"held back: {', '.join(HELD_BACK['levir'])}\n")
    wording = HELD_OUT if arguments.wordings is None else _read_wording(arguments.wordings)
    model = load_model(arguments.model)
    measured = {}
    for tile_px in arguments.tile_px:
        measured[tile_px] = _summary(_measure(model, pairs, tile_px, wording))
        sys.stdout.write(f"{tile_px} px: {json.dumps(measured[tile_px])}\n")
        sys.stdout.flush()
    if arguments.json:
        arguments.json.write_text(json.dumps(measured, indent=2) + "\n")


def _measure(
    model: ChangeSegmenter, pairs: Sequence[Pair], tile_px: int, wording: Wording
) -> Figures:
    figures = Figures(*(ReferringMetrics() for _ in range(6)))
    rng = np.random.default_rng(0)
    for pair in pairs:
        for tile in _tiles(pair, tile_px):
            # Both orders of the dates: what appeared is then what was demolished.
            for ordered in (tile, swap_dates(tile)):
                _ask(model, ordered, figures, wording, rng)
    return figures


def _ask(
    model: ChangeSegmenter,
    pair: Pair,
    figures: Figures,
    wording: Wording,
    rng: np.random.Generator,
) -> None:
    asked = list(_questions(pair, wording, rng))
    texts = ["", *(e.text for _, e in asked)]
    answers = model.predict(pair.before, pair.after, texts) > 0.5
    figures.any_change.update(answers[0], pair.label != 0)
    for (name, expression), answer in zip(asked, answers[1:], strict=True):
        getattr(figures, name).update(answer, expression.mask)


def _questions(
    pair: Pair, wording: Wording, rng: np.random.Generator
) -> Iterator[tuple[str, Expression]]:
    for task, name in (("appear", "appeared"), ("disappear", "disappeared")):
        for template in getattr(wording, task):
            only = replace(wording, **{task: (template,)})
            found = write_expression(pair.label, task, only, rng)
            if found is not None:
                yield (name if found.mask.any() else "wrong_direction"), found
    for _ in range(_NEGATIVE):
        absent = write_expression(pair.label, "absent", wording, rng)
        if absent is not None:
            yield "absent", absent
    for _ in range(_QUARTERS):
        quarter = write_expression(pair.label, "position", wording, rng)
        if quarter is not None and quarter.mask.any():
            yield "quarter", quarter


def _read_wording(path: Path) -> Wording:
    read = json.loads(path.read_text())
    parts = {
        name: tuple(t for t in read[name] if t not in getattr(TRAIN, name))
        for name in ("appear", "disappear", "state", "place")
    }
    # Expressions add the plural's s themselves.
    things = tuple(noun.removesuffix("s") for noun in read["absent"] if noun.endswith("s"))
    places = {name: tuple(words) for name, words in read["places"].items()}
    absent = tuple(thing for thing in things if thing not in TRAIN.absent)
    return replace(HELD_OUT, **parts, absent=absent, places=places)


def _tiles(pair: Pair, tile_px: int) -> Iterator[Pair]:
    for row in range(0, pair.label.shape[0], tile_px):
        for col in range(0, pair.label.shape[1], tile_px):
            area = slice(row, row + tile_px), slice(col, col + tile_px)
            yield replace(
                pair, before=pair.before[area], after=pair.after[area], label=pair.label[area]
            )


def _summary(figures: Figures) -> dict[str, float]:
    empty = figures.wrong_direction + figures.absent
    return {
        "any_change_iou": round(figures.any_change.compute().oiou, 4),
        "appeared_miou": round(figures.appeared.compute().miou_nonempty, 4),
        "disappeared_miou": round(figures.disappeared.compute().miou_nonempty, 4),
        "appeared_oiou": round(figures.appeared.compute().oiou, 4),
        "disappeared_oiou": round(figures.disappeared.compute().oiou, 4),
        "wrong_direction_empty": round(figures.wrong_direction.compute().no_target_accuracy, 4),
        "absent_empty": round(figures.absent.compute().no_target_accuracy, 4),
        "right_empty": round(empty.compute().no_target_accuracy, 4),
        "quarter_miou": round(figures.quarter.compute().miou_nonempty, 4),
        "samples": asdict(figures.appeared.compute())["samples"],
    }


if __name__ == "__main__":
    main()
