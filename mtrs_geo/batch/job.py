"""One job of a batch: a pair of rasters, its sentences and its options."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mtrs_geo.batch.content import content_facts
from mtrs_geo.detect.inference.tile_failures import read_max_failed
from mtrs_geo.detect.options import QueryLike
from mtrs_geo.errors import RequestError
from mtrs_geo.io.paths import display_name, is_remote_path
from mtrs_geo.redaction import redact

__all__ = ["COLUMNS", "OPTIONS", "Job", "column_name", "fit_for_file", "job_from_row", "option_of"]

_OWN = ("id", "before", "after", "query")
_BOOLEANS = ("regularize", "register", "mirrored", "raw", "answer_anyway")
_WHOLE_NUMBERS = ("tile_px", "overlap_px", "batch_size")
_NUMBERS = ("threshold", "min_area_m2", "fill_holes_m2", "simplify_px", "resolution", "max_failed")
_TEXTS = ("aoi", "grid", "output_crs", "csv_geometry", "precision")
_LISTS = ("dates", "bands", "references")
OPTIONS = (*_BOOLEANS, *_WHOLE_NUMBERS, *_NUMBERS, *_TEXTS, *_LISTS)
"""Options of `detect` that a row may have; the model, its device and the outputs are those of the
batch."""
COLUMNS = (*_OWN, *OPTIONS)
"""Columns of a table of jobs."""
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_MOST_ID = 80


@dataclass(frozen=True)
class Job:
    """One run of `mtrs_geo.detect_changes`.

    Raises:
        RequestError: if the id cannot be the name of a file.
    """

    id: str
    """Name of its outputs: letters, digits, ``_``, ``-`` and ``.``, which is not the first."""
    before: Any
    """The earlier raster, of any kind that `mtrs_geo.detect_changes` takes."""
    after: Any
    queries: tuple[QueryLike, ...] = ()
    """Sentences, or parsed ones; empty takes those of the batch."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Options of `detect` for this job."""

    def __post_init__(self) -> None:
        """Check the id."""
        text = str(self.id)
        is_plain = " " not in text and _plain_characters(text) == text
        if is_plain and text.strip("._-") and not text.startswith("."):
            return
        msg = f"the id {text!r} of a job cannot be the name of a file."
        example = fit_for_file(text) or "town_1"
        advice = f"Use letters, digits, _, - and ., such as {example!r}; the first is no dot."
        raise RequestError(msg, advice=advice)

    def facts(self) -> dict[str, Any]:
        """Return what the job is, as values of JSON without passwords and signatures.

        Rasters, areas and layers in memory are in it by checksums of their content.
        """
        facts = {
            "before": self.before, "after": self.after, "queries": self.queries,
            "options": self.options,
        }  # fmt: skip
        plain: dict[str, Any] = _redacted(content_facts(facts))
        return plain


