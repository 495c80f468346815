"""Tiles: which tiles cover a grid, and how their answers become one raster.

``plan`` cuts a `Grid` into overlapping tiles; ``mosaic`` blends the probabilities of the
tiles and gives each pixel once, as soon as it is final.  Pure numpy, no files, no model.
May be imported by detect and by everything above it.
"""
