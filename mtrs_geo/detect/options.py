"""Options of a run: typed, checked and complete before any pixel is read or model is loaded."""

from __future__ import annotations

import importlib.util
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypedDict, get_args

from mtrs_geo.detect.questions.date_pairs import PairChoice
from mtrs_geo.detect.questions.questions import refuse_repeated
from mtrs_geo.detect.suffixes import check_suffix
from mtrs_geo.errors import MissingExtraError, OutputError, QueryError, RequestError
from mtrs_geo.io.drivers import driver_of
from mtrs_geo.io.formats.layer_spec import CsvGeometry
from mtrs_geo.io.inputs.dates import DateLike, iso_dates
from mtrs_geo.io.inputs.tile_lists import TileList, full_path
from mtrs_geo.io.vector import parse_crs
from mtrs_geo.outputs import check_output, existing_files, file_keys, output_path
from mtrs_geo.query import ChangeQuery
from mtrs_geo.types import BandChoice, GridChoice, StrPath

__all__ = ["DetectKeywords", "DetectOptions", "QueryLike", "check_outputs", "read_queries"]

QueryLike: TypeAlias = str | ChangeQuery
"""A sentence, or a parsed one."""

_MOST_SIMPLIFY_PX = 1000
_LEAST_TILE_PX, _MOST_TILE_PX = 32, 8192
_MOST_BATCH = 1024
_Precision: TypeAlias = Literal["float32", "bfloat16"]
_ARGUMENTS = ("query", "output", "model", "progress")
"""Arguments beside the options."""
_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "bool": ((bool, Integral), "True or False"),
    "int": ((Integral,), "a whole number"),
    "float": ((Real,), "a number"),
    "str": ((str,), "text"),
    "StrPath": ((str, os.PathLike), "a path"),
    "Mapping[str, Any]": ((Mapping,), "a dictionary of names and layers"),
}
"""Annotation of an option to the types that it takes, and their name."""
_NUMBERS = ("bool", "int", "float")


class DetectKeywords(TypedDict, total=False):
    """Keyword arguments of `mtrs_geo.detect_changes`: the fields of `DetectOptions`."""

    aoi: Any
    threshold: float
    min_area_m2: float
    fill_holes_m2: float
    simplify_px: float
    regularize: bool
    bands: BandChoice | None
    grid: GridChoice
    pairs: PairChoice
    timeline: StrPath | None
    resolution: float | None
    dates: Sequence[DateLike] | None
    register: bool
    device: str
    precision: _Precision
    mirrored: bool
    tile_px: int | None
    overlap_px: int | None
    batch_size: int | None
    raw: bool
    answer_anyway: bool
    references: Mapping[str, Any]
    probability: StrPath | None
    preview: StrPath | None
    output_crs: Any
    csv_geometry: CsvGeometry
    overwrite: bool
    resume: bool
    max_failed: float
    upload: str | None
    cluster: Any
    cluster_workers: int | None


