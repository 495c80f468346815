"""Open a raster without its alpha tag, with another nodata value, or with bands of one type."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

import rasterio
from rasterio._path import _parse_path, _vsi_path
from rasterio.dtypes import _gdal_typename
from rasterio.enums import MaskFlags
from rasterio.io import DatasetReader

__all__ = ["open_with_overrides"]

_VALID = 255
"""Value of valid pixels in GDAL's masks."""


def open_with_overrides(
    dataset: DatasetReader,
    nodata: float | None,
    *,
    fills_gaps: bool = False,
    dtype: str | None = None,
    mask_band: int | None = None,
    masked_bands: Sequence[int] = (),
) -> DatasetReader:
    """Return a virtual raster (VRT) with the bands and mask of a raster, no band tagged alpha.

    Args:
        dataset: open raster with an affine georeference.
        nodata: nodata value of every band; None for none.
        fills_gaps: set the pixels that the raster's mask leaves out to ``nodata``, instead of
            keeping the mask.
        dtype: type of every band; None keeps types.
        mask_band: number of the band that is the mask of all; None keeps the mask of the raster.
        masked_bands: numbers of bands whose nodata values differ; a pixel is masked where one of
            them has no data, and ``nodata`` is None.
    """
    flags = dataset.mask_flag_enums[0]
    has_mask = MaskFlags.per_dataset in flags and MaskFlags.alpha not in flags
    masks: list[str] = ["mask,1"] if has_mask else [str(mask_band)] if mask_band else []
    masks += [f"mask,{band}" for band in dict.fromkeys(masked_bands)]
    kind, masked = "SimpleSource", ""
    if has_mask and fills_gaps:
        kind, masked = "ComplexSource", "<UseMaskBand>true</UseMaskBand>"
    rows, cols = dataset.shape
    transform = ", ".join(map(repr, dataset.transform.to_gdal()))
    path = escape(_vsi_path(_parse_path(dataset.name)))
    value = "" if nodata is None else f"<NoDataValue>{nodata!r}</NoDataValue>"
    bands = ""
    file = f'<SourceFilename relativeToVRT="0" shared="0">{path}</SourceFilename>'
    for band, own_type in enumerate(dataset.dtypes, 1):
        bands += (
            f'<VRTRasterBand dataType="{_gdal_typename(dtype or own_type)}" band="{band}">'
            f"{value}<{kind}>{file}<SourceBand>{band}</SourceBand>{masked}</{kind}></VRTRasterBand>"
        )
    if masks and not fills_gaps:
        first, *others = masks
        # Only the zeros of the other masks are written over the first one.
        sources = f"<SimpleSource>{file}<SourceBand>{first}</SourceBand></SimpleSource>" + "".join(
            f"<ComplexSource>{file}<SourceBand>{mask}</SourceBand><NODATA>{_VALID}</NODATA>"
            "</ComplexSource>"
            for mask in others
        )
        bands += f'<MaskBand><VRTRasterBand dataType="Byte">{sources}</VRTRasterBand></MaskBand>'
    return rasterio.open(
        f'<VRTDataset rasterXSize="{cols}" rasterYSize="{rows}">'
        f"<SRS>{escape(dataset.crs.to_wkt())}</SRS><GeoTransform>{transform}</GeoTransform>"
        f"{bands}</VRTDataset>"
    )
