"""Open a raster without its alpha tag, with another nodata value, or with bands of one type."""

from __future__ import annotations

from xml.sax.saxutils import escape

import rasterio
from rasterio._path import _parse_path, _vsi_path
from rasterio.dtypes import _gdal_typename
from rasterio.enums import MaskFlags
from rasterio.io import DatasetReader

__all__ = ["open_with_overrides"]


def open_with_overrides(
    dataset: DatasetReader,
    nodata: float | None,
    *,
    fills_gaps: bool = False,
    dtype: str | None = None,
    mask_band: int | None = None,
) -> DatasetReader:
    """Return a virtual raster (VRT) with the bands and mask of a raster, no band tagged alpha.

    Args:
        dataset: open raster with an affine georeference.
        nodata: nodata value of every band; None for none.
        fills_gaps: set the pixels that the raster's mask leaves out to ``nodata``, instead of
            keeping the mask.
        dtype: type of every band, where the nodata value of each band becomes ``nodata``; None
            keeps types and values.
        mask_band: number of the band that is the mask of all; None keeps the mask of the raster.
    """
    flags = dataset.mask_flag_enums[0]
    has_mask = MaskFlags.per_dataset in flags and MaskFlags.alpha not in flags
    mask = "mask,1" if has_mask else mask_band
    kind, masked = "SimpleSource", ""
    if has_mask and fills_gaps:
        kind, masked = "ComplexSource", "<UseMaskBand>true</UseMaskBand>"
    rows, cols = dataset.shape
    transform = ", ".join(map(repr, dataset.transform.to_gdal()))
    path = escape(_vsi_path(_parse_path(dataset.name)))
    value = "" if nodata is None else f"<NoDataValue>{nodata!r}</NoDataValue>"
    bands = ""
    for band, (own_type, own_nodata) in enumerate(
        zip(dataset.dtypes, dataset.nodatavals, strict=True), 1
    ):
        replaced = "" if dtype is None or own_nodata is None else f"<NODATA>{own_nodata!r}</NODATA>"
        source = "ComplexSource" if replaced else kind
        bands += (
            f'<VRTRasterBand dataType="{_gdal_typename(dtype or own_type)}" band="{band}">'
            f'{value}<{source}><SourceFilename relativeToVRT="0" shared="0">{path}'
            f"</SourceFilename><SourceBand>{band}</SourceBand>{replaced}{masked}</{source}>"
            "</VRTRasterBand>"
        )
    if mask is not None and not fills_gaps:
        bands += (
            '<MaskBand><VRTRasterBand dataType="Byte"><SimpleSource>'
            f'<SourceFilename relativeToVRT="0" shared="0">{path}</SourceFilename>'
            f"<SourceBand>{mask}</SourceBand></SimpleSource></VRTRasterBand></MaskBand>"
        )
    return rasterio.open(
        f'<VRTDataset rasterXSize="{cols}" rasterYSize="{rows}">'
        f"<SRS>{escape(dataset.crs.to_wkt())}</SRS><GeoTransform>{transform}</GeoTransform>"
        f"{bands}</VRTDataset>"
    )
