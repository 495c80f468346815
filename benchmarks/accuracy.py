"""Accuracy of a model on the held-out LEVIR scenes, by tile size, or with other wordings.

Run: python benchmarks/accuracy.py --root ../shared/data [--model tiny] [--json out.json]
     python benchmarks/accuracy.py --root ../shared/data --wordings benchmarks/wordings.json

The author of wordings.json did not see the code or any result, and the wordings did not influence
the model.  Templates that are also in training are left out.

Samples are tiles of 256 px (for comparison also tiles of 512 px, and whole scenes) of the four
scenes that are not in training.  Every held-out wording is queried on every tile.  A tile counts
for a direction if it has such a change.  "right_empty" are queries for the other direction or for
an absent thing, whose masks must not have a single pixel.  validation.py measures the same at
256 px, with all other figures.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from figures.buildings import directed_pairs, read_levir, read_wording
from figures.scoring import Scores, score_model

from mtrs_geo.data.sampling.read_sources import HELD_OUT_PREFIXES
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.metrics import ReferringMetrics
from mtrs_geo.models import load_model


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="data root")
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--tile-px", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--wordings", type=Path)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    pairs = read_levir(arguments.root)
    sys.stdout.write(f"held out: {', '.join(HELD_OUT_PREFIXES['levir'])}\n")
    wording = HELD_OUT if arguments.wordings is None else read_wording(arguments.wordings)
    model = load_model(arguments.model)
    measured = {}
    for tile_px in arguments.tile_px:
        scores = Scores()
        score_model(model, directed_pairs(pairs, "", tile_px, wording, spatial=0), scores)
        measured[tile_px] = _summary(scores.figures)
        sys.stdout.write(f"{tile_px} px: {json.dumps(measured[tile_px])}\n")
        sys.stdout.flush()
    if arguments.json:
        arguments.json.write_text(json.dumps(measured, indent=2) + "\n")


def _summary(figures: Mapping[str, ReferringMetrics]) -> dict[str, float]:
    score = {name: metrics.compute() for name, metrics in figures.items()}
    empty = (figures["wrong_direction"] + figures["absent"]).compute()
    values = {
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
    rounded = {name: round(value, 4) for name, value in values.items()}
    return {**rounded, "samples": score["appear"].samples}


if __name__ == "__main__":
    main()
