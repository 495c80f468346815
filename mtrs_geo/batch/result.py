"""What the jobs of a batch share, and what a batch did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from mtrs_geo.batch.dataset import Dataset
from mtrs_geo.detect.options import DetectOptions
from mtrs_geo.errors import RequestError

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["BatchOptions", "BatchResult", "batch_options"]

_OF_THE_BATCH = (
    "device", "overwrite", "resume", "probability", "preview", "cluster", "cluster_workers",
)  # fmt: skip
"""Options of `detect` that are arguments of a batch."""


@dataclass(frozen=True)
class BatchOptions:
    """What all jobs of a batch share.

    Raises:
        RequestError: if the data set is of an unknown kind, or ``options`` has an option that is
            unknown, of a wrong value, or an argument of the batch itself.
    """

    format: str = "gpkg"
    """Format of the file of each job: gpkg, parquet, fgb, geojson, shp or csv."""
    dataset: Dataset | None = None
    """Also join the results: GeoParquet partitioned by ``job`` or by a ``grid`` of one degree, or
    one ``gpkg`` or ``fgb`` file."""
    pmtiles: bool = False
    """Also write all polygons as vector tiles, ``changes.pmtiles``."""
    stac: bool = False
    """Also write a STAC collection with an item per job, ``stac/collection.json`` (needs the extra
    ``stac``)."""
    probability: bool = False
    """Also write the probabilities of each job."""
    preview: bool = False
    """Also write a picture of each job."""
    resume: bool = False
    """Go on with an interrupted batch: finished jobs are kept, failed ones run again; of a finished
    job only missing and damaged files are made."""
    overwrite: bool = False
    """Start over where an earlier batch is."""
    cluster: str | None = None
    """Address of a Ray cluster that answers the tiles of all jobs, see `DetectOptions`."""
    cluster_workers: int | None = None
    """Workers of the cluster; None is one per GPU, or per CPU."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Options of `detect` for all jobs; those of a row come first."""

    def __post_init__(self) -> None:
        """Check what would fail at the end of the batch, or in each of its jobs."""
        object.__setattr__(self, "format", self.format.removeprefix("."))
        if self.dataset not in (None, *get_args(Dataset)):
            msg = f"dataset {self.dataset!r} is not allowed."
            raise RequestError(msg, advice=f"It must be {', '.join(get_args(Dataset))}.")
        for name in self.options:
            if name in _OF_THE_BATCH:
                msg = f"options of a batch have no {name!r}, as it is an argument of the batch."
                raise RequestError(msg, advice=f"Give it beside them: run_batch(…, {name}=…).")
        DetectOptions.from_keywords(self.options)


def batch_options(given: Mapping[str, Any]) -> BatchOptions:
    """Return the options of a call.

    Raises:
        RequestError: if a name is unknown, or a value is refused by `BatchOptions`.
    """
    names = [option.name for option in fields(BatchOptions)]
    unknown = [name for name in given if name not in names]
    if unknown:
        msg = f"run_batch has no option {unknown[0]!r}."
        known = ", ".join(names)
        advice = f"Its options are {known}; what else detect_changes takes goes into options={{…}}."
        raise RequestError(msg, advice=advice)
    return BatchOptions(**given)


@dataclass(frozen=True, repr=False)
class BatchResult:
    """What a batch did."""

    folder: Path
    entries: tuple[dict[str, Any], ...]
    """One entry per job, in their order, as in ``manifest.jsonl``."""
    dataset: Path | None = None
    """The joined results."""
    pmtiles: Path | None = None
    """The joined results as vector tiles; None also if no polygon was found."""
    stac: Path | None = None
    """The STAC collection."""

    def __repr__(self) -> str:
        jobs, failed = len(self.entries), len(self.failed)
        polygons = sum(sum(entry.get("polygons", {}).values()) for entry in self.entries)
        return (
            f"<BatchResult: {jobs - failed} of {jobs} jobs done, {polygons:,} polygons, "
            f"in {self.folder}>"
        )

    @property
    def failed(self) -> tuple[dict[str, Any], ...]:
        """Entries of the jobs that failed."""
        return tuple(entry for entry in self.entries if entry["status"] == "failed")

    @property
    def is_partial(self) -> bool:
        """Whether a job, or a tile of a job, failed."""
        return bool(self.failed) or any(entry.get("tiles_failed") for entry in self.entries)

    def summary(self) -> DataFrame:
        """Return one row per job: id, status, polygons, area_m2, seconds, output, message."""
        import pandas as pd

        return pd.DataFrame(
            {
                "id": entry["id"],
                "status": entry["status"],
                "polygons": sum(entry.get("polygons", {}).values()),
                "area_m2": sum(entry.get("areas_m2", {}).values()),
                "seconds": entry["seconds"],
                "output": entry.get("output", ""),
                "message": entry.get("message", ""),
            }
            for entry in self.entries
        )
