"""Join the files of a batch to one data set."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from mtrs_geo.antimeridian import split_at_antimeridian
from mtrs_geo.errors import OutputError, RequestError
from mtrs_geo.io.vector import read_vector
from mtrs_geo.outputs import as_output_error, staged_file, staged_folder
from mtrs_geo.pairs.labels import review_states

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["LAYER", "Dataset", "joined", "write_dataset"]

Dataset: TypeAlias = Literal["job", "grid", "gpkg", "fgb"]
"""GeoParquet partitioned by job or by cells of one degree, one GeoPackage, or one FlatGeobuf."""

LAYER = "changes"
"""Name of the joined files and of their layer."""
_CRS = "EPSG:4326"
"""CRS of a data set, as its jobs may be in several."""
_ROW_GROUP = 20_000
"""Polygons that a reader of GeoParquet skips or reads together."""


def write_dataset(folder: Path, entries: Sequence[Mapping[str, Any]], kind: Dataset) -> Path:
    """Write the polygons of finished jobs as one data set in WGS 84, with a column ``job``.

    Polygons of a file are sorted along a Hilbert curve; GeoParquet files are of version 1.1 with a
    column of bounding boxes.

    Args:
        folder: folder of the batch.
        entries: of the finished jobs.
        kind: partitions or format.

    Raises:
        RequestError: if the kind is unknown.
        OutputError: if it cannot be written.
    """
    if kind not in ("job", "grid", "gpkg", "fgb"):
        msg = f"dataset {kind!r} is not allowed."
        raise RequestError(msg, advice="It must be job, grid, gpkg or fgb.")
    if kind in ("gpkg", "fgb"):
        return _write_file(folder / f"{LAYER}.{kind}", joined(folder, entries))
    target = folder / LAYER
    with staged_folder(target, overwrite=True, contents=("*/*.parquet",)) as staged:
        for job, frame in _frames(folder, entries):
            for partition, part in _partitions(job, frame, kind):
                path = staged / partition / f"{job}.parquet"
                path.parent.mkdir(parents=True, exist_ok=True)
                _sorted(part).to_parquet(
                    path, index=False, write_covering_bbox=True, schema_version="1.1.0",
                    row_group_size=_ROW_GROUP, compression="zstd",
                )  # fmt: skip
    return target


def _frames(
    folder: Path, entries: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, GeoDataFrame]]:
    """Yield the polygons of each job in WGS 84."""
    for entry in entries:
        path = folder / entry["output"]
        frame = read_vector(f"{path}|layername=changes" if path.suffix == ".gpkg" else path)
        if frame.crs is None or frame.crs.geodetic_crs is None:
            msg = f"job {entry['id']!r} is in a local CRS, so its polygons cannot be joined."
            raise OutputError(msg, advice="Georeference its rasters, or leave the joined file out.")
        frame = frame.to_crs(_CRS)
        frame.geometry = split_at_antimeridian(frame.geometry.to_numpy())
        frame.insert(0, "job", entry["id"])
        yield entry["id"], frame


def _partitions(job: str, frame: GeoDataFrame, kind: Dataset) -> Iterator[tuple[str, GeoDataFrame]]:
    """Yield the name of each partition that a job has a part in, and the part."""
    if kind == "job":
        yield f"job={job}", frame.drop(columns="job")
        return
    points = frame.representative_point()
    cells = [f"cell={_cell(x, y)}" for x, y in zip(points.x, points.y, strict=True)]
    # Pandas takes a list of one cell for the name of a column.
    for name, part in frame.groupby(np.array(cells, object)):
        yield str(name), part


def _cell(x: float, y: float) -> str:
    """Return the name of the cell of one degree, such as ``E013N52``, by its south-west corner."""
    lon, lat = math.floor(x), math.floor(y)
    return f"{'W' if lon < 0 else 'E'}{abs(lon):03d}{'S' if lat < 0 else 'N'}{abs(lat):02d}"


def _sorted(frame: GeoDataFrame) -> GeoDataFrame:
    if frame.empty:
        return frame
    return frame.iloc[frame.hilbert_distance().argsort(kind="stable").to_numpy()]


def joined(folder: Path, entries: Sequence[Mapping[str, Any]]) -> GeoDataFrame:
    """Return the polygons of finished jobs in WGS 84, sorted along a Hilbert curve.

    Args:
        folder: folder of the batch.
        entries: of the finished jobs.
    """
    import geopandas
    import pandas as pd

    parts = [frame for _, frame in _frames(folder, entries)]
    empty = geopandas.GeoDataFrame({"job": []}, geometry=[], crs=_CRS)
    found = [part for part in parts if len(part)] or parts[:1] or [empty]
    return _sorted(pd.concat(found, ignore_index=True))


def _write_file(target: Path, frame: GeoDataFrame) -> Path:
    driver = {".gpkg": "GPKG", ".fgb": "FlatGeobuf"}[target.suffix]
    # Decisions about the polygons of a job are in its file too.
    decisions = sum(map(bool, review_states(frame) or ()))
    staged = staged_file(target, overwrite=True, decisions=decisions)
    with staged as path, as_output_error(target):
        frame.to_file(os.fspath(path), driver=driver, engine="pyogrio", layer=LAYER)
    return target
