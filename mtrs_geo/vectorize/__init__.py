"""Vectorizing: probabilities in, polygons with areas and scores out.

`vectorizer.Vectorizer` takes parts of a probability raster in any cut and gives the same
polygons: ``scanning`` finds runs of foreground pixels, ``components`` joins them,
``outlines`` traces them, ``shaping`` simplifies them, ``geodesic`` measures them on the
ellipsoid, ``spool`` keeps them on disk and ``table`` selects them per query.  No rasters
are opened and no model is known here.  May be imported by detect and by everything above.
"""
