"""What fine-tuning learns from: folders of pairs and layers of changes, split by place."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from mtrs_geo.data.sampling.spatial_split import held_back
from mtrs_geo.data.split.reader import ReferringPair, open_split
from mtrs_geo.errors import RequestError
from mtrs_geo.io.provenance import rasters_of
from mtrs_geo.pairs.export import PairsOptions, PairsReport, export_pairs
from mtrs_geo.progress import Progress
from mtrs_geo.types import StrPath

__all__ = [
    "TILE_PX",
    "LabelledLayer",
    "OwnData",
    "PairSource",
    "gather",
    "labelled_layers",
]

TILE_PX = 320
"""Side of a tile that is learnt from: a little more than a crop's, which leaves that some play."""


@dataclass(frozen=True)
class LabelledLayer:
    """A layer of changes over two rasters, with a sentence for every polygon."""

    path: StrPath
    """Any vector file that GDAL reads, in any CRS."""
    before: StrPath | None = None
    """None takes the rasters that the layer names: `mtrs_geo.detect_changes` writes them down."""
    after: StrPath | None = None
    layer: str | None = None
    """Its name in the file; the first by default."""
    options: PairsOptions = field(default_factory=lambda: PairsOptions(TILE_PX, negatives=True))

    def rasters(self) -> tuple[StrPath, StrPath]:
        """Return the earlier and the later raster.

        Raises:
            RequestError: if they are neither given nor named by the layer.
        """
        if self.before is not None and self.after is not None:
            return self.before, self.after
        if self.before is not None or self.after is not None:
            msg = f"{self.path} lies over two rasters. Give both --before and --after."
            raise RequestError(msg)
        found = rasters_of(self.path, self.layer)
        if len(found) != 2:
            told = f"names {len(found)} rasters" if found else "does not name its rasters"
            msg = f"{self.path} {told}. Give the two that it lies over: --before and --after."
            raise RequestError(msg)
        return found[0], found[1]


PairSource: TypeAlias = StrPath | LabelledLayer
"""A folder in MTRefSeg-21K's layout, or a layer of changes."""


@dataclass(frozen=True)
class OwnData:
    """Pairs to learn from, and pairs to score on."""

    learnt: list[ReferringPair]
    held: list[ReferringPair]
    by_place: bool
    """Whether whole places are held back; else nobody knew where the pairs lie."""
    warnings: tuple[str, ...]


def _is_folder_of_pairs(path: StrPath) -> bool:
    """Tell a folder in MTRefSeg-21K's layout from a vector file (a .gdb is a folder as well)."""
    return Path(path).is_dir() and Path(path).suffix.lower() != ".gdb"


def labelled_layers(
    paths: Sequence[str],
    before: Sequence[str],
    after: Sequence[str],
    layer: str | None,
    options: PairsOptions,
) -> list[PairSource]:
    """Give every layer among ``paths`` its rasters; folders of pairs stay what they are.

    Args:
        paths: folders and vector files.
        before: earlier rasters: none, one for all layers, or one for each in their order.
        after: later ones, as many.
        layer: name of the layer in each file.
        options: how all of them are cut.

    Raises:
        RequestError: if there are more or fewer rasters than layers.
    """
    layers = [path for path in paths if not _is_folder_of_pairs(path)]
    if len(before) != len(after) or len(before) not in {0, 1, len(layers)}:
        msg = (
            f"{len(layers)} layers lie over {len(before)} earlier and {len(after)} later rasters. "
            "Give one --before and one --after for all layers, or one for each, in their order."
        )
        raise RequestError(msg)
    sources: list[PairSource] = []
    for path in paths:
        if path not in layers:
            sources.append(path)
            continue
        earlier, later = (_one(rasters, layers.index(path)) for rasters in (before, after))
        sources.append(LabelledLayer(path, earlier, later, layer, options))
    return sources


