"""Read and write rasters and vector layers.

In: paths, open rasterio datasets and GeoDataFrames.  Out: arrays on the grid of a run, areas of
interest, probability rasters and vector files.  ``detect``, ``pairs``, ``training``,
``evaluation`` and the applications above them may import it; it imports no torch and nothing of
``models`` or ``data``.
"""
