"""Accuracy of a model on the held-back LEVIR scenes, by tile size, or with other wordings.

Run: python benchmarks/accuracy.py --root ../shared/data [--model tiny] [--json out.json]
     python benchmarks/accuracy.py --wordings benchmarks/wordings.json

The second takes wordings that were written by someone who saw neither the code nor any
figure, and that steered nothing; templates that training happens to share are left out.

Samples are tiles of 256 px (and of 512 px, and whole scenes, for comparison) of the
four scenes that no training sees.  Every tile is asked in every held-out wording.
A tile counts for a direction where it holds such a change; "right empty" asks for the
other direction, or for a thing that is not there, and wants not one pixel.
validation.py measures the same at 256 px, and everything else that is promised.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from figures.asking import Tally, ask
from figures.buildings import directed_items, read_levir, read_wording

from mtrs_geo.data.sampling.datamodule import HELD_BACK
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.metrics import ReferringMetrics
from mtrs_geo.models import load_model


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--tile-px", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--wordings", type=Path)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    pairs = read_levir(arguments.root)
    sys.stdout.write(f"held back: {', '.join(HELD_BACK['levir'])}\n")
    wording = HELD_OUT if arguments.wordings is None else read_wording(arguments.wordings)
    model = load_model(arguments.model)
    measured = {}
    for tile_px in arguments.tile_px:
        tally = Tally()
        ask(model, directed_items(pairs, "", tile_px, wording, placed=0), tally)
        measured[tile_px] = _summary(tally.figures)
        sys.stdout.write(f"{tile_px} px: {json.dumps(measured[tile_px])}\n")
        sys.stdout.flush()
    if arguments.json:
        arguments.json.write_text(json.dumps(measured, indent=2) + "\n")


def _summary(figures: Mapping[str, ReferringMetrics]) -> dict[str, float]:
    score = {name: metrics.compute() for name, metrics in figures.items()}
    empty = (figures["wrong_direction"] + figures["absent"]).compute()
    found = {
        "any_change_iou": score["any"].oiou,
        "appeared_miou": score["appear"].miou_nonempty,
        "disappeared_miou": score["disappear"].miou_nonempty,
        "appeared_oiou": score["appear"].oiou,
        "disappeared_oiou": score["disappear"].oiou,
        "wrong_direction_empty": score["wrong_direction"].no_target_accuracy,
        "absent_empty": score["absent"].no_target_accuracy,
        "right_empty": empty.no_target_accuracy,
        "quarter_miou": score["quarter"].miou_nonempty,
    }
    rounded = {name: round(value, 4) for name, value in found.items()}
    return {**rounded, "samples": score["appear"].samples}


if __name__ == "__main__":
    main()
