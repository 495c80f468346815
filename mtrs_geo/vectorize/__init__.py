"""Vectorizing: probabilities in, polygons with areas and scores out.

`vectorizer.Vectorizer` takes a probability raster in blocks and returns the same polygons for
every block size: ``scanning`` finds runs of foreground pixels, ``components`` measures connected
components, ``outlines`` traces them, ``shaping`` simplifies the outlines, ``geodesic`` measures
on the ellipsoid, ``spool`` stores the changes on disk and ``table`` selects them per query.  No
rasters are opened and no model is used.  May be imported by detect and every package above it.
"""
