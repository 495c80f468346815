"""Pairs into a project: folders of images, the annotated sets, two GeoTIFFs, tiles of large scenes.

A folder or two rasters that a person names go in, rows of `mtrs_geo.craft.project` come out; no
image is copied.  Files are only read where they lie below what the person named.
"""

from mtrs_geo.craft.importing.annotated import ANNOTATED_SETS, annotated_pairs
from mtrs_geo.craft.importing.folder import MaskMeaning, folder_pairs
from mtrs_geo.craft.importing.rasters import raster_pair
from mtrs_geo.craft.importing.tiles import add_pairs

__all__ = [
    "ANNOTATED_SETS",
    "MaskMeaning",
    "add_pairs",
    "annotated_pairs",
    "folder_pairs",
    "raster_pair",
]
