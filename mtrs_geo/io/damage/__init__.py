"""Damaged rasters: reports of GDAL, stored blocks, decoded blocks, missing tiles of a mosaic.

`messages` collects what GDAL reports while pixels are read, `stored_blocks` checks the bytes of
a GeoTIFF's blocks, `block_ends` knows which codecs may end them in zeros, `decoded_blocks` finds
blocks that end in rows of one value, and `tiles` finds files that a virtual mosaic lacks.  May be
imported by io and every package above it.
"""
