"""Training pairs: a reviewed layer of polygons over two rasters in, labelled pairs out.

``labels`` reads the sentence and the review of each polygon; ``export`` cuts tiles and writes
them in the layout of MTRefSeg-21K.  May be imported by training and the applications.
"""
