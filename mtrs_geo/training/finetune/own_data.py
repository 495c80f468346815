"""Read the pairs of fine-tuning from folders and layers of changes, and split them by place."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from mtrs_geo.data.split.grouping import group_files, read_group
from mtrs_geo.data.split.reader import ReferringPair, open_split
from mtrs_geo.errors import RequestError
from mtrs_geo.grid import Grid
from mtrs_geo.io.inputs.input_files import named_files
from mtrs_geo.io.inputs.kinds import RasterLike, source_names
from mtrs_geo.io.provenance import rasters_of
from mtrs_geo.io.raster import gdal_session
from mtrs_geo.io.stack import open_stack
from mtrs_geo.pairs.export import PairsOptions, export_pairs
from mtrs_geo.progress import Progress
from mtrs_geo.training.finetune.places import SourcePairs, split_by_place
from mtrs_geo.types import StrPath

__all__ = [
    "TILE_PX",
    "LabelledLayer",
    "OwnData",
    "PairSource",
    "inputs_of",
    "labelled_layers",
    "read_pairs",
]

TILE_PX = 320
"""Side of a tile in pixels: more than the side of a crop, so that crops can be shifted."""


@dataclass(frozen=True)
class LabelledLayer:
    """A layer of changes over two rasters, with a sentence for every polygon."""

    path: StrPath
    """Any vector file that GDAL reads, in any CRS."""
    before: RasterLike | None = None
    """None takes the rasters that the layer names, as layers of `mtrs_geo.detect_changes` do."""
    after: RasterLike | None = None
    layer: str | None = None
    """Name of the layer in the file; None is the first."""
    options: PairsOptions = field(default_factory=lambda: PairsOptions(TILE_PX, negatives=True))

    def rasters(self) -> tuple[RasterLike, RasterLike]:
        """Return the earlier and the later raster.

        Raises:
            RequestError: if they are neither set nor named by the layer.
        """
        if self.before is not None and self.after is not None:
            return self.before, self.after
        if self.before is not None or self.after is not None:
            msg = f"{self.path} has one raster only: before {self.before}, after {self.after}."
            raise RequestError(msg, advice="Give both --before and --after.")
        found = rasters_of(self.path, self.layer)
        if len(found) != 2:
            problem = f"names {len(found)} rasters" if found else "does not name its rasters"
            msg = f"{self.path} {problem}."
            raise RequestError(msg, advice="Give its two rasters: --before and --after.")
        return found[0], found[1]


PairSource: TypeAlias = StrPath | LabelledLayer
"""A folder in MTRefSeg-21K's layout, or a layer of changes."""


@dataclass(frozen=True)
class OwnData:
    """Training pairs and held-out pairs."""

    training: list[ReferringPair]
    held_out: list[ReferringPair]
    by_place: bool
    """Whether whole places are held out; false if no pair has a known location."""
    warnings: tuple[str, ...]


def _is_folder_of_pairs(path: StrPath) -> bool:
    """Return whether a path is a folder of pairs; a .gdb folder is a vector file."""
    folder = Path(os.path.expanduser(path))
    return folder.is_dir() and folder.suffix.lower() != ".gdb"


def labelled_layers(
    paths: Sequence[str],
    before: Sequence[str],
    after: Sequence[str],
    layer: str | None,
    options: PairsOptions,
) -> list[PairSource]:
    """Combine each layer in ``paths`` with its rasters; folders of pairs are returned unchanged.

    Args:
        paths: folders and vector files.
        before: earlier rasters: none, one for all layers, or one per layer in the same order.
        after: later rasters, the same number.
        layer: name of the layer in each file.
        options: options of the tiles, for all layers.

    Raises:
        RequestError: if the number of rasters does not fit the number of layers, or an option of
            layers is given and all paths are folders of pairs.
    """
    layers = [path for path in paths if not _is_folder_of_pairs(path)]
    if not layers:
        _refuse_unused(paths, {"before": before, "after": after, "layer": layer}, options)
    if len(before) != len(after) or len(before) not in {0, 1, len(layers)}:
        msg = f"{len(layers)} layers have {len(before)} earlier and {len(after)} later rasters."
        advice = "Give one --before and one --after for all layers, or one per layer, in order."
        raise RequestError(msg, advice=advice)
    sources: list[PairSource] = []
    for path in paths:
        if path not in layers:
            sources.append(path)
            continue
        earlier, later = (_raster_of(rasters, layers.index(path)) for rasters in (before, after))
        sources.append(LabelledLayer(path, earlier, later, layer, options))
    return sources


def _refuse_unused(
    folders: Sequence[str], given: Mapping[str, object], options: PairsOptions
) -> None:
    """Refuse options of layers for folders of pairs, which are trained as they are."""
    defaults = PairsOptions(TILE_PX, negatives=True)
    changed = {
        "text_column": options.text_column, "aoi": options.aoi,
        "tile_px": options.tile_px != defaults.tile_px, "resolution": options.stack.resolution,
        "raw": options.raw,
    }  # fmt: skip
    unused = [name for name, value in {**given, **changed}.items() if value]
    if unused:
        listed = ", ".join(f"--{name.replace('_', '-')}" for name in unused)
        msg = f"{listed}: no effect on folders of pairs, such as {folders[0]}."
        advice = "Leave it out, or give a layer (--pairs changes.gpkg)."
        raise RequestError(msg, advice=advice)


