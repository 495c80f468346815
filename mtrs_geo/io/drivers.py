"""Convert a temporary file of Arrow record batches (the spool) to a vector file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy.typing as npt

from mtrs_geo.errors import OutputError, VectorError
from mtrs_geo.io.formats.csv_table import write_csv
from mtrs_geo.io.formats.geopackage_metadata import embed_metadata
from mtrs_geo.io.formats.layer_spec import GEOMETRY, LayerSpec
from mtrs_geo.io.formats.shapefile import LAYER_OPTIONS, fit_names, fit_text
from mtrs_geo.io.formats.style import embed_style

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ColumnType", "driver_of", "layer_schema", "to_wkb", "write_layer"]

ColumnType: TypeAlias = Literal["string", "int64", "float64", "bool"]

_DRIVERS = {
    ".gpkg": "GPKG",
    ".fgb": "FlatGeobuf",
    ".geojson": "GeoJSON",
    ".parquet": "Parquet",
    ".shp": "ESRI Shapefile",
    ".csv": "CSV",
}
_READ_ROWS = 2048
"""Features in memory while the written file is checked."""


def driver_of(path: Path) -> str:
    """Return the GDAL driver for the suffix of a path.

    Raises:
        VectorError: if the suffix is not supported.
    """
    suffix = path.suffix.lower()
    if suffix not in _DRIVERS:
        what = f'"{suffix}" is not supported' if suffix else "the suffix is missing"
        msg = f"{path}: {what}."
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
    return pa.schema([*fields, pa.field(GEOMETRY, pa.binary(), metadata=as_wkb)])


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
    import pyarrow as pa

    driver = driver_of(path)
    if driver == "Parquet":
        _write_parquet(spool, path, spec)
        return
    with pa.OSFile(str(spool)) as file:
        batches = _batches(pa.ipc.open_stream(file), spec)
        if driver == "CSV":
            write_csv(batches, path, spec)
            return
        _write_gdal(batches, path, driver, spec)
    _check_count(path, spec.count)
    if driver == "GPKG":
        embed_style(path, spec.name, spec.extras.categories, spec.extras.times)
        embed_metadata(path, spec)


def _write_gdal(
    batches: Iterator[pa.RecordBatch], path: Path, driver: str, spec: LayerSpec
) -> None:
    import pyarrow as pa
    import pyogrio

    schema, layer = spec.schema, spec.name
    options = {"RFC7946": "YES", "COORDINATE_PRECISION": "8"} if spec.is_rfc7946 else {}
    if driver == "ESRI Shapefile":
        schema = fit_names(schema)
        batches = fit_text(batches, schema)
        layer, options = path.stem, dict(LAYER_OPTIONS)
    # GDAL before 3.7, as in QGIS 3.22, warns about the newer default version.
    dataset = {"VERSION": "1.3"} if driver == "GPKG" else {}
    has_metadata = driver in {"GPKG", "FlatGeobuf"}
    authority = spec.crs.to_authority(min_confidence=100)
    pyogrio.write_arrow(
        pa.RecordBatchReader.from_batches(schema, batches),
        path,
        layer=layer,
        driver=driver,
        geometry_name=GEOMETRY,
        geometry_type="MultiPolygon" if spec.has_multi else "Polygon",
        crs=":".join(authority) if authority else spec.crs.to_wkt(),
        layer_metadata=dict(spec.extras.metadata) or None if has_metadata else None,
        layer_options=options,
        dataset_options=dataset,
    )


def _write_parquet(spool: Path, path: Path, spec: LayerSpec) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    items = {"geo": _geo_metadata(spec), **spec.extras.metadata}
    schema = spec.schema.with_metadata(items)
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
    columns = {GEOMETRY: column}
    return json.dumps({"version": "1.1.0", "primary_column": GEOMETRY, "columns": columns})


def _batches(reader: pa.RecordBatchReader, spec: LayerSpec) -> Iterator[pa.RecordBatch]:
    """Yield the batches of the spool; if any geometry is a multipolygon, all become one."""
    import pyarrow as pa
    import shapely

    for batch in reader:
        if not spec.has_multi:
            yield batch
            continue
        shapes = shapely.from_wkb(batch.column(GEOMETRY).to_numpy(zero_copy_only=False))
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