def _one(rasters: Sequence[str], number: int) -> str | None:
    return rasters[number if len(rasters) > 1 else 0] if rasters else None


def gather(sources: Iterable[PairSource], progress: Progress) -> OwnData:
    """Read pairs from all sources and hold a fifth of them back, by place.

    Raises:
        MTRSGeoError: as `open_split` and `export_pairs`; RequestError where layers give fewer
            than two pairs, or no sentence has a target.
    """
    sources = [_as_source(source) for source in sources]
    read: list[list[ReferringPair]] = []
    warnings: list[str] = []
    for source in sources:
        pairs, said = _read(source, progress)
        read.append([pair for pair in pairs if pair.expressions])
        warnings += said
    layers = [source for source in sources if isinstance(source, LabelledLayer)]
    names = ", ".join(str(getattr(source, "path", source)) for source in sources)
    _check(read, names, least=2 if layers else 1)
    learnt, held = _split(read)
    by_place = any(pair.origin is not None for pair in held)
    return OwnData(learnt, held, by_place, tuple(warnings))


def _as_source(source: PairSource) -> PairSource:
    if isinstance(source, LabelledLayer) or _is_folder_of_pairs(source):
        return source
    return LabelledLayer(source)


def _read(
    source: PairSource, progress: Progress
) -> tuple[Sequence[ReferringPair], tuple[str, ...]]:
    if not isinstance(source, LabelledLayer):
        return open_split(os.fspath(source)), ()
    with tempfile.TemporaryDirectory(prefix="mtrs_geo_pairs_") as folder:
        report = export_pairs(
            source.rasters(), source.path, folder, layer=source.layer, options=source.options,
            progress=progress,
        )  # fmt: skip
        return list(open_split(folder)), tuple(_remarks(report, str(source.path)))


def _remarks(report: PairsReport, name: str) -> Iterator[str]:
    yield from report.warnings
    if report.outside:
        yield f"{report.outside} polygons of {name} lie outside of what both rasters show."
    if report.unreviewed:
        yield f"{report.unreviewed} sentences of tiles were left out: not all is reviewed there."
    if report.tiles_without_data:
        yield f"{report.tiles_without_data} tiles were left out: half of them or more has no data."


def _check(read: Sequence[Sequence[ReferringPair]], names: str, least: int) -> None:
    count = sum(map(len, read))
    if not count:
        msg = f"{names} holds no sentence. See docs/finetuning.md."
        raise RequestError(msg)
    if count < least:
        msg = (
            f"{names} gives one pair, and two are the least: label changes in more places, or cut "
            "smaller tiles (--tile-px)."
        )
        raise RequestError(msg)
    if not any(pair.masks.any() for pairs in read for pair in pairs):
        msg = f"{names}: every mask is empty, so there is nothing to find. Label some changes."
        raise RequestError(msg)


def _split(
    read: Sequence[Sequence[ReferringPair]],
) -> tuple[list[ReferringPair], list[ReferringPair]]:
    """Hold back places such that the most sentences keep a target to learn from."""
    ways = [
        _divided(read, held) for held in held_back([[p.origin for p in pairs] for pairs in read])
    ]
    everything = [pair for pairs in read for pair in pairs]
    return max(
        ways,
        key=lambda way: (len(_targets(way[0])), min(1, len(_targets(way[1])))),
        default=(everything, []),
    )


def _divided(
    read: Sequence[Sequence[ReferringPair]], held: Sequence[set[int]]
) -> tuple[list[ReferringPair], list[ReferringPair]]:
    parts: tuple[list[ReferringPair], list[ReferringPair]] = [], []
    for pairs, chosen in zip(read, held, strict=True):
        for i, pair in enumerate(pairs):
            parts[i in chosen].append(pair)
    return parts


def _targets(pairs: Iterable[ReferringPair]) -> set[str]:
    return {
        text
        for pair in pairs
        for text, mask in zip(pair.expressions, pair.masks, strict=True)
        if mask.any()
    }
