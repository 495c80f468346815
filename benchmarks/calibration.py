"""Calibrate the scores of the bundled model, and measure how well scores are chances.

Run: python benchmarks/calibration.py --root ../shared/data [--model tiny|DIR]
         [--polygons DIR] [--plot FILE.png] [--markdown FILE.md] [--write DIR]

Real pairs calibrate any change, buildings and absent things.  Roads, vegetation, water and bare
ground are calibrated on four real scenes and on pairs that are composed of held-out scenes, as
there are few real ones.  Scores of the calibrated sources are cross-fitted: each place is scored
by maps that were fitted on the other places.  Of the sources named "unseen", neither training nor
calibration saw a place.  ``--polygons`` keeps the judged polygons, so that a second run needs no
model.
``--write`` writes calibration.json into a model folder.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from figures.labelled_places import COMPOSED, FITTED, UNSEEN, labelled_places
from figures.reliability_plot import write_reliability_plot

from mtrs_geo.evaluation.calibrate import (
    calibrated_scores,
    cross_fitted_scores,
    fit_calibration,
)
from mtrs_geo.evaluation.calibrated_copy import ABOUT
from mtrs_geo.evaluation.judging import judge_place
from mtrs_geo.evaluation.reliability import Reliability, reliability
from mtrs_geo.models import load_model, model_folder
from mtrs_geo.models.calibration import CALIBRATION_FILE, Calibration, read_calibration
from mtrs_geo.models.catalog import sha256

_BY_COMPOSED = ("road", "vegetation", "water", "bare", "several")
"""Classes that are calibrated on composed pairs as well."""
_NOTE = "fitted on composed pairs and four scenes of one region; elsewhere they are rough."
_PROMISED_ECE = 0.05
_SOURCES = (*FITTED, *UNSEEN, COMPOSED)


def main() -> int:
    """Measure, print and write; return 1 if the calibrated error of real pairs is too large."""
    arguments = _arguments()
    polygons = _polygons(arguments)
    is_composed = polygons["source"] == COMPOSED
    is_fitted = polygons["source"].isin(FITTED) | (
        is_composed & polygons["query_class"].isin(_BY_COMPOSED)
    )
    fitted = polygons[is_fitted].reset_index(drop=True)
    calibration = _with_notes(fit_calibration(fitted, about={"data": [*FITTED, COMPOSED], **ABOUT}))
    fitted["score"] = cross_fitted_scores(fitted)
    unseen = polygons[polygons["source"].isin(UNSEEN)].reset_index(drop=True)
    unseen["score"] = calibrated_scores(calibration, unseen)
    rows = {name: _both(group) for name, group in _measured(fitted, unseen) if len(group)}
    table = _markdown(rows)
    sys.stdout.write("\n".join(table) + "\n")
    if arguments.markdown:
        arguments.markdown.write_text("\n".join(table) + "\n", encoding="utf-8")
    if arguments.plot:
        write_reliability_plot(arguments.plot, rows)
    if arguments.write:
        _write(calibration, model_folder(arguments.write))
    return int(rows["real pairs"][1].ece > _PROMISED_ECE)


def _polygons(arguments: argparse.Namespace) -> pd.DataFrame:
    model, frames = None, []
    for source in arguments.sources:
        cache = arguments.polygons and arguments.polygons / f"{source}.parquet"
        if cache is None or not cache.is_file():
            model, started = model or load_model(arguments.model), time.perf_counter()
            judged = [judge_place(model, one) for one in labelled_places(arguments.root, source)]
            frame = pd.concat([frame for frame in judged if len(frame)], ignore_index=True)
            frames.append(frame.assign(source=source))
            seconds = time.perf_counter() - started
            sys.stderr.write(f"{source}: {len(judged)} pairs, {seconds:.0f} s\n")
            if cache is not None:
                cache.parent.mkdir(parents=True, exist_ok=True)
                frames[-1].to_parquet(cache)
        else:
            frames.append(pd.read_parquet(cache))
    return pd.concat(frames, ignore_index=True)


def _with_notes(calibration: Calibration) -> Calibration:
    maps = {
        group: replace(one, note=_NOTE) if group.split()[-1] in _BY_COMPOSED else one
        for group, one in calibration.maps.items()
    }
    return replace(calibration, maps=maps)


def _measured(fitted: pd.DataFrame, unseen: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield groups of polygons by name."""
    real = fitted[fitted["source"] != COMPOSED]
    yield "real pairs", real
    for source in FITTED:
        yield f"real pairs: {source}", real[real["source"] == source]
    for (direction, query_class), group in real.groupby(["direction", "query_class"]):
        yield f"real pairs: {direction} {query_class}", group
    yield "composed pairs", fitted[fitted["source"] == COMPOSED]
    for source, group in unseen.groupby("source"):
        yield f"unseen: {source}", group


def _both(polygons: pd.DataFrame) -> tuple[Reliability, Reliability]:
    right = polygons["right"].to_numpy(bool)
    before, after = (
        reliability(polygons[name].to_numpy(np.float64), right) for name in ("probability", "score")
    )
    return before, after


def _markdown(rows: dict[str, tuple[Reliability, Reliability]]) -> list[str]:
    lines = [
        "| polygons of | polygons | right | mean probability: ECE, Brier | score: ECE, Brier |",
        "|---|---|---|---|---|",
    ]
    for name, (before, after) in rows.items():
        lines.append(
            f"| {name} | {before.polygons:,} | {before.right_share:.2f} | "
            f"{before.ece:.3f}, {before.brier:.3f} | {after.ece:.3f}, {after.brier:.3f} |"
        )
    return lines


def _write(calibration: Calibration, folder: Path) -> None:
    checksum, earlier = sha256(folder / "model.safetensors"), None
    if (folder / CALIBRATION_FILE).is_file():
        earlier = read_calibration(folder, checksum).familiarity
    replace(calibration, weights=checksum, familiarity=earlier).write(folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, required=True, help="data root")
    parser.add_argument("--model", default="tiny", help="bundled name or model folder")
    parser.add_argument("--polygons", type=Path, help="folder that keeps the judged polygons")
    parser.add_argument(
        "--sources", nargs="+", choices=_SOURCES, default=_SOURCES, help="for tests; all by default"
    )
    parser.add_argument("--plot", type=Path, help="reliability plot to write")
    parser.add_argument("--markdown", type=Path, help="table to write")
    parser.add_argument("--write", help="model that gets the calibration")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