@dataclass(frozen=True)
class DetectOptions:
    """Options of a run: everything but its rasters, queries, model and vector output.

    Raises:
        RequestError: if a value is out of its range.
        VectorError: if the output CRS is unknown.
        MissingExtraError: if ``regularize`` is set and its package is not installed.
    """

    aoi: Any = None
    """Bounds, a path, a GeoDataFrame, a shapely geometry, GeoJSON as a dictionary or an object
    with ``__geo_interface__``; None is the whole overlap."""
    threshold: float = 0.5
    """Lowest probability of a change pixel, between 0 and 1."""
    min_area_m2: float = 10.0
    """Smaller polygons are dropped."""
    fill_holes_m2: float = 0.0
    """Smaller holes are filled."""
    simplify_px: float = 1.0
    """Tolerance of the simplification in pixels; 0 keeps the pixel outlines."""
    regularize: bool = False
    """Make corners right-angled, for buildings (needs the extra ``regularize``)."""
    bands: BandChoice | None = None
    """Band numbers of red, green and blue, counted from 1, for all rasters or as a list with
    one choice per raster; None detects them."""
    grid: GridChoice = "after"
    """The date whose pixel grid the run uses."""
    pairs: PairChoice = "consecutive"
    """The dates of a stack that are compared: each two neighbouring dates, only the first and the
    last, or each two dates."""
    resolution: float | None = None
    """Pixel size in units of the grid's CRS; None keeps the grid's."""
    dates: Sequence[DateLike] | None = None
    """One date per raster: ISO text, a date, a datetime or a year; None reads tags and file
    names.  Kept as a tuple of texts."""
    register: bool = False
    """Read each date at its corrected position, by its measured shift against the date of the
    grid."""
    device: str = "auto"
    """See `mtrs_geo.load_model`; a loaded model keeps its own, and another is refused."""
    precision: _Precision = "float32"
    """As ``device``."""
    mirrored: bool = False
    """Average the answers over mirrored images: more accurate, three times the work."""
    tile_px: int | None = None
    """Side of a tile in pixels; None is the model's own."""
    overlap_px: int | None = None
    """Overlap of neighbouring tiles in pixels; None is an eighth of a tile."""
    batch_size: int | None = None
    """Tiles per forward pass; None chooses what pays on the device and fits into its free memory:
    docs/speed.md."""
    raw: bool = False
    """Give the whole sentence to the model, without scene rules."""
    answer_anyway: bool = False
    """Answer sentences that the model does not understand or cannot answer."""
    references: Mapping[str, Any] = field(default_factory=dict)
    """Layers of things that a query refers to ("the river"): name to a path, a GeoDataFrame, a
    shapely geometry, GeoJSON as a dictionary or an object with ``__geo_interface__``."""
    probability: StrPath | None = None
    """Path of a COG (.tif) with the probabilities; None writes none."""
    preview: StrPath | None = None
    """Path of a picture with the dates and the polygons (.png, .jpg, .webp, .tif, .pdf); None
    writes none."""
    timeline: StrPath | None = None
    """Path of a picture of a stack with all dates, and the area over time (as ``preview``); None
    writes none."""
    output_crs: Any = None
    """CRS of the polygons; None is the CRS of the grid, in a GeoJSON or CSV file WGS 84."""
    csv_geometry: CsvGeometry = "wkt"
    """Place of a polygon in CSV: its outline as well-known text, or its ``centroid``."""
    overwrite: bool = False
    """Replace existing outputs."""
    resume: bool = False
    """Go on with an interrupted run, if there is one: docs/resume.md."""
    max_failed: float = 0
    """Tiles that may fail before the run ends: a number, or a share of the tiles if it is a float
    below 1."""
    upload: str | None = None
    """Folder on object storage, such as s3://bucket/folder, that the finished outputs are copied
    to; None copies nothing."""
    cluster: Any = None
    """Address of a Ray cluster that reads the tiles and runs the model, or an open
    `mtrs_geo.cluster.Cluster`: docs/scale.md.  None uses this machine only."""
    cluster_workers: int | None = None
    """Workers of the cluster; None is one per GPU, or per CPU."""

    def __post_init__(self) -> None:
        self._check_types()
        if self.dates is not None:
            object.__setattr__(self, "dates", iso_dates(self.dates))
        self._check_numbers()
        if self.cluster_workers is not None and self.cluster_workers < 1:
            raise _out_of_range("cluster_workers", self.cluster_workers, "1 or more")
        _check_choice("grid", self.grid, get_args(GridChoice))
        _check_choice("pairs", self.pairs, get_args(PairChoice))
        _check_choice("precision", self.precision, get_args(_Precision))
        _check_choice("csv_geometry", self.csv_geometry, get_args(CsvGeometry))
        if self.output_crs is not None:
            parse_crs(self.output_crs)
        if self.regularize and importlib.util.find_spec("buildingregulariser") is None:
            msg = "regularize needs the package buildingregulariser, which is not installed."
            raise MissingExtraError(msg, advice="Run: pip install 'mtrs-geo[regularize]'")

    @classmethod
    def from_keywords(cls, keywords: Mapping[str, Any]) -> DetectOptions:
        """Build options from keyword arguments.

        Raises:
            RequestError: if there is no option of a name; the advice names the nearest.
        """
        names = [option.name for option in fields(cls)]
        for name in keywords:
            if name not in names:
                near = get_close_matches(name.lower(), [*names, *_ARGUMENTS], n=1, cutoff=0.5)
                advice = f"Did you mean {near[0]!r}? " if near else ""
                msg = f"there is no option {name!r}."
                raise RequestError(msg, advice=f"{advice}The options are: {', '.join(names)}.")
        return cls(**keywords)

    def _check_types(self) -> None:
        for option in fields(self):
            kind, _, optional = str(option.type).partition(" | ")
            types, allowed = _TYPES.get(kind, ((object,), ""))
            value = getattr(self, option.name)
            if value is None and (optional or kind == "Any"):
                continue
            is_flag = isinstance(value, bool) or type(value).__name__ == "bool"  # also of numpy
            is_right = isinstance(value, types) and not (is_flag and kind != "bool")
            if kind == "bool":
                is_right = is_flag or (is_right and value in {0, 1})
            if not is_right and allowed:
                raise _out_of_range(option.name, value, allowed + " or None" * bool(optional))
            if kind in _NUMBERS:
                object.__setattr__(self, option.name, _plain(value, kind))
            elif kind == "StrPath":
                object.__setattr__(self, option.name, os.path.expanduser(value))
        object.__setattr__(self, "aoi", full_path(self.aoi))
        for name in self.references:
            if not isinstance(name, str):
                raise _out_of_range("the name of a reference", name, "text, such as 'river'")
        layers = {name: full_path(layer) for name, layer in self.references.items()}
        object.__setattr__(self, "references", layers)

    def _check_numbers(self) -> None:
        if not 0 < self.threshold < 1:
            msg = f"threshold {self.threshold} must lie between 0 and 1."
            raise RequestError(msg, advice="Use 0.5 unless you have a reason.")
        for name in ("min_area_m2", "fill_holes_m2"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise _out_of_range(name, value, "0 or more")
        if not 0 <= self.simplify_px <= _MOST_SIMPLIFY_PX:
            raise _out_of_range("simplify_px", self.simplify_px, f"0 to {_MOST_SIMPLIFY_PX} pixels")
        if self.resolution is not None and not (
            math.isfinite(self.resolution) and self.resolution > 0
        ):
            raise _out_of_range("resolution", self.resolution, "more than 0")
        is_count = math.isfinite(self.max_failed) and self.max_failed == int(self.max_failed)
        if self.max_failed < 0 or not (self.max_failed < 1 or is_count):
            raise _out_of_range("max_failed", self.max_failed, "a number of tiles or a share")
        if self.batch_size is not None and not 1 <= self.batch_size <= _MOST_BATCH:
            raise _out_of_range("batch_size", self.batch_size, f"1 to {_MOST_BATCH}")
        if self.tile_px is not None and not _LEAST_TILE_PX <= self.tile_px <= _MOST_TILE_PX:
            allowed = f"{_LEAST_TILE_PX} to {_MOST_TILE_PX} pixels"
            raise _out_of_range("tile_px", self.tile_px, allowed)
        most_overlap_px = (self.tile_px or _MOST_TILE_PX) // 2
        if self.overlap_px is not None and not 0 <= self.overlap_px <= most_overlap_px:
            raise _out_of_range("overlap_px", self.overlap_px, f"0 to {most_overlap_px} pixels")


def check_outputs(
    output: StrPath | None,
    options: DetectOptions,
    files: Callable[[], Iterable[str]],
    tiles: Sequence[TileList] = (),
) -> dict[str, Path]:
    """Refuse outputs that cannot be written, or that would replace an input or each other.

    Args:
        output: the vector file, or None.
        options: name the other outputs.
        files: returns the files that the inputs are read from; called if an output exists.
        tiles: the dates that are given as tiles.

    Returns:
        The paths by name: output, probability, preview, timeline.

    Raises:
        OutputError: if an output exists and may not be replaced, its folder is missing, its suffix
            names another format, or it is also an input or another output, or would be a tile of
            the next run.
        VectorError: if the suffix of ``output`` is not supported.
    """
    named = {"output": output, "probability": options.probability, "preview": options.preview,
             "timeline": options.timeline}  # fmt: skip
    outputs = {name: output_path(path) for name, path in named.items() if path is not None}
    if "output" in outputs:
        driver_of(outputs["output"])
    existing = {name: existing_files(path) for name, path in outputs.items()}
    read = file_keys(files()) if any(existing.values()) else frozenset()
    taken: dict[Path, str] = {}
    for name, path in outputs.items():
        place = path.resolve()
        if read & file_keys(existing[name]):
            msg = f"{name} {path} is also an input of this run, which it would replace."
            raise OutputError(msg, advice="Give the output another name.")
        # A link is read as a tile as well as the file that it points to.
        if any(date.takes(file) for date in tiles for file in (path, Path(str(named[name])))):
            msg = f"{name} {path} would be read as a tile of a date when this is run again."
            raise OutputError(msg, advice="Write it to another folder.")
        other = next((n for p, n in taken.items() if p == place or _is_same_file(place, p)), None)
        if other is not None:
            msg = f"{name} and {other} are both {path}."
            raise OutputError(msg, advice="Give each output a name of its own.")
        taken[place] = name
        check_output(path, overwrite=options.overwrite)
        check_suffix(name, path)
    return outputs


def _is_same_file(first: Path, second: Path) -> bool:
    try:
        return first.stat().st_nlink > 1 and first.samefile(second)
    except OSError:  # one does not exist
        return False


def read_queries(query: QueryLike | Sequence[QueryLike], *, raw: bool) -> tuple[ChangeQuery, ...]:
    """Parse one sentence or several; a `ChangeQuery` is kept, with a text if it has none.

    Raises:
        QueryError: if there is no sentence, one is not text or too long, or two are equal.
    """
    is_one = isinstance(query, QueryLike | bytes) or not hasattr(query, "__iter__")
    queries: list[Any] = [query] if is_one else list(query)  # type: ignore[arg-type]
    if not queries:
        msg = "no query was given."
        raise QueryError(
            msg, advice="Pass a sentence such as 'new buildings', or '' for any change."
        )
    parsed = tuple(
        _with_text(entry) if isinstance(entry, ChangeQuery) else ChangeQuery.parse(entry, raw=raw)
        for entry in queries
    )
    refuse_repeated(entry.text for entry in parsed)
    return parsed


def _with_text(query: ChangeQuery) -> ChangeQuery:
    """Return a query with the text that names its polygons; any change has none."""
    text = query.text if query.text.strip() else query.explain()
    is_any_change = not query.prompt and text == ChangeQuery("").explain()
    return replace(query, text="" if is_any_change else text)


def _plain(value: Any, kind: str) -> bool | int | float:  # noqa: ANN401 - any kind of number
    """Return a number of numpy or another library as one of Python, which JSON and SQLite take."""
    if kind == "bool":
        return bool(value)
    return int(value) if isinstance(value, Integral) else float(value)


def _check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise _out_of_range(name, value, f"one of {', '.join(choices)}")


def _out_of_range(name: str, value: object, allowed: str) -> RequestError:
    return RequestError(f"{name} {value!r} is not allowed.", advice=f"It must be {allowed}.")
