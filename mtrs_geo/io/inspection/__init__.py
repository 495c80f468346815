"""Read a small sample of a raster to decide how the run reads it.

Open datasets and their descriptions go in; the mask, fill values, stretch and warnings come out.
Imported by `mtrs_geo.io` only.
"""
