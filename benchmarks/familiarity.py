"""Describe the training images of the bundled model, and measure which others are unfamiliar.

Run: python benchmarks/familiarity.py --root ../shared/data [--write MODEL] [--markdown FILE.md]

A pair of tiles counts as unfamiliar if the Mahalanobis distance of one of its dates to the training
images exceeds the limit.  The limit is the 99th percentile of the validation places.  ``--write``
writes the description into the model's calibration.json.  The exit code is 1 if radar, noise or
panchromatic images are not distinguished.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from figures.image_tiles import OTHERS, TRAINING, VALIDATION, TilePair

from mtrs_geo.models import model_folder
from mtrs_geo.models.calibration import read_calibration
from mtrs_geo.models.catalog import sha256
from mtrs_geo.models.familiarity import STATISTICS, Familiarity, image_statistics

_SHRINKAGE = 0.05
"""Share of the variances that is added to the covariance: training saw no noise."""
_QUANTILE = 0.99
_MUST_DIFFER = ("LEVIR, panchromatic", "LEVIR, radar speckle of 4 looks", "uniform noise")
_PROMISED_SHARE = 0.9
_Statistics = npt.NDArray[np.float64]


def main() -> int:
    """Measure, print and write."""
    arguments = _arguments()
    training, validation, others = (
        {name: _statistics(source(arguments.root)) for name, source in sources.items()}
        for sources in (TRAINING, VALIDATION, OTHERS)
    )
    familiarity = _fitted(np.concatenate(list(training.values())))
    limit = np.quantile(
        np.concatenate([_distances(familiarity, one) for one in validation.values()]), _QUANTILE
    )
    familiarity = replace(familiarity, limit=round(float(limit), 3))
    lines = ["| tiles of | tile pairs | unfamiliar |", "|---|---|---|"]
    shares = {}
    for kind, group in (("training", training), ("validation", validation), ("", others)):
        for name, statistics in group.items():
            shares[name] = float((_distances(familiarity, statistics) > familiarity.limit).mean())
            title = f"{kind}: {name}" if kind else name
            lines.append(f"| {title} | {len(statistics)} | {shares[name]:.3f} |")
    sys.stdout.write("\n".join(lines) + "\n")
    if arguments.markdown:
        arguments.markdown.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if arguments.write:
        folder = model_folder(arguments.write)
        calibration = read_calibration(folder, sha256(folder / "model.safetensors"))
        replace(calibration, familiarity=familiarity).write(folder)
    return int(any(shares[name] < _PROMISED_SHARE for name in _MUST_DIFFER))


def _statistics(pairs: Iterable[TilePair]) -> _Statistics:
    """Return the statistics of both dates of each pair, (n, 2, 15)."""
    started = time.perf_counter()
    found = [
        [image_statistics(np.ascontiguousarray(one.transpose(2, 0, 1))) for one in pair]
        for pair in pairs
    ]
    sys.stderr.write(f"{len(found)} pairs, {time.perf_counter() - started:.0f} s\n")
    return np.array(found)


def _fitted(statistics: _Statistics) -> Familiarity:
    images = statistics.reshape(-1, STATISTICS)
    covariance = np.cov(images.T) + _SHRINKAGE * np.diag(images.var(0))
    precision = np.linalg.inv(covariance)
    return Familiarity(images.mean(0).round(5).tolist(), precision.round(5).tolist(), 1.0)


def _distances(familiarity: Familiarity, statistics: _Statistics) -> npt.NDArray[np.float64]:
    """Return the larger distance of the two dates of each pair, (n,)."""
    return familiarity.distances_of(statistics.reshape(-1, STATISTICS)).reshape(-1, 2).max(1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, required=True, help="data root")
    parser.add_argument("--write", help="calibrated model that gets the description")
    parser.add_argument("--markdown", type=Path, help="table to write")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