def _raster_of(rasters: Sequence[str], layer: int) -> str | None:
    return rasters[layer if len(rasters) > 1 else 0] if rasters else None


def inputs_of(source: PairSource) -> list[object]:
    """Return what a source reads: its folder, or its layer, rasters and area, and their files.

    Raises:
        MTRSGeoError: as `LabelledLayer.rasters`.
    """
    source = _as_source(source)
    if not isinstance(source, LabelledLayer):
        return [source]
    rasters = [name for raster in source.rasters() for name in source_names(raster)]
    layers = [os.fspath(path) for path in (source.path, source.options.aoi)
              if isinstance(path, str | os.PathLike)]  # fmt: skip
    return [*source.rasters(), *rasters, *layers, *named_files([*rasters, *layers])]


def read_pairs(sources: Iterable[PairSource], progress: Progress) -> OwnData:
    """Read pairs from all sources and hold out about a fifth of them, by place.

    No ground is both trained and held out, also if several sources show it.

    Raises:
        MTRSGeoError: as `open_split` and `export_pairs`; RequestError if layers give fewer
            than two pairs, all masks are empty, or a source is given twice.
    """
    sources = [_as_source(source) for source in sources]
    _refuse_repeated(sources)
    read: list[SourcePairs] = []
    warnings: list[str] = []
    for source in sources:
        pairs, source_warnings = _read(source, progress)
        grid = _grid_of(source) if len(sources) > 1 else None
        read.append(SourcePairs([pair for pair in pairs if pair.expressions], grid))
        warnings += source_warnings
    layers = [source for source in sources if isinstance(source, LabelledLayer)]
    names = ", ".join(str(getattr(source, "path", source)) for source in sources)
    _check([source.pairs for source in read], names, least=2 if layers else 1)
    split = split_by_place(read)
    by_place = any(pair.origin is not None for pair in split.held_out)
    if split.left_out:
        warnings.append(
            f"{split.left_out} tiles are neither trained nor scored: they overlap held-out tiles "
            "of another layer or folder in part."
        )
    return OwnData(split.training, split.held_out, by_place, tuple(warnings))


def _refuse_repeated(sources: Sequence[PairSource]) -> None:
    """Refuse a source that is given twice, as its pairs would be trained and held out."""
    known: set[object] = set()
    for source in sources:
        parts: tuple[object, ...] = (source,)
        if isinstance(source, LabelledLayer):
            parts = source.path, source.layer, source.before, source.after
        # Rasters in memory are compared by identity.
        key = tuple(Path(p).resolve() if isinstance(p, str | Path) else id(p) for p in parts)
        if key in known:
            msg = f"{getattr(source, 'path', source)} is given twice."
            raise RequestError(msg, advice="Give each layer and folder once.")
        known.add(key)


def _as_source(source: PairSource) -> PairSource:
    if isinstance(source, LabelledLayer) or _is_folder_of_pairs(source):
        return source
    return LabelledLayer(source)


def _read(
    source: PairSource, progress: Progress
) -> tuple[Sequence[ReferringPair], tuple[str, ...]]:
    if not isinstance(source, LabelledLayer):
        # Records of the same images are one pair, so that none of them is held out alone.
        groups = group_files(open_split(os.fspath(source)).files)
        return [read_group(group) for group in groups], ()
    with tempfile.TemporaryDirectory(prefix="mtrs_geo_pairs_") as folder:
        report = export_pairs(
            source.rasters(), source.path, folder, layer=source.layer, options=source.options,
            progress=progress,
        )  # fmt: skip
        return list(open_split(folder)), tuple(report.notes(str(source.path)))


def _grid_of(source: PairSource) -> Grid | None:
    """Return the grid that the pairs of a layer are cut from; None for a folder."""
    if not isinstance(source, LabelledLayer):
        return None
    with gdal_session(), open_stack(source.rasters(), source.options.stack) as stack:
        return stack.grid


def _check(read: Sequence[Sequence[ReferringPair]], names: str, least: int) -> None:
    count = sum(map(len, read))
    if not count:
        msg = f"{names} has no pair with a sentence."
        raise RequestError(msg, advice="See docs/finetuning.md for the formats of labels.")
    if count < least:
        msg = f"{names} gives {count} pair; at least {least} are needed."
        advice = "Label changes in more places, or cut smaller tiles (--tile-px)."
        raise RequestError(msg, advice=advice)
    if not any(pair.masks.any() for pairs in read for pair in pairs):
        msg = f"{names}: every mask is empty."
        raise RequestError(msg, advice="Label some changes.")
