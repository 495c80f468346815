"""Jobs of the worker: JSON parameters in, JSON results out, through the public API.

A `Jobs` object keeps the last model and the last opened stack, so that a second sentence
about the same rasters starts at once.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from mtrs_geo.errors import RequestError
from mtrs_geo.interruption import hold_interruptions
from mtrs_geo.progress import Progress

if TYPE_CHECKING:
    from mtrs_geo.detect.result import ChangeResult
    from mtrs_geo.io.stack import RasterStack
    from mtrs_geo.models import ChangeSegmenter

__all__ = ["Answer", "Jobs", "area_of", "check_types", "models", "number_of", "paths_of", "text_of"]

Answer: TypeAlias = dict[str, Any]
"""The result of a job, ready for JSON."""

_NUMBERS = ("threshold", "min_area_m2", "fill_holes_m2")
_INTEGERS = ("batch_size", "tile_px", "overlap_px")
_BOOLEANS = ("answer_anyway", "mirrored", "overwrite", "raw", "register", "regularize", "resume")
_TEXTS = ("output", "probability", "preview", "model", "device", "aoi_crs", "output_crs",
          "polygons", "polygons_layer", "predicted", "predicted_layer", "reference",
          "reference_layer", "text_column", "csv_geometry", "pairs", "folder")  # fmt: skip


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= sys.float_info.max  # JSON has integers that no float holds


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_raster(value: object) -> bool:
    return isinstance(value, str) or (_is_texts(value) and bool(value))


def _are_rasters(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_raster, value))


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_query(value: object) -> bool:
    return isinstance(value, str) or _is_texts(value)


def _are_dates(value: object) -> bool:
    return isinstance(value, list) and all(date is None or isinstance(date, str) for date in value)


def _is_table(value: object) -> bool:
    return isinstance(value, dict) and _is_texts(list(value.values()))


_TYPES: tuple[tuple[tuple[str, ...], Callable[[object], bool], str], ...] = (
    (_TEXTS, lambda value: isinstance(value, str), "a text"),
    ((*_NUMBERS, "simplify_m", "resolution"), _is_number, "a number"),
    (_INTEGERS, _is_integer, "an integer"),
    (_BOOLEANS, lambda value: isinstance(value, bool), "true or false"),
    (("query",), _is_query, "a text or a list of texts"),
    (("before", "after"), _is_raster, "a path, or a list of the paths of tiles"),
    (("paths",), _are_rasters, "a list of paths, or of lists of the paths of tiles"),
    (("dates",), _are_dates, "a list of texts, null for a date that is not given"),
    (("references",), _is_table, "an object of names and paths"),
)
_PARAMETERS = {"aoi", *(name for names, _, _ in _TYPES for name in names)}


class Jobs:
    """Runs jobs one after another."""

    def __init__(self) -> None:
        self._model: tuple[object, ChangeSegmenter] | None = None
        self._stack: tuple[object, RasterStack] | None = None

    def detect(self, params: Mapping[str, Any], progress: Progress) -> Answer:
        """Find changes between two rasters (``before``, ``after``) or more (``paths``).

        Raises:
            MTRSGeoError: as `mtrs_geo.detect_changes`; RequestError if a parameter is of
                the wrong type.
        """
        check_types(params)
        paths = paths_of(params)
        given = {name: value for name, value in params.items() if value is not None}
        device = given.get("device", "auto")
        stack = self._open(paths, given.get("dates"))
        options = {n: given[n] for n in (*_NUMBERS, *_INTEGERS, *_BOOLEANS) if n in given} | {
            "device": device,
            "aoi": area_of(given),
            "references": given.get("references", {}),
            "probability": given.get("probability"),
            "preview": given.get("preview"),
            "output_crs": given.get("output_crs"),
            "csv_geometry": given.get("csv_geometry", "wkt"),
            "pairs": given.get("pairs", "consecutive"),
        }
        if "simplify_m" in given:
            options["simplify_px"] = given["simplify_m"] / max(stack.grid.pixel_size_m())
        from mtrs_geo import detect_changes_stack

        unknown = _unknown(given)
        for warning in unknown:
            progress.log(f"warning: {warning}")
        with _output(given.get("output")) as output:
            result = detect_changes_stack(
                stack,
                given.get("query", ""),
                output=output,
                model=partial(self.load, given.get("model", "tiny"), device),
                progress=progress,
                **options,
            )
        return _as_answer(result, unknown)

    def doctor(self, params: Mapping[str, Any], progress: Progress) -> Answer:
        """Check the installation."""
        from mtrs_geo.doctor import examine

        findings = [asdict(finding) for finding in examine()]
        return {"ok": all(finding["ok"] for finding in findings), "findings": findings}

    def load(self, name: str, device: str) -> ChangeSegmenter:
        """Return a model, which is kept for the next job."""
        from mtrs_geo.models import load_model, model_version

        key = name, device, model_version(name)
        if self._model is None or self._model[0] != key:
            self._model = None  # a GPU may not hold two models at once
            self._model = key, load_model(name, device)
        return self._model[1]

    def _open(self, paths: list[str | list[str]], dates: list[str | None] | None) -> RasterStack:
        from mtrs_geo.io.inputs.kinds import expand_tiles, source_names

        rasters = expand_tiles(paths)
        files = [[str(name) for name in source_names(raster)] for raster in rasters]
        versions = tuple(tuple((path, _file_version(path)) for path in date) for date in files)
        key = str(paths), versions, tuple(dates or ())
        if self._stack is None or self._stack[0] != key:
            from mtrs_geo.io.stack import StackOptions, open_stack

            options = StackOptions(dates=None if dates is None else tuple(dates))
            self._stack = key, open_stack(rasters, options)
        return self._stack[1]


def models(params: Mapping[str, Any]) -> Answer:
    """List the bundled models."""
    from mtrs_geo.models.catalog import bundled_metadata

    return {"models": bundled_metadata()}


def check_types(params: Mapping[str, Any]) -> None:
    """Refuse parameters of the wrong type or with wrong text; null is the default.

    Raises:
        RequestError: if there is one.
    """
    try:
        text = json.dumps(dict(params), ensure_ascii=False)
        text.encode()
    except UnicodeEncodeError as error:
        wrong = ascii(error.object[error.start : error.end])
        msg = f"a parameter has text that is not Unicode: {wrong}."
        raise RequestError(msg, advice="Send UTF-8 without halves of surrogate pairs.") from error
    if "\\u0000" in text.replace("\\\\", ""):
        msg = "a parameter has text with the character NUL, which no path may have."
        raise RequestError(msg, advice="Send it without.")
    for names, is_valid, expected in _TYPES:
        for name in names:
            value = params.get(name)
            if value is not None and not is_valid(value):
                raise _wrong_type(name, expected, value)


@contextmanager
def _output(path: str | None) -> Iterator[str | Path]:
    """Yield the vector file of a job; a temporary one is removed if the job fails."""
    if path:
        yield path
        return
    folder = Path(tempfile.mkdtemp("_mtrs_geo"))
    try:
        yield folder / "changes.gpkg"
    except BaseException:
        with hold_interruptions():
            shutil.rmtree(folder, ignore_errors=True)
        raise


def paths_of(params: Mapping[str, Any]) -> list[str | list[str]]:
    """Return the rasters of a job: ``paths``, or ``before`` and ``after``.

    Raises:
        RequestError: if there are none.
    """
    paths = params.get("paths")
    if paths is not None:
        return list(paths)
    for name in ("before", "after"):
        if params.get(name) is None:
            raise _wrong_type(name, "a path, or a list of the paths of tiles", None)
    return [params["before"], params["after"]]


def area_of(params: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any area that load_aoi takes
    """Return the area of interest of a job; None if it has none.

    Raises:
        RequestError: if it is neither a path nor bounds.
    """
    aoi = params.get("aoi")
    if aoi is None or isinstance(aoi, str):
        return aoi
    if not isinstance(aoi, list) or len(aoi) != 4 or not all(map(_is_number, aoi)):
        raise _wrong_type("aoi", "a path or [left, bottom, right, top]", aoi)
    # Well-known text may have line breaks, which the text form of an area must not have.
    crs = " ".join(params.get("aoi_crs", "").split())
    return f"{','.join(map(str, aoi))},{crs}" if crs else tuple(aoi)


def _unknown(given: Mapping[str, Any]) -> list[str]:
    """Return a warning about parameters that this version does not know, if there are any."""
    names = sorted(set(given) - _PARAMETERS)
    return [f"this version of mtrs-geo ignores the unknown parameters {names}"] if names else []


def _as_answer(result: ChangeResult, warnings_before: list[str]) -> Answer:
    report = result.report
    warnings = [*report.warnings, *warnings_before]
    output = str(result.output)
    return {
        "output": output,
        "layers": ["changes"] if output.lower().endswith(".gpkg") else [Path(output).stem],
        "probability": None if result.probability is None else str(result.probability),
        "preview": None if result.preview is None else str(result.preview),
        "counts": report.polygons,
        "changes": report.changes,
        "area_m2": sum(report.areas_m2.values()),
        "areas_m2": report.areas_m2,
        "understood": list(report.understood),
        "questions": list(report.questions),
        "model": report.model,
        "dates": list(report.dates),
        "crs": report.crs,
        "tiles": report.tiles,
        "tiles_skipped": report.tiles_skipped,
        "registration": [asdict(shift) for shift in report.registration],
        "unfamiliar_share": report.unfamiliar_share,
        "warnings": warnings,
        "notes": list(report.notes),
        "seconds": report.seconds["total"],
    }


def text_of(params: Mapping[str, Any], name: str) -> str:
    """Return a parameter that is a text.

    Raises:
        RequestError: if it is missing or of another type.
    """
    value = params.get(name)
    if not isinstance(value, str):
        raise _wrong_type(name, "a text", value)
    return value


def number_of(params: Mapping[str, Any], name: str) -> float | None:
    """Return a parameter that is a number, or None if it is not given.

    Raises:
        RequestError: if it is of another type.
    """
    value = params.get(name)
    if value is None:
        return None
    if not _is_number(value):
        raise _wrong_type(name, "a number", value)
    return float(value)


def _wrong_type(name: str, expected: str, value: object) -> RequestError:
    text = "missing" if value is None else f"{str(value)[:80]!r}"
    msg = f"the parameter {name!r} must be {expected}, but is {text}."
    return RequestError(msg, advice="docs/worker.md lists the parameters of each job.")


def _file_version(path: str) -> tuple[int, int] | None:
    """Return modification time and size of a local file; None for other paths."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size
