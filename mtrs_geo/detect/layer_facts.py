"""What an output says about its run: metadata, categories of its style, warnings of its format."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path

import rasterio

from mtrs_geo import __version__
from mtrs_geo.detect.options import DetectOptions
from mtrs_geo.detect.questions import Questions
from mtrs_geo.io.formats.geopackage_metadata import RunFacts
from mtrs_geo.io.formats.layer_spec import Category
from mtrs_geo.io.formats.shapefile import MOST_TEXT_BYTES, long_texts
from mtrs_geo.io.inputs.kinds import is_in_memory
from mtrs_geo.io.paths import redacted_path
from mtrs_geo.io.stack import RasterStack
from mtrs_geo.models import ModelInfo

__all__ = ["categories", "format_warnings", "raster_paths", "run_facts"]

_OUTPUTS = {"probability", "preview", "timeline", "overwrite", "resume"}


def categories(questions: Questions, dates: Sequence[str | None]) -> tuple[Category, ...]:
    """Return a category per question, and per period if there are several."""
    pairs = questions.pairs
    periods = [(dates[i], dates[j]) for i, j in pairs] if len(pairs) > 1 else [(None, None)]
    found = [
        Category(question.text, question.change, before, after)
        for question in questions.all
        for pair, (before, after) in enumerate(periods)
        if questions.is_asked(question, pair) or not question.is_answered
    ]
    return tuple(dict.fromkeys(found))


def run_facts(
    questions: Questions,
    options: DetectOptions,
    info: ModelInfo,
    warnings: Sequence[str],
    notes: Sequence[str],
) -> RunFacts:
    """Return what a layer says about the run that made it."""
    return RunFacts(
        understood=questions.understood(),
        questions=[question.as_dict() for question in questions.all],
        parameters=dict(_parameters(options)),
        warnings=warnings,
        notes=notes,
        versions={
            "mtrs-geo": __version__,
            f"model {info.name}": info.version,
            "rasterio": rasterio.__version__,
            "GDAL": rasterio.__gdal_version__,
        },
    )


def raster_paths(stack: RasterStack) -> list[str | list[str]]:
    """Return the paths of each date, or of its tiles; empty if a raster is in memory."""
    paths: list[str | list[str]] = []
    for source in stack.sources:
        given = source.path if source.mosaic is None else source.mosaic.tiles.given
        if given is None or (isinstance(given, str) and is_in_memory(given)):
            return []
        # A signed URL must not be stored in a file that is passed on.
        if isinstance(given, str):
            paths.append(redacted_path(given))
        else:
            paths.append([redacted_path(path) for path in given])
    return paths


def _parameters(options: DetectOptions) -> Iterator[tuple[str, object]]:
    """Yield the options of a run by name; of layers in memory only their type."""
    for option in fields(options):
        value = getattr(options, option.name)
        if value is None or option.name in _OUTPUTS:
            continue
        if option.name == "references":
            value = {name: _plain(layer) for name, layer in value.items()}
        yield option.name, _plain(value)


def _plain(value: object) -> object:
    if isinstance(value, str | os.PathLike):
        return redacted_path(os.fspath(value))
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, dict) and all(isinstance(name, str) for name in value):
        return {name: _plain(entry) for name, entry in value.items()}
    return type(value).__name__


def format_warnings(output: Path | None, questions: Questions) -> Iterator[str]:
    """Yield what the format of an output cannot hold, and if a CSV would get another CRS."""
    if output is None:
        return
    suffix = output.suffix.lower()
    table, crs = output.with_suffix(".csv"), output.with_suffix(".prj")
    if (suffix == ".csv" and crs.exists()) or (suffix == ".shp" and table.exists()):
        yield (
            f"GDAL and QGIS take the CRS of {table.name} from {crs.name} beside it, which is that "
            "of a shapefile. Give the two outputs different names."
        )
    if suffix != ".shp":
        return
    for text in long_texts([question.text for question in questions.all]):
        yield (
            f"a shapefile holds text of up to {MOST_TEXT_BYTES} bytes, so the sentence "
            f"{text[:40]!r}… is shortened in {output.name}. Write a .gpkg to keep it."
        )