def _redacted(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [_redacted(entry) for entry in value]
    if isinstance(value, dict):
        return {name: _redacted(entry) for name, entry in value.items()}
    return value


def job_from_row(row: Mapping[str, Any], number: int, folder: Path) -> Job:
    """Return the job of a row of a table.

    Args:
        row: values by column, whose names may have capitals; empty ones count as missing.
        number: of the row, counted from 1, for messages and ids.
        folder: that relative paths of rasters and layers start from.

    Raises:
        RequestError: if a column is unknown, a raster is missing, or a value is of a wrong type.
    """
    given = _given(row, number)
    for name in ("before", "after"):
        if name not in given:
            msg = f"row {number} has no raster in the column {name!r}."
            advice = f"A row needs before and after; it has {', '.join(given) or 'no value'}."
            raise RequestError(msg, advice=advice)
    unknown = [name for name in given if name not in COLUMNS]
    if unknown:
        msg = f"row {number}: there is no option {unknown[0]!r}."
        raise RequestError(msg, advice=f"Columns are {', '.join(COLUMNS)}.")
    options: dict[str, Any] = {
        name: option_of(name, given[name], f"row {number}") for name in OPTIONS if name in given
    }
    if isinstance(options.get("aoi"), str):
        options["aoi"] = _area(options["aoi"], folder)
    if "references" in options:
        if not isinstance(options["references"], Mapping):
            msg = f"row {number}: references {options['references']!r} cannot be used."
            raise RequestError(msg, advice="Write river=river.gpkg;road=roads.gpkg.")
        references = options["references"].items()
        options["references"] = {
            name: located(layer, folder) if isinstance(layer, str) else layer
            for name, layer in references
        }
    before, after = (_rasters(given[name], folder) for name in ("before", "after"))
    return Job(
        _plain_id(given.get("id"), before, after, number),
        before,
        after,
        tuple(_queries(given.get("query"), number)),
        options,
    )


def column_name(column: object) -> str:
    """Return the plain name of a column, which a table may write with capitals and spaces."""
    return str(column).strip().lower()


def _given(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Return the values that a row has, by the plain names of their columns."""
    given: dict[str, Any] = {}
    for column, value in row.items():
        name = column_name(column)
        plain = value.strip() if isinstance(value, str) else value
        if _is_missing(plain):
            continue
        if name in given:
            msg = f"row {number} has the column {name!r} twice."
            raise RequestError(msg, advice="Remove one of the columns.")
        given[name] = plain
    return given


def located(path: str, folder: Path) -> str:
    """Return a path as it is if it is absolute or not local, else as below a folder.

    A home folder (~) and variables of the environment ($DATA) are replaced.
    """
    if is_remote_path(path) or _is_special(path):
        return path
    if not (folder / path).exists():
        path = os.path.expandvars(os.path.expanduser(path))
    if is_remote_path(path) or Path(path).is_absolute() or _is_special(path):
        return path
    return str(folder / path)


def _is_special(path: str) -> bool:
    """Return whether a text is a name that GDAL reads with a driver, as ``NETCDF:…``."""
    return bool(re.match(r"[A-Za-z][A-Za-z0-9_]+:", path)) or path.startswith(("/vsi", "<"))


def _rasters(value: Any, folder: Path) -> Any:  # noqa: ANN401 - any kind of raster
    if isinstance(value, str):
        return located(value, folder)
    if isinstance(value, list) and all(isinstance(path, str) for path in value):
        return [located(path, folder) for path in value]
    return value


def _area(text: str, folder: Path) -> str:
    """Return an area of interest: bounds stay text, a path is located."""
    is_bounds = re.match(r"\s*[-+]?[\d.]+(?:[eE][-+]?\d+)?\s*,", text)
    return text if is_bounds else located(text, folder)


def _is_missing(value: object) -> bool:
    if isinstance(value, str):
        return not value
    if isinstance(value, float | np.floating | np.datetime64):
        return bool(value != value)
    return value is None or type(value).__name__ in {"NaTType", "NAType"}


def _queries(value: object, number: int) -> Iterator[QueryLike]:
    if value is None:
        return
    texts = [value] if isinstance(value, QueryLike) else value
    if isinstance(value, str):  # only a list may have an empty text, which asks for any change
        texts = [part for part in value.split("|") if part.strip()]
    if not isinstance(texts, Sequence) or not all(isinstance(text, QueryLike) for text in texts):
        msg = f"row {number}: the query {value!r} is no text."
        raise RequestError(msg, advice="Write one sentence, or several separated by |.")
    yield from (text.strip() if isinstance(text, str) else text for text in texts)


def option_of(name: str, value: object, where: str) -> object:
    """Return the value of an option from a cell of a table or a text.

    Args:
        name: one of `OPTIONS`.
        value: what is written there.
        where: for messages.

    Raises:
        RequestError: if there is no such option, or the value is of a wrong type.
    """
    if name not in OPTIONS:
        msg = f"{where}: there is no option {name!r}."
        raise RequestError(msg, advice=f"Options are {', '.join(OPTIONS)}.")
    try:
        if name in _BOOLEANS:
            return value if isinstance(value, bool) else _WORDS[str(value).strip().lower()]
        if name in _WHOLE_NUMBERS:
            return int(str(value).removesuffix(".0"))
        if name in _NUMBERS:
            return _number(name, value)
        if name in _LISTS:
            return _list(name, value)
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{where}: {name} {value!r} cannot be used."
        raise RequestError(msg, advice="See docs/batch.md for the columns.") from error
    return value


def _number(name: str, value: object) -> float:
    text = str(value).strip()
    if name == "max_failed":
        if text.endswith("%"):
            return read_max_failed(text)
        return int(text) if text.isdigit() else float(text)
    # The decimal comma of many languages; 1,500 may be a thousand and a half.
    if re.fullmatch(r"[-+]?(0,\d+|\d+,(\d{1,2}|\d{4,}))", text):
        text = text.replace(",", ".")
    return float(text)


def _list(name: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    if name == "dates":
        return tuple(re.split("[,;]", value))
    if name == "bands":
        return [tuple(map(int, choice.split(","))) for choice in value.split(";")]
    pairs = (text.partition("=") for text in value.split(";"))
    return {key.strip(): path.strip() for key, separator, path in pairs if separator or _fail(key)}


def _fail(text: str) -> bool:
    raise ValueError(text)


def _plain_id(value: object, before: object, after: object, number: int) -> str:
    """Return the id of a row, or one made of the names of its rasters, fit for a file name."""
    if value is not None:
        text = str(value)
    elif isinstance(before, str) and isinstance(after, str):
        stems = (Path(display_name(path)).stem for path in (before, after))
        text = "_".join((f"{number:04d}", *stems))
    else:
        text = f"{number:04d}"
    return fit_for_file(text) or f"{number:04d}"


def fit_for_file(text: str) -> str:
    """Return a text with "_" for what no file name should have, and a checksum if it is long.

    Letters keep the marks that combine with them, as in Hindi and Thai.
    """
    kept = _plain_characters(unicodedata.normalize("NFC", text))
    plain = re.sub(" +", "_", kept).strip("._")
    if len(plain) <= _MOST_ID:
        return plain
    checksum = hashlib.sha256(plain.encode()).hexdigest()[:8]
    return f"{plain[: _MOST_ID - 9]}_{checksum}"


def _plain_characters(text: str) -> str:
    """Return a text with a blank for each character that is not allowed in an id."""
    return "".join(c if c in "._-" or unicodedata.category(c)[0] in "LMN" else " " for c in text)
