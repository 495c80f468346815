"""Read vector layers, and write them in chunks."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from mtrs_geo.antimeridian import has_longitudes, split_at_antimeridian
from mtrs_geo.errors import OutputError, SourceNotAllowedError, VectorError
from mtrs_geo.grid import is_horizontal
from mtrs_geo.io.drivers import ColumnType, driver_of, layer_schema, to_wkb, write_layer
from mtrs_geo.io.formats.crs_codes import code_of
from mtrs_geo.io.formats.layer_spec import Extras, LayerSpec
from mtrs_geo.io.inputs.layers import only_layer, read_error, split_layer
from mtrs_geo.io.paths import is_local_file, plain_input, plain_path
from mtrs_geo.io.remote.reader_process import call_interruptibly
from mtrs_geo.io.trust.references import check_source
from mtrs_geo.io.trust.source_policy import source_policy
from mtrs_geo.outputs import StagedFile, write_error
from mtrs_geo.types import StrPath

if TYPE_CHECKING:
    import geopandas

__all__ = [
    "CHANGE_COLUMNS",
    "ColumnType",
    "VectorWriter",
    "layer_projection",
    "parse_crs",
    "read_vector",
]

CHANGE_COLUMNS: Mapping[str, ColumnType] = {
    "id": "int64",
    "query": "string",
    "change": "string",
    "date_before": "string",
    "date_after": "string",
    "score": "float64",
    "score_mean": "float64",
    "score_max": "float64",
    "area_m2": "float64",
    "perimeter_m": "float64",
    "model": "string",
    "model_version": "string",
    "touches_edge": "bool",
    "unfamiliar": "bool",
}
"""Names and types of the attributes of a layer of changes."""

_NEAR_POLE, _SEGMENTS_AT_POLE = 89.9, 256
"""Latitude in degrees beyond which straight sides are curves in degrees, and parts per outline."""
_CHUNK = 2048
"""Features encoded at a time, which limits the memory for their WKB."""


def read_vector(
    path: StrPath, layer: str | None = None, *, columns: Sequence[str] | None = None
) -> geopandas.GeoDataFrame:
    """Return a layer of any vector file that GDAL reads, or of a GeoParquet file.

    Args:
        path: file, a file and a layer as ``areas.gpkg|layername=zones``, or a path that GDAL
            understands.
        layer: name of the layer; by default the only one with a geometry.
        columns: attributes to read, except from GeoParquet; None is all of them.

    Raises:
        VectorError: if the file is missing, cannot be read, has no geometry, or has several layers
            and none is named; the message lists them.
        SourceNotAllowedError: if it may not be opened.
    """
    name, own_layer = split_layer(os.fspath(path))
    if not name.strip():
        msg = f"the path of a vector layer is empty: {os.fspath(path)!r}."
        raise VectorError(msg, advice="Give a file; a variable of the shell may not be set.")
    check_source(name)
    if is_local_file(name) and not _exists(Path(name)):
        msg = f"{name} does not exist."
        raise VectorError(msg, advice="Check the path of the vector layer.")
    return call_interruptibly(name, _read_here, name, layer or own_layer, columns)


def _read_here(
    name: str, layer: str | None, columns: Sequence[str] | None
) -> geopandas.GeoDataFrame:
    """Read a layer in this process."""
    import geopandas
    import pyarrow
    import pyogrio
    import shapely

    try:
        if name.lower().endswith((".parquet", ".geoparquet")):
            return geopandas.read_parquet(name)
        with plain_input(name) as plain:
            if layer is None or layer == Path(name).stem != Path(plain).stem:
                layer = only_layer(plain, name)
            _check_driver(plain, layer)
            table = pyogrio.read_dataframe(plain, layer=layer, columns=columns)
    except (SourceNotAllowedError, VectorError):
        raise
    # Every pyogrio error is a RuntimeError.
    except (RuntimeError, pyarrow.ArrowException, OSError, ValueError,
            shapely.errors.ShapelyError) as error:  # fmt: skip
        raise read_error(name, error) from error
    if not isinstance(table, geopandas.GeoDataFrame):
        msg = f"{name} is a table without geometry."
        raise VectorError(msg, advice="Give a layer of polygons.")
    return table


def _check_driver(name: str, layer: str | None) -> None:
    allowed = source_policy().drivers
    if not allowed:
        return
    import pyogrio

    driver = pyogrio.read_info(name, layer=layer)["driver"]
    if driver not in allowed:
        msg = f"{name} needs GDAL's driver {driver}, which is not allowed."
        raise SourceNotAllowedError(msg, advice=f"Allowed are: {', '.join(allowed)}.")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # such as a name that is too long
        return False


class VectorWriter:
    """Writes one layer in chunks; the file at ``path`` is written by ``commit``.

    Chunks go to a temporary Arrow file; ``finish`` converts it to the output format.  Use
    the writer as a context manager: without ``commit``, all temporary files are removed.

    Args:
        path: .gpkg, .parquet (GeoParquet), .fgb, .geojson, .shp or .csv; or a staged file, which
            the caller commits or discards after ``finish``.
        crs_from: CRS of the chunks.
        crs_to: CRS of the file; by default WGS 84 for GeoJSON and CSV, and ``crs_from`` for the
            others.
        columns: name and type of each attribute.
        overwrite: replace an existing file.
        layer: name of the layer.
        extras: metadata, style and options of formats.

    Raises:
        VectorError: if the suffix is not supported, or no transformation links the two CRSs.
        OutputError: if the file exists or its folder cannot be written.
    """

    def __init__(
        self,
        path: StrPath | StagedFile,
        *,
        crs_from: CRS,
        crs_to: CRS | str | None = None,
        columns: Mapping[str, ColumnType] = CHANGE_COLUMNS,
        overwrite: bool = False,
        layer: str = "changes",
        extras: Extras | None = None,
    ) -> None:
        import pyarrow as pa

        self._path = path.target if isinstance(path, StagedFile) else Path(path)
        self._driver = driver_of(self._path)
        self._crs, self._transformer = layer_projection(self._path, crs_from, crs_to)
        self._layer = layer
        self._extras = extras or Extras({})
        self._is_rfc7946 = self._driver == "GeoJSON" and self._crs == CRS("EPSG:4326")
        self._schema = layer_schema(columns)
        self._has_multi = False
        self._count = 0
        self._bounds = np.array([np.inf, np.inf, -np.inf, -np.inf])
        self._is_own = not isinstance(path, StagedFile)
        self._staged = (
            path if isinstance(path, StagedFile) else StagedFile(path, overwrite=overwrite)
        )
        self._spool_path = self._staged.folder / ".spool.arrows"
        try:
            self._file = self._spool_path.open("wb")
            self._spool: Any = pa.ipc.new_stream(self._file, self._schema)
        except OSError as error:
            if self._is_own:
                self._staged.discard()
            raise write_error(self._path, error) from error

    def append(self, frame: geopandas.GeoDataFrame) -> None:
        """Add features.

        Args:
            frame: polygons in ``crs_from`` with at least the writer's columns.

        Raises:
            VectorError: if a column is missing or a geometry cannot be projected.
            OutputError: if the disk is full.
        """
        missing = [name for name in self._schema.names[:-1] if name not in frame.columns]
        if missing:
            msg = f"{self._path}: the chunk lacks the columns {', '.join(missing)}."
            raise VectorError(msg, advice="Add them to the frame, or change `columns`.")
        for start in range(0, len(frame), _CHUNK):
            self._append(frame.iloc[start : start + _CHUNK])

    def _append(self, frame: geopandas.GeoDataFrame) -> None:
        import pyarrow as pa

        shapes = self._prepare(np.asarray(frame.geometry.array, dtype=object))
        arrays = [
            # A list, because pandas stores text in chunks, which a record batch cannot hold.
            pa.array(frame[field.name].tolist(), type=field.type, from_pandas=True)
            for field in list(self._schema)[:-1]
        ]
        batch = pa.record_batch([*arrays, to_wkb(shapes)], schema=self._schema)
        try:
            self._spool.write_batch(batch)
            self._file.flush()
        except OSError as error:
            raise write_error(self._path, error) from error
        self._count += len(frame)

    def finish(self) -> None:
        """Write the layer in full beside ``path``.

        Raises:
            OutputError: if it cannot be written in full.
        """
        import pyarrow as pa

        try:
            self._spool.close()
            self._file.close()
            self._write()
        except OutputError:
            raise
        except (OSError, RuntimeError, pa.ArrowException) as error:
            raise write_error(self._path, error) from error
        finally:
            self._spool_path.unlink(missing_ok=True)

    def commit(self) -> Path:
        """Write the layer to ``path`` and return the path.

        Raises:
            OutputError: if it cannot be written in full.
        """
        try:
            self.finish()
            self._staged.commit()
        finally:
            self.discard()
        return self._path

    def discard(self) -> None:
        """Remove the temporary files; a committed file is kept."""
        import contextlib

        # Closing flushes, which fails again on a full disk.
        with contextlib.suppress(OSError):
            self._file.close()
        if self._is_own:
            self._staged.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def _write(self) -> None:
        spec = LayerSpec(
            name=self._layer,
            crs=self._crs,
            schema=self._schema,
            count=self._count,
            bounds=(*self._bounds.tolist(),),
            has_multi=self._has_multi,
            is_rfc7946=self._is_rfc7946,
            extras=self._extras,
        )
        with plain_path(self._staged.path) as path:
            write_layer(self._spool_path, path, spec)

    def _project(self, shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the shapes in the file's CRS; long sides near a pole are divided before."""
        import shapely

        assert self._transformer is not None
        project = self._transformer.transform

        def projected(shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
            moved: npt.NDArray[Any] = shapely.transform(
                shapes, lambda points: np.stack(project(points[:, 0], points[:, 1]), axis=1)
            )
            return moved

        result = projected(shapes)
        if has_longitudes(self._crs):
            near = np.abs(shapely.bounds(result)[:, [1, 3]]).max(1) > _NEAR_POLE
            if near.any():
                parts_m = shapely.length(shapes[near]) / _SEGMENTS_AT_POLE
                result[near] = projected(shapely.segmentize(shapes[near], parts_m))
        return result

    def _prepare(self, shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the shapes in the file's CRS, valid and polygonal."""
        import shapely

        if self._transformer is not None:
            shapes = self._project(shapes)
        if has_longitudes(self._crs):
            shapes = split_at_antimeridian(shapes)
        bounds = shapely.bounds(shapes)
        if not np.isfinite(bounds).all():
            msg = (
                f"{self._path}: {np.count_nonzero(~np.isfinite(bounds).all(axis=1))} polygons "
                f"are empty or outside the area of use of {self._crs.name}."
            )
            raise VectorError(msg, advice="Choose an output CRS that covers the rasters.")
        broken = ~shapely.is_valid(shapes)
        if broken.any():
            shapes = shapes.copy()
            shapes[broken] = shapely.buffer(shapely.make_valid(shapes[broken]), 0)
        self._has_multi |= bool((shapely.get_type_id(shapes) == 6).any())
        self._bounds[:2] = np.minimum(self._bounds[:2], bounds[:, :2].min(axis=0))
        self._bounds[2:] = np.maximum(self._bounds[2:], bounds[:, 2:].max(axis=0))
        return shapes


def parse_crs(crs: CRS | str) -> CRS:
    """Return the CRS that ``crs`` names.

    Raises:
        VectorError: if it is unknown, or has no horizontal coordinates.
    """
    advice = "Give one such as EPSG:4326."
    try:
        found = CRS(crs)
    except CRSError as error:
        msg = f'the output CRS "{crs}" is unknown.'
        raise VectorError(msg, advice=advice) from error
    if not is_horizontal(found):
        msg = f"the output CRS {found.name} ({found.type_name}) has no horizontal coordinates."
        raise VectorError(msg, advice=advice)
    return found


def layer_projection(
    path: Path, crs_from: CRS, crs_to: CRS | str | None
) -> tuple[CRS, Transformer | None]:
    """Return the CRS of a layer to write, and the projection to it, None if it is the same.

    Args:
        path: vector file; GeoJSON and CSV are in WGS 84 unless ``crs_to`` is given.
        crs_from: CRS of the polygons.
        crs_to: CRS of the file; None is the default of its format.

    Raises:
        VectorError: if the CRS is unknown, no transformation links the two, or the file is GeoJSON,
            which names a CRS by its code, and the CRS has none.
    """
    is_web = driver_of(path) in {"GeoJSON", "CSV"} and crs_to is None
    crs = CRS("EPSG:4326") if is_web else parse_crs(crs_to or crs_from)
    if driver_of(path) == "GeoJSON":
        crs = _with_code(crs, path)
    if crs == crs_from:
        return crs, None
    try:
        return crs, Transformer.from_crs(crs_from, crs, always_xy=True)
    except ProjError as error:
        if crs_from.geodetic_crs is not None:
            msg = f"{crs_from.name} cannot be projected to {crs.name}: {error}."
            raise VectorError(msg, advice="Choose another output CRS.") from error
        msg = (
            f"{path} would be in {crs.name}, but the rasters have a local CRS, {crs_from.name!r}, "
            "whose place on the Earth is not known."
        )
        advice = "Write .gpkg, .parquet or .fgb without an output CRS, or georeference the rasters."
        raise VectorError(msg, advice=advice) from error


def _with_code(crs: CRS, path: Path) -> CRS:
    """Return a CRS that its code defines; without the code, readers would take WGS 84."""
    code = code_of(crs)
    if code is None:
        msg = f"{path} cannot name the output CRS {crs.name!r}, which has no code as EPSG:3035 is."
        advice = "Write .gpkg, .parquet or .fgb, which store its definition, or give another CRS."
        raise VectorError(msg, advice=advice)
    return CRS(code)
