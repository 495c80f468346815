"""The result of a run: polygons, grid and report."""

from __future__ import annotations

import base64
import html
import importlib.util
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrs_geo.antimeridian import has_longitudes, split_at_antimeridian
from mtrs_geo.detect.inference.timings import Speed
from mtrs_geo.detect.questions import date_names
from mtrs_geo.detect.stacks.events import event_counts, events_frame, with_events
from mtrs_geo.errors import MissingExtraError
from mtrs_geo.grid import Grid
from mtrs_geo.io.registration.shift import DateShift
from mtrs_geo.types import ChangeDirection
from mtrs_geo.vectorize.table import ChangeTable

if TYPE_CHECKING:
    import folium
    from geopandas import GeoDataFrame
    from pandas import DataFrame

__all__ = ["ChangeResult", "Report"]

_PICTURES = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}
"""Image types that browsers show, by suffix."""


@dataclass(frozen=True)
class Report:
    """What a run did and found."""

    understood: tuple[str, ...]
    """One line per query: the prompt of the model and the scene rules."""
    questions: tuple[dict[str, Any], ...]
    """One entry per question of the sentences: text, status, answered, meaning, doubt, advice,
    periods, answer and more, see `mtrs_geo.understanding.Understanding`."""
    model: str
    device: str
    crs: str
    shape: tuple[int, int]
    """(rows, cols) of the grid."""
    gsd_m: float
    """Pixel size on the ground, in metres."""
    dates: tuple[str | None, ...]
    pairs: tuple[tuple[int, int], ...]
    """The compared dates: indices of the earlier and of the later one."""
    tiles: int
    """Number of tiles that intersect the area of interest."""
    tiles_skipped: int
    """Number of those tiles without a pixel that is valid at every date."""
    tiles_failed: int
    """Number of tiles whose pixels or answer failed; they are nodata."""
    batch_size: int
    """Most tiles per forward pass: as given or chosen, or fewer if that many did not fit into
    memory."""
    unfamiliar_share: float | None
    """Share of the measured tiles that look unlike all images that the model was trained on; None
    if the model does not describe them, or every tile has nodata or is below 64 px."""
    polygons: dict[str, int]
    """Number of polygons per query."""
    areas_m2: dict[str, float]
    """Area of the polygons on the ellipsoid per query."""
    changes: dict[str, ChangeDirection]
    """Direction of the change that each query asks for."""
    registration: tuple[DateShift, ...]
    """Measured shift of each date against the date of the grid."""
    warnings: tuple[str, ...]
    """Messages about what can be wrong, in the order in which they were shown."""
    notes: tuple[str, ...]
    """Messages about how the rasters were read: their masks, and where their dates are from."""
    seconds: dict[str, float]
    """Wall-clock seconds of the run and of its stages, some of which run at the same time."""
    speed: Speed
    """Seconds in which reading, model and writing worked and waited, and km² per second."""


