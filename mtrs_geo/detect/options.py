"""What a caller asks of a run, validated before any pixel is read."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mtrs_geo.errors import OutputError, QueryError, RequestError
from mtrs_geo.query import ChangeQuery
from mtrs_geo.types import GridChoice, StrPath

__all__ = ["DetectOptions", "check_output", "read_queries"]


@dataclass(frozen=True)
class DetectOptions:
    """Everything about a run but its rasters, its queries and its model.

    Raises:
        RequestError: if a value is out of its range.
        OutputError: if an output exists and may not be replaced, or its folder is missing.
    """

    aoi: Any = None
    """Bounds, a path, a GeoDataFrame or a shapely geometry; None is the whole overlap."""
    threshold: float = 0.5
    """Probability from which a pixel counts, 0 to 1."""
    min_area_m2: float = 10.0
    """Smaller polygons are dropped."""
    fill_holes_m2: float = 0.0
    """Smaller holes are filled."""
    simplify_px: float = 1.0
    """Tolerance of the simplification in pixels; 0 keeps the pixel stairs."""
    regularize: bool = False
    """Make corners right-angled, for buildings (needs the extra ``regularize``)."""
    bands: tuple[int, ...] | None = None
    """Bands to read as red, green, blue, counted from 1; None finds them."""
    grid: GridChoice = "after"
    """Date that gives the run its pixel grid."""
    resolution: float | None = None
    """Pixel size in units of the grid's CRS; None keeps the grid's."""
    dates: tuple[str, ...] | None = None
    """One ISO date a raster; None reads tags and names."""
    device: str = "auto"
    precision: Literal["float32", "bfloat16"] = "float32"
    mirrored: bool = False
    """Average answers with those about mirror images: more accurate, three times the work."""
    tile_px: int | None = None
    """None is the model's own."""
    overlap_px: int | None = None
    """None is an eighth of a tile."""
    batch_size: int = 4
    """Tiles a forward pass."""
    raw: bool = False
    """Hand the sentence to the model as it is, without rules for the whole scene."""
    references: Mapping[str, Any] = field(default_factory=dict)
    """Layers for things that a query refers to ("the river"): name to path or frame."""
    probability: StrPath | None = None
    """Write the probabilities as a COG."""
    preview: StrPath | None = None
    """Write a PNG with both dates and the polygons."""
    output_crs: Any = None
    """CRS of the polygons; None keeps the run's."""
    overwrite: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.threshold < 1:
            msg = f"threshold {self.threshold} must lie between 0 and 1, for example 0.5"
            raise RequestError(msg)
        if self.batch_size < 1:
            msg = f"batch_size {self.batch_size} must be at least 1"
            raise RequestError(msg)
        for path in (self.probability, self.preview):
            if path is not None:
                check_output(path, overwrite=self.overwrite)


def check_output(path: StrPath, *, overwrite: bool) -> Path:
    """Refuse an output before any work is done for it.

    Raises:
        OutputError: if it exists and may not be replaced, or cannot be written there.
    """
    target = Path(path)
    if target.exists() and not overwrite:
        msg = f"{target} exists. Give another name, or pass --overwrite (overwrite=True)."
        raise OutputError(msg)
    folder = target.absolute().parent
    if not folder.is_dir():
        msg = f"{target} cannot be written: the folder {folder} does not exist. Create it first."
        raise OutputError(msg)
    if not os.access(folder, os.W_OK):
        msg = f"{target} cannot be written: no permission in {folder}. Choose another folder."
        raise OutputError(msg)
    return target


def read_queries(query: str | Sequence[str], *, raw: bool) -> tuple[ChangeQuery, ...]:
    """Parse one sentence or several.

    Raises:
        QueryError: if there is none, one is no text or too long, or two are the same.
    """
    texts = [query] if isinstance(query, str) else list(query)
    if not texts:
        msg = "no query was given. Pass a sentence such as 'new buildings', or '' for any change."
        raise QueryError(msg)
    if len({text.strip() for text in texts}) < len(texts):
        msg = "two queries are the same. Give each once."
        raise QueryError(msg)
    return tuple(ChangeQuery.parse(text, raw=raw) for text in texts)
