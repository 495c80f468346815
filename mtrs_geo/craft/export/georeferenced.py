"""Triplets of a georeferenced pair as a GeoPackage beside its two images as GeoTIFFs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from mtrs_geo.craft.export.accepted import Triplet
from mtrs_geo.craft.project import Pair
from mtrs_geo.craft.project.records import ChangeType
from mtrs_geo.errors import RasterError
from mtrs_geo.io.drivers import ColumnType
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["write_georeferenced"]

_COLUMNS: Mapping[str, ColumnType] = {
    "query": "string", "change": "string", "object_class": "string", "review": "string",
    "reviewer": "string", "item": "int64",
}  # fmt: skip
_CHANGES: Mapping[ChangeType, str] = {
    "appear": "appeared",
    "disappear": "disappeared",
    "state": "changed",
}


def write_georeferenced(
    folder: Path,
    pair: Pair,
    images: tuple[UInt8Array, UInt8Array],
    triplets: Sequence[tuple[Triplet, BoolArray]],
) -> bool:
    """Write NAME.gpkg, NAME_before.tif and NAME_after.tif, if the pair has a georeference.

    The layer names its rasters, has a sentence in ``query`` and ``accepted`` in ``review``: the
    form of a reviewed result.  A triplet is one row; empty masks have none.

    Args:
        folder: where to write.
        pair: the pair.
        images: earlier and later image (rows, cols, 3).
        triplets: accepted items and their masks (rows, cols).

    Returns:
        Whether files were written.

    Raises:
        RasterError: if the georeference cannot be read.
    """
    filled = [(triplet, mask) for triplet, mask in triplets if mask.any()]
    if pair.georeference is None or not filled:
        return False
    import geopandas
    from affine import Affine
    from pyproj import CRS

    from mtrs_geo.io.formats.layer_spec import Extras
    from mtrs_geo.io.provenance import raster_metadata
    from mtrs_geo.io.vector import VectorWriter

    try:
        known = json.loads(pair.georeference)
        crs, transform = CRS.from_user_input(known["crs"]), Affine(*known["transform"][:6])
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        msg = f"the georeference of pair {pair.name!r} cannot be read: {error}."
        raise RasterError(msg, advice="Add the pair again.") from error
    dates = ("before", "after")
    rasters = [str(folder / f"{pair.name}_{date}.tif") for date in dates]
    for path, image in zip(rasters, images, strict=True):
        _write_geotiff(path, image, crs.to_wkt(), transform)
    frame = geopandas.GeoDataFrame(
        {
            "query": [triplet.round.sentence.replace(";", ",") for triplet, _ in filled],
            "change": [_CHANGES[triplet.item.change_type] for triplet, _ in filled],
            "object_class": [triplet.item.object_class for triplet, _ in filled],
            "review": "accepted",
            "reviewer": [", ".join(triplet.auditors) for triplet, _ in filled],
            "item": [triplet.item.id for triplet, _ in filled],
        },
        geometry=[_outline(mask, transform) for _, mask in filled],
        crs=crs,
    )
    target = folder / f"{pair.name}.gpkg"
    extras = Extras(raster_metadata(rasters, target))
    with VectorWriter(target, crs_from=crs, columns=_COLUMNS, extras=extras) as writer:
        writer.append(frame)
        writer.commit()
    return True


def _outline(mask: BoolArray, transform: object) -> object:
    """Return the outline of all pixels of a mask as one geometry."""
    import shapely
    from rasterio.features import shapes

    found = shapes(mask.astype("uint8"), mask=mask, transform=transform)
    return shapely.union_all([shapely.geometry.shape(outline) for outline, _ in found])


def _write_geotiff(path: str, image: UInt8Array, crs: str, transform: object) -> None:
    import rasterio

    rows, cols = image.shape[:2]
    with rasterio.open(
        path, "w", driver="GTiff", count=3, height=rows, width=cols, dtype="uint8", crs=crs,
        transform=transform, compress="deflate", photometric="RGB", tiled=min(rows, cols) >= 512,
    ) as dataset:  # fmt: skip
        dataset.write(image.transpose(2, 0, 1))
