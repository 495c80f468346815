"""Convert a temporary file of Arrow record batches (the spool) to a vector file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy.typing as npt
from pyproj import CRS

from mtrs_geo.errors import OutputError, VectorError
from mtrs_geo.types import Bounds

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ColumnType", "LayerSpec", "driver_of", "layer_schema", "to_wkb", "write_layer"]

ColumnType: TypeAlias = Literal["string", "int64", "float64", "bool"]

_DRIVERS = {".gpkg": "GPKG", ".fgb": "FlatGeobuf", ".geojson": "GeoJSON", ".parquet": "Parquet"}
_GEOMETRY = "geometry"
_READ_ROWS = 2048
"""Features in memory while the written file is checked."""


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """Description of a layer to write.

    Args:
        name: name of the layer.
        crs: CRS of the geometries.
        schema: attributes, then the geometry as WKB.
        count: number of features in the spool.
        bounds: bounds of all features; infinite if there is none.
        has_multi: whether a geometry is a multipolygon.
        is_rfc7946: whether to write GeoJSON according to RFC 7946.
        metadata: metadata of the layer; GeoPackage and FlatGeobuf store it.
    """

    name: str
    crs: CRS
    schema: pa.Schema
    count: int
    bounds: Bounds
    has_multi: bool
    is_rfc7946: bool
    metadata: Mapping[str, str]


def driver_of(path: Path) -> str:
    """Return the GDAL driver, or "Parquet", for the suffix of a path.

    Raises:
        VectorError: if the suffix is not supported.
    """
    suffix = path.suffix.lower()
    if suffix == ".shp":
        msg = f"{path}: a shapefile shortens attribute names to 10 letters and text to 254."
        advice = f"Write {path.with_suffix('.gpkg').name} instead; every GIS opens it."
        raise VectorError(msg, advice=advice)
    if suffix not in _DRIVERS:
        msg = f'{path}: "{suffix}" is not supported.'
        raise VectorError(msg, advice=f"Use one of {', '.join(_DRIVERS)}.")
    return _DRIVERS[suffix]


def layer_schema(columns: Mapping[str, ColumnType]) -> pa.Schema:
    """Return the Arrow schema: attributes, then the geometry."""
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "int64": pa.int64(),
        "float64": pa.float64(),
        "bool": pa.bool_(),
    }
    fields = [pa.field(name, types[kind]) for name, kind in columns.items()]
    as_wkb = {"ARROW:extension:name": "geoarrow.wkb"}
    return pa.schema([*fields, pa.field(_GEOMETRY, pa.binary(), metadata=as_wkb)])


def to_wkb(shapes: npt.NDArray[Any]) -> pa.Array:
    """Return geometries as an Arrow column of WKB."""
    import pyarrow as pa
    import shapely

    return pa.array(shapely.to_wkb(shapes, flavor="iso"), type=pa.binary())


def write_layer(spool: Path, path: Path, spec: LayerSpec) -> None:
    """Write the features of a spool to a new file in the format of its suffix.

    Raises:
        OutputError: if the file has fewer features than the spool.
        OSError: if the file cannot be written.
        RuntimeError: from pyogrio, if the file cannot be written.
    """
    driver = driver_of(path)
    if driver == "Parquet":
        _write_parquet(spool, path, spec)
        return
    _write_gdal(spool, path, spec)
    _check_count(path, spec.count)
    if driver == "GPKG":
        from mtrs_geo.io.style import embed_style

        embed_style(path, spec.name)


def _write_gdal(spool: Path, path: Path, spec: LayerSpec) -> None:
    import pyarrow as pa
    import pyogrio

    options = {"RFC7946": "YES", "COORDINATE_PRECISION": "8"} if spec.is_rfc7946 else {}
    # GDAL before 3.7, as in QGIS 3.22, warns about the newer default version.
    dataset = {"VERSION": "1.3"} if driver_of(path) == "GPKG" else {}
    authority = spec.crs.to_authority(min_confidence=100)
    with pa.OSFile(str(spool)) as file:
        batches = _batches(pa.ipc.open_stream(file), spec)
        pyogrio.write_arrow(
            pa.RecordBatchReader.from_batches(spec.schema, batches),
            path,
            layer=spec.name,
            driver=driver_of(path),
            geometry_name=_GEOMETRY,
            geometry_type="MultiPolygon" if spec.has_multi else "Polygon",
            crs=":".join(authority) if authority else spec.crs.to_wkt(),
            layer_metadata=dict(spec.metadata) or None,
            layer_options=options,
            dataset_options=dataset,
        )


def _write_parquet(spool: Path, path: Path, spec: LayerSpec) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = spec.schema.with_metadata({"geo": _geo_metadata(spec)})
    with (
        pa.OSFile(str(spool)) as file,
        pq.ParquetWriter(str(path), schema, compression="zstd") as writer,
    ):
        for batch in _batches(pa.ipc.open_stream(file), spec):
            writer.write_batch(batch.replace_schema_metadata(schema.metadata))


def _geo_metadata(spec: LayerSpec) -> str:
    """Return the file metadata of GeoParquet 1.1."""
    import json

    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": ["MultiPolygon" if spec.has_multi else "Polygon"],
        "crs": spec.crs.to_json_dict(),
    }
    if spec.count:
        column["bbox"] = list(spec.bounds)
    columns = {_GEOMETRY: column}
    return json.dumps({"version": "1.1.0", "primary_column": _GEOMETRY, "columns": columns})


def _batches(reader: pa.RecordBatchReader, spec: LayerSpec) -> Iterator[pa.RecordBatch]:
    """Yield the batches of the spool; if any geometry is a multipolygon, all become one."""
    import pyarrow as pa
    import shapely

    for batch in reader:
        if not spec.has_multi:
            yield batch
            continue
        shapes = shapely.from_wkb(batch.column(_GEOMETRY).to_numpy(zero_copy_only=False))
        is_single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
        shapes[is_single] = [shapely.MultiPolygon([shape]) for shape in shapes[is_single]]
        yield pa.record_batch([*batch.columns[:-1], to_wkb(shapes)], schema=spec.schema)


def _check_count(path: Path, count: int) -> None:
    """Raise if features are missing: on a full disk, a driver can close a file without an error.

    All features are read, because the count in FlatGeobuf's header includes lost ones.
    """
    import pyogrio

    with pyogrio.open_arrow(path, batch_size=_READ_ROWS, use_pyarrow=True) as (_, reader):
        written = sum(batch.num_rows for batch in reader)
    if written != count:
        msg = f"the layer could not be written in full: it has {written} of {count} polygons."
        raise OutputError(msg, advice="Check that the disk has free space.")