@dataclass(frozen=True, eq=False, repr=False)
class ChangeResult:
    """Polygons of the change, and how they were found; it can be pickled and copied."""

    table: ChangeTable
    """Rows on disk, in the CRS of the grid; `polygons` reads them."""
    grid: Grid
    """Pixel grid of the run."""
    report: Report
    output: Path | None = None
    """Layer of the polygons; this path and the next three are absolute."""
    probability: Path | None = None
    """Raster with one band per prompt and pair of dates; `read_probability` reads it."""
    preview: Path | None = None
    timeline: Path | None = None
    output_crs: Any = None
    """CRS of the polygons; None is the CRS of the grid."""

    def __post_init__(self) -> None:
        for name in ("output", "probability", "preview", "timeline"):
            path = getattr(self, name)
            if path is not None:  # it is read later, perhaps from another current folder
                object.__setattr__(self, name, path.absolute())

    @cached_property
    def polygons(self) -> GeoDataFrame:
        """One row per polygon, read at first access; docs/output.md lists the columns."""
        return self._projected(self.table.read())

    @cached_property
    def events(self) -> GeoDataFrame:
        """One row per event: the polygons of one place and sentence over the compared dates.

        docs/stacks.md lists the columns.
        """
        report = self.report
        table = self.table
        if "event" not in table.columns:
            table = with_events(table, report.pairs, report.dates)
        return self._projected(events_frame(table, report.pairs, report.dates))

    def _projected(self, frame: GeoDataFrame) -> GeoDataFrame:
        """Return polygons in the output CRS, cut at the 180° meridian."""
        if self.output_crs is not None:
            frame = frame.to_crs(self.output_crs)
        if not has_longitudes(frame.crs):
            return frame
        shapes = split_at_antimeridian(np.asarray(frame.geometry.array))
        return frame.set_geometry(shapes, crs=frame.crs)

    def __repr__(self) -> str:
        refused = {entry["text"] for entry in self.report.questions if not entry["answered"]}
        names = {query: repr((query or "any change")[:60]) for query in self.report.polygons}
        found = ", ".join(
            f"{names[query]} was not answered"
            if query in refused
            else f"{count} of {names[query]} ({self.report.areas_m2[query]:,.0f} m²)"
            for query, count in self.report.polygons.items()
        )
        written = f", written to {self.output}" if self.output else ""
        return f"<ChangeResult: polygons: {found}{written}>"

    def summary(self) -> DataFrame:
        """Return one row per query: query, understood, polygons, area_m2 and score_mean.

        ``score_mean`` is the mean of the polygons' column ``score_mean`` (probabilities of pixels,
        not the calibrated column ``score``), NaN if there is no polygon.  For a stack,
        ``periods`` has the pairs of dates that were compared for the query, and ``events`` the
        number of events.  ``answer`` has the number, the area, "yes" or "no", if a query asks
        for it; the number is that of the events of a stack.
        """
        import pandas as pd

        report = self.report
        scores = self.polygons.groupby("query")["score_mean"].mean()
        frame = pd.DataFrame(
            {
                "query": list(report.polygons),
                "understood": report.understood,
                "polygons": list(report.polygons.values()),
                "area_m2": list(report.areas_m2.values()),
                "score_mean": [float(scores.get(query, math.nan)) for query in report.polygons],
            }
        )
        if len(report.pairs) > 1:
            frame["periods"] = [self._listed(question["periods"]) for question in report.questions]
            events = event_counts(self.table)
            frame["events"] = [events[query] for query in report.polygons]
        if any(question["answer"] is not None for question in report.questions):
            # As a number, it would be made a decimal where a query asks for none.
            answers = [question["answer"] for question in report.questions]
            frame["answer"] = pd.Series(answers, dtype=object)
        return frame

    def _listed(self, periods: Sequence[Sequence[str | None]]) -> str:
        """Return the compared pairs with the dates of ``periods`` as text."""
        dates, names = self.report.dates, date_names(self.report.dates)
        pairs = [(i, j) for i, j in self.report.pairs if [dates[i], dates[j]] in periods]
        return ", ".join(f"{names[i]} to {names[j]}" for i, j in pairs)

    def explore(self, **options: Any) -> folium.Map:  # noqa: ANN401 - options of geopandas
        """Return the polygons on an interactive map, coloured by query.

        Args:
            **options: see `geopandas.GeoDataFrame.explore`.

        Raises:
            MissingExtraError: if the extra ``notebook`` is not installed.
        """
        for package in ("folium", "mapclassify"):
            if importlib.util.find_spec(package) is None:
                msg = f"explore needs the package {package}, which is not installed."
                raise MissingExtraError(msg, advice="Run: pip install 'mtrs-geo[notebook]'")
        frame = self.polygons
        if len(frame):
            return frame.explore(**{"column": "query", "categorical": True, **options})
        with warnings.catch_warnings():  # that the map is empty is the answer
            warnings.filterwarnings("ignore", message=".*composed of empty geometries")
            return frame.explore(**options)

    def _repr_html_(self) -> str:
        """Return the summary, and the preview if there is one, for notebooks."""
        frame = self.summary()
        if "answer" in frame:  # pandas writes None, whatever ``na_rep`` is
            frame["answer"] = ["" if answer is None else answer for answer in frame["answer"]]
        table = frame.to_html(index=False, float_format="{:,.2f}".format, na_rep="")
        notes = "".join(f"<li>{html.escape(text)}</li>" for text in self.report.warnings)
        return f"<div>{table}{notes and f'<ul>{notes}</ul>'}{self._picture()}</div>"

    def _picture(self) -> str:
        """Return the preview as an image element; empty if there is none that browsers show."""
        path = self.preview
        kind = _PICTURES.get(path.suffix.lower()) if path is not None else None
        if path is None or kind is None or not path.is_file():
            return ""
        data = base64.b64encode(path.read_bytes()).decode()
        return f'<img alt="preview" style="max-width: 100%" src="data:image/{kind};base64,{data}">'
