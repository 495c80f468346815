"""What a caller of the Python API passes besides paths: rasters, areas and dates in memory.

``kinds`` lists what a run takes as a raster.  All become something that GDAL opens by its path,
as several threads read a raster at the same time: a `WarpedVRT` becomes a VRT file, which reads
its source lazily, and ``arrays`` copies arrays to a GeoTIFF in memory.  ``xarray_objects`` reads
the georeference of xarray objects, ``geojson`` areas, ``reference_layers``
layers of other things, ``dates`` dates.  ``tile_lists`` finds the
tiles of a date that is a list, a pattern or a folder, ``tiles`` reads their headers, and
``mosaics`` makes one virtual raster of them.  ``input_files`` follows VRTs and other names to the
files that are read, which no output may replace.  Imported by the rest of io and by detect.
"""
