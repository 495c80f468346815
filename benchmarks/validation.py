"""All figures that are promised for the bundled model, in one table.

Run: python benchmarks/validation.py --root ../shared/data [--model tiny|DIR]
         [--figures levir,composed,…] [--limit N] [--min-area M²] [--mirror]
         [--json out.json] [--markdown out.md]
     python benchmarks/validation.py --root ../shared/data --source guangzhou --model DIR

The first measures on held-out scenes, wordings and words, none of which is in training
(mtrs_geo/data/sampling/read_sources.py, mtrs_geo/data/datasets/scenes.py,
mtrs_geo/data/sentences/*_held_out.py).  The second measures on a whole source, for a model that
was trained without it.

A pixel belongs to the predicted mask if its probability exceeds 0.5.  Rows of "the model" are
`predict` on the sentence; rows of "detect" are `detect_changes` on the tile as a scene: grammar,
scene rules, polygons.  Samples are drawn with fixed seeds.  The exit code is 1 if a promise is
missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from figures.buildings import directed_pairs, read_guangzhou, read_levir, undirected_pairs
from figures.composed import composed_pairs, held_out_composer, source_composer
from figures.disturbed import DISTURBANCES, disturbed_pairs
from figures.ground import ground_pairs, read_ground, read_quiet_storms
from figures.pipeline import score_detect
from figures.rows import as_json, as_markdown, as_text, rows_of
from figures.scoring import QueriedPair, Scores, score_model
from figures.seasons import read_seasons, unchanged_pairs

from mtrs_geo.data.datasets.scenes import SCENE_SETS
from mtrs_geo.errors import MTRSGeoError
from mtrs_geo.models import ChangeSegmenter, MirroredSegmenter, load_model

_COMPOSED, _BY_DETECT = 300, 150
_GROUPS = (
    "levir", "guangzhou", "ground", "composed", "seasons", "storms", "disturbed", "detect",
)  # fmt: skip
_SOURCES = ("levir", "guangzhou", *SCENE_SETS)
_Stream: TypeAlias = Callable[[], Iterator[QueriedPair]]
_Score: TypeAlias = Callable[[Iterator[QueriedPair], Scores, Callable[[], None]], None]


def main() -> int:
    """Measure and print; return 1 if a promise is missed."""
    arguments = _arguments()
    scores = Scores()
    try:
        model = load_model(arguments.model)
        if arguments.mirror:
            model = MirroredSegmenter(model)
        if arguments.source:
            pairs = islice(_source_pairs(arguments.root, arguments.source), arguments.limit)
            _timed(arguments.source, pairs, partial(score_model, model), scores)
        else:
            _measure(
                model,
                arguments.root,
                arguments.figures,
                arguments.limit,
                arguments.min_area,
                scores,
            )
    except MTRSGeoError as error:
        sys.exit(str(error))
    rows = rows_of(scores.figures, arguments.source)
    sys.stdout.write("\n".join(as_text(rows)) + "\n")
    if arguments.markdown:
        arguments.markdown.write_text("\n".join(as_markdown(rows)) + "\n")
    if arguments.json:
        facts = {"model": model.info.name, "version": model.info.version, "limit": arguments.limit}
        arguments.json.write_text(json.dumps({**facts, "rows": as_json(rows)}, indent=1) + "\n")
    return int(any(row.verdict == "missed" for row in rows))


def _measure(
    model: ChangeSegmenter,
    root: Path,
    groups: Sequence[str],
    limit: int | None,
    min_area_m2: float,
    scores: Scores,
) -> None:
    streams = _streams(root)
    for group in groups:
        if group != "detect":
            # Each tile is yielded once clean and once per disturbance.
            versions = len(DISTURBANCES) + 1 if group == "disturbed" else 1
            pairs = islice(streams[group](), limit and limit * versions)
            _timed(group, pairs, partial(score_model, model), scores)
            continue
        score = partial(score_detect, model, min_area_m2=min_area_m2)
        for source in ("levir", "composed", "seasons"):
            pairs = islice(streams[source](), min(limit or _BY_DETECT, _BY_DETECT))
            _timed(f"detect on {source}", pairs, score, scores)


def _timed(name: str, pairs: Iterator[QueriedPair], score: _Score, scores: Scores) -> None:
    started, done = time.perf_counter(), 0

    def on_pair() -> None:
        nonlocal done
        done += 1
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{name}: {done} pairs, {time.perf_counter() - started:.0f} s")

    score(pairs, scores, on_pair)
    sys.stderr.write(f"\r{name}: {done} pairs, {time.perf_counter() - started:.0f} s\n")


def _streams(root: Path) -> dict[str, _Stream]:
    return {
        "levir": lambda: directed_pairs(read_levir(root), "levir."),
        "guangzhou": lambda: undirected_pairs(read_guangzhou(root), "guangzhou."),
        "composed": lambda: composed_pairs(held_out_composer(root), _COMPOSED, "composed."),
        "ground": lambda: ground_pairs(read_ground(root), "ground."),
        "seasons": lambda: unchanged_pairs(read_seasons(root), "seasons.quiet"),
        "storms": lambda: unchanged_pairs(read_quiet_storms(root), "storms.quiet"),
        "disturbed": lambda: disturbed_pairs(read_levir(root), "disturbed."),
    }


def _source_pairs(root: Path, source: str) -> Iterator[QueriedPair]:
    if source == "levir":
        return directed_pairs(read_levir(root, keep=lambda _: True), f"{source}.")
    if source == "guangzhou":
        return undirected_pairs(read_guangzhou(root, keep=lambda _: True), f"{source}.")
    return composed_pairs(source_composer(root, source), _COMPOSED, f"{source}.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, required=True, help="data root")
    parser.add_argument("--model", default="tiny", help="bundled name or model folder")
    parser.add_argument("--figures", type=_groups, default=_GROUPS, help=", ".join(_GROUPS))
    parser.add_argument(
        "--source", choices=_SOURCES, help="a data set that the model was trained without"
    )
    parser.add_argument("--limit", type=int, help="number of pairs per group, for a quick look")
    parser.add_argument("--min-area", type=float, default=10.0, help="min_area_m2 of detect, in m²")
    parser.add_argument(
        "--mirror", action="store_true", help="average over mirror images, as in detect"
    )
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    return parser.parse_args()


def _groups(text: str) -> tuple[str, ...]:
    groups = tuple(text.split(","))
    unknown = set(groups) - set(_GROUPS)
    if unknown:
        msg = f"unknown figures: {', '.join(sorted(unknown))}. Give names of {', '.join(_GROUPS)}."
        raise argparse.ArgumentTypeError(msg)
    return groups


if __name__ == "__main__":
    sys.exit(main())
