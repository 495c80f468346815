"""Parts of vector formats that GDAL's drivers leave to the caller.

``layer_spec`` describes a layer, ``style`` and ``geopackage_metadata`` add to a GeoPackage what
QGIS shows, ``shapefile`` fits a layer to the limits of a shapefile, ``csv_table`` writes CSV, and
``colours`` chooses colours for styles and pictures.  Imported by the rest of io and by detect.
"""
