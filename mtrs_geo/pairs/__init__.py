"""Training pairs: a reviewed layer of polygons over two rasters in, labelled pairs out.

``labels`` reads what a layer says of its polygons, ``export`` cuts tiles and writes them in
MTRefSeg-21K's layout.  May be imported by training and the applications.
"""
