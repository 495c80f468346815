"""Every figure that the bundled model must hold, in one table.

Run: python benchmarks/validation.py --root ../shared/data [--model tiny|DIR]
         [--figures levir,composed,…] [--limit N] [--min-area M²] [--mirror]
         [--json out.json] [--markdown out.md]
     python benchmarks/validation.py --source guangzhou --model DIR

The first measures on what no training sees: scenes, a city, wordings and words held back
(mtrs_geo/data/datamodule.py, scenes.py, held_out.py, referring/held_out_words.py).  The
second measures one whole source, for a model that was trained without it.

A pixel belongs to an answer where its probability exceeds 0.5.  "The model" answers a sentence
as it stands; "detect" is the whole product on the tile as a scene: grammar, rules, polygons.
Samples are drawn with fixed seeds.  It exits 1 where a promise is missed.
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

from figures.asking import Item, Tally, ask
from figures.buildings import directed_items, read_guangzhou, read_levir, undirected_items
from figures.composed import composed_items, held_back_composer, source_composer
from figures.disturbed import DISTURBANCES, disturbed_items
from figures.product import ask_product
from figures.rows import as_json, as_markdown, as_text, rows_of
from figures.seasons import read_seasons, unchanged_items

from mtrs_geo.data.datasets.scenes import SCENE_SETS
from mtrs_geo.errors import MTRSGeoError
from mtrs_geo.models import ChangeSegmenter, MirroredSegmenter, load_model

_COMPOSED, _BY_PRODUCT = 300, 150
_GROUPS = ("levir", "guangzhou", "composed", "seasons", "disturbed", "product")
_SOURCES = ("levir", "guangzhou", *SCENE_SETS)
_Stream: TypeAlias = Callable[[], Iterator[Item]]
_Put: TypeAlias = Callable[[Iterator[Item], Tally, Callable[[], None]], None]


def main() -> int:
    """Measure and print; return 1 where a promise is missed."""
    asked = _arguments()
    tally = Tally()
    try:
        model = load_model(asked.model)
        if asked.mirror:
            model = MirroredSegmenter(model)
        if asked.source:
            items = islice(_unseen(asked.root, asked.source), asked.limit)
            _timed(asked.source, items, partial(ask, model), tally)
        else:
            _measure(model, asked.root, asked.figures, asked.limit, asked.min_area, tally)
    except MTRSGeoError as error:
        sys.exit(str(error))
    rows = rows_of(tally.figures, asked.source)
    sys.stdout.write("\n".join(as_text(rows)) + "\n")
    if asked.markdown:
        asked.markdown.write_text("\n".join(as_markdown(rows)) + "\n")
    if asked.json:
        facts = {"model": model.info.name, "version": model.info.version, "limit": asked.limit}
        asked.json.write_text(json.dumps({**facts, "rows": as_json(rows)}, indent=1) + "\n")
    return int(any(row.verdict == "missed" for row in rows))


def _measure(
    model: ChangeSegmenter,
    root: Path,
    groups: Sequence[str],
    limit: int | None,
    min_area_m2: float,
    tally: Tally,
) -> None:
    streams = _streams(root)
    for group in groups:
        if group != "product":
            # Every disturbance of a pair is an item of its own.
            often = len(DISTURBANCES) + 1 if group == "disturbed" else 1
            items = islice(streams[group](), limit and limit * often)
            _timed(group, items, partial(ask, model), tally)
            continue
        put = partial(ask_product, model, min_area_m2=min_area_m2)
        for placed in ("levir", "composed", "seasons"):
            items = islice(streams[placed](), min(limit or _BY_PRODUCT, _BY_PRODUCT))
            _timed(f"detect on {placed}", items, put, tally)


def _timed(name: str, items: Iterator[Item], put: _Put, tally: Tally) -> None:
    began, done = time.perf_counter(), 0

    def told() -> None:
        nonlocal done
        done += 1
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{name}: {done} pairs, {time.perf_counter() - began:.0f} s")

    put(items, tally, told)
    sys.stderr.write(f"\r{name}: {done} pairs, {time.perf_counter() - began:.0f} s\n")


def _streams(root: Path) -> dict[str, _Stream]:
    return {
        "levir": lambda: directed_items(read_levir(root), "levir."),
        "guangzhou": lambda: undirected_items(read_guangzhou(root), "guangzhou."),
        "composed": lambda: composed_items(held_back_composer(root), _COMPOSED, "composed."),
        "seasons": lambda: unchanged_items(read_seasons(root), "seasons.quiet"),
        "disturbed": lambda: disturbed_items(read_levir(root), "disturbed."),
    }


def _unseen(root: Path, source: str) -> Iterator[Item]:
    if source == "levir":
        return directed_items(read_levir(root, keep=lambda _: True), f"{source}.")
    if source == "guangzhou":
        return undirected_items(read_guangzhou(root, keep=lambda _: True), f"{source}.")
    return composed_items(source_composer(root, source), _COMPOSED, f"{source}.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="tiny", help="a bundled model or a folder")
    parser.add_argument("--figures", type=_groups, default=_GROUPS, help=", ".join(_GROUPS))
    parser.add_argument("--source", choices=_SOURCES, help="a set the model was trained without")
    parser.add_argument("--limit", type=int, help="pairs a group, for a quick look")
    parser.add_argument("--min-area", type=float, default=10.0, help="of detect, in m²")
    parser.add_argument("--mirror", action="store_true", help="average mirror images, as detect's")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    return parser.parse_args()


def _groups(text: str) -> tuple[str, ...]:
    chosen = tuple(text.split(","))
    unknown = set(chosen) - set(_GROUPS)
    if unknown:
        msg = f"no figures are called {', '.join(sorted(unknown))}; there are {', '.join(_GROUPS)}"
        raise argparse.ArgumentTypeError(msg)
    return chosen


if __name__ == "__main__":
    sys.exit(main())
